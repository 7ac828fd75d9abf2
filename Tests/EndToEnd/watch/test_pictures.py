"""``watch --previews``: pictures come beside the events, and no event waits for one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from harness import Program, asked
from watcher import PATIENCE, Watcher, model, put

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PICTURES = "GET image"


class Gallery:
    """An image host whose answers wait until the gate is opened; what it has no picture for is a page."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.asked: list[str] = []
        gallery = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                gallery.asked.append(self.path)
                gallery.gate.wait(PATIENCE)
                body = PNG if self.path.endswith(".png") else b"<!DOCTYPE html><html>Log in</html>"
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def gallery() -> Iterator[Gallery]:
    gallery = Gallery()
    yield gallery
    gallery.close()


@pytest.fixture
def watch(tmp_path: Path, folder: Path, serve, program) -> Iterator[Callable[..., tuple[Watcher, Any, Program]]]:
    """A watch with pictures of a folder, and a service that knows ``model(0)`` to ``model(19)``."""
    running: list[Watcher] = []

    def start(*more: str, pictures: dict[int, list[dict[str, Any]]] | None = None, **options: Any) -> Any:
        source = tmp_path / "source"
        for number in range(20):
            put(source / f"{number}.safetensors", model(number))
        changes = {f"{number}.safetensors": {"version": {"images": images}} for number, images in (pictures or {}).items()}
        (source / "catalogue.json").write_text(json.dumps({"files": changes}))
        service = serve(source, **options)
        shelf = program(service)
        watcher = Watcher(shelf, "--previews", *more, folder)
        running.append(watcher)
        return watcher, service, shelf

    yield start
    for watcher in running:
        if watcher.process.poll() is None:
            watcher.kill()


def preview(shelf: Program, path: Path) -> Any:
    return shelf.info(path)["preview"]


def test_a_picture_beside_what_was_identified(folder: Path, watch) -> None:
    watcher, service, shelf = watch("--max-level", "xxx", pictures={3: [{"nsfwLevel": 1}]})
    path = put(folder / "x.safetensors", model(3))
    identified = watcher.wait_for("identified", path)
    assert identified["model"]["civitai"]["status"] == "found"
    watcher.wait(lambda: preview(shelf, path) is not None)
    told = preview(shelf, path)
    assert told["path"] == str(folder / "x.preview.png")
    assert Path(told["path"]).read_bytes().startswith(b"\x89PNG")
    assert (told["type"], told["nsfw_level"]) == ("image", 1)
    # What nobody knows gets none, and a picture is no event.
    put(folder / "unknown.safetensors", model(1000))
    watcher.wait_for("added", folder / "unknown.safetensors")
    watcher.settle(2)
    assert [kind for kind, _ in watcher.said()] == ["added", "identified", "added"]
    assert asked(service, PICTURES) == 1
    assert {entry.name for entry in folder.iterdir()} == {"x.safetensors", "x.preview.png", "unknown.safetensors"}
    watcher.stop()
    # Started again there is nothing to fetch.
    again = Watcher(shelf, "--previews", folder)
    put(folder / "y.safetensors", model(3))
    again.wait_for("identified", folder / "y.safetensors")
    again.wait(lambda: (folder / "y.preview.png").exists())
    again.stop()
    assert asked(service, PICTURES) == 2


def test_no_event_waits_for_a_picture(folder: Path, watch, gallery: Gallery) -> None:
    pictures = {number: [{"nsfwLevel": 1, "url": f"{gallery.url}/{number}.png"}] for number in range(20)}
    watcher, _, shelf = watch(pictures=pictures)
    put(folder / "0.safetensors", model(0))
    watcher.wait(lambda: gallery.asked == ["/0.png"])
    for number in range(1, 20):
        put(folder / f"{number}.safetensors", model(number))
        watcher.wait_for("added", folder / f"{number}.safetensors")
        watcher.wait_for("identified", folder / f"{number}.safetensors")
    assert not list(folder.glob("*.png"))
    gallery.gate.set()
    watcher.wait(lambda: len(list(folder.glob("*.preview.png"))) == 20)
    watcher.wait(lambda: all(preview(shelf, folder / f"{number}.safetensors") for number in range(20)))
    assert sorted(gallery.asked) == sorted(f"/{number}.png" for number in range(20))
    assert len(watcher.events) == 40


def test_it_ends_while_a_picture_is_on_its_way(folder: Path, watch, gallery: Gallery) -> None:
    watcher, _, shelf = watch(pictures={0: [{"nsfwLevel": 1, "url": f"{gallery.url}/0.png"}]})
    put(folder / "0.safetensors", model(0))
    watcher.wait(lambda: gallery.asked == ["/0.png"])
    # The gate stays closed: who waits for the picture never ends.
    watcher.stop()
    assert [entry.name for entry in folder.iterdir()] == ["0.safetensors"]
    shelf.assert_sound()


def test_a_picture_that_cannot_be_had_is_no_failure(folder: Path, watch, gallery: Gallery) -> None:
    gallery.gate.set()
    pictures = {0: [{"nsfwLevel": 1, "url": f"{gallery.url}/page"}], 1: [{"nsfwLevel": 32}], 2: []}
    watcher, _, shelf = watch(pictures=pictures)
    for number in range(3):
        watcher.wait_for("identified", put(folder / f"{number}.safetensors", model(number)))
    watcher.wait(lambda: "preview could not be fetched" in watcher.messages)
    watcher.settle(1)
    assert [kind for kind, _ in watcher.said()] == ["added", "identified"] * 3
    assert not list(folder.glob("*preview*"))
    assert all(preview(shelf, folder / f"{number}.safetensors") is None for number in range(3))
    assert shelf.info(folder / "0.safetensors")["civitai"]["status"] == "found"


def test_a_host_that_is_away_for_a_while(folder: Path, watch) -> None:
    watcher, service, _ = watch(pictures={number: [{"nsfwLevel": 1}] for number in range(2)})
    service.misbehave("503:origin=storage")
    watcher.wait_for("identified", put(folder / "0.safetensors", model(0)))
    watcher.wait(lambda: "preview could not be fetched" in watcher.messages)
    assert not list(folder.glob("*preview*"))
    service.behave()
    # Asked again with the next arrival.
    put(folder / "1.safetensors", model(1))
    watcher.wait(lambda: len(list(folder.glob("*.preview.png"))) == 2)


def test_what_somebody_put_there_is_kept(folder: Path, watch) -> None:
    watcher, service, shelf = watch(pictures={0: [{"nsfwLevel": 1}]})
    mine = folder / "0.preview.png"
    mine.write_bytes(b"mine")
    path = put(folder / "0.safetensors", model(0))
    watcher.wait_for("identified", path)
    watcher.wait(lambda: preview(shelf, path) is not None)
    assert preview(shelf, path)["url"] is None
    assert mine.read_bytes() == b"mine"
    assert asked(service, PICTURES) == 0


def test_levels_and_contradictions(folder: Path, program) -> None:
    for line in (["--previews", "--no-lookup"], ["--previews", "--max-level", "mild"]):
        assert program().run("watch", "--json", folder, *line).code == "usage"


def test_without_being_asked_there_are_none(folder: Path, tmp_path: Path, serve, program) -> None:
    source = tmp_path / "source"
    put(source / "0.safetensors", model(0))
    service = serve(source)
    watcher = Watcher(program(service), folder)
    try:
        watcher.wait_for("identified", put(folder / "0.safetensors", model(0)))
        time.sleep(1)
        assert asked(service, PICTURES) == 0
    finally:
        watcher.kill()
