"""Requests and responses as the stand-in passes them around.

They are plain values, so that a route is a function from one to the other and a fault is a function that changes
the second. Nothing here touches a socket.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
XML = "application/xml"

HALF = -1  # as a cut: wherever the middle of the body turns out to be

API = "api"
STORAGE = "storage"


class Query:
    """The parameters of a query string: ordered, repeatable, and knowing "present" from "empty"."""

    __slots__ = ("pairs",)

    def __init__(self, text: str) -> None:
        self.pairs = parse_qsl(text, keep_blank_values=True) if text else []

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def get(self, name: str) -> str | None:
        """The last value of ``name``, or None where it is absent."""
        found = None
        for key, value in self.pairs:
            if key == name:
                found = value
        return found

    def all(self, name: str) -> list[str]:
        """Every value of ``name`` in order."""
        return [value for key, value in self.pairs if key == name]

    def with_values(self, **changes: str) -> str:
        """The query as text with some parameters replaced, everything else (a token too) repeated as it came."""
        kept = [(key, value) for key, value in self.pairs if key not in changes]
        return urlencode(kept + list(changes.items()), quote_via=quote)

    def redacted(self) -> str:
        """The query as text without the value of a token: that one was given is worth a record, its value is not."""
        return urlencode([(key, "present" if key == "token" else value) for key, value in self.pairs], quote_via=quote)


@dataclass(slots=True)
class Request:
    """One request as it came in, headers in lower case."""

    origin: str
    method: str
    path: str
    query: Query
    headers: dict[str, str]
    body: bytes = b""
    connection: int = 0
    route: str = ""
    hashes: int | None = None

    @property
    def host(self) -> str:
        """What the client believes it talks to; the service builds its own links from this."""
        return self.headers.get("host", "undefined")

    @property
    def token(self) -> str | None:
        """The API token: the second word of Authorization whatever the first says, else the query's."""
        header = self.headers.get("authorization")
        if header is not None:
            words = header.split(None, 1)
            return words[1].strip() if len(words) > 1 else None
        return self.query.get("token")


@dataclass(frozen=True, slots=True)
class FileSlice:
    """A part of a file as a body, sent without being read into memory."""

    path: str
    start: int
    length: int


@dataclass(slots=True)
class Delivery:
    """How the bytes go out. All defaults mean "as they should"."""

    delay: float = 0.0
    drip: float = 0.0
    cut: int | None = None
    ending: str = "keep"
    silent: bool = False
    bad_gzip: bool = False


@dataclass(slots=True)
class Response:
    """One answer. ``delivery`` stays as it is unless trouble was asked for; ``on_sent`` hears how much went out."""

    status: int = 200
    body: bytes | FileSlice = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    delivery: Delivery = field(default_factory=Delivery)
    fault: str | None = None
    on_sent: Callable[[int], None] | None = None

    @property
    def length(self) -> int:
        return self.body.length if isinstance(self.body, FileSlice) else len(self.body)

    @property
    def is_json(self) -> bool:
        return self.content_type.startswith("application/json")


def as_json(value: Any, status: int = 200, **headers: str) -> Response:
    """A JSON answer; underscores in header names stand for hyphens."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    named = {name.replace("_", "-"): content for name, content in headers.items()}
    return Response(status, text.encode("utf-8", "replace"), JSON, named)


def error(status: int, text: Any, **headers: str) -> Response:
    """The usual error document, ``{"error": …}``."""
    return as_json({"error": text}, status, **headers)


def html(text: str, status: int = 200, **headers: str) -> Response:
    """An HTML page, which is what proxies and login walls answer with."""
    named = {name.replace("_", "-"): content for name, content in headers.items()}
    return Response(status, text.encode(), HTML, named)
