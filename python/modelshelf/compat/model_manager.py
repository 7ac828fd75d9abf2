"""The drop-in module ``model_manager``: a list of models with their metadata, without Qt."""

from __future__ import annotations

import logging
import os
import time
from typing import Any

from . import background
from .async_fetcher import AsyncCivitaiFetcher
from .civitai_integration import CivitaiIntegration
from .civitai_metadata import CivitaiMetadata
from .civitai_notes import note_civitai_metadata
from .metadata_manager import PROBLEMS, ModelMetadataManager
from .model_files import models_in
from .model_info import ModelInfo
from .model_metadata import get_manager
from .preview_files import get_model_preview_path
from .signals import Signal

__all__ = ["ModelInfo", "ModelManager", "Signal", "register_model_manager"]

logger = logging.getLogger(__name__)


class ModelManager:
    """The models of one folder. Signals come on the thread on which something happens."""

    def __init__(
        self,
        parent: object = None,
        *,
        metadata_manager: ModelMetadataManager | None = None,
        civitai_integration: CivitaiIntegration | None = None,
    ) -> None:
        #: The list or a model in it has changed.
        self.modelsUpdated = Signal("modelsUpdated")
        #: ``(ModelInfo)``
        self.modelSelected = Signal("modelSelected")
        #: ``(text)``
        self.fetchProgress = Signal("fetchProgress")
        #: ``(text)``
        self.fetchError = Signal("fetchError")
        self.metadata_manager = metadata_manager or get_manager()
        self.civitai_integration = civitai_integration or CivitaiIntegration()
        self._folder: str | None = None
        self._models: dict[str, ModelInfo] = {}
        self._fetches: list[background.Task] = []

    def set_civitai_token(self, token: str | None) -> None:
        """The API key of what is fetched from now on."""
        self.civitai_integration.token = token

    def load_models_from_folder(self, folder_path: str | os.PathLike[str]) -> None:
        """Makes the models right in a folder the list."""
        try:
            folder = self._find_folder(folder_path)
            if not os.path.isdir(folder):
                self._failed(f"Folder not found: {folder}")
                return
            self._models = {path: self._info(path) for path in models_in(folder)}
            self._folder = folder
        except PROBLEMS as problem:
            self._failed(str(problem))
            return
        self.modelsUpdated.emit()
        self.fetchProgress.emit(f"Loaded {len(self._models)} models")

    @property
    def modelCount(self) -> int:
        """How many models the list has."""
        return len(self._models)

    def get_model_at(self, index: int) -> ModelInfo | None:
        """The model at a place of the list; ``None`` outside of it."""
        models = list(self._models.values())
        return models[index] if 0 <= index < len(models) else None

    def select_model(self, model_path: str | os.PathLike[str]) -> None:
        """Tells a model of the list to whom it concerns."""
        model = self._models.get(self._path(model_path))
        if model is not None:
            self.modelSelected.emit(model)

    def fetch_civitai_metadata(self, model_path: str | os.PathLike[str], civitai_url: str) -> None:
        """Notes what Civitai has at an address for a model; the signals tell how it went. Does not wait."""
        path = self._path(model_path)
        if not os.path.isfile(path):
            self._failed(f"Model not found: {path}")
            return
        self.fetchProgress.emit("Fetching from Civitai...")
        fetcher = AsyncCivitaiFetcher()
        # Somebody may have given his own.
        fetcher.integration = self.civitai_integration
        task = fetcher.fetch_async(civitai_url, lambda metadata: self._fetched(path, metadata), self._failed)
        self._fetches = [each for each in self._fetches if each.thread.is_alive()] + [task]

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for what is being fetched (seconds); false when that takes longer."""
        end = None if timeout is None else time.monotonic() + timeout
        return all(task.join(None if end is None else max(0.0, end - time.monotonic())) for task in self._fetches)

    def set_model_hash(self, model_path: str | os.PathLike[str], value: str, type: str = "AUTOV2") -> None:
        """Notes a hash for a model."""
        path = self._path(model_path)
        if self.metadata_manager.set_hash(path, value, type):
            self._reload(path)
            self.fetchProgress.emit("Hash updated")
        else:
            self._failed(f"The hash of {path} could not be saved")

    def delete_model_metadata(self, model_path: str | os.PathLike[str]) -> None:
        """Removes what was noted for a model."""
        path = self._path(model_path)
        if self.metadata_manager.delete_metadata(path):
            self._reload(path)
            self.fetchProgress.emit("Metadata deleted")
        else:
            self._failed(f"The metadata of {path} could not be deleted")

    def export_all_metadata(
        self, export_path: str | os.PathLike[str], export_file: str | os.PathLike[str] | None = None
    ) -> str:
        """Writes the metadata of the list's folder into a file and says how it went.

        With two arguments the first is the folder, as some notebooks have it.
        """
        folder = self._folder if export_file is None else self._find_folder(export_path)
        target = os.fsdecode(export_path if export_file is None else export_file)
        if folder is None:
            return "Failed to export metadata: no folder is loaded"
        if self.metadata_manager.export_all_metadata(folder, target):
            return f"Metadata exported to {target}"
        return f"Failed to export metadata to {target}"

    def import_metadata(self, import_path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> str:
        """Takes such a file in for the models of a folder, makes them the list and says how it went."""
        place = self._find_folder(folder)
        if not self.metadata_manager.import_metadata(import_path, place):
            return f"Failed to import metadata from {os.fsdecode(import_path)}"
        self.load_models_from_folder(place)
        return f"Metadata imported from {os.fsdecode(import_path)}"

    def _find_folder(self, folder: Any) -> str:
        # What Qt gives for a chosen folder.
        local = getattr(folder, "toLocalFile", None)
        text: str = os.fsdecode(local() if callable(local) else folder)
        if not os.path.isabs(text) and not os.path.isdir(text):
            # "models/LoRA" of a server whose models are elsewhere, as on Google Drive.
            root = self.metadata_manager.models_root_dir
            for base in (os.path.dirname(root), root):
                if os.path.isdir(os.path.join(base, text)):
                    return os.path.normpath(os.path.join(base, text))
        return os.path.abspath(text)

    def _path(self, model_path: Any) -> str:
        text: str = os.fsdecode(model_path)
        if os.path.isabs(text) or os.path.exists(text):
            return os.path.abspath(text)
        return os.path.join(self._find_folder(os.path.dirname(text) or "."), os.path.basename(text))

    def _info(self, path: str) -> ModelInfo:
        info = ModelInfo()
        info.load_from_dict(self.metadata_manager.load_metadata(path) or {})
        info.name, info.path, info.size = os.path.basename(path), path, os.path.getsize(path)
        if not info.previewPath:
            info.previewPath = get_model_preview_path(path) or ""
        return info

    def _reload(self, path: str) -> ModelInfo | None:
        info = self._models.get(path)
        if info is not None:
            try:
                fresh = self._info(path)
            except OSError as problem:
                # It was taken away since the list was made.
                logger.warning("%s", problem)
                return info
            for name, value in vars(fresh).items():
                setattr(info, name, value)
            self.modelsUpdated.emit()
        return info

    def _fetched(self, path: str, metadata: CivitaiMetadata) -> None:
        if not note_civitai_metadata(self.metadata_manager, self.civitai_integration, path, metadata):
            self._failed(f"The metadata of {path} could not be saved")
            return
        info = self._reload(path)
        if info is not None and not info.description:
            info.description = metadata.description or ""
        self.fetchProgress.emit("Metadata fetched successfully")

    def _failed(self, message: str) -> None:
        logger.error("%s", message)
        self.fetchError.emit(message)


def register_model_manager() -> None:
    """Would make the types known to QML; without Qt there is nothing to do."""
