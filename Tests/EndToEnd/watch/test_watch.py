"""The watcher as its users meet it: what it says of every way in which a file comes, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import IDS, Program, asked, grown, truth
from watcher import Watcher, cpu_ticks, digests, model, put, threads


@pytest.fixture
def watch(folder: Path, program) -> Iterator[Callable[..., Watcher]]:
    """Starts watchers of the folder that end with the test."""
    running: list[Watcher] = []

    def start(*arguments: Any, shelf: Program | None = None, **more: Any) -> Watcher:
        watcher = Watcher(shelf or program(), *(arguments or ("--no-lookup", folder)), **more)
        running.append(watcher)
        return watcher

    yield start
    for watcher in running:
        if watcher.process.poll() is None:
            watcher.kill()


def test_lines_have_the_promised_shape(folder: Path, watch) -> None:
    watcher = watch()
    path = put(folder / "a.safetensors", model(1))
    event = watcher.wait_for("added", path)
    assert set(event) == {"event", "path", "path_bytes", "old_path", "old_path_bytes", "time", "model", "error"}
    assert event["old_path"] is event["error"] is event["path_bytes"] is None
    assert event["model"]["path"] == str(path)
    assert len(event["model"]["hashes"]["sha256"]) == 64
    assert event["time"].endswith("Z")
    other = folder / "b.safetensors"
    path.rename(other)
    assert watcher.wait_for("moved", other)["old_path"] == str(path)
    put(folder / "page.safetensors", b"<!DOCTYPE html><html>Log in</html>")
    assert watcher.wait_for("failed", folder / "page.safetensors")["error"]["code"] == "corrupt_file"
    watcher.stop()


def test_text_for_people(folder: Path, program) -> None:
    shelf = program()
    process = shelf.start("watch", "--no-lookup", folder)
    assert process.stdout is not None
    put(folder / "a.safetensors", model(1))
    line = process.stdout.readline().decode()
    assert line.startswith("added ") and str(folder / "a.safetensors") in line
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 130


@pytest.mark.parametrize("line", [["--exec"], ["--jobs", "0"], ["--type", "nothing"], ["--sidecars", "x"]])
def test_wrong_usage(folder: Path, program, line: list[str]) -> None:
    answer = program().run("watch", "--json", folder, *line)
    assert answer.status == 2
    assert answer.code == "usage"


def test_nothing_to_watch(program) -> None:
    assert program().run("watch", "--json").status == 2


def test_a_closed_pipe_ends_it(folder: Path, program) -> None:
    process = program().start("watch", "--json", "--no-lookup", folder)
    process.stdout.close()
    put(folder / "a.safetensors", model(1))
    assert process.wait(10) == 141


def test_registered_roots_and_types(folder: Path, program, watch) -> None:
    shelf = program()
    shelf.ok("roots", "add", f"LORA={folder}")
    watcher = watch("--no-lookup", shelf=shelf)
    put(folder / "a.safetensors", model(1))
    assert watcher.wait_for("added", folder / "a.safetensors")["model"]["type"] == "LORA"


def test_nothing_is_said_before_a_file_is_whole(folder: Path, watch) -> None:
    watcher = watch()
    put(folder / "first.safetensors", model(0))
    watcher.wait_for("added", folder / "first.safetensors")
    data = model(1, 1 << 20)
    with open(folder / "slow.safetensors", "wb") as file:
        for start in range(0, len(data), len(data) // 8):
            file.write(data[start : start + len(data) // 8])
            file.flush()
            time.sleep(0.3)
    closed = time.monotonic()
    watcher.wait_for("added", folder / "slow.safetensors")
    assert watcher.times[-1] >= closed
    # By pieces, each with an open and a close of its own; then preallocated and filled from the end.
    for start in range(0, len(data), len(data) // 4):
        with open(folder / "pieces.safetensors", "ab") as file:
            file.write(data[start : start + len(data) // 4])
        assert len(watcher.events) == 2
        time.sleep(0.4 if start + len(data) // 4 < len(data) else 0)
    watcher.wait_for("added", folder / "pieces.safetensors")
    other = model(2, 1 << 20)
    with open(folder / "preallocated.safetensors", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, len(other))
        file.write(other[:4096])
        file.flush()
        time.sleep(3)
        file.seek(len(other) // 2)
        file.write(other[len(other) // 2 :])
        file.seek(0)
        file.write(other)
        assert len(watcher.events) == 3
    watcher.wait_for("added", folder / "preallocated.safetensors")
    assert watcher.mirror() == digests(folder)


def test_a_writer_that_comes_back(folder: Path, watch) -> None:
    watcher = watch()
    raw = folder / "raw.ckpt"
    raw.write_bytes(b"\x80\x02}q\x00." + b"x" * 100)
    closed = time.monotonic()
    watcher.wait_for("added", raw)
    assert watcher.times[-1] - closed > 9.5
    with open(raw, "ab") as file:
        file.write(b"more")
    watcher.wait_for("changed", raw)


def test_the_same_twice_costs_nothing(folder: Path, program, watch) -> None:
    shelf = program()
    for number in range(50):
        put(folder / f"{number}.safetensors", model(number))
    watcher = watch(shelf=shelf)
    watcher.wait(lambda: len(watcher.events) == 50)
    watcher.stop()
    again = watch(shelf=shelf)
    put(folder / "new.safetensors", model(1000))
    again.wait_for("added", folder / "new.safetensors")
    assert again.said() == [("added", str(folder / "new.safetensors"))]


def test_an_idle_folder_costs_nothing(folder: Path, watch) -> None:
    watcher = watch()
    for number in range(20):
        put(folder / str(number) / "x.safetensors", model(number))
    watcher.wait(lambda: len(watcher.events) == 20)
    time.sleep(1)
    before = cpu_ticks(watcher.process)
    time.sleep(5)
    assert cpu_ticks(watcher.process) - before <= 1
    assert threads(watcher.process.pid) <= 8


def test_killed_in_the_middle_of_a_file(folder: Path, program, watch) -> None:
    shelf = program()
    watcher = watch(shelf=shelf)
    put(folder / "small.safetensors", model(1))
    watcher.wait_for("added", folder / "small.safetensors")
    grown(folder / "large.part", 2 << 30)
    (folder / "large.part").rename(folder / "large.safetensors")
    watcher.wait(lambda: shelf.query("SELECT count(*) FROM location WHERE stage = 1") == [(1,)])
    watcher.kill()
    assert len(watcher.events) == 1
    shelf.assert_sound()
    again = watch(shelf=shelf)
    again.wait_for("added", folder / "large.safetensors")
    assert len(again.events) == 1


def test_interrupted_in_the_middle_of_a_file(folder: Path, program, watch) -> None:
    shelf = program()
    watcher = watch(shelf=shelf)
    put(folder / "small.safetensors", model(1))
    watcher.wait_for("added", folder / "small.safetensors")
    grown(folder / "large.part", 2 << 30)
    (folder / "large.part").rename(folder / "large.safetensors")
    watcher.wait(lambda: shelf.query("SELECT count(*) FROM location WHERE stage = 1") == [(1,)])
    watcher.stop()
    # It did not wait for the end of the file.
    assert shelf.query("SELECT count(*) FROM location WHERE stage = 1") == [(1,)]
    shelf.assert_sound()
    assert shelf.query("SELECT count(*) FROM location WHERE claim_owner IS NOT NULL") == [(0,)]


def test_what_is_small_does_not_wait_for_what_is_large(folder: Path, watch) -> None:
    watcher = watch()
    grown(folder / "large.part", 12 << 30)
    (folder / "large.part").rename(folder / "large.safetensors")
    time.sleep(2.5)
    put(folder / "small.safetensors", model(1))
    watcher.wait_for("added", folder / "small.safetensors", patience=60)
    assert ("added", str(folder / "large.safetensors")) not in watcher.said()


def test_a_burst_is_asked_about_at_once(tmp_path: Path, folder: Path, serve, program, watch) -> None:
    source = tmp_path / "source"
    for number in range(300):
        put(source / f"{number}.safetensors", model(number))
    service = serve(source)
    shelf = program(service)
    watcher = watch(folder, shelf=shelf)
    put(folder / "first.safetensors", model(5000))
    watcher.wait_for("added", folder / "first.safetensors")
    watcher.settle(1)
    before = asked(service, IDS)
    start = time.monotonic()
    for path in source.iterdir():
        shutil.copy(path, folder / path.name)
    watcher.wait(lambda: sum(kind == "identified" for kind, _ in watcher.said()) == 300)
    took = time.monotonic() - start
    assert asked(service, IDS) - before <= 1 + took / 2
    known = truth(service)
    for event in watcher.events:
        if event["event"] == "identified":
            civitai = event["model"]["civitai"]
            assert civitai["status"] == "found"
            assert (civitai["model_id"], civitai["version_id"]) == known[event["model"]["hashes"]["sha256"]]
    identified = [path for kind, path in watcher.said() if kind == "identified"]
    assert len(set(identified)) == len(identified) == 300
    assert watcher.mirror() == digests(folder)


def test_an_outage_is_not_an_answer(folder: Path, program, watch) -> None:
    watcher = watch(folder)
    put(folder / "a.safetensors", model(1))
    event = watcher.wait_for("added", folder / "a.safetensors")
    assert event["model"]["civitai"]["status"] == "pending"
    watcher.stop()


def test_two_watchers_share_the_work_and_both_tell(folder: Path, program, watch) -> None:
    shelf = program()
    first = watch(shelf=shelf)
    put(folder / "a.safetensors", model(0))
    first.wait_for("added", folder / "a.safetensors")
    second = watch(shelf=shelf)
    time.sleep(1)
    for number in range(200):
        put(folder / f"{number}.safetensors", model(number + 1))
    for watcher in (first, second):
        watcher.wait(lambda watcher=watcher: sum(kind == "added" for kind, _ in watcher.said()) >= 200)
        watcher.settle(1)
    assert first.mirror() == digests(folder)
    assert len(second.events) == 200
    shelf.assert_sound()
    assert shelf.query("SELECT count(*) FROM location") == [(201,)]


def test_one_document_for_an_error(folder: Path, program) -> None:
    put(folder / "a.safetensors", model(1))
    answer = program().run("watch", "--json", folder / "a.safetensors")
    assert answer.status == 2
    assert json.loads(answer.out)["error"]["code"] == "usage"
