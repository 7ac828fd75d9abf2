"""Replacing functions of the host so that it never notices a failure of ours, and putting them back."""

from __future__ import annotations

import functools
import logging
from types import FunctionType
from weakref import WeakKeyDictionary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

log = logging.getLogger("modelshelf.plugin")
_MISSING = object()
#: Functions that were put in the place of others: whose they are, and what was there.
_ours: WeakKeyDictionary[Any, tuple[Hooks, Any]] = WeakKeyDictionary()


class Hooks:
    """What was replaced, in order."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        #: False once taken off: who kept a replaced function calls the original through it.
        self.active = True

    def replace(self, owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> bool:
        """Puts ``make(original)`` in the place of a function of a class, module or object; false if it has none."""
        original = getattr(owner, name, None)
        if not callable(original):
            log.warning("%r has no %s: that part of the plugin is off", owner, name)
            return False
        own = vars(owner).get(name, _MISSING)
        ours = make(original)

        @functools.wraps(original)
        def replaced(*args: Any, **options: Any) -> Any:
            return (ours if self.active else original)(*args, **options)

        _ours[replaced] = (self, own)
        setattr(owner, name, replaced)

        def undo() -> None:
            # Somebody may have put theirs over ours; then ours stays, and does nothing.
            if vars(owner).get(name, _MISSING) is replaced:
                before = _under(own)
                if before is _MISSING:
                    delattr(owner, name)
                else:
                    setattr(owner, name, before)

        self._undo.append(undo)
        return True

    def on_end(self, undo: Callable[[], None]) -> None:
        self._undo.append(undo)

    def restore(self) -> None:
        """Puts everything back, the last first. Harmless a second time."""
        self.active = False
        while self._undo:
            undo = self._undo.pop()
            try:
                undo()
            except Exception:
                log.exception("something of the plugin could not be taken off")


def _under(function: Any) -> Any:
    """What was there before hooks of ours that were taken off while others lay over them."""
    while isinstance(function, FunctionType) and function in _ours:
        hooks, own = _ours[function]
        if hooks.active:
            break
        function = own
    return function


def attempt(work: Callable[..., Any], *args: Any) -> Any:
    """What ``work`` gives, or None when it fails; that is logged and nothing more."""
    try:
        return work(*args)
    except Exception:
        log.exception("the plugin failed; the server goes on without it")
        return None
