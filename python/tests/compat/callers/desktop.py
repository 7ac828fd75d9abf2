"""What the server's desktop program does with the modules, without its windows: a list of models, and their previews."""

import json
import os
import sys

import model_metadata
from civitai_integration import AsyncCivitaiFetcher, CivitaiIntegration, CivitaiMetadata


class Provider:
    """The previews of a models folder."""

    def __init__(self, models_dir):
        self.models_dir = models_dir
        self.metadata_manager = model_metadata.ModelMetadataManager(models_dir)

    def info(self, path, model_type):
        relative = os.path.relpath(path, self.models_dir)
        stored = self.metadata_manager.get_model_metadata(relative)
        if stored is None:
            hashes = model_metadata.get_all_model_hashes(path)
        else:
            hashes = stored.get("hashes", {})
        return {
            "relative_path": relative,
            "preview": model_metadata.get_model_preview_path(path, model_type),
            "hashes": hashes,
            "shown": model_metadata.format_hashes_for_metadata(hashes),
            "words": model_metadata.extract_lora_trigger_words(path),
            **(stored or {}),
        }

    def update(self, path, metadata):
        relative = os.path.relpath(path, self.models_dir)
        self.metadata_manager.add_model_metadata(relative, metadata)
        if metadata.get("update_hashes"):
            self.metadata_manager.update_model_hashes(relative, path)


class Models:
    """The list, with what was fetched for a model."""

    def __init__(self):
        self._metadata_manager = model_metadata.ModelMetadataManager()
        self._civitai_integration = CivitaiIntegration()
        self._fetcher = AsyncCivitaiFetcher("token")

    def fetched(self, path, civitai_metadata):
        self._metadata_manager.set_civitai_metadata(path, civitai_metadata)
        metadata = self._metadata_manager.load_metadata(path) or {}
        metadata["preview_path"] = path + ".jpg"
        self._metadata_manager.save_metadata(path, metadata)
        return self._metadata_manager.load_metadata(path)


models_dir = sys.argv[1]
path = os.path.join(models_dir, "LoRA", "x.safetensors")
provider = Provider(models_dir)
before = provider.info(path, "LORA")
provider.update(path, {"description": "mine", "author": "me", "update_hashes": True})
after = provider.info(path, "LORA")
fetched = CivitaiMetadata()
fetched.model_id, fetched.version_id, fetched.model_name = 1, 2, "Name"
print(json.dumps([before, after, Models().fetched(path, fetched)]))
