"""How hashes are written in sidecars and picture metadata: ``AUTOV2: 90BFFAFD10``, ``civitai: 12 @ 34``."""

from __future__ import annotations

from collections.abc import Mapping

#: In this order, whatever order they are given in.
_ORDER = ("autov2", "sha256", "crc32", "blake3", "autov3", "autov1")


def normalized_hash(text: str) -> str:
    """``AUTOV2:x`` as ``AUTOV2: X``, ``civitai:M@V`` as ``civitai: M@V``; other texts without blanks around them."""
    text = text.strip()
    name, colon, value = text.partition(":")
    if colon and name.strip().upper() == "AUTOV2":
        return f"AUTOV2: {value.strip().upper()}"
    if colon and name.strip().lower() == "civitai":
        return f"civitai: {value.strip()}"
    return text


def format_hashes_for_metadata(hashes: Mapping[str, str | None] | None) -> str:
    """``{"autov2": "90bffafd10", "sha256": "…"}`` as ``AUTOV2: 90BFFAFD10, SHA256: …``; unknown values are left out."""
    known = {name.lower(): value for name, value in (hashes or {}).items() if value}
    names = [name for name in _ORDER if name in known] + [name for name in known if name not in _ORDER]
    return ", ".join(f"{name.upper()}: {str(known[name]).upper()}" for name in names)
