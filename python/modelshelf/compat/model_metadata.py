"""The drop-in module ``model_metadata``: metadata, hashes and previews of model files, over the core."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Mapping
from typing import Any

from ..manager import get_manager as get_shelf
from .civitai_metadata import CivitaiMetadata
from .file_hashes import calculate_model_hash, get_all_model_hashes
from .hash_text import format_hashes_for_metadata
from .metadata_manager import METADATA_SUFFIX, AnyPath, ModelMetadataManager
from .model_record import ModelMetadata
from .preview_files import get_model_preview_path
from .trigger_words import extract_lora_trigger_words

__all__ = [
    "METADATA_SUFFIX",
    "CivitaiMetadata",
    "ModelMetadata",
    "ModelMetadataManager",
    "calculate_model_hash",
    "extract_lora_trigger_words",
    "format_hashes_for_metadata",
    "get_all_model_hashes",
    "get_manager",
    "get_metadata_for_model",
    "get_model_preview_path",
    "set_metadata_for_model",
]

logger = logging.getLogger(__name__)

_lock = threading.Lock()
_manager: ModelMetadataManager | None = None


def get_manager(models_dir: AnyPath | None = None, metadata_dir: AnyPath | None = None) -> ModelMetadataManager:
    """The manager of this process, the same object each time.

    Another ``models_dir`` or ``metadata_dir`` than before moves it, which is logged.
    """
    global _manager
    with _lock:
        if _manager is None:
            _manager = ModelMetadataManager(models_dir, metadata_dir)
        else:
            if models_dir is not None and os.path.abspath(os.fsdecode(models_dir)) != _manager.models_root_dir:
                _manager.reroot(models_dir)
                logger.warning("relative names are now below %s", _manager.models_root_dir)
            if metadata_dir is not None and os.path.abspath(os.fsdecode(metadata_dir)) != _manager.metadata_dir:
                _manager.metadata_dir = os.path.abspath(os.fsdecode(metadata_dir))
                _manager.clear_cache_of_hashes()
                logger.warning("metadata files are now in %s", _manager.metadata_dir)
        if models_dir is not None:
            get_shelf(models_dir)
        return _manager


def get_metadata_for_model(path: AnyPath, manager: ModelMetadataManager | None = None) -> dict[str, Any] | None:
    """The values in a model's JSON file, or ``None``."""
    return (manager or get_manager()).load_metadata(path)


def set_metadata_for_model(
    path: AnyPath, metadata: Mapping[str, Any], manager: ModelMetadataManager | None = None
) -> bool:
    """Merges values into a model's JSON file."""
    return (manager or get_manager()).save_metadata(path, metadata)


def _after_fork() -> None:
    # A lock may be held by a thread that the child does not have.
    global _lock, _manager
    _lock = threading.Lock()
    if _manager is not None:
        _manager = ModelMetadataManager(_manager.models_root_dir, _manager.metadata_dir)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
