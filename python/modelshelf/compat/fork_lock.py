"""A lock for what lives on in a child made by ``fork``."""

from __future__ import annotations

import os
import threading
from weakref import WeakSet


class ForkLock:
    """For ``with``, any number of times on one thread. Free in a child: a thread that the child lacks may hold ours."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        _locks.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def renew(self) -> None:
        """Forgets who holds it."""
        self._lock = threading.RLock()


_locks: WeakSet[ForkLock] = WeakSet()


def _after_fork() -> None:
    for lock in list(_locks):
        lock.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
