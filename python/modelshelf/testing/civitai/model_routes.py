"""Models: by their id, and the great list with its filters and cursors.

The list shows the tamest level unless ``nsfw`` is true, even for models named by id; ``page`` does not move it; an
unknown tag is no filter at all; and a page may be shorter than asked while more follow.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

from . import parameters as given
from .derive import isoformat
from .entities import ARCHIVED, FILE_FORMATS, MODEL_TYPES, Model, Version
from .messages import Query, Request, Response, as_json, error
from .model_shapes import model_document
from .parameters import Refused
from .site import Site

EVERYTHING, TAME = 31, 1
LARGEST = 2_147_483_647
DAYS = {"Day": 1, "Week": 7, "Month": 30, "Year": 365}
AVAILABILITIES = ["Public", "Unsearchable", "Private", "EarlyAccess"]
LICENCES = ["None", "Image", "RentCivit", "Rent", "Sell"]
UNUSABLE = [
    "browsingLevel",
    "allowNoCredit",
    "allowDerivatives",
    "allowDifferentLicense",
    "collectionId",
    "excludedTagIds",
    "excludedUserIds",
    "excludedModelIds",
    "pending",
    "isFeatured",
    "disablePoi",
    "disableMinor",
]

# A sort is the columns it orders by; a cursor is a row's values of them, so cursors of two sorts differ in kind.
SORTS: dict[str, list[str]] = {
    "Highest Rated": ["thumbsUpCount", "downloadCount"],
    "Most Downloaded": ["downloadCount", "thumbsUpCount", "commentCount"],
    "Most Liked": ["thumbsUpCount"],
    "Most Discussed": ["commentCount", "thumbsUpCount", "downloadCount", "tippedAmountCount"],
    "Most Collected": ["tippedAmountCount", "thumbsUpCount"],
    "Most Images": ["images"],
    "Newest": ["date"],
    "Oldest": ["date"],
}


def visible_versions(model: Model, public_only: bool) -> list[Version]:
    """The versions of a model that a stranger sees: published, and with a file."""
    return [
        version
        for version in model.versions
        if version.status == "Published"
        and version.public_files()
        and (version.availability == "Public" or not public_only)
    ]


def by_id(site: Site, request: Request, text: str) -> Response:
    """``GET /models/{id}``: all levels, archived models too; links with the configured address."""
    if not text.isdigit() or not 1 <= int(text) <= LARGEST:
        return error(400, "Invalid model id\nExpected a number from 1 to 2147483647")
    model: Model | None = site.looked_up(lambda catalogue: catalogue.models.get(int(text)))
    if model is None or model.status != "Published" or model.poi or model.availability == "Private":
        return error(404, f"No model with id {int(text)}")
    versions = visible_versions(model, public_only=False)
    return as_json(model_document(site.own_links, model, versions, False, None, EVERYTHING))


def listing(site: Site, request: Request) -> Response:
    """``GET /models``."""
    try:
        return _listing(site, request)
    except Refused as refusal:
        return refusal.response()


def _listing(site: Site, request: Request) -> Response:
    query = request.query
    session = site.session(request)
    if session is None and ("favorites" in query or "hidden" in query):
        return error(401, "Unauthorized")
    given.refuse_all(query, UNUSABLE)
    limit = given.number(query, "limit", 100, 0, 100) or 0
    page = given.number(query, "page", None, 1)
    sort = given.choice(query, "sort", list(SORTS), "Highest Rated") or ""
    if page is not None and query.get("query"):
        return error(400, "Cannot use page param with query search. Use cursor-based pagination.")
    if page is not None and page * limit > 1000:
        return error(429, "You've requested too many pages, please use cursors instead")
    if query.get("availability") == "Private" and not _username(query):
        return as_json({"message": "Private models need a username"}, 401)
    mask = EVERYTHING if given.truth(query, "nsfw") else TAME
    rows = _filtered(site, query, mask)
    if isinstance(rows, Response):
        return rows
    if query.get("query"):
        window, cursor = _search(rows, query, limit)
    else:
        ordered = _Window(rows, sort)
        try:
            window, cursor = ordered.page(query.get("cursor"), limit)
        except ValueError:
            return as_json({"message": f"Invalid cursor: {query.get('cursor')}"}, 400)
    preferences = session.preferences if session else None
    links = site.links(request)
    items = [
        model_document(links, model, versions, True, preferences, mask)
        for model, versions in window
        if versions  # rows are dropped after the limit was applied, so a page may be short
    ]
    metadata: dict[str, Any] = {}
    if cursor is not None:
        metadata["nextCursor"] = cursor
        metadata["nextPage"] = f"http://{request.host}{request.path}?{query.with_values(cursor=cursor)}"
    if page is not None:
        metadata |= {"currentPage": page, "pageSize": limit}
    return as_json({"items": items, "metadata": metadata})


Row = tuple[Model, list[Version]]


def _username(query: Query) -> str | None:
    return query.get("username") or query.get("user")


def _slug(name: str) -> str:
    """A user's name as the service compares it: only the first space survives, as an underscore."""
    return re.sub(r"[^\w.-]", "", name.replace(" ", "_", 1)).lower()


def _filtered(site: Site, query: Query, mask: int) -> list[Row] | Response:
    """The models that pass every filter, each with the versions it shows."""
    ids = given.numbers(query, "ids")
    version_ids = given.numbers(query, "modelVersionIds")
    types = given.choices(query, "types", MODEL_TYPES)
    bases = given.choices(query, "baseModels", None)
    kind = given.choice(query, "checkpointType", ["Trained", "Merge"], None)
    formats = given.choices(query, "fileFormats", FILE_FORMATS, least=2)
    licences = given.choices(query, "allowCommercialUse", LICENCES)
    availability = given.choice(query, "availability", AVAILABILITIES, None)
    period = given.choice(query, "period", given.PERIODS, "AllTime") or ""
    given.choice(query, "periodMode", ["stats", "published"], None)
    mine = given.truth(query, "favorites") or given.truth(query, "hidden")
    archived = given.filled(query, "archived")
    gated = given.filled(query, "earlyAccess")
    since = isoformat(datetime.now(timezone.utc) - timedelta(days=DAYS[period])) if period in DAYS else ""
    username = _username(query)
    catalogue = site.catalogue
    if ids and any(number not in catalogue.models for number in ids):
        catalogue = site.librarian.after_miss()
    everyone = catalogue.models.values()
    if username is not None:
        creators = {_slug(model.creator["username"]) for model in everyone if model.creator}
        if _slug(username) not in creators:
            return as_json({"message": "User not found"}, 404)
    tag = (query.get("tag") or query.get("tagname") or "").lower()
    if tag and not any(tag == known.lower() for model in everyone for known in model.tags):
        tag = ""  # a tag nobody has is no filter
    wanted = (
        [catalogue.models[number] for number in dict.fromkeys(ids) if number in catalogue.models] if ids else everyone
    )
    rows: list[Row] = []
    for model in wanted if not mine else []:
        if model.status != "Published" or model.poi or model.availability == "Private" or not model.nsfw_level & mask:
            continue
        if model.mode == ARCHIVED and not archived:
            continue
        if types and model.type not in types or kind and model.checkpoint_type != kind:
            continue
        if username is not None and (not model.creator or _slug(model.creator["username"]) != _slug(username)):
            continue
        if tag and tag not in (known.lower() for known in model.tags):
            continue
        if licences and not any(licence in model.allow_commercial_use for licence in licences):
            continue
        if availability and model.availability != availability:
            continue
        shown = visible_versions(model, public_only=ids is None and username is None)
        if bases:
            shown = [version for version in shown if version.base_model in bases]
        if version_ids is not None:
            shown = [version for version in shown if version.id in version_ids]
        if formats:
            shown = [v for v in shown if any(file.metadata.get("format") in formats for file in v.public_files())]
        if gated:
            shown = [version for version in shown if version.paid_access is not None]
        if (bases or version_ids is not None or formats or gated) and not shown:
            continue
        if since and max((version.published_at or "" for version in shown), default="") < since:
            continue
        rows.append((model, shown))
    return rows


def _search(rows: list[Row], query: Query, limit: int) -> tuple[list[Row], str | None]:
    """Text search: relevance decides the order, and the cursor is a plain offset."""
    words = (query.get("query") or "").lower().split()
    scored = []
    for row in rows:
        model = row[0]
        creator = model.creator["username"] if model.creator else ""
        text = " ".join([model.name, creator, *model.tags, *(w for v in row[1] for w in v.trained_words)]).lower()
        score = sum(word in text for word in words)
        if score:
            scored.append((-score, model.id, row))
    scored.sort(key=lambda item: item[:2])
    cursor = query.get("cursor") or "0"
    offset = int(cursor) if cursor.isdigit() else 0
    end = offset + limit
    return [row for _, _, row in scored[offset:end]], str(end) if end < len(scored) else None


class _Window:
    """Models in one order, and the page that a cursor names: the cursor is the first row of the page to come."""

    def __init__(self, rows: list[Row], sort: str) -> None:
        self.columns = SORTS[sort]
        self.ascending = sort == "Oldest"
        self.dated = self.columns == ["date"]
        keyed: list[tuple[tuple[Any, ...], Row]] = [(self._key(row), row) for row in rows]
        self.rows = sorted(keyed, key=lambda item: item[0], reverse=not self.ascending)

    def _key(self, row: Row) -> tuple[Any, ...]:
        model, versions = row
        if self.dated:
            newest = max((version.published_at or "" for version in versions), default="")
            return (newest.replace("T", " ").removesuffix("Z"), model.id)
        if self.columns == ["images"]:
            return (sum(len(version.pictures) for version in versions), model.id)
        return (*(model.stats.get(column) or 0 for column in self.columns), model.id)

    def page(self, cursor: str | None, limit: int) -> tuple[list[Row], str | None]:
        start = 0
        if cursor:
            first = self._parse(cursor)
            start = sum(key < first if self.ascending else key > first for key, _ in self.rows)
        end = start + limit
        window = [row for _, row in self.rows[start:end]]
        more = limit > 0 and end < len(self.rows)
        return window, "|".join(str(part) for part in self.rows[end][0]) if more else None

    def _parse(self, cursor: str) -> tuple[Any, ...]:
        parts = cursor.split("|")
        if len(parts) != len(self.columns) + 1:
            raise ValueError(cursor)
        if self.dated:
            datetime.strptime(parts[0][:19], "%Y-%m-%d %H:%M:%S")
            return (parts[0], int(parts[1]))
        return tuple(int(part) for part in parts)
