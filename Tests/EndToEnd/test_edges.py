"""File systems that say unusual things: times and sizes at the edge of what they can, folders that hide what they list."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import finish, require, small_files
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


@pytest.mark.parametrize("text", ["model", "other database", "text"])
def test_a_file_named_for_the_database_by_mistake(folder: Path, program, text: str) -> None:
    """Only what may be a store of ours is set aside as damaged: a model or another program's file is left alone."""
    (path,) = small_files(folder, 1)
    if text == "text":
        path = folder / "notes"
        path.write_text("this is no database, this is a text\n" * 100)
    elif text == "other database":
        path = folder / "photos.db"
        path.write_bytes(b"SQLite format 3\0" + b"\xa5" * 8000)
    path.chmod(0o644)
    before, names = path.read_bytes(), sorted(os.listdir(path.parent))
    answer = program().run("list", "--json", "--db", path)
    assert (answer.status, answer.code) == (5, "store_error"), answer
    assert answer.json["error"]["path"] == str(path) and answer.json["error"]["hint"]
    assert path.read_bytes() == before and path.stat().st_mode & 0o777 == 0o644
    assert sorted(os.listdir(path.parent)) == names


def test_a_device_named_for_the_database(tmp_path: Path, program) -> None:
    """The rights of a device are everybody's: for root they would be changed for the whole machine."""
    device = tmp_path / "null"
    os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    device.chmod(0o666)
    answer = program().run("list", "--json", "--db", device)
    assert (answer.status, answer.code) == (5, "store_error"), answer
    assert device.stat().st_mode & 0o777 == 0o666


def test_a_relative_xdg_folder_is_as_good_as_none(tmp_path: Path, monkeypatch, program) -> None:
    monkeypatch.chdir(tmp_path)
    shelf = program()
    shelf.env.pop("MODELSHELF_HOME")
    shelf.ok("list", XDG_DATA_HOME="relative")
    assert (Path(shelf.env["HOME"]) / ".local/share/modelshelf/modelshelf.db").is_file()
