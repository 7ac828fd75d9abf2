"""Helpers of these tests: runs of the command line, and files for the service to have."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelshelf.testing.civitai import CivitaiStandIn
from modelshelf.testing.library import Tensor, safetensors_bytes

BINARY = os.path.abspath(os.environ["MODELSHELF_CLI"])
TOKEN = "c0ffee" * 5 + "c0"


@dataclass
class Run:
    """What one run of the command line gave."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def code(self) -> str | None:
        return self.json.get("error", {}).get("code")


@dataclass
class Shelf:
    """The command line with a home of its own, asking one service."""

    home: Path
    base_url: str
    token: str | None = TOKEN

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        kept |= {"MODELSHELF_HOME": os.fspath(self.home), "CIVITAI_BASE_URL": self.base_url}
        if self.token:
            kept["CIVITAI_TOKEN"] = self.token
        return kept | more

    def start(self, *words: Any, **more: str) -> subprocess.Popen[str]:
        line = [BINARY, *map(os.fspath, words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True, env=self.environment(**more))

    def run(self, *words: Any, timeout: float = 60, **more: str) -> Run:
        process = self.start(*words, **more)
        out, err = process.communicate(timeout=timeout)
        run = Run(process.returncode, out, err)
        assert not self.token or (self.token not in out and self.token not in err), "the token was printed"
        return run

    def download(self, what: str, to: Path, *words: Any, **more: Any) -> Run:
        return self.run("download", what, "--to", to, "--json", *words, **more)


def model_bytes(size: int, seed: int = 1) -> bytes:
    """A safetensors file of about so many bytes that do not repeat."""
    block = b"".join(hashlib.sha256(f"{seed}/{number}".encode()).digest() for number in range(2048))
    count = max(1, size // 65536)
    data = b"".join(number.to_bytes(4, "little") + block[4:] for number in range(count))
    return safetensors_bytes({"emb_params": Tensor("F16", (count, 32768), data)})


def storage_requests(service: CivitaiStandIn) -> list[dict[str, Any]]:
    return [entry for entry in service.requests() if entry["origin"] == "storage"]


def api_downloads(service: CivitaiStandIn) -> list[dict[str, Any]]:
    return [entry for entry in service.requests() if entry["path"].startswith("/api/download/")]


@dataclass
class Site:
    """A server of whatever a test puts into it: path to status, headers and body."""

    url: str
    answers: dict[str, tuple[int, dict[str, str], bytes]]
    asked: list[tuple[str, dict[str, str]]]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def is_right(run: Run, library: Path, name: str, to: Path) -> Path:
    """The download is the service's file, alone in its folder."""
    assert run.status == 0, run.out + run.err
    path = Path(run.json["path"])
    assert path.read_bytes() == (library / name).read_bytes()
    assert run.json["sha256"] == sha256(path) and run.json["verified"] is True
    assert run.json["bytes"] == path.stat().st_size
    assert not list(to.glob("*.part*")), "nothing is left over"
    return path


def slow(service: Any, rate: int) -> None:
    service.misbehave(f"drip:origin=storage:rate={rate}", replace=True)


def wait_for(path: Path, size: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if path.exists() and path.stat().st_size >= size:
            return
        time.sleep(0.005)
    raise AssertionError("the part does not grow")
