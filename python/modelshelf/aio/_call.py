"""A blocking call as something to await: cancellable, with progress told on the loop."""

from __future__ import annotations

import asyncio
import functools
import inspect
from typing import Concatenate, ParamSpec, TypeVar

from .. import _native
from ..errors import Cancelled
from ..progress import Progress
from .. import threads as _pool

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from typing import Any

#: How often a caller's token is looked at (seconds).
TURN = 0.05

P = ParamSpec("P")
R = TypeVar("R")
Self = TypeVar("Self")
Inner = TypeVar("Inner")


class Call:
    """One call on a thread of the pool.

    A cancelled task stops its own call only: the token that the caller gave may serve other calls too. So each call
    has a token of its own, and the caller's is looked at now and then.
    """

    def __init__(self, progress: object, cancel: _native.Cancel | None) -> None:
        self.loop = asyncio.get_running_loop()
        self.token = _native.Cancel()
        self._callers = cancel
        self._bar: Any = None
        self._tell: Callable[[Progress], object] | None = None
        self._telling: asyncio.Task[object] | None = None
        self._error: BaseException | None = None
        if progress is True:
            from ..bars import new_bar

            self._bar = new_bar()
            self._tell = self._bar.update
        elif callable(progress):
            self._tell = progress
        elif progress is not False and progress is not None:
            raise TypeError("progress must be True, False or a function")

    def stop(self) -> None:
        """Ends the call soon. From any thread."""
        self.token.cancel()

    def report(self, progress: Progress) -> None:
        """The progress function of the call, on its thread."""
        self._check()
        if self._tell is not None:
            self.loop.call_soon_threadsafe(self._show, progress)

    def _check(self) -> None:
        if self.token.cancelled:
            raise Cancelled("cancelled")

    def _show(self, progress: Progress) -> None:
        if self._error is not None or self._tell is None:
            return
        # A coroutine that takes longer than a tenth of a second misses what comes meanwhile.
        if self._telling is not None and not self._telling.done():
            return
        try:
            answer = self._tell(progress)
            if inspect.isawaitable(answer):
                self._telling = asyncio.ensure_future(_awaited(answer))
                self._telling.add_done_callback(self._told)
        except BaseException as error:
            self._fail(error)

    def _told(self, task: asyncio.Task[object]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._error = error
        self.stop()

    async def run(self, pool: _pool.Pool, job: Callable[[], R], abandon: bool = False) -> R:
        """Runs ``job``; when the task is cancelled, stops it, waits for its end and raises ``CancelledError``.

        ``abandon`` does not wait: for calls that cannot be stopped and change nothing.
        """
        future: asyncio.Future[R] = self.loop.create_future()

        def work() -> None:
            try:
                if self._callers is not None and self._callers.cancelled:
                    self.token.cancel()
                self._check()
                outcome: Any = job()
                failure = None
            except BaseException as error:
                outcome, failure = None, error
            try:
                self.loop.call_soon_threadsafe(_settle, future, outcome, failure)
            except RuntimeError:
                pass  # The loop is closed: nobody waits any more.

        _pool.stops.add(self.stop)
        try:
            pool.submit(work)
            return await self._outcome(future, abandon)
        finally:
            _pool.stops.discard(self.stop)
            if self._bar is not None:
                self._bar.close()

    async def _outcome(self, future: asyncio.Future[R], abandon: bool) -> R:
        cancelled: asyncio.CancelledError | None = None
        while not future.done():
            try:
                await asyncio.wait([future], timeout=None if self._callers is None else TURN)
            except asyncio.CancelledError as error:
                cancelled = error
                self.stop()
                if abandon:
                    raise
            if self._callers is not None and self._callers.cancelled:
                self.stop()
        # The last word on progress is said before the result is there.
        if self._telling is not None and cancelled is None and not self._telling.done():
            try:
                await asyncio.wait([self._telling])
            except asyncio.CancelledError as error:
                cancelled = error
        if self._telling is not None and not self._telling.done():
            self._telling.cancel()
        if cancelled is not None:
            raise cancelled
        if self._error is not None:
            raise self._error
        return future.result()


def _settle(future: asyncio.Future[R], outcome: R, failure: BaseException | None) -> None:
    if future.done():
        return
    if failure is None:
        future.set_result(outcome)
    elif isinstance(failure, StopIteration):
        # A future refuses it.
        future.set_exception(RuntimeError(repr(failure)))
    else:
        future.set_exception(failure)
    # An abandoned call's error is nobody's.
    future.exception()


async def _awaited(answer: Awaitable[object]) -> object:
    return await answer


async def run(function: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
    """Awaits a call of the blocking API; its ``progress=`` and ``cancel=`` work as there."""
    parameters = inspect.signature(function).parameters
    stoppable = "cancel" in parameters
    call = Call(options.pop("progress", False), options.pop("cancel", None))  # type: ignore[arg-type]
    if stoppable:
        options["cancel"] = call.token
    if "progress" in parameters:
        options["progress"] = call.report
    job = functools.partial(function, *args, **options)
    return await call.run(_pool.LONG if stoppable else _pool.SHORT, job)


async def run_abandonable(function: Callable[P, R], /, *args: P.args, **options: P.kwargs) -> R:
    """Awaits a call that cannot be stopped, and that may be left to itself."""
    call = Call(False, None)
    return await call.run(_pool.LONG, functools.partial(function, *args, **options), abandon=True)


def awaitable(
    function: Callable[Concatenate[Inner, P], R],
) -> Callable[Concatenate[Self, P], Coroutine[Any, Any, R]]:
    """A method of the blocking class as a method to await, with the same arguments; ``_inner`` is the blocking one."""

    @functools.wraps(function)
    async def method(self: Any, /, *args: P.args, **options: P.kwargs) -> R:
        return await run(getattr(self._inner, function.__name__), *args, **options)

    return method
