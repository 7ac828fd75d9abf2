"""Lookups by hash: what matches, what is disclosed, what rejects a batch."""

from __future__ import annotations

import hashlib
import json
import struct
from typing import Any

import pytest

V1 = "/api/v1/model-versions"
HELLO = "B94D27B9934D3E08A52E52D7DA7DABFAC484EFE37A5380EE9088F7ACE2EFCDE9"


@pytest.mark.parametrize("text", [HELLO, HELLO.lower(), HELLO[:10], "85C76DCAE229", "85114A0D", "85114a0d"])
def test_a_hash_of_any_kind_in_any_case_matches(client: Any, text: str) -> None:
    reply = client.get(f"{V1}/by-hash/{text}")
    assert reply.status == 200
    assert reply.json["files"][0]["hashes"]["SHA256"] == HELLO
    assert reply.headers["cache-control"] == "public, s-maxage=3600, stale-while-revalidate=1800"


@pytest.mark.parametrize(
    "text", ["0D4A1185", "85C76DCAE2299D2235C793FE3425BD88376F5C4721CFDDC1C9A9C452C20C5D33", "nothing"]
)
def test_the_other_byte_order_and_a_whole_autov3_do_not(client: Any, text: str) -> None:
    reply = client.get(f"{V1}/by-hash/{text}")
    assert (reply.status, reply.json) == (404, {"error": "Model not found"})
    assert "s-maxage=3600" in reply.headers["cache-control"]


def test_autov1_exists_from_two_mebibytes_and_autov3_skips_a_header_below_16(service: Any, folder: Any) -> None:
    data = bytes(range(256)) * 8192  # 2 MiB, and no sensible header length
    (folder / "two.ckpt").write_bytes(data)
    (folder / "less.ckpt").write_bytes(data[:-1])
    head = b"{}      "
    (folder / "headed.safetensors").write_bytes(struct.pack("<Q", 8) + head + b"data")
    service.rescan()
    found = {entry["name"]: entry["hashes"] for entry in service.files()}
    assert found["two.ckpt"]["AutoV1"] == hashlib.sha256(data[0x100000:0x110000]).hexdigest()[:8].upper()
    assert "AutoV1" not in found["less.ckpt"]
    assert found["two.ckpt"]["AutoV3"] == hashlib.sha256(data[8:]).hexdigest()[:12].upper()
    assert found["headed.safetensors"]["AutoV3"] == hashlib.sha256(b"data").hexdigest()[:12].upper()


def test_ids_give_a_row_for_each_match_and_nothing_for_the_rest(client: Any, service: Any) -> None:
    hashes = [entry["hashes"]["SHA256"].lower() for entry in service.files()]
    rows = client.post(f"{V1}/by-hash/ids", [*hashes, "0" * 64, hashes[0]]).json
    assert sorted(row["hash"].lower() for row in rows) == sorted(hashes)
    assert set(rows[0]) == {"modelVersionId", "modelId", "hash"}


def test_a_batch_matches_sha256_only_and_links_lead_nowhere(client: Any, service: Any) -> None:
    rows = client.post(f"{V1}/by-hash", [HELLO.lower()]).json
    assert [row["files"][0]["hashes"]["SHA256"] for row in rows] == [HELLO]
    assert rows[0]["downloadUrl"].startswith("https://undefined/api/download/models/")
    rows = client.post(f"{V1}/by-hash", [HELLO], posthost="example.org").json
    assert rows[0]["downloadUrl"].startswith("http://example.org/")
    assert client.post(f"{V1}/by-hash", []).json == []


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("by-hash", ["0" * 64] * 101),
        ("by-hash/ids", ["0" * 64] * 10_001),
        ("by-hash", ["0" * 64, "0" * 63]),
        ("by-hash/ids", ["0" * 64, "0" * 63]),
        ("by-hash", [HELLO[:10]]),
        ("by-hash", {"hashes": []}),
        ("by-hash/ids", [1]),
    ],
)
def test_one_bad_entry_or_one_too_many_rejects_all(client: Any, route: str, body: Any) -> None:
    reply = client.post(f"{V1}/{route}", body)
    assert reply.status == 400
    assert reply.json["error"].startswith("Request must include an array of SHA256 Hashes.")


def test_the_most_is_accepted(client: Any) -> None:
    assert client.post(f"{V1}/by-hash", ["0" * 64] * 100).status == 200
    assert client.post(f"{V1}/by-hash/ids", ["0" * 64] * 10_000).status == 200


def test_without_a_body_of_json_it_is_a_bad_request(client: Any) -> None:
    assert client.get(f"{V1}/by-hash").status == 400
    assert client.get(f"{V1}/by-hash/ids").status == 400
    assert client.post(f"{V1}/by-hash", b"[", Content_Type="application/json").status == 400
    assert client.post(f"{V1}/by-hash", json.dumps([HELLO]).encode(), Content_Type="text/plain").status == 400
    assert (
        client.post(f"{V1}/by-hash/ids", b'["' + b"x" * (1 << 20) + b'"]', Content_Type="application/json").status
        == 413
    )


def test_a_file_in_two_versions(spelled: Any, sha: Any) -> None:
    older = {"id": 20, "name": "old", "publishedAt": "2023-01-01T00:00:00.000Z", "files": ["LoRA/a.safetensors"]}
    newer = {"id": 10, "name": "new", "publishedAt": "2024-01-01T00:00:00.000Z", "files": ["LoRA/a.safetensors"]}
    service, client = spelled({"models": [{"id": 7, "name": "Two", "versions": [newer, older]}]})
    text = sha(service, "a.safetensors")
    assert client.get(f"{V1}/by-hash/{text}").json["id"] == 20, "the oldest is disclosed"
    rows = client.post(f"{V1}/by-hash/ids", [text]).json
    assert sorted(row["modelVersionId"] for row in rows) == [10, 20]
    assert {row["modelId"] for row in rows} == {7}
    assert sorted(row["id"] for row in client.post(f"{V1}/by-hash", [text]).json) == [10, 20]


def test_a_version_without_a_usable_file_is_null_in_a_batch(spelled: Any, sha: Any) -> None:
    service, client = spelled({"files": {"LoRA/a.safetensors": {"version": {"missingFile": True}}}})
    text = sha(service, "a.safetensors")
    assert client.post(f"{V1}/by-hash", [text]).json == [None]
    assert len(client.post(f"{V1}/by-hash/ids", [text]).json) == 1
    reply = client.get(f"{V1}/by-hash/{text}")
    assert (reply.status, reply.json) == (404, {"error": "Missing model file"})


def test_unpublished_is_not_found(spelled: Any, sha: Any) -> None:
    service, client = spelled(
        {
            "files": {
                "*/a.safetensors": {"version": {"status": "Draft"}},
                "*/b.safetensors": {"model": {"status": "Unpublished"}},
            }
        }
    )
    for name in ("a.safetensors", "b.safetensors"):
        assert client.get(f"{V1}/by-hash/{sha(service, name)}").status == 404
        assert client.post(f"{V1}/by-hash/ids", [sha(service, name)]).json == []


def test_a_file_not_scanned_yet_has_no_hashes(spelled: Any) -> None:
    service, client = spelled({"files": {"LoRA/a.safetensors": {"version": {"id": 5}, "file": {"hashes": {}}}}})
    assert client.get(f"{V1}/5").json["files"][0]["hashes"] == {}


def test_unknown_files_and_files_that_come_later(folder: Any, connect: Any) -> None:
    from modelshelf.testing.civitai import CivitaiStandIn

    with CivitaiStandIn(files=folder, unknown=["hello*"]) as service:
        client = connect(service.base_url)
        assert service.models == 4
        assert client.get(f"{V1}/by-hash/{HELLO}").status == 404
        data = (folder / "VAE/d.safetensors").read_bytes() + b"later"
        text = hashlib.sha256(data).hexdigest()
        assert client.post(f"{V1}/by-hash/ids", [text]).json == []
        (folder / "new folder").mkdir()
        (folder / "new folder/later.ckpt").write_bytes(data)
        assert len(client.post(f"{V1}/by-hash/ids", [text]).json) == 1, "a miss looks again"


def test_ids_are_the_same_in_another_run(folder: Any, service: Any) -> None:
    from modelshelf.testing.civitai import CivitaiStandIn

    with CivitaiStandIn(files=folder) as other:
        assert other.files() == service.files()
        assert len({entry["modelVersionId"] for entry in other.files()}) == 5
