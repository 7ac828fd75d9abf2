"""Asking Civitai, to await."""

from __future__ import annotations

from .. import _native
from .. import civitai as blocking
from ..documents import loads
from ._call import awaitable, run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from .._native import Cancel


class Civitai:
    """The Civitai service; see ``modelshelf.Civitai``. Catalogues are async iterators. Stores nothing."""

    def __init__(self, token: str | None = None, base_url: str | None = None) -> None:
        self._inner = blocking.Civitai(token, base_url)

    @property
    def base_url(self) -> str | None:
        return self._inner.base_url

    lookup = awaitable(blocking.Civitai.lookup)
    by_hashes = awaitable(blocking.Civitai.by_hashes)
    model = awaitable(blocking.Civitai.model)
    version = awaitable(blocking.Civitai.version)
    me = awaitable(blocking.Civitai.me)
    download = awaitable(blocking.Civitai.download)
    save_picture = awaitable(blocking.Civitai.save_picture)
    #: Computes only, and is not awaited.
    image_url = staticmethod(blocking.Civitai.image_url)

    async def by_hash(self, hash: str, *, cancel: Cancel | None = None) -> dict[str, Any] | None:
        """What Civitai knows of a file by any of its hashes; ``None`` when it knows nothing."""
        return (await self.by_hashes([hash], cancel=cancel))[hash]

    def models(
        self, *, limit: int | None = None, cancel: Cancel | None = None, **filters: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """Models of the catalogue: ``async for model in civitai.models(query="castle")``."""
        return self._walk("models", limit, cancel, filters)

    def images(
        self, *, limit: int | None = None, cancel: Cancel | None = None, **filters: Any
    ) -> AsyncIterator[dict[str, Any]]:
        """Pictures."""
        return self._walk("images", limit, cancel, filters)

    def tags(
        self, query: str | None = None, *, limit: int | None = None, cancel: Cancel | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Tags, by how they begin."""
        return self._walk("tags", limit, cancel, {"query": query})

    def creators(
        self, query: str | None = None, *, limit: int | None = None, cancel: Cancel | None = None
    ) -> AsyncIterator[dict[str, Any]]:
        """Creators, by a part of their name."""
        return self._walk("creators", limit, cancel, {"query": query})

    def _walk(
        self, kind: str, limit: int | None, cancel: Cancel | None, filters: dict[str, Any]
    ) -> AsyncIterator[dict[str, Any]]:
        # Opening asks nobody, so that wrong filters are told at once.
        return _items(self._inner._open(kind, limit, filters), cancel)

    def __repr__(self) -> str:
        # The token is a secret.
        return f"<aio.Civitai base_url={self.base_url!r}>"


async def _items(catalogue: _native.Catalogue, cancel: Cancel | None) -> AsyncIterator[dict[str, Any]]:
    while page := await run(_page, catalogue, cancel=cancel):
        for item in page:
            yield item


def _page(catalogue: _native.Catalogue, *, progress: Any = False, cancel: Cancel | None = None) -> list[dict[str, Any]]:
    from ..progress import Reporter

    with Reporter(progress) as report:
        page: list[dict[str, Any]] = loads(_native.catalogue_next(catalogue, report, cancel))
    return page
