"""The functions of ``model_metadata``, and the notes of the preview provider."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.compat import model_metadata
from modelshelf.compat.hash_text import normalized_hash
from modelshelf.compat.model_metadata import (
    ModelMetadataManager,
    calculate_model_hash,
    extract_lora_trigger_words,
    format_hashes_for_metadata,
    get_all_model_hashes,
    get_model_preview_path,
)

MakeFile = Callable[..., Path]


def test_hashes_are_upper_case_and_one_read(make_file: MakeFile, caplog: Any) -> None:
    path = make_file("x.safetensors", 3 * 1024 * 1024)
    found = get_all_model_hashes(path)
    assert set(found) == {"autov1", "autov2", "autov3", "sha256", "crc32", "blake3"}
    assert found["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest().upper()
    for name, value in found.items():
        assert value is not None
        assert value == value.upper()
        assert calculate_model_hash(path, name) == calculate_model_hash(os.fspath(path), name.upper()) == value
    assert get_all_model_hashes(make_file("small.safetensors"))["autov1"] is None
    caplog.clear()
    assert get_all_model_hashes("missing.pt") == {}
    assert calculate_model_hash("missing.pt", "sha256") is None
    assert calculate_model_hash(path, "md5") is None
    assert len(caplog.records) >= 3


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("AUTOV2:90bffafd10", "AUTOV2: 90BFFAFD10"),
        ("  AUTOV2:   90bffafd10  ", "AUTOV2: 90BFFAFD10"),
        ("autov2: ab", "AUTOV2: AB"),
        ("civitai:12@34", "civitai: 12@34"),
        ("civitai: 12", "civitai: 12"),
        (" 90bffafd10 ", "90bffafd10"),
        ("", ""),
        ("a:b:c", "a:b:c"),
    ],
)
def test_hash_texts(text: str, normal: str) -> None:
    assert normalized_hash(text) == normal
    assert normalized_hash(normal) == normal


def test_hashes_for_pictures() -> None:
    digest = "90bffafd10" + "0" * 54
    wanted = f"AUTOV2: 90BFFAFD10, SHA256: {digest.upper()}"
    assert format_hashes_for_metadata({"autov2": "90bffafd10", "sha256": digest}) == wanted
    assert format_hashes_for_metadata({"sha256": digest, "AUTOV2": "90BFFAFD10", "crc32": None, "x": ""}) == wanted
    assert format_hashes_for_metadata({}) == ""
    assert format_hashes_for_metadata(None) == ""
    assert format_hashes_for_metadata({"mine": "a"}) == "MINE: A"


def test_trigger_words(make_file: MakeFile, sample: dict[str, object]) -> None:
    assert extract_lora_trigger_words("library/LoRA/inkWash-000010.safetensors") == ["inkwash"]
    path = make_file("x.safetensors")
    assert extract_lora_trigger_words(path) == []
    Path("x.txt").write_bytes(b"\xef\xbb\xbfone, two words\r\n\r\nthree,one,,\n\xff")
    assert extract_lora_trigger_words(os.fspath(path)) == ["one", "two words", "three", "\ufffd"]
    Path("x.txt").write_text(" \n")
    assert extract_lora_trigger_words(path) == []
    for odd in ("missing.pt", "", "a\0b", ".", None):
        assert extract_lora_trigger_words(odd) == []  # type: ignore[arg-type]


def test_previews(make_file: MakeFile, tmp_path: Path) -> None:
    path = make_file("models/x.v1.safetensors")
    assert get_model_preview_path(path) is None
    assert get_model_preview_path("missing.pt", "LORA") is None
    names = [".previews/x.v1.webp", ".previews/x.v1.png", "x.v1_preview.png", "x.v1.webp", "x.v1.jpeg", "x.v1.jpg"]
    for name in [*names, "x.v1.png", "x.v1.preview.png"]:
        (tmp_path / "models" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "models" / name).write_bytes(b"p")
        assert get_model_preview_path(path, "LORA") == os.fspath(tmp_path / "models" / name)
    for odd in ("", "a\0b", None, 5, "/"):
        assert get_model_preview_path(odd) is None  # type: ignore[arg-type]


NOTES = ".models_metadata.json"


def test_notes_by_path(make_file: MakeFile, tmp_path: Path, caplog: Any) -> None:
    path = make_file("models/LoRA/x.safetensors")
    manager = ModelMetadataManager(tmp_path / "models")
    assert manager.get_model_metadata("LoRA/x.safetensors") is None
    manager.add_model_metadata("LoRA/x.safetensors", {"description": "猫", "trigger_words": ["a"], "mine": 1})
    manager.update_model_hashes("LoRA/x.safetensors", path)
    found = manager.get_model_metadata("LoRA\\x.safetensors")
    assert found is not None
    assert found["hashes"] == {name: value for name, value in get_all_model_hashes(path).items() if value}
    assert {"name", "description", "author", "base_model", "trigger_words", "hashes", "preview", "updated"} <= set(found)
    assert (found["name"], found["description"], found["mine"]) == ("x", "猫", 1)
    text = (tmp_path / "models" / NOTES).read_text(encoding="utf-8")
    assert "猫" in text
    assert json.loads(text) == {"LoRA/x.safetensors": found}
    found["mine"] = 2
    assert (manager.get_model_metadata("LoRA/x.safetensors") or {})["mine"] == 1
    # Another manager, as another process has it.
    ModelMetadataManager(tmp_path / "models").add_model_metadata("LoRA/x.safetensors", {"author": "a"})
    after = manager.get_model_metadata("LoRA/x.safetensors") or {}
    assert (after["author"], after["mine"], after["hashes"]) == ("a", 1, found["hashes"])
    for bad in (None, 5, {"a": object()}):
        caplog.clear()
        assert not manager.add_model_metadata("LoRA/x.safetensors", bad)  # type: ignore[arg-type]
        assert caplog.records
    assert not manager.update_model_hashes("LoRA/y.safetensors", "missing.pt")
    assert manager.get_model_metadata(None) is None  # type: ignore[arg-type]


def test_damaged_notes_are_kept_aside(tmp_path: Path, caplog: Any) -> None:
    (tmp_path / "models").mkdir()
    manager = ModelMetadataManager(tmp_path / "models")
    for number, text in enumerate(("{", "[]", ""), 1):
        (tmp_path / "models" / NOTES).write_text(text)
        caplog.clear()
        assert manager.get_model_metadata("x") is None
        assert caplog.records
        assert manager.add_model_metadata("x", {"a": number})
        assert len(list((tmp_path / "models").glob(f"{NOTES}.corrupt*"))) == number
        assert (manager.get_model_metadata("x") or {})["a"] == number


def note(root: str, which: int) -> None:
    manager = ModelMetadataManager(root)
    for index in range(30):
        assert manager.add_model_metadata(f"{which}/{index}", {"n": index})


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_notes_of_several_processes(tmp_path: Path) -> None:
    root = os.fspath(tmp_path / "models")
    children = [multiprocessing.get_context("fork").Process(target=note, args=(root, each)) for each in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    manager = model_metadata.ModelMetadataManager(root)
    assert all(manager.get_model_metadata(f"{which}/{index}") for which in range(4) for index in range(30))
    assert os.listdir(root) == [NOTES]


def test_a_picture_of_the_readme_example() -> None:
    hashes = get_all_model_hashes(__file__)
    text = format_hashes_for_metadata(hashes)
    assert text.startswith(f"AUTOV2: {hashes['autov2']}, SHA256: {hashes['sha256']}, CRC32: ")


def test_of_a_folder_nothing_is_read(make_file: MakeFile, shelf: modelshelf.Shelf, tmp_path: Path) -> None:
    make_file("models/SD/diffusers/unet/x.safetensors")
    manager = ModelMetadataManager(tmp_path / "models")
    assert not manager.update_model_hashes("SD/diffusers", tmp_path / "models" / "SD" / "diffusers")
    assert len(shelf) == 0
