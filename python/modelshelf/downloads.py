"""The queue of downloads, which outlives the process."""

from __future__ import annotations

import json

from . import _native, messages
from .download import Download, request
from .paths import from_json, resolve
from .progress import Reporter
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterable
    from typing import Any

    from ._native import Cancel
    from ._typing import AnyPath, ProgressOption
    from .shelf import Shelf


class QueuedDownload(Record):
    """A download of the queue. ``state`` is ``waiting running paused done`` or ``failed``.

    ``path`` is ``None`` until the file's name is known; ``error`` is a dictionary with ``code`` and ``message``, or
    ``None``.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        id: int
        what: str
        state: str
        path: str | None
        bytes: int
        bytes_total: int | None
        error: dict[str, Any] | None
        added_at: str
        finished_at: str | None

    def __init__(self, values: dict[str, Any]) -> None:
        if values["path"] is not None:
            values["path"] = from_json(values)
        super().__init__(values)

    def __repr__(self) -> str:
        return f"<QueuedDownload {self['id']} {self['what']!r} {self['state']}>"


class DownloadsReport(Record):
    """What working off the queue gave: ``downloads``, and ``failed`` as dictionaries with ``id what code message``."""

    __slots__ = ()

    if TYPE_CHECKING:
        downloads: list[Download]
        failed: list[dict[str, Any]]


class Downloads:
    """The queue of downloads of a library; ``shelf.downloads``.

    It is kept in the database, so any process may list and change it, and ``run()`` goes on where another one was
    interrupted or killed. Safe to use from any thread; ``run()`` may well have one of its own.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def add(
        self,
        what: str | Iterable[str],
        to: AnyPath | None = None,
        *,
        file: int | None = None,
        type: str | None = None,
        previews: bool | None = None,
        max_level: str | None = None,
        verify: bool = True,
        connections: int | None = None,
    ) -> builtins.list[QueuedDownload]:
        """Puts downloads at the end of the queue; what is in it already is not added twice. See ``Shelf.download()``."""
        if to is not None:
            to = resolve(to, self._shelf.models_dir)
        whats = [what] if isinstance(what, str) else [*what]
        if file is not None and len(whats) > 1:
            raise ValueError("file names a file of one version: give one download")
        wishes = [
            json.loads(
                request(
                    one,
                    to,
                    file=file,
                    type=type,
                    verify=verify,
                    previews=None if previews is None else bool(previews),
                    max_level=max_level,
                    connections=connections,
                )
            )
            for one in whats
        ]
        return _entries(_native.downloads_add(self._shelf._handle, json.dumps(wishes)))

    def list(self) -> builtins.list[QueuedDownload]:
        """The queue in its order, with what was done lately."""
        return _entries(_native.downloads_list(self._shelf._handle))

    def pause(self, id: int | None = None) -> None:
        """Makes a download wait, or all; one that runs, in whichever process, stops and keeps its bytes."""
        _native.downloads_pause(self._shelf._handle, _number(id))

    def resume(self, id: int | None = None) -> None:
        """Lets a download that is paused or has failed wait for its turn again, or all of them."""
        _native.downloads_resume(self._shelf._handle, _number(id))

    def remove(self, id: int) -> None:
        """Takes a download out of the queue; what was fetched of it is removed unless it is whole."""
        _native.downloads_remove(self._shelf._handle, id)

    def run(self, *, progress: ProgressOption = False, cancel: Cancel | None = None) -> DownloadsReport:
        """Works off what waits, one after the other, until nothing does. What fails stays in the queue as failed."""
        messages.begin()
        try:
            with Reporter(progress) as report:
                values = json.loads(_native.downloads_run(self._shelf._handle, report, cancel))
        finally:
            messages.deliver()
        values["downloads"] = [Download(entry) for entry in values["downloads"]]
        return DownloadsReport(values)


def _entries(text: str) -> list[QueuedDownload]:
    return [QueuedDownload(entry) for entry in json.loads(text)["downloads"]]


def _number(id: int | None) -> int:
    if id is None:
        return 0
    if id < 1:
        raise ValueError("numbers of the queue begin at 1")
    return id
