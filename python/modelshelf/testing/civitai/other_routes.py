"""The small routes: creators, tags, the caller, the enumerations, and the pages a browser would be sent to."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import quote

from .entities import BASE_MODEL_TYPES, BASE_MODELS, FILE_TYPES, HIDDEN_BASE_MODELS, MODEL_TYPES
from .messages import Request, Response, as_json, error, html
from .site import Site

LOGIN_FORM = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>…</form></body></html>"


def _page(request: Request) -> tuple[int, int] | Response:
    """``limit`` and ``page``, or the answer that refuses them: here the error is a list."""
    values = []
    for name, default, least, most in (("limit", 20, 1, 200), ("page", 1, 0, 1 << 31)):
        text = request.query.get(name)
        number = default if text is None else int(text) if text.isdigit() else -1
        if not least <= number <= most:
            return error(400, [{"code": "invalid_type", "path": [name], "message": "Invalid input"}])
        values.append(number)
    return values[0], values[1]


def creators(site: Site, request: Request) -> Response:
    """``GET /creators``: links are not percent-encoded, and nobody promises an order."""
    paging = _page(request)
    if isinstance(paging, Response):
        return paging
    limit, page = paging
    query = (request.query.get("query") or "").lower()
    counts: Counter[str] = Counter()
    for model in site.catalogue.models.values():
        if model.creator and model.status == "Published":
            counts[model.creator["username"]] += 1
    named = [(name, count) for name, count in counts.items() if query in name.lower()]
    start = max(0, page - 1) * limit
    items = [
        {"username": name, "modelCount": count, "link": f"http://{request.host}/api/v1/models?username={name}"}
        for name, count in named[start : start + limit]
    ]
    total = len(named)
    metadata: dict[str, Any] = {
        "totalItems": total,
        "currentPage": page,
        "pageSize": limit,
        "totalPages": -(-total // limit),
    }
    if query:
        metadata["hasMore"] = start + limit < total
    for name, other, there in (("nextPage", page + 1, start + limit < total), ("prevPage", page - 1, page > 1)):
        if there:
            link = request.query.with_values(page=str(other))
            metadata[name] = f"http://{request.host}{request.path}?{link}"
    return as_json({"items": items, "metadata": metadata})


def tags(site: Site, request: Request) -> Response:
    """``GET /tags``: no totals and never a next page; the end is an empty one."""
    paging = _page(request)
    if isinstance(paging, Response):
        return paging
    limit, page = paging
    query = (request.query.get("query") or "").lower()
    counts = Counter(tag for model in site.catalogue.models.values() for tag in model.tags)
    named = [tag for tag, _ in counts.most_common() if tag.lower().startswith(query)]
    start = max(0, page - 1) * limit
    items = [
        {"name": tag, "link": f"http://{request.host}/api/v1/models?tag={tag}"} for tag in named[start : start + limit]
    ]
    metadata = {"totalItems": 0, "currentPage": page, "pageSize": limit, "totalPages": 1}
    return as_json({"items": items, "metadata": metadata})


def me(site: Site, request: Request) -> Response:
    """``GET /me``: the one route that tells a valid token from an invalid one."""
    session = site.session(request)
    if session is None:
        return error(401, "Unauthorized")
    return as_json(
        {
            "id": session.id,
            "username": session.username,
            "tier": "free",
            "status": "active",
            "isMember": False,
            "subscriptions": [],
            "tokenScope": 33554431,
            "subject": {"type": "apiKey", "id": 1},
        }
    )


def enums(site: Site, request: Request) -> Response:
    """``GET /enums``."""
    return as_json(
        {
            "ModelType": MODEL_TYPES,
            "ModelFileType": FILE_TYPES,
            "ActiveBaseModel": [name for name in BASE_MODELS if name not in HIDDEN_BASE_MODELS],
            "BaseModel": list(BASE_MODELS),
            "BaseModelType": BASE_MODEL_TYPES,
        }
    )


def login(site: Site, request: Request) -> Response:
    """The login page, which lives elsewhere and is reached by another redirect."""
    target = quote(request.query.get("returnUrl") or "/", safe="")
    return Response(307, b"", "", {"Location": f"http://{request.host}/auth/login?returnUrl={target}"})


def login_form(site: Site, request: Request) -> Response:
    """The end of a redirect chain: a page, with status 200."""
    return html(LOGIN_FORM)


def version_page(site: Site, request: Request, text: str) -> Response:
    """A version's page is its model's."""
    version = site.catalogue.versions.get(int(text)) if text.isdigit() else None
    if version is None:
        return html(LOGIN_FORM, 404)
    target = f"http://{request.host}/models/{version.model.id}?modelVersionId={version.id}"
    return Response(308, b"", "", {"Location": target})


def model_page(site: Site, request: Request, text: str) -> Response:
    """A model's page."""
    return html(f"<!DOCTYPE html><html><head><title>Model {text if text.isdigit() else ''}</title></head></html>")
