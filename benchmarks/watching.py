"""The watcher's figures: how soon a model is known, how often the service is asked, what idling and ending cost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, Callable

from measure import median, run
from modelshelf.testing.civitai import CivitaiStandIn
from modelshelf.testing.library import make_small

#: Bytes of a file that arrives, as a LoRA of SDXL has them.
SIZE = 128 << 20
#: How long a question waits for others to be asked with it (seconds). A safetensors file that is renamed into place is
#: whole and settles at once.
BATCHING = 0.25
FILES = 5_000
IDS = "POST /api/v1/model-versions/by-hash/ids"


class Watching:
    """A running watch and the events that it has told, each with the moment at which it came."""

    def __init__(self, cli: str, folder: Path, env: dict[str, str], *more: str) -> None:
        self.process = subprocess.Popen(
            [cli, "watch", "--json", *more, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**os.environ, **env},
        )
        self.events: list[tuple[float, dict[str, Any]]] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            now = time.monotonic()
            self.events.append((now, json.loads(line)))

    def wait(self, condition: Callable[[], bool], patience: float = 300) -> None:
        end = time.monotonic() + patience
        while not condition():
            if time.monotonic() > end or self.process.poll() is not None:
                raise SystemExit(f"the watch told {len(self.events)} events and no more")
            time.sleep(0.005)

    def told(self, kind: str, path: Path) -> float | None:
        """When it was told."""
        found = [at for at, event in self.events if event["event"] == kind and event["path"] == str(path)]
        return found[0] if found else None

    def stop(self) -> float:
        """Ends it as Ctrl-C does; gives the seconds that took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        took = time.monotonic() - start
        self._reader.join()
        return took

    def processor_seconds(self) -> float:
        """What its threads have used: to the nanosecond, where /proc/PID/stat counts hundredths of a second."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def large(path: Path, size: int, seed: int) -> Path:
    """A whole safetensors file of random bytes beside the watched folder."""
    header = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}, "__metadata__": {"seed": str(seed)}})
    header += " " * (-len(header) % 8)
    block = os.urandom(1 << 20)
    with open(path, "wb") as file:
        file.write(len(header).to_bytes(8, "little") + header.encode())
        for start in range(0, size, len(block)):
            file.write(block[: min(len(block), size - start)])
    return path


def one(table: Any, cli: str, work: Path) -> None:
    """From the moment at which a model has its name until Civitai is known to have it."""
    source, folder = work / "one-source", work / "one"
    source.mkdir()
    folder.mkdir()
    files = [large(source / f"{number}.safetensors", SIZE, number) for number in range(5)]
    start = median([run([cli, "--version"]).seconds for _ in range(5)])
    taken, hashing = [], []
    with CivitaiStandIn(files=str(source)) as service:
        watch = Watching(cli, folder, {"MODELSHELF_HOME": str(work / "one-home"), "CIVITAI_BASE_URL": service.base_url})
        try:
            for path in files:
                alone = run([cli, "hash", "--algo", "all", str(path)], {"MODELSHELF_HOME": str(work / "hash-home")})
                hashing.append(alone.seconds - start)
                part, target = folder / f"{path.name}.part", folder / path.name
                os.link(path, part)
                came = time.monotonic()
                part.rename(target)
                watch.wait(lambda target=target: watch.told("identified", target) is not None)
                taken.append((watch.told("identified", target) or 0) - came)
        finally:
            watch.stop()
    # The first one opens the connection.
    ours, floor = median(taken[1:]), median(hashing[1:])
    table.add(
        "watch: a file of 128 MiB to identified, ms over", f"{ours * 1e3:.0f} ms", f"hash it {floor * 1e3:.0f} ms",
        (ours - floor - BATCHING) * 1e3, 100, True, f"floor: hashing it, {BATCHING * 1e3:.0f} ms of batching",
    )
    shutil.rmtree(source)
    shutil.rmtree(folder)


def many(table: Any, cli: str, work: Path) -> None:
    """Many files dropped at once, and what the same watch costs when nothing happens."""
    source, folder = work / "many-source", work / "many"
    folder.mkdir()
    make_small(str(source), FILES, 2048, 11)
    with CivitaiStandIn(files=str(source)) as service:
        watch = Watching(cli, folder, {"MODELSHELF_HOME": str(work / "many-home"), "CIVITAI_BASE_URL": service.base_url})
        try:
            first = large(work / "first.safetensors", 4096, 1).rename(folder / "first.safetensors")
            watch.wait(lambda: watch.told("added", first) is not None)
            time.sleep(1)
            before = service.summary()["routes"].get(IDS, 0)
            start = time.monotonic()
            shutil.copytree(source, folder / "dropped")
            copied = time.monotonic() - start
            watch.wait(lambda: len(watch.events) >= 1 + 2 * FILES)
            took = watch.events[2 * FILES][0] - start
            asked = service.summary()["routes"].get(IDS, 0) - before
            time.sleep(2)
            told = [(event["event"], event["path"]) for _, event in watch.events[1:]]
            wanted = {(kind, str(path)) for kind in ("added", "identified") for path in (folder / "dropped").rglob("*.safetensors")}
            wrong = len(told) - len(set(told)) + len(wanted ^ set(told))
            begun, idle = time.monotonic(), watch.processor_seconds()
            time.sleep(10)
            share = (watch.processor_seconds() - idle) / (time.monotonic() - begun) * 100
        finally:
            watch.stop()
    table.add(
        f"watch: requests for {FILES:,} files dropped at once", f"{asked} in {took:.1f} s", f"cp -r {copied:.1f} s", asked,
        1 + took / 2, True, "floor: 1, and one for each 2 s that they take",
    )
    table.add(
        "watch: events of those lost, repeated or foreign", f"{wrong}", f"of {len(wanted):,}", wrong, 0, True,
        "floor: each file added and identified once",
    )
    table.add(
        "watch: idle over 10 s, % of a core", f"{share:.3f} %", f"{FILES:,} files", share, 0.1, True,
        "floor: 0, nothing runs while nothing happens",
    )
    shutil.rmtree(source)
    shutil.rmtree(folder)


def ending(table: Any, cli: str, work: Path) -> None:
    """Ctrl-C in the middle of a large file, to the end of the process."""
    folder = work / "ending"
    folder.mkdir()
    path = folder / "large.safetensors"
    size = 4 << 30
    header = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    os.truncate(path, 8 + len(header) + size)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    taken = []
    for turn in range(5):
        home = work / f"ending-home-{turn}"
        watch = Watching(cli, folder, {"MODELSHELF_HOME": str(home)}, "--no-lookup")
        watch.wait(lambda home=home: is_being_read(home / "modelshelf.db"))
        taken.append(watch.stop())
        assert not watch.events, watch.events
    table.add(
        "watch: ended in the middle of 4 GiB", f"{median(taken) * 1e3:.0f} ms", "", median(taken) * 1e3, 200, True,
        "floor: one block hashed, the store closed",
    )
    shutil.rmtree(folder)


def is_being_read(database: Path) -> bool:
    """Whether a file's header is in the store and its hashes are not."""
    if not database.exists():
        return False
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        return connection.execute("SELECT count(*) FROM location WHERE stage = 1").fetchone() == (1,)
    except sqlite3.OperationalError:
        return False  # Its tables are being made.
    finally:
        connection.close()


def watching(table: Any, cli: str, work: Path) -> None:
    one(table, cli, work)
    many(table, cli, work)
    ending(table, cli, work)
