"""The service misbehaves: what it knows is identified in the end, nothing wrongly, and an outage is no answer."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import NOBODY, Program, require, settle, small_files, truth

from modelshelf.testing.civitai import CivitaiStandIn

KNOWN, EDITED, UNKNOWN = 230, 5, 4

FAULTS = [
    "503:every=3",
    "reset:every=3",
    "reset-mid:every=3",
    "close:every=3",
    "truncate:every=3",
    "html:every=3",
    "504:every=3",
    "bad-gzip:every=3",
    "429:every=3",
    "503:every=4:retry_after=1",
    "nulls:every=2",
    "nulls",
    "duplicates",
    # These two are not asked again within a scan, and the last file of all takes three requests: every third would
    # fall on the same one of them for ever.
    "wrong-type:every=4",
    "challenge:every=4",
    "undefined-origin",
    "slow:delay=0.2",
    "cycle=503,reset,truncate,html:every=3",
    "cycle=503,reset,truncate,html,bad-gzip,nulls,429,undefined-origin,duplicates,close,504,reset-mid:every=2",
]


def library(folder: Path) -> tuple[list[Path], list[Path], list[Path]]:
    """Files that the service knows, files whose header was edited after it came to know them, and unknown ones."""
    files = small_files(folder, KNOWN + EDITED + UNKNOWN)
    return files[:KNOWN], files[KNOWN : KNOWN + EDITED], files[KNOWN + EDITED :]


def edit_header(path: Path) -> None:
    """Another SHA-256, the same tensors: what a tool does that writes a note into a file."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header.setdefault("__metadata__", {})["edited"] = path.name
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    settle([path])


def by_name(service: CivitaiStandIn) -> dict[str, tuple[int, int]]:
    """Model and version of each file by its name, which no two files of a test share."""
    return {os.path.basename(row["path"]): (row["modelId"], row["modelVersionId"]) for row in service.files()}


def assert_never_wrong(shelf: Program, known: dict[str, tuple[int, int]]) -> set[str]:
    """Whatever is said of a file is right; gives the names that are not settled yet."""
    left: set[str] = set()
    for path, record in shelf.records().items():
        said, name = record["civitai"], os.path.basename(path)
        place = (said["model_id"], said["version_id"])
        if said["status"] == "found":
            assert place == known.get(name), (name, place)
        elif said["status"] == "not_found":
            assert name not in known, f"{name} is known, and yet not_found"
        else:
            assert said["status"] == "pending" and place == (None, None), (name, said)
            left.add(name)
    return left


@pytest.mark.parametrize("fault", FAULTS)
def test_in_the_end_all_is_right(folder: Path, tmp_path: Path, serve, program, fault: str) -> None:
    _, edited, unknown = library(folder)
    # The service keeps what was published, not what has become of it here.
    published = shutil.copytree(folder, tmp_path / "published")
    service = serve(published, unknown=[path.name for path in unknown], seed=3)
    known = by_name(service)
    assert len(known) == KNOWN + EDITED
    for path in edited:
        edit_header(path)
    service.misbehave(fault)
    shelf = program(service)
    for attempt in range(4):
        report = shelf.scan(folder)
        assert report["failed"] == []
        left = assert_never_wrong(shelf, known)
        assert report["pending"] == len(left)
        assert report["identified"] + report["not_on_civitai"] + len(left) == KNOWN + EDITED + UNKNOWN
        if not left:
            break
        assert report["warnings"], "something is left and nobody is told"
    assert not left, f"{len(left)} files are still pending after {attempt + 1} scans"
    assert report["identified"] == KNOWN + EDITED and report["not_on_civitai"] == UNKNOWN
    assert service.summary()["faults"], "the fault never fell on a request"
    for path in edited:
        assert shelf.info(path)["civitai"]["matched_by"] == "autov3"


def test_the_misleading_404_of_the_edge(folder: Path, serve, program) -> None:
    """What a cached 404 says is not believed of a file that the batch knows (decision 15)."""
    small_files(folder, 60)
    service = serve(faults=["edge-404"])
    shelf = program(service)
    assert shelf.scan(folder)["identified"] == 60
    assert not assert_never_wrong(shelf, by_name(service))


# Out of order altogether


@contextmanager
def _deaf() -> Iterator[str]:
    """An address where connections are accepted and closed at once."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.close()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _refused(service: CivitaiStandIn) -> dict[str, str]:
    return {"CIVITAI_BASE_URL": NOBODY}


def _down(service: CivitaiStandIn) -> dict[str, str]:
    service.set_down(True)
    return {}


def _fault(spec: str) -> Callable[[CivitaiStandIn], dict[str, str]]:
    def apply(service: CivitaiStandIn) -> dict[str, str]:
        service.misbehave(spec)
        return {}

    return apply


OUTAGES = {
    "refused": _refused,
    "accept and reset": _down,
    "451": _fault("451"),
    "403 page": _fault("challenge"),
    "503": _fault("503"),
    "html": _fault("html"),
    "wrong type": _fault("wrong-type"),
    "429 without a time": _fault("paging"),
    "401": _fault("401"),
    "400": _fault("400"),
}


@pytest.mark.parametrize("outage", OUTAGES)
def test_an_outage_is_no_answer(folder: Path, serve, program, outage: str) -> None:
    files = small_files(folder, 40)
    service = serve()
    shelf = program(service)
    env = OUTAGES[outage](service)
    answer = shelf.run("scan", "--json", folder, **env)
    assert answer.status == 0, answer
    report = answer.json
    assert report["pending"] == report["files"] == report["hashed"] == len(files)
    assert report["identified"] == report["not_on_civitai"] == 0 and report["failed"] == []
    assert "warning" in answer.err and report["warnings"], answer
    assert all(record["civitai"]["status"] == "pending" for record in shelf.records().values())
    # The service is back: the next scan completes it, and reads no file for that.
    service.reset()
    report = shelf.scan(folder)
    assert (report["identified"], report["pending"], report["bytes_hashed"]) == (len(files), 0, 0)
    assert not assert_never_wrong(shelf, by_name(service))


def test_nobody_answers(folder: Path, serve, program) -> None:
    small_files(folder, 5)
    service = serve()
    shelf = program(service)
    with _deaf() as address:
        answer = shelf.ok("scan", "--json", folder, CIVITAI_BASE_URL=address)
    assert answer.json["pending"] == 5 and "warning" in answer.err
    assert shelf.scan(folder)["identified"] == 5


def test_what_was_found_is_not_unlearned(folder: Path, serve, program) -> None:
    """A refresh during an outage changes nothing."""
    small_files(folder, 20)
    service = serve()
    shelf = program(service)
    shelf.scan(folder)
    before = shelf.records()
    for spec in ("html", "wrong-type", "451"):
        service.reset()
        service.misbehave(spec)
        answer = shelf.ok("scan", "--json", "--refresh", folder)
        assert answer.json["identified"] == 20, (spec, answer)
        assert "warning" in answer.err, (spec, answer)
    assert shelf.records() == before
    assert not assert_never_wrong(shelf, by_name(service))
    assert len(truth(service)) == 20


# No network at all


@pytest.mark.parametrize("way", ["--offline", "MODELSHELF_OFFLINE"])
def test_offline_opens_no_socket(folder: Path, tmp_path: Path, serve, program, way: str) -> None:
    require("strace")
    small_files(folder, 10)
    service = serve()
    shelf = program(service)
    trace = tmp_path / "trace"
    prefix = ("strace", "-f", "-e", "trace=network", "-o", str(trace))
    env = {"MODELSHELF_OFFLINE": "1"} if way != "--offline" else {}
    flag = ["--offline"] if way == "--offline" else []
    answer = shelf.run("scan", "--json", folder, *flag, prefix=prefix, **env)
    assert answer.status == 0 and answer.json["pending"] == 10, answer
    calls = trace.read_text()
    assert "exited with 0" in calls
    assert not re.search(r"AF_INET|AF_NETLINK|connect\(|sendto\(", calls), calls
    lookup = shelf.run("lookup", "--json", "model:1", *flag, prefix=prefix, **env)
    assert lookup.status == 4, lookup
    assert not re.search(r"AF_INET|AF_NETLINK|connect\(", trace.read_text())
    assert service.summary()["total"] == 0
