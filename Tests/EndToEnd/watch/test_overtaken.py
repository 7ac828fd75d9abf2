"""Files that another writer begins anew while they are hashed: nothing is told of what is not whole."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from watcher import Watcher, assert_mirrors, model, put

LARGE = 160 << 20


@pytest.fixture
def watcher(folder: Path, program) -> Iterator[Watcher]:
    watcher = Watcher(program(), "--no-lookup", folder)
    watcher.wait_for("added", put(folder / "first.safetensors", model(1)))
    yield watcher
    if watcher.process.poll() is None:
        watcher.kill()


def stopped_at(watcher: Watcher, path: Path) -> bool:
    """Stops the watch while it reads the file; false when it was too quick."""
    folder = f"/proc/{watcher.process.pid}/fd"
    in_a_row = 0
    while in_a_row < 5:
        if ("added", str(path)) in watcher.said():
            return False
        links = []
        for name in os.listdir(folder):
            try:
                links.append(os.readlink(f"{folder}/{name}"))
            except FileNotFoundError:
                continue
        # The header is read in one go; what is open for longer is being hashed.
        in_a_row = in_a_row + 1 if str(path) in links else 0
        time.sleep(0.002)
    watcher.process.send_signal(signal.SIGSTOP)
    return True


def test_begun_anew_while_it_is_hashed(folder: Path, watcher: Watcher) -> None:
    hits = 0
    sizes = {len(model(1)), len(model(1, LARGE))}
    for number in range(2, 12):
        path = put(folder / f"{number}.safetensors", model(number, LARGE))
        if not stopped_at(watcher, path):
            path.unlink()
            continue
        hits += 1
        whole = model(100 + number, 4000)
        sizes.add(len(whole))
        with path.open("wb", buffering=0) as writer:
            watcher.process.send_signal(signal.SIGCONT)
            time.sleep(0.4)
            writer.write(whole[:2000])
            time.sleep(0.4)
            writer.write(whole[2000:])
        watcher.wait_for("added", path)
        if hits == 2:
            break
    assert hits, "the watch was never met while it was reading"
    assert_mirrors(watcher, folder)
    told = {event["model"]["size"] for event in watcher.events if event["event"] in ("added", "changed")}
    assert told <= sizes, told
    watcher.stop()
