"""The store in trouble: newer, damaged, read-only, without space, on a mount that loses locks."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sqlite3
import subprocess
import time
from pathlib import Path

import pytest
from harness import BINARY, PATIENCE, lasting, require, small_files

AS_USER = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)


def test_two_homes_know_nothing_of_each_other(folder: Path, serve, program) -> None:
    small_files(folder / "a", 4)
    small_files(folder / "b", 6, seed=1)
    service = serve()
    one, other = program(service), program(service)
    one.scan(folder / "a")
    other.scan(folder / "b")
    assert len(one.records()) == 4 and len(other.records()) == 6
    one.ok("tag", folder / "a/part-000/model-00000.safetensors", "+mine")
    assert one.ok("list", "--json", "--tag", "mine").json["total"] == 1
    assert other.ok("list", "--json", "--tag", "mine").json["total"] == 0
    # --db names another database whatever the home is.
    assert one.ok("list", "--json", "--db", other.database).json["total"] == 6


def test_metadata_is_private(folder: Path, program) -> None:
    small_files(folder, 2)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    for path in shelf.home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"


@pytest.mark.parametrize("line", [["list"], ["scan", "."], ["info", "x"], ["roots"], ["tag", "x", "+y"]])
def test_a_newer_schema_is_refused(folder: Path, program, line: list[str]) -> None:
    small_files(folder, 2)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    connection = sqlite3.connect(shelf.database)
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute(f"PRAGMA user_version = {version + 7}")
    connection.close()
    before = shelf.database.read_bytes()
    answer = shelf.run(*line, "--json")
    assert (answer.status, answer.code) == (5, "store_error"), answer
    assert "newer" in answer.json["error"]["message"] and answer.json["error"]["hint"]
    assert shelf.database.read_bytes() == before, "a database that is not understood was changed"
    assert [path.name for path in shelf.home.glob("*damaged*")] == []
    doctor = shelf.run("doctor", "--json")
    assert doctor.status == 5 and doctor.json["ok"] is False


def test_another_program_s_database_is_refused(tmp_path: Path, program) -> None:
    path = tmp_path / "photos.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE photo (id INTEGER)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    answer = program().run("list", "--json", "--db", path)
    assert (answer.status, answer.code) == (5, "store_error"), answer
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == [("photo",)]
    connection.close()
    assert len(path.read_bytes()) == len(before)


@pytest.mark.parametrize("damage", ["garbage", "head", "middle", "cut"])
def test_a_damaged_database_is_set_aside_and_rebuilt(folder: Path, serve, program, damage: str) -> None:
    small_files(folder, 200)
    service = serve()
    shelf = program(service)
    shelf.scan(folder)
    before = {path: lasting(record) for path, record in shelf.records().items()}
    data = bytearray(shelf.database.read_bytes())
    assert len(data) > 100_000
    if damage == "garbage":
        data[:] = os.urandom(50_000)
    elif damage == "head":
        data[:4096] = b"\xa5" * 4096
    elif damage == "middle":
        for page in range(1, len(data) // 4096):
            data[page * 4096 : page * 4096 + 200] = os.urandom(200)
    else:
        del data[len(data) // 3 :]
    for path in shelf.home.glob("modelshelf.db-*"):
        path.unlink()
    shelf.database.write_bytes(data)

    answer = shelf.run("scan", "--json", folder)
    assert answer.status == 0, answer
    assert "damaged" in answer.err, answer
    aside = [path for path in shelf.home.glob("modelshelf.db.damaged-*") if path.suffix.rpartition("-")[2].isdigit()]
    assert len(aside) == 1 and aside[0].read_bytes() == bytes(data), "the damaged file is kept as it was"
    assert {path: lasting(record) for path, record in shelf.records().items()} == before
    shelf.assert_sound()


def test_a_home_that_cannot_be_written(folder: Path, program) -> None:
    require("setpriv")
    small_files(folder, 2)
    shelf = program()
    shelf.home.mkdir()
    shelf.home.chmod(0o555)
    answer = shelf.run("scan", "--json", folder, prefix=AS_USER)
    assert (answer.status, answer.code) == (5, "store_error"), answer
    assert answer.json["error"]["hint"]
    assert list(shelf.home.iterdir()) == []
    # hash and inspect need no store.
    some = next(folder.rglob("*.safetensors"))
    assert shelf.run("hash", some, prefix=AS_USER).status == shelf.run("inspect", some, prefix=AS_USER).status == 0
    shelf.home.chmod(0o755)
    assert shelf.run("scan", "--json", "--no-lookup", folder, prefix=AS_USER).json["new"] == 2


def test_a_database_that_cannot_be_written(folder: Path, program) -> None:
    """A store that was made by somebody else: said, and nothing is damaged by the attempt."""
    require("setpriv")
    small_files(folder, 2)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    for path in shelf.home.iterdir():
        path.chmod(0o444)
    shelf.home.chmod(0o555)
    # A stranger: neither owner nor member, so that the owner's chmod is refused as well.
    prefix = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    copy = folder.parent / "modelshelf"
    shutil.copy(BINARY, copy)
    for place in (folder.parent, *list(folder.parents)[1:3]):
        place.chmod(place.stat().st_mode | 0o055)
    process = subprocess.run(
        [*prefix, copy, "scan", "--json", folder], env=shelf.env, capture_output=True, timeout=PATIENCE, check=False
    )
    assert process.returncode == 5, process
    assert b'"store_error"' in process.stdout, process
    shelf.home.chmod(0o755)
    for path in shelf.home.iterdir():
        path.chmod(0o600)
    assert len(shelf.records()) == 2
    shelf.assert_sound()


def in_namespace(script: str, **env: str) -> str:
    """Run a shell script with mounts of its own; gives what it prints."""
    require("unshare", "mount")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-eu", "-c", script],
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **env},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, f"the recipe failed\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_a_full_disk(folder: Path, tmp_path: Path, program) -> None:
    """Said with the right status, nothing half-written, and it goes on once there is space."""
    small_files(folder, 1500, 512)
    shelf = program()
    shelf.home.mkdir()
    home, program_path, models = (shlex.quote(str(path)) for path in (shelf.home, BINARY, folder))
    out = shlex.quote(str(tmp_path))
    script = f"""
        mount -t tmpfs -o size=1m none {home}
        status=0
        {program_path} scan --json --no-lookup {models} >{out}/first.json 2>{out}/first.err || status=$?
        echo $status
        status=0
        {program_path} scan --no-lookup {models} >{out}/text 2>{out}/text.err || status=$?
        echo $status
        sqlite3 -readonly {home}/modelshelf.db 'PRAGMA integrity_check; SELECT count(*) > 0 FROM location;
            SELECT count(*) FROM content WHERE sha256 IS NOT NULL AND size IS NULL' || echo not sound
        mount -o remount,size=64m {home}
        {program_path} scan --json --no-lookup {models} >{out}/second.json
        {program_path} list --json --limit 2000 >{out}/list.json
        sqlite3 -readonly {home}/modelshelf.db 'PRAGMA integrity_check'
        ls {home} | grep -c damaged || true
    """
    lines = in_namespace(script, **{key: value for key, value in shelf.env.items() if key != "PATH"}).splitlines()
    first = json.loads((tmp_path / "first.json").read_text())
    assert first["error"]["code"] == "no_space" and first["error"]["hint"], first
    # Nothing of the command's work can be kept without its store: the status is the store's.
    assert lines[:2] == ["5", "5"], lines
    assert (tmp_path / "text").read_text() == ""
    text = (tmp_path / "text.err").read_text()
    assert "space" in text or "full" in text, text
    assert lines[2] == "ok" and "not sound" not in lines
    assert lines[-2:] == ["ok", "0"], lines
    second = json.loads((tmp_path / "second.json").read_text())
    assert second["files"] == 1500 and second["failed"] == []
    assert json.loads((tmp_path / "list.json").read_text())["total"] == 1500


def test_no_space_from_the_start(folder: Path, tmp_path: Path, program) -> None:
    small_files(folder, 3)
    shelf = program()
    shelf.home.mkdir()
    home, program_path, models = (shlex.quote(str(path)) for path in (shelf.home, BINARY, folder))
    script = f"""
        mount -t tmpfs -o size=64k none {home}
        dd if=/dev/zero of={home}/filler bs=4k count=100 2>/dev/null || true
        status=0
        {program_path} scan --json --no-lookup {models} >{shlex.quote(str(tmp_path))}/first.json || status=$?
        echo $status
        rm {home}/filler
        mount -o remount,size=64m {home}
        {program_path} scan --json --no-lookup {models} >/dev/null
        sqlite3 -readonly {home}/modelshelf.db 'PRAGMA integrity_check; SELECT count(*) FROM location'
    """
    lines = in_namespace(script, **{key: value for key, value in shelf.env.items() if key != "PATH"}).splitlines()
    assert lines == ["5", "ok", "3"], (lines, (tmp_path / "first.json").read_text())


def test_a_cloud_mount_is_refused(folder: Path, tmp_path: Path, program) -> None:
    """Locks are lost on such mounts. bindfs keeps them and is trusted under its own name; here it bears another."""
    require("bindfs")
    small_files(folder, 2)
    behind, mount = tmp_path / "behind", tmp_path / "drive"
    behind.mkdir()
    mount.mkdir()
    subprocess.run(
        ["bindfs", "-o", "subtype=rclone,fsname=drive", behind, mount], check=True, timeout=PATIENCE, capture_output=True
    )
    try:
        kind = next(line for line in Path("/proc/self/mounts").read_text().splitlines() if str(mount) in line)
        assert "fuse.rclone" in kind, kind
        shelf = program(home=mount / "home")
        answer = shelf.run("scan", "--json", "--no-lookup", folder)
        assert (answer.status, answer.code) == (5, "store_error"), answer
        assert "fuse.rclone" in answer.json["error"]["message"] and answer.json["error"]["hint"]
        assert not (behind / "home/modelshelf.db").exists()
        # Models may well lie there.
        small_files(mount / "models", 3)
        report = program().scan(mount / "models", "--no-lookup")
        assert report["new"] == 3
    finally:
        subprocess.run(["umount", "-l", mount], check=False, timeout=PATIENCE)


def test_a_trusted_fuse_mount(folder: Path, tmp_path: Path, program) -> None:
    require("bindfs")
    small_files(folder, 2)
    behind, mount = tmp_path / "behind", tmp_path / "mount"
    behind.mkdir()
    mount.mkdir()
    subprocess.run(["bindfs", "-o", "subtype=bindfs", behind, mount], check=True, timeout=PATIENCE, capture_output=True)
    try:
        shelf = program(home=mount / "home")
        assert shelf.scan(folder, "--no-lookup")["new"] == 2
        shelf.assert_sound()
    finally:
        subprocess.run(["umount", "-l", mount], check=False, timeout=PATIENCE)


def test_a_database_that_somebody_holds(folder: Path, program) -> None:
    """Another program's long write is waited for."""
    small_files(folder, 2)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    holder = sqlite3.connect(shelf.database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    process = shelf.start("tag", str(next(folder.rglob("*.safetensors"))), "+late", "--json")
    time.sleep(1)
    assert process.poll() is None
    holder.execute("COMMIT")
    holder.close()
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert b"late" in out
