"""Models as JSON: as one of a list, and by their id.

The list keeps nulls and empty lists, the single route drops them from versions, and only the list gives pictures
their ids. ``allowCommercialUse`` is the text of a database array in both.
"""

from __future__ import annotations

from typing import Any

from .entities import ARCHIVED, TAKEN_DOWN, File, Model, Picture, Version, primary_file
from .shapes import Links, file_link

FILE_KEYS = ("format", "size", "fp", "quantType", "isRequired")


def model_document(
    links: Links, model: Model, versions: list[Version], listed: bool, preferences: dict[str, Any] | None, mask: int
) -> dict[str, Any]:
    """A model with ``versions``; ``mask`` limits the pictures by level."""
    shown = [
        version_in_model(links, version, index, listed, preferences, mask) for index, version in enumerate(versions)
    ]
    document: dict[str, Any] = {
        "id": model.id,
        "name": model.name,
        "description": model.description,
        "allowNoCredit": model.allow_no_credit,
        "allowCommercialUse": model.allow_commercial_use,
        "allowDerivatives": model.allow_derivatives,
        "allowDifferentLicense": model.allow_different_license,
        "type": model.type,
        "minor": model.minor,
        "sfwOnly": model.sfw_only,
        "poi": model.poi,
        "nsfw": model.nsfw,
        "nsfwLevel": model.nsfw_level,
        "availability": model.availability,
        "userId": model.user_id,
        "cosmetic": None,
        "supportsGeneration": model.supports_generation,
        "baseModels": list(dict.fromkeys(version.base_model for version in versions)),
        "stats": model.stats,
        "tags": model.tags,
        "modelVersions": shown,
        **model.extra,
    }
    if model.mode:
        document["mode"] = model.mode
    if model.creator is not None:
        document["creator"] = model.creator
    return document


def version_in_model(
    links: Links, version: Version, index: int, listed: bool, preferences: dict[str, Any] | None, mask: int
) -> dict[str, Any]:
    """A version inside a model: no ``modelId``, no ``air``, and by id no empty keys either."""
    model = version.model
    archived = model.mode == ARCHIVED
    files = [file for file in version.public_files() if not file.replaced]
    primary = primary_file(files, preferences if listed else None)
    pictures = [] if model.mode == TAKEN_DOWN else [p for p in version.pictures if p.nsfw_level & mask][:20]
    document: dict[str, Any] = {
        "id": version.id,
        "index": index,
        "name": version.name,
        "baseModel": version.base_model,
        "baseModelType": version.base_model_type,
        "publishedAt": version.published_at,
        "flags": 0,
        "availability": version.availability,
        "nsfwLevel": version.nsfw_level,
        "description": version.description,
        "trainedWords": version.trained_words,
        "vaeId": version.vae_id,
        "paidAccess": version.paid_access,
        "stats": version.stats,
        "files": [] if archived else [_file(links, version, file, primary, listed) for file in files],
        "images": [_image(links, picture, listed) for picture in pictures],
    }
    if listed:
        document["supportsGeneration"] = model.supports_generation
    else:
        document |= {"createdAt": version.created_at, "status": version.status, "covered": True}
    if version.paid_access is not None:
        document["earlyAccessDeadline"] = version.paid_access.get("endsAt")
    if not archived:
        document["downloadUrl"] = links.download(version.id)
    return document if listed else remove_empty(document)


def remove_empty(document: dict[str, Any]) -> dict[str, Any]:
    """Drop every null and every empty list."""
    return {key: value for key, value in document.items() if value is not None and value != []}


def _file(links: Links, version: Version, file: File, primary: File | None, listed: bool) -> dict[str, Any]:
    metadata = {key: file.metadata.get(key) for key in FILE_KEYS if listed or file.metadata.get(key) is not None}
    shape: dict[str, Any] = {
        "id": file.id,
        "sizeKB": file.size / 1024,
        "name": file.name,
        "overrideName": file.override_name,
        "type": file.type,
        **file.scan,
        "scannedAt": file.scanned_at,
        "metadata": metadata,
        "hashes": file.hashes,
        "downloadUrl": file_link(links, version, file, primary),
    }
    if file is primary:
        shape["primary"] = True
    return shape


def _image(links: Links, picture: Picture, listed: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {"id": picture.id} if listed else {}
    return shape | {
        "url": links.picture(picture, str(picture.id)),
        "nsfwLevel": picture.nsfw_level,
        "width": picture.width,
        "height": picture.height,
        "hash": picture.blurhash,
        "type": picture.type,
        "minor": False,
        "poi": False,
        "hasMeta": picture.meta is not None,
        "hasPositivePrompt": bool(picture.meta and picture.meta.get("prompt")),
        "onSite": False,
        "remixOfId": None,
    }
