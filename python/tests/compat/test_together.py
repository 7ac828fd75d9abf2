"""Several threads and processes with one library, and processes that are killed in the middle of writing."""

from __future__ import annotations

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.compat.json_file import locked_folder
from modelshelf.compat.model_metadata import ModelMetadataManager, get_manager

MakeFile = Callable[..., Path]
THREADS = 8
SECONDS = 4.0
KILLS = 200

#: Adds keys of its own to one file and says how many.
WRITER = """
import sys, time
from modelshelf.compat.model_metadata import get_manager
manager, path, name = get_manager(), sys.argv[1], sys.argv[2]
end, count = time.monotonic() + float(sys.argv[3]), 0
while time.monotonic() < end:
    assert manager.save_metadata(path, {f"{name}/{count % 50}": count, name: count}), "save"
    assert manager.load_metadata(path)[name] == count, "own value"
    assert manager.get_hash(path) is not None
    count += 1
print(count)
"""


def test_threads_and_processes_lose_nothing(make_file: MakeFile, tmp_path: Path, caplog: Any) -> None:
    path = make_file("models/LoRA/x.safetensors")
    with modelshelf.get_manager(tmp_path / "models") as shelf:
        shelf.scan("models", lookup=False)
        manager = get_manager(tmp_path / "models")
        children = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, os.fspath(path), f"process{each}", str(SECONDS)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for each in range(2)
        ]
        counts = [0] * THREADS
        errors: list[BaseException] = []
        end = time.monotonic() + SECONDS

        def work(which: int) -> None:
            name = f"thread{which}"
            try:
                while time.monotonic() < end:
                    assert manager.save_metadata(path, {f"{name}/{counts[which] % 50}": counts[which], name: counts[which]})
                    assert (manager.load_metadata(path) or {})[name] == counts[which]
                    assert manager.get_hash(path) is not None
                    assert manager.get_metadata("x", "LORA") is not None
                    counts[which] += 1
            except BaseException as problem:
                errors.append(problem)

        threads = [threading.Thread(target=work, args=(each,)) for each in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        outputs = [child.communicate(timeout=60)[0] for child in children]
        assert not errors
        assert [child.returncode for child in children] == [0, 0]
        last = manager.load_metadata(path) or {}
    written = {f"thread{each}": counts[each] for each in range(THREADS)}
    written |= {f"process{each}": int(outputs[each]) for each in range(2)}
    for name, count in written.items():
        assert count > 0
        assert last[name] == count - 1
        for slot in range(min(count, 50)):
            assert last[f"{name}/{slot}"] == max(n for n in range(count) if n % 50 == slot)
    assert last == json.loads(Path(f"{path}.metadata.json").read_text())
    assert sorted(each.name for each in path.parent.iterdir()) == ["x.safetensors", "x.safetensors.metadata.json"]


#: Makes a child for each line that it reads, which writes numbers in three ways until it is killed. Children of fork
#: spare the start of an interpreter; each opens a library of its own.
VICTIMS = """
import os, sys
from modelshelf.compat.model_metadata import get_manager

def write(folder):
    manager = get_manager()
    paths = [f"{folder}/{name}.safetensors" for name in "abc"]
    number = 0
    while True:
        number += 1
        filling = "x" * (number * 997 % 20000)
        assert manager.save_metadata(paths[0], {"number": number, "filling": filling, "same": number})
        assert manager.set_hash(paths[1], f"AUTOV2:{number:010x}")
        assert manager.import_metadata(f"{folder}/import.json")

for line in sys.stdin:
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            try:
                write(sys.argv[1])
            finally:
                os._exit(3)
        children.append(child)
    print(*children, flush=True)
    print(*(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children), flush=True)
"""


def whole(path: Path) -> Any:
    """The document of a file, which must be one."""
    return json.loads(path.read_text(encoding="utf-8"))


def test_killed_while_writing(make_file: MakeFile, tmp_path: Path) -> None:
    folder = make_file("models/LoRA/a.safetensors").parent
    for name in "bc":
        make_file(f"models/LoRA/{name}.safetensors", 128)
    imported = {"notes": "of an export " * 500, "trigger_words": ["a"] * 300}
    exported = {"models": {os.fspath(folder / "c.safetensors"): {"metadata": imported}}}
    (folder / "import.json").write_text(json.dumps(exported))
    manager = ModelMetadataManager(tmp_path / "models")
    for name in "abc":
        assert manager.save_metadata(folder / f"{name}.safetensors", {"foreign": {"kept": name}})
    chance = random.Random(5)
    killed = 0
    last = 0
    mother = subprocess.Popen(
        [sys.executable, "-c", VICTIMS, os.fspath(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert mother.stdin is not None
    assert mother.stdout is not None
    while killed < KILLS:
        # Several at once: they also get into each other's way.
        print("four", file=mother.stdin, flush=True)
        victims = [int(number) for number in mother.stdout.readline().split()]
        assert len(victims) == 4
        for victim in victims:
            time.sleep(chance.random() * 0.06)
            os.kill(victim, signal.SIGKILL)
            killed += 1
            first = whole(folder / "a.safetensors.metadata.json")
            if "number" in first:
                assert first["same"] == first["number"]
                assert first["filling"] == "x" * (first["number"] * 997 % 20000)
                last = max(last, first["number"])
            second = whole(folder / "b.safetensors.metadata.json")
            assert second.get("hash", "AUTOV2: 0000000001").startswith("AUTOV2: 0")
            third = whole(folder / "c.safetensors.metadata.json")
            if "notes" in third:
                assert {key: third[key] for key in imported} == imported
            for name, document in zip("abc", (first, second, third)):
                assert document["foreign"] == {"kept": name}
        # None of them ended by itself.
        assert mother.stdout.readline().split() == ["-9"] * 4
    mother.communicate(timeout=30)
    assert mother.returncode == 0
    assert last > 0
    assert "notes" in whole(folder / "c.safetensors.metadata.json")
    # The next writer is held up by nothing that they left.
    assert manager.save_metadata(folder / "a.safetensors", {"number": -1})
    assert (manager.load_metadata(folder / "a.safetensors") or {})["number"] == -1


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_made_while_threads_are_busy(make_file: MakeFile) -> None:
    """The manager of the parent goes on in a child, whatever the other threads were at when it was made."""
    model = make_file("models/LoRA/x.safetensors")
    manager = get_manager("models")
    assert manager.create_or_update_metadata(model, "LORA").hash_autov2
    ready, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with manager._names._lock, manager._records._lock, manager.metadata_cache._lock:
            ready.set()
            go_on.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            found = manager.get_metadata("x", "LORA")
            assert found is not None
            assert found.hash_autov2
            assert "LORA:x" in list(manager.metadata_cache)
            assert manager.add_model_metadata("LoRA/x.safetensors", {"author": "child"})
            os._exit(0)
        finally:
            os._exit(1)
    go_on.set()
    holder.join()
    assert os.waitpid(child, 0)[1] == 0
    record = manager.get_model_metadata("LoRA/x.safetensors")
    assert record is not None
    assert record["author"] == "child"


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_does_not_keep_the_lock_of_a_folder(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with locked_folder(os.fspath(tmp_path)):
        child = os.fork()
        if child == 0:
            signal.alarm(60)
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
    try:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(descriptor)
    finally:
        os.close(reading)
        os.close(writing)
        assert os.waitpid(child, 0)[1] == 0
