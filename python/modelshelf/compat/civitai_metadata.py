"""What Civitai says of one version of a model, as plain attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CivitaiMetadata:
    """A model version of Civitai; every attribute may be set."""

    def __init__(self) -> None:
        self.model_id: int | None = None
        self.version_id: int | None = None
        self.model_name: str | None = None
        #: Civitai's name of the type: ``Checkpoint``, ``LORA`` …
        self.model_type: str | None = None
        #: 10 upper-case digits.
        self.hash_autov2: str | None = None
        #: 64 upper-case digits, as Civitai writes them.
        self.hash_sha256: str | None = None
        self.preview_url: str | None = None
        self.trigger_words: list[str] = []
        self.base_model: str | None = None
        #: Bytes.
        self.file_size: int | None = None
        #: 0 when the creator hides it.
        self.download_count: int = 0
        #: 0 when the service gives none: today it counts thumbs.
        self.rating: float = 0.0
        #: Plain text, at most 500 characters.
        self.description: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Every attribute by its name, for JSON."""
        return {**vars(self), "trigger_words": list(self.trigger_words or [])}

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> CivitaiMetadata:
        """The opposite of ``to_dict()``; unknown keys are passed over."""
        metadata = CivitaiMetadata()
        for name, value in data.items():
            if name in vars(metadata):
                setattr(metadata, name, value)
        words: Any = metadata.trigger_words or []
        metadata.trigger_words = [words] if isinstance(words, str) else list(words)
        return metadata

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CivitaiMetadata) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<CivitaiMetadata {self.model_id}@{self.version_id} {self.model_name!r}>"
