"""Stopping and going on: no byte twice after an orderly stop, nothing believed that a crash may have taken."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from fetching import Shelf, is_right, slow, storage_requests, wait_for

LARGE = "SD/large.safetensors"
NAME = "large.safetensors"


def stop(command: Shelf, to: Path, size: int, *words: str, number: int = signal.SIGINT) -> dict[str, Any]:
    """Begins a download, stops it when so much is there, and gives the state that it left."""
    process = command.start("download", "version:33", "--to", to, *words)
    wait_for(to / f"{NAME}.part", size)
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    assert process.returncode == (130 if number == signal.SIGINT else -number), out + err
    return json.loads((to / f"{NAME}.part.json").read_text())


def asked(service: Any) -> list[range]:
    """The parts of the file that were asked for."""
    parts = []
    for entry in storage_requests(service):
        first, last = entry["range"].removeprefix("bytes=").split("-")
        parts.append(range(int(first), int(last) + 1))
    return parts


@pytest.mark.parametrize("connections", ["2", "5"])
def test_several_connections_stopped_lose_nothing(
    serve: Any, shelf: Any, library: Path, to: Path, connections: str
) -> None:
    service = serve()
    slow(service, 8_000_000)
    command = shelf(service)
    state = stop(command, to, 12 << 20, "--connections", connections)
    hashed = int(state["hash"].split(":")[1])
    islands = state["islands"]
    assert state["ahead"] and islands and islands[0][0] > hashed, state
    before = len(storage_requests(service))
    service.behave()
    run = command.download("version:33", to, "--connections", connections, "--verbose")
    is_right(run, library, LARGE, to)
    assert run.json["resumed_from"] == hashed + sum(end - start for start, end in islands)
    assert "hashed again" not in run.err
    for part in asked(service)[before:]:
        assert part.start >= hashed
        assert all(part.stop <= start or part.start >= end for start, end in islands), "it was there"
    wanted = (library / LARGE).stat().st_size - run.json["resumed_from"]
    assert sum(len(part) for part in asked(service)[before:]) == wanted, "each byte once"


def test_several_connections_begin_with_a_piece(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    run = shelf(service).download("version:33", to, "--connections", "4")
    is_right(run, library, LARGE, to)
    size = (library / LARGE).stat().st_size
    assert sum(len(part) for part in asked(service)) == size
    assert sum(entry["sent_bytes"] for entry in storage_requests(service)) == size


def test_what_several_left_one_can_finish(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 8_000_000)
    command = shelf(service)
    state = stop(command, to, 10 << 20, "--connections", "4")
    service.behave()
    run = command.download("version:33", to)
    is_right(run, library, LARGE, to)
    assert run.json["resumed_from"] > int(state["hash"].split(":")[1])


def test_islands_of_another_file_are_not_believed(
    change: Any, serve: Any, shelf: Any, library: Path, to: Path
) -> None:
    change(LARGE, file={"hashes": {}})
    service = serve()
    slow(service, 8_000_000)
    command = shelf(service)
    stop(command, to, 10 << 20, "--connections", "4", "--no-verify")
    service.misbehave("etag:every=1", replace=True)
    run = command.download("version:33", to)
    assert run.json["verified"] is False and run.json["resumed_from"] == 0
    assert (to / NAME).read_bytes() == (library / LARGE).read_bytes()


def test_stopped_and_killed_in_turn(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    command = shelf(service)
    choose = random.Random(3)
    for _ in range(8):
        slow(service, 10_000_000)
        process = command.start("download", "version:33", "--to", to, "--connections", choose.choice(["1", "3", "6"]))
        time.sleep(choose.uniform(0.1, 0.5))
        process.send_signal(choose.choice([signal.SIGINT, signal.SIGKILL]))
        process.communicate(timeout=30)
    service.behave()
    is_right(command.download("version:33", to, "--connections", "3"), library, LARGE, to)


def test_after_a_crash_of_the_machine_the_bytes_are_read_again(
    serve: Any, shelf: Any, library: Path, to: Path
) -> None:
    service = serve()
    slow(service, 20_000_000)
    command = shelf(service)
    stop(command, to, 20 << 20, number=signal.SIGKILL)
    part, state = to / f"{NAME}.part", to / f"{NAME}.part.json"
    document = json.loads(state.read_text())
    assert document["boot"] == Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert int(document["hash"].split(":")[1]) >= 16 << 20
    # Pages that were never written back: the file has its length, and zeros where bytes were.
    document["boot"] = "another"
    state.write_text(json.dumps(document))
    with part.open("r+b") as file:
        file.seek(1 << 20)
        file.write(bytes(1 << 20))
    service.behave()
    is_right(command.download("version:33", to), library, LARGE, to)


def test_an_orderly_stop_outlives_the_machine(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 20_000_000)
    command = shelf(service)
    assert stop(command, to, 5 << 20)["boot"] is None
    service.behave()
    run = command.download("version:33", to, "--verbose")
    is_right(run, library, LARGE, to)
    assert "hashed again" not in run.err


# What the library knows of a file that was just downloaded.


def test_a_large_file_is_not_read_again_for_the_library(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    command = shelf(service)
    run = command.download("version:33", to)
    path = is_right(run, library, LARGE, to)
    hashes = run.json["model"]["hashes"]
    assert hashes["sha256"] == run.json["sha256"] and hashes["autov2"] == run.json["sha256"][:10].upper()
    assert hashes["autov3"] is None and run.json["model"]["precision"] == "fp16"
    assert command.download("version:33", to).json["already_there"] is True
    asked = len(service.requests())
    scan = command.run("scan", to, "--json").json
    size = (library / LARGE).stat().st_size
    assert (scan["unchanged"], scan["hashed"], scan["bytes_hashed"], scan["identified"]) == (1, 1, size, 1), scan
    assert len(service.requests()) == asked, "it is identified already"
    info = command.run("info", path, "--json", "--offline").json
    want = command.run("hash", path, "--algo", "all", "--json").json["files"][0]["hashes"]
    assert info["hashes"] == want and info["civitai"]["version_id"] == 33
    assert command.run("scan", to, "--json").json["bytes_hashed"] == 0


def test_a_copy_of_what_was_downloaded_is_known(serve: Any, shelf: Any, library: Path, to: Path, tmp_path: Path) -> None:
    command = shelf(serve())
    first = is_right(command.download("version:33", to), library, LARGE, to)
    again = command.download("version:33", tmp_path / "other")
    second = is_right(again, library, LARGE, tmp_path / "other")
    assert again.json["model"]["duplicates"] == [str(first)]
    for folder in (to, tmp_path / "other"):
        command.run("scan", folder, "--json")
    info = command.run("info", second, "--json").json
    assert info["hashes"]["autov3"] and info["duplicates"] == [str(first)]


def test_a_copy_that_is_another_file_gets_its_own_record(
    serve: Any, shelf: Any, library: Path, to: Path
) -> None:
    """Changed outside of the sample, with the times of the original: only reading tells."""
    command = shelf(serve())
    first = is_right(command.download("version:33", to), library, LARGE, to)
    status = first.stat()
    body = bytearray(first.read_bytes())
    body[-70_000] ^= 1
    other = to / "other.safetensors"
    other.write_bytes(body)
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    scan = command.run("scan", to, "--json").json
    assert scan["hashed"] == 2, scan
    a, b = (command.run("info", path, "--json").json for path in (first, other))
    assert a["hashes"]["sha256"] != b["hashes"]["sha256"]
    want = command.run("hash", first, other, "--json").json["files"]
    assert [entry["hashes"]["sha256"] for entry in want] == [a["hashes"]["sha256"], b["hashes"]["sha256"]]
    assert a["civitai"]["version_id"] == 33 and b["civitai"]["version_id"] is None
