"""Finding a model by the name that a server has for it: ``x``, ``SD/x``, ``SD\\x.safetensors``."""

from __future__ import annotations

import os
import time
from typing import NamedTuple

from .fork_lock import ForkLock
from .model_files import MODEL_EXTENSIONS, TYPE_FOLDERS, is_model_file, model_stem

#: A folder that changed so short a time before it was listed may change again without another time (nanoseconds).
_UNSETTLED = 2_000_000_000
_DEEPEST = 16


class _Listing(NamedTuple):
    changed: int
    listed: int
    files: tuple[str, ...]
    folders: tuple[str, ...]


class NameIndex:
    """The files below a folder. What is known of a folder holds while its modification time stays."""

    def __init__(self, root: str) -> None:
        self.root = root
        self._lock = ForkLock()
        self._listings: dict[str, _Listing] = {}

    def find(self, name: str, model_type: str) -> str | None:
        """The file of that name, or the folder of a diffusers model; ``None`` only when there is none.

        The current folder comes first, then the models folder, then the type's folders with all that is in them, then
        the rest.
        """
        if not name or "\0" in name:
            return None
        names = [name] if "\\" not in name else [name, name.replace("\\", "/")]
        for base in ("", self.root):
            for each in names:
                path = _there(os.path.join(base, each))
                if path is not None:
                    return os.path.abspath(path)
        wanted = os.path.normpath(names[-1])
        if os.path.isabs(wanted) or wanted.startswith(".."):
            return None
        return self._search(wanted, model_type.upper())

    def _search(self, wanted: str, model_type: str) -> str | None:
        own = TYPE_FOLDERS.get(model_type, ())
        best: tuple[int, int, str] | None = None
        for path in self._files(extra=model_type == "TI"):
            inside = os.path.relpath(path, self.root)
            if not _fits(inside, wanted):
                continue
            top = inside.split(os.sep, 1)[0].lower() if os.sep in inside else ""
            if inside.startswith(".."):
                top = "embeddings"
            known = any(top in folders for folders in TYPE_FOLDERS.values())
            rank = own.index(top) if top in own else len(own) + (1 if known else 0)
            ending = os.path.splitext(path)[1].lower()
            score = (rank, MODEL_EXTENSIONS.index(ending), path)
            if best is None or score < best:
                best = score
        return best[2] if best is not None else None

    def _files(self, *, extra: bool) -> list[str]:
        starts = [self.root]
        if extra:
            # The server also looks for embeddings beside its models folder.
            starts.append(os.path.join(os.path.dirname(self.root), "embeddings"))
        found: list[str] = []
        with self._lock:
            seen: set[tuple[int, int]] = set()
            waiting = [(start, 0) for start in starts]
            while waiting:
                folder, depth = waiting.pop()
                listing = self._list(folder, seen)
                if listing is None:
                    continue
                found += (os.path.join(folder, name) for name in listing.files)
                if depth < _DEEPEST:
                    waiting += [(os.path.join(folder, name), depth + 1) for name in listing.folders]
        return found

    def _list(self, folder: str, seen: set[tuple[int, int]]) -> _Listing | None:
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                return None
            seen.add((status.st_dev, status.st_ino))
            known = self._listings.get(folder)
            if known is not None and known.changed == status.st_mtime_ns and known.listed - known.changed > _UNSETTLED:
                return known
            now = time.time_ns()
            files, folders = [], []
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir():
                        if not entry.name.startswith("."):
                            folders.append(entry.name)
                    elif is_model_file(entry.name) and entry.is_file():
                        files.append(entry.name)
        except OSError:
            self._listings.pop(folder, None)
            return None
        listing = self._listings[folder] = _Listing(status.st_mtime_ns, now, tuple(files), tuple(folders))
        return listing


def _there(path: str) -> str | None:
    if os.path.isfile(path) or os.path.isfile(os.path.join(path, "model_index.json")):
        return path
    return next((path + ending for ending in MODEL_EXTENSIONS if os.path.isfile(path + ending)), None)


def _fits(inside: str, wanted: str) -> bool:
    stem = model_stem(inside)
    return any(each == wanted or each.endswith(os.sep + wanted) for each in (inside, stem))
