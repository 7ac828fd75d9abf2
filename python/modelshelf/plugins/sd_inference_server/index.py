"""What the inference thread may ask: the server's models by the names the server uses, in memory."""

from __future__ import annotations

import os
import posixpath
import threading
import time

from .documents import plain, summary
from .hooks import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ...model import Model
    from ...shelf import Shelf

#: After so many records the threads that serve get the processor.
_BATCH = 8


class Index:
    """Summaries by name. Only the thread of ``run`` asks the database; everybody else finds or does not find."""

    def __init__(self, shelf: Shelf, root: str) -> None:
        self._shelf = shelf
        self._root = root
        self._lock = threading.Lock()
        self._wanted: set[str] | None = None
        self._dirty: set[str] = set()
        self._wake = threading.Event()
        self._ended = False
        # Replaced as a whole when names come or go, so that readers need no lock.
        self._summaries: dict[str, dict[str, Any]] = {}
        self._stems: dict[str, list[str]] = {}
        self.ready = False

    # For any thread, the inference thread too.

    def see(self, names: Iterable[str]) -> None:
        """The names that the server knows now."""
        wanted = {_clean(name) for name in names}
        with self._lock:
            self._wanted = wanted
        self._wake.set()

    def touch(self, path: str) -> None:
        """Something happened to a file."""
        with self._lock:
            self._dirty.add(path)
        self._wake.set()

    def summary(self, name: object) -> dict[str, Any] | None:
        """What is known of a name as the server writes it (``SD/x.safetensors``)."""
        return self._summaries.get(_clean(name)) if isinstance(name, str) else None

    def lora(self, stem: str) -> dict[str, Any] | None:
        """What is known of ``stem`` in ``<lora:stem:1>``, by the server's rule: a file whose name begins ``stem.``."""
        names = self._stems.get(stem)
        return self._summaries.get(names[0]) if names else None

    def section(self) -> dict[str, dict[str, Any]]:
        """All that is known, by name."""
        return dict(self._summaries)

    def path(self, name: str) -> str:
        """The file of a name."""
        return os.path.join(self._root, name)

    # The thread.

    def run(self) -> None:
        while not self._ended:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                wanted, self._wanted = self._wanted, None
                dirty, self._dirty = self._dirty, set()
            if self._ended:
                return
            try:
                self._update(wanted, dirty)
            except Exception:
                log.exception("the models could not be read")

    def stop(self) -> None:
        self._ended = True
        self._wake.set()

    def _update(self, wanted: set[str] | None, dirty: set[str]) -> None:
        known = self._summaries
        names = set(known) if wanted is None else wanted
        touched = {each for path in dirty for each in self._spellings(path)}
        kept = {name: known[name] for name in names if name in known}
        # What has a digest changes only with an event; what has none may have been hashed by somebody else.
        stale = [name for name in sorted(names) if name in touched or name not in kept or kept[name]["hash"] is None]
        for number, name in enumerate(stale):
            if self._ended:
                return
            if number % _BATCH == 0:
                time.sleep(0.001)
            found = self._read(name)
            kept[name] = found if found is not None else plain(summary({"name": posixpath.basename(name)}))
        self._stems = _stems(kept)
        self._summaries = kept
        self.ready = True

    def _spellings(self, path: str) -> tuple[str, str]:
        """The name of a file, also where a link leads to the models folder."""
        real = os.path.relpath(os.path.realpath(path), os.path.realpath(self._root))
        return os.path.relpath(path, self._root), real

    def _read(self, name: str) -> dict[str, Any] | None:
        model = self.model(name)
        return plain(summary(model)) if model is not None else None

    def model(self, name: str) -> Model | None:
        """The record of a name from the database: not for the inference thread."""
        path = self.path(name)
        return self._shelf.get(path) if os.path.isfile(path) else None


def _clean(name: str) -> str:
    return name.replace("\\", "/")


def _stems(names: Iterable[str]) -> dict[str, list[str]]:
    stems: dict[str, list[str]] = {}
    for name in sorted(each for each in names if each.startswith(("LoRA/", "LyCORIS/"))):
        base = posixpath.basename(name)
        at = base.find(".")
        while at > 0:
            stems.setdefault(base[:at], []).append(name)
            at = base.find(".", at + 1)
    return stems
