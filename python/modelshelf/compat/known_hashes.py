"""The hashes of a file without reading it: from the library, else from the JSON file beside it."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from ..errors import Error
from ..shelf import Shelf
from .file_hashes import ALGORITHMS
from .hash_text import normalized_hash

logger = logging.getLogger(__name__)

#: Copies between machines may round times: what differs by less is the same file (nanoseconds).
_SAME_TIME = 2_000_000_000


def known_hashes(shelf: Shelf, path: str, said: Mapping[str, Any] | None, sidecar: str) -> dict[str, str | None]:
    """Upper-case hashes by their names, ``None`` for those that nobody knows; after a few ``stat``, at no other cost.

    What the JSON file says (``said``, of the file ``sidecar``) counts while it speaks of the file as it is.
    """
    try:
        hashes = {name: shelf.get_hash(path, algorithm) for name, algorithm in ALGORITHMS.items()}
        status = os.stat(path)
    except (Error, OSError, ValueError) as problem:
        logger.debug("no hashes of %s: %s", path, problem)
        return {}
    if not hashes["sha256"] and said and not is_outdated(said, status, sidecar):
        noted = {name: said.get(f"hash_{name}") for name in ALGORITHMS}
        hashes = {name: value if isinstance(value, str) and value else None for name, value in noted.items()}
    return {name: value.upper() if value else None for name, value in hashes.items()}


def noted_hash(shelf: Shelf, path: str, status: os.stat_result, said: Mapping[str, Any], sidecar: str) -> str | None:
    """The text of the key ``hash``: as somebody set it, else the AutoV2 of the file as it is, if that is known."""
    value = said.get("hash")
    digest = shelf.get_hash(path, "autov2")
    if isinstance(value, str) and value:
        # One that modelshelf wrote follows the file; one that was set stays.
        follows = value.startswith("AUTOV2: ") and said.get("hash_autov2") == value[len("AUTOV2: ") :]
        if not follows or (digest is None and not is_outdated(said, status, sidecar)):
            return normalized_hash(value)
    return f"AUTOV2: {digest}" if digest else None


def is_outdated(said: Mapping[str, Any], status: os.stat_result, sidecar: str) -> bool:
    """Whether a JSON file speaks of an earlier file of that name."""
    note = said.get("modelshelf")
    if isinstance(note, dict) and isinstance(note.get("size"), int) and isinstance(note.get("mtime_ns"), int):
        # Whole numbers: what stands in a file may be too large for any other.
        apart = abs(note["mtime_ns"] - status.st_mtime_ns)
        return bool(note["size"] != status.st_size or apart >= _SAME_TIME)
    try:
        return os.stat(sidecar).st_mtime_ns < status.st_mtime_ns
    except OSError:
        return True
