"""Threads of our own for long calls, so that no event loop, executor or server thread waits for us."""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
import time
from contextvars import copy_context

# What is registered first is run last: shelves are closed when nothing uses them any more.
from . import manager as _manager  # noqa: F401

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Idle threads end after so many seconds.
IDLE = 5.0
#: At the end of the interpreter, running calls are waited for at most this long (seconds).
PATIENCE = 10.0


class Pool:
    """At most ``size`` threads, made when they are wanted; more work waits in order.

    They are daemons, because the interpreter would wait for others before it runs what stops the calls.
    """

    def __init__(self, size: int, name: str) -> None:
        self._size = size
        self._name = name
        self._renew()

    def _renew(self) -> None:
        self._lock = threading.Lock()
        self._work: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._free = 0
        self._waiting = 0

    def submit(self, job: Callable[[], object]) -> None:
        """Runs it on a thread, in the context of the caller; what it raises is logged."""
        context = copy_context()
        with self._lock:
            self._work.put(lambda: context.run(job))
            self._waiting += 1
            if self._waiting > self._free and len(self._threads) < self._size:
                thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._threads.add(thread)
                self._free += 1
                thread.start()

    def _run(self) -> None:
        while True:
            try:
                job = self._work.get(timeout=IDLE)
            except queue.Empty:
                with self._lock:
                    # Work may have come between the end of the wait and here.
                    if self._waiting == 0:
                        self._free -= 1
                        self._threads.discard(threading.current_thread())
                        return
                continue
            with self._lock:
                self._waiting -= 1
                self._free -= 1
            try:
                job()
            except Exception:
                logging.getLogger("modelshelf").exception("a call in the background failed")
            finally:
                # The next wait may be long; nothing of this call is to live as long.
                del job
                with self._lock:
                    self._free += 1

    def settle(self, seconds: float) -> None:
        """Waits until nothing runs."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self._lock:
                if self._free == len(self._threads) and self._waiting == 0:
                    return
            time.sleep(0.005)


#: Of ``modelshelf.aio``. Scans, hashes, downloads, questions to the service: each may take minutes.
LONG = Pool(8, "modelshelf-aio-long")
#: Reading and writing records; not behind the long ones.
SHORT = Pool(4, "modelshelf-aio")

#: What stops the calls that run now.
stops: set[Callable[[], Any]] = set()


def _stop_all() -> None:
    for stop in list(stops):
        stop()
    LONG.settle(PATIENCE)
    SHORT.settle(PATIENCE)


def _after_fork() -> None:
    # A child has none of its parent's threads.
    LONG._renew()
    SHORT._renew()
    stops.clear()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
