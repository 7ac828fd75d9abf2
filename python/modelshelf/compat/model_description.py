"""Putting together what is known of a model: the JSON file beside it, the library's record, its preview."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .model_files import model_stem
from .model_record import ModelMetadata
from .preview_files import get_model_preview_path
from .service_answers import plain_text


def describe(
    path: str,
    model_type: str,
    said: Mapping[str, Any],
    record: Mapping[str, Any],
    hashes: Mapping[str, str | None],
) -> ModelMetadata:
    """What the JSON file says comes first: users write there."""
    preview = said.get("preview_path")
    if not isinstance(preview, str) or not os.path.isfile(preview):
        preview = get_model_preview_path(path, model_type)
    civitai = record.get("civitai") or {}
    words = text_list(said.get("trigger_words")) or text_list(record.get("trigger_words"))
    return ModelMetadata(
        model_stem(os.path.basename(path)),
        model_type.upper(),
        path,
        hashes=hashes,
        preview_path=preview,
        description=_text(said.get("description")) or plain_text(civitai.get("description")) or None,
        base_model=known_base_model(said.get("base_model")) or _text(record.get("base_model")),
        trigger_words=words,
    )


def known_base_model(name: object) -> str | None:
    """Scripts say "Unknown" when they do not know."""
    text = _text(name)
    return None if text is None or text.lower() == "unknown" else text


def text_list(value: object) -> list[str]:
    """The texts of a list; a text alone is one. JSON files that others write have anything there."""
    if isinstance(value, str):
        return [value] if value else []
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
