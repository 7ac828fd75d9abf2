"""``civitai_integration``, against the local stand-in of the service."""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import os
import re
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.compat.civitai_integration import (
    CIVITAI_API_BASE,
    CIVITAI_MODEL_INFO,
    CIVITAI_VERSION_INFO,
    HASH_FORMATS,
    AsyncCivitaiFetcher,
    CivitaiIntegration,
    CivitaiMetadata,
)
from modelshelf.compat.service_answers import choose_version, metadata_of, plain_text
from modelshelf.testing.civitai import CivitaiStandIn

PATIENCE = 30
MakeFile = Callable[..., Path]


def version_of(path: str) -> dict[str, Any]:
    digest = modelshelf.hash_file(path)["sha256"]
    assert digest is not None
    known = modelshelf.Civitai().by_hash(digest)
    assert known is not None
    return modelshelf.Civitai().version(known["version_id"])


@pytest.fixture
def ink(service: CivitaiStandIn) -> dict[str, Any]:
    """A version of the sample as the service gives it."""
    return version_of("library/LoRA/inkWash-000010.safetensors")


def test_constants() -> None:
    for address in (CIVITAI_API_BASE, CIVITAI_MODEL_INFO, CIVITAI_VERSION_INFO):
        assert address.startswith("https://civitai.com/api/v1")
    assert set(HASH_FORMATS) == {"AUTOV2", "civitai", "civitai_model", "legacy"}
    for name, text in [
        ("AUTOV2", "AUTOV2: 90BFFAFD10"),
        ("civitai", "civitai: 2131974 @ 2411703"),
        ("civitai", "civitai: 2131974@2411703"),
        ("civitai_model", "civitai: 2131974"),
        ("legacy", "90bffafd10"),
    ]:
        assert re.fullmatch(HASH_FORMATS[name], text), name


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("https://civitai.com/models/123", (123, None)),
        ("https://civitai.com/models/123/some-slug", (123, None)),
        ("https://civitai.com/models/123/", (123, None)),
        ("https://civitai.com/models/123?modelVersionId=456", (123, 456)),
        ("https://civitai.com/models/123/slug?modelVersionId=456#x", (123, 456)),
        ("https://civitai.com/api/download/models/123@456", (123, 456)),
        ("https://civitai.com/api/download/models/456", (None, 456)),
        ("https://civitai.com/api/download/models/456?type=Model&format=SafeTensor&token=secret", (None, 456)),
        ("https://civitai.red/models/5", (5, None)),
        ("https://www.civitai.green/models/5", (5, None)),
        ("civitai.com/models/5", (5, None)),
        ("https://civitai.com/api/v1/models/5", (5, None)),
        ("https://civitai.com/api/v1/model-versions/6", (None, 6)),
        ("123456", (123456, None)),
        (" 12345678 ", (12345678, None)),
        ("civitai: 1 @ 2", (1, 2)),
        ("civitai: 1@2", (1, 2)),
        ("civitai: 7", (7, None)),
        ("urn:air:sdxl:lora:civitai:3@4", (3, 4)),
        ("urn:air:sd1:checkpoint:civitai:3", (3, None)),
        ("", (None, None)),
        ("https://example.com/models/5", (None, None)),
        ("https://civitai.com@evil.example/models/5", (None, None)),
        ("https://civitai.com/models/abc", (None, None)),
        ("https://civitai.com/models/", (None, None)),
        ("https://civitai.com/models/99999999999999999999", (None, None)),
        ("-5", (None, None)),
        ("a\0b", (None, None)),
        ("\ud800", (None, None)),
        ("x" * 100_000, (None, None)),
        (None, (None, None)),
        (123, (123, None)),
        (b"123", (None, None)),
        (["https://civitai.com/models/5"], (None, None)),
    ],
)
def test_ids_of_what_people_paste(text: Any, ids: tuple[int | None, int | None]) -> None:
    assert CivitaiIntegration().extract_civitai_ids_from_url(text) == ids


def test_a_version(ink: dict[str, Any]) -> None:
    metadata = CivitaiIntegration("t" * 32).fetch_model_metadata(ink["modelId"], ink["id"])
    assert isinstance(metadata, CivitaiMetadata)
    file = next(each for each in ink["files"] if each["primary"])
    path = Path("library/LoRA/inkWash-000010.safetensors")
    assert (metadata.model_id, metadata.version_id) == (ink["modelId"], ink["id"])
    assert metadata.hash_sha256 == hashlib.sha256(path.read_bytes()).hexdigest().upper()
    assert metadata.hash_autov2 == metadata.hash_sha256[:10] == file["hashes"]["AutoV2"]
    assert metadata.file_size == path.stat().st_size
    assert (metadata.base_model, metadata.trigger_words) == (ink["baseModel"], ink["trainedWords"])
    assert metadata.model_type == "LORA"
    assert metadata.description is not None
    assert len(metadata.description) <= 500
    assert "<" not in metadata.description
    assert isinstance(metadata.download_count, int)
    assert isinstance(metadata.rating, float)
    allowed = [each["url"] for each in ink["images"] if each["nsfwLevel"] in (1, 2) and each["type"] == "image"]
    assert metadata.preview_url is None or metadata.preview_url in allowed or "anim=false" in metadata.preview_url
    # Ids as text, and a version alone.
    same = CivitaiIntegration().fetch_model_metadata(str(ink["modelId"]), str(ink["id"]))  # type: ignore[arg-type]
    assert same == metadata
    assert CivitaiIntegration().fetch_model_metadata(None, ink["id"]) == metadata
    latest = CivitaiIntegration().fetch_model_metadata(ink["modelId"])
    assert latest is not None
    assert latest.model_id == ink["modelId"]


def test_what_is_not_there_is_none(service: CivitaiStandIn, ink: dict[str, Any], caplog: Any) -> None:
    integration = CivitaiIntegration()
    for model, version in [(999_999_999, None), (ink["modelId"], 999_999_999), (None, None), (0, 0), (-1, None)]:
        assert integration.fetch_model_metadata(model, version) is None
    assert integration.fetch_model_metadata("x" * 50) is None  # type: ignore[arg-type]
    assert integration.fetch_model_metadata(object()) is None  # type: ignore[arg-type]
    assert len(caplog.records) >= 7


@pytest.mark.parametrize("fault", ["401", "404"])
def test_a_service_that_answers_nonsense(service: CivitaiStandIn, ink: dict[str, Any], fault: str) -> None:
    service.misbehave(fault)
    assert CivitaiIntegration().fetch_model_metadata(ink["modelId"]) is None


def test_no_network(caplog: Any) -> None:
    assert CivitaiIntegration("secret-key").fetch_model_metadata(1) is None
    assert CivitaiIntegration().download_preview("https://image.civitai.com/x/a.png", "a.png") is False
    assert caplog.records
    assert "secret-key" not in caplog.text


MODEL: dict[str, Any] = {
    "id": 1,
    "name": "M",
    "type": "LORA",
    "description": "<p>One&nbsp;&amp; two</p><script>bad()</script><b>three</b>",
    "stats": {"downloadCount": 7, "rating": 4.5},
    "modelVersions": [
        {"id": 10, "publishedAt": "2024-01-01T00:00:00.000Z", "status": "Published"},
        {
            "id": 11,
            "publishedAt": "2025-01-01T00:00:00.000Z",
            "status": "Published",
            "baseModel": "SDXL 1.0",
            "trainedWords": ["a", None, "b"],
            "files": [
                {"type": "VAE", "sizeKB": 1, "hashes": {"SHA256": "AA" * 32}},
                {"type": "Model", "primary": True, "sizeKB": 1.5, "hashes": {"AutoV2": "ab12ab12ab", "SHA256": "Bb" * 32}},
            ],
            "images": [
                {"url": "https://a/blocked", "nsfwLevel": 32, "type": "image"},
                {"url": "https://a/unrated", "nsfwLevel": 0, "type": "image"},
                {"url": "https://a/adult", "nsfwLevel": 8, "type": "image"},
                {"url": "https://a/video", "nsfwLevel": 1, "type": "video"},
                {"url": "https://a/fine", "nsfwLevel": 2, "type": "image"},
            ],
        },
        {"id": 12, "publishedAt": "2026-01-01T00:00:00.000Z", "status": "Draft"},
    ],
}


def test_the_newest_published_version_and_its_primary_file() -> None:
    version = choose_version(MODEL, None)
    assert version is not None
    metadata = metadata_of(MODEL, version)
    assert metadata.to_dict() == {
        "model_id": 1,
        "version_id": 11,
        "model_name": "M",
        "model_type": "LORA",
        "hash_autov2": "AB12AB12AB",
        "hash_sha256": "BB" * 32,
        "preview_url": "https://a/fine",
        "trigger_words": ["a", "b"],
        "base_model": "SDXL 1.0",
        "file_size": 1536,
        "download_count": 7,
        "rating": 4.5,
        "description": "One & two three",
    }
    assert choose_version(MODEL, 10) is MODEL["modelVersions"][0]
    assert choose_version(MODEL, 99) is None


@pytest.mark.parametrize("value", [None, [], {}, "x", 1, [1], [None], [{}], {"a": 1}])
def test_answers_of_any_shape(value: Any) -> None:
    keys = ("stats", "description", "name", "type", "modelVersions", "files", "images", "trainedWords", "baseModel")
    model: dict[str, Any] = dict.fromkeys(keys, value)
    choose_version(model, None)
    metadata = metadata_of(model, model)
    json.dumps(metadata.to_dict())
    assert isinstance(metadata.trigger_words, list)


def test_plain_text() -> None:
    assert plain_text("<p>a</p>" * 400) == " ".join("a" * 250)
    assert plain_text(None) is None
    assert plain_text("1 < 2 & 3") == "1 < 2 & 3"


def test_metadata_as_a_dictionary() -> None:
    metadata = CivitaiMetadata.from_dict({"model_id": 5, "no such": 1, "trigger_words": ["a"], "to_dict": "x"})
    assert metadata.model_id == 5
    assert CivitaiMetadata.from_dict(metadata.to_dict()) == metadata
    assert callable(metadata.to_dict)
    assert CivitaiMetadata().to_dict()["trigger_words"] == []


def picture_of(version: dict[str, Any]) -> str:
    return next(each["url"] for each in version["images"] if each["type"] == "image")


def test_a_preview(ink: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    integration = CivitaiIntegration()
    url = picture_of(ink)
    assert integration.download_preview(url, "bare.png") is True
    assert integration.download_preview(url, tmp_path / "new" / "folder" / "b.png") is True
    data = (tmp_path / "bare.png").read_bytes()
    assert data == (tmp_path / "new" / "folder" / "b.png").read_bytes()
    saved = integration.save_picture(url, tmp_path / "stem.of.name", add_ending=True)
    assert saved is not None
    kinds = {b"\x89PNG": ".png", b"\xff\xd8\xff\xe0": ".jpeg", b"RIFF": ".webp", b"GIF8": ".gif"}
    assert Path(saved).suffix.replace("jpg", "jpeg") == kinds[data[:4]]
    (tmp_path / "old.png").write_bytes(b"old")
    service = os.environ["CIVITAI_BASE_URL"]
    for bad in (f"{service}/api/v1/models", f"{service}/nothing", "no address", "file:///etc/passwd", "", None):
        assert integration.download_preview(bad, tmp_path / "old.png") is False  # type: ignore[arg-type]
    assert (tmp_path / "old.png").read_bytes() == b"old"
    assert integration.download_preview(url, tmp_path) is False
    assert not [each for each in tmp_path.rglob("*") if each.name.endswith(".part")]


def test_hashes(tmp_path: Path, make_file: MakeFile, caplog: Any) -> None:
    path = make_file("big.safetensors", 9 * 1024 * 1024)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    calculate = CivitaiIntegration().calculate_file_hash
    assert calculate(path) == calculate(os.fspath(path), "SHA256") == digest
    assert calculate(path, "AUTOV2") == digest[:10].upper()
    assert calculate(path, "autov2") == digest[:10].upper()
    header = 8 + int.from_bytes(data[:8], "little")
    assert calculate(path, "AUTOV3") == hashlib.sha256(data[header:]).hexdigest()[:12].upper()
    assert calculate(path, "AUTOV1") == hashlib.sha256(data[0x100000:0x110000]).hexdigest()[:8].upper()
    assert calculate(path, "CRC32") == zlib.crc32(data).to_bytes(4, "little").hex().upper()
    blake3 = calculate(path, "BLAKE3")
    assert blake3 is not None
    assert re.fullmatch("[0-9a-f]{64}", blake3)
    assert not caplog.records
    small = make_file("small.safetensors")
    for bad, method in [(path, "MD5"), (path, None), (tmp_path, "SHA256"), ("missing", "SHA256"), (small, "AUTOV1")]:
        caplog.clear()
        assert calculate(bad, method) is None
        assert caplog.records
    assert calculate(None) is None  # type: ignore[arg-type]
    assert calculate("a\0b") is None


def test_exactly_one_callback_once(ink: dict[str, Any], caplog: Any) -> None:
    fetcher = AsyncCivitaiFetcher("t" * 32)
    assert fetcher.integration.token == "t" * 32
    calls: list[tuple[str, Any, bool]] = []
    done = threading.Semaphore(0)

    def note(kind: str) -> Callable[[Any], None]:
        def call(value: Any) -> None:
            calls.append((kind, value, threading.current_thread() is threading.main_thread()))
            done.release()
            raise RuntimeError("mine")

        return call

    good = f"https://civitai.com/models/{ink['modelId']}"
    for url in (good, "https://civitai.com/models/999999999", "nonsense", None):
        fetcher.fetch_async(url, note("found"), note("failed"))  # type: ignore[arg-type]
        assert done.acquire(timeout=PATIENCE)
    with caplog.at_level(logging.ERROR):
        task = fetcher.fetch_async("nonsense", note("found"))
        assert task.join(PATIENCE)
    assert [kind for kind, _, _ in calls] == ["found", "failed", "failed", "failed"]
    assert isinstance(calls[0][1], CivitaiMetadata)
    assert all(isinstance(text, str) for _, text, _ in calls[1:])
    assert not any(on_main for _, _, on_main in calls)
    assert fetcher.callbacks == {}


def test_the_arguments_are_those_of_old() -> None:
    assert [*inspect.signature(CivitaiIntegration.fetch_model_metadata).parameters] == ["self", "model_id", "version_id"]
    assert [*inspect.signature(CivitaiIntegration.download_preview).parameters] == [
        "self",
        "preview_url",
        "output_path",
    ]
    assert CivitaiMetadata.from_dict({"trigger_words": "one word"}).trigger_words == ["one word"]


def test_the_token_is_shown_nowhere() -> None:
    integration = CivitaiIntegration("secret-key")
    assert integration.token == "secret-key"
    assert "secret-key" not in repr(integration) + str(vars(integration.session)) + repr(AsyncCivitaiFetcher("secret-key"))


def test_numbers_that_are_too_large(service: CivitaiStandIn, caplog: Any) -> None:
    assert CivitaiIntegration().fetch_model_metadata(10**40) is None
    assert CivitaiIntegration().fetch_model_metadata(1, 10**40) is None
    assert len(caplog.records) == 2
    # JSON has no bounds: 1e999 is read as infinity.
    for values in ({"sizeKB": json.loads("1e999")}, {"sizeKB": json.loads("1" + "0" * 400)}):
        assert metadata_of({"id": 1}, {"id": 2, "files": [values]}).file_size is None
    assert metadata_of({"id": 1, "stats": {"rating": 10**400}}, {"id": 2}).rating == 0.0
