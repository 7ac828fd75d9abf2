"""The queue of downloads, to await."""

from __future__ import annotations

from .. import downloads as blocking
from ._call import awaitable


class Downloads:
    """The queue of downloads of a library; ``shelf.downloads``. Has what ``modelshelf.Downloads`` has, to await."""

    def __init__(self, inner: blocking.Downloads) -> None:
        self._inner = inner

    add = awaitable(blocking.Downloads.add)
    list = awaitable(blocking.Downloads.list)
    pause = awaitable(blocking.Downloads.pause)
    resume = awaitable(blocking.Downloads.resume)
    remove = awaitable(blocking.Downloads.remove)
    run = awaitable(blocking.Downloads.run)
