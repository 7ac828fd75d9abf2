"""Previews: a picture of what it says it is, as mild as was asked for, beside the model."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from fetching import TOKEN

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 40
WEBP = b"RIFF\x20\0\0\0WEBPVP8 " + b"\0" * 40
GIF = b"GIF89a" + b"\0" * 40
AVIF = b"\0\0\0\x20ftypmif1\0\0\0\0mif1avif" + b"\0" * 40
MP4 = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2" + b"\0" * 40
HTML = b"<!DOCTYPE html><html><body>log in</body></html>"
SMALL = "LoRA/small.safetensors"


@pytest.fixture
def scanned(library: Path, change: Any, serve: Any, shelf: Any, tmp_path: Path) -> Any:
    """A library of one file that is identified, whose version has such pictures."""

    def start(images: list[dict[str, Any]] | None, **options: Any) -> tuple[Any, Any, Path]:
        if images is not None:
            change(SMALL, version={"images": images})
        models = tmp_path / "models"
        models.mkdir()
        path = models / "x.safetensors"
        path.write_bytes((library / SMALL).read_bytes())
        service = serve(**options)
        command = shelf(service)
        assert command.run("scan", models).status == 0
        return service, command, path

    return start


def test_the_true_type_counts(scanned: Any) -> None:
    service, command, path = scanned([{"nsfwLevel": 1}])
    run = command.run("preview", path, "--json")
    assert run.status == 0, run.out
    (preview,) = run.json["previews"]
    assert preview["path"] == os.fspath(path.with_name("x.preview.png")) and ".jpeg" in preview["url"]
    assert Path(preview["path"]).read_bytes().startswith(b"\x89PNG")
    assert "/width=450,optimized=true/" in preview["url"] and (preview["type"], preview["nsfw_level"]) == ("image", 1)
    asked = [entry for entry in service.requests() if entry["route"] == "GET image"]
    assert len(asked) == 1 and not asked[0]["authorization"] and TOKEN not in json.dumps(asked)
    record = command.run("info", path, "--json", "--offline").json
    assert record["preview"] == {key: preview[key] for key in ("path", "url", "type", "nsfw_level")}
    assert not [entry for entry in path.parent.iterdir() if entry.name.startswith(".")]


def test_a_still_of_a_video(scanned: Any) -> None:
    service, command, path = scanned([{"type": "video", "nsfwLevel": 1}])
    (preview,) = command.run("preview", path, "--json").json["previews"]
    assert "/anim=false,transcode=true,width=450,optimized=true/" in preview["url"] and preview["type"] == "video"
    assert Path(preview["path"]).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("width", "kept"), [(1, 96), (97, 320), (450, 450), (451, 512), (1601, 2200), (9000, 2200)])
def test_widths_are_those_that_are_kept(scanned: Any, width: int, kept: int) -> None:
    _, command, path = scanned([{"nsfwLevel": 1}])
    (preview,) = command.run("preview", path, "--width", str(width), "--json").json["previews"]
    assert f"/width={kept}," in preview["url"]


LEVELS = [{"nsfwLevel": level, "id": level} for level in (0, 32, 16, 8, 4, 2, 1)]


@pytest.mark.parametrize(("level", "first"), [(None, 2), ("pg", 1), ("pg13", 2), ("r", 4), ("x", 8), ("xxx", 16)])
def test_levels(scanned: Any, level: str | None, first: int) -> None:
    _, command, path = scanned(LEVELS)
    words = ["--max-level", level] if level else []
    (preview,) = command.run("preview", path, "--json", *words).json["previews"]
    assert preview["nsfw_level"] == first


def test_nothing_within_the_level(scanned: Any) -> None:
    service, command, path = scanned(LEVELS[:4])
    run = command.run("preview", path, "--json")
    assert run.status == 0 and run.json["previews"] == []
    assert "pictures is within pg13" in run.json["skipped"][0]["reason"]
    assert not [entry for entry in service.requests() if entry["route"] == "GET image"]


@pytest.mark.parametrize(
    ("body", "ending"), [(PNG, "png"), (JPEG, "jpg"), (WEBP, "webp"), (GIF, "gif"), (AVIF, "avif")]
)
def test_every_kind_of_picture(scanned: Any, site: Any, body: bytes, ending: str) -> None:
    site.answers["/x.jpeg"] = (200, {"Content-Type": "image/jpeg"}, body)
    _, command, path = scanned([{"nsfwLevel": 1, "url": f"{site.url}/x.jpeg"}])
    (preview,) = command.run("preview", path, "--json").json["previews"]
    assert Path(preview["path"]).name == f"x.preview.{ending}" and Path(preview["path"]).read_bytes() == body
    assert all("authorization" not in headers for _, headers in site.asked)


@pytest.mark.parametrize("body", [HTML, MP4, b"", b"{}"], ids=["page", "video", "nothing", "document"])
def test_what_is_no_picture(scanned: Any, site: Any, body: bytes) -> None:
    site.answers["/x.png"] = (200, {"Content-Type": "image/png"}, body)
    _, command, path = scanned([{"nsfwLevel": 1, "url": f"{site.url}/x.png"}])
    run = command.run("preview", path, "--json")
    assert run.status == 1 and run.json["previews"] == [] and run.json["skipped"][0]["code"]
    assert [entry.name for entry in path.parent.iterdir()] == ["x.safetensors"]


def test_the_next_picture_when_one_is_broken(scanned: Any, site: Any) -> None:
    site.answers["/a.png"] = (200, {}, HTML)
    site.answers["/b.png"] = (200, {}, WEBP)
    _, command, path = scanned([{"nsfwLevel": 1, "url": f"{site.url}/{name}.png"} for name in "ab"])
    (preview,) = command.run("preview", path, "--json").json["previews"]
    assert preview["path"].endswith("x.preview.webp")


def test_an_oversized_picture(scanned: Any, site: Any) -> None:
    site.answers["/x.png"] = (200, {}, PNG + b"\0" * (33 << 20))
    _, command, path = scanned([{"nsfwLevel": 1, "url": f"{site.url}/x.png"}])
    run = command.run("preview", path, "--json")
    assert run.json["skipped"][0]["code"] == "too_large" and not list(path.parent.glob("*preview*"))


def test_what_is_there_is_kept(scanned: Any) -> None:
    _, command, path = scanned([{"nsfwLevel": 1}])
    mine = path.with_name("x.png")
    mine.write_bytes(b"my own")
    run = command.run("preview", path, "--refresh", "--json")
    assert run.json["previews"] == [] and run.json["skipped"][0]["reason"] == "it has a preview"
    assert mine.read_bytes() == b"my own"
    mine.unlink()
    assert len(command.run("preview", path, "--json").json["previews"]) == 1
    assert command.run("preview", path, "--json").json["previews"] == []
    assert len(command.run("preview", path, "--refresh", "--width", "96", "--json").json["previews"]) == 1


def test_all_pictures_of_one_model(scanned: Any) -> None:
    _, command, path = scanned(LEVELS)
    names = [Path(entry["path"]).name for entry in command.run("preview", path, "--all", "--json").json["previews"]]
    assert names == ["x.preview.2.png", "x.preview.png"]


def test_the_whole_library(scanned: Any) -> None:
    _, command, path = scanned([{"nsfwLevel": 1}])
    assert len(command.run("preview", "--all", "--json").json["previews"]) == 1
    assert command.run("preview").status == 2


def test_with_a_scan(scanned: Any) -> None:
    _, command, path = scanned([{"nsfwLevel": 1}])
    run = command.run("scan", path.parent, "--previews", "--json")
    assert run.status == 0 and run.json["previews"] == 1 and path.with_name("x.preview.png").exists()
    assert command.run("scan", path.parent, "--previews", "--json").json["previews"] == 0


def test_with_a_download(change: Any, serve: Any, shelf: Any, to: Path) -> None:
    change(SMALL, version={"images": [{"nsfwLevel": 1}]})
    run = shelf(serve()).download("version:11", to, "--previews")
    assert run.json["model"]["preview"]["path"] == os.fspath(to / "small.preview.png")


def test_a_busy_image_service(scanned: Any) -> None:
    service, command, path = scanned([{"nsfwLevel": 1}])
    service.misbehave("cycle=503,reset,truncate:origin=storage:times=3")
    assert len(command.run("preview", path, "--json").json["previews"]) == 1


def test_not_identified(shelf: Any, serve: Any, tmp_path: Path) -> None:
    command = shelf(serve())
    path = tmp_path / "own" / "mine.safetensors"
    path.parent.mkdir()
    path.write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    command.run("scan", path.parent)
    run = command.run("preview", path, "--json")
    assert run.json["skipped"][0]["reason"] == "it is not identified on Civitai"
    assert command.run("preview", "nosuch", "--json").status == 3
