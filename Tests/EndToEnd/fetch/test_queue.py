"""The queue of downloads: kept in the store, worked off by whoever comes, paused, resumed and emptied by anybody."""

from __future__ import annotations

import json
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fetching import Shelf, is_right, slow, storage_requests, wait_for

LARGE = "SD/large.safetensors"
MIDDLE = "LoRA/middle.safetensors"
SMALL = "LoRA/small.safetensors"
NAMES = {"version:11": SMALL, "version:22": MIDDLE, "version:33": LARGE}


def queue(command: Shelf, *words: Any) -> dict[int, dict[str, Any]]:
    """The queue by number, after an action."""
    run = command.run("download", *words, "--json")
    assert run.status == 0, run.out + run.err
    return {entry["id"]: entry for entry in run.json["downloads"]}


def until(command: Shelf, holds: Callable[[dict[int, dict[str, Any]]], bool]) -> dict[int, dict[str, Any]]:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        entries = queue(command, "--list")
        if holds(entries):
            return entries
        time.sleep(0.05)
    raise AssertionError(f"the queue does not come to it: {entries}")


def are_right(library: Path, to: Path, *whats: str) -> None:
    for what in whats:
        name = Path(NAMES[what]).name
        assert (to / name).read_bytes() == (library / NAMES[what]).read_bytes()
    assert sorted(path.name for path in to.iterdir()) == sorted(Path(NAMES[what]).name for what in whats)


def test_several_are_worked_off_in_turn(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    command = shelf(service)
    run = command.run("download", "version:22", "version:404", "version:11", "--to", to, "--json")
    assert run.status == 1, run.out + run.err
    assert [entry["what"] for entry in run.json["downloads"]] == ["version:22", "version:11"]
    assert all(entry["verified"] and entry["model"]["civitai"]["status"] == "found" for entry in run.json["downloads"])
    assert [(entry["what"], entry["code"]) for entry in run.json["failed"]] == [("version:404", "not_found")]
    are_right(library, to, "version:11", "version:22")
    entries = queue(command, "--list")
    assert [entry["state"] for entry in entries.values()] == ["done", "failed", "done"]
    assert entries[2]["error"]["code"] == "not_found" and entries[1]["path"] == str(to / "middle.safetensors")


def test_the_queue_is_kept(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    command = shelf(service)
    entries = queue(command, "--queue", "version:11", "version:22", "--to", to)
    assert [(entry["what"], entry["state"]) for entry in entries.values()] == [
        ("version:11", "waiting"), ("version:22", "waiting"),
    ]
    assert not service.requests() and not to.exists(), "nothing is fetched yet"
    assert queue(command, "--queue", "version:22", "--to", to).keys() == {2}, "not twice"
    run = command.run("download", "--resume", "--json")
    assert [entry["id"] for entry in run.json["downloads"]] == [1, 2] and run.json["failed"] == []
    are_right(library, to, "version:11", "version:22")
    assert command.run("download", "--resume", "--json").json == {"downloads": [], "failed": []}


def test_a_key_in_an_address_is_not_kept(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    command = shelf(serve())
    secret = "0123456789abcdef0123456789abcdef"
    address = f"https://civitai.com/api/download/models/22?fileId=222&token={secret}"
    entries = queue(command, "--queue", address, "--to", to)
    assert secret not in json.dumps(entries)
    assert not any(secret.encode() in path.read_bytes() for path in command.home.iterdir() if path.is_file())
    assert command.run("download", "--resume", "--json").status == 0
    are_right(library, to, "version:22")


def test_what_means_nothing_is_not_taken(serve: Any, shelf: Any, to: Path) -> None:
    command = shelf(serve())
    run = command.run("download", "--queue", "version:11", "nonsense!", "--to", to, "--json")
    assert (run.status, run.code) == (2, "usage")
    assert queue(command, "--list") == {}
    for words in (["--pause", "7"], ["--resume", "7"], ["--cancel", "7"]):
        run = command.run("download", *words, "--json")
        assert (run.status, run.code) == (3, "not_found"), words
    for words in (["--cancel"], ["--pause", "x"], ["--list", "version:11"], ["--list", "--resume"], ["--queue"], []):
        assert command.run("download", *words, "--json").code == "usage", words


def test_paused_and_resumed_while_it_runs(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 8_000_000)
    command = shelf(service)
    queue(command, "--queue", "version:33", "version:11", "--to", to)
    process = command.start("download", "--resume", "--json")
    wait_for(to / "large.safetensors.part", 2 << 20)
    entries = until(command, lambda entries: (entries[1]["bytes_total"] or 0) > 0 and entries[1]["bytes"] > 0)
    assert entries[1]["state"] == "running" and entries[1]["path"] == str(to / "large.safetensors")
    queue(command, "--pause", "1")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, out + err
    assert [entry["id"] for entry in json.loads(out)["downloads"]] == [2], "the others went on"
    there = (to / "large.safetensors.part").stat().st_size
    assert queue(command, "--list")[1]["state"] == "paused" and there >= 2 << 20
    service.behave()
    run = command.run("download", "--resume", "1", "--json")
    assert run.json["downloads"][0]["resumed_from"] == there
    are_right(library, to, "version:33", "version:11")
    size = (library / LARGE).stat().st_size
    assert storage_requests(service)[-1]["range"] == f"bytes={there}-" and there < size


def test_cancelled_leaves_nothing(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 8_000_000)
    command = shelf(service)
    queue(command, "--queue", "version:33", "--to", to)
    process = command.start("download", "--resume", "--json")
    until(command, lambda entries: entries[1]["bytes"] > 0)
    queue(command, "--cancel", "1")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0 and json.loads(out) == {"downloads": [], "failed": []}, err
    assert list(to.iterdir()) == [] and queue(command, "--list") == {}
    # The same while nobody works on it.
    queue(command, "--queue", "version:33", "--to", to)
    process = command.start("download", "--resume")
    until(command, lambda entries: all(entry["bytes"] > 0 for entry in entries.values()))
    process.kill()
    process.communicate()
    assert (to / "large.safetensors.part").exists()
    queue(command, "--cancel", "2")
    assert list(to.iterdir()) == []


def test_interrupted_the_same_command_goes_on(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    command = shelf(service)
    line = ["download", "version:22", "version:33", "version:11", "--to", to, "--json"]
    choose = random.Random(5)
    for _ in range(8):
        slow(service, 30_000_000)
        process = command.start(*line)
        time.sleep(choose.uniform(0.1, 0.5))
        process.send_signal(choose.choice([signal.SIGINT, signal.SIGKILL]))
        process.communicate(timeout=30)
    service.behave()
    run = command.run(*line)
    assert run.status == 0, run.out + run.err
    are_right(library, to, "version:11", "version:22", "version:33")
    states = {entry["what"]: entry["state"] for entry in queue(command, "--list").values()}
    assert states == dict.fromkeys(("version:11", "version:22", "version:33"), "done")


def test_two_processes_share_the_queue(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 20_000_000)
    command = shelf(service)
    queue(command, "--queue", "version:33", "version:22", "version:11", "--to", to)
    both = [command.start("download", "--resume", "--json") for _ in range(2)]
    answers = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    done = sorted(entry["id"] for out, _ in answers for entry in json.loads(out)["downloads"])
    assert done == [1, 2, 3], "each by one of them"
    are_right(library, to, "version:11", "version:22", "version:33")


def test_what_failed_is_tried_again(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve(faults=["410:path=/api/download"])
    command = shelf(service)
    run = command.run("download", "version:11", "version:22", "--to", to, "--json")
    assert [entry["code"] for entry in run.json["failed"]] == ["gone", "gone"] and run.status != 0
    assert {entry["state"] for entry in queue(command, "--list").values()} == {"failed"}
    service.behave()
    assert command.run("download", "--resume", "--json").status == 0
    are_right(library, to, "version:11", "version:22")


def test_for_people(serve: Any, shelf: Any, to: Path) -> None:
    command = shelf(serve())
    assert "empty" in command.run("download", "--list").err
    out = command.run("download", "--queue", "version:11", "--to", to).out
    assert "NUMBER" in out and "waiting" in out and "version:11" in out


def test_one_download_is_the_same_file(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    command = shelf(serve())
    queue(command, "--queue", "version:33", "--to", to)
    is_right(command.download("version:33", to), library, LARGE, to)
    run = command.run("download", "--resume", "--json")
    assert run.json["downloads"][0]["already_there"] is True
