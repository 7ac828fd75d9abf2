"""The catalogue: models made from files and overrides, and the indices that the routes ask.

A catalogue is immutable once built; new files make a new one, so a route sees one state from beginning to end
without a lock. Ids stay: a number given to some content is never given to another while the service runs.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from typing import Any

from . import derive, overrides
from .entities import File, Model, Version
from .files import Shelf, Stored
from .ids import Ids
from .spelled import files_of, reserve_ids, spelled_model

NEVER = "9999"


class Catalogue:
    """One state of the catalogue."""

    def __init__(self, models: list[Model], preferences: dict[str, Any]) -> None:
        self.models = {model.id: model for model in models}
        self.versions = {version.id: version for model in models for version in model.versions}
        self.uploads = {file.id: file for version in self.versions.values() for file in version.files}
        self.preferences = preferences
        self.by_hash: dict[str, list[tuple[Version, File]]] = defaultdict(list)
        self.by_sha256: dict[str, list[tuple[Version, File]]] = defaultdict(list)
        for version in self.versions.values():
            for file in version.files:
                for name, value in file.hashes.items():
                    self.by_hash[value.upper()].append((version, file))
                    if name == "SHA256":
                        self.by_sha256[value.upper()].append((version, file))

    def first_match(self, text: str) -> tuple[Version, File] | None:
        """The version a single lookup discloses: published, and the oldest where several hold the hash."""
        rows = [row for row in self.by_hash.get(text.upper(), ()) if is_published(row[0])]
        return min(rows, key=lambda row: (row[0].published_at or NEVER, row[0].id), default=None)

    def sha256_rows(self, hashes: list[str]) -> list[tuple[Version, File]]:
        """One row for each matching file, as the batch routes give them."""
        wanted = {text.upper() for text in hashes}
        return [row for text in wanted for row in self.by_sha256.get(text, ()) if is_published(row[0])]


def is_published(version: Version) -> bool:
    """Whether strangers may find a version by its hash: both it and its model are out."""
    return version.status == "Published" and version.model.status == "Published"


class Librarian:
    """Keeps a catalogue of a folder up to date."""

    def __init__(self, root: str, unknown: list[str], seed: int) -> None:
        self._seed = seed
        self._ids = Ids()
        self._unknown = list(unknown)
        self._shelf = Shelf(root, unknown)
        self._lock = threading.Lock()
        self._stamp: int | None = None
        self._derived: dict[str, Model] = {}
        self.current = Catalogue([], {})
        self._is_built = False
        self._next_look = 0.0
        self.rescan()

    def rescan(self) -> Catalogue:
        """Look at every file again."""
        with self._lock:
            changed = self._shelf.rescan()
            stamp = self._overrides_stamp()
            if changed or stamp != self._stamp or not self._is_built:
                self.current = self._build()
                self._is_built = True
                self._stamp = stamp
            return self.current

    def after_miss(self) -> Catalogue:
        """The catalogue again, newer if the folder changed; asked when something was not found.

        Looking costs time that grows with the library, and ten thousand misses may come in a row: in a large one at
        most a sixth of the time goes into it.
        """
        start = time.monotonic()
        if start < self._next_look:
            return self.current
        is_changed = self._shelf.looks_changed() or self._overrides_stamp() != self._stamp
        took = time.monotonic() - start
        if took > 0.002:
            self._next_look = start + 6 * took
        return self.rescan() if is_changed else self.current

    def _overrides_stamp(self) -> int | None:
        try:
            return os.stat(os.path.join(self._shelf.root, overrides.NAME)).st_mtime_ns
        except OSError:
            return None

    def _build(self) -> Catalogue:
        wishes = overrides.load(self._shelf.root)
        self._shelf.unknown = self._unknown + wishes.get("unknown", [])
        items = self._shelf.files()
        stored: dict[str, Stored] = {}
        for item in items:
            stored.setdefault(item.relative, item)
        reserve_ids(wishes, self._ids)
        models = [spelled_model(wish, stored, self._ids, self._seed) for wish in wishes.get("models", [])]
        placed = files_of(models)
        for item in items:
            if item.digests.sha256 not in placed:
                placed.add(item.digests.sha256)
                models.append(self._default_model(item, wishes))
        return Catalogue(models, wishes.get("preferences", {}))

    def _default_model(self, item: Stored, wishes: dict[str, Any]) -> Model:
        changes = overrides.for_path(wishes, item.relative)
        sha256 = item.digests.sha256
        known = self._derived.get(item.path)
        if not changes and known is not None and known.versions[0].files[0].digests == item.digests:
            return known
        model = derive.describe(item, self._seed, self._ids.triple(sha256, sha256))
        for entry in changes:
            overrides.change(model, entry.get("model", {}))
            overrides.change(model.versions[0], entry.get("version", {}))
            overrides.change(model.versions[0].files[0], entry.get("file", {}))
        if not changes:
            self._derived[item.path] = model
        return model
