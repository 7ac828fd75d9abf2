"""Giving the server the models folder that the launcher was told, whatever its start program has for a default."""

from __future__ import annotations

import functools
import inspect

from .hooks import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any


def rooted(storage: ModuleType | None, root: str) -> Callable[[], None]:
    """Makes every ``ModelStorage`` that is made from now on one of ``root``; gives what ends that."""
    kind = getattr(storage, "ModelStorage", None)
    original = getattr(kind, "__init__", None)
    if not isinstance(kind, type) or not inspect.isfunction(original):
        log.warning("the server has no ModelStorage; its models folder stays as it is")
        return lambda: None
    signature = inspect.signature(original)
    names = [each for each in signature.parameters][1:]
    # The folder is what is called so, else the first thing that a storage is made of.
    folder = next((each for each in names if each in ("path", "root", "models", "folder", "models_dir")), None)
    folder = folder or (names[0] if names else None)

    @functools.wraps(original)
    def made(self: Any, *args: Any, **options: Any) -> None:
        try:
            bound = signature.bind(self, *args, **options)
            if folder is not None:
                bound.arguments[folder] = root
            args, options = bound.args[1:], bound.kwargs
        except TypeError:
            pass  # The host says itself what is wrong with its call.
        original(self, *args, **options)

    kind.__init__ = made  # type: ignore[misc]

    def restore() -> None:
        if kind.__init__ is made:  # type: ignore[misc]
            kind.__init__ = original  # type: ignore[misc]

    return restore
