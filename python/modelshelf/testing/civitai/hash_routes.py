"""Looking versions up by hash: one at a time, in full batches, and in batches of ids.

The single route matches a hash of any kind and discloses one version. The batch routes match SHA-256 only, give a row
for each matching file in no order, and reject a whole batch for one hash of another length.
"""

from __future__ import annotations

import json
import random
from typing import Any

from .entities import File, Version
from .messages import TEXT, Request, Response, as_json, error
from .shapes import Links, version_document
from .site import Site

FULL_BATCH, ID_BATCH = 100, 10_000
BODY_LIMIT = 1024 * 1024
EDGE = "public, s-maxage=3600, stale-while-revalidate=1800"


def by_hash(site: Site, request: Request, text: str) -> Response:
    """``GET /model-versions/by-hash/{hash}``."""
    row = site.looked_up(lambda catalogue: catalogue.first_match(text))
    if row is None:
        return error(404, "Model not found", Cache_Control=EDGE)
    document = version_document(site.links(request), row[0], by_id=False)
    if document is None:
        return error(404, "Missing model file", Cache_Control=EDGE)
    return as_json(document, Cache_Control=EDGE)


def batch(site: Site, request: Request) -> Response:
    """``POST /model-versions/by-hash``: whole versions, whose links name an origin that does not exist.

    The origin is read from a header called ``posthost``, which nobody sends.
    """
    hashes = _hashes(request, FULL_BATCH)
    if isinstance(hashes, Response):
        return hashes
    host = request.headers.get("posthost")
    links = Links(f"http://{host}" if host else "https://undefined", site.storage_url)
    rows = _rows(site, hashes)
    return as_json([version_document(links, version, by_id=False) for version, _ in rows])


def ids(site: Site, request: Request) -> Response:
    """``POST /model-versions/by-hash/ids``: a version's id for each matching file."""
    hashes = _hashes(request, ID_BATCH)
    if isinstance(hashes, Response):
        return hashes
    rows = _rows(site, hashes)
    return as_json(
        [
            {"modelVersionId": version.id, "modelId": version.model.id, "hash": file.hashes["SHA256"]}
            for version, file in rows
        ]
    )


def count_hashes(request: Request) -> int | None:
    """How many hashes a batch asks for, for the log; None when it is no list."""
    try:
        asked = json.loads(request.body)
    except ValueError:
        return None
    return len(asked) if isinstance(asked, list) else None


def _hashes(request: Request, most: int) -> list[str] | Response:
    """The hashes of a batch, or the answer that rejects it."""
    if len(request.body) > BODY_LIMIT:
        return Response(413, b"Body exceeded 1mb limit", TEXT)
    asked: Any = None
    if request.body and "json" in request.headers.get("content-type", ""):
        try:
            asked = json.loads(request.body)
        except ValueError:
            return Response(400, b"Invalid JSON", TEXT)
    if isinstance(asked, list):
        request.hashes = len(asked)
    if (
        not isinstance(asked, list)
        or len(asked) > most
        or not all(isinstance(text, str) and len(text) == 64 for text in asked)
    ):
        return error(
            400, f"Request must include an array of SHA256 Hashes. Each has 64 characters, and {most} is the most."
        )
    return asked


def _rows(site: Site, hashes: list[str]) -> list[tuple[Version, File]]:
    """One row per matching file, shuffled the same way every time."""
    catalogue = site.catalogue
    if any(text.upper() not in catalogue.by_sha256 for text in hashes):
        catalogue = site.librarian.after_miss()
    rows = catalogue.sha256_rows(hashes)
    rows.sort(key=lambda row: row[1].id)
    random.Random(site.seed).shuffle(rows)
    return rows
