"""``watch --exec FILE.py``: handlers in Python for what happens in the folders."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from embedding import Pair
from harness import Program, finish

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "watch"))
from watcher import PATIENCE, model, put

NOTE = """
import json, sys
notes = open(__file__ + ".notes", "a", buffering=1)
def note(*what): notes.write(json.dumps(what) + "\\n")
note("loaded", sys.argv[0], sys.path[0])
"""


class Handlers:
    """A watch with a file of handlers, and what they noted."""

    def __init__(self, pair: Pair, folder: Path, program: Program, text: str, *more: Any) -> None:
        self.file = folder.parent / "handlers.py"
        self.file.write_text(NOTE + text)
        self.notes = Path(f"{self.file}.notes")
        env = {"MODELSHELF_PYTHON": pair.program, "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = program.start("watch", folder, "--exec", self.file, *more, **env)

    def noted(self) -> list[list[Any]]:
        return [json.loads(line) for line in self.notes.read_text().splitlines()] if self.notes.exists() else []

    def wait(self, condition: Callable[[list[list[Any]]], bool]) -> list[list[Any]]:
        end = time.monotonic() + PATIENCE
        while not condition(noted := self.noted()):
            assert self.process.poll() is None, finish(self.process)
            if time.monotonic() > end:
                self.process.kill()
                raise AssertionError(f"in vain: {noted}\n{finish(self.process)}")
            time.sleep(0.02)
        return noted

    def stop(self, number: int = signal.SIGINT) -> Any:
        self.process.send_signal(number)
        return finish(self.process)


@pytest.fixture
def handlers(newest: Pair, folder: Path, program: Callable[..., Program]) -> Iterator[Callable[..., Handlers]]:
    begun: list[Handlers] = []

    def begin(text: str, *more: Any, service: Any = None, pair: Pair = newest) -> Handlers:
        begun.append(Handlers(pair, folder, program(service), text, *more))
        return begun[-1]

    yield begin
    for each in begun:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


def test_handlers_get_the_model(pair: Pair, handlers: Callable[..., Handlers], folder: Path, serve: Any) -> None:
    put(folder / "before.safetensors", model(1))
    watch = handlers(
        """
import modelshelf
def on_added(model): note("added", model.path, type(model) is modelshelf.Model, model.hashes["sha256"] is not None)
def on_identified(model): note("identified", model.path, model.civitai["status"])
def on_moved(model, event): note("moved", event.old_path, model.path)
def on_removed(model, event): note("removed", event.path, event.event)
def on_failed(model, event): note("failed", event.path, event.error["code"])
def on_changed(model): note("changed", model.path)
""",
        service=serve(),
        pair=pair,
    )
    paths = {name: str(folder / f"{name}.safetensors") for name in ("before", "after", "bad")}
    noted = watch.wait(lambda noted: ["identified", paths["before"], "found"] in noted)
    assert noted[0] == ["loaded", str(watch.file), str(watch.file.parent)]
    assert noted[1] == ["added", paths["before"], True, True]
    os.rename(paths["before"], paths["after"])
    watch.wait(lambda noted: ["moved", paths["before"], paths["after"]] in noted)
    put(Path(paths["after"]), model(2))
    watch.wait(lambda noted: ["changed", paths["after"]] in noted)
    put(Path(paths["bad"]), b"<!DOCTYPE html><html></html>")
    watch.wait(lambda noted: ["failed", paths["bad"], "corrupt_file"] in noted)
    os.unlink(paths["after"])
    watch.wait(lambda noted: ["removed", paths["after"], "removed"] in noted)
    answer = watch.stop()
    assert answer.status == 130, answer
    assert [line.split()[0] for line in answer.text.splitlines() if "before" in line] == ["added", "identified", "moved"]
    assert "Traceback" not in answer.err


def test_an_exception_is_shown_and_the_watch_goes_on(handlers: Callable[..., Handlers], folder: Path) -> None:
    watch = handlers("def on_added(model):\n    note('added', model.name)\n    raise ValueError(model.name)\n", "--no-lookup")
    for number in range(3):
        put(folder / f"m{number}.safetensors", model(number))
    watch.wait(lambda noted: len(noted) == 4)
    answer = watch.stop()
    assert answer.status == 130
    for number in range(3):
        assert f"ValueError: m{number}\n" in answer.err
    trace = answer.err.split("Traceback (most recent call last):\n")[1].splitlines()
    assert trace[0] == f'  File "{watch.file}", line 8, in on_added'


def test_a_slow_handler_holds_up_nothing(handlers: Callable[..., Handlers], folder: Path) -> None:
    """While the first call has not returned, every file is hashed and told; afterwards no event is missing."""
    watch = handlers(
        """
import os, time
def on_added(model):
    note("added", model.path)
    while not os.path.exists(__file__ + ".go"): time.sleep(0.01)
""",
        "--no-lookup",
    )
    paths = [str(put(folder / f"m{number}.safetensors", model(number))) for number in range(50)]
    assert watch.process.stdout is not None
    told = [watch.process.stdout.readline().decode().split()[:2] for _ in paths]
    assert sorted(told) == sorted(["added", path] for path in paths)
    assert len(watch.noted()) <= 2
    Path(f"{watch.file}.go").touch()
    noted = watch.wait(lambda noted: len(noted) == 51)
    assert noted[1:] == told
    assert watch.stop().status == 130


def test_a_handler_may_close_its_manager(handlers: Callable[..., Handlers], folder: Path) -> None:
    watch = handlers(
        """
import modelshelf
def on_added(model):
    with modelshelf.get_manager() as shelf: note("added", shelf.get(model.path).path, shelf.tag(model, "seen").tags)
""",
        "--no-lookup",
    )
    for number in range(3):
        put(folder / f"m{number}.safetensors", model(number))
        noted = watch.wait(lambda noted: len(noted) == number + 2)
        assert noted[-1] == ["added", str(folder / f"m{number}.safetensors"), ["seen"]]
    assert watch.stop(signal.SIGTERM).status == 130


def test_ctrl_c_ends_a_handler_too(handlers: Callable[..., Handlers], folder: Path) -> None:
    watch = handlers("import time\ndef on_added(model):\n    note('added')\n    time.sleep(1000)\n", "--no-lookup", "--quiet")
    put(folder / "m.safetensors", model(1))
    watch.wait(lambda noted: ["added"] in noted)
    answer = watch.stop()
    assert (answer.status, answer.err) == (130, "")


def test_with_json_standard_output_is_events_only(handlers: Callable[..., Handlers], folder: Path) -> None:
    watch = handlers("def on_added(model):\n    print('printed')\n    note('added')\n", "--no-lookup", "--json", "--quiet")
    put(folder / "m.safetensors", model(1))
    watch.wait(lambda noted: ["added"] in noted)
    answer = watch.stop()
    assert [json.loads(line)["event"] for line in answer.text.splitlines()] == ["added"]
    assert answer.err == "printed\n"


def test_children_of_handlers_can_be_ended(handlers: Callable[..., Handlers], folder: Path) -> None:
    """They begin with the signals of any child of python3: none is blocked."""
    watch = handlers(
        """
from subprocess import run
def on_added(model):
    note("mask", run(["grep", "^SigBlk", "/proc/self/status"], capture_output=True, text=True).stdout)
""",
        "--no-lookup",
    )
    put(folder / "m.safetensors", model(1))
    noted = watch.wait(lambda noted: len(noted) == 2)
    assert noted[1] == ["mask", "SigBlk:\t0000000000000000\n"]
    assert watch.stop().status == 130


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("1 / 0\n", 1, "ZeroDivisionError"),
        ("def on_added(:\n", 1, "SyntaxError"),
        ("raise SystemExit(7)\n", 7, ""),
        ("def on_added(model): raise SystemExit(8)\n", 8, ""),
    ],
)
def test_a_file_that_fails_ends_it(
    handlers: Callable[..., Handlers], folder: Path, text: str, status: int, message: str
) -> None:
    put(folder / "m.safetensors", model(1))
    answer = finish(handlers(text, "--no-lookup").process)
    assert answer.status == status, answer
    assert message in answer.err


def test_a_file_without_handlers_is_told(handlers: Callable[..., Handlers]) -> None:
    watch = handlers("def added(model): pass\n")
    watch.wait(lambda noted: len(noted) == 1)
    assert watch.process.stderr is not None
    assert watch.process.stderr.readline().startswith(b"modelshelf: watching ")
    assert "defines none of on_added on_changed" in watch.process.stderr.readline().decode()
    assert watch.stop().status == 130


def test_a_file_that_is_not_there(newest: Pair, folder: Path, program: Callable[..., Program]) -> None:
    answer = program().run("watch", folder, "--exec", folder / "absent.py", MODELSHELF_PYTHON=newest.program)
    assert answer.status == 3
    assert "absent.py" in answer.err and "--exec takes a file of Python" in answer.err


def test_a_reader_that_goes_away_ends_it(handlers: Callable[..., Handlers], folder: Path) -> None:
    watch = handlers("def on_added(model): note('added')\n", "--no-lookup")
    watch.wait(lambda noted: len(noted) == 1)
    assert watch.process.stdout is not None
    watch.process.stdout.close()
    for number in range(2):
        put(folder / f"m{number}.safetensors", model(number))
    assert watch.process.wait(PATIENCE) == 141
