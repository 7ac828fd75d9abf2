"""Values that are odd but happen: of paths, ids, filters and tokens that were cancelled before."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.testing.civitai import CivitaiStandIn

NOTHING = hashlib.sha256(b"").hexdigest()


def a_file(service: CivitaiStandIn) -> dict[str, Any]:
    return next(each for each in service.files() if each["path"])


def a_digest(service: CivitaiStandIn) -> str:
    return hashlib.sha256(Path("library", a_file(service)["path"]).read_bytes()).hexdigest()


def test_a_path_with_nul_leads_nowhere(service: CivitaiStandIn, shelf: modelshelf.Shelf, tmp_path: Path) -> None:
    version = a_file(service)["modelVersionId"]
    for place in (f"{tmp_path}/to\0b", os.fsencode(tmp_path) + b"/to\0b"):
        with pytest.raises(ValueError, match="null byte"):
            modelshelf.Civitai().download(f"version:{version}", to=place)
        with pytest.raises(ValueError, match="null byte"):
            shelf.scan([place])
        with pytest.raises(ValueError, match="null byte"):
            shelf.watch([place])
    assert not (tmp_path / "to").exists()


def test_what_cannot_be_wished_for(service: CivitaiStandIn, shelf: modelshelf.Shelf, tmp_path: Path) -> None:
    wishes: list[dict[str, Any]] = [{"to": ""}, {"connections": 0}, {"file": 0}, {"file": 1, "type": "VAE"}]
    for wish in wishes:
        with pytest.raises(modelshelf.UsageError):
            modelshelf.Civitai().download("version:1", **{"to": tmp_path, **wish})
    for number in (0, -1, 2**31, 2**40):
        with pytest.raises(modelshelf.UsageError):
            modelshelf.Civitai().version(number)
    for value in (b"castle", {"a": 1}, 5.5):
        with pytest.raises(TypeError):
            modelshelf.Civitai().models(query=value)
    for call in (shelf.scan, shelf.watch):
        with pytest.raises(modelshelf.UsageError):
            call([""])  # type: ignore[operator]
    assert not service.requests()


def test_digests_of_nothing_among_others(service: CivitaiStandIn) -> None:
    digest = a_digest(service)
    answers = modelshelf.Civitai().by_hashes([NOTHING, digest, "0" * 10])
    assert answers[NOTHING] is None and answers["0" * 10] is None and answers[digest] is not None
    assert list(modelshelf.Civitai().by_hashes(digest)) == [digest]
    assert modelshelf.Civitai().by_hashes([]) == {}


def test_a_token_that_was_cancelled_before(service: CivitaiStandIn, tmp_path: Path) -> None:
    civitai = modelshelf.Civitai()
    cancel = modelshelf.Cancel()
    cancel.cancel()
    asked = len(service.requests())
    for call in (
        lambda: civitai.lookup(a_digest(service), cancel=cancel),
        lambda: civitai.me(cancel=cancel),
        lambda: list(civitai.models(cancel=cancel)),
        lambda: civitai.download("version:1", to=tmp_path, cancel=cancel),
    ):
        with pytest.raises(modelshelf.Cancelled):
            call()
    assert len(service.requests()) == asked


def test_levels_in_any_spelling(service: CivitaiStandIn, shelf: modelshelf.Shelf) -> None:
    shelf.scan(["library"])
    model = shelf.list(limit=1)[0]
    assert shelf.previews([model.path], max_level="PG-13", fetch=False) is not None
    with pytest.raises(modelshelf.UsageError):
        shelf.previews([model.path], max_level="tame")
