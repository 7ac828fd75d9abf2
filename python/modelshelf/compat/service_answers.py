"""Models as Civitai's API gives them, read into ``CivitaiMetadata``. Nothing of an answer is believed to be there."""

from __future__ import annotations

import html
import re
from typing import Any

from .civitai_metadata import CivitaiMetadata

DESCRIPTION_LENGTH = 500
#: PG and PG-13, the levels that the core fetches without being asked for more.
ALLOWED_LEVELS = 1 | 2
#: Answers of earlier years have words in place of bits.
_LEVEL_WORDS = {"none": 1, "soft": 2, "mature": 4, "x": 8}
_NOT_TEXT = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^<>]*>", re.IGNORECASE | re.DOTALL)


def metadata_of(model: dict[str, Any], version: dict[str, Any]) -> CivitaiMetadata:
    """One version of a model as the API gives both."""
    metadata = CivitaiMetadata()
    metadata.model_id = _number(model.get("id")) or _number(version.get("modelId"))
    metadata.version_id = _number(version.get("id"))
    metadata.model_name = _text(model.get("name"))
    metadata.model_type = _text(model.get("type"))
    metadata.base_model = _text(version.get("baseModel"))
    metadata.trigger_words = [word for word in _list(version.get("trainedWords")) if isinstance(word, str) and word]
    metadata.description = plain_text(model.get("description") or version.get("description"))
    metadata.preview_url = preview_url(_list(version.get("images")))
    stats = [_dict(each.get("stats")) for each in (model, version)]
    metadata.download_count = next((n for each in stats if (n := _number(each.get("downloadCount")))), 0)
    metadata.rating = next((m for each in stats if (m := _measure(each.get("rating"))) is not None), 0.0)
    file = primary_file(version)
    if file is not None:
        hashes = {name.upper(): value for name, value in _dict(file.get("hashes")).items() if isinstance(value, str)}
        metadata.hash_sha256 = hashes["SHA256"].upper() if "SHA256" in hashes else None
        metadata.hash_autov2 = hashes["AUTOV2"].upper() if "AUTOV2" in hashes else None
        if metadata.hash_autov2 is None and metadata.hash_sha256 is not None:
            metadata.hash_autov2 = metadata.hash_sha256[:10]
        size = _measure(file.get("sizeKB"))
        if size is not None:
            metadata.file_size = round(size * 1024)
    return metadata


def choose_version(model: dict[str, Any], version_id: int | None) -> dict[str, Any] | None:
    """The version of that number, else the one that was published last; ``None`` when the model does not show it."""
    versions = [each for each in _list(model.get("modelVersions")) if isinstance(each, dict)]
    if version_id is not None:
        return next((each for each in versions if _number(each.get("id")) == version_id), None)
    published = [each for each in versions if each.get("status", "Published") == "Published"]
    # ISO 8601 in one zone sorts as text; the service lists the creator's favourite first, which is kept among equals.
    return max(published, key=lambda each: _text(each.get("publishedAt")) or "", default=None)


def primary_file(version: dict[str, Any]) -> dict[str, Any] | None:
    """The file that is downloaded when nobody names one."""
    files = [each for each in _list(version.get("files")) if isinstance(each, dict)]
    marked = [each for each in files if each.get("primary") is True]
    models = [each for each in files if each.get("type") == "Model"]
    return next(iter(marked or models or files), None)


def preview_url(images: list[Any]) -> str | None:
    """The first picture that anybody may see, of a video its still; unrated ones are passed over."""
    for image in images:
        if not isinstance(image, dict):
            continue
        url, kind = image.get("url"), image.get("type", "image")
        if not isinstance(url, str) or kind not in ("image", "video") or not _allowed(image):
            continue
        if kind == "image":
            return url
        from ..civitai import Civitai
        from ..errors import Error

        try:
            still = Civitai.image_url(url, still=True)
        except (Error, ValueError):
            continue
        if still != url:
            return still
    return None


def plain_text(markup: object, length: int = DESCRIPTION_LENGTH) -> str | None:
    """The words of an HTML text."""
    if not isinstance(markup, str):
        return None
    # Far more markup than so much text can need is not looked at.
    text = html.unescape(_NOT_TEXT.sub(" ", markup[: length * 200]))
    return " ".join(text.replace("\0", "").split())[:length].rstrip()


def _allowed(image: dict[str, Any]) -> bool:
    level = image.get("nsfwLevel", image.get("nsfw"))
    if isinstance(level, str):
        level = _LEVEL_WORDS.get(level.lower(), 0)
    if isinstance(level, bool):
        level = 8 if level else 1
    return isinstance(level, int) and level > 0 and level & ~ALLOWED_LEVELS == 0


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _measure(value: object) -> float | None:
    """A number that a size or a rating can have; JSON also has larger ones."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e18:
        return None
    return float(value)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
