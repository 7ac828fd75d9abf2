"""Versions by their id, and whether somebody may use them."""

from __future__ import annotations

import math

from .entities import Version, primary_file
from .messages import Request, Response, as_json, error
from .shapes import mini_document, version_document
from .site import Site

RATED = 31
LARGEST = 2_147_483_647


def find_version(site: Site, number: int) -> Version | None:
    found: Version | None = site.looked_up(lambda catalogue: catalogue.versions.get(number))
    return found


def by_id(site: Site, request: Request, text: str) -> Response:
    """``GET /model-versions/{id}``: 404 for a version without a rating, although its hash finds it."""
    number = _number(text)
    if not number:
        return error(400, "Invalid model version id\nExpected a number")
    version = find_version(site, number)
    if version is None or version.status != "Published" or not version.nsfw_level & RATED:
        return error(404, "Model not found")
    vae = site.catalogue.versions.get(version.vae_id) if version.vae_id else None
    document = version_document(site.links(request), version, by_id=True, vae=vae)
    return as_json(document) if document else error(404, "Missing model file")


def mini(site: Site, request: Request, text: str) -> Response:
    """``GET /model-versions/mini/{id}``: any ``epoch`` is refused, being declared as what a query cannot hold."""
    number = _number(text)
    wanted = request.query.get("modelFileId")
    if not number or not 1 <= number <= LARGEST or "epoch" in request.query:
        return error(400, "Invalid request\nExpected a number")
    if wanted is not None and (not wanted.isdigit() or wanted == "0"):
        return error(400, "Invalid request\nmodelFileId: expected a positive number")
    version = find_version(site, number)
    if version is None or version.status != "Published":
        return error(404, "Model not found")
    if wanted is not None:
        file = next((file for file in version.public_files() if file.id == int(wanted)), None)
        if file is None:
            return error(404, f"Model file {wanted} not found in version {number}")
        return as_json(mini_document(site.own_links, version, file, exact=True))
    file = primary_file(version.public_files())
    if file is None:
        return error(404, "Missing model file")
    return as_json(mini_document(site.own_links, version, file, exact=False))


def permissions(site: Site, request: Request) -> Response:
    """``GET /permissions/check``: a truth value for each id, or an empty list where none was named."""
    named = [int(text) for text in (request.query.get("entityIds") or "").split(",") if text.strip().isdigit()]
    if not named:
        return as_json([])
    return as_json({str(number): _usable(site, number) for number in named})


def _usable(site: Site, number: int) -> bool:
    version = site.catalogue.versions.get(number)
    return version is not None and version.paid_access is None and version.availability == "Public"


def _number(text: str) -> int | None:
    """What the service's language makes of a path segment; None where it is not a number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None
