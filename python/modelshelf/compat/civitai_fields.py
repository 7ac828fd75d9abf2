"""What Civitai says, under the keys of the JSON file beside a model."""

from __future__ import annotations

from typing import Any

from .civitai_metadata import CivitaiMetadata


def civitai_fields(metadata: CivitaiMetadata) -> dict[str, Any]:
    """Every key; ``None`` or empty where Civitai says nothing."""
    autov2 = (metadata.hash_autov2 or (metadata.hash_sha256 or "")[:10] or "").upper() or None
    fields: dict[str, Any] = {
        "civitai_model_id": metadata.model_id,
        "civitai_version_id": metadata.version_id,
        "civitai_name": metadata.model_name,
        "civitai_type": metadata.model_type,
        "hash": None,
        "hash_type": None,
        "hash_autov2": autov2,
        "hash_sha256": metadata.hash_sha256 and metadata.hash_sha256.upper(),
        "trigger_words": list(metadata.trigger_words or []),
        "base_model": metadata.base_model,
        "preview_url": metadata.preview_url,
    }
    if autov2:
        fields |= {"hash": f"AUTOV2: {autov2}", "hash_type": "AUTOV2"}
    elif metadata.model_id and metadata.version_id:
        fields |= {"hash": f"civitai: {metadata.model_id}@{metadata.version_id}", "hash_type": "civitai"}
    return fields
