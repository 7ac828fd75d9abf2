"""Paths between Python and JSON."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._typing import AnyPath


def from_json(values: dict[str, Any]) -> str:
    """The path of a JSON object as Python writes it: bytes that are not UTF-8 as lone surrogates."""
    encoded = values.get("path_bytes")
    if encoded is None:
        path: str = values["path"]
        return path
    from base64 import b64decode

    return os.fsdecode(b64decode(encoded))


def to_json(path: AnyPath) -> dict[str, str]:
    """A path as a JSON object with ``path`` and, when it is not UTF-8, ``path_bytes``."""
    raw = os.fsencode(path)
    if b"\0" in raw:
        raise ValueError("embedded null byte")
    try:
        return {"path": raw.decode()}
    except UnicodeDecodeError:
        from base64 import b64encode

        return {"path": raw.decode(errors="replace"), "path_bytes": b64encode(raw).decode()}


def resolve(path: AnyPath, folder: str | None) -> AnyPath:
    """A relative path as it is when it exists from the current folder, else below ``folder`` if it exists there."""
    if folder is None:
        return path
    text = os.fsdecode(path)
    if not text or os.path.isabs(text) or "://" in text or os.path.lexists(text):
        return path
    inside = os.path.join(folder, text)
    return inside if os.path.lexists(inside) else path
