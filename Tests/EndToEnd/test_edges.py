"""File systems that say unusual things: times and sizes at the edge of what they can, folders that hide what they list."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import finish, require, small_files
from test_hostile import AS_USER, codes


@pytest.fixture
def memory() -> Iterator[Path]:
    """A folder on a tmpfs, which keeps every time and every size; most disks cut them."""
    path = Path(tempfile.mkdtemp(prefix="modelshelf-", dir="/dev/shm"))
    yield path
    shutil.rmtree(path)


def test_times_of_every_age(memory: Path, program) -> None:
    """Nanoseconds in 64 bits reach from 1677 to 2262; what lies beyond must not take the scan down."""
    seconds = [-(1 << 60), -99_999_999_999, -1, 0, 9_223_372_036, 99_999_999_999, 1 << 60]
    files = small_files(memory, len(seconds))
    for path, time in zip(files, seconds, strict=True):
        os.utime(path, ns=(0, 0))
        assert os.system(f"touch -d @{time} '{path}'") == 0
        assert int(path.stat().st_mtime) == time, "the file system cut the time"
    shelf = program()
    assert shelf.scan(memory, "--no-lookup")["hashed"] == len(seconds)
    for path in files:
        path.chmod(0o600)
    again = shelf.scan(memory, "--no-lookup")
    assert (again["unchanged"], again["bytes_hashed"]) == (len(seconds), 0)
    assert len(shelf.records()) == len(seconds)


def test_sizes_that_do_not_add_up(memory: Path, program) -> None:
    """Files of holes whose sizes exceed 64 bits together: counted as far as it goes, the small ones hashed first."""
    small_files(memory / "small", 3)
    for number in range(3):
        with open(memory / f"{number}.ckpt", "wb") as file:
            file.write(b"\x80\x02}q\x00.")
            file.truncate((1 << 63) - 1)
    shelf = program()
    assert shelf.scan(memory, "--no-lookup", "--no-hash")["files"] == 6
    process = shelf.start("scan", "--json", "--quiet", "--no-lookup", memory, prefix=("timeout", "-s", "INT", "3"))
    assert finish(process).code == "cancelled"
    assert sum(record["hashes"]["sha256"] is not None for record in shelf.records().values()) == 3


def test_a_folder_that_cannot_be_entered(folder: Path, program) -> None:
    """It tells names and nothing else: they are listed as unreadable, and are not missing."""
    require("setpriv")
    closed = small_files(folder / "closed", 2)
    small_files(folder / "open", 2, seed=1)
    (folder / "to-closed.safetensors").symlink_to(closed[0])
    (folder / "dangling.safetensors").symlink_to("nowhere")
    shelf = program()
    assert shelf.ok("scan", "--json", "--no-lookup", folder, prefix=AS_USER).json["files"] == 4
    closed[0].parent.chmod(0o444)
    try:
        answer = shelf.run("scan", "--json", "--no-lookup", folder, prefix=AS_USER)
    finally:
        closed[0].parent.chmod(0o755)
    assert answer.status == 1, answer
    names = [*closed, folder / "to-closed.safetensors"]
    assert codes(answer.json) == {os.fsencode(path): "unreadable" for path in names}
    assert (answer.json["files"], answer.json["missing"]) == (2, 0)
    assert shelf.scan(folder, "--no-lookup")["unchanged"] == 4
