"""Messages of the native core, handed to ``logging`` under the name ``modelshelf``."""

from __future__ import annotations

import sys

from . import _native

_listening: int | None = None
#: Levels of the native core as logging counts them.
_LEVELS = (10, 20, 30, 40)


def begin() -> None:
    """Asks the core for the messages that somebody will read; before a long call."""
    global _listening
    # A program that never imported logging reads none.
    logging = sys.modules.get("logging")
    wanted = -1
    if logging is not None:
        enabled = logging.getLogger("modelshelf").isEnabledFor
        wanted = next((index for index, level in enumerate(_LEVELS) if enabled(level)), -1)
    if wanted != _listening:
        _native.log_listen(wanted)
        _listening = wanted


def deliver() -> None:
    """Hands over what has come; after a call, on its thread."""
    if _listening is None or _listening < 0:
        return
    logger = sys.modules["logging"].getLogger("modelshelf")
    while (message := _native.log_next()) is not None:
        logger.log(_LEVELS[min(message[0], 3)], "%s", message[1])


def forget() -> None:
    """In a child of fork the core listens for nobody."""
    global _listening
    _listening = None
