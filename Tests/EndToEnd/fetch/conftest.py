"""Fixtures of these tests: a service that has files, and the command line that asks it."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fetching import TOKEN, Shelf, Site, model_bytes

from modelshelf.testing.civitai import CivitaiStandIn


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


@pytest.fixture
def site() -> Iterator[Site]:
    answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
    asked: list[tuple[str, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = answers.get(self.path.split("?")[0], (404, {}, b"nothing here"))
            first = 0
            wish = self.headers.get("Range", "")
            if status == 200 and wish.startswith("bytes=") and wish.endswith("-"):
                first = int(wish[6:-1])
                status, headers = 206, {**headers, "Content-Range": f"bytes {first}-{len(body) - 1}/{len(body)}"}
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) - first))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body[first:])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.server_port}", answers, asked)
    server.shutdown()
    server.server_close()
