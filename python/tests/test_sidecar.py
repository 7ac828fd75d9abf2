"""Sidecars as Python meets them: documents, damage, killed writers, many writers at once."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import modelshelf

MakeFile = Callable[..., Path]


def sidecar(model: Path) -> Path:
    return Path(f"{model}.metadata.json")


def settle(path: Path) -> None:
    """As if it had been written long ago."""
    os.utime(path, ns=(10**18, 10**18))


def test_a_document_comes_back_as_it_was_written(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    model = make_file()
    assert shelf.sidecar_path(model) == os.fspath(sidecar(model))
    assert shelf.read_sidecar(model) is None
    fields = {"a": 1.0, "big": 10**40, "text": "é\ud800", "none": None, "deep": {"z": [1, {}], "b": []}, "f": 1e-9}
    written = shelf.write_sidecar(model, {**fields, "hash": " autov2:abc "})
    assert written == shelf.read_sidecar(model) == json.loads(sidecar(model).read_text())
    assert {key: written[key] for key in fields} == fields
    assert written["hash"] == "AUTOV2: ABC"
    assert sidecar(model).read_text().startswith('{\n  "a": 1.0,\n')
    assert list(written) == [*fields, "hash", "last_updated"]
    # A dictionary of one's own each time, also from memory.
    settle(sidecar(model))
    first = shelf.read_sidecar(model)
    assert first is not None
    first["deep"]["z"].clear()
    assert shelf.read_sidecar(model) == written


def test_nothing_is_written_when_nothing_changed(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    model = make_file()
    shelf.write_sidecar(model, {"a": 1})
    os.chmod(sidecar(model), 0o640)
    before = sidecar(model).stat()
    shelf.write_sidecar(model, {"a": 1})
    assert sidecar(model).stat().st_ino == before.st_ino
    shelf.write_sidecar(model, {"a": 2})
    after = sidecar(model).stat()
    assert (after.st_ino, after.st_mode) != (before.st_ino, before.st_mode)
    assert after.st_mode == before.st_mode


def test_what_others_wrote_stays(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    model = make_file()
    sidecar(model).write_text('\ufeff{"zeta": 1.50, "n": NaN, "alpha": 123456789012345678901234567890, "hash": "x"}')
    shelf.write_sidecar(model, {"mine": True})
    text = sidecar(model).read_text()
    assert '"zeta": 1.50,\n  "n": NaN,\n  "alpha": 123456789012345678901234567890,\n  "hash": "x",\n  "mine"' in text
    assert list(shelf.write_sidecar(model, {"only": 1}, replace=True)) == ["only", "last_updated"]


def test_a_change_by_another_program_is_seen(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    model = make_file()
    for number in range(50):
        text = json.dumps({"n": number % 10})
        if number % 2:
            sidecar(model).write_text(text)
        else:
            Path(f"{model}.new").write_text(text)
            os.replace(f"{model}.new", sidecar(model))
        assert shelf.read_sidecar(model) == {"n": number % 10}


def test_the_record_has_what_the_sidecar_says(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    model = make_file()
    shelf.scan("models", lookup=False)
    written = shelf.write_sidecar(
        model, {"trigger_words": ["one", "two"], "base_model": "Pony", "tags": ["t"], "notes": "n", "favorite": True}
    )
    assert written["hash"] == f"AUTOV2: {shelf.get_hash(model, 'autov2')}"
    assert written["hash_sha256"] == (shelf.get_hash(model) or "").upper()
    record = shelf.get(model)
    assert record is not None
    assert (record["trigger_words"], record["base_model"]) == (["one", "two"], "Pony")
    assert record["user"] == {"tags": ["t"], "notes": "n", "favorite": True, "fields": {}}
    assert record["sources"]["trigger_words"] == "sidecar"
    assert [each.path for each in shelf.search("one", tag="t", favorite=True)] == [os.fspath(model)]
    # The user outranks it, and takes nothing away from it.
    shelf.update(model, trigger_words=["mine"])
    again = shelf.write_sidecar(model, {"x": 1})
    record = shelf.get(model)
    assert record is not None
    assert (record["trigger_words"], again["trigger_words"]) == (["mine"], ["one", "two"])
    # What is cleared stays cleared, and what is removed is taken back.
    shelf.write_sidecar(model, {"notes": None, "base_model": None})
    assert shelf.write_sidecar(model, {"y": 1})["notes"] is None
    record = shelf.get(model)
    assert record is not None
    assert (record["user"]["notes"], record["base_model"]) == ("", None)
    assert shelf.delete_sidecar(model) is True
    assert shelf.delete_sidecar(model) is False
    record = shelf.get(model)
    assert record is not None
    assert record["user"]["tags"] == []


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[1]", b"\0" * 4096, b'{"a": "\xff"}', b"[" * 10**6, b'{"a": ' + b"9" * 10**6 + b"}", b"<html>"],
    ids=["empty", "cut", "list", "nul", "not-utf8", "deep", "digits", "html"],
)
def test_damage_is_kept_aside(
    shelf: modelshelf.Shelf, make_file: MakeFile, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "modelshelf")
    model = make_file()
    aside = Path(f"{sidecar(model)}.corrupt")
    sidecar(model).write_bytes(damage)
    settle(sidecar(model))
    assert shelf.read_sidecar(model) is None
    assert aside.read_bytes() == damage
    assert "damaged" in caplog.text
    assert not sidecar(model).exists()
    sidecar(model).write_bytes(damage)
    settle(sidecar(model))
    assert shelf.write_sidecar(model, {"a": 1})["a"] == 1
    assert Path(f"{aside}-2").read_bytes() == damage


def test_what_is_no_file_is_left_alone(shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("precious")
    for number, make in enumerate([os.mkfifo, os.mkdir, lambda path: os.symlink(target, path)]):
        model = make_file(f"models/{number}.safetensors")
        make(sidecar(model))
        assert shelf.read_sidecar(model) is None
        with pytest.raises(modelshelf.Error):
            shelf.write_sidecar(model, {"a": 1})
    assert target.read_text() == "precious"
    large = make_file("models/large.safetensors")
    with open(sidecar(large), "wb") as file:
        file.truncate((16 << 20) + 1)
    assert shelf.read_sidecar(large) is None
    with pytest.raises(modelshelf.Error) as error:
        shelf.write_sidecar(large, {"a": 1})
    assert error.value.code == "too_large"
    with pytest.raises(modelshelf.Error) as error:
        shelf.write_sidecar(make_file("models/fine.safetensors"), {"a": "x" * (17 << 20)})
    assert error.value.code == "too_large"
    assert sidecar(large).stat().st_size == (16 << 20) + 1


def test_gathered_sidecars_do_not_meet(shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path) -> None:
    models = [make_file("a/x.safetensors"), make_file("b/x.safetensors")]
    folder = tmp_path / "gathered"
    for number, model in enumerate(models):
        shelf.write_sidecar(model, {"n": number}, metadata_dir=folder)
    for number, model in enumerate(models):
        found = shelf.read_sidecar(model, folder)
        assert found is not None
        assert found["n"] == number
        assert Path(shelf.sidecar_path(model, folder)).is_relative_to(folder)
        assert not sidecar(model).exists()
    assert shelf.delete_sidecar(models[0], folder)
    assert shelf.read_sidecar(models[1], folder)


def test_a_bare_name_and_bytes_that_are_no_text(
    shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path
) -> None:
    make_file("bare.safetensors")
    assert shelf.sidecar_path("bare.safetensors") == "bare.safetensors.metadata.json"
    shelf.write_sidecar("bare.safetensors", {"a": 1})
    assert (tmp_path / "bare.safetensors.metadata.json").exists()
    odd = make_file(b"odd\xff.safetensors")
    shelf.write_sidecar(odd, {"a": 1})
    assert os.path.exists(os.fsencode(odd) + b".metadata.json")
    assert shelf.read_sidecar(os.fsencode(odd)) is not None
    with pytest.raises(TypeError):
        shelf.write_sidecar(odd, {"a": object()})


def test_killed_writers_leave_whole_sidecars(make_file: MakeFile, tmp_path: Path) -> None:
    models = [make_file(f"models/{number}.safetensors") for number in range(4)]
    seen = set()
    for attempt in range(200):
        ready, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                shelf = modelshelf.get_manager()
                number = attempt * 1000
                while True:
                    number += 1
                    shelf.write_sidecar(models[number % 4], {"n": number, "fill": str(number) * 5000})
                    os.write(tell, b".")
            finally:
                os._exit(1)
        # Killed at any moment after its first document, however busy the machine is.
        os.read(ready, 1)
        time.sleep(random.uniform(0, 0.02))
        os.kill(child, signal.SIGKILL)
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        os.close(ready)
        os.close(tell)
        for model in models:
            if sidecar(model).exists():
                document = json.loads(sidecar(model).read_text())
                assert document["fill"] == str(document["n"]) * 5000
                seen.add(document["n"])
    assert len(seen) >= 200
    with modelshelf.get_manager() as shelf:
        for model in models:
            shelf.write_sidecar(model, {"n": 0})
    assert sorted(path.name for path in (tmp_path / "models").iterdir() if path.suffix == ".tmp") == []
    assert list((tmp_path / "models").glob("*.corrupt*")) == []


ADDER = """
import sys, threading, modelshelf
shelf = modelshelf.get_manager()
def add(thread):
    for number in range(int(sys.argv[3])):
        shelf.write_sidecar(sys.argv[1], {f"{sys.argv[2]}-{thread}-{number}": number})
threads = [threading.Thread(target=add, args=(thread,)) for thread in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def test_many_writers_lose_nothing(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    model = make_file()
    shelf.scan("models", lookup=False)
    each = 25
    children = [
        subprocess.Popen([sys.executable, "-c", ADDER, os.fspath(model), str(number), str(each)]) for number in range(2)
    ]
    failures: list[BaseException] = []

    def read() -> None:
        try:
            while any(child.poll() is None for child in children):
                shelf.read_sidecar(model)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    assert [child.wait() for child in children] == [0, 0]
    reader.join()
    assert failures == []
    document = shelf.read_sidecar(model)
    assert document is not None
    expected = {f"{child}-{thread}-{n}" for child in range(2) for thread in range(4) for n in range(each)}
    assert expected <= set(document)


def test_a_scan_with_sidecars_and_what_makes_it_known_again(
    shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path
) -> None:
    models = [make_file(f"models/{number}.safetensors", 1000 + number) for number in range(3)]
    gathered = tmp_path / "gathered"
    seen: list[modelshelf.Progress] = []
    report = shelf.scan("models", lookup=False, sidecars=["server"], metadata_dir=gathered, progress=seen.append)
    assert (report.hashed, report.adopted, report.sidecars) == (3, 0, 3)
    assert "sidecars" in {each.phase for each in seen} or seen
    shelf.update(models[0], notes="kept")
    assert shelf.write_sidecars(metadata_dir=gathered)["written"] == 1
    assert shelf.write_sidecars([models[0]], metadata_dir=gathered) == {
        "files": 1, "written": 0, "damaged": [], "failed": [],
    }
    with modelshelf.get_manager(db=tmp_path / "other.db") as other:
        report = other.scan("models", lookup=False, sidecars="server", metadata_dir=gathered)
        assert (report.bytes_hashed, report.hashed, report.adopted) == (0, 0, 3)
        model = other.get(models[0])
        assert model is not None
        assert model["user"]["notes"] == "kept"
        assert other.read_sidecars(models[0], metadata_dir=gathered)["files"] == 1
        assert other.verify(adopted=True)["ok"] == 3
        assert other.verify(models[0])["bytes_hashed"] == models[0].stat().st_size
        assert other.verify(adopted=True)["bytes_hashed"] == 0
        status = models[1].stat()
        models[1].write_bytes(models[1].read_bytes()[:-1] + b"x")
        os.utime(models[1], ns=(status.st_atime_ns, status.st_mtime_ns))
        (damaged,) = other.verify()["damaged"]
        assert damaged["path"] == os.fspath(models[1])
        with pytest.raises(modelshelf.Cancelled):
            cancel = modelshelf.Cancel()
            cancel.cancel()
            other.verify(cancel=cancel)
    with pytest.raises(modelshelf.Error):
        shelf.scan("models", lookup=False, sidecars=["nonsense"])
    with pytest.raises(ValueError):
        shelf.verify([])


def test_a_corrected_claim_is_noticed_everywhere(
    shelf: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path
) -> None:
    model = make_file()
    shelf.scan("models", lookup=False, sidecars=["server"])
    truth = shelf.get_hash(model)
    document = json.loads(sidecar(model).read_text())
    document["modelshelf"]["digests"]["sha256"] = "ab" * 32
    sidecar(model).write_text(json.dumps(document))
    database = tmp_path / "other.db"
    with modelshelf.get_manager(db=database) as other:
        assert other.scan("models", lookup=False, sidecars=["server"]).adopted == 1
        assert other.get_hash(model) == "ab" * 32
        # Another process looks at the bytes.
        code = "import sys, modelshelf; modelshelf.get_manager(db=sys.argv[1]).verify()"
        subprocess.run([sys.executable, "-c", code, os.fspath(database)], check=True)
        end = time.monotonic() + 30
        while other.get_hash(model) != truth and time.monotonic() < end:
            time.sleep(0.05)
        assert other.get_hash(model) == truth


FOREIGN = """
import json, os, sys, time
path = sys.argv[1]
for number in range(int(sys.argv[2])):
    with open(path) as file:
        said = json.load(file)
    said[f"theirs{number}"] = number
    with open(path + ".theirs", "w") as file:
        json.dump(said, file)
    os.replace(path + ".theirs", path)
    time.sleep(0.001)
"""


def test_nothing_is_lost_beside_a_program_that_knows_no_locks(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    model = make_file()
    shelf.write_sidecar(model, {"ours": -1})
    count = 1500
    with subprocess.Popen([sys.executable, "-c", FOREIGN, sidecar(model), str(count)]) as other:
        rounds = 0
        while other.poll() is None:
            rounds += 1
            try:
                shelf.write_sidecar(model, {"ours": rounds})
            except modelshelf.FileChanged:
                # It was always too late; nothing was written then.
                continue
        assert other.wait() == 0
    said = json.loads(sidecar(model).read_text())
    assert rounds > 10
    assert [number for number in range(count) if said.get(f"theirs{number}") != number] == []
    assert not [name for name in os.listdir(model.parent) if name.startswith(".modelshelf-")]
