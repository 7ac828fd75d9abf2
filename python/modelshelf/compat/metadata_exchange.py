"""The metadata of a folder's models as one JSON file, and back."""

from __future__ import annotations

import logging
import ntpath
import os
from collections.abc import Callable
from typing import Any

from .json_file import now, read_json, write_json
from .model_files import is_model_file

logger = logging.getLogger(__name__)


def export_models(folder: str, models: dict[str, dict[str, Any]], export_file: str) -> None:
    """Writes ``{"exported_at", "folder", "models"}``."""
    write_json(export_file, {"exported_at": now(), "folder": folder, "models": models})


def import_models(import_file: str, folder: str | None, save: Callable[[str, dict[str, Any]], bool]) -> bool:
    """Saves what the file says of models that are there; false when it cannot be read or something was not saved.

    With ``folder`` the models are looked for in it by their base names. Files that are not there are passed over.
    """
    document = read_json(import_file)
    models = document.get("models") if isinstance(document, dict) else None
    if not isinstance(models, dict):
        raise ValueError("it has no models")  # noqa: TRY004
    done = passed = failed = 0
    for path, entry in models.items():
        metadata = entry.get("metadata") if isinstance(entry, dict) else None
        target = path if folder is None else _retarget(path, folder)
        if not isinstance(metadata, dict) or not metadata or not _is_there(target):
            passed += 1
        elif save(target, metadata):
            done += 1
        else:
            failed += 1
    logger.info("imported %s: %d models, %d passed over, %d failed", import_file, done, passed, failed)
    return failed == 0


def _retarget(path: str, folder: str) -> str:
    inside = os.path.relpath(os.path.abspath(path), os.path.abspath(folder))
    if not inside.startswith(os.pardir) and os.path.isfile(path):
        return path
    # Exports of other systems have other separators.
    return os.path.join(folder, ntpath.basename(path))


def _is_there(path: str) -> bool:
    return is_model_file(os.path.basename(path)) and os.path.isfile(path)
