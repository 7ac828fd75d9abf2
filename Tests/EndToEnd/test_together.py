"""Four processes scan one folder into one store at once: they share the work, and a death among them is soon noticed."""

from __future__ import annotations

import sqlite3
import subprocess
import time
from pathlib import Path

from harness import IDS, Program, finish, grown, settle, small_files, truth

PROCESSES = 4


def library(folder: Path) -> list[Path]:
    """Many small files and some large ones."""
    for number in range(24):
        grown(folder / "large" / f"large-{number:02d}.safetensors", (8 + number % 5 * 4) << 20)
    small_files(folder, 300)
    files = sorted(folder.rglob("*.safetensors"))
    settle(files)
    return files


def assert_one_store(shelf: Program, service, files: list[Path]) -> None:
    """Each file is there once, rightly identified; each digest was asked once."""
    records = shelf.records()
    assert set(records) == {str(path) for path in files}
    known = truth(service)
    for record in records.values():
        assert (record["civitai"]["model_id"], record["civitai"]["version_id"]) == known[record["hashes"]["sha256"]]
    assert shelf.query("SELECT count(*) FROM content") == [(len(files),)]
    assert shelf.query("SELECT count(*) FROM location") == [(len(files),)]
    assert shelf.query("SELECT count(*) FROM remote") == [(len(files),)]
    assert shelf.query("SELECT count(*) FROM root") == [(1,)]
    for table in ("location", "remote"):
        assert shelf.query(f"SELECT count(*) FROM {table} WHERE claim_owner IS NOT NULL") == [(0,)]
    shelf.assert_sound()
    asked = sum(entry["hashes"] or 0 for entry in service.requests() if entry["route"] == IDS)
    assert asked == len(files)


def test_four_at_once(folder: Path, serve, program) -> None:
    files = library(folder)
    total = sum(path.stat().st_size for path in files)
    service = serve()
    shelf = program(service)
    running = [shelf.start("scan", "--json", str(folder)) for _ in range(PROCESSES)]
    answers = [finish(process) for process in running]
    for answer in answers:
        assert answer.status == 0 and "warning" not in answer.err and "error" not in answer.err, answer
        report = answer.json
        assert report["failed"] == [] and report["warnings"] == []
        assert report["files"] == report["identified"] == len(files), answer
        assert report["pending"] == report["not_on_civitai"] == report["missing"] == report["moved"] == 0
    hashed = sum(answer.json["bytes_hashed"] for answer in answers)
    assert total <= hashed <= total * 1.05
    assert sum(answer.json["requests"] for answer in answers) == service.summary()["total"]
    assert_one_store(shelf, service, files)


def test_one_of_four_is_killed(folder: Path, serve, program) -> None:
    """Its claims would hold for 30 s; the others see that it is dead and do not wait."""
    files = library(folder)
    total = sum(path.stat().st_size for path in files)
    service = serve()
    shelf = program(service)
    running = [shelf.start("scan", "--json", str(folder), "--jobs", "1") for _ in range(PROCESSES)]
    victim = _holder(shelf, "SELECT claim_owner FROM location WHERE claim_owner IS NOT NULL AND stage = 1", running)
    doomed = next(process for process in running if process.pid == victim)
    doomed.kill()
    doomed.communicate()
    # Less than the 30 s after which a claim runs out by itself, and more than enough for the work.
    answers = [finish(process, patience=25) for process in running if process is not doomed]
    for answer in answers:
        assert answer.status == 0, answer
        assert answer.json["files"] == answer.json["identified"] == len(files), answer
        assert answer.json["failed"] == []
    # What the victim had under way is hashed once more, nothing else.
    largest = max(path.stat().st_size for path in files)
    assert sum(answer.json["bytes_hashed"] for answer in answers) <= total + largest
    assert_one_store(shelf, service, files)


def test_one_is_killed_while_it_asks(folder: Path, serve, program) -> None:
    """The questions that it had claimed are asked by another."""
    files = small_files(folder, 120)
    service = serve(faults=["slow:delay=1:first=4"])
    shelf = program(service)
    running = [shelf.start("scan", "--json", str(folder)) for _ in range(PROCESSES)]
    victim = _holder(shelf, "SELECT claim_owner FROM remote WHERE claim_owner IS NOT NULL", running)
    doomed = next(process for process in running if process.pid == victim)
    doomed.kill()
    doomed.communicate()
    for process in running:
        if process is not doomed:
            answer = finish(process, patience=25)
            assert answer.status == 0 and answer.json["identified"] == len(files), answer
    assert all(record["civitai"]["status"] == "found" for record in shelf.records().values())
    shelf.assert_sound()


def _holder(shelf: Program, claims: str, running: list[subprocess.Popen[bytes]]) -> int:
    """The process id of the first of ``running`` that is seen to hold a claim."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            owners = shelf.query(claims)
        except sqlite3.Error:  # the store is not there yet
            owners = []
        for (owner,) in owners:
            pid = int(owner.split(":")[2])
            if any(process.pid == pid for process in running):
                return pid
        time.sleep(0.002)
    raise AssertionError("nobody claimed anything")


def test_folders_inside_each_other_at_once(folder: Path, program) -> None:
    """The scan of an outer folder takes over what belonged to the inner ones while those are scanned."""
    for name in "abc":
        small_files(folder / name / "deep", 20, seed=ord(name))
    places = [folder / "a" / "deep", folder / "b" / "deep", folder / "c", folder / "a", folder]
    for _ in range(5):
        shelf = program()
        running = [shelf.start("scan", "--json", "--no-lookup", str(place)) for place in places]
        for answer in [finish(process) for process in running]:
            assert answer.status == 0 and answer.json["failed"] == [], answer
        assert len(shelf.records()) == 60
        assert shelf.query("SELECT count(*) FROM root") == [(1,)]
        shelf.assert_sound()
