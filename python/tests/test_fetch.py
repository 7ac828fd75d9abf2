"""Downloads, previews and the catalogue, against the local stand-in of the service."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from pathlib import Path

import pytest

import modelshelf
from modelshelf.testing.civitai import CivitaiStandIn


def a_version(service: CivitaiStandIn) -> tuple[int, bytes]:
    """The largest file that the service has, by its version."""
    entry = max(service.files(), key=lambda each: os.path.getsize(os.path.join("library", each["path"])))
    return entry["modelVersionId"], Path("library", entry["path"]).read_bytes()


def test_a_download_without_a_library(service: CivitaiStandIn, tmp_path: Path) -> None:
    version, data = a_version(service)
    seen: list[str] = []
    got = modelshelf.Civitai().download(f"version:{version}", to=tmp_path / "to", progress=lambda at: seen.append(at.phase))
    assert Path(got).read_bytes() == data and got.verified and got.model is None
    assert got.sha256 == hashlib.sha256(data).hexdigest() and got.bytes == len(data)
    again = modelshelf.Civitai().download(f"version:{version}", to=os.fsencode(tmp_path / "to"))
    assert again.already_there and again.path == got.path


def test_a_download_into_the_library(service: CivitaiStandIn, shelf: modelshelf.Shelf, tmp_path: Path) -> None:
    version, _ = a_version(service)
    got = shelf.download(f"version:{version}", to=tmp_path / "to", previews=True, max_level="xxx")
    assert got.model is not None and got.model.civitai["version_id"] == version
    found = shelf.get(got.path)
    assert found is not None and found.hashes["sha256"] == got.sha256


def test_errors_are_classes(service: CivitaiStandIn, tmp_path: Path) -> None:
    civitai = modelshelf.Civitai()
    with pytest.raises(modelshelf.NotFound):
        civitai.download("version:99999999", to=tmp_path)
    with pytest.raises(modelshelf.UsageError):
        civitai.download("nothing of any kind", to=tmp_path)
    version, _ = a_version(service)
    service.misbehave("wrong-bytes")
    with pytest.raises(modelshelf.HashMismatch):
        civitai.download(f"version:{version}", to=tmp_path / "to")


def test_a_callback_that_raises_stops_it_and_the_next_call_goes_on(service: CivitaiStandIn, tmp_path: Path) -> None:
    version, data = a_version(service)
    service.misbehave(f"drip:origin=storage:rate={max(2000, len(data) // 2)}")

    def stop(at: modelshelf.Progress) -> None:
        if at.phase == "downloading" and at.bytes > 0:
            raise LookupError("enough")

    with pytest.raises(LookupError):
        modelshelf.Civitai().download(f"version:{version}", to=tmp_path / "to", progress=stop)
    parts = list((tmp_path / "to").glob("*.part"))
    assert len(parts) == 1
    there = parts[0].stat().st_size
    service.behave()
    got = modelshelf.Civitai().download(f"version:{version}", to=tmp_path / "to")
    assert got.resumed_from == there > 0 and Path(got).read_bytes() == data


def test_a_token_stops_it(service: CivitaiStandIn, tmp_path: Path) -> None:
    version, data = a_version(service)
    service.misbehave(f"drip:origin=storage:rate={max(1000, len(data) // 20)}")
    cancel = modelshelf.Cancel()
    threading.Timer(0.5, cancel.cancel).start()
    begun = time.monotonic()
    with pytest.raises(modelshelf.Cancelled):
        modelshelf.Civitai().download(f"version:{version}", to=tmp_path / "to", cancel=cancel)
    assert time.monotonic() - begun < 5


def test_previews(service: CivitaiStandIn, shelf: modelshelf.Shelf) -> None:
    report = shelf.scan("library", previews=True, max_level="xxx")
    assert report.previews > 0
    assert shelf.previews(max_level="xxx")["previews"] == []
    first = next(path for path in Path("library").rglob("*.preview.png"))
    assert first.read_bytes().startswith(b"\x89PNG")
    model = next(Path("library").rglob(first.name.removesuffix(".preview.png") + ".*"))
    assert model.exists()
    assert shelf.previews([])["previews"] == []


def test_the_catalogue(service: CivitaiStandIn) -> None:
    civitai = modelshelf.Civitai()
    models = list(civitai.models(nsfw=True))
    ids = [model["id"] for model in models]
    assert len(ids) == len(set(ids)) == service.models
    assert len(list(civitai.models(nsfw=True, limit=3))) == 3
    kinds = {model["type"] for model in civitai.models(nsfw=True, types=["LORA", "VAE"])}
    assert kinds <= {"LORA", "VAE"} and kinds
    version = models[0]["modelVersions"][0]["id"]
    for image in civitai.images(model_version_id=version, nsfw="xxx", with_meta=True):
        assert version in image["modelVersionIds"]
    assert [tag["name"] for tag in civitai.tags(limit=2)]
    assert next(iter(civitai.creators()))["username"]
    with pytest.raises(modelshelf.UsageError, match="page"):
        civitai.models(page=2)
    with pytest.raises(modelshelf.NotFound):
        list(civitai.models(username="nobody_at_all"))


def test_whose_key_it_is(service: CivitaiStandIn) -> None:
    assert modelshelf.Civitai("a" * 32).me()["username"]
    with pytest.raises(modelshelf.Unauthorized):
        modelshelf.Civitai("").me()


def test_addresses_of_pictures() -> None:
    place = "https://image.civitai.com/x/8f6f2e3a-1111-4222-8333-444455556666"
    assert modelshelf.Civitai.image_url(f"{place}/original=true/1.jpeg", 500) == f"{place}/width=512,optimized=true/1.jpeg"
    assert "anim=false" in modelshelf.Civitai.image_url(f"{place}/original=true/1.mp4", still=True)
    assert modelshelf.Civitai.image_url("https://elsewhere.example/a.png") == "https://elsewhere.example/a.png"
    with pytest.raises(modelshelf.UsageError):
        modelshelf.Civitai.image_url("no address")


def test_the_queue(service: CivitaiStandIn, shelf: modelshelf.Shelf, tmp_path: Path) -> None:
    version, data = a_version(service)
    queue = shelf.downloads
    added = queue.add([f"version:{version}", "version:99999999"], to=tmp_path / "to")
    assert [(each.what, each.state) for each in added] == [(f"version:{version}", "waiting"), ("version:99999999", "waiting")]
    assert queue.add(f"version:{version}", to=tmp_path / "to")[0].id == added[0].id
    queue.pause(added[0].id)
    report = queue.run()
    assert report.downloads == [] and [each["code"] for each in report.failed] == ["not_found"]
    assert [each.state for each in queue.list()] == ["paused", "failed"]
    queue.remove(added[1].id)
    queue.resume()
    seen: list[str] = []
    report = queue.run(progress=lambda at: seen.append(at.phase))
    assert Path(report.downloads[0]).read_bytes() == data and report.downloads[0].verified and seen
    (entry,) = queue.list()
    assert entry.state == "done" and entry.path == report.downloads[0].path and entry.bytes == len(data)
    for wrong in (lambda: queue.remove(99), lambda: queue.pause(99)):
        with pytest.raises(modelshelf.NotFound):
            wrong()
    with pytest.raises(modelshelf.UsageError):
        queue.add("nothing of any kind")


def test_the_queue_is_run_by_a_thread_and_paused_by_another(
    service: CivitaiStandIn, shelf: modelshelf.Shelf, tmp_path: Path
) -> None:
    version, data = a_version(service)
    service.misbehave(f"drip:origin=storage:rate={max(1000, len(data) // 20)}")
    queue = shelf.downloads
    (entry,) = queue.add(f"version:{version}", to=tmp_path / "to")
    reports: list[modelshelf.DownloadsReport] = []
    thread = threading.Thread(target=lambda: reports.append(queue.run()))
    thread.start()
    end = time.monotonic() + 30
    while queue.list()[0].state != "running" and time.monotonic() < end:
        time.sleep(0.02)
    queue.pause(entry.id)
    thread.join(60)
    assert not thread.is_alive() and reports[0].downloads == [] and queue.list()[0].state == "paused"
    service.behave()
    queue.resume(entry.id)
    assert Path(queue.run().downloads[0]).read_bytes() == data
