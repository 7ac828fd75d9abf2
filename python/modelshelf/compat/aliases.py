"""The drop-in modules under the names that servers import, in this process."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from .thin_module import NAMES

logger = logging.getLogger(__name__)

_PACKAGE = __name__.rpartition(".")[0]
_QT = re.compile(rb"^\s*(?:from|import)\s+(?:PyQt|PySide)\d", re.MULTILINE)


class _Aliases:
    """Finds the names before any folder does; each is loaded when it is first imported.

    A finder and a loader by its methods: ``importlib.abc`` costs more to import than all the rest.
    """

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in NAMES or path is not None or _is_for_qt(fullname):
            return None
        return ModuleSpec(fullname, self, origin=f"{_PACKAGE}.{fullname}")  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(f"{_PACKAGE}.{spec.name}")
        # The import system is about to write the alias into the module.
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        spec = module.__spec__
        if spec is not None and isinstance(spec.loader_state, ModuleSpec):
            module.__spec__ = spec.loader_state


#: Gives the modules by name; :func:`install` puts it before all others.
finder = _Aliases()


def install() -> None:
    """Makes ``import civitai_integration`` and its like give the drop-in modules. Harmless a second time.

    Call it before the server's imports: names that were imported before keep what they were bound to.
    """
    if finder in sys.meta_path:
        return
    for name in NAMES:
        module = sys.modules.get(name)
        if module is not None and not _is_ours(module) and not _is_for_qt(name):
            logger.warning("%s was imported before; who has it keeps the old one", name)
            del sys.modules[name]
    sys.meta_path.insert(0, finder)


def uninstall() -> None:
    """Ends that. Harmless without it."""
    if finder in sys.meta_path:
        sys.meta_path.remove(finder)
    for name in NAMES:
        if _is_ours(sys.modules.get(name)):
            del sys.modules[name]


def _is_ours(module: ModuleType | None) -> bool:
    return module is not None and (module.__name__ or "").startswith(_PACKAGE + ".")


def _is_for_qt(name: str) -> bool:
    """Whether a file of that name on the path is part of the server's desktop program, which needs its own."""
    if name != "model_manager":
        return False
    try:
        spec = PathFinder.find_spec(name)
        if spec is None or not spec.origin:
            return False
        with open(spec.origin, "rb") as file:
            return _QT.search(file.read(1 << 20)) is not None
    except (ImportError, OSError, ValueError):
        return False
