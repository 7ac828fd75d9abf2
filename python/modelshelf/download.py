"""What a download gave."""

from __future__ import annotations

import json
import os

from .model import Model
from .paths import from_json, to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._typing import AnyPath


class Download:
    """A file that was downloaded. Takes the place of its path wherever a path is wanted."""

    __slots__ = ("_path", "already_there", "bytes", "model", "resumed_from", "sha256", "verified", "warnings")

    def __init__(self, report: dict[str, Any]) -> None:
        self._path = from_json(report)
        #: Bytes of the file.
        self.bytes: int = report["bytes"]
        #: Bytes that an earlier run had fetched.
        self.resumed_from: int = report["resumed_from"]
        self.sha256: str = report["sha256"]
        #: Whether that is the published digest.
        self.verified: bool = report["verified"]
        #: Whether the file was there before, so that nothing was fetched.
        self.already_there: bool = report["already_there"]
        #: The record; None without a library.
        self.model: Model | None = Model(report["model"]) if report["model"] is not None else None
        #: What is to be known although nothing failed.
        self.warnings: list[str] = report["warnings"]

    @property
    def path(self) -> str:
        """Absolute."""
        return self._path

    def __fspath__(self) -> str:
        return self._path

    def __repr__(self) -> str:
        state = "verified" if self.verified else "not verified"
        return f"<Download {self._path!r}, {self.bytes} bytes, {state}>"


def request(
    what: str, to: AnyPath | None, *, file: int | None, type: str | None, verify: bool, **more: Any
) -> str:
    """The request as the library wants it."""
    values: dict[str, Any] = {"what": what, "file": file, "type": type, "verify": bool(verify), **more}
    if to is not None:
        place = to_json(os.fspath(to))
        values["to"] = place.get("path")
        values["to_bytes"] = place.get("path_bytes")
    return json.dumps({key: value for key, value in values.items() if value is not None})
