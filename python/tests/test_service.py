"""Identification, against the local stand-in of the service."""

from __future__ import annotations

import pytest

import modelshelf
from modelshelf.testing.civitai import CivitaiStandIn


def known(sample: dict[str, object]) -> list[str]:
    entries = sample["entries"]
    assert isinstance(entries, list)
    return [f"library/{each['path']}" for each in entries if each["on_service"] and not each["code"]]


def test_a_scan_identifies(service: CivitaiStandIn, shelf: modelshelf.Shelf, sample: dict[str, object]) -> None:
    report = shelf.scan("library")
    assert report.identified > 0
    assert report.pending == 0
    path = known(sample)[0]
    model = shelf.get(path)
    assert model is not None
    assert model.civitai["status"] == "found"
    by_version = shelf.get(f"version:{model.civitai['version_id']}")
    assert by_version is not None
    assert by_version.hashes["sha256"] == model.hashes["sha256"]


def test_asking_without_a_database(service: CivitaiStandIn, sample: dict[str, object]) -> None:
    digest = modelshelf.hash_file(known(sample)[0])["sha256"]
    assert digest is not None
    civitai = modelshelf.Civitai()
    record = civitai.by_hash(digest)
    assert record is not None
    answers = civitai.by_hashes([digest.upper(), "1" * 64])
    assert answers["1" * 64] is None
    found = answers[digest.upper()]
    assert found is not None
    assert found["version_id"] == record["version_id"]
    assert civitai.version(record["version_id"])["id"] == record["version_id"]
    assert civitai.model(record["model_id"])["id"] == record["model_id"]
    with pytest.raises(modelshelf.NotFound):
        civitai.model(999_999_999)
    assert "secret" not in repr(modelshelf.Civitai("secret"))


def test_a_base_url_of_its_own(
    service: CivitaiStandIn, sample: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CIVITAI_BASE_URL", "http://127.0.0.1:9")
    digest = modelshelf.hash_file(known(sample)[0])["sha256"]
    assert digest is not None
    assert modelshelf.Civitai(base_url=service.base_url).by_hash(digest) is not None


def test_a_lookup_stores_nothing(service: CivitaiStandIn, shelf: modelshelf.Shelf, sample: dict[str, object]) -> None:
    digest = modelshelf.hash_file(known(sample)[0])["sha256"]
    assert digest is not None
    results = shelf.lookup([digest, "1" * 64])
    assert [each["status"] for each in results] == ["found", "not_found"]
    assert len(shelf) == 0


def test_no_network_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(modelshelf.NetworkError) as caught:
        modelshelf.Civitai().by_hash("1" * 64)
    assert caught.value.hint


def test_a_link_stays(service: CivitaiStandIn, shelf: modelshelf.Shelf, sample: dict[str, object]) -> None:
    shelf.scan("library")
    first, second = known(sample)[:2]
    other = shelf.get(second)
    assert other is not None
    linked = shelf.link(first, other.civitai["model_id"], other.civitai["version_id"])
    assert linked.civitai["version_id"] == other.civitai["version_id"]
    shelf.scan("library", refresh=True)
    after = shelf.get(first)
    assert after is not None
    assert after.civitai["version_id"] == other.civitai["version_id"]
    assert shelf.unlink(first).civitai.get("version_id") is None
