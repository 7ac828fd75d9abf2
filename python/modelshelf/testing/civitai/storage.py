"""The second origin: object storage behind signed addresses, and the image host.

It knows nothing of API tokens and says so: a request that carries an Authorization header is refused, which is what
happens to a client that lets its HTTP library follow the redirect with every header it had.
"""

from __future__ import annotations

import hashlib
import os
import re
from typing import Any

from .messages import XML, FileSlice, Request, Response
from .pictures import picture_answer
from .signing import R2, Grant
from .site import Site

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


def answer(site: Site, request: Request) -> Response:
    """Serve one storage request."""
    if request.path.startswith(("/model/", "/file/")):
        return _object(site, request)
    return picture_answer(request) or _refusal(404, "NoSuchKey", "The specified key does not exist.")


def template(request: Request) -> str:
    """The route's name in the log."""
    if request.path.startswith("/model/"):
        return f"{request.method} storage/r2"
    if request.path.startswith("/file/"):
        return f"{request.method} storage/b2"
    return f"{request.method} image"


def _refusal(status: int, code: str, text: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{text}</Message></Error>'
    return Response(status, body.encode(), XML)


def _object(site: Site, request: Request) -> Response:
    if "authorization" in request.headers:
        return _refusal(400, "InvalidArgument", "Only one auth mechanism allowed")
    if request.method != "GET":
        return _refusal(403, "SignatureDoesNotMatch", "The request signature does not match.")
    grant = site.signer.check(request.path, request.query)
    if grant == "expired":
        return _refusal(403, "ExpiredToken", "Request has expired")
    if not isinstance(grant, Grant):
        return _refusal(403, "SignatureDoesNotMatch", "The request signature does not match.")
    stored = site.stored_file(grant.file)
    if stored is None or not os.path.exists(stored.path):
        return _refusal(404, "NoSuchKey", "The specified key does not exist.")
    headers: dict[str, str] = {
        "ETag": _tag(stored.digests.sha256, grant.style),
        "Accept-Ranges": "bytes",
        "Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT",
    }
    if grant.name:
        headers["Content-Disposition"] = grant.name
    return _ranged(request, headers, stored.path, stored.size)


def _tag(sha256: str, style: str) -> str:
    """An entity tag; each storage has its own for the same bytes."""
    return '"' + hashlib.md5(f"{style}{sha256}".encode()).hexdigest() + ("-42" if style == R2 else "") + '"'


def _ranged(request: Request, headers: dict[str, str], path: str, size: int) -> Response:
    """The whole file, or the one range that was asked for and still fits."""
    wanted = RANGE.fullmatch(request.headers.get("range", ""))
    condition: Any = request.headers.get("if-range")
    if wanted is None or wanted.groups() == ("", "") or (condition is not None and condition != headers["ETag"]):
        return Response(200, FileSlice(path, 0, size), "application/octet-stream", headers)
    first, last = wanted.groups()
    if first:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
    else:
        start, end = max(0, size - int(last)), size - 1
    if start >= size or start > end:
        headers["Content-Range"] = f"bytes */{size}"
        refusal = _refusal(416, "InvalidRange", "The requested range is not satisfiable")
        refusal.headers.update(headers)
        return refusal
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return Response(206, FileSlice(path, start, end - start + 1), "application/octet-stream", headers)
