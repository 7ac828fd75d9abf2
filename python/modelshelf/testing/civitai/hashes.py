"""The hashes the service stores for a file, by the service's own rules.

Two of the rules surprise: AutoV1 does not exist under 2 MiB although its window ends well before, and AutoV3 skips
a safetensors header on the strength of the first eight bytes alone, in any file, and only when that header is
under 16 MiB. CRC-32 is printed with its bytes reversed.
"""

from __future__ import annotations

import hashlib
import importlib
import struct
import zlib
from dataclasses import dataclass
from typing import Any, BinaryIO

BLOCK = 4 * 1024 * 1024
AUTOV1_START, AUTOV1_END, AUTOV1_FLOOR = 0x100000, 0x110000, 0x200000
HEADER_CAP = 16 * 1024 * 1024


def _find_blake3() -> Any:
    """The ``blake3`` function where the module is installed; the hash is left out otherwise."""
    try:
        return importlib.import_module("blake3").blake3
    except ImportError:
        return None


_blake3 = _find_blake3()


@dataclass(frozen=True, slots=True)
class Digests:
    """Every hash of one file, upper case, None where the service has none."""

    sha256: str
    autov1: str | None
    autov3: str | None
    crc32: str
    blake3: str | None

    def table(self) -> dict[str, str]:
        """The hashes under the names the service gives them."""
        named = {
            "AutoV1": self.autov1,
            "AutoV2": self.sha256[:10],
            "AutoV3": self.autov3,
            "SHA256": self.sha256,
            "CRC32": self.crc32,
            "BLAKE3": self.blake3,
        }
        return {name: value for name, value in named.items() if value}


def data_start(head: bytes) -> int:
    """Where AutoV3 begins, from the first eight bytes of a file."""
    (length,) = struct.unpack("<Q", head[:8])
    return 8 + length if length < HEADER_CAP else 8


def digest(file: BinaryIO) -> tuple[Digests, bytes, int]:
    """Read ``file`` once; gives its digests, its first bytes (a header, mostly) and its size."""
    whole = hashlib.sha256()
    rest = hashlib.sha256()
    window = hashlib.sha256()
    extra = _blake3() if _blake3 else None
    crc = offset = start = 0
    head = b""
    while block := file.read(BLOCK):
        if offset == 0:
            head = block
            start = data_start(head) if len(head) >= 8 else 0
        end = offset + len(block)
        whole.update(block)
        crc = zlib.crc32(block, crc)
        if extra is not None:
            extra.update(block)
        if end > start:
            rest.update(memoryview(block)[max(0, start - offset) :])
        if offset < AUTOV1_END and end > AUTOV1_START:
            window.update(memoryview(block)[max(0, AUTOV1_START - offset) : AUTOV1_END - offset])
        offset = end
    digests = Digests(
        sha256=whole.hexdigest().upper(),
        autov1=window.hexdigest()[:8].upper() if offset >= AUTOV1_FLOOR else None,
        autov3=rest.hexdigest()[:12].upper() if offset >= 8 else None,
        crc32=struct.pack("<I", crc).hex().upper(),
        blake3=extra.hexdigest().upper() if extra is not None else None,
    )
    return digests, head, offset
