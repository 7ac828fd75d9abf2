"""The API key goes to the API and nowhere else: no other origin, no address, no output, no file."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from harness import Answer, Program, small_files

TOKEN = "0123456789abcdef0123456789abcdef"
VARIABLES = ["CIVITAI_TOKEN", "CIVITAI_API_KEY"]


@contextmanager
def listening(answer: Callable[[http.server.BaseHTTPRequestHandler], None]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A server of one's own on loopback: its address, and what it was asked."""
    heard: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            heard.append({"path": self.path, "headers": dict(self.headers.items()), "body": body})
            answer(self)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()


def reply(status: int, body: bytes = b"[]", **headers: str) -> Callable[[http.server.BaseHTTPRequestHandler], None]:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value.replace("{path}", request.path))
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def assert_untold(shelf: Program, *answers: Answer) -> None:
    """The key is in nothing that was said or written."""
    for answer in answers:
        assert TOKEN.encode() not in answer.out and TOKEN not in answer.err, answer
    for path in shelf.home.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("variable", VARIABLES)
def test_the_key_goes_to_the_api_only(folder: Path, serve, program, variable: str) -> None:
    small_files(folder, 20)
    service = serve(tokens=[TOKEN], unknown=["model-0001*"])
    shelf = program(service)
    shelf.env[variable] = TOKEN
    answers = [
        shelf.run("scan", "--json", "--verbose", folder),
        shelf.run("lookup", "--verbose", "ab" * 32, f"model:{service.files()[0]['modelId']}"),
        shelf.run("lookup", "--json", "--verbose", f"https://civitai.com/models/{service.files()[0]['modelId']}?token={TOKEN}"),
        shelf.run("doctor", "--json", "--verbose"),
        shelf.run("doctor", "--verbose"),
        shelf.run("list", "--json", "--verbose"),
    ]
    assert answers[0].status == 0 and answers[0].json["identified"] == 10
    log = service.requests()
    assert log and all(entry["authorization"] for entry in log if entry["origin"] == "api")
    assert not any(entry["authorization"] for entry in log if entry["origin"] != "api")
    assert not any(entry["token_in_query"] or entry["cookie"] or TOKEN in entry["path"] for entry in log)
    assert_untold(shelf, *answers)
    # Faults make texts of errors, which must not tell it either.
    for fault in ("401", "challenge", "451", "wrong-type", "paging"):
        service.misbehave(fault, replace=True)
        assert_untold(
            shelf,
            shelf.run("lookup", "--verbose", "model:1"),
            shelf.run("lookup", "--json", "--verbose", f"model:1?token={TOKEN}"),
        )


def test_without_a_key_nothing_is_sent(folder: Path, serve, program) -> None:
    small_files(folder, 5)
    service = serve()
    shelf = program(service)
    assert shelf.scan(folder)["identified"] == 5
    assert not any(entry["authorization"] for entry in service.requests())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_elsewhere_does_not_carry_it(folder: Path, program, status: int) -> None:
    """Another port is another origin; so is the same host under another name."""
    small_files(folder, 3)
    with listening(reply(200)) as (elsewhere, heard):
        with listening(reply(status, b"", Location=f"{elsewhere}{{path}}")) as (base, first):
            shelf = program()
            shelf.env["CIVITAI_BASE_URL"] = base
            shelf.env["CIVITAI_TOKEN"] = TOKEN
            answer = shelf.run("scan", "--json", "--verbose", folder)
            lookup = shelf.run("lookup", "--json", "--verbose", "model:1")
    assert answer.status == 0, answer
    assert first and all(entry["headers"].get("Authorization") == f"Bearer {TOKEN}" for entry in first)
    for entry in heard:
        assert TOKEN not in entry["path"] and TOKEN.encode() not in entry["body"]
        assert not any(TOKEN in value for value in entry["headers"].values()), entry
        assert "Authorization" not in entry["headers"] and "Cookie" not in entry["headers"]
    assert heard, "the redirect was not followed: nothing is tested"
    assert_untold(shelf, answer, lookup)


def test_a_key_with_a_line_break_is_no_header(folder: Path, serve, program) -> None:
    """What a file leaves at the end is taken off; what would be another header is never sent."""
    small_files(folder, 2)
    with listening(reply(200)) as (base, heard):
        shelf = program()
        shelf.env["CIVITAI_BASE_URL"] = base
        answer = shelf.run("scan", "--json", folder, CIVITAI_TOKEN=f"{TOKEN}\n")
        injected = shelf.run("lookup", "--json", "model:1", CIVITAI_TOKEN=f"{TOKEN}\r\nX-Evil: 1")
    assert answer.status == 0 and heard
    assert not any("X-Evil" in entry["headers"] for entry in heard)
    assert_untold(shelf, answer, injected)


def test_plain_http_is_for_loopback_only(folder: Path, program) -> None:
    """A key must not travel in the clear."""
    small_files(folder, 2)
    shelf = program()
    shelf.env["CIVITAI_BASE_URL"] = "http://192.0.2.1"
    shelf.env["CIVITAI_TOKEN"] = TOKEN
    answer = shelf.run("lookup", "--json", "model:1")
    assert answer.status != 0 and "error" in answer.json, answer
    assert "http" in answer.json["error"]["message"].lower(), answer
    assert_untold(shelf, answer)
