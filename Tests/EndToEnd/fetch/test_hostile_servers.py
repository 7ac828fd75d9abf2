"""Servers and folders that do what they should not: the right file or a clear error, and nothing outside the folder."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fetching import BINARY, Shelf, is_right, model_bytes, slow, storage_requests, wait_for

BODY = model_bytes(2 << 20, seed=9)
DIGEST = hashlib.sha256(BODY).hexdigest()
#: Drops the rights of root, so that the bits of a folder count.
PLAIN = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]

Answer = Callable[[BaseHTTPRequestHandler], None]


@pytest.fixture
def raw() -> Iterator[Any]:
    """A service with one version whose file is served by a function of the test; more origins on demand."""
    running = []
    asked: list[tuple[str, str, dict[str, str]]] = []

    def start(answer: Answer, digest: str | None = DIGEST, size: int = len(BODY)) -> Any:
        number = len(running)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                asked.append((str(number), self.path, {name.lower(): value for name, value in self.headers.items()}))
                if self.path.startswith("/api/v1/model-versions/"):
                    file = {"id": 77, "name": "x.safetensors", "primary": True, "type": "Model", "sizeKB": size / 1024,
                            "hashes": {"SHA256": digest} if digest else {}}
                    body = json.dumps({"id": 5, "modelId": 3, "name": "v", "files": [file]}).encode()
                    self.send_response(200)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                elif self.path.startswith("/api/v1/"):
                    body = b'{"items":[],"metadata":{}}'
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                else:
                    with contextlib.suppress(ConnectionError, BrokenPipeError):
                        answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    start.asked = asked  # type: ignore[attr-defined]
    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int | None = -1, **headers: str) -> None:
    """An answer; ``length`` None for none, after which the connection closes."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if length is None:
        handler.close_connection = True
        handler.send_header("Connection", "close")
    else:
        handler.send_header("Content-Length", str(len(body) if length < 0 else length))
    handler.end_headers()
    handler.wfile.write(body)


def wish(handler: BaseHTTPRequestHandler) -> int | None:
    """The first byte of the range that was asked for."""
    text = handler.headers.get("Range")
    return int(text.removeprefix("bytes=").split("-")[0]) if text else None


def is_whole(run: Any, to: Path, verified: bool = True) -> None:
    assert run.status == 0, run.out + run.err
    assert run.json["verified"] is verified and Path(run.json["path"]) == to / "x.safetensors"
    assert [path.name for path in to.iterdir()] == ["x.safetensors"]
    assert (to / "x.safetensors").read_bytes() == BODY


@pytest.mark.parametrize("connections", ["1", "3"])
@pytest.mark.parametrize("digest", [DIGEST, None], ids=["published", "unknown"])
def test_no_length(raw: Any, tmp_path: Path, to: Path, digest: str | None, connections: str) -> None:
    url = raw(lambda handler: send(handler, 200, BODY, length=None), digest)
    run = Shelf(tmp_path / "home", url).download("version:5", to, "--connections", connections)
    is_whole(run, to, verified=digest is not None)


def test_in_chunks(raw: Any, tmp_path: Path, to: Path) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for start in range(0, len(BODY), 100_000):
            piece = BODY[start : start + 100_000]
            handler.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        handler.wfile.write(b"0\r\n\r\n")

    is_whole(Shelf(tmp_path / "home", raw(answer)).download("version:5", to), to)


def test_chunks_that_end_early_are_not_the_end(raw: Any, tmp_path: Path, to: Path) -> None:
    """Without a length the end of the connection is all there is to go by; a chunk that is missing is a broken one."""
    times = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        times.append(1)
        if len(times) > 1:
            send(handler, 200, BODY)
            return
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(f"{len(BODY):x}\r\n".encode() + BODY[: 1 << 20])
        handler.close_connection = True

    is_whole(Shelf(tmp_path / "home", raw(answer, None)).download("version:5", to), to, verified=False)


@pytest.mark.parametrize("connections", ["1", "3"])
def test_more_bytes_than_promised(raw: Any, tmp_path: Path, to: Path, connections: str) -> None:
    """What follows the promised length is no part of the file."""
    url = raw(lambda handler: send(handler, 200, BODY + b"x" * 100_000, length=len(BODY)))
    is_whole(Shelf(tmp_path / "home", url).download("version:5", to, "--connections", connections), to)


def test_a_file_that_is_longer_than_its_digest(raw: Any, tmp_path: Path, to: Path) -> None:
    url = raw(lambda handler: send(handler, 200, BODY + b"x" * 100_000))
    run = Shelf(tmp_path / "home", url).download("version:5", to)
    assert run.code == "hash_mismatch" and not list(to.glob("*.safetensors"))


def test_a_file_without_an_end(raw: Any, tmp_path: Path, to: Path) -> None:
    """A server that sends for ever, where the record says how much there is: not until the disk is full."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.close_connection = True
        handler.end_headers()
        for _ in range(256):
            handler.wfile.write(BODY[: 1 << 20])

    run = Shelf(tmp_path / "home", raw(answer)).download("version:5", to, timeout=60)
    assert run.status != 0 and not list(to.glob("*.safetensors")), run.out
    assert sum(path.stat().st_size for path in to.iterdir()) < 64 << 20, "it was noticed early"


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate"])
def test_an_encoding_that_nobody_asked_for(raw: Any, tmp_path: Path, to: Path, encoding: str) -> None:
    """The bytes as they travel are not the file: refused in words, or undone, never stored as the model."""
    url = raw(lambda handler: send(handler, 200, gzip.compress(BODY, 1), Content_Encoding=encoding))
    run = Shelf(tmp_path / "home", url).download("version:5", to)
    assert run.code in ("bad_response", "hash_mismatch"), run.out
    assert not list(to.glob("*.safetensors")) if to.exists() else True
    assert all("gzip" not in headers.get("accept-encoding", "") for _, path, headers in raw.asked if "download" in path)


def test_an_encoding_of_a_file_without_a_digest(raw: Any, tmp_path: Path, to: Path) -> None:
    """Nothing else would notice it."""
    url = raw(lambda handler: send(handler, 200, gzip.compress(BODY, 1), Content_Encoding="gzip"), None)
    run = Shelf(tmp_path / "home", url).download("version:5", to)
    assert run.code == "bad_response" and "gzip" in run.json["error"]["message"], run.out


@pytest.mark.parametrize("connections", ["1", "3"])
@pytest.mark.parametrize("shift", [-4096, 4096, None], ids=["before", "behind", "not said"])
def test_a_part_that_is_another_one(
    raw: Any, tmp_path: Path, to: Path, shift: int | None, connections: str
) -> None:
    """206 with a range that was not asked for: not one byte of it may land in the file."""
    cut = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        first = wish(handler)
        if first is None:
            half = not cut
            cut.append(1)
            send(handler, 200, BODY[: len(BODY) // 2] if half else BODY, length=len(BODY), Accept_Ranges="bytes")
            handler.close_connection = True
            return
        if shift is None:
            send(handler, 206, BODY[first:])
            return
        start = max(0, first + shift)
        send(handler, 206, BODY[start:], Content_Range=f"bytes {start}-{len(BODY) - 1}/{len(BODY)}")

    run = Shelf(tmp_path / "home", raw(answer)).download("version:5", to, "--connections", connections)
    if run.status == 0:
        is_whole(run, to)
    else:
        assert run.code in ("bad_response", "network"), run.out
        assert not list(to.glob("*.safetensors"))


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"", "empty"), (BODY[: len(BODY) // 2], "ends before"), (b"version https://git-lfs.github.com/spec/v1\n", "LFS")],
    ids=["nothing", "half", "pointer"],
)
@pytest.mark.parametrize("connections", ["1", "3"])
def test_what_cannot_be_the_file(
    raw: Any, tmp_path: Path, to: Path, body: bytes, words: str, connections: str
) -> None:
    """No digest is published, and the answer is in order: the bytes themselves say that they are not the model."""
    url = raw(lambda handler: send(handler, 200, body), None)
    command = Shelf(tmp_path / "home", url)
    run = command.download("version:5", to, "--connections", connections)
    assert run.code == "bad_response" and words in run.json["error"]["message"], run.out
    assert not to.exists() or sum(path.stat().st_size for path in to.glob("*.safetensors*") if path.suffix != ".json") == 0
    good = raw(lambda handler: send(handler, 200, BODY), None)
    is_whole(Shelf(tmp_path / "home", good).download("version:5", to, "--connections", connections), to, verified=False)


@pytest.mark.parametrize("name", ["x.exe", "page.html", "aux", "x.safetensors:stream", "=?UTF-8?B?eA==?=", "passwd"])
def test_a_name_that_is_no_models(raw: Any, tmp_path: Path, to: Path, name: str) -> None:
    """The record says what kind of file it is."""
    url = raw(lambda handler: send(handler, 200, BODY, Content_Disposition=f'attachment; filename="{name}"'))
    is_whole(Shelf(tmp_path / "home", url).download("version:5", to), to)


def test_words_that_move_the_cursor(raw: Any, tmp_path: Path, to: Path) -> None:
    """What a server says is shown, and what it would do to a terminal is not."""
    text = json.dumps({"message": "no\x1b]0;mine\x07 \u202eway\x9b2J", "error": "Forbidden"}).encode()
    url = raw(lambda handler: send(handler, 403, text))
    run = Shelf(tmp_path / "home", url).run("download", "version:5", "--to", to)
    assert run.status == 4 and "Forbidden" in run.err, run.err
    plain = raw(lambda handler: send(handler, 418, b"tea\x1b[2J \xe2\x80\xaepot"))
    run = Shelf(tmp_path / "home", plain).run("download", "version:5", "--to", to)
    assert "tea[2J pot" in run.err, run.err
    assert not any(character in run.err for character in "\x1b\x07\x9b\u202e")


def test_a_key_does_not_follow_a_redirect(raw: Any, tmp_path: Path, to: Path) -> None:
    """Not to another port, nor back: whoever is asked in between could send it anywhere."""
    storage = raw(lambda handler: send(handler, 200, BODY))
    between = raw(lambda handler: send(handler, 302, b"", Location=storage + "/file"))
    url = raw(lambda handler: send(handler, 307, b"", Location=between + "/hop"))
    is_whole(Shelf(tmp_path / "home", url).download("version:5", to), to)
    for number, path, headers in raw.asked:
        assert ("authorization" in headers) == (number == "2"), path
        assert "token" not in path.lower()
    assert {number for number, _, _ in raw.asked} == {"0", "1", "2"}


# Folders.


@pytest.fixture
def whole(raw: Any, tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "home", raw(lambda handler: send(handler, 200, BODY)))


@pytest.mark.parametrize("name", ["x.safetensors.part", "x.safetensors.part.json", "x.safetensors.part.json.new"])
@pytest.mark.parametrize("kind", ["link", "dangling", "folder", "fifo"])
def test_what_stands_in_the_way(whole: Shelf, tmp_path: Path, to: Path, name: str, kind: str) -> None:
    to.mkdir()
    victim = tmp_path / "victim"
    if kind == "link":
        victim.write_bytes(b"precious")
        (to / name).symlink_to(victim)
    elif kind == "dangling":
        (to / name).symlink_to(victim)
    elif kind == "folder":
        (to / name).mkdir()
    else:
        os.mkfifo(to / name)
    run = whole.download("version:5", to)
    if run.status == 0:
        assert Path(run.json["path"]).read_bytes() == BODY and run.json["verified"]
    else:
        assert run.code in ("usage", "unreadable", "no_space", "store_busy", "internal") and run.json["error"]["message"]
    assert victim.read_bytes() == b"precious" if kind == "link" else not victim.exists(), "written through a link"


def test_a_folder_that_may_not_be_written(whole: Shelf, to: Path) -> None:
    to.mkdir(mode=0o555)
    line = [*PLAIN, BINARY, "download", "version:5", "--to", os.fspath(to), "--json"]
    done = subprocess.run(line, capture_output=True, text=True, env=whole.environment(), timeout=60, check=False)
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "unreadable" and done.returncode != 0, done.stdout + done.stderr
    assert str(to) in error["path"] and list(to.iterdir()) == []


def test_a_folder_that_vanishes(serve: Any, shelf: Any, to: Path) -> None:
    service = serve()
    slow(service, 10_000_000)
    command = shelf(service)
    process = command.start("download", "version:33", "--to", to, "--json")
    wait_for(to / "large.safetensors.part", 2 << 20)
    shutil.rmtree(to)
    service.behave()
    out, err = process.communicate(timeout=60)
    error = json.loads(out)["error"]
    assert process.returncode not in (0, -6, -11, 132, 134, 139), out + err
    assert error["code"] in ("not_found", "unreadable", "file_changed") and error["message"], out
    assert command.download("version:33", to).status == 0, "the next one makes it again"


def test_a_disk_that_is_unplugged(serve: Any, shelf: Any, library: Path, to: Path, tmp_path: Path) -> None:
    service = serve()
    slow(service, 20_000_000)
    command = shelf(service)
    process = command.start("download", "version:33", "--to", to, "--json")
    wait_for(to / "large.safetensors.part", 2 << 20)
    to.rename(tmp_path / "away")
    to.mkdir()
    service.behave()
    out, err = process.communicate(timeout=60)
    assert json.loads(out)["error"]["code"] == "not_found" and "went away" in out, out + err
    assert list(to.iterdir()) == [], "nothing is written where the disk was"
    to.rmdir()
    (tmp_path / "away").rename(to)
    run = command.download("version:33", to)
    is_right(run, library, "SD/large.safetensors", to)
    assert run.json["resumed_from"] > 0


def test_a_file_where_the_folder_should_be(whole: Shelf, to: Path) -> None:
    to.write_text("a file")
    run = whole.download("version:5", to)
    assert run.status != 0 and run.json["error"]["message"] and to.read_text() == "a file"


@pytest.mark.parametrize("known", [True, False], ids=["size known", "size unknown"])
def test_a_disk_that_fills_on_the_way(raw: Any, tmp_path: Path, to: Path, known: bool) -> None:
    """The last bytes do not fit: what is there is kept, and the same command goes on when there is room."""
    to.mkdir()
    body = BODY if known else BODY

    def answer(handler: BaseHTTPRequestHandler) -> None:
        first = wish(handler)
        if first is None:
            send(handler, 200, body, length=None)
        else:
            send(handler, 206, body[first:], Content_Range=f"bytes {first}-{len(body) - 1}/{len(body)}")

    command = Shelf(tmp_path / "home", raw(answer, size=len(BODY) if known else 1024))
    script = (
        'mount -t tmpfs -o size=1m tmpfs "$0"; "$@" > first.json; echo $? > first.status; ls -l "$0" > first.files; '
        'mount -o remount,size=8m "$0"; "$@" > second.json; echo $? > second.status; '
        'sha256sum "$0"/x.safetensors > sum; ls "$0" > second.files'
    )
    line = ["unshare", "-m", "sh", "-c", script, os.fspath(to), BINARY, "download", "version:5", "--to", os.fspath(to), "--json"]
    done = subprocess.run(
        line, capture_output=True, text=True, env=command.environment(), cwd=tmp_path, timeout=60, check=False
    )
    first = json.loads((tmp_path / "first.json").read_text())["error"]
    assert first["code"] == "no_space" and (tmp_path / "first.status").read_text().strip() == "5", done.stderr
    second = json.loads((tmp_path / "second.json").read_text())
    assert second["verified"] and (tmp_path / "second.status").read_text().strip() == "0", second
    assert (tmp_path / "sum").read_text().split()[0] == DIGEST
    assert (tmp_path / "second.files").read_text().split() == ["x.safetensors"]
    if not known:
        assert ".part" in (tmp_path / "first.files").read_text() and second["resumed_from"] > 0, "what fitted was kept"


def test_two_processes_with_several_connections(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 10_000_000)
    command = shelf(service)
    line = ["download", "version:33", "--to", to, "--json", "--connections", "4"]
    both = [command.start(*line) for _ in range(3)]
    answers = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0, 0], answers
    assert [path.name for path in to.iterdir()] == ["large.safetensors"]
    data = (library / "SD/large.safetensors").read_bytes()
    assert (to / "large.safetensors").read_bytes() == data
    assert sum(entry["sent_bytes"] for entry in storage_requests(service)) < len(data) * 1.5
