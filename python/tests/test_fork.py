"""Children made by fork: they have nothing of their parent's shelf, and get one of their own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import modelshelf

MakeFile = Callable[..., Path]

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def in_child(folder: str) -> tuple[str, int, int]:
    parents = STATE["shelf"]
    try:
        parents.list()
        code = "none"
    except modelshelf.UsageError as error:
        code = error.code
    shelf = modelshelf.get_manager()
    assert shelf is not parents
    return code, shelf.scan(folder, lookup=False).hashed, len(shelf)


STATE: dict[str, modelshelf.Shelf] = {}


def test_a_pool_of_children_scans_too(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    for name in "abc":
        make_file(f"models/{name}/x.safetensors", 1000 + ord(name))
    assert shelf.scan("models/a", lookup=False).hashed == 1
    # A call that starts the threads of the core.
    modelshelf.hash_files([make_file(f"other/{n}.safetensors") for n in range(8)])
    STATE["shelf"] = shelf
    with multiprocessing.get_context("fork").Pool(2) as pool:
        results = pool.map_async(in_child, ["models/b", "models/c"]).get(timeout=60)
    assert [each[:2] for each in results] == [("usage", 1), ("usage", 1)]
    # The parent's shelf has survived, and sees what the children did.
    assert len(shelf) == 3
    assert shelf.scan("models", lookup=False).unchanged == 3


def test_a_child_that_only_ends_leaves_the_parent_alone(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    make_file("models/a.safetensors")
    shelf.scan("models", lookup=False)
    child = os.fork()
    if child == 0:
        shelf.close()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert len(shelf) == 1
    shelf.update("models/a.safetensors", notes="still here")


def test_errors_come_back_from_a_pool() -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool, pytest.raises(modelshelf.NotFound) as caught:
        pool.apply_async(modelshelf.hash_file, ["/nowhere"]).get(timeout=60)
    assert caught.value.path == "/nowhere"


def test_children_made_while_threads_are_busy(shelf: modelshelf.Shelf, make_file: MakeFile) -> None:
    """A child opens the library, whatever the parent's threads were doing in it when it was made."""
    names = [os.fspath(make_file(f"models/{number}.safetensors", 64 + number)) for number in range(8)]
    over = threading.Event()

    def work(first: int) -> None:
        turn = first
        while not over.is_set():
            name = names[turn % len(names)]
            shelf.get(name)
            shelf.get_hash(name)
            turn += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(60):
            child = os.fork()
            if child == 0:
                try:
                    signal.alarm(30)
                    assert modelshelf.get_manager().read_sidecar("nothing.safetensors") is None
                    os._exit(0)
                finally:
                    os._exit(1)
            assert os.waitpid(child, 0)[1] == 0
    finally:
        over.set()
        for thread in threads:
            thread.join()


def test_a_child_outlives_what_its_parent_had_open(shelf: modelshelf.Shelf, make_file: MakeFile, home: Path) -> None:
    """As when a program becomes a daemon: the parent closes the library while the child writes to it."""
    name = os.fspath(make_file("models/a.safetensors"))
    shelf.scan("models", lookup=False)
    opened, closed = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(60)
            mine = modelshelf.get_manager()
            mine.update(name, notes="before")
            os.write(opened[1], b"x")
            os.read(closed[0], 1)
            mine.update(name, notes="after")
            mine.close()
            os._exit(0)
        finally:
            os._exit(1)
    assert os.read(opened[0], 1) == b"x"
    shelf.close()
    os.write(closed[1], b"x")
    assert os.waitpid(child, 0)[1] == 0
    read = "import modelshelf, sys; print(modelshelf.get_manager().get(sys.argv[1]).user['notes'])"
    said = subprocess.run([sys.executable, "-c", read, name], capture_output=True, text=True, check=True)
    assert said.stdout == "after\n"
