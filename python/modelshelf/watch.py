"""Folders that are being watched, and what happens in them."""

from __future__ import annotations

import os
import threading
from collections import deque

from . import _native, messages
from .documents import loads
from .model import Model
from .paths import from_json
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType
    from typing import Any


class WatchEvent(Record):
    """Something that happened to a model file: ``event`` is ``added changed moved removed identified`` or ``failed``.

    ``model`` is the ``Model`` after it, or ``None``; ``error`` is a dictionary with ``code`` and ``message``, or
    ``None``.
    """

    __slots__ = ()

    if TYPE_CHECKING:
        event: str
        path: str
        old_path: str | None
        time: str
        model: Model | None
        error: dict[str, Any] | None

    def __init__(self, values: dict[str, Any]) -> None:
        values["path"] = from_json(values)
        if values["old_path"] is not None:
            values["old_path"] = from_json(
                {"path": values["old_path"], "path_bytes": values.get("old_path_bytes")}
            )
        if isinstance(values["model"], dict):
            values["model"] = Model(values["model"])
        super().__init__(values)

    def __repr__(self) -> str:
        old = f" from {self['old_path']!r}" if self["old_path"] is not None else ""
        error = f" {self['error']['code']}" if self["error"] is not None else ""
        return f"<WatchEvent {self['event']} {self['path']!r}{old}{error}>"


class Watch:
    """Folders that are being watched; made by ``Shelf.watch()``. Ends with ``stop()`` or at the end of a ``with``.

    Without ``on_event`` the events are pulled: ``for event in watch``, or ``watch.next(timeout)``.
    """

    def __init__(self, handle: _native.Watch, on_event: Callable[[WatchEvent], object] | None) -> None:
        self._handle = handle
        self._process = os.getpid()
        self._waiting: deque[WatchEvent] = deque()
        self._ended = False
        self._thread: threading.Thread | None = None
        if on_event is not None:
            # A daemon: the interpreter would wait for any other before it runs what ends the watch.
            self._thread = threading.Thread(
                target=self._deliver, args=(on_event,), name="modelshelf-watch", daemon=True
            )
            self._thread.start()

    def next(self, timeout: float | None = None) -> WatchEvent | None:
        """The next event, waiting up to ``timeout`` seconds (for ever without it).

        ``None`` when none came in time, or when the watch has ended.
        """
        if self._thread is not None:
            raise ValueError("the events of this watch go to on_event")
        while True:
            try:
                return self._waiting.popleft()
            except IndexError:
                pass
            if self._ended or not self._pull(timeout):
                return None

    def __iter__(self) -> Iterator[WatchEvent]:
        while (event := self.next()) is not None:
            yield event

    @property
    def running(self) -> bool:
        """False once it was stopped and every event was pulled."""
        return not self._ended

    def stop(self) -> None:
        """Ends the watching, also in the middle of a file; what was finished is kept. Harmless a second time."""
        if os.getpid() != self._process:
            # A child made by fork has nothing of its parent's watch.
            self._ended = True
            return
        _native.watch_stop(self._handle)
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def __enter__(self) -> Watch:  # noqa: PYI034
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Watch {'running' if self.running else 'ended'}>"

    def _pull(self, timeout: float | None) -> bool:
        """Waits for events; false when none came."""
        wait = -1 if timeout is None else max(0, round(timeout * 1000))
        # Only the main thread runs signal handlers, so that only there the wait must be interrupted for them.
        notices = threading.current_thread() is threading.main_thread()
        text = _native.events_next(self._handle, wait, notices)
        messages.deliver()
        if text is None:
            self._ended = True
            return False
        events = [WatchEvent(values) for values in loads(text)]
        self._waiting.extend(events)
        return bool(events)

    def _take(self) -> list[WatchEvent]:
        """Waits for events and gives all that came; nothing when the watch has ended."""
        while not self._waiting and not self._ended:
            self._pull(None)
        events = [*self._waiting]
        self._waiting.clear()
        return events

    def _deliver(self, on_event: Callable[[WatchEvent], object]) -> None:
        while not self._ended:
            self._pull(None)
            while self._waiting:
                event = self._waiting.popleft()
                try:
                    on_event(event)
                except Exception:
                    import logging

                    logging.getLogger("modelshelf").exception("on_event failed for %r", event)
