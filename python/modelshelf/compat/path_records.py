"""``.models_metadata.json``: what the preview provider notes of models, by their path below the models folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any

from .fork_lock import ForkLock
from .json_file import locked_folder, now, read_json, set_aside, write_json

logger = logging.getLogger(__name__)

FILE_NAME = ".models_metadata.json"


class PathRecords:
    """The records of one models folder, shared with other processes."""

    def __init__(self, root: str) -> None:
        self.path = os.path.join(root, FILE_NAME)
        # flock holds between descriptors, so between threads too; where a file system has none, this still does.
        self._lock = ForkLock()

    def get(self, relative_path: str) -> dict[str, Any] | None:
        """A fresh dictionary, or ``None``."""
        try:
            records = self._read()
        except ValueError:
            # Damaged; or it was, and another process has put it in order already. Only who has the lock knows.
            with self._lock, locked_folder(os.path.dirname(self.path)):
                records = self._read_or_set_aside()
        record = records.get(_key(relative_path))
        return record if isinstance(record, dict) else None

    def merge(self, relative_path: str, values: Mapping[str, Any]) -> None:
        """Sets values of a record; the others stay. ``hashes`` are united."""

        def change(records: dict[str, Any]) -> None:
            key = _key(relative_path)
            before = records.get(key)
            record = before if isinstance(before, dict) else _empty(key)
            hashes = {**_dict(record.get("hashes")), **_dict(values.get("hashes"))}
            records[key] = {**record, **values, "hashes": hashes, "updated": now()}

        self._change(change)

    def _change(self, change: Callable[[dict[str, Any]], None]) -> None:
        folder = os.path.dirname(self.path)
        os.makedirs(folder, exist_ok=True)
        with self._lock, locked_folder(folder):
            records = self._read_or_set_aside()
            change(records)
            write_json(self.path, records)

    def _read_or_set_aside(self) -> dict[str, Any]:
        """Under the lock."""
        try:
            return self._read()
        except ValueError as problem:
            logger.error("%s is damaged (%s); it is kept as %s", self.path, problem, set_aside(self.path))
            return {}

    def _read(self) -> dict[str, Any]:
        try:
            records = read_json(self.path)
        except FileNotFoundError:
            return {}
        if not isinstance(records, dict):
            raise ValueError("it is no object")  # noqa: TRY004
        return records


def _key(relative_path: str) -> str:
    return os.path.normpath(os.fsdecode(relative_path).replace("\\", "/"))


def _empty(key: str) -> dict[str, Any]:
    return {
        "name": os.path.splitext(os.path.basename(key))[0],
        "description": "",
        "author": "",
        "base_model": "",
        "trigger_words": [],
        "hashes": {},
        "preview": None,
        "updated": None,
    }


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
