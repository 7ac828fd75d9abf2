"""The image host: one colour per picture, in the size that was asked for.

The bytes are PNG whatever the extension says, as it happens on the real host, so a client that trusts extensions
writes a wrong file name here too. A video is a file with nothing but the box that names its type.
"""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache

from .messages import Request, Response
from .shapes import ACCOUNT

DEFAULT_WIDTH, DEFAULT_HEIGHT = 832, 1216


@lru_cache(maxsize=64)
def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 3, 0, 0, 0)  # one bit a pixel, from a palette of one
    rows = (b"\0" + b"\0" * ((width + 7) // 8)) * height
    parts = chunk(b"IHDR", header) + chunk(b"PLTE", bytes(colour)) + chunk(b"IDAT", zlib.compress(rows, 1))
    return b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b"")


def mp4() -> bytes:
    """The least that is recognised as a video."""
    kind = b"isom" + struct.pack(">I", 512) + b"isomiso2avc1mp41"
    return struct.pack(">I", 8 + len(kind)) + b"ftyp" + kind + struct.pack(">I", 72) + b"free" + b"\0" * 64


def picture_answer(request: Request) -> Response | None:
    """The picture behind ``/<account>/<uuid>/<parameters>/<name>.<extension>``, or None for other paths."""
    parts = request.path.strip("/").split("/")
    if len(parts) != 4 or parts[0] != ACCOUNT:
        return None
    wishes = dict(part.partition("=")[::2] for part in parts[2].split(","))
    headers = {"Cache-Control": "public, max-age=31536000", "Access-Control-Allow-Origin": "*"}
    if parts[3].endswith(".mp4") and wishes.get("anim") != "false":
        return Response(200, mp4(), "video/mp4", headers)
    width = int(wishes["width"]) if wishes.get("width", "").isdigit() else DEFAULT_WIDTH
    width = max(1, min(width, 2200))
    colour = zlib.crc32(parts[1].encode()).to_bytes(4, "big")
    image = png(width, max(1, width * DEFAULT_HEIGHT // DEFAULT_WIDTH), (colour[0], colour[1], colour[2]))
    return Response(200, image, "image/png", headers)
