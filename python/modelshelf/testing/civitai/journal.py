"""What was asked: the log that tests count with.

A request is written down before it is answered, so whoever has an answer finds it in the log. Secrets are noted as
present and never kept.
"""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from .messages import Request, Response


@dataclass(slots=True)
class Entry:
    """One request and how it was answered; ``status`` is null where no answer went out."""

    number: int
    origin: str
    method: str
    path: str
    route: str
    status: int | None
    fault: str | None
    body_bytes: int
    sent_bytes: int
    hashes: int | None
    authorization: bool
    token_in_query: bool
    cookie: bool
    range: str | None
    user_agent: str | None
    connection: int

    def sent(self, count: int) -> None:
        """Note how much of the body went out."""
        self.sent_bytes = count


class Journal:
    """The log of a running stand-in."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()
        self._counted = 0

    def write(self, request: Request, response: Response) -> Entry:
        query = request.query.redacted()
        headers = request.headers
        with self._lock:
            self._counted += 1
            entry = Entry(
                number=self._counted,
                origin=request.origin,
                method=request.method,
                path=request.path + (f"?{query}" if query else ""),
                route=request.route or f"{request.method} (unknown)",
                status=response.status or None,
                fault=response.fault,
                body_bytes=len(request.body),
                sent_bytes=0,
                hashes=request.hashes,
                authorization="authorization" in headers,
                token_in_query="token" in request.query,
                cookie="cookie" in headers,
                range=headers.get("range"),
                user_agent=headers.get("user-agent"),
                connection=request.connection,
            )
            self._entries.append(entry)
        return entry

    def clear(self) -> None:
        with self._lock:
            self._entries = []
            self._counted = 0

    def entries(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(entry) for entry in self._entries]

    def summary(self) -> dict[str, Any]:
        """Counts by route, status and fault, and how many hashes were asked in batches."""
        with self._lock:
            entries = list(self._entries)
        return {
            "total": len(entries),
            "routes": dict(Counter(entry.route for entry in entries)),
            "statuses": dict(Counter(str(entry.status) for entry in entries)),
            "faults": dict(Counter(entry.fault for entry in entries if entry.fault)),
            "origins": dict(Counter(entry.origin for entry in entries)),
            "hashes": sum(entry.hashes or 0 for entry in entries),
            "body_bytes": sum(entry.body_bytes for entry in entries),
            "sent_bytes": sum(entry.sent_bytes for entry in entries),
            "connections": len({entry.connection for entry in entries}),
        }
