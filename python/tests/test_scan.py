"""Scanning, reading and editing records."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import modelshelf

MakeFile = Callable[..., Path]


def test_a_scan_finds_hashes_and_reports(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    first, second = make_file("models/a.safetensors", 1000), make_file("models/b.safetensors", 2000)
    seen: list[modelshelf.Progress] = []
    report = shelf.scan(["models"], progress=seen.append, lookup=False)
    assert (report.files, report.new, report.hashed, report["failed"]) == (2, 2, 2, [])
    assert report.bytes_hashed == first.stat().st_size + second.stat().st_size
    assert {each.phase for each in seen} <= {"finding", "reading", "hashing", "identifying", "done"}
    assert seen
    again = shelf.scan("models", lookup=False)
    assert (again.files, again.unchanged, again.hashed) == (2, 2, 0)
    assert len(shelf) == 2


def test_a_model_is_found_by_path_hash_and_name(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    path = make_file("models/a.safetensors", 1000)
    shelf.scan({"LORA": "models"}, lookup=False)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for what in (path, os.fspath(path), os.fsencode(path), "models/a.safetensors", digest, digest[:10].upper(), "a"):
        model = shelf.get(what)
        assert model is not None, what
        assert model.path == os.fspath(path)
    assert model.type == "LORA"
    assert model["hashes"]["sha256"] == digest
    assert model.hashes["autov2"] == digest[:10].upper()
    assert shelf.get(model) == model
    assert shelf.get("nothing") is None
    assert shelf.get_hash(path) == digest
    assert shelf.get_hash(path, "autov2") == digest[:10].upper()
    assert shelf.get_hash("models/none.safetensors") is None


def test_relative_names_are_below_the_models_folder(
    make_file: MakeFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file("elsewhere/LoRA/a.safetensors", 1000)
    monkeypatch.chdir("/")
    with modelshelf.get_manager(tmp_path / "elsewhere") as shelf:
        assert shelf.scan(["LoRA"], lookup=False).files == 1
        model = shelf.get("LoRA/a.safetensors")
        assert model is not None
        assert model.path == os.fspath(path)
        assert shelf.get_hash("LoRA/a.safetensors") == model.hashes["sha256"]
        # The current folder comes first.
        monkeypatch.chdir(tmp_path)
        make_file("LoRA/a.safetensors", 500)
        assert shelf.get_hash("LoRA/a.safetensors") is None
        assert shelf.scan("LoRA", lookup=False).new == 1
        model = shelf.get("LoRA/a.safetensors")
        assert model is not None
        assert model.path == os.fspath(tmp_path / "LoRA/a.safetensors")


def test_there_is_one_shelf_for_each_database(tmp_path: Path) -> None:
    shelf = modelshelf.get_manager()
    assert modelshelf.get_manager() is shelf
    assert modelshelf.get_manager(tmp_path / "other") is shelf
    assert shelf.models_dir == os.fspath(tmp_path / "other")
    with modelshelf.get_manager(db=tmp_path / "x.db") as other:
        assert other is not shelf
        assert other.database == os.fspath(tmp_path / "x.db")
        assert modelshelf.get_manager(db=os.fsencode(tmp_path / "x.db")) is other
    shelf.close()
    with modelshelf.get_manager() as again:
        assert again is not shelf
        assert len(again) == 0


def test_what_the_user_says_stays(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    path = make_file("models/a.safetensors", 1000)
    shelf.scan("models", lookup=False)
    model = shelf.update(path, notes="quixotic", favorite=True, tags=["a", "b"], base_model="SDXL 1.0", mine={"x": 1})
    assert (model.notes, model.favorite, sorted(model.tags)) == ("quixotic", True, ["a", "b"])
    assert model.base_model == "SDXL 1.0"
    assert model.user["fields"]["mine"] == {"x": 1}
    assert sorted(shelf.tag(path, "c", remove=["a"]).tags) == ["b", "c"]
    assert shelf.untag(path, "b").tags == ["c"]
    assert shelf.update(path, mine=None).user["fields"].get("mine") is None
    shelf.scan("models", force=True, lookup=False)
    model = shelf.get(path)
    assert model is not None
    assert (model.notes, model.tags, model.base_model) == ("quixotic", ["c"], "SDXL 1.0")


def test_lists_and_searches(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    for name in "abc":
        make_file(f"models/{name}.safetensors", 1000 + ord(name))
    shelf.scan({"LORA": "models"}, lookup=False)
    shelf.update("models/b.safetensors", notes="a quixotic one", favorite=True)
    page = shelf.list(limit=2)
    assert ([each.name for each in page], page.total) == (["a", "b"], 3)
    assert [each.name for each in shelf.list(offset=2)] == ["c"]
    assert {shelf.list(sort="size")[0].name, shelf.list(sort="size")[2].name} == {"a", "c"}
    assert [each.name for each in shelf.search("quixot")] == ["b"]
    assert [each.name for each in shelf.search("quixot", type="LORA")] == ["b"]
    assert shelf.search("quixot", type="VAE") == []
    assert [each.name for each in shelf.list(favorite=True)] == ["b"]
    assert len(shelf.list(missing_metadata=True)) == 3


def test_folders_are_registered(shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path) -> None:
    make_file("models/a.safetensors")
    shelf.add_root("models", "LORA")
    assert [(each["path"], each["type"]) for each in shelf.roots()] == [(os.fspath(tmp_path / "models"), "LORA")]
    assert shelf.scan(lookup=False).files == 1
    shelf.remove_root("models")
    assert shelf.roots() == []
    with pytest.raises(ValueError):
        shelf.scan([])


def test_names_that_are_not_utf8(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    path = make_file(b"d\xe9/caf\xe9.safetensors")
    assert shelf.scan(os.fsencode(path.parent), lookup=False).files == 1
    model = shelf.get(os.fsencode(path))
    assert model is not None
    assert model.path == os.fspath(path)
    assert os.path.exists(model)
    assert model.path_bytes
    assert shelf.get_hash(path) == modelshelf.hash_file(path)["sha256"]
    assert shelf.list()[0] == model


def test_a_missing_file_keeps_its_record(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    path = make_file("models/a.safetensors")
    make_file("models/b.safetensors", 100)
    shelf.scan("models", lookup=False)
    path.unlink()
    assert shelf.scan("models", lookup=False).missing == 1
    model = shelf.get("models/a.safetensors")
    assert model is not None
    assert model.missing
    shutil.rmtree(path.parent)


def test_records_of_a_list_are_records(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    names = ["a", "ü\u2028 \\n", os.fsdecode(b"\xff"), "c"]
    for number, name in enumerate(names, 1):
        make_file(f"models/{name}.safetensors", number)
    shelf.scan("models", lookup=False)
    assert shelf.list(limit=0) == []
    assert shelf.list(limit=0).total == shelf.list(offset=100).total == len(names)
    for use in (
        lambda model: model.path,
        lambda model: model["path"],
        os.fspath,
        len,
        dict,
        repr,
        dir,
        lambda model: pickle.loads(pickle.dumps(model)).path,
        lambda model: copy.deepcopy(model).path,
        lambda model: model.to_dict(),
        lambda model: model == model and "name" in model,
    ):
        assert all(use(model) for model in shelf.list())
    models = shelf.list(sort="size")
    assert sorted(os.path.basename(model.path) for model in models) == sorted(f"{name}.safetensors" for name in names)
    assert models == [shelf.get(model.path) for model in models]
    with pytest.raises(AttributeError):
        models[0].nothing  # noqa: B018
    # Half-made copies have nothing, and say so.
    with pytest.raises(AttributeError):
        modelshelf.Model.__new__(modelshelf.Model).name  # noqa: B018


def test_a_bad_file_is_listed_and_the_rest_is_done(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    make_file("models/a.safetensors")
    bad = make_file("models/b.safetensors", 1000)
    with open(bad, "r+b") as file:
        file.truncate(200)
    report = shelf.scan("models", lookup=False)
    assert [(each["path"], each["code"]) for each in report.failed] == [(os.fspath(bad), "corrupt_file")]
    assert shelf.get("models/a.safetensors") is not None


def test_records_are_read_only_mappings(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    path = make_file("models/a.safetensors")
    shelf.scan("models", lookup=False)
    model = shelf.get(path)
    assert model is not None
    assert dict(model)["name"] == model.name == "a"
    assert "name" in model
    assert "base_model" in dir(model)
    assert pickle.loads(pickle.dumps(model)) == model == copy.deepcopy(model)
    assert model.to_dict() is not model.to_dict()
    assert repr(model).startswith("<Model 'a'")
    with pytest.raises(AttributeError):
        model.name = "b"
    with pytest.raises(KeyError):
        model["nothing"]


def test_doctor_answers(shelf: modelshelf.Shelf) -> None:
    findings = shelf.doctor()
    assert isinstance(findings["ok"], bool)
    assert {"name", "status", "detail", "advice"} <= set(findings["checks"][0])
