"""``GET /images``: pictures of all versions, with levels as words and generation data on request."""

from __future__ import annotations

from typing import Any

from . import parameters as given
from .entities import BASE_MODELS, Picture, Version
from .messages import Query, Request, Response, as_json, error
from .parameters import Refused
from .site import Site

WORDS = {1: "None", 2: "Soft", 4: "Mature", 8: "X", 16: "X", 32: "Blocked"}
MASKS = {"None": 1, "Soft": 3, "Mature": 7, "X": 31, "Blocked": 32, "true": 60, "false": 1}
SORTS = ["Most Reactions", "Most Comments", "Most Collected", "Newest", "Oldest", "Random"]


def listing(site: Site, request: Request) -> Response:
    """``GET /images``; ``page`` is ignored, and the next page it then offers is the same one again."""
    try:
        return _listing(site, request)
    except Refused as refusal:
        return refusal.response()


def _listing(site: Site, request: Request) -> Response:
    query = request.query
    limit = given.number(query, "limit", 100, 0, 200) or 0
    page = given.number(query, "page", None, 1)
    if page is not None and page * limit > 1000:
        return error(429, "You've requested too many pages, please use cursors instead")
    found = _filtered(site, query)
    sort = given.choice(query, "sort", SORTS, "Most Reactions")
    if sort in ("Newest", "Oldest"):
        found.sort(key=lambda pair: (pair[0].created_at, pair[0].id), reverse=sort == "Newest")
    else:
        found.sort(key=lambda pair: (-sum(pair[0].stats.values()), pair[0].id))
    cursor = query.get("cursor")
    start = 0
    if cursor:
        offset = cursor.partition("|")[0]
        if not offset.isdigit():
            return as_json({"message": f"Invalid cursor: {cursor}"}, 400)
        start = int(offset)
    end = start + limit
    with_meta = given.truth(query, "withMeta")
    wrapped = _wrapped(query)
    links = site.links(request)
    items = [
        _item(links.picture(picture, picture.uuid), picture, version, with_meta, wrapped)
        for picture, version in found[start:end]
    ]
    metadata: dict[str, Any] = {}
    if limit and end < len(found):
        metadata["nextCursor"] = f"{end}|1718000000000"
        values = {"page": str(page + 1)} if page is not None else {"cursor": metadata["nextCursor"]}
        metadata["nextPage"] = f"http://{request.host}{request.path}?{query.with_values(**values)}"
    if page is not None:
        metadata |= {"currentPage": page, "pageSize": limit}
    return as_json({"items": items, "metadata": metadata})


def _wrapped(query: Query) -> bool:
    """Whether generation data comes inside another object: on the database path, unless flat was asked for."""
    if "flatMeta" in query:
        return not given.truth(query, "flatMeta")
    return "imageId" in query or ("modelId" in query and "modelVersionId" not in query)


def _filtered(site: Site, query: Query) -> list[tuple[Picture, Version]]:
    level = given.choice(query, "nsfw", list(MASKS), "false") or "false"
    mask = given.number(query, "browsingLevel", MASKS[level]) or 0
    version_id = given.number(query, "modelVersionId", None)
    model_id = given.number(query, "modelId", None) if version_id is None else None
    image_id = given.number(query, "imageId", None)
    post_id = given.number(query, "postId", None)
    user_id = given.number(query, "userId", None)
    kind = given.choice(query, "type", ["image", "video", "audio"], None)
    given.choice(query, "period", given.PERIODS, None)
    username = query.get("username")
    if username is not None and not username.replace("_", "").isalnum():
        raise Refused("username", "Invalid input")
    bases = [name for name in (query.get("baseModels") or "").split(",") if name]
    for name in bases:
        if name not in BASE_MODELS:
            raise Refused("baseModels", "Invalid option")
    needs_meta = given.truth(query, "requiringMeta")
    found = []
    for version in site.catalogue.versions.values():
        if version.status != "Published" or version.model.status != "Published":
            continue
        if version_id not in (None, version.id) or model_id not in (None, version.model.id):
            continue
        if post_id not in (None, version.id) or user_id not in (None, version.model.user_id):
            continue
        if bases and version.base_model not in bases:
            continue
        for picture in version.pictures:
            if not picture.nsfw_level & mask or image_id not in (None, picture.id) or kind not in (None, picture.type):
                continue
            if username is not None and (picture.username or "").lower() != username.lower():
                continue
            if picture.meta is not None or not needs_meta:
                found.append((picture, version))
    return found


def _item(url: str, picture: Picture, version: Version, with_meta: bool, wrapped: bool) -> dict[str, Any]:
    meta: Any = picture.meta if with_meta else None
    if with_meta and wrapped:
        meta = {"id": picture.id, "meta": picture.meta}
    return {
        "id": picture.id,
        "url": url,
        "hash": picture.blurhash,
        "width": picture.width,
        "height": picture.height,
        "nsfwLevel": WORDS.get(picture.nsfw_level, "None"),
        "type": picture.type,
        "nsfw": picture.nsfw_level > 1,
        "browsingLevel": picture.nsfw_level,
        "createdAt": picture.created_at,
        "postId": version.id,
        "stats": {**picture.stats, "dislikeCount": 0},
        "meta": meta,
        "username": picture.username,
        "baseModel": version.base_model,
        "modelVersionIds": [version.id],
    }
