"""``GET /api/download/models/{id}``: a chain of refusals, and at its end a redirect to the storage.

Refusals are JSON for programs; whoever has one of six words in the User-Agent counts as a browser and gets plain text,
or a redirect to a login page.
"""

from __future__ import annotations

import os
import re
from typing import Any

from .entities import ARCHIVED, FILE_FORMATS, FILE_TYPES, File, Version, primary_file
from .messages import TEXT, Request, Response, as_json
from .signing import B2, R2
from .site import Session, Site
from .version_routes import find_version

BROWSERS = ("mozilla", "chrome", "safari", "firefox", "opera", "edge")
NO_STORE = "no-store, max-age=0"


def is_browser(request: Request) -> bool:
    """The service's own test, which takes "Knowledge" for a browser because it contains "edge"."""
    agent = request.headers.get("user-agent", "").lower()
    return any(word in agent for word in BROWSERS)


def download(site: Site, request: Request, text: str) -> Response:
    """Decide who may have which file, and send them there."""
    response = _decide(site, request, text)
    response.headers.setdefault("Cache-Control", NO_STORE)
    return response


def _refuse(request: Request, status: int, **body: Any) -> Response:
    if is_browser(request) and status != 400:
        return Response(status, str(body.get("message") or body["error"]).encode(), TEXT)
    return as_json(body, status)


def _decide(site: Site, request: Request, text: str) -> Response:
    session = site.session(request)
    if request.method == "HEAD":
        return _refuse(request, 401, error="Unauthorized", message="Unauthorized")
    problem = _bad_query(request, text)
    if problem:
        return as_json({"error": problem}, 400)
    version = find_version(site, int(text))
    if version is None or version.model.poi or version.model.status == "Deleted":
        return _refuse(request, 404, error="File not found")
    model = version.model
    if model.mode == ARCHIVED:
        return _refuse(request, 410, error="Model archived, not available for download")
    if model.status != "Published" or version.status != "Published":
        return _refuse(request, 404, error="File not found")
    if version.usage_control != "Download":
        message = "The creator of this asset has disabled downloads on this file"
        return _refuse(request, 401, error="Unauthorized", message=message)
    if session is None and (site.require_login or version.require_auth):
        return _login(request, version)
    if version.paid_access is not None:
        return _early_access(request, version)
    if "Private" in (version.availability, model.availability):
        return _refuse(request, 403, error="You do not have access to download this file")
    file = _choose(site, version, request, session)
    if file is None:
        return _refuse(request, 404, error="File not found")
    style = _style(site)
    target = site.signer.sign(site.storage_url, file, download_name(version, file), style)
    return Response(307, target.encode(), TEXT, {"Location": target})


def _bad_query(request: Request, text: str) -> str | None:
    query = request.query
    if not text.isdigit():
        return "Invalid version id\nExpected a number"
    for name, allowed in (("type", FILE_TYPES), ("format", FILE_FORMATS), ("size", ["full", "pruned"])):
        value = query.get(name)
        if value is not None and value not in allowed:
            return f"Invalid {name}\nExpected one of {', '.join(allowed)}"
    number = query.get("fileId")
    if number is not None and not number.isdigit():
        return "Invalid fileId\nExpected a number"
    if any(len(query.get(name) or "") > 64 for name in ("fp", "quantType")):
        return "Too long"
    return None


def _login(request: Request, version: Version) -> Response:
    if is_browser(request):
        target = f"http://{request.host}/login?returnUrl=%2Fmodel-versions%2F{version.id}&reason=download-auth"
        return Response(307, b"", "", {"Location": target})
    message = "The creator of this asset requires you to be logged in to download it"
    return _refuse(request, 401, error="Unauthorized", message=message)


def _early_access(request: Request, version: Version) -> Response:
    if is_browser(request):
        return Response(307, b"", "", {"Location": f"http://{request.host}/model-versions/{version.id}"})
    body: dict[str, Any] = {"error": "Early Access", "message": "This asset is in early access and has to be bought"}
    deadline = (version.paid_access or {}).get("endsAt")
    if deadline:
        body["deadline"] = deadline
    return as_json(body, 403)


def _choose(site: Site, version: Version, request: Request, session: Session | None) -> File | None:
    """The file that is served: the one named, or the best by preference, which must then agree with every filter."""
    query = request.query
    number = query.get("fileId")
    files = version.public_files()
    if number is not None:
        return next((file for file in files if file.id == int(number)), None)
    asked = {key: value for key in ("format", "size", "fp", "quantType") if (value := query.get(key))}
    preferences = session.preferences if session else {}
    kind = query.get("type")
    chosen = primary_file(files, {**preferences, **asked}, kind)
    if chosen is None:
        return _component(site, version, kind)
    if any(chosen.metadata.get(key) not in (None, value) for key, value in asked.items()):
        return None
    return chosen


def _component(site: Site, version: Version, kind: str | None) -> File | None:
    """The file of a linked component, where its kind was asked for and the version has none itself."""
    linked = site.catalogue.versions.get(version.vae_id) if version.vae_id and kind == "VAE" else None
    return primary_file(linked.public_files(), None, "Model") if linked else None


def _style(site: Site) -> str:
    """Which storage signs this time."""
    if site.storage_style in (R2, B2):
        return site.storage_style
    return (R2, B2)[next(site.turns) % 2]


def download_name(version: Version, file: File) -> str:
    """The name a download is given, by the kind of its model."""
    model = version.model
    extension = os.path.splitext(file.name)[1]
    if file.override_name:
        return file.override_name
    if model.type in ("LORA", "LoCon", "VAE") or not re.search(r"[A-Za-z0-9]", model.name):
        return file.name
    if model.type == "TextualInversion":
        stem = version.trained_words[0] if version.trained_words else os.path.splitext(file.name)[0]
        return f"{stem}{'-neg' if file.type == 'Negative' else ''}{extension}"
    if file.type == "Training Data":
        return f"{_camel(model.name)}_{_camel(version.name)}_trainingData.zip"
    return f"{_camel(model.name)}_{_camel(version.name)}{extension}"


def _camel(text: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", text)
    joined = "".join(word[:1].upper() + word[1:] for word in words)
    return (joined[:1].lower() + joined[1:])[:20]


def hop(site: Site, request: Request, number: str) -> Response:
    """One link of a chain of redirects that ends at the download again."""
    step = int(number) if number.isdigit() else 3
    if step < 3:
        target = f"/hop/{step + 1}?{request.query.with_values()}"
    else:
        rest = request.query.with_values(hop="done")
        target = f"{request.query.get('to') or '/'}?{rest}"
    return Response(307, b"", "", {"Location": f"http://{request.host}{target}"})
