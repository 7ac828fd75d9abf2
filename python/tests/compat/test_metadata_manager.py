"""``ModelMetadataManager`` by path: the JSON files beside the models."""

from __future__ import annotations

import copy
import hashlib
import json
import multiprocessing
import os
import pickle
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.compat.civitai_metadata import CivitaiMetadata
from modelshelf.compat.json_file import locked_folder
from modelshelf.compat.model_metadata import (
    METADATA_SUFFIX,
    ModelMetadataManager,
    get_manager,
    get_metadata_for_model,
    set_metadata_for_model,
)

MakeFile = Callable[..., Path]


@pytest.fixture
def manager(tmp_path: Path, shelf: modelshelf.Shelf) -> ModelMetadataManager:
    return ModelMetadataManager(tmp_path / "models")


@pytest.fixture
def model(make_file: MakeFile) -> Path:
    return make_file("models/LoRA/x.safetensors")


def sidecar(model: Path) -> Path:
    return Path(f"{model}{METADATA_SUFFIX}")


def document(model: Path) -> Any:
    return json.loads(sidecar(model).read_text(encoding="utf-8"))


def autov2(model: Path) -> str:
    return hashlib.sha256(model.read_bytes()).hexdigest()[:10].upper()


def test_the_file(manager: ModelMetadataManager, model: Path) -> None:
    assert METADATA_SUFFIX == ".metadata.json"
    assert manager.get_metadata_path("/a/x.safetensors") == "/a/x.safetensors.metadata.json"
    assert manager.load_metadata(model) is None
    given = {"hash": " autov2:ab12ab12ab ", "name": "Ünïcode 猫", "mine": {"a": [1, None, 2.5]}}
    before = json.dumps(given)
    assert manager.save_metadata(model, given) is True
    assert json.dumps(given) == before
    text = sidecar(model).read_text(encoding="utf-8")
    assert "Ünïcode 猫" in text
    assert '\n  "name"' in text
    saved = document(model)
    assert saved["hash"] == "AUTOV2: AB12AB12AB"
    assert saved["mine"] == {"a": [1, None, 2.5]}
    datetime.fromisoformat(saved["last_updated"].replace("Z", "+00:00"))
    loaded = manager.load_metadata(model)
    assert loaded == saved
    assert isinstance(loaded, dict)
    loaded["name"] = "changed"
    assert (manager.load_metadata(model) or {})["name"] == "Ünïcode 猫"
    assert [each.name for each in model.parent.iterdir()] == unordered("x.safetensors", "x.safetensors.metadata.json")


def unordered(*names: str) -> Any:
    class Same:
        def __eq__(self, other: object) -> bool:
            return sorted(names) == sorted(other)  # type: ignore[call-overload,no-any-return]

    return Same()


def test_what_others_wrote_stays(manager: ModelMetadataManager, model: Path) -> None:
    manager.save_metadata(model, {"mine": 1})
    theirs = document(model)
    theirs["theirs"] = {"deep": ["x"]}
    theirs["mine"] = 2
    sidecar(model).write_text(json.dumps(theirs))
    assert (manager.load_metadata(model) or {})["theirs"] == {"deep": ["x"]}
    assert manager.save_metadata(model, {"other": 3})
    after = document(model)
    assert (after["mine"], after["theirs"], after["other"]) == (2, {"deep": ["x"]}, 3)


def test_a_bare_name_and_a_model_that_is_not_there(
    manager: ModelMetadataManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert manager.save_metadata("bare.safetensors", {"a": 1}) is True
    assert (tmp_path / "bare.safetensors.metadata.json").exists()
    assert (manager.load_metadata("bare.safetensors") or {})["a"] == 1
    assert manager.save_metadata("new/folder/x.pt", {"a": 1}) is True
    assert (tmp_path / "new" / "folder" / "x.pt.metadata.json").exists()
    assert manager.set_hash("bare.safetensors", "civitai:1 @ 2", "civitai") is True
    assert manager.get_hash("bare.safetensors") in ("civitai: 1@2", "civitai: 1 @ 2")
    assert manager.get_hash("nothing.safetensors") is None


def test_relative_names(manager: ModelMetadataManager, model: Path, make_file: MakeFile, tmp_path: Path) -> None:
    assert manager.save_metadata("LoRA/x.safetensors", {"where": "root"})
    assert document(model)["where"] == "root"
    near = make_file("LoRA/x.safetensors")
    assert manager.save_metadata("LoRA/x.safetensors", {"where": "here"})
    assert document(near)["where"] == "here"
    assert document(model)["where"] == "root"


def test_a_damaged_file_is_kept_aside(manager: ModelMetadataManager, model: Path, caplog: Any) -> None:
    for text in (b'{"hash": "AUTOV2: A', b"", b"[1]", b"\xff\xfe", b"nul\0l"):
        sidecar(model).write_bytes(text)
        caplog.clear()
        assert manager.load_metadata(model) is None
        assert caplog.records
        assert not sidecar(model).exists()
        (kept,) = [each for each in model.parent.iterdir() if ".corrupt" in each.name]
        assert kept.read_bytes() == text
        assert manager.save_metadata(model, {"a": 1}) is True
        assert (manager.load_metadata(model) or {})["a"] == 1
        assert kept.read_bytes() == text
        kept.unlink()
    sidecar(model).write_bytes(b"{")
    assert manager.save_metadata(model, {"a": 2}) is True
    assert [each for each in model.parent.iterdir() if ".corrupt" in each.name]


def test_what_cannot_be_saved_is_logged(manager: ModelMetadataManager, model: Path, caplog: Any) -> None:
    manager.save_metadata(model, {"a": 1})
    for bad in ({"a": object()}, None, 5, "text", [("a",)]):
        caplog.clear()
        assert manager.save_metadata(model, bad) is False  # type: ignore[arg-type]
        assert caplog.records
    for path in ("", "a\0b", None, 5):
        assert manager.save_metadata(path, {"a": 1}) is False  # type: ignore[arg-type]
        assert manager.load_metadata(path) is None  # type: ignore[arg-type]
        assert manager.get_hash(path) is None  # type: ignore[arg-type]
        assert manager.delete_metadata(path) is False  # type: ignore[arg-type]
    assert manager.save_metadata(model / "below", {"a": 1}) is False
    assert (manager.load_metadata(model) or {})["a"] == 1


def test_deleting(manager: ModelMetadataManager, model: Path) -> None:
    manager.save_metadata(model, {"a": 1})
    assert manager.delete_metadata(model) is True
    assert not sidecar(model).exists()
    assert manager.load_metadata(model) is None
    assert manager.delete_metadata(model) is True
    assert manager.delete_metadata("no/such/folder/x.pt") is True


def test_hashes(manager: ModelMetadataManager, model: Path, caplog: Any) -> None:
    assert manager.get_hash(model) is None
    assert manager.set_hash(model, "AUTOV2:ab12ab12ab") is True
    assert manager.get_hash(model) == "AUTOV2: AB12AB12AB"
    saved = document(model)
    assert (saved["hash"], saved["hash_type"]) == ("AUTOV2: AB12AB12AB", "AUTOV2")
    assert manager.set_hash(model, "civitai:12@34", "civitai") is True
    assert manager.get_hash(model) == "civitai: 12@34"
    assert document(model)["hash_type"] == "civitai"
    assert manager.set_hash(model, "  0123abcd ", "legacy") is True
    assert manager.get_hash(os.fspath(model)) == "0123abcd"
    for bad in ("", "  ", None, 5):
        caplog.clear()
        assert manager.set_hash(model, bad) is False  # type: ignore[arg-type]
        assert caplog.records
    assert manager.get_hash(model) == "0123abcd"
    assert manager.delete_metadata(model)
    assert manager.get_hash(model) is None


def test_the_hash_of_the_library(manager: ModelMetadataManager, model: Path, shelf: modelshelf.Shelf) -> None:
    assert manager.get_hash(model) is None
    shelf.scan(model.parent, lookup=False)
    assert manager.get_hash(model) == f"AUTOV2: {autov2(model)}"
    assert manager.get_hash("LoRA/x.safetensors") == f"AUTOV2: {autov2(model)}"
    # The file is another now.
    model.write_bytes(model.read_bytes() + b"more")
    assert manager.get_hash(model) is None
    assert manager.set_hash(model, "AUTOV2: 1111111111")
    assert manager.get_hash(model) == "AUTOV2: 1111111111"


def test_a_hash_of_an_earlier_file_is_none(
    manager: ModelMetadataManager, model: Path, shelf: modelshelf.Shelf, make_file: MakeFile
) -> None:
    shelf.scan(model.parent, lookup=False)
    manager.save_metadata(model, {"notes": "n"})
    assert document(model)["hash"] == f"AUTOV2: {autov2(model)}"
    assert manager.get_hash(model) == f"AUTOV2: {autov2(model)}"
    make_file("models/LoRA/x.safetensors", 4096)
    assert manager.get_hash(model) is None


CIVITAI = {
    "model_id": 1,
    "version_id": 2,
    "model_name": "Name",
    "model_type": "LORA",
    "hash_autov2": "ab12ab12ab",
    "hash_sha256": "ab12ab12ab" + "0" * 54,
    "trigger_words": ["a", "b"],
    "base_model": "SDXL 1.0",
    "preview_url": "https://image.civitai.com/x/1.png",
}
KEYS = """civitai_model_id civitai_version_id civitai_name civitai_type hash hash_type hash_autov2 hash_sha256
    trigger_words base_model preview_url""".split()


@pytest.mark.parametrize("as_object", [True, False])
def test_civitai_metadata(manager: ModelMetadataManager, model: Path, as_object: bool) -> None:
    given = CivitaiMetadata.from_dict(CIVITAI)
    assert manager.set_civitai_metadata(model, given if as_object else given.to_dict()) is True
    saved = document(model)
    assert [saved[key] for key in KEYS] == [
        1,
        2,
        "Name",
        "LORA",
        "AUTOV2: AB12AB12AB",
        "AUTOV2",
        "AB12AB12AB",
        ("ab12ab12ab" + "0" * 54).upper(),
        ["a", "b"],
        "SDXL 1.0",
        "https://image.civitai.com/x/1.png",
    ]
    assert manager.get_hash(model) == "AUTOV2: AB12AB12AB"
    # What it does not say replaces nothing.
    assert manager.set_civitai_metadata(model, {"model_id": 1, "version_id": 3}) is True
    after = document(model)
    assert (after["civitai_version_id"], after["trigger_words"], after["civitai_name"]) == (3, ["a", "b"], "Name")


def test_civitai_metadata_of_any_shape(manager: ModelMetadataManager, model: Path, caplog: Any) -> None:
    assert manager.set_civitai_metadata(model, {}) is True
    assert set(KEYS) <= set(document(model))
    assert manager.set_civitai_metadata(model, {"model_id": 5, "version_id": 6}) is True
    assert document(model)["hash"] in ("civitai: 5@6", "civitai: 5 @ 6")
    for bad in (None, 5, "x"):
        caplog.clear()
        assert manager.set_civitai_metadata(model, bad) is False  # type: ignore[arg-type]
        assert caplog.records


def test_the_models_of_a_folder(manager: ModelMetadataManager, make_file: MakeFile, tmp_path: Path) -> None:
    folder = tmp_path / "models" / "LoRA"
    names = ["a.safetensors", "b.CKPT", "c.pt", "d.pth", "e.bin", "f.gguf"]
    for name in [*names, "g.txt", ".h.pt", "i.safetensors.part", "sub/j.safetensors"]:
        make_file(f"models/LoRA/{name}")
    (folder / "k.safetensors").mkdir()
    manager.save_metadata(folder / "a.safetensors", {"notes": "n"})
    found = manager.get_models_with_metadata(os.fspath(folder))
    assert list(found) == [os.fspath(folder / name) for name in names]
    for path, entry in found.items():
        assert set(entry) == {"name", "path", "size", "metadata"}
        assert (entry["name"], entry["path"]) == (os.path.basename(path), path)
        assert entry["size"] == os.path.getsize(path)
    assert found[os.fspath(folder / "a.safetensors")]["metadata"]["notes"] == "n"
    assert found[os.fspath(folder / "c.pt")]["metadata"] == {}
    assert manager.get_models_with_metadata(tmp_path / "nowhere") == {}


def test_export_and_import(manager: ModelMetadataManager, make_file: MakeFile, tmp_path: Path, caplog: Any) -> None:
    for name in ("a.safetensors", "b.safetensors", "c.safetensors"):
        manager.save_metadata(make_file(f"models/LoRA/{name}"), {"notes": f"猫 {name}"})
    folder = tmp_path / "models" / "LoRA"
    assert manager.export_all_metadata(folder, "out.json") is True
    exported = json.loads(Path("out.json").read_text(encoding="utf-8"))
    assert set(exported) == {"exported_at", "folder", "models"}
    assert exported["folder"] == os.fspath(folder)
    assert len(exported["models"]) == 3
    assert manager.export_all_metadata(folder, tmp_path / "new" / "out.json") is True
    # Into another folder, by base name, also from another system.
    exported["models"]["C:\\models\\d.safetensors"] = {"metadata": {"notes": "windows"}}
    exported["models"]["/x/../.."] = {"metadata": {"notes": "up"}}
    exported["models"]["/x/y.safetensors"] = {"metadata": {"notes": "not there"}}
    exported["models"]["bad"] = None
    Path("out.json").write_text(json.dumps(exported))
    for name in ("a.safetensors", "d.safetensors"):
        make_file(f"other/{name}")
    manager.save_metadata("other/a.safetensors", {"mine": 1})
    assert manager.import_metadata("out.json", "other") is True
    assert document(tmp_path / "other" / "a.safetensors")["notes"] == "猫 a.safetensors"
    assert document(tmp_path / "other" / "a.safetensors")["mine"] == 1
    assert document(tmp_path / "other" / "d.safetensors")["notes"] == "windows"
    assert sorted(each.name for each in (tmp_path / "other").iterdir() if "json" in each.name) == [
        "a.safetensors.metadata.json",
        "d.safetensors.metadata.json",
    ]
    # Where they were.
    manager.delete_metadata(folder / "b.safetensors")
    assert manager.import_metadata("out.json") is True
    assert document(folder / "b.safetensors")["notes"] == "猫 b.safetensors"
    for text in ("{", "[]", '{"models": 5}', "", "\ud800".encode("utf-8", "surrogatepass")):
        Path("bad.json").write_bytes(text if isinstance(text, bytes) else text.encode())
        caplog.clear()
        assert manager.import_metadata("bad.json") is False
        assert caplog.records
    assert manager.import_metadata("missing.json") is False
    assert manager.export_all_metadata("missing", "out2.json") is False
    assert not Path("out2.json").exists()


def test_names_that_are_not_utf8(manager: ModelMetadataManager, make_file: MakeFile, tmp_path: Path) -> None:
    make_file(os.fsencode("models/LoRA/") + b"\xff.safetensors")
    (path,) = manager.get_models_with_metadata(tmp_path / "models" / "LoRA")
    assert manager.save_metadata(path, {"notes": "n"}) is True
    assert (manager.load_metadata(path) or {})["notes"] == "n"
    assert manager.export_all_metadata(tmp_path / "models" / "LoRA", "out.json") is True
    assert manager.delete_metadata(path) is True
    assert manager.import_metadata("out.json") is True
    assert (manager.load_metadata(path) or {})["notes"] == "n"


def test_gathered_metadata(make_file: MakeFile, tmp_path: Path) -> None:
    first, second = make_file("models/LoRA/x.safetensors"), make_file("models/SD/x.safetensors")
    manager = ModelMetadataManager(tmp_path / "models", tmp_path / "gathered")
    assert manager.save_metadata(first, {"which": 1})
    assert manager.save_metadata(second, {"which": 2})
    assert (manager.load_metadata(first) or {})["which"] == 1
    assert (manager.load_metadata(second) or {})["which"] == 2
    assert Path(manager.get_metadata_path(first)).is_relative_to(tmp_path / "gathered")
    assert [each.name for each in first.parent.iterdir()] == ["x.safetensors"]
    assert manager.delete_metadata(first) is True
    assert manager.load_metadata(first) is None


def test_one_manager_of_a_process(tmp_path: Path, model: Path, caplog: Any) -> None:
    manager = get_manager(tmp_path / "a")
    assert isinstance(manager, ModelMetadataManager)
    caplog.clear()
    assert get_manager() is manager
    assert get_manager(tmp_path / "a") is manager
    assert not caplog.records
    assert get_manager(tmp_path / "models") is manager
    assert manager.models_root_dir == os.fspath(tmp_path / "models")
    assert os.fspath(tmp_path / "models") in caplog.text
    assert set_metadata_for_model("LoRA/x.safetensors", {"a": 1}) is True
    assert (get_metadata_for_model("LoRA/x.safetensors") or {})["a"] == 1
    other = ModelMetadataManager(tmp_path)
    assert get_metadata_for_model("models/LoRA/x.safetensors", other) == get_metadata_for_model(model)
    assert get_metadata_for_model("nothing.pt") is None


def test_the_default_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ModelMetadataManager().models_root_dir == os.fspath(tmp_path / "models")
    monkeypatch.setenv("MODELSHELF_MODELS", "/somewhere")
    assert ModelMetadataManager().models_root_dir == "/somewhere"


def test_a_remembered_hash_is_the_last_that_was_set(manager: ModelMetadataManager, model: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(model.parent)
    names = [
        model,
        tmp_path / "link" / model.name,
        f"{model.parent}/../LoRA/./{model.name}",
        f"/{model}",
        "models/LoRA/x.safetensors",
        "LoRA/x.safetensors",
    ]
    for number, written in enumerate(names):
        for _ in range(2):
            assert [manager.get_hash(name) for name in names] == [manager.get_hash(model)] * len(names)
        assert manager.set_hash(written, f"AUTOV2:{number:010d}")
        assert [manager.get_hash(name) for name in names] == [f"AUTOV2: {number:010d}"] * len(names)
    other = ModelMetadataManager(tmp_path / "models")
    assert other.set_hash(model, "civitai:1@2", "civitai")
    assert (manager.load_metadata(model) or {})["hash"] == "civitai: 1@2"
    manager.clear_cache()
    assert manager.get_hash(model) == "civitai: 1@2"


def test_a_hash_that_another_process_noted(manager: ModelMetadataManager, model: Path) -> None:
    assert manager.set_hash(model, "civitai:1@2", "civitai")
    for value in ("AUTOV2: 1111111111", "civitai: 3@4", "civitai: 5@6"):
        manager.get_hash(model)
        sidecar(model).write_text(json.dumps({"hash": value}))
        assert (manager.load_metadata(model) or {})["hash"] == value
        assert manager.get_hash(model) == value
    sidecar(model).unlink()
    assert manager.load_metadata(model) is None
    assert manager.get_hash(model) is None
    # Without that it takes a moment.
    assert manager.set_hash(model, "civitai:1@2", "civitai")
    assert manager.get_hash(model) == "civitai: 1@2"
    sidecar(model).write_text(json.dumps({"hash": "civitai: 7@8"}))
    end = time.monotonic() + 30
    while manager.get_hash(model) != "civitai: 7@8":
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["x.safetensors", "models/LoRA/x.safetensors", "./x.safetensors"])
def test_the_file_of_a_relative_name(manager: ModelMetadataManager, model: Path, name: str) -> None:
    assert manager.get_metadata_path(name) == name + ".metadata.json"
    assert manager.get_metadata_path(Path("LoRA/x.safetensors")) == os.fspath(model) + ".metadata.json"


def test_what_the_user_noted_in_place_of_a_hash_stays(manager: ModelMetadataManager, model: Path) -> None:
    assert manager.set_hash(model, "civitai:1@2", "civitai")
    made = manager.create_or_update_metadata(model, "LORA")
    assert made.hash_autov2 == autov2(model)
    assert manager.get_hash(model) == "civitai: 1@2"
    assert document(model)["hash_type"] == "civitai"
    assert document(model)["hash_autov2"] == autov2(model)


def test_numbers_that_are_too_large(manager: ModelMetadataManager, model: Path) -> None:
    """What stands in a file may be anything; no call raises for it."""
    large = "1" + "0" * 400
    note = f'{{"schema": 1, "size": {model.stat().st_size}, "mtime_ns": {large}}}'
    sidecar(model).write_text(f'{{"modelshelf": {note}, "hash": "AUTOV2: ABCDEF0123", "hash_autov2": "ABCDEF0123"}}')
    assert manager.get_hash(model) is None
    found = manager.get_metadata("x", "LORA")
    assert found is not None
    assert found.hash_autov2 is None
    assert manager.load_metadata(model)["modelshelf"]["mtime_ns"] == int(large)  # type: ignore[index]


@pytest.mark.parametrize("path", ["", "\0", None])
def test_what_is_no_path_is_logged(manager: ModelMetadataManager, path: Any, caplog: Any) -> None:
    assert manager.get_models_with_metadata(path) == {}
    assert manager.update_model_hashes("LoRA/x.safetensors", path) is False
    assert len(caplog.records) == 2


def test_the_cache_stays_while_it_is_walked(manager: ModelMetadataManager, make_file: MakeFile) -> None:
    for name in "abc":
        make_file(f"models/LoRA/{name}.safetensors")
        assert manager.get_metadata(name, "LORA") is not None
    seen = []
    for key, model in manager.metadata_cache.items():
        seen.append(key)
        # As another thread does.
        for name in "abc":
            manager.delete_metadata(f"models/LoRA/{name}.safetensors")
        assert model.name == key.partition(":")[2]
    assert seen == ["LORA:a", "LORA:b", "LORA:c"]
    assert len(manager.metadata_cache) == 0
    assert list(manager.metadata_cache.values()) == []


def test_what_a_killed_writer_left_is_swept(manager: ModelMetadataManager, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir(exist_ok=True)
    left, fresh, other = (folder / f".{name}.part" for name in (".models_metadata.json.a", ".models_metadata.json.b", "c"))
    for each in (left, fresh, other):
        each.write_text("{")
    for each in (left, other):
        os.utime(each, (1, 1))
    assert manager.add_model_metadata("x.pt", {"author": "a"}) is True
    assert [each.exists() for each in (left, fresh, other)] == [False, True, True]


def test_notes_that_were_put_in_order_meanwhile(manager: ModelMetadataManager, tmp_path: Path) -> None:
    """Who finds the notes damaged looks again under the lock before it puts them aside."""
    assert manager.add_model_metadata("x.safetensors", {"author": "me"})
    notes = tmp_path / "models" / ".models_metadata.json"
    good = notes.read_bytes()
    notes.write_bytes(b"{")
    found: list[Any] = []
    with locked_folder(os.fspath(notes.parent)):
        reader = threading.Thread(target=lambda: found.append(manager.get_model_metadata("x.safetensors")))
        reader.start()
        reader.join(1)
        notes.write_bytes(good)
    reader.join()
    assert found[0] is not None
    assert found[0]["author"] == "me"
    assert [each.name for each in notes.parent.iterdir()] == [notes.name]


class Own(ModelMetadataManager):
    """As scripts extend it."""

    def __init__(self, folder: Path, note: str) -> None:
        super().__init__(folder, folder / "gathered")
        self.note = note


def test_a_manager_goes_to_another_process(tmp_path: Path, model: Path, shelf: modelshelf.Shelf) -> None:
    manager = Own(tmp_path / "models", "mine")
    assert manager.set_hash(model, "AUTOV2: AB12AB12AB")
    for other in (pickle.loads(pickle.dumps(manager)), copy.deepcopy(manager)):
        assert isinstance(other, Own)
        assert (other.models_root_dir, other.metadata_dir, other.note) == (
            manager.models_root_dir,
            manager.metadata_dir,
            "mine",
        )
        assert other.get_metadata("x", "LORA") is not None
        assert dict(other.metadata_cache).keys() == {"LORA:x"}
    # A pool that is started anew is handed the method with the manager.
    other = ModelMetadataManager(tmp_path / "models", tmp_path / "models" / "gathered")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        # A pool starts workers that fail for ever.
        assert pool.map_async(other.get_hash, [model]).get(timeout=60) == ["AUTOV2: AB12AB12AB"]


def test_attributes_that_were_set_to_anything(manager: ModelMetadataManager, model: Path) -> None:
    metadata = CivitaiMetadata()
    metadata.model_name = "n"
    metadata.trigger_words = "two words"  # type: ignore[assignment]
    assert manager.set_civitai_metadata(model, metadata)
    assert document(model)["trigger_words"] == ["two words"]
    for odd in (5, ["x"], {"a": 1}, True, 1.5):
        for name in vars(metadata):
            metadata = CivitaiMetadata()
            setattr(metadata, name, odd)
            assert manager.set_civitai_metadata(model, metadata) in (True, False)
            assert manager.set_civitai_metadata(model, {name: odd}) in (True, False)
    assert document(model)["civitai_name"] is not None
    assert manager.set_hash(model, "AB12", None)  # type: ignore[arg-type]
    assert document(model)["hash_type"] == "AUTOV2"
