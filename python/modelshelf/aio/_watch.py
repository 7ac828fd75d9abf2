"""Events of watched folders as an async iterator."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque

from ._call import Call, run
from ..threads import SHORT, Pool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator
    from types import TracebackType
    from typing import Any

    from .. import watch as blocking
    from ..watch import WatchEvent


class Watch:
    """Folders that are being watched; made by ``Shelf.watch()``.

    The watching begins with ``async for``, ``async with`` or ``await``, and ends with ``await stop()``, at the end of
    the ``async with``, or with the shelf.
    """

    def __init__(
        self, start: Callable[[], blocking.Watch], on_event: Callable[[WatchEvent], object] | None
    ) -> None:
        self._start = start
        self._on_event = on_event
        self._inner: blocking.Watch | None = None
        self._starting: asyncio.Task[blocking.Watch] | None = None
        self._events: deque[WatchEvent] = deque()
        self._pulling: asyncio.Task[None] | None = None
        self._delivering: asyncio.Task[None] | None = None
        # Waiting for events may last for days, so that it has a thread of its own.
        self._pool = Pool(1, "modelshelf-aio-watch")

    async def start(self) -> Watch:
        """Begins to watch; harmless a second time."""
        if self._inner is None:
            if self._starting is None or self._starting.cancelled():
                self._starting = asyncio.ensure_future(Call(False, None).run(SHORT, self._start))
            # A watch that has begun is not lost when one of several who wait for it is cancelled.
            self._inner = await asyncio.shield(self._starting)
        if self._on_event is not None and self._delivering is None:
            self._delivering = asyncio.ensure_future(self._deliver(self._on_event))
        return self

    async def next(self, timeout: float | None = None) -> WatchEvent | None:
        """The next event, waiting up to ``timeout`` seconds (for ever without it).

        ``None`` when none came in time, or when the watch has ended. Cancelled, it loses no event.
        """
        if self._on_event is not None:
            raise ValueError("the events of this watch go to on_event")
        await self.start()
        return await self._next(timeout)

    async def _next(self, timeout: float | None) -> WatchEvent | None:
        loop = asyncio.get_running_loop()
        end = None if timeout is None else loop.time() + timeout
        while True:
            try:
                return self._events.popleft()
            except IndexError:
                pass
            if self._pulling is not None and (self._pulling.cancelled() or self._pulling.get_loop() is not loop):
                # It went with its loop; its thread waits on, and the next pull has what comes to it.
                self._pulling = None
            if not self.running and self._pulling is None:
                return None
            if self._pulling is None:
                self._pulling = asyncio.ensure_future(self._pull())
            pulling = self._pulling
            left = None if end is None else max(0.0, end - loop.time())
            await asyncio.wait([pulling], timeout=left)
            if not pulling.done():
                return None
            if self._pulling is pulling:
                self._pulling = None
            pulling.result()

    async def _pull(self) -> None:
        """Waits on the watch's own thread for what comes next.

        Only the end of its loop cancels it, which must not wait for an event; the thread keeps what comes.
        """
        await Call(False, None).run(self._pool, self._take, abandon=True)

    def _take(self) -> None:
        """On the watch's thread."""
        if self._inner is not None and not self._events:
            self._events.extend(self._inner._take())

    async def _deliver(self, on_event: Callable[[WatchEvent], object]) -> None:
        while (event := await self._next(None)) is not None:
            try:
                answer = on_event(event)
                if inspect.isawaitable(answer):
                    await answer
            except Exception:
                logging.getLogger("modelshelf").exception("on_event failed for %r", event)

    @property
    def running(self) -> bool:
        """False once it was stopped and every event was taken."""
        return self._inner is None or self._inner.running or bool(self._events)

    async def stop(self) -> None:
        """Ends the watching, also in the middle of a file; what was finished is kept. Harmless a second time."""
        if self._starting is not None and self._inner is None:
            self._inner = await asyncio.shield(self._starting)
        if self._inner is not None:
            await run(self._inner.stop)
        delivering = self._delivering
        if delivering is not None and delivering is not asyncio.current_task():
            await asyncio.wait([delivering])

    async def _until_ended(self) -> AsyncIterator[WatchEvent]:
        while (event := await self.next()) is not None:
            yield event

    def __aiter__(self) -> AsyncIterator[WatchEvent]:
        return self._until_ended()

    def __await__(self) -> Generator[Any, None, Watch]:
        return self.start().__await__()

    async def __aenter__(self) -> Watch:  # noqa: PYI034
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def __repr__(self) -> str:
        return f"<aio.Watch {'running' if self.running else 'ended'}>"
