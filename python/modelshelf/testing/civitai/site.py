"""What every route may ask: the catalogue, who is calling, and where links point."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .catalogue import Catalogue, Librarian
from .entities import File
from .messages import Request
from .shapes import Links
from .signing import Signer

WELL_FORMED = re.compile(r"[0-9a-f]{32}|civitai_\w{8,}")


@dataclass(slots=True)
class Session:
    """Somebody known. There is one user, whoever's token it is."""

    id: int = 4242
    username: str = "shelf_keeper"
    preferences: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Site:
    """The state shared by the routes of both origins."""

    librarian: Librarian
    signer: Signer
    seed: int = 0
    tokens: list[str] | None = None
    require_login: bool = False
    base_url: str = ""
    storage_url: str = ""
    storage_style: str = "alternate"
    turns: Iterator[int] = field(default_factory=itertools.count)

    @property
    def catalogue(self) -> Catalogue:
        return self.librarian.current

    def looked_up(self, find: Callable[[Catalogue], Any]) -> Any:
        """What ``find`` gives; when that is nothing, once more after a look at the folder."""
        return find(self.catalogue) or find(self.librarian.after_miss())

    def session(self, request: Request) -> Session | None:
        """Who calls. A token that is not valid is the same as none at all."""
        token = request.token
        if not token:
            return None
        valid = token in self.tokens if self.tokens is not None else WELL_FORMED.fullmatch(token) is not None
        return Session(preferences=self.catalogue.preferences) if valid else None

    def links(self, request: Request) -> Links:
        """Links the way most routes make them: with the host the client asked for."""
        return Links(f"http://{request.host}", self.storage_url)

    def stored_file(self, number: int) -> File | None:
        """An uploaded file by its number, whatever version it belongs to."""
        return self.catalogue.uploads.get(number)

    @property
    def own_links(self) -> Links:
        """Links with the configured base address, as two routes make them."""
        return Links(self.base_url, self.storage_url)
