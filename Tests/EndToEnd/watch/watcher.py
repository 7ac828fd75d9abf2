"""A running ``modelshelf watch --json`` and what it has said."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness import Program

#: Nothing takes this long (seconds).
PATIENCE = 60


class Watcher:
    """Reads the events as they come; ``stop()`` ends it as Ctrl-C does."""

    def __init__(self, program: Program, *arguments: Any, prefix: tuple[str, ...] = (), **env: str) -> None:
        self.program = program
        self.process = program.start("watch", "--json", *arguments, prefix=prefix, **env)
        self.events: list[dict[str, Any]] = []
        #: When each came (monotonic seconds).
        self.times: list[float] = []
        self.messages = ""
        self._readers = [threading.Thread(target=self._read), threading.Thread(target=self._listen)]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.times.append(time.monotonic())
            self.events.append(json.loads(line))

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.messages += line.decode()

    def said(self, start: int = 0) -> list[tuple[str, str]]:
        """Kind and path of each event."""
        return [(event["event"], event["path"]) for event in self.events[start:]]

    def wait(self, condition: Callable[[], bool], patience: float = PATIENCE) -> None:
        end = time.monotonic() + patience
        while not condition():
            assert self.process.poll() is None, f"it ended with {self.process.returncode}: {self.messages}"
            assert time.monotonic() < end, f"in vain: {self.said()[-20:]}\n{self.messages}"
            time.sleep(0.02)

    def wait_for(self, kind: str, path: Path | str, patience: float = PATIENCE) -> dict[str, Any]:
        wanted = (kind, str(path))
        self.wait(lambda: wanted in self.said(), patience)
        return self.events[self.said().index(wanted)]

    def settle(self, quiet: float = 3, patience: float = PATIENCE) -> None:
        """Waits until nothing has been said for a while."""
        start = time.monotonic()
        self.wait(lambda: time.monotonic() - max([start, *self.times[-1:]]) > quiet, patience)

    def stop(self, number: int = signal.SIGINT) -> None:
        """Ends it in order."""
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join()
        assert status == 130, f"status {status}: {self.messages}"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()

    def mirror(self) -> dict[str, str]:
        """The folder as somebody sees it who knows the events only: digests by path. No event says what is so already."""
        files: dict[str, str] = {}
        for event in self.events:
            kind, path = event["event"], event["path"]
            digest = event["model"]["hashes"]["sha256"] if event["model"] else None
            if kind == "added":
                assert path not in files, f"added twice: {path}"
                files[path] = digest
            elif kind == "changed":
                assert files[path] != digest, f"changed to what it was: {path}"
                files[path] = digest
            elif kind == "moved":
                assert files.pop(event["old_path"]) == digest, f"moved and changed: {path}"
                files[path] = digest
            elif kind == "removed":
                assert files.pop(path, None) is not None, f"removed and never there: {path}"
        return files


def assert_mirrors(watcher: Watcher, folder: Path, patience: float = PATIENCE) -> None:
    """What the events tell is what is there, all of it, each once and without a failure."""
    there = digests(folder)
    end = time.monotonic() + patience
    while watcher.mirror() != there and time.monotonic() < end and watcher.process.poll() is None:
        time.sleep(0.2)
    watcher.settle(1.5)
    assert watcher.mirror() == there, (watcher.said()[-50:], watcher.messages)
    assert not [event for event in watcher.events if event["event"] == "failed"]


def digests(folder: Path) -> dict[str, str]:
    """The truth: digests of all model files by path."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.safetensors")
        if not path.name.startswith(".")
    }


def model(seed: int, size: int = 2000) -> bytes:
    """A whole model file, different for each seed."""
    text = json.dumps({"weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + seed.to_bytes(8, "little") + bytes([seed % 251]) * (size - 8)


def put(path: Path, data: bytes) -> Path:
    """A file that is there at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.rename(path)
    return path


def threads(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/task"))


def cpu_ticks(process: subprocess.Popen[bytes]) -> int:
    """Hundredths of a second of processor time."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
