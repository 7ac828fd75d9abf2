"""Noting what Civitai says of a model: the JSON file, and the preview."""

from __future__ import annotations

from typing import Any

from .civitai_integration import CivitaiIntegration
from .civitai_metadata import CivitaiMetadata
from .metadata_manager import ModelMetadataManager
from .preview_files import preview_target


def note_civitai_metadata(
    manager: ModelMetadataManager,
    integration: CivitaiIntegration,
    path: str,
    metadata: CivitaiMetadata,
    more: dict[str, Any] | None = None,
) -> bool:
    """Saves the metadata, and the preview as ``.previews/<stem>.<true ending>`` with its path; a picture that cannot be
    had is no failure."""
    if not manager.set_civitai_metadata(path, metadata):
        return False
    fields = dict(more or {})
    if metadata.preview_url:
        target = preview_target(path)
        picture = integration.save_picture(metadata.preview_url, target, add_ending=True)
        if picture is not None:
            fields["preview_path"] = picture
    return not fields or manager.save_metadata(path, fields)
