"""Signals as Qt has them, without Qt."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from .fork_lock import ForkLock

logger = logging.getLogger(__name__)


class Signal:
    """Calls every connected function, in order, on the thread that emits."""

    def __init__(self, name: str = "signal") -> None:
        self.name = name
        self._lock = ForkLock()
        self._functions: list[Callable[..., object]] = []

    def connect(self, function: Callable[..., object]) -> None:
        """A function that is connected twice is called twice."""
        if not callable(function):
            raise TypeError(f"{function!r} cannot be called")
        with self._lock:
            self._functions.append(function)

    def disconnect(self, function: Callable[..., object] | None = None) -> None:
        """Takes a function off, without one all of them; harmless when it is not connected."""
        with self._lock:
            if function is None:
                self._functions.clear()
            elif function in self._functions:
                self._functions.remove(function)

    def emit(self, *values: Any) -> None:
        """An exception in a function is logged, and the others are still called."""
        with self._lock:
            functions = list(self._functions)
        for function in functions:
            try:
                function(*values)
            except Exception:
                logger.exception("a function of %s failed", self.name)

    def __repr__(self) -> str:
        return f"<Signal {self.name}>"
