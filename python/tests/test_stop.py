"""Stopping long calls, and what runs beside them."""

from __future__ import annotations

import os
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

#: So many bytes take several seconds to hash; on the disk they are a hole.
LARGE = 24 << 30

INTERRUPTED = """
import sys, modelshelf
def progress(state):
    if state.phase == "hashing" and state.bytes > 0:
        print("hashing", flush=True)
shelf = modelshelf.get_manager()
try:
    {call}
except KeyboardInterrupt:
    print("interrupted", flush=True)
    print(len(shelf), flush=True)
"""


@pytest.fixture
def large(make_file: MakeFile) -> Path:
    return make_file("models/large.safetensors", LARGE)


@pytest.mark.parametrize(
    "call",
    [
        "shelf.scan('models', progress=progress, lookup=False)",
        "modelshelf.hash_file('models/large.safetensors', progress=progress)",
    ],
)
def test_ctrl_c_stops_at_once(large: Path, call: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED.format(call=call)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "hashing\n"
        child.send_signal(signal.SIGINT)
        start = time.monotonic()
        rest = [line for line in child.stdout if line != "hashing\n"]
        took = time.monotonic() - start
    assert rest[0] == "interrupted\n"
    assert child.returncode == 0
    assert took < 3
    if "scan" in call:
        # What the header told is kept.
        assert rest[1] == "1\n"


def test_ctrl_c_works_without_a_callback(large: Path) -> None:
    code = "import modelshelf; print('go', flush=True); modelshelf.hash_file('models/large.safetensors')"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(0.5)
        child.send_signal(signal.SIGINT)
        _, errors = child.communicate(timeout=10)
    assert "KeyboardInterrupt" in errors
    assert child.returncode == -signal.SIGINT


def test_python_runs_meanwhile(make_file: MakeFile) -> None:
    path = make_file("models/middle.safetensors", 2 << 30)
    done = threading.Event()
    ticks: list[float] = []

    def count() -> None:
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.005)

    thread = threading.Thread(target=count)
    thread.start()
    start = time.monotonic()
    modelshelf.hash_file(path)
    took = time.monotonic() - start
    done.set()
    thread.join()
    assert took > 0.2
    assert len([each for each in ticks if start < each < start + took]) > took / 0.005 / 10


def test_a_token_stops_from_another_thread(large: Path, shelf: modelshelf.Shelf) -> None:
    for call in (
        lambda cancel: shelf.scan("models", cancel=cancel, lookup=False),
        lambda cancel: modelshelf.hash_file(large, cancel=cancel),
        lambda cancel: modelshelf.hash_files([large], cancel=cancel),
    ):
        cancel = modelshelf.Cancel()
        assert not cancel.cancelled
        timer = threading.Timer(0.3, cancel.cancel)
        timer.start()
        start = time.monotonic()
        with pytest.raises(modelshelf.Cancelled) as caught:
            call(cancel)
        assert time.monotonic() - start < 3
        assert cancel.cancelled
        assert caught.value.code == "cancelled"
        timer.join()
        # A used token stops the next call too.
        with pytest.raises(modelshelf.Cancelled):
            call(cancel)


def test_an_exception_in_a_callback_comes_out(large: Path, shelf: modelshelf.Shelf) -> None:
    calls = 0

    def progress(state: modelshelf.Progress) -> None:
        nonlocal calls
        if state.bytes > 0:
            calls += 1
            raise ZeroDivisionError("mine")

    for call in (
        lambda: shelf.scan("models", progress=progress, lookup=False),
        lambda: modelshelf.hash_file(large, progress=progress),
    ):
        calls = 0
        start = time.monotonic()
        with pytest.raises(ZeroDivisionError, match="mine"):
            call()
        assert time.monotonic() - start < 4
        assert calls == 1


def test_callbacks_run_on_the_calling_thread(make_file: MakeFile) -> None:
    path = make_file("models/middle.safetensors", 1 << 30)
    threads: set[int] = set()
    modelshelf.hash_file(path, progress=lambda state: threads.add(threading.get_ident()))
    assert threads == {threading.get_ident()}


def test_a_call_may_outlive_its_shelf(large: Path) -> None:
    shelf = modelshelf.get_manager()
    cancel = modelshelf.Cancel()
    problems: list[modelshelf.Error] = []

    def scan() -> None:
        try:
            shelf.scan("models", cancel=cancel, lookup=False)
        except modelshelf.Error as error:
            problems.append(error)

    thread = threading.Thread(target=scan)
    thread.start()
    time.sleep(0.3)
    shelf.close()
    cancel.cancel()
    thread.join(10)
    assert not thread.is_alive()
    assert len(problems) == 1


def test_the_interpreter_ends_while_a_shelf_is_open(make_file: MakeFile) -> None:
    make_file("models/a.safetensors")
    code = "import modelshelf; s = modelshelf.get_manager(); s.scan('models', lookup=False); print(len(s))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "1\n", "")
    assert os.path.exists(os.path.join(os.environ["MODELSHELF_HOME"], "modelshelf.db"))
