"""Signed storage addresses, in the two manners the service uses.

Which storage signs is not the client's to choose and changes between two calls, together with the entity tag and the
way the file's name is passed. A resumed download has to survive that.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from .entities import File
from .messages import Query

R2, B2 = "r2", "b2"


@dataclass(frozen=True, slots=True)
class Grant:
    """What a signed address allows: one file, until a moment."""

    file: int
    style: str
    name: str


class Signer:
    """Makes and checks signed addresses; the key lives as long as the process."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._key = secrets.token_bytes(16)

    def _signature(self, file: int, expires: str, style: str) -> str:
        return hmac.new(self._key, f"{file}/{expires}/{style}".encode(), hashlib.sha256).hexdigest()

    def sign(self, origin: str, file: File, name: str, style: str) -> str:
        """An address on ``origin`` for ``file``, to be saved as ``name``."""
        expires = f"{time.time() + self.seconds:.3f}"
        signature = self._signature(file.id, expires, style)
        stem, extension = os.path.splitext(os.path.basename(file.name))
        disposition = f'attachment; filename="{name}"'
        if style == R2:
            path = f"/model/{file.id}/{quote(stem)}.{signature[:4]}{quote(extension)}"
            query = f"X-Amz-Expires={int(self.seconds)}&response-content-disposition={quote(disposition, safe='')}"
            return f"{origin}{path}?{query}&X-Amz-Date={expires}&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
        path = f"/file/civitai-modelfiles/model/{file.id}/{quote(stem + extension)}"
        grant = f"3_{expires}_{signature}_dnld"
        return f"{origin}{path}?Authorization={grant}&b2ContentDisposition={quote_plus(disposition)}"

    def check(self, path: str, query: Query) -> Grant | str:
        """The grant of an address, or what is wrong with it: ``signature`` or ``expired``."""
        parts = path.split("/")
        style = R2 if path.startswith("/model/") else B2
        try:
            number = int(parts[2] if style == R2 else parts[4])
            if style == R2:
                expires, signature = query.get("X-Amz-Date") or "0", query.get("X-Amz-Signature") or ""
                disposition = query.get("response-content-disposition") or ""
            else:
                _, expires, signature, _ = (query.get("Authorization") or "").split("_")
                disposition = query.get("b2ContentDisposition") or ""
            deadline = float(expires)
        except (ValueError, IndexError):
            return "signature"
        if not hmac.compare_digest(signature, self._signature(number, expires, style)):
            return "signature"
        return "expired" if time.time() > deadline else Grant(number, style, disposition)
