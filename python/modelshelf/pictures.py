"""Preview pictures that lie beside models, read within bounds."""

from __future__ import annotations

import os
from stat import S_ISREG

#: How each kind of picture begins, and its media type. Anything else is not shown: an SVG may hold script.
_MEDIA = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def media_type(data: bytes) -> str | None:
    """What a picture is by how it begins; its name may lie."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((media for start, media in _MEDIA if data.startswith(start)), None)


def read(path: object, largest: int) -> tuple[str, bytes] | None:
    """Media type and bytes of a picture of at most ``largest`` bytes; None if it is none."""
    if not isinstance(path, str) or largest <= 0:
        return None
    try:
        # A pipe under this name would keep us for ever.
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(file)
        if not S_ISREG(status.st_mode) or status.st_size > largest:
            return None
        with open(file, "rb", closefd=False) as opened:
            data = opened.read(largest + 1)
    except OSError:
        return None
    finally:
        os.close(file)
    media = media_type(data)
    return None if media is None or len(data) > largest else (media, data)
