"""What strangers do to a watched folder: links, odd names, clocks, permissions, things that take each other's place."""

from __future__ import annotations

import base64
import ctypes
import hashlib
import os
import random
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Program, require
from watcher import Watcher, assert_mirrors, digests, model, put


@pytest.fixture
def watch(folder: Path, program) -> Iterator[Callable[..., Watcher]]:
    """Starts watchers of the folder that have taken up all that is there, and end with the test."""
    running: list[Watcher] = []

    def start(*arguments: Any, shelf: Program | None = None, **more: Any) -> Watcher:
        watcher = Watcher(shelf or program(), "--no-lookup", *(arguments or (folder,)), **more)
        running.append(watcher)
        return watcher

    yield start
    for watcher in running:
        if watcher.process.poll() is None:
            watcher.kill()


@pytest.fixture
def watcher(folder: Path, watch) -> Watcher:
    """A watcher that is at its work."""
    watcher: Watcher = watch()
    put(folder / "first.safetensors", model(10**6))
    watcher.wait_for("added", folder / "first.safetensors")
    return watcher


def test_links_that_lead_in_circles(folder: Path, tmp_path: Path, watcher: Watcher) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "up").symlink_to("../..", target_is_directory=True)
    (folder / "self").symlink_to("self")
    (folder / "here").symlink_to(folder, target_is_directory=True)
    (folder / "nothing.safetensors").symlink_to(tmp_path / "nothing")
    (folder / "self.safetensors").symlink_to("self.safetensors")
    put(folder / "a" / "b" / "x.safetensors", model(1))
    watcher.wait_for("added", folder / "a" / "b" / "x.safetensors")
    (folder / "a" / "b" / "x.safetensors").unlink()
    watcher.wait_for("removed", folder / "a" / "b" / "x.safetensors")
    watcher.settle(1)
    assert len(watcher.events) == 3


def test_a_root_that_is_a_link(tmp_path: Path, watch) -> None:
    place = tmp_path / "place"
    place.mkdir()
    (tmp_path / "link").symlink_to(place, target_is_directory=True)
    watcher = watch(tmp_path / "link")
    put(place / "a.safetensors", model(1))
    # Told under the name under which the library has it, whichever way it is reached.
    watcher.wait_for("added", place / "a.safetensors")
    (place / "a.safetensors").rename(place / "b.safetensors")
    watcher.wait_for("moved", place / "b.safetensors")
    assert_mirrors(watcher, place)


def test_a_link_that_leads_elsewhere_now(folder: Path, tmp_path: Path, watcher: Watcher) -> None:
    for name in "ab":
        put(tmp_path / name / f"{name}.safetensors", model(ord(name)))
    (folder / "link").symlink_to(tmp_path / "a", target_is_directory=True)
    watcher.wait_for("added", folder / "link" / "a.safetensors")
    (folder / "new").symlink_to(tmp_path / "b", target_is_directory=True)
    watcher.wait_for("added", folder / "new" / "b.safetensors")
    (folder / "new").rename(folder / "link")
    watcher.wait_for("removed", folder / "link" / "a.safetensors")
    watcher.wait_for("moved", folder / "link" / "b.safetensors")
    put(tmp_path / "b" / "c.safetensors", model(1))
    watcher.wait_for("added", folder / "link" / "c.safetensors")
    (folder / "link").unlink()
    watcher.wait_for("removed", folder / "link" / "c.safetensors")
    watcher.wait_for("removed", folder / "link" / "b.safetensors")


def test_files_and_folders_take_each_others_place(folder: Path, watcher: Watcher) -> None:
    odd = put(folder / "x.safetensors", model(1))
    watcher.wait_for("added", odd)
    odd.unlink()
    put(odd / "inside.safetensors", model(2))
    watcher.wait_for("added", odd / "inside.safetensors")
    watcher.wait_for("removed", odd)
    put(folder / ".y.part", model(3))
    (odd / "inside.safetensors").unlink()
    odd.rmdir()
    (folder / ".y.part").rename(odd)
    watcher.wait_for("removed", odd / "inside.safetensors")
    watcher.wait(lambda: watcher.said().count(("added", str(odd))) == 2)
    assert_mirrors(watcher, folder)


def test_a_folder_of_many_models_is_moved_in(folder: Path, tmp_path: Path, watcher: Watcher) -> None:
    for number in range(100):
        put(tmp_path / "pack" / f"{number % 7}" / f"{number}.safetensors", model(number))
    (tmp_path / "pack").rename(folder / "pack")
    watcher.wait(lambda: len(watcher.events) >= 101)
    assert_mirrors(watcher, folder)
    (folder / "pack").rename(tmp_path / "pack")
    watcher.wait(lambda: len(watcher.events) >= 201)
    assert_mirrors(watcher, folder)


def test_second_names(folder: Path, watcher: Watcher) -> None:
    file = put(folder / "a.safetensors", model(1))
    watcher.wait_for("added", file)
    other = folder / "deep" / "b.safetensors"
    other.parent.mkdir()
    os.link(file, other)
    watcher.wait_for("added", other)
    # Written through one name, changed under both.
    with open(file, "r+b") as opened:
        opened.write(model(2))
    watcher.wait_for("changed", file)
    watcher.wait_for("changed", other)
    file.unlink()
    watcher.wait_for("removed", file)
    assert_mirrors(watcher, folder)


def test_second_names_that_come_together(folder: Path, tmp_path: Path, watcher: Watcher) -> None:
    place = put(tmp_path / "pack" / "0.safetensors", model(1)).parent
    for number in range(1, 20):
        os.link(place / "0.safetensors", place / f"{number}.safetensors")
    place.rename(folder / "pack")
    watcher.wait(lambda: len(watcher.events) == 21)
    assert_mirrors(watcher, folder)
    assert watcher.program.query("SELECT count(*) FROM location WHERE missing = 0") == [(21,)]


def test_written_through_a_name_that_does_not_stay(folder: Path, watcher: Watcher) -> None:
    file = put(folder / "a.safetensors", model(1))
    watcher.wait_for("added", file)
    for number, end in enumerate([Path.unlink, lambda name: put(name, model(1000)), lambda name: name.rename(file)]):
        name = folder / f"{number}.safetensors"
        os.link(file, name)
        watcher.wait_for("added", name)
        with open(name, "r+b") as opened:
            opened.write(model(2 + number))
        end(name)
        assert_mirrors(watcher, folder)
    # A name that is gone before anybody can have looked at it.
    os.link(file, folder / "short.safetensors")
    with open(folder / "short.safetensors", "r+b") as opened:
        opened.write(model(6))
    (folder / "short.safetensors").unlink()
    assert_mirrors(watcher, folder)
    # Here and under a new name at once.
    os.link(file, folder / "new.safetensors")
    with open(folder / "new.safetensors", "r+b") as opened:
        opened.write(model(7))
    assert_mirrors(watcher, folder)


def test_a_scan_keeps_all_names_that_a_watch_took_up(folder: Path, watcher: Watcher) -> None:
    file = put(folder / "a.safetensors", model(1))
    os.link(file, folder / "b.safetensors")
    watcher.wait_for("added", folder / "b.safetensors")
    watcher.wait_for("added", file)
    watcher.stop()
    with open(file, "r+b") as opened:
        opened.write(model(2))
    assert watcher.program.scan(folder, "--no-lookup")["changed"] == 2
    there = {path: record["hashes"]["sha256"] for path, record in watcher.program.records().items()}
    assert there == digests(folder)
    report = watcher.program.scan(folder, "--no-lookup", "--force")
    assert report["changed"] == report["new"] == report["missing"] == 0, report


def test_names_that_are_no_text(folder: Path, watcher: Watcher) -> None:
    place = os.fsencode(folder) + b"/b\xff"
    os.mkdir(place)
    path = place + b"/\xe9t\xe9\n.safetensors"
    data = model(1)
    with open(path + b".part", "wb") as file:
        file.write(data)
    os.rename(path + b".part", path)
    watcher.wait(lambda: len(watcher.events) == 2)
    added = watcher.events[1]
    assert (added["event"], base64.b64decode(added["path_bytes"])) == ("added", path)
    assert added["model"]["hashes"]["sha256"] == hashlib.sha256(data).hexdigest()
    os.rename(place, os.fsencode(folder) + b"/c\xfe")
    watcher.wait(lambda: len(watcher.events) == 3)
    moved = watcher.events[2]
    assert (moved["event"], base64.b64decode(moved["old_path_bytes"])) == ("moved", path)
    assert base64.b64decode(moved["path_bytes"]) == path.replace(b"/b\xff/", b"/c\xfe/")
    os.unlink(base64.b64decode(moved["path_bytes"]))
    watcher.wait(lambda: len(watcher.events) == 4)
    assert watcher.events[3]["event"] == "removed"


#: The rights of somebody whom modes bind, even when the tests run as root.
BOUND = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")


def test_what_may_not_be_read_for_a_while(folder: Path, watch) -> None:
    require("setpriv")
    closed = put(folder / "closed" / "x.safetensors", model(1))
    closed.parent.chmod(0)
    watcher = watch(prefix=BOUND)
    file = put(folder / "a.safetensors", model(2))
    watcher.wait_for("added", file)
    closed.parent.chmod(0o755)
    watcher.wait_for("added", closed)
    # What is known of a folder that is closed now is kept.
    closed.parent.chmod(0)
    file.chmod(0)
    assert watcher.wait_for("failed", file)["error"]["code"] == "unreadable"
    file.chmod(0o644)
    watcher.wait_for("changed", file)
    closed.parent.chmod(0o755)
    put(closed.parent / "y.safetensors", model(3))
    watcher.wait_for("added", closed.parent / "y.safetensors")
    watcher.settle(1)
    assert sorted(kind for kind, _ in watcher.said()) == ["added", "added", "added", "changed", "failed"]


def test_a_root_that_may_not_be_read_for_a_while(folder: Path, watch) -> None:
    require("setpriv")
    put(folder / "a.safetensors", model(1))
    folder.chmod(0)
    watcher = watch(prefix=BOUND)
    time.sleep(1)
    folder.chmod(0o755)
    watcher.wait_for("added", folder / "a.safetensors")
    put(folder / "b.safetensors", model(2))
    watcher.wait_for("added", folder / "b.safetensors")
    assert_mirrors(watcher, folder)


def exchange(one: Path, other: Path) -> None:
    """Two files take each other's place in one step."""
    at_cwd, exchange = -100, 2
    assert ctypes.CDLL(None).renameat2(at_cwd, os.fsencode(one), at_cwd, os.fsencode(other), exchange) == 0


def test_folders_take_each_others_place(folder: Path, watcher: Watcher) -> None:
    for number in range(6):
        put(folder / "ab"[number % 2] / "deep" / f"{number}.safetensors", model(number))
        put(folder / "ab"[number % 2] / "same.safetensors", model(100 + number % 2))
    watcher.wait(lambda: len(watcher.events) >= 9)
    exchange(folder / "a", folder / "b")
    assert_mirrors(watcher, folder)
    # Both are watched under their new names.
    for name in "ab":
        put(folder / name / "deep" / "new.safetensors", model(ord(name)))
        put(folder / name / "new" / "new.safetensors", model(1000 + ord(name)))
    assert_mirrors(watcher, folder)
    (folder / "a").rename(folder / "aside")
    (folder / "b").rename(folder / "a")
    (folder / "aside").rename(folder / "b")
    put(folder / "b" / "deep" / "last.safetensors", model(7))
    assert_mirrors(watcher, folder)


def test_a_storm_of_renames(folder: Path, watcher: Watcher) -> None:
    paths = [put(folder / f"{number % 3}" / f"{number}.safetensors", model(number)) for number in range(30)]
    watcher.wait(lambda: len(watcher.events) == 31)
    for turn in range(400):
        one, other = paths[turn * 7 % 30], paths[turn * 11 % 30]
        if turn % 3 == 0 and one != other:
            exchange(one, other)
        elif turn % 3 == 1:
            one.rename(folder / "aside.safetensors")
            (folder / "aside.safetensors").rename(one)
        elif one != other:
            one.rename(folder / f"{turn % 2}" / f"new-{turn}.safetensors")
            paths[turn * 7 % 30] = folder / f"{turn % 2}" / f"new-{turn}.safetensors"
    assert_mirrors(watcher, folder)
    assert kept(watcher) == digests(folder)


def kept(watcher: Watcher) -> dict[str, str]:
    """What the library says is there: digests by path."""
    rows = watcher.program.query(
        "SELECT CAST(r.path AS TEXT) || '/' || CAST(l.path AS TEXT), lower(hex(c.sha256)) FROM location l"
        " JOIN root r ON r.id = l.root_id JOIN content c ON c.id = l.content_id WHERE l.missing = 0"
    )
    assert len(dict(rows)) == len(rows)
    return dict(rows)


@pytest.mark.parametrize("seed", range(3))
def test_a_storm_of_everything(folder: Path, tmp_path: Path, watcher: Watcher, seed: int) -> None:
    storm = Storm(folder, tmp_path / "outside", seed)
    for _ in range(800):
        storm.step()
    assert_mirrors(watcher, folder)
    watcher.wait(lambda: kept(watcher) == digests(folder))


class Storm:
    """Some fifty files, and everything that can be done to them, in an order that the seed decides."""

    def __init__(self, folder: Path, outside: Path, seed: int) -> None:
        self.folder = folder
        self.outside = outside
        self.random = random.Random(seed)
        self.count = seed * 10**6
        outside.mkdir()
        for name in ("a", "b", "c/d", "c/e"):
            (folder / name).mkdir(parents=True)

    def step(self) -> None:
        files = sorted(self.folder.rglob("*.safetensors"))
        deeds = [
            *(self.create, self.create, self.write, self.replace, self.delete, self.link, self.exchange),
            *(self.rename, self.rename, self.put_over, self.put_aside, self.leave, self.move_folder),
        ]
        deed = self.random.choice(deeds)
        if len(files) > 60 and deed in (self.create, self.link):
            deed = self.delete
        if len(files) < 20:
            deed = self.create
        deed(self.random.choice(files), self.random.choice(files))

    def content(self, size: int = 2000) -> bytes:
        self.count += 1
        return model(self.random.randrange(40) if self.random.random() < 0.3 else self.count, size)

    def folders(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_dir())

    def name(self) -> Path:
        """A free one."""
        self.count += 1
        number = self.random.randrange(50) if self.random.random() < 0.5 else self.count
        name = self.random.choice(self.folders()) / f"{number}.safetensors"
        return self.name() if name.exists() else name

    def create(self, *_: Path) -> None:
        data = self.content(self.random.choice([2000, 3000, 50000]))
        if self.random.random() < 0.5:
            put(self.name(), data)
        else:
            self.name().write_bytes(data)

    def write(self, file: Path, _: Path) -> None:
        size = next(size for size in (2000, 3000, 50000) if len(model(0, size)) == file.stat().st_size)
        with open(file, "r+b") as opened:
            opened.write(self.content(size))

    def replace(self, file: Path, _: Path) -> None:
        file.write_bytes(self.content())

    def delete(self, file: Path, _: Path) -> None:
        file.unlink()

    def link(self, file: Path, _: Path) -> None:
        os.link(file, self.name())

    def exchange(self, file: Path, other: Path) -> None:
        if file != other:
            exchange(file, other)

    def rename(self, file: Path, _: Path) -> None:
        file.rename(self.name())

    def put_over(self, file: Path, other: Path) -> None:
        file.rename(other)

    def put_aside(self, file: Path, _: Path) -> None:
        file.rename(self.folder / "aside.safetensors").rename(file)

    def leave(self, file: Path, _: Path) -> None:
        """Out of the watched folder, or what is out comes in."""
        away = sorted(self.outside.iterdir())
        if away and self.random.random() < 0.5:
            self.random.choice(away).rename(self.name())
        else:
            file.rename(self.outside / f"{self.count}.safetensors")

    def move_folder(self, *_: Path) -> None:
        """Below another one, or two take each other's place; one in four times there is a new one."""
        folders = self.folders()
        place = self.random.choice(folders)
        above = [path for path in folders if not path.is_relative_to(place)]
        if not above:
            return
        other = self.random.choice(above)
        if not place.is_relative_to(other) and self.random.random() < 0.3:
            exchange(place, other)
        elif not (other / f"d{self.count % 7}").exists():
            place.rename(other / f"d{self.count % 7}")
        if self.random.random() < 0.25:
            (self.random.choice(self.folders()) / f"d{self.count % 5}").mkdir(exist_ok=True)


def test_a_folder_that_is_put_in_the_place_of_one_that_left(folder: Path, tmp_path: Path, watcher: Watcher) -> None:
    for number in range(3):
        put(folder / "a" / f"{number}.safetensors", model(number))
    watcher.wait(lambda: len(watcher.events) == 4)
    (folder / "a").rename(tmp_path / "a")
    put(folder / "a" / "0.safetensors", model(10))
    watcher.wait(lambda: len(watcher.events) >= 7)
    # It is watched, also after the moment in which the other might have turned up elsewhere.
    time.sleep(0.5)
    put(folder / "a" / "new.safetensors", model(11))
    watcher.wait_for("added", folder / "a" / "new.safetensors")
    assert_mirrors(watcher, folder)


@pytest.mark.parametrize("modified", [4_000_000_000, 0, -1_000_000_000])
def test_clocks_that_are_wrong(folder: Path, watcher: Watcher, modified: int) -> None:
    file = put(folder / ".x.part", model(1))
    os.utime(file, (modified, modified))
    file = file.rename(folder / "x.safetensors")
    watcher.wait_for("added", file)
    with open(file, "r+b") as opened:
        opened.write(model(2))
    os.utime(file, (modified, modified))
    watcher.wait_for("changed", file)
    # Without a word of its size, and without a close.
    odd = folder / "y.bin"
    odd.write_bytes(b"x" * 5000)
    os.utime(odd, (modified, modified))
    watcher.wait(lambda: any(path == str(odd) for _, path in watcher.said()))
    assert_mirrors_models(watcher, folder)


def assert_mirrors_models(watcher: Watcher, folder: Path) -> None:
    """The same for safetensors only."""
    watcher.settle(1)
    mirror = {path: digest for path, digest in watcher.mirror().items() if path.endswith(".safetensors")}
    assert mirror == digests(folder)


def test_what_is_written_to_afterwards(folder: Path, watcher: Watcher) -> None:
    file = put(folder / "x.safetensors", model(1))
    watcher.wait_for("added", file)
    with open(file, "ab") as opened:
        opened.write(b"more")
        opened.flush()
        time.sleep(1)
        opened.write(b"and more")
    watcher.wait(lambda: any(kind in ("changed", "failed") for kind, _ in watcher.said()))
    watcher.settle(1)
    assert len(watcher.events) == 3
    os.truncate(file, 100)
    os.utime(file)
    watcher.settle(1)
    put(file, model(2))
    watcher.wait(lambda: watcher.events[-1]["model"]["hashes"]["sha256"] == digests(folder)[str(file)])
    assert watcher.said().count(("added", str(file))) == 1


def test_a_watched_folder_inside_a_watched_folder(folder: Path, watch) -> None:
    inner = folder / "loras"
    inner.mkdir()
    watcher = watch("--type", f"LORA={inner}", folder)
    put(folder / "a.safetensors", model(1))
    put(inner / "b.safetensors", model(2))
    watcher.wait_for("added", folder / "a.safetensors")
    assert watcher.wait_for("added", inner / "b.safetensors")["model"]["type"] == "LORA"
    (inner / "b.safetensors").rename(folder / "b.safetensors")
    watcher.wait_for("moved", folder / "b.safetensors")
    put(inner / "c.safetensors", model(3))
    watcher.wait_for("added", inner / "c.safetensors")
    # The outer folder is there and says that this one is not.
    (inner / "c.safetensors").unlink()
    inner.rmdir()
    watcher.wait_for("removed", inner / "c.safetensors")
    put(inner / "d.safetensors", model(4))
    watcher.wait_for("added", inner / "d.safetensors")
    inner.rename(folder / "other")
    watcher.wait_for("moved", folder / "other" / "d.safetensors")
    put(folder / "other" / "e.safetensors", model(5))
    watcher.wait_for("added", folder / "other" / "e.safetensors")
    assert_mirrors(watcher, folder)


def test_what_is_no_file(folder: Path, watcher: Watcher) -> None:
    os.mkfifo(folder / "pipe.safetensors")
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(os.fspath(folder / "socket.safetensors"))
    (folder / "folder.safetensors").mkdir()
    (folder / "device.safetensors").symlink_to("/dev/zero")
    put(folder / "last.safetensors", model(1))
    watcher.wait_for("added", folder / "last.safetensors")
    watcher.settle(2.5)
    assert len(watcher.events) == 2


def test_the_root_is_deleted_with_all_that_is_in_it(folder: Path, watcher: Watcher) -> None:
    (folder / "first.safetensors").unlink()
    folder.rmdir()
    time.sleep(1)
    put(folder / "new.safetensors", model(1))
    watcher.wait_for("added", folder / "new.safetensors")
    assert_mirrors(watcher, folder)


def test_deeper_than_a_path_can_say(folder: Path, watcher: Watcher) -> None:
    start = os.getcwd()
    try:
        os.chdir(folder)
        for _ in range(60):
            os.mkdir("d" * 100)
            os.chdir("d" * 100)
        Path("x.safetensors").write_bytes(model(1))
    finally:
        os.chdir(start)
    put(folder / "last.safetensors", model(2))
    watcher.wait_for("added", folder / "last.safetensors")
    watcher.settle(1)
    assert len(watcher.events) == 2
