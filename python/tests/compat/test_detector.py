"""``auto_model_detector``, in real folders against the local stand-in of the service."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.compat import background
from modelshelf.compat.auto_model_detector import AutoModelMetadataDetector, ModelHashCalculator
from modelshelf.testing.civitai import CivitaiStandIn

MakeFile = Callable[..., Path]
#: Nothing takes this long (seconds).
PATIENCE = 40


class Told:
    """What a callback was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self._came = threading.Condition()

    def __call__(self, path: str, metadata: dict[str, Any]) -> None:
        with self._came:
            self.calls.append((path, metadata))
            self._came.notify_all()

    def wait(self, count: int) -> None:
        with self._came:
            assert self._came.wait_for(lambda: len(self.calls) >= count, PATIENCE), self.calls


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def detector(tmp_path: Path, shelf: modelshelf.Shelf, told: Told) -> Iterator[AutoModelMetadataDetector]:
    for name in ("LoRA", "SD"):
        (tmp_path / "models" / name).mkdir(parents=True)
    folders = {"LoRA": tmp_path / "models" / "LoRA", "SD": os.fspath(tmp_path / "models" / "SD")}
    made = AutoModelMetadataDetector(folders, callback=told)
    yield made
    made.stop_watching()
    assert not [each for each in threading.enumerate() if each.name.startswith("modelshelf")]


def digest(path: Path | str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest().upper()


def sidecar(path: Path | str) -> Any:
    return json.loads(Path(f"{path}.metadata.json").read_text())


def test_new_models_are_told_once(detector: AutoModelMetadataDetector, told: Told, make_file: MakeFile) -> None:
    there = make_file("models/LoRA/there.safetensors")
    detector.start_watching()
    detector.start_watching()
    told.wait(1)
    new = make_file("models/SD/sub/new.safetensors", 128)
    told.wait(2)
    time.sleep(0.5)
    assert sorted(path for path, _ in told.calls) == sorted(map(os.fspath, (there, new)))
    for path, metadata in told.calls:
        sha256 = digest(path)
        assert metadata["hash"] == f"AUTOV2: {sha256[:10]}"
        assert metadata["hash_type"] == "AUTOV2"
        assert (metadata["hash_autov2"], metadata["hash_sha256"]) == (sha256[:10], sha256)
        assert metadata["source"] == "auto_detected"
        assert metadata["model_type"] == ("SD" if "/SD/" in path else "LoRA")
        saved = sidecar(path)
        assert all(saved[key] == metadata[key] for key in ("hash", "hash_type", "model_type", "source"))
        assert path in detector.processed_files
    detector.stop_watching()
    detector.stop_watching()
    # What is done is not told again by the next one.
    again = Told()
    other = AutoModelMetadataDetector(detector.watch_folders, callback=again)
    other.start_watching()
    third = make_file("models/LoRA/third.safetensors", 256)
    again.wait(1)
    other.stop_watching()
    assert [path for path, _ in again.calls] == [os.fspath(third)]
    assert len(told.calls) == 2


def test_models_that_the_library_knows_but_have_no_hash(
    detector: AutoModelMetadataDetector, told: Told, make_file: MakeFile, shelf: modelshelf.Shelf
) -> None:
    path = make_file("models/LoRA/known.safetensors")
    noted = make_file("models/LoRA/noted.safetensors", 128)
    shelf.scan("models", lookup=False)
    Path(f"{noted}.metadata.json").write_text('{"hash": "civitai: 1@2", "hash_type": "civitai"}')
    Path(f"{path}.metadata.json").write_text('{"notes": "n"}')
    detector.start_watching()
    told.wait(1)
    time.sleep(0.5)
    assert [path for path, _ in told.calls] == [os.fspath(path)]
    assert told.calls[0][1]["notes"] == "n"
    assert sidecar(noted)["hash"] == "civitai: 1@2"


def test_a_folder_that_appears_later(tmp_path: Path, shelf: modelshelf.Shelf, told: Told, make_file: MakeFile) -> None:
    detector = AutoModelMetadataDetector({"My own type": tmp_path / "later"}, callback=told)
    detector.start_watching()
    path = make_file("later/x.safetensors")
    told.wait(1)
    detector.stop_watching()
    assert told.calls[0][0] == os.fspath(path)
    assert told.calls[0][1]["model_type"] == "My own type"


def test_a_file_that_is_being_written_is_not_touched(
    detector: AutoModelMetadataDetector, told: Told, make_file: MakeFile, tmp_path: Path
) -> None:
    data = make_file("whole.safetensors", 4096).read_bytes()
    detector.start_watching()
    path = tmp_path / "models" / "LoRA" / "slow.safetensors"
    with open(path, "wb") as file:
        for start in range(0, len(data), 1024):
            file.write(data[start : start + 1024])
            file.flush()
            time.sleep(0.2)
            assert not told.calls
            assert not Path(f"{path}.metadata.json").exists()
    told.wait(1)
    assert told.calls[0][1]["hash_sha256"] == digest(path)


def test_a_callback_may_raise_and_may_stop(
    tmp_path: Path, shelf: modelshelf.Shelf, make_file: MakeFile, caplog: Any
) -> None:
    done = threading.Event()

    def callback(path: str, metadata: dict[str, Any]) -> None:
        detector.stop_watching()
        done.set()
        raise RuntimeError("mine")

    make_file("models/x.safetensors")
    detector = AutoModelMetadataDetector({"LoRA": tmp_path / "models"}, callback=callback)
    detector.start_watching()
    thread = next(each for each in threading.enumerate() if each.name == "modelshelf-detector")
    assert done.wait(PATIENCE)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert "the callback failed" in caplog.text


def test_a_model_that_moves_takes_its_notes_along(
    detector: AutoModelMetadataDetector, told: Told, make_file: MakeFile
) -> None:
    path = make_file("models/LoRA/x.safetensors")
    detector.start_watching()
    told.wait(1)
    detector.metadata_manager.save_metadata(path, {"mine": 1})
    target = path.with_name("y.safetensors")
    path.rename(target)
    end = time.monotonic() + PATIENCE
    while os.fspath(target) not in detector.processed_files and time.monotonic() < end:
        time.sleep(0.05)
    while Path(f"{path}.metadata.json").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert sidecar(target)["mine"] == 1
    assert not Path(f"{path}.metadata.json").exists()
    assert len(told.calls) == 1


def test_models_that_civitai_knows(service: CivitaiStandIn, tmp_path: Path, told: Told) -> None:
    source = tmp_path / "library" / "LoRA" / "inkWash-000010.safetensors"
    unknown = tmp_path / "library" / "LoRA" / "my own training, do not share.safetensors"
    folder = tmp_path / "models" / "LoRA"
    folder.mkdir(parents=True)
    with modelshelf.get_manager():
        detector = AutoModelMetadataDetector({"LoRA": folder}, callback=told)
        detector.start_watching()
        for each in (source, unknown):
            (folder / "new.part").write_bytes(each.read_bytes())
            (folder / "new.part").rename(folder / each.name)
        told.wait(2)
        detector.stop_watching()
    found = {Path(path).name: metadata for path, metadata in told.calls}
    known = found[source.name]
    assert known["hash"] == f"AUTOV2: {digest(source)[:10]}"
    assert known["civitai_model_id"]
    assert known["civitai_version_id"]
    assert known["trigger_words"] == ["inkwash"]
    assert known["civitai_type"] == "LORA"
    assert known["source"] == "auto_detected"
    if known["preview_url"]:
        picture = Path(known["preview_path"])
        assert picture.parent == folder / ".previews"
        assert picture.stem == source.stem
        magic = picture.read_bytes()[:4]
        assert picture.suffix in {b"\x89PNG": [".png"], b"\xff\xd8\xff\xe0": [".jpg", ".jpeg"], b"RIFF": [".webp"]}[magic]
    assert known["preview_url"]
    # What it needs was in the answer for all of them.
    asked = [each["path"].split("?")[0] for each in service.requests() if each["path"].startswith("/api/v1/models")]
    assert asked == ["/api/v1/models"] * len(asked) != []
    other = found[unknown.name]
    assert other["hash_sha256"] == digest(unknown)
    assert not other.get("civitai_model_id")


def test_fetching_by_hand(
    service: CivitaiStandIn, tmp_path: Path, make_file: MakeFile, told: Told
) -> None:
    sha256 = modelshelf.hash_file("library/LoRA/inkWash-000010.safetensors")["sha256"]
    assert sha256 is not None
    known = modelshelf.Civitai().by_hash(sha256)
    assert known is not None
    path = make_file("models/LoRA/mine.safetensors")
    with modelshelf.get_manager():
        detector = AutoModelMetadataDetector({}, civitai_token="t" * 32, callback=told)
        assert detector.civitai_integration.token == "t" * 32
        url = f"https://civitai.com/models/{known['model_id']}?modelVersionId={known['version_id']}"
        assert detector.manual_fetch_civitai(os.fspath(path), url) is True
        saved = sidecar(path)
        assert saved["civitai_version_id"] == known["version_id"]
        assert Path(saved["preview_path"]).parent == path.parent / ".previews"
        assert Path(saved["preview_path"]).stem == "mine"
        assert Path(saved["preview_path"]).stat().st_size > 0
        assert [each for each, _ in told.calls] == [os.fspath(path)]
        for bad in ("https://civitai.com/models/999999999", "nonsense", "", None):
            assert detector.manual_fetch_civitai(os.fspath(path), bad) is False  # type: ignore[arg-type]
        for odd in (None, "a\0b", 5):
            assert detector.manual_fetch_civitai(odd, url) is False  # type: ignore[arg-type]
        detector.start_watching()
        detector.stop_watching()


def test_the_interpreter_ends_while_it_watches(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    code = (
        "from modelshelf.compat.auto_model_detector import AutoModelMetadataDetector\n"
        f"detector = AutoModelMetadataDetector({{'LoRA': {str(tmp_path / 'models')!r}}})\n"
        "detector.start_watching()\n"
    )
    result = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_all_hashes_of_a_folder(make_file: MakeFile, tmp_path: Path, shelf: modelshelf.Shelf, caplog: Any) -> None:
    first, second = make_file("models/a.safetensors"), make_file("models/b.pt", 128)
    noted, placed = make_file("models/c.safetensors", 256), make_file("models/d.safetensors", 512)
    make_file("models/sub/e.safetensors", 1024)
    Path(f"{noted}.metadata.json").write_text('{"hash": "AUTOV2: 1111111111"}')
    Path(f"{placed}.metadata.json").write_text('{"hash": "civitai: 1@2"}')
    found = ModelHashCalculator.calculate_all_hashes(os.fspath(tmp_path / "models"))
    assert found == {
        os.fspath(first): f"AUTOV2: {digest(first)[:10]}",
        os.fspath(second): f"AUTOV2: {digest(second)[:10]}",
        os.fspath(noted): "AUTOV2: 1111111111",
        os.fspath(placed): f"AUTOV2: {digest(placed)[:10]}",
    }
    assert sidecar(first)["hash"] == found[os.fspath(first)]
    assert sidecar(first)["hash_type"] == "AUTOV2"
    assert sidecar(placed)["hash"] == "civitai: 1@2"
    forced = ModelHashCalculator.calculate_all_hashes(tmp_path / "models", force_recalculate=True)
    assert forced[os.fspath(noted)] == f"AUTOV2: {digest(noted)[:10]}"
    assert sidecar(noted)["hash"] == forced[os.fspath(noted)]
    assert ModelHashCalculator.calculate_all_hashes("nowhere") == {}
    assert ModelHashCalculator.calculate_all_hashes(None) == {}  # type: ignore[arg-type]
    assert "nowhere" in caplog.text


def test_a_machine_that_is_new_hashes_nothing_again(
    tmp_path: Path, make_file: MakeFile, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file("models/LoRA/x.safetensors")
    for number, home in enumerate(("home", "new home"), 1):
        monkeypatch.setenv("MODELSHELF_HOME", os.fspath(tmp_path / home))
        with modelshelf.get_manager() as shelf:
            detector = AutoModelMetadataDetector({"LoRA": tmp_path / "models" / "LoRA"}, callback=told)
            detector.start_watching()
            make_file(f"models/LoRA/new{number}.safetensors", 128 * number)
            told.wait(2 if number == 1 else 3)
            detector.stop_watching()
            assert shelf.get_hash(path) == digest(path).lower()
            # What was taken over from a sidecar, and not read.
            assert shelf.verify(adopted=True)["ok"] == (0 if number == 1 else 2)
    assert len(told.calls) == 3


def test_a_callback_that_ends_its_thread(shelf: modelshelf.Shelf, make_file: MakeFile, told: Told) -> None:
    def callback(path: str, metadata: dict[str, Any]) -> None:
        told(path, metadata)
        sys.exit(1)

    make_file("models/LoRA/a.safetensors")
    detector = AutoModelMetadataDetector({"LoRA": "models/LoRA"}, callback=callback)
    detector.start_watching()
    try:
        told.wait(1)
        make_file("models/LoRA/b.safetensors", 128)
        told.wait(2)
    finally:
        detector.stop_watching()


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_leaves_the_detector_to_its_parent(
    detector: AutoModelMetadataDetector, make_file: MakeFile, told: Told
) -> None:
    make_file("models/LoRA/a.safetensors")
    detector.start_watching()
    told.wait(1)
    child = os.fork()
    if child == 0:
        try:
            background._end()
            detector.stop_watching()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitpid(child, 0)[1] == 0
    make_file("models/LoRA/b.safetensors", 128)
    told.wait(2)


def test_a_folder_that_cannot_be_written_to(
    detector: AutoModelMetadataDetector, told: Told, make_file: MakeFile, tmp_path: Path
) -> None:
    detector.start_watching()
    # As good as a read-only folder, also for root: nothing can be saved there.
    (tmp_path / "models" / "LoRA" / "x.safetensors.metadata.json").mkdir()
    path = make_file("models/LoRA/x.safetensors")
    told.wait(1)
    assert told.calls[0][0] == os.fspath(path)
    metadata = told.calls[0][1]
    assert metadata["hash"] == f"AUTOV2: {digest(path)[:10]}"
    assert metadata["model_type"] == "LoRA"


def test_a_relative_folder_stays_the_same(
    tmp_path: Path, shelf: modelshelf.Shelf, told: Told, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    make_file("models/LoRA/first.safetensors")
    detector = AutoModelMetadataDetector({"LoRA": "./models/LoRA"}, callback=told)
    # Servers go to their own folder when they start.
    monkeypatch.chdir(tmp_path / "elsewhere")
    detector.start_watching()
    told.wait(1)
    make_file("models/LoRA/second.safetensors", 128)
    told.wait(2)
    detector.stop_watching()
    assert [metadata["model_type"] for _, metadata in told.calls] == ["LoRA", "LoRA"]


def test_names_that_are_not_utf8(service: CivitaiStandIn, tmp_path: Path, told: Told) -> None:
    source = tmp_path / "library" / "LoRA" / "inkWash-000010.safetensors"
    folder = tmp_path / "models" / "LoRA"
    folder.mkdir(parents=True)
    target = folder / os.fsdecode(b"caf\xe9.safetensors")
    with modelshelf.get_manager():
        detector = AutoModelMetadataDetector({"LoRA": folder}, callback=told)
        detector.start_watching()
        (folder / "new.part").write_bytes(source.read_bytes())
        (folder / "new.part").rename(target)
        told.wait(1)
        detector.stop_watching()
        path, metadata = told.calls[0]
        assert path == os.fspath(target)
        assert metadata["civitai_model_id"]
        assert os.path.isfile(metadata["preview_path"])
        assert detector.metadata_manager.load_metadata(path) == metadata


def test_what_the_user_noted_as_the_hash_stays(
    service: CivitaiStandIn, tmp_path: Path, told: Told, make_file: MakeFile
) -> None:
    source = tmp_path / "library" / "LoRA" / "inkWash-000010.safetensors"
    folder = tmp_path / "models" / "LoRA"
    folder.mkdir(parents=True)
    target = folder / source.name
    Path(f"{target}.metadata.json").write_text('{"hash": "civitai: 1@2", "hash_type": "civitai"}')
    with modelshelf.get_manager():
        detector = AutoModelMetadataDetector({"LoRA": folder}, callback=told)
        detector.start_watching()
        # What is there with a hash when the watching begins is not told.
        make_file("models/LoRA/first.safetensors")
        told.wait(1)
        (folder / "new.part").write_bytes(source.read_bytes())
        (folder / "new.part").rename(target)
        told.wait(2)
        detector.stop_watching()
    told_of_it = told.calls[1][1]
    assert told_of_it["civitai_name"]
    assert told_of_it["hash_sha256"] == digest(source)
    for metadata in (told_of_it, sidecar(target)):
        assert (metadata["hash"], metadata["hash_type"]) == ("civitai: 1@2", "civitai")


@pytest.mark.parametrize("is_away", [False, True])
def test_a_model_in_the_place_of_another(service: CivitaiStandIn, tmp_path: Path, told: Told, is_away: bool) -> None:
    library = tmp_path / "library" / "LoRA"
    folder = tmp_path / "models" / "LoRA"
    folder.mkdir(parents=True)
    sources = [library / "inkWash-000010.safetensors", library / "my own training, do not share.safetensors"]
    with modelshelf.get_manager():
        detector = AutoModelMetadataDetector({"LoRA": folder}, callback=told)
        detector.start_watching()
        for number, source in enumerate(sources, 1):
            if is_away:
                detector.stop_watching()
            (folder / "new.part").write_bytes(source.read_bytes())
            (folder / "new.part").rename(folder / "x.safetensors")
            if is_away:
                # One of another process, for instance, which has told nothing yet.
                detector = AutoModelMetadataDetector({"LoRA": folder}, callback=told)
                detector.start_watching()
            told.wait(number)
        detector.stop_watching()
    first, second = (metadata for _, metadata in told.calls)
    assert first["civitai_name"]
    assert first["preview_url"]
    assert second["hash_sha256"] == digest(sources[1])
    for key in ("civitai_name", "civitai_model_id", "preview_url", "preview_path"):
        assert not second.get(key), key
    assert not set(first["trigger_words"]) & set(second.get("trigger_words") or [])
