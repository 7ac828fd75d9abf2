"""The watcher under strain: a mirror kept by its events alone must come out as the folder is."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import BY_HASH, IDS, asked, grown, require, truth
from watcher import Watcher, assert_mirrors, model, put


@pytest.fixture
def watcher(folder: Path, program) -> Iterator[Watcher]:
    watcher = Watcher(program(), "--no-lookup", folder)
    yield watcher
    if watcher.process.poll() is None:
        watcher.kill()


def begin(watcher: Watcher, folder: Path) -> None:
    """Waits until the folder is watched."""
    put(folder / "first.safetensors", model(10**6))
    watcher.wait_for("added", folder / "first.safetensors")


def test_five_thousand_files_at_once(tmp_path: Path, folder: Path, serve, program) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(5000):
        (source / f"{number}.safetensors").write_bytes(model(number))
    service = serve(source)
    watcher = Watcher(program(service), folder)
    try:
        begin(watcher, folder)
        watcher.settle(1)
        before, singly = asked(service, IDS), asked(service, BY_HASH)
        start = time.monotonic()
        for number in range(5000):
            path = folder / f"{number % 50}" / f"{number}.safetensors"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(model(number))
        watcher.wait(lambda: len(watcher.events) >= 10_001, 240)
        took = time.monotonic() - start
        assert asked(service, IDS) - before <= 1 + took / 2
        # What belongs to each model comes in hundreds, and no hash is asked by itself.
        assert asked(service, BY_HASH) == singly
        assert_mirrors(watcher, folder)
        identified = [path for kind, path in watcher.said() if kind == "identified"]
        assert len(identified) == len(set(identified)) == 5000
        known = truth(service)
        for event in watcher.events[1:]:
            if event["event"] == "identified":
                civitai = event["model"]["civitai"]
                assert (civitai["model_id"], civitai["version_id"]) == known[event["model"]["hashes"]["sha256"]]
        assert watcher.program.query("SELECT count(*) FROM location") == [(5001,)]
        shutil.rmtree(folder / "7")
        (folder / "8").rename(folder / "eight")
        assert_mirrors(watcher, folder)
        kinds = [event["event"] for event in watcher.events[10_001:]]
        assert kinds.count("removed") == kinds.count("moved") == 100 and len(kinds) == 200
    finally:
        watcher.kill()


def test_every_way_into_a_folder(tmp_path: Path, folder: Path, watcher: Watcher) -> None:
    """Slow writers beside each other, renames into place, copies, files in folders that are new themselves."""
    begin(watcher, folder)
    outside = tmp_path / "outside"
    outside.mkdir()
    whole: dict[str, float] = {}

    def slowly(number: int) -> None:
        path = folder / "slow" / f"{number}.safetensors"
        data = model(number, 50_000)
        with open(path, "wb") as file:
            for start in range(0, len(data), len(data) // 5):
                file.write(data[start : start + len(data) // 5])
                file.flush()
                time.sleep(0.1 * (1 + number % 4))
            whole[str(path)] = time.monotonic()

    (folder / "slow").mkdir()
    writers = [threading.Thread(target=slowly, args=(number,)) for number in range(12)]
    for writer in writers:
        writer.start()
    for number in range(100, 120):
        part = folder / "renamed" / f"{number}.safetensors.part"
        part.parent.mkdir(exist_ok=True)
        part.write_bytes(model(number))
        part.rename(part.with_suffix(""))
        put(outside / f"{number}.safetensors", model(number + 100)).rename(folder / f"{number}.safetensors")
        shutil.copyfile(folder / f"{number}.safetensors", folder / f"copy-{number}.safetensors")
        deep = folder / f"new-{number}" / "a" / "b" / "c"
        deep.mkdir(parents=True)
        (deep / "x.safetensors").write_bytes(model(number + 200))
        (deep.parent / "y.safetensors").write_bytes(model(number + 300))
    for writer in writers:
        writer.join()
    assert_mirrors(watcher, folder)
    assert len(watcher.events) == 1 + 12 + 5 * 20
    assert all(kind == "added" for kind, _ in watcher.said())
    # None was told before its last byte was written.
    for (_, path), time_told in zip(watcher.said(), watcher.times, strict=True):
        assert time_told >= whole.get(path, 0)


def test_deleted_moved_and_written_again_while_it_is_hashed(folder: Path, watcher: Watcher) -> None:
    begin(watcher, folder)

    def under_way(name: str) -> Path:
        grown(folder / f"{name}.part", 512 << 20)
        path = (folder / f"{name}.part").rename(folder / f"{name}.safetensors")
        stage = f"SELECT stage FROM location WHERE CAST(path AS TEXT) = '{path.name}' AND missing = 0"
        watcher.wait(lambda: watcher.program.query(stage) == [(1,)])
        return path

    under_way("deleted").unlink()
    moved = under_way("moved").rename(folder / "elsewhere.safetensors")
    watcher.wait_for("added", moved, patience=180)
    replaced = under_way("replaced")
    put(replaced, model(1))
    watcher.wait_for("added", replaced, patience=180)
    watcher.settle(2)
    assert_mirrors(watcher, folder)
    assert sorted(watcher.said()[1:]) == [("added", str(moved)), ("added", str(replaced))]
    assert watcher.program.query("SELECT count(*) FROM location WHERE missing = 0") == [(3,)]


def test_twenty_starts_and_stops(folder: Path, program) -> None:
    """Files come before, during and between; over all runs each is told once."""
    shelf = program()
    told: list[tuple[str, str]] = []
    for turn in range(20):
        put(folder / f"before-{turn}.safetensors", model(turn))
        watcher = Watcher(shelf, "--no-lookup", folder)
        watcher.wait_for("added", folder / f"before-{turn}.safetensors")
        put(folder / f"during-{turn}.safetensors", model(100 + turn))
        watcher.wait_for("added", folder / f"during-{turn}.safetensors")
        watcher.stop(signal.SIGINT if turn % 2 else signal.SIGTERM)
        told += watcher.said()
    assert len(told) == len(set(told)) == 40
    shelf.assert_sound()
    report = shelf.scan(folder, "--no-lookup")
    assert report["new"] == report["changed"] == report["hashed"] == 0, report


def test_more_than_the_kernel_remembers(folder: Path, watcher: Watcher) -> None:
    begin(watcher, folder)
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    watcher.process.send_signal(signal.SIGSTOP)
    for number in range(300):
        put(folder / f"{number}.safetensors", model(number))
    # Each of these is reported four times, and nothing of it stays.
    for number in range(limit // 3):
        path = folder / f"noise-{number}.txt"
        path.write_bytes(b"")
        path.unlink()
    for number in range(300, 600):
        put(folder / "late" / f"{number}.safetensors", model(number))
    (folder / "first.safetensors").unlink()
    watcher.process.send_signal(signal.SIGCONT)
    watcher.wait(lambda: len(watcher.events) >= 601)
    assert_mirrors(watcher, folder)


class Chaos(threading.Thread):
    """Somebody who writes, renames, replaces and deletes below one folder."""

    def __init__(self, folder: Path, seed: int, seconds: float) -> None:
        super().__init__()
        self.folder = folder
        self.random = random.Random(seed)
        self.seed = seed * 10**9
        self.end = time.monotonic() + seconds
        self.problem: BaseException | None = None

    def run(self) -> None:
        try:
            self.folder.mkdir(exist_ok=True)
            while time.monotonic() < self.end:
                self.random.choice(
                    [self.write, self.write, self.slowly, self.rename, self.replace, self.delete, self.copy]
                    + [self.folders, self.touch, self.copy_and_delete, self.link]
                )()
                time.sleep(self.random.choice([0, 0, 0.01, 0.1]))
        except BaseException as problem:
            self.problem = problem

    def data(self) -> bytes:
        self.seed += 1
        return model(self.seed, self.random.choice([100, 2000, 70_000]))

    def path(self) -> Path:
        folder = self.folder / self.random.choice(["", "a", "a/b", "c"])
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{self.random.randrange(30)}.safetensors"

    def some(self) -> Path | None:
        files = sorted(self.folder.rglob("*.safetensors"))
        return self.random.choice(files) if files else None

    def write(self) -> None:
        self.path().write_bytes(self.data())

    def slowly(self) -> None:
        data = self.data()
        with open(self.path(), "wb") as file:
            for start in range(0, len(data), len(data) // 4 + 1):
                file.write(data[start : start + len(data) // 4 + 1])
                file.flush()
                time.sleep(0.05)

    def rename(self) -> None:
        if file := self.some():
            file.rename(self.path())

    def replace(self) -> None:
        put(self.path(), self.data())

    def delete(self) -> None:
        if file := self.some():
            file.unlink()

    def copy(self) -> None:
        if (file := self.some()) and not ((target := self.path()).exists() and target.samefile(file)):
            shutil.copyfile(file, target)

    def link(self) -> None:
        if (file := self.some()) and not (target := self.path()).exists():
            os.link(file, target)

    def folders(self) -> None:
        source, target = self.folder / "a", self.folder / f"moved-{self.random.randrange(3)}"
        if source.exists() and not target.exists():
            source.rename(target)
        elif target.exists():
            shutil.rmtree(target)

    def touch(self) -> None:
        if file := self.some():
            os.utime(file)

    def copy_and_delete(self) -> None:
        if (file := self.some()) and not (target := self.path()).exists():
            data = file.read_bytes()
            file.unlink()
            target.write_bytes(data)


@pytest.mark.parametrize("seed", range(4))
def test_chaos(folder: Path, watcher: Watcher, seed: int) -> None:
    begin(watcher, folder)
    people = [Chaos(folder / name, seed * 10 + index + 1, 12) for index, name in enumerate(["x", "y"])]
    for person in people:
        person.start()
    for person in people:
        person.join()
        assert person.problem is None
    assert_mirrors(watcher, folder)
    watcher.stop()
    # A scan finds nothing left to do.
    report = watcher.program.scan(folder, "--no-lookup")
    assert report["new"] == report["changed"] == report["moved"] == report["hashed"] == 0, report


@pytest.fixture
def polled(tmp_path: Path, folder: Path) -> Iterator[Path]:
    """A folder whose changes are made behind the back of the file system that is watched."""
    require("bindfs")
    back = tmp_path / "back"
    back.mkdir()
    subprocess.run(["bindfs", "-o", "attr_timeout=0,entry_timeout=0,negative_timeout=0", back, folder], check=True)
    yield back
    subprocess.run(["umount", folder], check=True)


def test_a_polled_folder(folder: Path, polled: Path, program) -> None:
    put(polled / "old.safetensors", model(1))
    watcher = Watcher(program(), "--no-lookup", "--poll", "1", folder)
    try:
        watcher.wait_for("added", folder / "old.safetensors")
        put(polled / "a" / "b" / "new.safetensors", model(2))
        watcher.wait_for("added", folder / "a" / "b" / "new.safetensors")
        # Here inotify reports too: what this machine does is told at once.
        put(folder / "here.safetensors", model(3))
        watcher.wait_for("added", folder / "here.safetensors")
        data = model(4, 1 << 20)
        count = len(watcher.events)
        with open(polled / "slow.safetensors", "wb") as file:
            for start in range(0, len(data), len(data) // 6):
                assert len(watcher.events) == count
                file.write(data[start : start + len(data) // 6])
                file.flush()
                time.sleep(0.8)
        watcher.wait_for("added", folder / "slow.safetensors")
        (polled / "old.safetensors").write_bytes(model(5, 3000))
        watcher.wait_for("changed", folder / "old.safetensors")
        (polled / "old.safetensors").rename(polled / "a" / "moved.safetensors")
        watcher.wait_for("moved", folder / "a" / "moved.safetensors")
        (polled / "a" / "moved.safetensors").unlink()
        watcher.wait_for("removed", folder / "a" / "moved.safetensors")
        assert_mirrors(watcher, folder)
        watcher.stop()
    finally:
        if watcher.process.poll() is None:
            watcher.kill()


def test_a_disk_that_is_unplugged(tmp_path: Path, folder: Path, program) -> None:
    require("bindfs")
    back = tmp_path / "back"
    back.mkdir()
    put(back / "a.safetensors", model(1))
    subprocess.run(["bindfs", back, folder], check=True)
    watcher = Watcher(program(), "--no-lookup", "--poll", "1", folder)
    try:
        watcher.wait_for("added", folder / "a.safetensors")
        subprocess.run(["umount", "--lazy", folder], check=True)
        time.sleep(4)
        assert len(watcher.events) == 1
        put(back / "b.safetensors", model(2))
        subprocess.run(["bindfs", back, folder], check=True)
        watcher.wait_for("added", folder / "b.safetensors")
        watcher.settle(2)
        assert [kind for kind, _ in watcher.said()] == ["added", "added"]
    finally:
        if watcher.process.poll() is None:
            watcher.kill()
        subprocess.run(["umount", folder], check=False)


def test_the_watches_are_used_up(folder: Path, program) -> None:
    require("unshare")
    for number in range(10):
        put(folder / f"{number}" / "x.safetensors", model(number))
    limit = "echo 4 > /proc/sys/user/max_inotify_watches && exec \"$@\""
    watcher = Watcher(
        program(), "--no-lookup", "--poll", "1", folder, prefix=("unshare", "-Ur", "sh", "-ec", limit, "sh")
    )
    try:
        watcher.wait(lambda: len(watcher.events) == 10)
        assert "sysctl fs.inotify.max_user_watches" in watcher.messages
        assert watcher.messages.count("sysctl") == 1
        for number in range(10):
            put(folder / f"{number}" / "deep" / "y.safetensors", model(100 + number))
        watcher.wait(lambda: len(watcher.events) == 20)
        (folder / "9" / "x.safetensors").unlink()
        watcher.wait_for("removed", folder / "9" / "x.safetensors")
        assert_mirrors(watcher, folder)
    finally:
        watcher.kill()


def test_no_queue_is_left(folder: Path, program) -> None:
    require("unshare")
    limit = "echo 0 > /proc/sys/user/max_inotify_instances && exec \"$@\""
    watcher = Watcher(
        program(), "--no-lookup", "--poll", "1", folder, prefix=("unshare", "-Ur", "sh", "-ec", limit, "sh")
    )
    try:
        begin(watcher, folder)
        assert "max_user_instances" in watcher.messages
    finally:
        watcher.kill()


def test_a_root_that_comes_goes_and_returns(tmp_path: Path, program) -> None:
    folder = tmp_path / "later"
    watcher = Watcher(program(), "--no-lookup", folder)
    try:
        time.sleep(0.5)
        put(tmp_path / "build" / "a.safetensors", model(1))
        (tmp_path / "build").rename(folder)
        watcher.wait_for("added", folder / "a.safetensors")
        folder.rename(tmp_path / "away")
        time.sleep(2)
        (tmp_path / "away").rename(folder)
        time.sleep(3)
        put(folder / "b.safetensors", model(2))
        watcher.wait_for("added", folder / "b.safetensors")
        assert [kind for kind, _ in watcher.said()] == ["added", "added"]
        assert "not there" in watcher.messages
    finally:
        watcher.kill()
