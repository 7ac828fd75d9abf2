"""Hashes of all models in a folder."""

from __future__ import annotations

import logging
import os

from .metadata_manager import ModelMetadataManager
from .model_files import models_in
from .model_metadata import get_manager

logger = logging.getLogger(__name__)


class ModelHashCalculator:
    """Hashes folders; made for scripts."""

    @staticmethod
    def calculate_all_hashes(folder_path: str | os.PathLike[str], force_recalculate: bool = False) -> dict[str, str]:
        """``AUTOV2: …`` of every model right in a folder, by path, also saved beside them.

        Only what is not known yet is read, on all processors; ``force_recalculate`` reads everything. Files that cannot
        be read are logged and left out.
        """
        if not isinstance(folder_path, (str, bytes, os.PathLike)) or not os.path.isdir(folder_path):
            logger.error("there is no folder %s", folder_path)
            return {}
        folder = os.fsdecode(folder_path)
        manager = get_manager()
        paths = models_in(folder)
        results: dict[str, str] = {}
        if not force_recalculate:
            results = {path: text for path in paths if (text := _saved(manager, path)) is not None}
        rest = [path for path in paths if path not in results]
        if rest:
            manager.take_in(rest, force=force_recalculate)
        for path in rest:
            hashes = manager.hashes_of(path)
            if hashes.get("autov2"):
                results[path] = f"AUTOV2: {hashes['autov2']}"
                fields = {"hash_autov2": hashes["autov2"], "hash_sha256": hashes.get("sha256")}
                if not manager.has_other_hash(path):
                    fields |= {"hash": results[path], "hash_type": "AUTOV2"}
                manager.save_metadata(path, fields)
        return {path: results[path] for path in paths if path in results}


def _saved(manager: ModelMetadataManager, path: str) -> str | None:
    """The hash in the JSON file, if it is one of this kind and of the file as it is."""
    said = manager.load_metadata(path) or {}
    value = manager.get_hash(path) if said.get("hash") else None
    return value if value is not None and value.startswith("AUTOV2: ") else None
