"""Misbehaviour on request."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import time
import urllib.request
from typing import Any
from urllib.parse import urlsplit

import pytest
from modelshelf.testing.civitai import KINDS
from modelshelf.testing.civitai.faults import FaultPlan, parse
from modelshelf.testing.civitai.messages import Query, Request

ENUMS = "/api/v1/enums"
V1 = "/api/v1/model-versions"
BROKEN = (http.client.HTTPException, OSError)


def outcome(client: Any, path: str = ENUMS) -> str:
    """A word for how a request ended."""
    try:
        reply = client.get(path)
    except http.client.IncompleteRead:
        return "truncated"
    except http.client.RemoteDisconnected:
        return "closed"
    except ConnectionResetError:
        return "reset"
    return (
        "html"
        if reply.headers.get("content-type", "").startswith("text/html") and reply.status == 200
        else str(reply.status)
    )


def test_every_third_answer_kinds_in_turn(client: Any, service: Any) -> None:
    service.misbehave("cycle=503,reset,truncate,html:every=3")
    assert [outcome(client) for _ in range(12)] == [
        *("200", "200", "503"),
        *("200", "200", "reset"),
        *("200", "200", "truncated"),
        *("200", "200", "html"),
    ]
    assert service.summary()["faults"] == {"503": 1, "reset": 1, "truncate": 1, "html": 1}
    assert [entry["status"] for entry in service.requests()][5] is None
    service.behave()
    assert [outcome(client) for _ in range(3)] == ["200"] * 3


def test_first_after_times_path_method_and_origin(client: Any, service: Any) -> None:
    service.misbehave("500:first=2")
    assert [outcome(client) for _ in range(3)] == ["500", "500", "200"]
    service.misbehave("502:after=1:times=1", replace=True)
    assert [outcome(client) for _ in range(3)] == ["200", "502", "200"]
    service.misbehave("500:path=/api/v1/models", replace=True)
    assert outcome(client) == "200"
    assert outcome(client, "/api/v1/models/1") == "500"
    assert outcome(client, "/api/v1/model-versions/1") == "404"
    service.misbehave("500:method=POST", "501:origin=storage", replace=True)
    assert outcome(client) == "200"
    assert client.post(f"{V1}/by-hash/ids", []).status == 500


def test_statuses_and_their_company(client: Any, service: Any) -> None:
    def with_fault(spec: str) -> Any:
        service.misbehave(spec, replace=True)
        return client.get(ENUMS)

    assert "retry-after" not in with_fault("503").headers
    assert with_fault("503:retry_after=2").headers["retry-after"] == "2"
    assert with_fault("429").headers["retry-after"] == "1"
    assert "retry-after" not in with_fault("429:retry_after=none").headers
    paging = with_fault("paging")
    assert paging.status == 429 and "retry-after" not in paging.headers
    challenge = with_fault("challenge")
    assert challenge.status == 403 and challenge.headers["content-type"].startswith("text/html")
    assert with_fault("451").json["code"] == "REGION_BLOCKED"
    assert with_fault("504").body.startswith(b"<html>")


def test_connections_end_in_different_ways(client: Any, service: Any) -> None:
    for spec, word in (("reset", "reset"), ("close", "closed"), ("truncate", "truncated")):
        service.misbehave(spec, replace=True)
        assert outcome(client) == word
    service.misbehave("reset-mid:at=10", replace=True)
    with pytest.raises(BROKEN):
        client.get(ENUMS)


def test_a_compressed_answer_is_cut_too(client: Any, service: Any) -> None:
    service.misbehave("truncate")
    with pytest.raises(http.client.IncompleteRead):
        client.get(ENUMS, Accept_Encoding="gzip")
    service.misbehave("bad-gzip", replace=True)
    reply = client.get(ENUMS, Accept_Encoding="gzip")
    assert reply.headers["content-encoding"] == "gzip"
    with pytest.raises(Exception):  # noqa: B017 - which one depends on where the stream breaks
        gzip.decompress(reply.body)


def test_slow(client: Any, service: Any) -> None:
    service.misbehave("slow:delay=0.2")
    begun = time.monotonic()
    assert client.get(ENUMS).status == 200
    assert time.monotonic() - begun >= 0.2
    size = len(client.get(ENUMS).body)
    service.misbehave(f"drip:rate={size * 5}", replace=True)
    begun = time.monotonic()
    client.get(ENUMS)
    assert time.monotonic() - begun >= 0.15


def test_rows_that_are_wrong(client: Any, service: Any) -> None:
    hashes = [entry["hashes"]["SHA256"] for entry in service.files()]
    service.misbehave("nulls")
    rows = client.post(f"{V1}/by-hash/ids", hashes).json
    assert rows.count(None) == 5 and len(rows) == 10
    service.misbehave("duplicates", replace=True)
    assert len(client.post(f"{V1}/by-hash/ids", hashes).json) == 10
    service.misbehave("wrong-type", replace=True)
    assert isinstance(client.post(f"{V1}/by-hash/ids", hashes).json, dict)
    service.misbehave("undefined-origin", replace=True)
    assert client.get(f"{V1}/by-hash/{hashes[0]}").json["downloadUrl"].startswith("https://undefined/api/download/")


def test_a_stale_edge_hides_a_known_hash_from_the_single_route_only(client: Any, service: Any) -> None:
    text = service.files()[0]["hashes"]["SHA256"]
    service.misbehave("edge-404")
    assert client.get(f"{V1}/by-hash/{text}").status == 404
    assert len(client.post(f"{V1}/by-hash/ids", [text]).json) == 1


def test_downloads_that_go_wrong(client: Any, service: Any, connect: Any) -> None:
    entry = service.files()[0]
    path = f"/api/download/models/{entry['modelVersionId']}"
    location = client.get(path).headers["location"]
    target = location.removeprefix(service.storage_url)
    storage = connect(service.storage_url)
    right = storage.get(target)

    service.misbehave("unresolved:first=1", replace=True)
    assert [client.get(path).status for _ in range(2)] == [404, 307]
    service.misbehave("login", replace=True)
    assert urlsplit(client.get(path).headers["location"]).path == "/login"
    service.misbehave("wrong-bytes", replace=True)
    wrong = storage.get(target)
    assert len(wrong.body) == len(right.body) and wrong.body != right.body
    service.misbehave("no-range", replace=True)
    assert storage.get(target, Range="bytes=5-").status == 200
    service.misbehave("etag", replace=True)
    assert storage.get(target).headers["etag"] != right.headers["etag"]
    service.misbehave("truncate:at=100", replace=True)
    with pytest.raises(http.client.IncompleteRead) as cut:
        storage.get(target)
    assert len(cut.value.partial) == 100


def test_a_chain_of_redirects_ends_at_the_file(client: Any, service: Any) -> None:
    entry = service.files()[0]
    service.misbehave("redirects")
    path, hops = f"/api/download/models/{entry['modelVersionId']}?fileId={entry['fileId']}", 0
    while (reply := client.get(path)).status == 307:
        hops += 1
        location = reply.headers["location"]
        if location.startswith(service.storage_url):
            break
        path = location.removeprefix(service.base_url)
    assert hops == 5
    assert reply.status == 307 and location.startswith(service.storage_url)


def test_down_and_up_again(client: Any, service: Any) -> None:
    assert outcome(client) == "200"
    service.set_down(True)
    assert outcome(client) == "reset", "an open connection is reset too"
    with pytest.raises(BROKEN):
        client.get(ENUMS)
    assert client.get("/__control__/summary").json["faults"] == {"down": 2}
    service.set_down(False)
    assert outcome(client) == "200"


def test_control(client: Any, service: Any) -> None:
    assert client.post("/__control__/faults", "500:first=1").json[0]["kinds"] == ["500"]
    client.post("/__control__/faults", {"kind": "502", "every": 2, "path": ENUMS})
    client.post("/__control__/faults", b"504:path=/nowhere")
    assert client.post("/__control__/faults", {"faults": ["503", "reset:after=1"], "replace": True}).status == 200
    assert [entry["kinds"] for entry in client.get("/__control__/faults").json] == [["503"], ["reset"]]
    for bad in ("nonsense", "503:often=3", "503:every=0", {"kind": "503", "every": "x"}):
        assert client.post("/__control__/faults", bad).status == 400
    assert outcome(client) == "503"
    assert client.ask("DELETE", "/__control__/faults").json == []
    client.post("/__control__/down", None)
    client.post("/__control__/up", None)
    client.post("/api/v1/model-versions/by-hash/ids", ["0" * 64] * 3, User_Agent="tester/1")
    last = client.get("/__control__/requests").json[-1]
    assert last["hashes"] == 3 and last["user_agent"] == "tester/1" and last["origin"] == "api"
    assert last["route"] == "POST /api/v1/model-versions/by-hash/ids" and last["body_bytes"] > 190
    assert not last["authorization"]
    assert client.get("/__control__/summary").json["total"] == 2, "control calls are not in the log"
    assert client.post("/__control__/rescan", None).json == {"models": 5}
    client.post("/__control__/reset", None)
    assert client.get("/__control__/requests").json == []


def test_a_batch_that_a_fault_swallowed_is_counted_too(client: Any, service: Any) -> None:
    service.misbehave("503")
    client.post(f"{V1}/by-hash", ["0" * 64] * 7)
    assert service.requests()[0]["hashes"] == 7


@pytest.mark.parametrize("kind", [*KINDS, "500", "truncated", "corrupt-gzip"])
def test_every_kind_can_be_named(kind: str) -> None:
    assert parse(kind).kinds and parse({"kind": kind, "first": 1}).first == 1


def test_kinds_fall_only_where_they_make_sense() -> None:
    plan = FaultPlan()
    plan.add("wrong-bytes:first=1")
    api = Request("api", "GET", ENUMS, Query(""), {"": "HTTP/1.1"})
    storage = Request("storage", "GET", "/file/x", Query(""), {"": "HTTP/1.1"})
    assert plan.pick(api) is None
    chosen = plan.pick(storage)
    assert chosen is not None and chosen[0] == "wrong-bytes", "a request it cannot fall on is not counted"


def test_a_connection_is_kept_and_long_answers_are_compressed(service: Any) -> None:
    parts = urlsplit(service.base_url)
    with socket.create_connection((parts.hostname, parts.port)) as sock:
        request = f"GET {ENUMS} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        sock.sendall(request + request)  # two at once: what is read ahead must not be lost
        file = sock.makefile("rb")
        for _ in range(2):
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"
            headers = dict(line.decode().strip().split(": ", 1) for line in iter(file.readline, b"\r\n"))
            assert headers["Connection"] == "keep-alive"
            body = file.read(int(headers["Content-Length"]))
            assert "BaseModel" in json.loads(gzip.decompress(body))
    assert service.summary()["connections"] == 1


def test_the_standard_client_is_content(service: Any) -> None:
    with urllib.request.urlopen(service.base_url + ENUMS) as reply:
        assert json.load(reply)["ModelType"]
