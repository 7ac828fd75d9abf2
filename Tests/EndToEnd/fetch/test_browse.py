"""Walks through the catalogue: everything once, to the end, and only what was asked for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fetching import Run, Shelf, Site

from modelshelf.testing.library import Tensor, safetensors_bytes

COUNT = 300


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Many small models with pictures and tags."""
    folder = tmp_path / "service"
    folder.mkdir()
    files = {}
    for number in range(COUNT):
        name = f"m{number:03d}.safetensors"
        (folder / name).write_bytes(
            safetensors_bytes({"emb_params": Tensor("F16", (2, 768), number.to_bytes(4, "little"))})
        )
        level = 1 if number % 3 else 8
        files[name] = {
            "model": {"id": number + 1, "name": f"Model {number}", "type": "LORA" if number % 2 else "Checkpoint",
                      "tags": ["castle" if number % 5 == 0 else "sea"], "nsfwLevel": level,
                      "allowDerivatives": number % 2 == 0},
            "version": {"id": 1000 + number, "nsfwLevel": level,
                        "images": [{"id": number * 2 + 1, "nsfwLevel": level}, {"id": number * 2 + 2, "nsfwLevel": 2}]},
        }
    (folder / "catalogue.json").write_text(json.dumps({"files": files}))
    return folder


def browse(command: Shelf, *words: Any) -> tuple[Run, list[dict[str, Any]]]:
    run = command.run("browse", *words, "--json")
    return run, [json.loads(line) for line in run.out.splitlines()] if run.status == 0 else []


def test_everything_once(serve: Any, shelf: Any) -> None:
    service = serve()
    run, items = browse(shelf(service), "models", "--nsfw")
    assert run.status == 0, run.out + run.err
    assert sorted(item["id"] for item in items) == list(range(1, COUNT + 1))
    asked = [entry["path"] for entry in service.requests()]
    assert len(asked) == -(-COUNT // 100) and not any("page=" in path for path in asked), asked


@pytest.mark.parametrize("faults", [["duplicates"], ["nulls"], ["cycle=503,reset,truncate,html:every=2"]])
def test_everything_once_all_the_same(serve: Any, shelf: Any, faults: list[str]) -> None:
    _, items = browse(shelf(serve(faults=faults)), "models", "--nsfw")
    assert sorted(item["id"] for item in items) == list(range(1, COUNT + 1))


def test_the_mildest_unless_asked(serve: Any, shelf: Any) -> None:
    _, items = browse(shelf(serve()), "models")
    assert items and all(item["nsfwLevel"] & 1 for item in items) and len(items) < COUNT


@pytest.mark.parametrize(("level", "mask"), [("pg", 1), ("pg13", 3), ("r", 7), ("xxx", 31), ("Mature", 7), ("3", 3)])
def test_both_forms_of_levels(serve: Any, shelf: Any, level: str, mask: int) -> None:
    service = serve()
    run, items = browse(shelf(service), "images", "--max-level", level)
    assert run.status == 0 and items and all(item["browsingLevel"] & mask for item in items)
    assert f"browsingLevel={mask}" in service.requests()[0]["path"]
    wanted = sum(bool(bits & mask) for n in range(COUNT) for bits in (1 if n % 3 else 8, 2))
    assert len({item["id"] for item in items}) == len(items) == wanted


def test_everything_of_images_is_everything(serve: Any, shelf: Any) -> None:
    assert len(browse(shelf(serve()), "images", "--nsfw")[1]) == COUNT * 2


def test_limits(serve: Any, shelf: Any) -> None:
    service = serve()
    assert len(browse(shelf(service), "models", "--limit", "7")[1]) == 7
    assert len(service.requests()) == 1 and "limit=7" in service.requests()[0]["path"]
    assert len(browse(shelf(service), "models", "--limit", "140")[1]) == 140


def test_filters_that_work(serve: Any, shelf: Any) -> None:
    command = shelf(serve())
    _, items = browse(command, "models", "--type", "lora", "--nsfw")
    assert len(items) == COUNT // 2 and {item["type"] for item in items} == {"LORA"}
    _, items = browse(command, "models", "--type", "lora,SD", "--nsfw", "--tag", "Castle")
    assert len(items) == COUNT // 5 and all(item["tags"] == ["castle"] for item in items)
    _, items = browse(command, "models", "--allow-derivatives", "--nsfw")
    assert len(items) == COUNT // 2 and all(item["allowDerivatives"] for item in items)
    _, items = browse(command, "models", "--file-formats", "SafeTensor", "--limit", "3")
    assert len(items) == 3
    _, items = browse(command, "models", "--ids", "5,2,3", "--nsfw")
    assert sorted(item["id"] for item in items) == [2, 3, 5]
    _, items = browse(command, "images", "--model-version-id", "1004", "--nsfw", "--with-meta")
    assert len(items) == 2


def test_an_unknown_tag_is_not_everything(serve: Any, shelf: Any) -> None:
    run, _ = browse(shelf(serve()), "models", "--tag", "no such tag")
    assert (run.code, run.status) == ("not_found", 3)


def test_an_unknown_person(serve: Any, shelf: Any) -> None:
    run, _ = browse(shelf(serve()), "models", "--username", "nobody_at_all")
    assert (run.code, run.status) == ("not_found", 3)


REFUSED = [
    (["models", "--page", "2"], "ignores pages"),
    (["images", "--page", "2"], "ignores pages"),
    (["models", "--query", "x", "--sort", "Newest"], "relevance"),
    (["models", "--checkpoint-type", "Standard"], "Trained, Merge"),
    (["images", "--model-id", "1", "--model-version-id", "2"], "ignores modelId"),
    (["images", "--model-id", "1", "--sort", "Most Reactions"], "Newest"),
    (["images", "--query", "castle"], "ignores it"),
    (["images", "--username", "a b"], "letters"),
    (["tags", "--sort", "Newest"], "cannot be filtered"),
    (["creators", "--nsfw"], "cannot be filtered"),
    (["models", "--type", "spoon"], "unknown model type"),
    (["models", "--max-level", "adult"], "unknown level"),
    (["models", "--nsfw", "--max-level", "r"], "given twice"),
    (["nothing"], "no catalogue"),
]


@pytest.mark.parametrize(("words", "reason"), REFUSED)
def test_what_would_not_work_is_refused(serve: Any, shelf: Any, words: list[str], reason: str) -> None:
    service = serve()
    run, _ = browse(shelf(service), *words)
    assert (run.code, run.status) == ("usage", 2), run.out
    error = run.json["error"]
    assert reason in error["message"] + (error["hint"] or ""), error
    assert not service.requests()


def test_tags_and_creators_end(serve: Any, shelf: Any) -> None:
    command = shelf(serve())
    _, tags = browse(command, "tags")
    assert sorted(tag["name"] for tag in tags) == ["castle", "sea"]
    _, creators = browse(command, "creators")
    names = [item["username"] for item in creators]
    assert names and len(set(names)) == len(names)


def test_a_cursor_that_comes_again_ends_the_walk(site: Site, shelf: Any) -> None:
    page = {"items": [{"id": 1}, {"id": 2}], "metadata": {"nextCursor": "same|1 2", "nextPage": "https://elsewhere/"}}
    for kind in ("models", "images"):
        site.answers[f"/api/v1/{kind}"] = (200, {"Content-Type": "application/json"}, json.dumps(page).encode())
        _, items = browse(shelf(site.url), kind)
        assert [item["id"] for item in items] == [1, 2]
    assert len(site.asked) == 4 and "cursor=same%7C1%202" in site.asked[1][0]


def test_an_empty_answer_of_the_database_is_asked_again(site: Site, shelf: Any) -> None:
    site.answers["/api/v1/images"] = (200, {}, b'{"items":[],"metadata":{}}')
    run, items = browse(shelf(site.url), "images", "--model-id", "5")
    assert run.status == 0 and items == [] and len(site.asked) == 2


def test_pages_that_promise_pages_forever(site: Site, shelf: Any) -> None:
    site.answers["/api/v1/tags"] = (200, {}, b'{"items":[{"name":"x"}],"metadata":{"totalPages":1}}')
    _, items = browse(shelf(site.url), "tags")
    assert [item["name"] for item in items] == ["x"]


def test_a_reader_who_goes_away(serve: Any, shelf: Any) -> None:
    command = shelf(serve())
    process = command.start("browse", "models", "--nsfw", "--json")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=20) in (0, 141)


def test_for_people(serve: Any, shelf: Any) -> None:
    run = shelf(serve()).run("browse", "models", "--limit", "2")
    assert run.status == 0 and len(run.out.splitlines()) == 2 and "Model" in run.out


# Walks over pages as a service in trouble gives them.


class Walk:
    """A list of items behind cursors, with pages of whatever length a test wants, and trouble on the way."""

    def __init__(self, count: int, lengths: list[int]) -> None:
        self.pages: list[list[dict[str, Any]]] = []
        items = [{"id": number + 1, "name": f"Item {number}", "nsfwLevel": 1} for number in range(count)]
        turn = 0
        while items:
            length = lengths[turn % len(lengths)]
            self.pages.append(items[:length])
            items = items[length:]
            turn += 1
        self.trouble: dict[int, list[tuple[int, bytes]]] = {}
        self.asked: list[str] = []
        #: A page whose cursor leads back to an earlier one.
        self.back: tuple[int, int] | None = None

    def answer(self, target: str) -> tuple[int, bytes]:
        self.asked.append(target)
        values = parse_qs(urlsplit(target).query)
        number = int(values.get("cursor", ["p|0"])[0].split("|")[1])
        if self.trouble.get(number):
            return self.trouble[number].pop(0)
        following = number + 1
        if self.back is not None and self.back[0] == number:
            following = self.back[1]
        metadata = {"nextCursor": f"p|{following}"} if following < len(self.pages) else {}
        return 200, json.dumps({"items": self.pages[number], "metadata": metadata}).encode()


@pytest.fixture
def walking() -> Iterator[Any]:
    servers = []

    def start(walk: Walk) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                status, body = walk.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


WALKS = [("images", 250), ("models", 300)]


@pytest.mark.parametrize(("kind", "count"), WALKS)
@pytest.mark.parametrize("lengths", [[100], [100, 37, 1], [99, 0, 60, 0, 0]], ids=["full", "short", "empty ones"])
def test_short_pages_are_not_the_end(walking: Any, shelf: Any, kind: str, count: int, lengths: list[int]) -> None:
    walk = Walk(count, lengths)
    run, items = browse(shelf(walking(walk)), kind)
    assert run.status == 0 and [item["id"] for item in items] == list(range(1, count + 1))
    assert len(walk.asked) == len(walk.pages) and not any("page=" in target for target in walk.asked)


@pytest.mark.parametrize(("kind", "count"), WALKS)
def test_a_cursor_that_leads_back_ends_the_walk(walking: Any, shelf: Any, kind: str, count: int) -> None:
    walk = Walk(count, [50])
    walk.back = (3, 1)
    run, items = browse(shelf(walking(walk)), kind)
    assert run.status == 0 and [item["id"] for item in items] == list(range(1, 201))
    assert len(walk.asked) <= 5, "it is noticed at once"


@pytest.mark.parametrize(("kind", "count"), WALKS)
def test_a_page_that_fails_is_asked_again(walking: Any, shelf: Any, kind: str, count: int) -> None:
    walk = Walk(count, [100])
    walk.trouble = {0: [(503, b"")], 1: [(503, b"<html>busy</html>"), (502, b"")], 2: [(200, b'{"items":[{"id":1')]}
    run, items = browse(shelf(walking(walk)), kind)
    assert run.status == 0 and [item["id"] for item in items] == list(range(1, count + 1))
    assert len(walk.asked) == len(walk.pages) + 4


def test_a_service_that_stays_down_is_no_end(walking: Any, shelf: Any) -> None:
    """What has come is printed, and the rest is not passed over in silence."""
    walk = Walk(300, [100])
    walk.trouble = {2: [(503, b"")] * 50}
    run = shelf(walking(walk)).run("browse", "models", "--json", timeout=120)
    assert run.status == 4 and len(run.out.splitlines()) == 201, run.out[-300:]
    assert json.loads(run.out.splitlines()[-1])["error"]["code"] == "server_error"
