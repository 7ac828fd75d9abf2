"""What Civitai says, under the keys of the JSON file beside a model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .civitai_metadata import CivitaiMetadata


def civitai_fields(metadata: CivitaiMetadata) -> dict[str, Any]:
    """Every key; ``None`` or empty where Civitai says nothing."""
    sha256 = _digits(metadata.hash_sha256)
    autov2 = _digits(metadata.hash_autov2) or (sha256 or "")[:10] or None
    words: Any = metadata.trigger_words or []
    fields: dict[str, Any] = {
        "civitai_model_id": metadata.model_id,
        "civitai_version_id": metadata.version_id,
        "civitai_name": metadata.model_name,
        "civitai_type": metadata.model_type,
        "hash": None,
        "hash_type": None,
        "hash_autov2": autov2,
        "hash_sha256": sha256,
        "trigger_words": [words] if isinstance(words, str) else list(words) if isinstance(words, Iterable) else [],
        "base_model": metadata.base_model,
        "preview_url": metadata.preview_url,
    }
    if autov2:
        fields |= {"hash": f"AUTOV2: {autov2}", "hash_type": "AUTOV2"}
    elif metadata.model_id and metadata.version_id:
        fields |= {"hash": f"civitai: {metadata.model_id}@{metadata.version_id}", "hash_type": "civitai"}
    return fields


def _digits(value: object) -> str | None:
    """Every attribute may be set, and to anything."""
    return value.upper() if isinstance(value, str) and value else None
