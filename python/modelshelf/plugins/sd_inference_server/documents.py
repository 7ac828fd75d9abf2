"""Records as the server's wire takes them: BSON has 64-bit integers, UTF-8 and keys without NUL."""

from __future__ import annotations

from ... import pictures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: A picture in an answer has at most so many bytes.
LARGEST_PICTURE = 512 * 1024
_DEEPEST = 24
_CIVITAI = (
    "model_id version_id file_id model_name version_name type base_model creator tags trained_words nsfw_level air url "
    "status published_at"
).split()


def plain(value: Any, depth: int = 0) -> Any:
    """A copy in which every type, number and text can be sent."""
    if value is None or isinstance(value, (bool, float, bytes)):
        return value
    if isinstance(value, str):
        # A name that is not UTF-8 has lone surrogates.
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else str(value)
    if depth >= _DEEPEST:
        return None
    if isinstance(value, dict):
        return {plain(str(key)).replace("\0", ""): plain(each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each, depth + 1) for each in value]
    return plain(str(value))


def summary(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a list of models says of each: little, since the list goes out whole."""
    civitai = record.get("civitai") or {}
    hashes = record.get("hashes") or {}
    return {
        "title": civitai.get("model_name") or record.get("name"),
        "version": civitai.get("version_name"),
        "type": record.get("type"),
        "base_model": record.get("base_model") or record.get("architecture"),
        "hash": hashes.get("autov2"),
        "model_id": civitai.get("model_id"),
        "version_id": civitai.get("version_id"),
        "status": civitai.get("status"),
        "trigger_words": list(record.get("trigger_words") or [])[:32],
    }


def full(record: Mapping[str, Any], with_picture: bool = True) -> dict[str, Any]:
    """Everything that a client can use of one model. Reads its preview from the disk: not for the inference thread."""
    civitai = record.get("civitai") or {}
    keys = "name size type format architecture base_model precision hashes trigger_words user missing"
    document = {key: record.get(key) for key in keys.split()}
    document["safety"] = (record.get("safety") or {}).get("verdict")
    document["civitai"] = {key: civitai.get(key) for key in _CIVITAI}
    document["preview"] = preview(record) if with_picture else None
    answer: dict[str, Any] = plain(document)
    return answer


def preview(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Where a picture is, and the picture itself if it is small and for everybody (PG and PG-13)."""
    known = record.get("preview") or {}
    if not known:
        return None
    answer = {key: known.get(key) for key in ("url", "type", "nsfw_level")}
    answer["media"], answer["data"] = None, None
    path, level = known.get("path"), known.get("nsfw_level")
    if isinstance(path, str) and (not isinstance(level, int) or level <= 2):
        found = pictures.read(path, LARGEST_PICTURE)
        if found is not None:
            answer["media"], answer["data"] = found
    return answer
