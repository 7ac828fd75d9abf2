"""Work on threads of its own that ends with the interpreter: what still waits for the network then is cancelled."""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from weakref import WeakSet

from .._native import Cancel

logger = logging.getLogger(__name__)

#: How long the end of the interpreter waits for threads whose calls were cancelled (seconds).
_PATIENCE = 2.0


_local = threading.local()


def token() -> Cancel | None:
    """What stops the calls of this thread, if it is one of ours."""
    found: Cancel | None = getattr(_local, "cancel", None)
    return found


class Task:
    """One piece of work on one thread; made by ``start()``."""

    def __init__(self, work: Callable[[Cancel], None], name: str) -> None:
        self.cancel = Cancel()
        self._work = work
        # A daemon: the interpreter would wait for any other before it runs what cancels the work.
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def join(self, timeout: float | None = None) -> bool:
        """Waits for the end; false when it did not come in time."""
        if self.thread is not threading.current_thread():
            self.thread.join(timeout)
        return not self.thread.is_alive()

    def _run(self) -> None:
        _local.cancel = self.cancel
        try:
            self._work(self.cancel)
        except Exception:
            logger.exception("%s failed", self.thread.name)


_tasks: WeakSet[Task] = WeakSet()


def start(work: Callable[[Cancel], None], name: str) -> Task:
    """Runs ``work`` on a thread of its own; it gets a token for the calls that it makes."""
    task = Task(work, name)
    _tasks.add(task)
    task.thread.start()
    return task


def _end() -> None:
    tasks = list(_tasks)
    for task in tasks:
        task.cancel.cancel()
    for task in tasks:
        task.join(_PATIENCE)


def _after_fork() -> None:
    # The threads are the parent's.
    _tasks.clear()


atexit.register(_end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
