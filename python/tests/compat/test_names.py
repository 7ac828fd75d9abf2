"""``ModelMetadataManager`` by name and type, as generation code and scripts use it."""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.compat.model_manager import ModelManager
from modelshelf.compat.model_metadata import ModelMetadata, ModelMetadataManager

MakeFile = Callable[..., Path]
HASHES = ("hash_autov1", "hash_autov2", "hash_autov3", "hash_sha256", "hash_crc32", "hash_blake3")


@pytest.fixture
def manager(tmp_path: Path, shelf: modelshelf.Shelf) -> ModelMetadataManager:
    (tmp_path / "models").mkdir()
    return ModelMetadataManager(tmp_path / "models")


@pytest.fixture
def forbidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever hashes, scans or asks the network fails the test."""

    def fail(*values: object, **more: object) -> None:
        raise AssertionError("that takes long")

    from modelshelf import _native

    for name in ("hash_files", "scan", "lookup", "civitai_lookup", "civitai_model", "civitai_version"):
        monkeypatch.setattr(_native, name, fail)


@pytest.mark.usefixtures("forbidden")
@pytest.mark.parametrize(
    ("name", "model_type", "found"),
    [
        ("x", "UNET", "SD/x.safetensors"),
        ("x", "VAE", "SD/x.safetensors"),
        ("x", "lora", "LoRA/x.safetensors"),
        ("SD/x", "UNET", "SD/x.safetensors"),
        ("SD\\x", "UNET", "SD/x.safetensors"),
        ("SD/x.safetensors", "CLIP", "SD/x.safetensors"),
        ("SD\\x.safetensors", "UNET", "SD/x.safetensors"),
        ("x.safetensors", "LORA", "LoRA/x.safetensors"),
        ("deep", "LORA", "LoRA/a/b/deep.pt"),
        ("a/b/deep", "LORA", "LoRA/a/b/deep.pt"),
        ("a\\b\\deep.pt", "LORA", "LoRA/a/b/deep.pt"),
        ("b/deep", "LORA", "LoRA/a/b/deep.pt"),
        ("dots.v1.2", "LORA", "LyCORIS/dots.v1.2.safetensors"),
        ("two", "LORA", "LoRA/two.safetensors"),
        ("cn", "CONTROLNET", "CN/cn.pth"),
        ("up", "UPSCALER", "ESRGAN/up.pth"),
        ("words", "TI", "embeddings/words.pt"),
        ("beside", "TI", "../embeddings/beside.pt"),
        ("hands", "DETAILER", "Detailer/hands.pt"),
        ("own", "UNET", "my folder/own.gguf"),
        ("own", "UNKNOWN", "my folder/own.gguf"),
        ("hands", "UNKNOWN", "Detailer/hands.pt"),
        ("diffusers", "UNET", None),
        ("SD/diffusers", "UNET", "SD/diffusers"),
        ("猫", "LORA", "LoRA/猫.safetensors"),
        ("X", "UNET", None),
        ("eep", "LORA", None),
        ("", "UNET", None),
        ("nothing", "UNET", None),
        ("SD", "UNET", None),
        ("notes", "LORA", None),
        ("a\0b", "UNET", None),
        ("../../../etc/passwd", "UNET", None),
        ("." * 5000, "UNET", None),
        (None, "UNET", None),
        (5, "UNET", None),
        ("x", "no such type", "LoRA/x.safetensors"),
    ],
)
def test_names(
    manager: ModelMetadataManager, make_file: MakeFile, tmp_path: Path, name: Any, model_type: str, found: str | None
) -> None:
    for each in (
        "SD/x.safetensors",
        "LoRA/x.safetensors",
        "LoRA/a/b/deep.pt",
        "LyCORIS/dots.v1.2.safetensors",
        "LoRA/two.pt",
        "LoRA/two.safetensors",
        "LoRA/notes.txt",
        "LoRA/猫.safetensors",
        "CN/cn.pth",
        "ESRGAN/up.pth",
        "embeddings/words.pt",
        "../embeddings/beside.pt",
        "Detailer/hands.pt",
        "my folder/own.gguf",
        "SD/diffusers/model_index.json",
    ):
        make_file(f"models/{each}")
    model = manager.get_metadata(name, model_type)
    if found is None:
        assert model is None
        return
    assert isinstance(model, ModelMetadata)
    assert model.path == os.path.normpath(tmp_path / "models" / found)
    assert model.model_type == model_type.upper()
    assert all(getattr(model, each) is None for each in HASHES)
    assert isinstance(model.trigger_words, list)
    assert set(model.to_dict()) == {
        *HASHES,
        "name",
        "model_type",
        "path",
        "preview_path",
        "description",
        "base_model",
        "trigger_words",
    }


def test_the_current_folder_comes_first(
    manager: ModelMetadataManager, make_file: MakeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_file("models/SD/x.safetensors")
    near = make_file("SD/x.safetensors")
    model = manager.get_metadata("SD/x", "UNET")
    assert model is not None
    assert model.path == os.fspath(near)
    near.unlink()
    model = manager.get_metadata("SD/x", "UNET")
    assert model is not None
    assert model.path == os.fspath(tmp_path / "models" / "SD" / "x.safetensors")


def test_files_that_come_and_go_are_seen_at_once(
    manager: ModelMetadataManager, make_file: MakeFile, tmp_path: Path
) -> None:
    for _ in range(20):
        assert manager.get_metadata("x", "LORA") is None
        path = make_file("models/LoRA/new/x.safetensors")
        assert manager.get_metadata("x", "LORA") is not None
        path.unlink()
    assert manager.get_metadata("x", "LORA") is None
    (tmp_path / "models" / "LoRA" / "loop").symlink_to(tmp_path / "models")
    assert manager.get_metadata("x", "LORA") is None


def test_what_was_hashed_is_known_and_what_changed_is_not(
    manager: ModelMetadataManager, make_file: MakeFile, shelf: modelshelf.Shelf, request: pytest.FixtureRequest
) -> None:
    path = make_file("models/LoRA/x.safetensors", 3 * 1024 * 1024, modelspec_title="t")
    assert not manager.get_metadata("x", "LORA")
    shelf.scan("models", lookup=False)
    request.getfixturevalue("forbidden")
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest().upper()
    model = manager.get_metadata("x", "LORA")
    assert model
    assert model.hash_sha256 == digest
    assert model.hash_autov2 == digest[:10]
    assert model.hash_autov3 == hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()[:12].upper()
    assert model.hash_crc32 == zlib.crc32(data).to_bytes(4, "little").hex().upper()
    assert model.hash_autov1 is not None
    assert model.hash_blake3 is not None
    path.write_bytes(data + b"x")
    model = manager.get_metadata("x", "LORA")
    assert model is not None
    assert [getattr(model, each) for each in HASHES] == [None] * 6


def test_create_or_update(manager: ModelMetadataManager, make_file: MakeFile, tmp_path: Path, caplog: Any) -> None:
    path = make_file("models/LoRA/x.safetensors", 3 * 1024 * 1024)
    assert isinstance(manager.metadata_cache, Mapping)
    assert len(manager.metadata_cache) == 0
    model = manager.create_or_update_metadata(path, "LORA", description="mine", base_model="Unknown")
    assert isinstance(model, ModelMetadata)
    assert all(getattr(model, each) for each in HASHES)
    assert (model.name, model.model_type, model.description, model.base_model) == ("x", "LORA", "mine", None)
    assert list(manager.metadata_cache) == ["LORA:x"]
    assert manager.metadata_cache["LORA:x"].to_dict() == model.to_dict()
    saved = manager.load_metadata(path) or {}
    assert saved["hash"] == f"AUTOV2: {model.hash_autov2}"
    assert (saved["hash_autov2"], saved["hash_sha256"]) == (model.hash_autov2, model.hash_sha256)
    assert (saved["description"], saved["model_type"]) == ("mine", "LORA")
    # What is not given again stays.
    preview = tmp_path / "models" / "LoRA" / "x.preview.png"
    preview.write_bytes(b"png")
    model = manager.create_or_update_metadata(os.fspath(path), "LORA", base_model="SDXL 1.0")
    assert (model.description, model.base_model, model.preview_path) == ("mine", "SDXL 1.0", os.fspath(preview))
    # A manager that knows nothing, and a library that knows nothing: the file beside the model does.
    other = ModelMetadataManager(tmp_path / "models")
    again = other.get_metadata("x", "LORA")
    assert again is not None
    assert again.to_dict() == model.to_dict()
    missing = manager.create_or_update_metadata(tmp_path / "missing.pt", "UNET")
    assert isinstance(missing, ModelMetadata)
    assert not missing
    assert "UNET:missing" not in manager.metadata_cache
    assert caplog.records
    manager.clear_cache()
    assert dict(manager.metadata_cache) == {}


def test_broken_files_have_hashes_too(manager: ModelMetadataManager, tmp_path: Path) -> None:
    path = tmp_path / "models" / "SD" / "broken.safetensors"
    path.parent.mkdir()
    path.write_bytes(b"<!DOCTYPE html>")
    model = manager.create_or_update_metadata(path, "UNET")
    assert model.hash_sha256 == hashlib.sha256(b"<!DOCTYPE html>").hexdigest().upper()
    known = ModelMetadataManager(tmp_path / "models").get_metadata("broken", "UNET")
    assert known is not None
    assert known.hash_autov2 == model.hash_autov2


def test_one_name_in_two_folders(manager: ModelMetadataManager, make_file: MakeFile) -> None:
    first = make_file("models/LoRA/a/x.safetensors")
    second = make_file("models/LoRA/b/x.safetensors", 128)
    manager.create_or_update_metadata(first, "LORA")
    manager.create_or_update_metadata(second, "LORA")
    found = dict(manager.metadata_cache.items())
    assert {each.path for each in found.values()} == {os.fspath(first), os.fspath(second)}
    assert set(found) == {"LORA:x", "LORA:LoRA/b/x"}


def test_hashes_that_come_later_are_filled_in(
    manager: ModelMetadataManager, make_file: MakeFile, shelf: modelshelf.Shelf
) -> None:
    make_file("models/LoRA/x.safetensors")
    manager.get_metadata("x", "LORA")
    assert manager.metadata_cache["LORA:x"].hash_autov2 is None
    shelf.scan("models", lookup=False)
    assert manager.metadata_cache["LORA:x"].hash_autov2 is not None


@pytest.mark.parametrize(
    ("value", "words"),
    [(5, []), (True, []), (1.5, []), ({"a": 1}, []), ("two words", ["two words"]), ("", []), (["a", 5, None, "b"], ["a", "b"])],
)
def test_trigger_words_of_any_shape(
    manager: ModelMetadataManager, make_file: MakeFile, value: object, words: list[str]
) -> None:
    path = make_file("models/LoRA/x.safetensors")
    Path(f"{path}.metadata.json").write_text(json.dumps({"trigger_words": value}))
    # The server's generation goes on.
    model = manager.get_metadata("x", "LORA")
    assert model is not None
    assert model.trigger_words == words
    listed = ModelManager()
    listed.load_models_from_folder("models/LoRA")
    info = listed.get_model_at(0)
    assert info is not None
    assert info.triggerWords == words


def test_the_cache_is_the_scripts(manager: ModelMetadataManager, make_file: MakeFile) -> None:
    make_file("models/LoRA/x.safetensors")
    model = manager.get_metadata("x", "LORA")
    assert model is not None
    assert manager.metadata_cache.pop("LORA:x") is model
    assert manager.metadata_cache.pop("LORA:x", None) is None
    manager.metadata_cache["mine"] = {"hash": "x"}  # type: ignore[assignment]
    manager.metadata_cache["LORA:x"] = {}  # type: ignore[assignment]
    assert manager.get_metadata("x", "LORA") is not None
    assert sorted(manager.metadata_cache) == ["LORA:x", "mine"]
    assert dict(manager.metadata_cache.items())["mine"] == {"hash": "x"}
    assert len(list(manager.metadata_cache.values())) == 2
    assert manager.delete_metadata("models/LoRA/x.safetensors")
    manager.metadata_cache = {}  # type: ignore[assignment]
    assert len(manager.metadata_cache) == 0
    assert manager.get_metadata("x", "LORA") is not None
    assert list(manager.metadata_cache) == ["LORA:x"]
    manager.clear_cache()
    assert not manager.metadata_cache
