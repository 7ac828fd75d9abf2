"""The handlers of ``modelshelf watch --exec FILE``: functions of the user's file that are named after events.

``on_added(model)``, ``on_identified(model)`` and their like are called with the ``Model``, or ``None`` when there is no
record; one that takes two arguments gets the ``WatchEvent`` as well. A coroutine function is run to its end.
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import sys
import traceback
from types import ModuleType

from .watch import WatchEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

EVENTS = ("added", "changed", "moved", "removed", "identified", "failed")
#: How long is waited for events before signals are looked at (milliseconds).
_SLICE = 50
_INTERRUPTED = 130


def run(path: str, next_events: Callable[[int], str | None], quiet_output: bool = False) -> int:
    """Calls the handlers until there are no more events or a signal comes; gives an exit status.

    ``next_events(milliseconds)`` gives a JSON array, or ``None`` at the end.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if quiet_output:
        # Standard output holds one JSON document for each event and nothing else.
        sys.stdout = sys.stderr
    try:
        handlers = load(path)
        while (text := next_events(_SLICE)) is not None:
            for values in json.loads(text):
                handler = handlers.get(values["event"])
                if handler is not None:
                    _call(handler, WatchEvent(values))
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def load(path: str) -> dict[str, Callable[[WatchEvent], object]]:
    """The handlers that a file defines, by event. What goes wrong in it is its own exception."""
    # A name of its own: the file may be called as a module of the standard library is.
    module = ModuleType("modelshelf_handlers")
    module.__file__ = path
    sys.modules[module.__name__] = module
    sys.path.insert(0, os.path.dirname(path))
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    exec(code, module.__dict__)
    handlers = {event: _adapted(getattr(module, f"on_{event}", None)) for event in EVENTS}
    found = {event: handler for event, handler in handlers.items() if handler is not None}
    if not found:
        wanted = " ".join(f"on_{event}" for event in EVENTS)
        print(f"modelshelf: warning: {path} defines none of {wanted}", file=sys.stderr, flush=True)
    return found


def _adapted(function: Any) -> Callable[[WatchEvent], object] | None:
    if not callable(function):
        return None
    try:
        inspect.signature(function).bind(None, None)
    except (TypeError, ValueError):
        return lambda event: function(event.model)
    return lambda event: function(event.model, event)


def _call(handler: Callable[[WatchEvent], object], event: WatchEvent) -> None:
    try:
        answer = handler(event)
        if inspect.iscoroutine(answer):
            import asyncio

            asyncio.run(answer)
    except Exception as error:
        # Without the frames of this file: what is left is the user's own.
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
            trace = trace.tb_next
        traceback.print_exception(type(error), error, trace)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
