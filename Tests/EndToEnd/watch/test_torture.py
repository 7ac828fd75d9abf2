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
from harness import require
from watcher import Watcher, digests, model, put


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


def assert_mirrors(watcher: Watcher, folder: Path, patience: float = 60) -> None:
    watcher.settle(patience=patience)
    assert watcher.mirror() == digests(folder), watcher.messages
    failed = [event for event in watcher.events if event["event"] == "failed"]
    assert failed == []


def test_five_thousand_files_at_once(folder: Path, watcher: Watcher) -> None:
    begin(watcher, folder)
    start = time.monotonic()
    for number in range(5000):
        path = folder / f"{number % 50}" / f"{number}.safetensors"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(model(number))
    written = time.monotonic() - start
    watcher.wait(lambda: len(watcher.events) == 5001, 120)
    took = time.monotonic() - start
    print(f"5,000 files: written in {written:.1f} s, all told after {took:.1f} s")
    assert_mirrors(watcher, folder)
    assert watcher.program.query("SELECT count(*) FROM location") == [(5001,)]
    shutil.rmtree(folder / "7")
    (folder / "8").rename(folder / "eight")
    assert_mirrors(watcher, folder)
    kinds = [event["event"] for event in watcher.events[5001:]]
    assert kinds.count("removed") == 100 and kinds.count("moved") == 100


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
                    + [self.folders, self.touch, self.hard_link]
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
        if (file := self.some()) and (target := self.path()) != file:
            shutil.copyfile(file, target)

    def folders(self) -> None:
        source, target = self.folder / "a", self.folder / f"moved-{self.random.randrange(3)}"
        if source.exists() and not target.exists():
            source.rename(target)
        elif target.exists():
            shutil.rmtree(target)

    def touch(self) -> None:
        if file := self.some():
            os.utime(file)

    def hard_link(self) -> None:
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
        assert watcher.stop() < 1
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
