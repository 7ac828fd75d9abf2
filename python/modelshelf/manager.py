"""One shelf for each database and process."""

from __future__ import annotations

import atexit
import os
import threading

from . import _native, certificates, messages
from .shelf import Shelf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._typing import AnyPath

_lock = threading.RLock()
_shelves: dict[str, Shelf] = {}
#: The database of each home that was asked for.
_keys: dict[str, str] = {}


def get_manager(models_dir: AnyPath | None = None, *, db: AnyPath | None = None) -> Shelf:
    """The shelf of a database, the same object each time in a process.

    ``models_dir`` is where relative names are looked for after the current folder: ``$MODELSHELF_MODELS``, else
    ``./models``; a later call with another one moves it. ``db`` names a database other than
    ``$MODELSHELF_HOME/modelshelf.db``. A child made by ``fork`` gets a shelf of its own.
    """
    folder = None if models_dir is None else os.path.abspath(os.fsdecode(models_dir))
    key = _key(db)
    with _lock:
        shelf = _shelves.get(key)
        if shelf is None:
            certificates.ensure()
            handle = _native.open(_default_database() if db is None else db, None)
            shelf = _shelves[key] = Shelf(handle, folder or _default_folder(), _forget)
        elif folder is not None and folder != shelf.models_dir:
            import logging

            logging.getLogger("modelshelf").info("relative names are now below %s", folder)
            shelf.models_dir = folder
        return shelf


def _key(db: AnyPath | None) -> str:
    if db is None:
        db = _default_database()
    if db is not None:
        return os.path.realpath(os.fsdecode(db))
    # The home may change within a process: tests and notebooks set it before the first use.
    home = os.environ.get("MODELSHELF_HOME")
    if not home:
        data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
        home = os.path.join(data, "modelshelf")
    key = _keys.get(home)
    if key is None:
        key = os.path.realpath(os.path.join(home, "modelshelf.db"))
        # What links mean is asked once: this is on the way of every call of the drop-in modules.
        if os.path.isabs(home):
            _keys[home] = key
    return key


def _default_database() -> AnyPath | None:
    # Inside ``modelshelf --db PATH python`` the program says which.
    path: AnyPath | None = getattr(_native, "default_database", None)
    return path


def _default_folder() -> str:
    return os.path.abspath(os.environ.get("MODELSHELF_MODELS") or "models")


def _forget(shelf: Shelf) -> None:
    with _lock:
        for key, each in list(_shelves.items()):
            if each is shelf:
                del _shelves[key]


def _close_all() -> None:
    for shelf in list(_shelves.values()):
        shelf.close()


def _after_fork() -> None:
    # The lock may be held by a thread that the child does not have, and handles of the parent are worth nothing.
    global _lock
    _lock = threading.RLock()
    _shelves.clear()
    messages.forget()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
