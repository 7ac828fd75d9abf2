"""Putting the thin modules into a server's folder, and taking them away again.

What stands at a name is moved, never opened for writing: a link stays a link, and nothing outside of the folder is
touched. Only modules right in the folder are meant, not those of the same names deeper in it.
"""

from __future__ import annotations

import os
import secrets
import stat
import time

from . import thin_module
from .thin_module import NAMES

ORIGINAL = ".orig"
#: No thin module is nearly as long.
_LONGEST = 1 << 20


class Refused(Exception):
    """The folder cannot be used as it is; says why."""


def install(folder: str) -> list[str]:
    """Puts the modules there, and says what was done. Safe to repeat. What fails is undone."""
    folder = _folder(folder)
    for name in NAMES:
        place = os.path.join(folder, name)
        if os.path.isdir(place) and not os.path.islink(place) and os.path.exists(os.path.join(place, "__init__.py")):
            raise Refused(f"{place} is a package, which Python would take in place of a module; move it away")
        if os.path.isdir(place + ".py") and not os.path.islink(place + ".py"):
            raise Refused(f"{place}.py is a folder; move it away")
    said: list[str] = []
    done: list[tuple[str, str | None]] = []
    try:
        for name in NAMES:
            said.append(_install_one(folder, name, done))
    except OSError:
        for target, kept in reversed(done):
            os.unlink(target)
            if kept is not None:
                os.rename(os.path.join(folder, kept), target)
        raise
    for target, kept in done:
        if kept is not None:
            _keep_bytecode(folder, os.path.basename(target).removesuffix(".py"))
    _sync(folder)
    return said


def uninstall(folder: str, keep_edits_in: str) -> list[str]:
    """Takes the modules away and puts back what they replaced; says what was done. Safe to repeat.

    A module that was edited goes to ``keep_edits_in``.
    """
    folder = _folder(folder)
    said = [_uninstall_one(folder, name, keep_edits_in) for name in NAMES]
    _sync(folder)
    return [text for text in said if text]


def _install_one(folder: str, name: str, done: list[tuple[str, str | None]]) -> str:
    target = os.path.join(folder, name + ".py")
    data = _read(target)
    there = thin_module.read(data) if data is not None else None
    if there is not None and there.edited:
        return f"{name}.py: left as it was edited"
    if there is not None:
        text = thin_module.text_of(name, there.kept)
        if data == text:
            return f"{name}.py: is there"
        _write(target, text)
        return f"{name}.py: renewed"
    kept = None
    if os.path.lexists(target):
        kept = _free_name(folder, name + ".py" + ORIGINAL)
        os.rename(target, os.path.join(folder, kept))
        done.append((target, kept))
        # Should this fail, the module that was there is put back first.
        try:
            _write(target, thin_module.text_of(name, kept))
        except OSError:
            done.pop()
            os.rename(os.path.join(folder, kept), target)
            raise
        return f"{name}.py: installed; what was there is {kept}"
    _write(target, thin_module.text_of(name, None))
    done.append((target, None))
    return f"{name}.py: installed"


def _uninstall_one(folder: str, name: str, keep_edits_in: str) -> str | None:
    target = os.path.join(folder, name + ".py")
    original = name + ".py" + ORIGINAL
    data = _read(target)
    there = thin_module.read(data) if data is not None else None
    if there is None:
        if os.path.lexists(os.path.join(folder, original)):
            if os.path.lexists(target):
                return f"{name}.py: is not ours any more; {original} is left beside it"
            # Somebody took the thin module away by hand.
            os.rename(os.path.join(folder, original), target)
            return f"{name}.py: put back"
        return None
    said = f"{name}.py: taken away"
    if there.edited and data is not None:
        said += f"; your edited one is {_keep(keep_edits_in, name, data)}"
    _forget_bytecode(folder, name, target)
    _put_bytecode_back(folder, name)
    source = os.path.join(folder, os.path.basename(there.kept)) if there.kept else None
    if source is not None and os.path.lexists(source):
        os.rename(source, target)
        return said.replace("taken away", "put back")
    os.unlink(target)
    if source is not None:
        said += f"; {there.kept} is gone, so that nothing could be put back"
    return said


def _folder(folder: str) -> str:
    place = os.path.realpath(folder)
    if not os.path.isdir(place):
        raise Refused(f"{folder} is no folder")
    return place


def _read(path: str) -> bytes | None:
    """The bytes of a regular file; ``None`` for anything else, links too."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return file.read(_LONGEST)


def _write(path: str, data: bytes) -> None:
    """The file is there whole or not at all; a link at that name is replaced, not followed."""
    folder, name = os.path.split(path)
    fresh = os.path.join(folder, f".{name}.{secrets.token_hex(6)}.part")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.rename(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise


def _free_name(folder: str, wanted: str) -> str:
    name, number = wanted, 1
    while os.path.lexists(os.path.join(folder, name)):
        number += 1
        name = f"{wanted}-{number}"
    return name


def _keep(folder: str, name: str, data: bytes) -> str:
    os.makedirs(folder, exist_ok=True)
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = os.path.join(folder, _free_name(folder, f"{name}.{stamp}.py"))
    _write(path, data)
    return path


def _forget_bytecode(folder: str, name: str, target: str) -> None:
    """Removes what Python compiled from the thin module, and the folder for it when nothing else is in it."""
    cache = os.path.join(folder, "__pycache__")
    try:
        if os.path.islink(cache):
            return
        source = os.stat(target)
        # https://peps.python.org/pep-0552/: flags 0, then time and size of the source.
        stamp = (int(source.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little") + source.st_size.to_bytes(4, "little")
        removed = False
        for entry in _bytecode_of(cache, name, ".pyc"):
            data = _read(os.path.join(cache, entry)) or b""
            if data[4:8] == bytes(4) and data[8:16] == stamp:
                os.unlink(os.path.join(cache, entry))
                removed = True
        if removed and not os.listdir(cache):
            os.rmdir(cache)
    except OSError:
        return


def _keep_bytecode(folder: str, name: str) -> None:
    """What Python compiled from the module that was there, which it would overwrite with ours."""
    cache = os.path.join(folder, "__pycache__")
    try:
        for entry in _bytecode_of(cache, name, ".pyc"):
            os.rename(os.path.join(cache, entry), os.path.join(cache, entry + ORIGINAL))
    except OSError:
        return


def _put_bytecode_back(folder: str, name: str) -> None:
    cache = os.path.join(folder, "__pycache__")
    try:
        for entry in _bytecode_of(cache, name, ".pyc" + ORIGINAL):
            os.rename(os.path.join(cache, entry), os.path.join(cache, entry.removesuffix(ORIGINAL)))
    except OSError:
        return


def _bytecode_of(cache: str, name: str, ending: str) -> list[str]:
    if os.path.islink(cache) or not os.path.isdir(cache):
        return []
    return [each for each in os.listdir(cache) if each.startswith(name + ".") and each.endswith(ending)]


def _sync(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        pass
    finally:
        os.close(descriptor)
