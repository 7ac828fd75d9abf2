"""A thousand files: how many questions are asked, how many bytes are read, and what a move costs."""

from __future__ import annotations

from pathlib import Path

from harness import IDS, MODELS, asked, lasting, small_files, truth

COUNT = 1000


def test_a_thousand_files(folder: Path, serve, program) -> None:
    files = small_files(folder / "old", COUNT)
    total = sum(path.stat().st_size for path in files)
    service = serve()
    shelf = program(service)

    # The first scan asks once for the ids and a hundred models at a time for the details.
    report = shelf.scan(folder)
    assert report["files"] == report["new"] == report["hashed"] == report["identified"] == COUNT
    assert report["bytes_hashed"] == total
    assert report["pending"] == report["not_on_civitai"] == 0
    assert report["failed"] == [] and report["warnings"] == []
    assert asked(service, IDS) == 1
    assert asked(service, MODELS) <= 10
    assert service.summary()["total"] == report["requests"] == 1 + asked(service, MODELS)

    known = truth(service)
    before = shelf.records()
    assert len(before) == COUNT
    for record in before.values():
        assert (record["civitai"]["model_id"], record["civitai"]["version_id"]) == known[record["hashes"]["sha256"]]
        assert record["civitai"]["status"] == "found"

    # The second one asks nothing and reads nothing.
    service.reset()
    report = shelf.scan(folder)
    assert report["unchanged"] == report["identified"] == COUNT
    assert (report["new"], report["changed"], report["moved"], report["missing"]) == (0, 0, 0, 0)
    assert report["hashed"] == report["bytes_hashed"] == report["requests"] == 0
    assert service.summary()["total"] == 0

    # Half of them move to another folder, with what the user said of them.
    moving = files[::2]
    for path in moving[:20]:
        shelf.ok("tag", path, "+kept", f"+{path.stem}")
    shelf.ok("set", moving[0], "notes=good at 0.7", "favorite=true", "mood=calm")
    places: dict[Path, Path] = {}
    for path in moving:
        place = folder / "new" / path.parent.name / f"renamed-{path.name}"
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(place)
        places[path] = place
    report = shelf.scan(folder)
    assert report["moved"] == len(moving)
    assert report["unchanged"] == COUNT - len(moving)
    assert report["files"] == report["identified"] == COUNT
    assert report["bytes_hashed"] == report["hashed"] == report["missing"] == report["new"] == 0
    assert service.summary()["total"] == 0

    after = shelf.records()
    assert len(after) == COUNT
    for old, new in places.items():
        earlier, later = lasting(before[str(old)]), lasting(after[str(new)])
        assert later["hashes"] == earlier["hashes"] and later["civitai"] == earlier["civitai"]
        assert not later["missing"]
    for path in moving[:20]:
        assert after[str(places[path])]["user"]["tags"] == ["kept", path.stem]
    first = after[str(places[moving[0]])]["user"]
    assert (first["notes"], first["favorite"], first["fields"]) == ("good at 0.7", True, {"mood": "calm"})
    shelf.assert_sound()


def test_only_the_new_folder_is_scanned(folder: Path, serve, program) -> None:
    """A move is known as one also when the folder that was left is not looked at (decision 2)."""
    files = small_files(folder / "old", 20)
    shelf = program(serve())
    shelf.scan(folder / "old")
    (folder / "new").mkdir()
    for path in files[:10]:
        path.rename(folder / "new" / path.name)
    report = shelf.scan(folder / "new")
    assert (report["moved"], report["new"], report["bytes_hashed"]) == (10, 0, 0)
    report = shelf.scan(folder / "old")
    assert (report["unchanged"], report["missing"]) == (10, 0)


def test_copies_links_and_missing_files(folder: Path, serve, program) -> None:
    """What stays where it was has not moved: its twin is a copy or a link. What is gone is missing."""
    files = small_files(folder, 30)
    shelf = program(serve())
    shelf.scan(folder)
    twin = folder / "twin.safetensors"
    twin.write_bytes(files[0].read_bytes())
    (folder / "hard.safetensors").hardlink_to(files[1])
    (folder / "soft.safetensors").symlink_to(files[2])
    files[3].unlink()
    report = shelf.scan(folder)
    assert (report["moved"], report["missing"]) == (0, 1)
    assert (report["files"], report["new"], report["unchanged"]) == (30, 1, 29)
    assert report["identified"] == 30
    assert shelf.info(twin)["duplicates"] == [str(files[0])]
    assert shelf.info(twin)["civitai"]["status"] == "found"
    assert shelf.info(files[3])["missing"] is True
    report = shelf.scan(folder)
    assert (report["unchanged"], report["new"], report["bytes_hashed"]) == (30, 0, 0)
