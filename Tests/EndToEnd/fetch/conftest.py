"""The command line against a stand-in of the service, over real sockets.

The binary is ``$MODELSHELF``, else the release build of this tree.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, os.fspath(ROOT / "python"))

from modelshelf.testing.civitai import CivitaiStandIn  # noqa: E402
from modelshelf.testing.library import Tensor, safetensors_bytes  # noqa: E402

BINARY = os.environ.get("MODELSHELF", os.fspath(ROOT / ".build/release/modelshelf"))
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


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """What the service has: a small file, a middling one and a large one."""
    folder = tmp_path / "service"
    for name, size in (("LoRA/small.safetensors", 0), ("LoRA/middle.safetensors", 3 << 20), ("SD/large.safetensors", 40 << 20)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(model_bytes(size, seed=len(name)))
    catalogue = {
        "files": {
            "LoRA/small.safetensors": {"model": {"id": 1, "name": "Small", "type": "LORA"}, "version": {"id": 11}, "file": {"id": 111}},
            "LoRA/middle.safetensors": {"model": {"id": 2, "name": "Middle", "type": "LORA"}, "version": {"id": 22}, "file": {"id": 222}},
            "SD/large.safetensors": {"model": {"id": 3, "name": "Large", "type": "LORA"}, "version": {"id": 33}, "file": {"id": 333}},
        }
    }
    (folder / "catalogue.json").write_text(json.dumps(catalogue))
    return folder


@pytest.fixture
def change(library: Path) -> Any:
    """Changes the catalogue before the service starts: ``change("LoRA/small.safetensors", version={…})``."""

    def apply(name: str, **parts: dict[str, Any]) -> None:
        path = library / "catalogue.json"
        catalogue = json.loads(path.read_text())
        entry = catalogue["files"][name]
        for part, values in parts.items():
            entry[part] = {**entry.get(part, {}), **values}
        path.write_text(json.dumps(catalogue))

    return apply


@pytest.fixture
def serve(library: Path) -> Iterator[Any]:
    """Starts the service with options of the stand-in."""
    running: list[CivitaiStandIn] = []

    def start(**options: Any) -> CivitaiStandIn:
        service = CivitaiStandIn(files=library, **options)
        service.start()
        running.append(service)
        return service

    yield start
    for service in running:
        service.stop()


@pytest.fixture
def shelf(tmp_path: Path) -> Any:
    """A command line that asks a service."""

    def of(service: Any, token: str | None = TOKEN) -> Shelf:
        url = service if isinstance(service, str) else service.base_url
        return Shelf(tmp_path / "home", url, token)

    return of


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "models"


def storage_requests(service: CivitaiStandIn) -> list[dict[str, Any]]:
    return [entry for entry in service.requests() if entry["origin"] == "storage"]


def api_downloads(service: CivitaiStandIn) -> list[dict[str, Any]]:
    return [entry for entry in service.requests() if entry["path"].startswith("/api/download/")]
