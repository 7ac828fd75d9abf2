"""A scan is killed at fifty moments: the next one goes on, and nothing that was written down is read again."""

from __future__ import annotations

import random
import shutil
import sqlite3
import time
from pathlib import Path

from harness import Program, finish, grown, lasting, settle, small_files, truth

MOMENTS = 50


def library(folder: Path) -> list[Path]:
    """Three hundred files, some of several MB."""
    chance = random.Random("sizes")
    small_files(folder, 260)
    for number in range(30):
        grown(folder / "middle" / f"middle-{number:02d}.safetensors", chance.randrange(100_000, 900_000))
    for number in range(10):
        grown(folder / "large" / f"large-{number:02d}.safetensors", chance.randrange(2 << 20, 12 << 20))
    files = sorted(folder.rglob("*.safetensors"))
    settle(files)
    return files


def recorded(shelf: Program, aside: Path) -> int:
    """Bytes of the files whose digests are written down, read from a copy: looking must not mend anything."""
    aside.mkdir()
    for path in shelf.home.glob("modelshelf.db*"):
        if not path.name.endswith("-shm"):
            shutil.copy(path, aside / path.name)
    if not (aside / "modelshelf.db").exists():
        return 0
    connection = sqlite3.connect(aside / "modelshelf.db")
    try:
        if not connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'location'").fetchone():
            return 0
        (count,) = connection.execute(
            "SELECT coalesce(sum(location.size), 0) FROM location"
            " JOIN content ON content.id = content_id WHERE sha256 IS NOT NULL"
        ).fetchone()
        return count
    finally:
        connection.close()


def test_fifty_moments(folder: Path, tmp_path: Path, serve, program) -> None:
    files = library(folder)
    total = sum(path.stat().st_size for path in files)
    service = serve()
    known = truth(service)
    whole = program(service)
    began = time.monotonic()
    report = whole.scan(folder)
    duration = time.monotonic() - began
    assert report["bytes_hashed"] == total and report["identified"] == len(files)
    expected = {path: lasting(record) for path, record in whole.records().items()}
    for record in expected.values():
        assert (record["civitai"]["model_id"], record["civitai"]["version_id"]) == known[record["hashes"]["sha256"]]

    chance = random.Random(20240521)
    killed = in_the_middle = attempt = 0
    while killed < MOMENTS:
        attempt += 1
        assert attempt <= 3 * MOMENTS, "scans end before they can be killed"
        shelf = program(service)
        process = shelf.start("scan", "--json", "--quiet", str(folder))
        time.sleep(chance.uniform(0, duration))
        process.kill()
        process.communicate()
        if process.returncode != -9:
            duration *= 0.9  # it had ended: the machine was slower when the time of a scan was taken
            continue
        killed += 1
        before = recorded(shelf, tmp_path / f"aside-{attempt}")
        in_the_middle += 0 < before < total

        report = finish(shelf.start("scan", "--json", "--quiet", str(folder)), patience=60).json
        assert report["failed"] == [] and report["warnings"] == [], (attempt, report)
        assert report["files"] == report["identified"] == len(files), (attempt, report)
        assert report["bytes_hashed"] + before == total, (attempt, before, report)
        shelf.assert_sound()
        found = {path: lasting(record) for path, record in shelf.records().items()}
        assert found == expected, attempt
        shutil.rmtree(shelf.home)
    # The moments are chance; enough of them must have fallen into the hashing for the test to mean something.
    assert in_the_middle >= MOMENTS // 10, in_the_middle


def test_killed_again_and_again(folder: Path, serve, program) -> None:
    """Each scan gets a little further than the one before."""
    files = library(folder)
    service = serve()
    shelf = program(service)
    chance = random.Random(7)
    for _ in range(12):
        process = shelf.start("scan", "--quiet", str(folder))
        time.sleep(chance.uniform(0.01, 0.12))
        process.kill()
        process.communicate()
        shelf.database.exists() and shelf.assert_sound()
    report = shelf.scan(folder)
    assert report["identified"] == report["files"] == len(files)
    assert shelf.query("SELECT count(*) FROM content") == [(len(files),)]
    shelf.assert_sound()
