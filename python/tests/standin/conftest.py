"""A stand-in over a small folder, and a client that hides nothing: it follows no redirect and repeats no request."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

try:
    import modelshelf.testing  # noqa: F401
except ImportError:  # run from the source tree without PYTHONPATH
    sys.path.insert(0, os.fspath(Path(__file__).resolve().parents[2]))

from modelshelf.testing.civitai import CivitaiStandIn
from modelshelf.testing.library import Tensor, safetensors_bytes


@dataclass
class Reply:
    """An answer as it came, before anybody made sense of it."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        body = gzip.decompress(self.body) if self.headers.get("content-encoding") == "gzip" else self.body
        return json.loads(body)


class Client:
    """One kept connection to one origin."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc
        self._connection = http.client.HTTPConnection(self.address, timeout=10)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body
        if body is not None and not isinstance(body, bytes):
            data = json.dumps(body).encode()
            named.setdefault("Content-Type", "application/json")
        try:
            self._connection.request(method, path, data, named)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        return self.ask("POST", path, body, **headers)

    def close(self) -> None:
        self._connection.close()


def small_file(number: int) -> bytes:
    return safetensors_bytes({"emb_params": Tensor("F16", (2, 768), number.to_bytes(4, "little"))})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Five files: four safetensors and eleven bytes whose hashes are known."""
    for number, name in enumerate(
        ["LoRA/a.safetensors", "LoRA/b.safetensors", "SD/c.safetensors", "VAE/d.safetensors"]
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(small_file(number))
    (tmp_path / "hello.pt").write_bytes(b"hello world")
    return tmp_path


@pytest.fixture
def catalogue(folder: Path) -> Any:
    """Writes the folder's ``catalogue.json``."""
    return lambda value: (folder / "catalogue.json").write_text(json.dumps(value))


@pytest.fixture
def service(folder: Path) -> Iterator[CivitaiStandIn]:
    with CivitaiStandIn(files=folder) as running:
        yield running


@pytest.fixture
def connect() -> Iterator[Any]:
    """Opens clients and closes them afterwards."""
    opened: list[Client] = []

    def to(url: str) -> Client:
        opened.append(Client(url))
        return opened[-1]

    yield to
    for client in opened:
        client.close()


@pytest.fixture
def client(service: CivitaiStandIn, connect: Any) -> Any:
    return connect(service.base_url)


@pytest.fixture
def spelled(folder: Path, catalogue: Any, connect: Any) -> Iterator[Any]:
    """Starts a stand-in with a catalogue file and gives it with a client; ``sha`` looks a file's SHA-256 up."""
    running: list[CivitaiStandIn] = []

    def start(value: Any, **options: Any) -> tuple[CivitaiStandIn, Client]:
        catalogue(value)
        service = CivitaiStandIn(files=folder, **options)
        service.start()
        running.append(service)
        return service, connect(service.base_url)

    yield start
    for service in running:
        service.stop()


@pytest.fixture
def sha() -> Any:
    """The SHA-256 of a file of the catalogue, by its name."""

    def of(service: CivitaiStandIn, name: str) -> str:
        return next(entry["hashes"]["SHA256"] for entry in service.files() if entry["path"].endswith(name))

    return of
