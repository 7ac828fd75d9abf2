"""The model files below a folder: finding them, and noticing cheaply that there are new ones.

Digests are kept by path, size, time and inode, so a second look reads only what is new. A look asked for by a miss
compares the times of folders first; a file whose time was still young when it was read is looked at again, since it
may have been in the middle of being written.
"""

from __future__ import annotations

import fnmatch
import os
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .hashes import Digests, digest
from .headers import HeaderFacts, read_header

EXTENSIONS = (
    ".safetensors .sft .ckpt .pt .pth .pt2 .bin .pkl .gguf .onnx .engine .trt .npz .npy .dduf .h5 .tflite .embedding"
).split()
YOUNG = 2.0  # read so soon after its last change, a file may not have been whole
AGED = 600.0
LARGE = 256 * 1024

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Stored:
    """One file as it was when it was read."""

    path: str
    relative: str
    size: int
    mtime: float
    digests: Digests
    facts: HeaderFacts


class Shelf:
    """The files below one folder, minus those the service is meant not to know."""

    def __init__(self, root: str, unknown: list[str]) -> None:
        self.root = os.path.abspath(root)
        self.unknown = list(unknown)
        self._known: dict[str, tuple[Stamp, Stored | None]] = {}
        self._gone: dict[str, Stored] = {}
        self._young: dict[str, Stamp] = {}
        self._folders: dict[str, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def files(self) -> list[Stored]:
        """What was found last, in the order of paths, and then what was there once: a service does not forget a model
        because somebody's copy of it is gone."""
        with self._lock:
            kept = [stored for _, (_, stored) in sorted(self._known.items()) if stored is not None]
            kept += self._gone.values()
        return [stored for stored in kept if not self.is_unknown(stored.relative)]

    def is_unknown(self, relative: str) -> bool:
        """Whether a pattern takes this path (or its last part) out of the catalogue."""
        name = relative.rpartition("/")[2]
        return any(fnmatch.fnmatchcase(relative, glob) or fnmatch.fnmatchcase(name, glob) for glob in self.unknown)

    def looks_changed(self) -> bool:
        """A cheap question: did a folder change, or a file that was young when it was read?"""
        with self._lock:
            for folder, (mtime, seen) in self._folders.items():
                try:
                    now = os.stat(folder).st_mtime_ns
                except OSError:
                    return True
                if now != mtime or seen - mtime / 1e9 < 0.05:
                    return True
            for path, stamp in self._young.items():
                try:
                    if _stamp(os.stat(path)) != stamp:
                        return True
                except OSError:
                    return True
            self._young = {path: stamp for path, stamp in self._young.items() if time.time() - stamp[1] / 1e9 < AGED}
        return False

    def rescan(self) -> bool:
        """Look at everything; reads what is new or different. True when anything changed."""
        with self._lock:
            found: dict[str, tuple[str, Stamp]] = {}
            self._folders = {}
            self._walk(self.root, "", found)
            changed = self._known.keys() != found.keys()
            fresh = [
                (path, relative, stamp)
                for path, (relative, stamp) in found.items()
                if path not in self._known or self._known[path][0] != stamp
            ]
            for path, (_, stored) in self._known.items():
                if path not in found and stored is not None:
                    self._gone[stored.digests.sha256] = stored
            self._known = {path: entry for path, entry in self._known.items() if path in found}
            self._young = {path: stamp for path, stamp in self._young.items() if path in found}
            for (path, _, stamp), stored in zip(fresh, _read_all(fresh), strict=True):
                now = time.time()
                self._known[path] = (stamp, stored)
                if now - stamp[1] / 1e9 < YOUNG:
                    self._young[path] = stamp
            return changed or bool(fresh)

    def _walk(self, folder: str, relative: str, found: dict[str, tuple[str, Stamp]]) -> None:
        """Collect model files; links to folders are not followed, so a cycle of them ends nothing."""
        try:
            self._folders[folder] = (os.stat(folder).st_mtime_ns, time.time())
            entries = list(os.scandir(folder))
        except OSError:
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            below = f"{relative}{entry.name}"
            try:
                if entry.is_dir(follow_symlinks=False):
                    self._walk(entry.path, below + "/", found)
                elif entry.name.lower().endswith(tuple(EXTENSIONS)) and entry.is_file():
                    found[entry.path] = (below, _stamp(entry.stat()))
            except OSError:
                continue


def _stamp(status: os.stat_result) -> Stamp:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _read_all(items: list[tuple[str, str, Stamp]]) -> Iterable[Stored | None]:
    """Read files: large ones side by side, small ones in turn, since handing those around costs more than they do."""
    if sum(stamp[0] for _, _, stamp in items) < LARGE * len(items):
        return map(_read, items)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        return list(pool.map(_read, items))


def _read(item: tuple[str, str, Stamp]) -> Stored | None:
    path, relative, stamp = item
    try:
        with open(path, "rb") as file:
            digests, head, size = digest(file)
    except OSError:
        return None
    return Stored(path, relative, size, stamp[1] / 1e9, digests, read_header(head))
