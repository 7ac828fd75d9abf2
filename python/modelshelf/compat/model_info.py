"""One model as the manager's list shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .model_description import text_list

#: Attributes, and the keys of the JSON file that they come from.
_KEYS = {
    "hash": "hash",
    "hashType": "hash_type",
    "civitaiName": "civitai_name",
    "civitaiType": "civitai_type",
    "civitaiId": "civitai_model_id",
    "triggerWords": "trigger_words",
    "baseModel": "base_model",
    "previewPath": "preview_path",
    "description": "description",
}


class ModelInfo:
    """A model; what is not known is empty or 0."""

    def __init__(self, parent: object = None) -> None:
        self.name = ""
        self.path = ""
        self.size = 0
        self.clear()

    def clear(self) -> None:
        """Everything but the file itself."""
        self.hash = ""
        self.hashType = ""
        self.civitaiName = ""
        self.civitaiType = ""
        self.civitaiId = 0
        self.triggerWords: list[str] = []
        self.baseModel = ""
        self.previewPath = ""
        self.description = ""

    def load_from_dict(self, data: Mapping[str, Any]) -> None:
        """Takes the values of a JSON file; what it does not say stays."""
        for name, key in _KEYS.items():
            value = data.get(key)
            if isinstance(getattr(self, name), list) and value is not None:
                value = text_list(value)
            if value is not None:
                setattr(self, name, value)
        for name in ("name", "path", "size"):
            if data.get(name):
                setattr(self, name, data[name])

    def __repr__(self) -> str:
        return f"<ModelInfo {self.name!r}>"
