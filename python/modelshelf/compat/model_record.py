"""What is known of one model, as generation code and scripts read it."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping, MutableMapping, ValuesView
from typing import Any

from .fork_lock import ForkLock

#: Attributes for the hashes of ``file_hashes.ALGORITHMS``.
HASHES = ("autov1", "autov2", "autov3", "sha256", "crc32", "blake3")


class ModelMetadata:
    """A model by its name and type. The hashes are upper case, ``None`` while they are not known.

    False while nothing is hashed, so that a script that asks ``if existing:`` goes on and has it hashed.
    """

    def __init__(
        self,
        name: str,
        model_type: str,
        path: str,
        *,
        hashes: Mapping[str, str | None] | None = None,
        preview_path: str | None = None,
        description: str | None = None,
        base_model: str | None = None,
        trigger_words: list[str] | None = None,
    ) -> None:
        self.name = name
        self.model_type = model_type
        self.path = path
        self.hash_autov1: str | None = None
        self.hash_autov2: str | None = None
        self.hash_autov3: str | None = None
        self.hash_sha256: str | None = None
        self.hash_crc32: str | None = None
        self.hash_blake3: str | None = None
        self.preview_path = preview_path
        self.description = description
        self.base_model = base_model
        self.trigger_words: list[str] = trigger_words or []
        self.set_hashes(hashes or {})

    def set_hashes(self, hashes: Mapping[str, str | None]) -> None:
        """Takes hashes by their names (``autov2`` …)."""
        for name in HASHES:
            if hashes.get(name):
                setattr(self, f"hash_{name}", str(hashes[name]).upper())

    def to_dict(self) -> dict[str, Any]:
        """Every attribute by its name, for JSON."""
        return {**vars(self), "trigger_words": list(self.trigger_words)}

    def __bool__(self) -> bool:
        return any(getattr(self, f"hash_{name}") for name in HASHES)

    def __repr__(self) -> str:
        return f"<ModelMetadata {self.model_type}:{self.name} {self.hash_autov2 or 'not hashed yet'}>"


class MetadataCache(MutableMapping[str, ModelMetadata]):
    """``TYPE:name`` to what was asked for or made in this process. Hashes that came since are filled in.

    Scripts may take out and put in what they like: nothing depends on it.
    """

    def __init__(self, fill: Callable[[ModelMetadata], None]) -> None:
        self._fill = fill
        self._lock = ForkLock()
        self._entries: dict[str, ModelMetadata] = {}

    def add(self, model: ModelMetadata, longer_name: str) -> None:
        """Under its name, or, when another file has that already, under a longer one."""
        with self._lock:
            key = f"{model.model_type}:{model.name}"
            there = self._entries.get(key)
            if isinstance(there, ModelMetadata) and there.path != model.path:
                model.name = longer_name
                key = f"{model.model_type}:{model.name}"
            self._entries[key] = model

    def discard(self, path: str) -> None:
        """Forgets a file."""
        with self._lock:
            self._entries = {
                key: each for key, each in self._entries.items() if getattr(each, "path", None) != path
            }

    def clear(self) -> None:
        with self._lock:
            self._entries = {}

    def __getitem__(self, key: str) -> ModelMetadata:
        return self._filled(self._entries[key])

    def __setitem__(self, key: str, model: ModelMetadata) -> None:
        with self._lock:
            self._entries = {**self._entries, key: model}

    def __delitem__(self, key: str) -> None:
        with self._lock:
            del self._entries[key]

    def _filled(self, model: ModelMetadata) -> ModelMetadata:
        if isinstance(model, ModelMetadata) and not model:
            self._fill(model)
        return model

    # Of one moment: what another thread takes out meanwhile is still there.

    def items(self) -> ItemsView[str, ModelMetadata]:
        with self._lock:
            entries = dict(self._entries)
        for model in entries.values():
            self._filled(model)
        return entries.items()

    def values(self) -> ValuesView[ModelMetadata]:
        return dict(self.items()).values()

    def __iter__(self) -> Iterator[str]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)
