"""Versions and files as JSON, in the several shapes the routes give the same thing.

The differences are the point: a client that decodes one route's answer and assumes the others alike breaks on the
real service, so they are kept here to the letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .entities import ARCHIVED, TAKEN_DOWN, File, Picture, Version, air, primary_file

ACCOUNT = "xG1nkqKTMzGDvpLrqFT7WA"


@dataclass(frozen=True, slots=True)
class Links:
    """The origins that go into answers: where downloads are, and where pictures are."""

    site: str
    images: str

    def download(self, version: int) -> str:
        return f"{self.site}/api/download/models/{version}"

    def picture(self, picture: Picture, name: str) -> str:
        """An edge address. Its extension follows the medium, not the bytes."""
        if picture.url:
            return picture.url
        extension = "mp4" if picture.type == "video" else "jpeg"
        return f"{self.images}/{ACCOUNT}/{picture.uuid}/original=true/{name}.{extension}"


def file_link(links: Links, version: Version, file: File, primary: File | None) -> str:
    """A file's own download address: bare for the primary file, spelled by its metadata for others."""
    plain = links.download(version.id)
    if file is primary:
        return plain
    values = {"type": file.type, **{key: file.metadata.get(key) for key in ("format", "size", "fp", "quantType")}}
    return plain + "?" + "&".join(f"{key}={quote(str(value), safe='')}" for key, value in values.items() if value)


def without_zone(stamp: str | None) -> str | None:
    """A moment the way one route leaks it from the database: no zone, and no trailing zeros in the fraction."""
    if stamp is None or "." not in stamp:
        return stamp.removesuffix("Z") if stamp else None
    whole, _, fraction = stamp.removesuffix("Z").partition(".")
    fraction = fraction.rstrip("0")
    return f"{whole}.{fraction}" if fraction else whole


def version_file(links: Links, version: Version, file: File, primary: File | None, by_id: bool) -> dict[str, Any]:
    """A file inside a version document."""
    shape: dict[str, Any] = {
        "id": file.id,
        "sizeKB": file.size / 1024,
        "name": file.name,
        "type": file.type,
        **file.scan,
        "scannedAt": without_zone(file.scanned_at) if by_id else file.scanned_at,
        "metadata": {key: file.metadata.get(key) for key in ("format", "size", "fp")},
        "hashes": file.hashes,
        "primary": file is primary,
        "downloadUrl": file_link(links, version, file, primary),
    }
    if not by_id:
        shape["overrideName"] = file.override_name
    return shape


def version_image(links: Links, picture: Picture) -> dict[str, Any]:
    """A picture inside a version document: no id, which only its address tells."""
    return {
        "url": links.picture(picture, str(picture.id)),
        "nsfwLevel": picture.nsfw_level,
        "width": picture.width,
        "height": picture.height,
        "hash": picture.blurhash,
        "type": picture.type,
        "metadata": {"hash": picture.blurhash, "size": 1_048_576, "width": picture.width, "height": picture.height},
        "minor": False,
        "poi": False,
        "meta": picture.meta,
        "availability": "Public",
        "hasMeta": picture.meta is not None,
        "hasPositivePrompt": bool(picture.meta and picture.meta.get("prompt")),
        "onSite": False,
        "remixOfId": None,
    }


def version_document(links: Links, version: Version, by_id: bool, vae: Version | None = None) -> dict[str, Any] | None:
    """A version by its id, or by a hash (``by_id`` false); None where no usable file is left."""
    model = version.model
    files = [file for file in version.public_files() if by_id or not file.replaced]
    if not files:
        return None
    primary = primary_file(files)
    shown = [version_file(links, version, file, primary, by_id) for file in files]
    if by_id and vae is not None:
        shown += [_appended_vae(links, vae, file) for file in vae.public_files() if file.type == "Model"]
    about: dict[str, Any] = {"name": model.name, "type": model.type, "nsfw": model.nsfw, "poi": model.poi}
    if model.mode:
        about["mode"] = model.mode
    document: dict[str, Any] = {
        "id": version.id,
        "modelId": model.id,
        "name": version.name,
        "nsfwLevel": version.nsfw_level,
        "createdAt": version.created_at,
        "updatedAt": version.updated_at,
        "status": version.status,
        "publishedAt": version.published_at,
        "trainedWords": version.trained_words,
        "trainingStatus": version.training_status,
        "trainingDetails": version.training_details,
        "baseModel": version.base_model,
        "baseModelType": version.base_model_type,
        "description": version.description,
        "uploadType": version.upload_type,
        "usageControl": version.usage_control,
        "licensingFee": None if by_id else version.licensing_fee,
        "paidAccess": version.paid_access,
        "air": air(model, version),
        "stats": {key: version.stats.get(key) for key in ("downloadCount", "thumbsUpCount")},
        "model": about,
        "files": [] if model.mode == ARCHIVED else shown,
        "images": [version_image(links, picture) for picture in version.pictures[:10]],
        **version.extra,
    }
    if model.mode == TAKEN_DOWN:
        document["images"] = []
    if model.mode != ARCHIVED:
        document["downloadUrl"] = links.download(version.id)
    return document


def _appended_vae(links: Links, vae: Version, file: File) -> dict[str, Any]:
    """A linked VAE's file, listed under a version that does not own it."""
    shape = version_file(links, vae, file, None, by_id=True)
    return {**shape, "type": "VAE", "overrideName": file.override_name, "downloadUrl": links.download(vae.id)}


def mini_document(links: Links, version: Version, file: File, exact: bool) -> dict[str, Any]:
    """The short form that generators ask for; the only one to say that a login is needed."""
    model = version.model
    gated = version.paid_access is not None or "Private" in (version.availability, model.availability)
    suffix = f"?fileId={file.id}" if exact else ""
    document: dict[str, Any] = {
        "air": air(model, version),
        "versionName": version.name,
        "modelName": model.name,
        "userId": model.user_id,
        "baseModel": version.base_model,
        "availability": version.availability,
        "publishedAt": version.published_at,
        "size": file.size / 1024,
        "fileType": file.type,
        "fileName": file.name,
        "hashes": file.hashes,
        "downloadUrls": [links.download(version.id) + suffix],
        "format": file.metadata.get("format"),
        "canGenerate": model.supports_generation,
        "isFeatured": False,
        "requireAuth": version.require_auth,
        "checkPermission": gated,
        "minor": model.minor,
        "sfwOnly": model.sfw_only,
        "fees": [],
        "payoutEnabled": False,
    }
    if gated:
        document["earlyAccessEndsAt"] = (version.paid_access or {}).get("endsAt")
        document["freeTrialLimit"] = None
    return document
