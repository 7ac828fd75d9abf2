"""What a scan did."""

from __future__ import annotations

from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class ScanReport(Record):
    """Counters of one scan; ``failed`` lists the files that could not be done."""

    __slots__ = ()

    if TYPE_CHECKING:
        files: int
        new: int
        changed: int
        unchanged: int
        moved: int
        missing: int
        hashed: int
        bytes_hashed: int
        identified: int
        not_on_civitai: int
        pending: int
        failed: list[dict[str, Any]]
        requests: int
        previews: int
        adopted: int
        sidecars: int
        seconds: float
        warnings: list[str]

    def __repr__(self) -> str:
        parts = [f"{name}={self[name]}" for name in ("files", "new", "changed", "hashed", "identified", "pending")]
        return f"<ScanReport {' '.join(parts)} failed={len(self['failed'])} seconds={self['seconds']:.2f}>"
