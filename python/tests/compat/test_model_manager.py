"""``model_manager`` and ``colab_civitai_setup``."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import modelshelf
from modelshelf.compat import colab_civitai_setup as setup
from modelshelf.compat.civitai_integration import CivitaiIntegration, CivitaiMetadata
from modelshelf.compat.detector import AutoModelMetadataDetector
from modelshelf.compat.model_manager import ModelInfo, ModelManager, Signal, register_model_manager
from modelshelf.compat.model_metadata import ModelMetadataManager, get_manager
from modelshelf.testing.civitai import CivitaiStandIn

MakeFile = Callable[..., Path]
PATIENCE = 40


class Heard:
    """What the signals of a manager said."""

    def __init__(self, manager: ModelManager) -> None:
        self.events: list[tuple[str, tuple[Any, ...]]] = []
        for name in ("modelsUpdated", "modelSelected", "fetchProgress", "fetchError"):
            getattr(manager, name).connect(lambda *values, name=name: self.events.append((name, values)))

    def take(self) -> list[str]:
        names = [name for name, _ in self.events]
        self.events.clear()
        return names


def test_signals(caplog: Any) -> None:
    signal = Signal("s")
    calls: list[Any] = []

    def bad(*values: object) -> None:
        raise RuntimeError("mine")

    signal.connect(bad)
    signal.connect(calls.append)
    signal.emit(1)
    signal.disconnect(bad)
    signal.disconnect(bad)
    signal.emit(2)
    signal.disconnect()
    signal.emit(3)
    assert calls == [1, 2]
    assert "mine" in caplog.text
    with pytest.raises(TypeError):
        signal.connect(None)  # type: ignore[arg-type]


def test_a_list_of_models(shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path) -> None:
    assert register_model_manager() is None  # type: ignore[func-returns-value]
    first, second = make_file("models/LoRA/a.safetensors"), make_file("models/LoRA/b.pt", 128)
    get_manager(tmp_path / "models")
    get_manager().save_metadata(
        first,
        {
            "hash": "AUTOV2: AB12AB12AB",
            "hash_type": "AUTOV2",
            "civitai_name": "N",
            "civitai_type": "LORA",
            "civitai_model_id": 7,
            "trigger_words": ["w"],
            "base_model": "SDXL 1.0",
            "preview_path": "/p.png",
            "description": "d",
        },
    )
    manager = ModelManager()
    heard = Heard(manager)
    assert (manager.modelCount, manager.get_model_at(0)) == (0, None)
    manager.load_models_from_folder("./models/LoRA")
    assert heard.take() == ["modelsUpdated", "fetchProgress"]
    assert manager.modelCount == 2
    model, other = manager.get_model_at(0), manager.get_model_at(1)
    assert isinstance(model, ModelInfo)
    assert vars(model) == {
        "name": "a.safetensors",
        "path": os.fspath(first),
        "size": first.stat().st_size,
        "hash": "AUTOV2: AB12AB12AB",
        "hashType": "AUTOV2",
        "civitaiName": "N",
        "civitaiType": "LORA",
        "civitaiId": 7,
        "triggerWords": ["w"],
        "baseModel": "SDXL 1.0",
        "previewPath": "/p.png",
        "description": "d",
    }
    assert other is not None
    assert (other.name, other.hash, other.civitaiId, other.triggerWords) == ("b.pt", "", 0, [])
    assert manager.get_model_at(2) is None
    assert manager.get_model_at(-1) is None
    manager.select_model("models/LoRA/a.safetensors")
    assert heard.events == [("modelSelected", (model,))]
    manager.select_model("nothing")
    assert heard.take() == ["modelSelected"]
    manager.set_model_hash(os.fspath(second), "AUTOV2:cd34cd34cd")
    assert other.hash == "AUTOV2: CD34CD34CD"
    assert heard.take() == ["modelsUpdated", "fetchProgress"]
    manager.set_model_hash(second, "")
    assert heard.take() == ["fetchError"]
    manager.delete_model_metadata("./models/LoRA/b.pt")
    assert (other.hash, other.hashType) == ("", "")
    assert heard.take() == ["modelsUpdated", "fetchProgress"]
    manager.load_models_from_folder("nowhere")
    assert heard.take() == ["fetchError"]
    assert manager.modelCount == 2


def test_export_and_import(shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path) -> None:
    get_manager(tmp_path / "models").save_metadata(make_file("models/LoRA/a.safetensors"), {"notes": "n"})
    make_file("other/a.safetensors")
    manager = ModelManager()
    assert "Failed" in manager.export_all_metadata("out.json")
    manager.load_models_from_folder("models/LoRA")
    assert "out.json" in manager.export_all_metadata("out.json")
    assert len(json.loads(Path("out.json").read_text())["models"]) == 1
    assert "two.json" in manager.export_all_metadata("./models/LoRA", "two.json")
    assert Path("two.json").exists()
    assert "imported" in manager.import_metadata("out.json", "other")
    assert (get_manager().load_metadata("other/a.safetensors") or {})["notes"] == "n"
    assert manager.modelCount == 1
    assert "Failed" in manager.import_metadata("missing.json", "other")


def test_fetching_does_not_wait(service: CivitaiStandIn, make_file: MakeFile, tmp_path: Path) -> None:
    sha256 = modelshelf.hash_file("library/LoRA/inkWash-000010.safetensors")["sha256"]
    known = modelshelf.Civitai().by_hash(sha256 or "")
    assert known is not None
    path = make_file("models/LoRA/a.safetensors")
    with modelshelf.get_manager(tmp_path / "models"):
        manager = ModelManager()
        manager.set_civitai_token("t" * 32)
        manager.load_models_from_folder("models/LoRA")
        heard = Heard(manager)
        threads: set[bool] = set()
        manager.modelsUpdated.connect(lambda: threads.add(threading.current_thread() is threading.main_thread()))
        manager.fetch_civitai_metadata("models/LoRA/a.safetensors", f"https://civitai.com/models/{known['model_id']}")
        assert manager.wait(PATIENCE)
        assert heard.take() == ["fetchProgress", "modelsUpdated", "fetchProgress"]
        assert threads == {False}
        model = manager.get_model_at(0)
        assert model is not None
        assert (model.civitaiId, model.civitaiType) == (known["model_id"], "LORA")
        assert model.hash.startswith("AUTOV2: ")
        assert model.triggerWords == ["inkwash"]
        assert Path(model.previewPath).parent == path.parent / ".previews"
        assert model.description
        manager.fetch_civitai_metadata(path, "https://civitai.com/models/999999999")
        assert manager.wait(PATIENCE)
        manager.fetch_civitai_metadata("models/LoRA/missing.safetensors", "1")
        assert manager.wait(PATIENCE)
        assert heard.take() == ["fetchProgress", "fetchError", "fetchError"]


def test_setup_step_by_step(shelf: modelshelf.Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert setup.setup_colab_environment() == os.fspath(tmp_path)
    folders = setup.setup_model_folders(tmp_path)
    assert folders == {
        kind: os.fspath(tmp_path / "models" / name)
        for kind, name in zip("SD LoRA ControlNet Upscaler Embedding Detailers".split(), "SD LoRA CN SR TI HN".split())
    }
    assert all(os.path.isdir(os.path.join(folder, ".previews")) for folder in folders.values())
    assert setup.setup_model_folders(os.fspath(tmp_path)) == folders
    monkeypatch.setenv("CIVITAI_TOKEN", "from-the-environment")
    system = setup.setup_civitai_integration(tmp_path)
    assert set(system) == {"integration", "manager", "token"}
    assert system["token"] == system["integration"].token == "from-the-environment"
    assert isinstance(system["manager"], ModelMetadataManager)
    assert system["manager"].models_root_dir == os.fspath(tmp_path / "models")
    assert setup.setup_civitai_integration(tmp_path, "mine")["token"] == "mine"
    manager = setup.setup_gui_backend(system, folders)
    assert isinstance(manager, ModelManager)
    assert isinstance(setup.setup_gui_backend(None, folders), ModelManager)
    detector = setup.setup_auto_detection(system, folders)
    assert isinstance(detector, AutoModelMetadataDetector)
    detector.stop_watching()


def test_setup_at_once(shelf: modelshelf.Shelf, make_file: MakeFile, capsys: pytest.CaptureFixture[str]) -> None:
    os.environ["CIVITAI_TOKEN"] = "secret-key"
    system = setup.initialize_civitai_system_for_colab()
    try:
        assert set(system) == {"root", "folders", "civitai", "model_manager", "auto_detector"}
        path = make_file("models/LoRA/x.safetensors")
        mm = system["model_manager"]
        mm.load_models_from_folder("./models/LoRA")
        setup.quick_set_hash(mm, os.fspath(path), "AUTOV2:ab12ab12ab", "AUTOV2")
        assert get_manager().get_hash(path) == "AUTOV2: AB12AB12AB"
        assert "out.json" in setup.quick_export_metadata(mm, "out.json")
        assert "imported" in setup.quick_import_metadata(mm, "out.json", "models/LoRA")
        setup.quick_fetch_model_metadata(mm, os.fspath(path), "nonsense")
    finally:
        system["auto_detector"].stop_watching()
        del os.environ["CIVITAI_TOKEN"]
    assert "secret-key" not in capsys.readouterr().out


def test_in_colab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounted: list[str] = []
    drive, userdata = ModuleType("drive"), ModuleType("userdata")
    drive.mount = mounted.append  # type: ignore[attr-defined]
    userdata.get = {"CIVITAI_TOKEN": "from-colab"}.get  # type: ignore[attr-defined]
    colab = ModuleType("google.colab")
    colab.drive, colab.userdata = drive, userdata  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "google", ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    monkeypatch.setattr(setup, "_DRIVE", os.fspath(tmp_path / "drive"))
    assert setup.setup_colab_environment() == os.fspath(tmp_path / "drive" / "MyDrive" / "sd-inference")
    assert mounted == [os.fspath(tmp_path / "drive")]
    assert setup.setup_civitai_integration(tmp_path)["token"] == "from-colab"

    def refuses(place: str) -> None:
        raise ValueError("no leave")

    drive.mount = refuses  # type: ignore[attr-defined]
    monkeypatch.setattr(setup, "_DRIVE", os.fspath(tmp_path / "other"))
    assert setup.setup_colab_environment() == "/content"


def test_a_model_that_was_taken_away(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    path = make_file("models/LoRA/x.safetensors")
    manager = ModelManager()
    manager.load_models_from_folder("models/LoRA")
    heard = Heard(manager)
    path.unlink()
    manager.set_model_hash(path, "ABCDEF0123")
    manager.delete_model_metadata(path)
    assert heard.take() == ["fetchProgress", "fetchProgress"]
    assert manager.modelCount == 1


def test_setup_again_watches_once(shelf: modelshelf.Shelf, tmp_path: Path) -> None:
    folders = setup.setup_model_folders(tmp_path)
    first = setup.setup_auto_detection(None, folders)
    other = setup.setup_auto_detection(None, {"LoRA": folders["LoRA"]})
    second = setup.setup_auto_detection(None, folders)
    try:
        names = [each.name for each in threading.enumerate()]
        assert names.count("modelshelf-detector") == 2
    finally:
        for each in (first, second, other):
            each.stop_watching()


def test_a_client_of_the_callers_own(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    class Own(CivitaiIntegration):
        def fetch_model_metadata(self, model_id: int | None, version_id: int | None = None) -> CivitaiMetadata:
            return CivitaiMetadata.from_dict({"model_id": model_id, "version_id": 2, "model_name": "own"})

    path = make_file("models/LoRA/x.safetensors")
    manager = ModelManager(civitai_integration=Own())
    manager.load_models_from_folder("models/LoRA")
    manager.fetch_civitai_metadata(path, "https://civitai.com/models/7")
    assert manager.wait(PATIENCE)
    model = manager.get_model_at(0)
    assert model is not None
    assert (model.civitaiName, model.civitaiId) == ("own", 7)
