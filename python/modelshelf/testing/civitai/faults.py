"""Misbehaviour on request: what kinds there are, and which requests they fall on.

A fault is written as a short text, the same on the command line, over the control route and in Python::

    KIND[,KIND…][:OPTION=VALUE…]          cycle=KIND,KIND…[:OPTION=VALUE…]

    503:every=3                            every third request
    reset:every=3:path=/api/v1/models      every third under that path
    html:first=2                           the first two
    cycle=503,reset,truncate,html:every=3  every third, the kinds in turn
    slow:delay=0.5:after=10                from the eleventh on

Options that choose requests: ``every``, ``first``, ``after``, ``times`` (at most so many in all), ``path`` (a path and
all below it, or a pattern with ``*``), ``method``, ``origin`` (``api`` or ``storage``). Options of the kinds:
``retry_after`` (seconds, or ``none``), ``delay`` (seconds), ``rate`` (bytes a second), ``at`` (body bytes sent before
the end). Counting is per fault, over the requests it could fall on.
"""

from __future__ import annotations

import fnmatch
import threading
from dataclasses import dataclass, field
from typing import Any

from .messages import API, STORAGE, Request

DOWNLOAD = "/api/download/*"
BY_HASH = "/api/v1/model-versions/by-hash/*"

# Kind -> (origin it is limited to, path it is limited to, what it does).
KINDS: dict[str, tuple[str | None, str | None, str]] = {
    "429": (None, None, "429 with Retry-After (1 unless retry_after says otherwise)"),
    "451": (None, None, "451, region blocked"),
    "504": (None, None, "504 with an HTML page, as a proxy answers"),
    "paging": (API, None, "429 without Retry-After: permanent, too many pages"),
    "challenge": (None, None, "403 with an HTML challenge page"),
    "html": (None, None, "200 with an HTML page"),
    "reset": (None, None, "connection reset before a byte of the answer"),
    "reset-mid": (None, None, "connection reset in the middle of the body"),
    "close": (None, None, "connection closed before a byte of the answer"),
    "truncate": (None, None, "connection closed in the middle of the body"),
    "bad-gzip": (API, None, "a gzip body that does not unpack"),
    "slow": (None, None, "the answer comes after a delay"),
    "drip": (None, None, "the body comes slowly"),
    "nulls": (API, None, "null elements among the rows"),
    "duplicates": (API, None, "every row twice"),
    "wrong-type": (API, None, "valid JSON of another shape"),
    "undefined-origin": (API, None, "https://undefined in place of the origin in every link"),
    "edge-404": (API, BY_HASH, "404 from a stale edge cache, although the hash is known"),
    "wrong-bytes": (STORAGE, None, "a file of the right length and other bytes"),
    "no-range": (STORAGE, None, "Range is ignored: 200 and the whole file"),
    "etag": (STORAGE, None, "another ETag than last time"),
    "login": (API, DOWNLOAD, "redirect to an HTML login page"),
    "redirects": (API, DOWNLOAD, "a chain of redirects before the storage"),
    "unresolved": (API, DOWNLOAD, "404 no-store: the storage could not be resolved just now"),
    "down": (None, None, "connections are accepted and reset"),
}
ALIASES = {
    "truncated": "truncate",
    "corrupt-gzip": "bad-gzip",
    "403": "challenge",
    "null": "nulls",
    "duplicate": "duplicates",
    "undefined": "undefined-origin",
    "region": "451",
    "ignored-range": "no-range",
    "closed": "close",
    "resolve": "unresolved",
}
NUMBERS = {"every": int, "first": int, "after": int, "times": int, "at": int, "delay": float, "rate": float}


@dataclass(slots=True)
class Fault:
    """One wish for trouble, with its own count."""

    kinds: list[str]
    every: int | None = None
    first: int | None = None
    after: int = 0
    times: int | None = None
    path: str | None = None
    method: str | None = None
    origin: str | None = None
    retry_after: str | None = None
    delay: float = 1.0
    rate: float = 65_536.0
    at: int | None = None
    seen: int = field(default=0, compare=False)
    fired: int = field(default=0, compare=False)

    @property
    def kind(self) -> str:
        """The kind whose turn it is."""
        return self.kinds[self.fired % len(self.kinds)]

    def concerns(self, request: Request) -> bool:
        """Whether this fault could fall on such a request at all."""
        origin, path, _ = KINDS.get(self.kind, (None, None, ""))
        if origin not in (None, request.origin) or self.origin not in (None, request.origin):
            return False
        if self.method not in (None, request.method) or (self.kind == "edge-404" and request.method != "GET"):
            return False
        return all(_under(pattern, request.path) for pattern in (path, self.path) if pattern)

    def falls(self) -> bool:
        """Count one request; whether the fault falls on it."""
        self.seen += 1
        count = self.seen - self.after
        if count < 1 or (self.first is not None and count > self.first):
            return False
        if self.every is not None and count % self.every:
            return False
        return self.times is None or self.fired < self.times


def _under(pattern: str, path: str) -> bool:
    if any(sign in pattern for sign in "*?["):
        return fnmatch.fnmatchcase(path, pattern)
    return path == pattern or path.startswith(pattern.rstrip("/") + "/")


def _kind(text: str) -> str:
    name = ALIASES.get(text.strip().lower(), text.strip().lower())
    if name in KINDS or (name.isdigit() and 400 <= int(name) <= 599):
        return name
    raise ValueError(f"unknown fault {text!r}; known are a status from 400 to 599 and {', '.join(sorted(KINDS))}")


def parse(spec: str | dict[str, Any] | Fault) -> Fault:
    """A fault from its text, or from an object with ``kind`` or ``kinds`` and the same options."""
    if isinstance(spec, Fault):
        return spec
    if isinstance(spec, str):
        head, *rest = spec.split(":")
        values: dict[str, Any] = {"kinds": head.removeprefix("cycle=").split(",")}
        for part in rest:
            name, equals, value = part.partition("=")
            if not equals:
                raise ValueError(f"{spec!r}: an option is written name=value, not {part!r}")
            values[name.replace("-", "_")] = value
    else:
        values = dict(spec)
        single = values.pop("kind", None)
        values.setdefault("kinds", single.split(",") if isinstance(single, str) else [str(single)])
    kinds = [_kind(str(kind)) for kind in values.pop("kinds")]
    known = set(Fault.__dataclass_fields__) - {"kinds", "seen", "fired"}
    options: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"unknown option {name!r}; known are {', '.join(sorted(known))}")
        options[name] = NUMBERS[name](value) if name in NUMBERS else str(value)
    if options.get("every", 1) < 1:
        raise ValueError("every: at least 1")
    return Fault(kinds, **options)


class FaultPlan:
    """The faults in force. The first that falls on a request has it; every one it concerns counts it."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, spec: str | dict[str, Any] | Fault) -> Fault:
        fault = parse(spec)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        with self._lock:
            self._faults = []

    def remove(self, fault: Fault) -> None:
        with self._lock:
            self._faults = [kept for kept in self._faults if kept is not fault]

    def pick(self, request: Request) -> tuple[str, Fault] | None:
        """The kind that falls on this request, with its fault for the options."""
        if not self._faults:
            return None
        with self._lock:
            chosen: tuple[str, Fault] | None = None
            for fault in self._faults:
                if fault.concerns(request) and fault.falls() and chosen is None:
                    chosen = (fault.kind, fault)
                    fault.fired += 1
            return chosen

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            names = Fault.__dataclass_fields__
            return [{name: getattr(fault, name) for name in names} for fault in self._faults]
