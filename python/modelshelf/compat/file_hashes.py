"""Hashes of files under the names and in the spelling that the old modules had."""

from __future__ import annotations

import logging
import os

from ..errors import Error
from ..files import hash_file

logger = logging.getLogger(__name__)

#: The names of the old modules, and what the core calls them.
ALGORITHMS = {
    "autov1": "autov1",
    "autov2": "autov2",
    "autov3": "autov3",
    "sha256": "sha256",
    "crc32": "crc32_civitai",
    "blake3": "blake3",
}
#: Full digests, which ``calculate_file_hash`` writes small.
_FULL = ("sha256", "blake3")


def calculate_file_hash(file_path: str | os.PathLike[str], method: str = "SHA256") -> str | None:
    """``SHA256`` and ``BLAKE3`` as 64 lower-case digits, ``AUTOV1 AUTOV2 AUTOV3 CRC32`` in upper case.

    All are over the whole file and as Civitai has them. ``None``, and a line in the log, when the file cannot be read,
    cannot have that hash, or nobody knows the method.
    """
    value = calculate_model_hash(file_path, method)
    return value.lower() if value is not None and str(method).lower() in _FULL else value


def calculate_model_hash(path: str | os.PathLike[str], algorithm: str) -> str | None:
    """One of ``autov1 autov2 autov3 sha256 crc32 blake3`` in upper case, CRC-32 in Civitai's byte order."""
    name = str(algorithm).strip().lower()
    if name not in ALGORITHMS:
        logger.error("unknown hash method %r; there are %s", algorithm, " ".join(ALGORITHMS))
        return None
    value = _hashes(path, [name]).get(name)
    if value is None:
        logger.error("%s has no %s hash", path, name)
    return value


def get_all_model_hashes(path: str | os.PathLike[str]) -> dict[str, str | None]:
    """All of them, in one read of the file; ``{}`` when it cannot be read. ``None`` stands for one it cannot have."""
    return _hashes(path, list(ALGORITHMS))


def _hashes(path: str | os.PathLike[str], names: list[str]) -> dict[str, str | None]:
    try:
        found = hash_file(path, [ALGORITHMS[name] for name in names])
    except (Error, OSError, TypeError, ValueError) as problem:
        logger.error("cannot hash %s: %s", path, problem)
        return {}
    return {name: value.upper() if (value := found.get(ALGORITHMS[name])) else None for name in names}
