"""The drop-in module ``colab_civitai_setup``: everything a notebook needs, in one call.

``exec(open("colab_civitai_setup.py").read())`` leaves ``root, folders, civitai, model_manager, auto_detector`` as
globals; an import only defines the functions. Runs outside of Colab too.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

# Absolute, so that the text of this file can be run too.
from modelshelf.compat.civitai_integration import CivitaiIntegration
from modelshelf.compat.detector import AutoModelMetadataDetector
from modelshelf.compat.model_manager import ModelManager, register_model_manager
from modelshelf.compat.model_metadata import get_manager

__all__ = [
    "initialize_civitai_system_for_colab",
    "quick_export_metadata",
    "quick_fetch_model_metadata",
    "quick_import_metadata",
    "quick_set_hash",
    "setup_auto_detection",
    "setup_civitai_integration",
    "setup_colab_environment",
    "setup_gui_backend",
    "setup_model_folders",
]

logger = logging.getLogger("modelshelf.compat.colab_civitai_setup")

#: Types of models, and their folders below ``models``.
MODEL_FOLDERS = {
    "SD": "SD",
    "LoRA": "LoRA",
    "ControlNet": "CN",
    "Upscaler": "SR",
    "Embedding": "TI",
    "Detailers": "HN",
}
_DRIVE = "/content/drive"
#: Those that were made here and watch.
_detectors: WeakSet[AutoModelMetadataDetector] = WeakSet()


def setup_colab_environment() -> str:
    """The folder that holds ``models``: on Google Drive in Colab, else the current one."""
    try:
        from google.colab import drive
    except ImportError:
        return os.getcwd()
    try:
        if not os.path.isdir(os.path.join(_DRIVE, "MyDrive")):
            drive.mount(_DRIVE)
        root = os.path.join(_DRIVE, "MyDrive", "sd-inference")
        os.makedirs(root, exist_ok=True)
    except Exception as problem:  # noqa: BLE001
        # Whatever Colab raises when nobody gives it the Drive.
        logger.warning("without Google Drive: %s", problem)
        return "/content"
    return root


def setup_model_folders(base: str | os.PathLike[str]) -> dict[str, str]:
    """Makes the folders below ``models``, each with ``.previews``; gives them by type."""
    folders = {kind: os.path.join(os.fsdecode(base), "models", name) for kind, name in MODEL_FOLDERS.items()}
    for folder in folders.values():
        os.makedirs(os.path.join(folder, ".previews"), exist_ok=True)
    return folders


def setup_civitai_integration(root: str | os.PathLike[str], civitai_token: str | None = None) -> dict[str, Any]:
    """``{"integration", "manager", "token"}``; without a token ``$CIVITAI_TOKEN``, in Colab its secret of that name."""
    token = civitai_token or os.environ.get("CIVITAI_TOKEN") or os.environ.get("CIVITAI_API_KEY") or _colab_secret()
    manager = get_manager(os.path.join(os.fsdecode(root), "models"))
    return {"integration": CivitaiIntegration(token or None), "manager": manager, "token": token or None}


def setup_gui_backend(system: Mapping[str, Any] | None, folders: Mapping[str, str] | None = None) -> ModelManager:
    """The list of models, without Qt."""
    register_model_manager()
    known = system or {}
    return ModelManager(metadata_manager=known.get("manager"), civitai_integration=known.get("integration"))


def setup_auto_detection(system: Mapping[str, Any] | None, folders: Mapping[str, str]) -> AutoModelMetadataDetector:
    """A detector that watches the folders already, in place of one that was made here for the same folders."""

    def on_model(path: str, metadata: dict[str, Any]) -> None:
        name = metadata.get("civitai_name") or "not on Civitai"
        logger.info("new model %s: %s, %s", os.path.basename(path), metadata.get("hash"), name)

    detector = AutoModelMetadataDetector(dict(folders), (system or {}).get("token") or None, on_model)
    for earlier in list(_detectors):
        # A cell that is run again would have every new model told twice.
        if earlier.watch_folders == detector.watch_folders:
            earlier.stop_watching()
            _detectors.discard(earlier)
    detector.start_watching()
    _detectors.add(detector)
    return detector


def initialize_civitai_system_for_colab() -> dict[str, Any]:
    """All of the above: ``{"root", "folders", "civitai", "model_manager", "auto_detector"}``."""
    root = setup_colab_environment()
    folders = setup_model_folders(root)
    system = setup_civitai_integration(root)
    model_manager = setup_gui_backend(system, folders)
    detector = setup_auto_detection(system, folders)
    print(f"Models: {os.path.join(root, 'models')}")
    print(f"Civitai key: {'set' if system['token'] else 'not set; what needs a login cannot be downloaded'}")
    print("New models are hashed and looked up as they come.")
    return {
        "root": root,
        "folders": folders,
        "civitai": system,
        "model_manager": model_manager,
        "auto_detector": detector,
    }


def quick_fetch_model_metadata(mm: ModelManager, path: str, url: str) -> None:
    """Fetches what Civitai has at an address for a model, and waits for it."""
    mm.fetch_civitai_metadata(path, url)
    mm.wait(120)


def quick_set_hash(mm: ModelManager, path: str, value: str, type: str = "AUTOV2") -> None:
    """Notes a hash for a model."""
    mm.set_model_hash(path, value, type)


def quick_export_metadata(mm: ModelManager, path: str) -> str:
    """Writes the metadata of the loaded models into a file; says how it went."""
    return mm.export_all_metadata(path)


def quick_import_metadata(mm: ModelManager, path: str, folder: str) -> str:
    """Takes such a file in for the models of a folder; says how it went."""
    return mm.import_metadata(path, folder)


def _colab_secret() -> str:
    try:
        from google.colab import userdata

        return str(userdata.get("CIVITAI_TOKEN") or "")
    except Exception:  # noqa: BLE001
        # No Colab, no such secret, or no leave to read it.
        return ""


if __name__.rpartition(".")[2] != "colab_civitai_setup":
    globals().update(initialize_civitai_system_for_colab())
