"""JSON files that other programs read: written in one step, changed by one process at a time."""

from __future__ import annotations

import json
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

try:
    import fcntl
except ImportError:  # no POSIX
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

_UNFINISHED = ".part"
#: No writer takes so long (seconds).
_ABANDONED = 60.0


def now() -> str:
    """The time as ISO 8601."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def write_json(path: str, value: Any) -> None:
    """UTF-8, indented by 2, other scripts as they are. The file is the old or the new one at any moment, whole."""
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        # Names of files that are not UTF-8.
        data = json.dumps(value, indent=2).encode()
    prefix = f".{os.path.basename(path)}."
    _sweep(folder, prefix)
    descriptor, fresh = tempfile.mkstemp(prefix=prefix, suffix=_UNFINISHED, dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), _mode(path))
            os.fsync(file.fileno())
        os.replace(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise
    _sync(folder)


def read_json(path: str) -> Any:
    """The value in a file; raises ``OSError`` or ``ValueError``."""
    with open(path, encoding="utf-8-sig") as file:
        try:
            return json.load(file)
        except RecursionError:
            raise ValueError("too deeply nested") from None


def set_aside(path: str) -> str:
    """Keeps a damaged file as ``.corrupt`` beside it; gives its new name."""
    target = path + ".corrupt"
    number = 1
    while os.path.lexists(target):
        number += 1
        target = f"{path}.corrupt-{number}"
    os.rename(path, target)
    return target


@contextmanager
def locked_folder(folder: str) -> Iterator[None]:
    """Keeps other threads and processes that ask for it out of a folder; no file is left behind."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if fcntl is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            except OSError as problem:
                logger.debug("%s cannot be locked: %s", folder, problem)
        yield
    finally:
        try:
            if fcntl is not None:
                # A child made by fork has the descriptor too, and closing ours alone would leave the lock with it.
                fcntl.flock(descriptor, fcntl.LOCK_UN)
        except OSError as problem:
            logger.debug("%s cannot be unlocked: %s", folder, problem)
        finally:
            os.close(descriptor)


def _sweep(folder: str, prefix: str) -> None:
    """Removes what processes left that were killed while they wrote."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(prefix) and entry.name.endswith(_UNFINISHED):
                try:
                    if time.time() - entry.stat(follow_symlinks=False).st_mtime > _ABANDONED:
                        os.unlink(entry.path)
                except OSError as problem:
                    logger.debug("%s stays: %s", entry.path, problem)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o777
    except OSError:
        mask = os.umask(0o022)
        os.umask(mask)
        return 0o666 & ~mask


def _sync(folder: str) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
