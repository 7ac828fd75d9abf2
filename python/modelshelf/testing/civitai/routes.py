"""Which path belongs to which route, and what all routes of a class have in common.

The service has four classes. *Public* routes answer to any verb and are always cacheable at the edge, errors included.
*Mixed* ones insist on GET and are cacheable for strangers only. *Authed* ones need a user. *Bare* ones are wrapped in
nothing at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import download, hash_routes, image_routes, model_routes, other_routes, version_routes
from .messages import Request, Response, error, html
from .site import Site

PUBLIC, MIXED, AUTHED, BARE, PAGE = "public", "mixed", "authed", "bare", "page"
SHARED_CACHE = "public, s-maxage=300, stale-while-revalidate=150"
NO_CACHE = "max-age=0, private, no-cache"
NOT_FOUND = "<!DOCTYPE html><html><head><title>404: This page could not be found</title></head><body>404</body></html>"

Handler = Callable[..., Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A path with holes, its class, and who answers."""

    kind: str
    path: str
    handler: Handler
    pattern: re.Pattern[str]


def _route(kind: str, path: str, handler: Handler) -> Route:
    return Route(kind, path, handler, re.compile(re.sub(r"\{\w+\}", "([^/]+)", path) + "/?"))


ROUTES = [
    _route(PUBLIC, "/api/v1/model-versions/by-hash", hash_routes.batch),
    _route(PUBLIC, "/api/v1/model-versions/by-hash/ids", hash_routes.ids),
    _route(PUBLIC, "/api/v1/model-versions/by-hash/{hash}", hash_routes.by_hash),
    _route(MIXED, "/api/v1/model-versions/mini/{id}", version_routes.mini),
    _route(MIXED, "/api/v1/model-versions/{id}", version_routes.by_id),
    _route(MIXED, "/api/v1/models", model_routes.listing),
    _route(PUBLIC, "/api/v1/models/{id}", model_routes.by_id),
    _route(PUBLIC, "/api/v1/images", image_routes.listing),
    _route(PUBLIC, "/api/v1/tags", other_routes.tags),
    _route(PUBLIC, "/api/v1/creators", other_routes.creators),
    _route(AUTHED, "/api/v1/me", other_routes.me),
    _route(BARE, "/api/v1/enums", other_routes.enums),
    _route(PUBLIC, "/api/v1/permissions/check", version_routes.permissions),
    _route(PUBLIC, "/api/download/models/{id}", download.download),
    _route(PAGE, "/login", other_routes.login),
    _route(PAGE, "/auth/login", other_routes.login_form),
    _route(PAGE, "/hop/{number}", download.hop),
    _route(PAGE, "/model-versions/{id}", other_routes.version_page),
    _route(PAGE, "/models/{id}", other_routes.model_page),
]
BATCHES = {"/api/v1/model-versions/by-hash", "/api/v1/model-versions/by-hash/ids"}


def find(request: Request) -> tuple[Route, tuple[str, ...]] | None:
    """The route of a request with the values in its holes; notes the route's name for the log."""
    for route in ROUTES:
        match = route.pattern.fullmatch(request.path)
        if match:
            request.route = f"{request.method} {route.path}"
            return route, match.groups()
    return None


def answer(site: Site, request: Request) -> Response:
    """Answer one API request."""
    found = find(request)
    if found is None:
        return html(NOT_FOUND, 404)
    route, values = found
    response = _in_class(site, request, route, values)
    if request.path.startswith("/api/v1/"):
        response.headers.setdefault("Cache-Control", NO_CACHE)
        response.headers["X-Handled-By"] = "stand-in"
    return response


def _in_class(site: Site, request: Request, route: Route, values: tuple[str, ...]) -> Response:
    if route.kind in (PAGE, BARE):
        return route.handler(site, request, *values)
    if route.kind == PUBLIC:
        if request.method == "OPTIONS":
            return Response(200, b"", "")
        response = route.handler(site, request, *values)
        response.headers.setdefault("Cache-Control", SHARED_CACHE)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response
    if request.method != "GET":
        return error(405, "Method not allowed")
    session = site.session(request)
    if route.kind == AUTHED and session is None:
        return error(401, "Unauthorized")
    response = route.handler(site, request, *values)
    if session is None:
        response.headers.setdefault("Cache-Control", SHARED_CACHE)
    return response
