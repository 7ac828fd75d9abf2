"""What each kind of fault does to an answer.

Some kinds replace the answer without asking the route, as an edge or a proxy in front of the service would; the others
let the route answer and spoil what it said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .faults import Fault
from .messages import HALF, Delivery, FileSlice, Request, Response, as_json, error, html

Route = Callable[[Request], Response]

CHALLENGE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
PAGE = '<!DOCTYPE html><html><head><title>Civitai</title></head><body><div id="__next"></div></body></html>'
SLOW_PROXY = "<html><head><title>504 Gateway Time-out</title></head><body><center>504</center></body></html>"
REGION = "Access to this service is not available in your region due to legal restrictions."
TOO_MANY_PAGES = "You've requested too many pages, please use cursors instead"


def answer(kind: str, fault: Fault, request: Request, route: Route) -> Response:
    """The answer to ``request`` with one fault in it."""
    response = _instead(kind, fault, request)
    if response is None:
        response = _spoiled(kind, fault, request, route)
    response.fault = kind
    return response


def _instead(kind: str, fault: Fault, request: Request) -> Response | None:
    """The kinds for which the route is not asked."""
    if kind in ("reset", "down"):
        return Response(0, delivery=Delivery(silent=True, ending="reset"))
    if kind == "close":
        return Response(0, delivery=Delivery(silent=True, ending="close"))
    if kind == "html":
        return html(PAGE)
    if kind == "challenge":
        return html(CHALLENGE, 403, cf_mitigated="challenge")
    if kind == "451":
        return as_json({"error": REGION, "code": "REGION_BLOCKED"}, 451)
    if kind == "504":
        return html(SLOW_PROXY, 504)
    if kind == "paging":
        return error(429, TOO_MANY_PAGES)
    if kind == "edge-404":
        return error(404, "Model not found", Cache_Control="public, s-maxage=3600, stale-while-revalidate=1800")
    if kind == "unresolved":
        return error(404, "File not found", Cache_Control="private, no-store")
    if kind == "login":
        return Response(307, b"", "", {"Location": f"http://{request.host}/login?returnUrl=%2F&reason=download-auth"})
    if kind == "redirects" and "hop" not in request.query:
        query = request.query.with_values(to=request.path)
        return Response(307, b"", "", {"Location": f"http://{request.host}/hop/1?{query}"})
    if kind.isdigit():
        response = error(int(kind), "Server busy, please retry shortly.", Cache_Control="no-store")
        wait = fault.retry_after or ("1" if kind == "429" else "none")
        if wait != "none":
            response.headers["Retry-After"] = wait
        return response
    return None


def _spoiled(kind: str, fault: Fault, request: Request, route: Route) -> Response:
    """The kinds that change what the route says, or how it is sent."""
    if kind == "no-range":
        headers = {name: value for name, value in request.headers.items() if name != "range"}
        return route(replace(request, headers=headers))
    response = route(request)
    delivery = response.delivery
    if kind == "slow":
        delivery.delay = fault.delay
    elif kind == "drip":
        delivery.drip = fault.rate
    elif kind == "bad-gzip":
        delivery.bad_gzip = True
    elif kind in ("truncate", "reset-mid"):
        delivery.ending = "close" if kind == "truncate" else "reset"
        delivery.cut = HALF if fault.at is None else fault.at
    elif kind == "etag":
        response.headers["ETag"] = '"another-object"'
    elif kind == "wrong-bytes" and isinstance(response.body, FileSlice):
        response.body = b"\xa5" * response.body.length
    elif response.is_json and isinstance(response.body, bytes):
        response.body = _other_json(kind, response.body)
    return response


def _other_json(kind: str, body: bytes) -> bytes:
    if kind == "undefined-origin":
        document = json.loads(body)
        return json.dumps(_without_origin(document)).encode()
    document = json.loads(body)
    if kind == "wrong-type":
        return b'{"items":"none","metadata":[]}' if isinstance(document, dict) else b'{"rows":0}'
    rows = document if isinstance(document, list) else document.get("items")
    if isinstance(rows, list):
        changed = [twin for row in rows for twin in ((row, row) if kind == "duplicates" else (None, row))]
        rows[:] = changed or [None]
    return json.dumps(document).encode()


def _without_origin(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_origin(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_origin(inner) for inner in value]
    if isinstance(value, str) and value.startswith("http://") and "/api/" in value:
        return "https://undefined/" + value.split("/", 3)[3]
    return value
