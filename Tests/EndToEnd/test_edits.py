"""What the user says and corrects: it is kept through scans, refreshes, moves and edits of the file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from harness import BY_HASH, IDS, asked, settle, small_files, truth


def edit_header(path: Path, **metadata: str) -> None:
    """Write metadata into a file in place: another SHA-256, the same tensors."""
    data = path.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header.setdefault("__metadata__", {}).update(metadata)
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    settle([path])


def test_set_and_take_back(folder: Path, serve, program) -> None:
    path = small_files(folder, 3)[0]
    shelf = program(serve())
    shelf.scan(folder)
    plain = shelf.info(path)
    record = shelf.ok(
        "set", path, "notes=good at 0.7", "favorite=true", "tags=a,b c", "name=Mine", "type=locon",
        "base_model=Pony", "trigger_words=one, two", "rating=5", "--json",
    ).json  # fmt: skip
    assert record == shelf.info(path)
    assert record["user"] == {
        "tags": ["a", "b c"], "notes": "good at 0.7", "favorite": True, "fields": {"rating": record["user"]["fields"]["rating"]},
    }  # fmt: skip
    assert str(record["user"]["fields"]["rating"]) == "5"
    assert (record["name"], record["type"], record["base_model"]) == ("Mine", "LoCon", "Pony")
    assert record["trigger_words"] == ["one", "two"]
    for field in ("name", "type", "base_model", "trigger_words"):
        assert record["sources"][field] == "user"
    # An empty value takes it back.
    record = shelf.ok("set", path, *(f"{key}=" for key in "notes tags name type base_model trigger_words rating".split()),
                      "favorite=false", "--json").json  # fmt: skip
    assert record == plain


def test_tags(folder: Path, program) -> None:
    path = small_files(folder, 2)[0]
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    assert shelf.ok("tag", path, "+style", "+two words", "--json").json["user"]["tags"] == ["style", "two words"]
    assert shelf.ok("tag", path, "+Style", "-TWO WORDS", "--json").json["user"]["tags"] == ["style"]
    assert shelf.ok("list", "--json", "--tag", "style").json["total"] == 1
    assert shelf.ok("tag", path, "-style", "--json").json["user"]["tags"] == []
    assert shelf.ok("list", "--json", "--tag", "style").json["total"] == 0


def test_a_link_is_for_good(folder: Path, serve, program) -> None:
    files = small_files(folder, 4)
    service = serve()
    shelf = program(service)
    shelf.scan(folder)
    mine, other = shelf.info(files[0]), shelf.info(files[1])
    model, version = other["civitai"]["model_id"], other["civitai"]["version_id"]
    assert mine["civitai"]["model_id"] != model

    record = shelf.ok("link", files[0], f"{model}@{version}", "--json").json

    def assert_linked() -> None:
        record = shelf.info(files[0])
        assert (record["civitai"]["model_id"], record["civitai"]["version_id"]) == (model, version)
        assert record["civitai"]["matched_by"] == "user" and record["civitai"]["status"] == "found"
        assert record["civitai"]["model_name"] == other["civitai"]["model_name"]

    assert record == shelf.info(files[0])
    assert_linked()
    assert shelf.scan(folder, "--refresh")["identified"] == 4
    assert_linked()
    assert shelf.scan(folder, "--force")["bytes_hashed"] > 0
    assert_linked()
    moved = folder / "elsewhere.safetensors"
    files[0].rename(moved)
    assert shelf.scan(folder)["moved"] == 1
    files[0] = moved
    assert_linked()
    # The others are still what they are.
    known = truth(service)
    for path in files[1:]:
        record = shelf.info(path)
        assert (record["civitai"]["model_id"], record["civitai"]["version_id"]) == known[record["hashes"]["sha256"]]

    # Other ways to say it.
    third = shelf.info(files[2])["civitai"]
    for words in (third["air"], third["url"], f"version:{third['version_id']}", f"model:{third['model_id']}"):
        record = shelf.ok("link", files[3], words, "--json").json
        assert (record["civitai"]["model_id"], record["civitai"]["version_id"]) == (
            third["model_id"], third["version_id"],
        ), words  # fmt: skip
    missing = shelf.run("link", files[3], "1@2", "--json")
    assert (missing.status, missing.code) == (3, "not_found")


def test_an_unlink_is_for_good(folder: Path, serve, program) -> None:
    files = small_files(folder, 3)
    shelf = program(serve())
    shelf.scan(folder)
    record = shelf.ok("unlink", files[0], "--json").json
    for more in ((), ("--refresh",), ("--force",)):
        assert record["civitai"]["status"] == "not_found", more
        assert record["civitai"]["model_id"] is None and record["civitai"]["model_name"] is None
        report = shelf.scan(folder, *more)
        assert (report["identified"], report["not_on_civitai"], report["pending"]) == (2, 1, 0), more
        record = shelf.info(files[0])
    # A link takes it back.
    other = shelf.info(files[1])["civitai"]
    assert shelf.ok("link", files[0], f"{other['model_id']}@{other['version_id']}", "--json").json["civitai"][
        "version_id"
    ] == other["version_id"]  # fmt: skip


def test_edits_survive_an_edit_of_the_header(folder: Path, serve, program) -> None:
    """Another tool writes into the file's metadata: the same model, and everything said of it is kept."""
    files = small_files(folder, 3)
    service = serve(shutil.copytree(folder, folder.parent / "published"))
    shelf = program(service)
    shelf.scan(folder)
    shelf.ok("set", files[0], "notes=mine", "favorite=true", "mood=calm", "tags=one,two")
    other = shelf.info(files[2])["civitai"]
    shelf.ok("link", files[1], f"{other['model_id']}@{other['version_id']}")
    user, earlier = shelf.info(files[0])["user"], shelf.info(files[0])
    for path in files[:2]:
        edit_header(path, note="written by another tool")
    report = shelf.scan(folder)
    assert (report["changed"], report["new"], report["hashed"]) == (2, 0, 2)
    record = shelf.info(files[0])
    assert record["user"] == user
    assert record["hashes"]["sha256"] != earlier["hashes"]["sha256"]
    assert record["hashes"]["tensor_sha256"] == earlier["hashes"]["tensor_sha256"]
    assert record["civitai"]["version_id"] == earlier["civitai"]["version_id"]
    linked = shelf.info(files[1])["civitai"]
    assert (linked["version_id"], linked["matched_by"]) == (other["version_id"], "user")
    # The digest that it had before still finds it.
    assert shelf.info(earlier["hashes"]["sha256"])["path"] == str(files[0])
    # Moved after that, in one go with another edit of what the user says.
    moved = folder / "deep" / "er" / "x.safetensors"
    moved.parent.mkdir(parents=True)
    files[0].rename(moved)
    assert shelf.scan(folder)["moved"] == 1
    assert shelf.info(moved)["user"] == user


def test_found_by_its_tensors_alone(folder: Path, tmp_path: Path, serve, program) -> None:
    """The header was edited after the upload: SHA-256 finds nothing, AutoV3 does (decision 15)."""
    files = small_files(folder, 12)
    service = serve(shutil.copytree(folder, tmp_path / "published"))
    known = {Path(row["path"]).name: row["modelVersionId"] for row in service.files()}
    for path in files[:5]:
        edit_header(path, note=path.name)
    shelf = program(service)
    report = shelf.scan(folder)
    assert (report["identified"], report["not_on_civitai"], report["pending"]) == (12, 0, 0)
    for path in files:
        civitai = shelf.info(path)["civitai"]
        assert civitai["version_id"] == known[path.name]
        assert civitai["matched_by"] == ("autov3" if path in files[:5] else "sha256")
        assert civitai["creator"] and civitai["model_name"], "the details are there as well"
    # One batch, and one question for each of the leftovers.
    assert (asked(service, IDS), asked(service, BY_HASH)) == (1, 5)
    assert shelf.scan(folder)["requests"] == 0


def test_roots(folder: Path, tmp_path: Path, program) -> None:
    small_files(folder / "loras", 2)
    small_files(folder / "checkpoints", 3, seed=1)
    shelf = program()
    roots = shelf.ok("roots", "add", f"lora={folder / 'loras'}", folder / "checkpoints", "--json").json["roots"]
    assert {(root["path"], root["type"], root["state"]) for root in roots} == {
        (str(folder / "loras"), "LORA", "online"), (str(folder / "checkpoints"), None, "online"),
    }  # fmt: skip
    report = shelf.ok("scan", "--json", "--no-lookup").json
    assert report["files"] == 5
    roots = shelf.ok("roots", "--json").json["roots"]
    assert {Path(root["path"]).name: root["files"] for root in roots} == {"loras": 2, "checkpoints": 3}
    # A folder that is scanned is not registered by that.
    small_files(tmp_path / "once", 1, seed=2)
    shelf.scan(tmp_path / "once", "--no-lookup")
    assert len(shelf.ok("roots", "--json").json["roots"]) == 2
    # A root around others swallows them; nothing is scanned twice.
    shelf.ok("roots", "add", folder)
    assert shelf.ok("scan", "--json", "--no-lookup").json["unchanged"] == 5
    assert len(shelf.records()) == 6
    shelf.ok("roots", "remove", folder)
    assert str(folder) not in {root["path"] for root in shelf.ok("roots", "--json").json["roots"]}
    assert all(path.exists() for path in folder.rglob("*.safetensors"))
    assert shelf.run("roots", "remove", tmp_path / "never", "--json").status == 3
    assert shelf.run("roots", "add", tmp_path / "never", "--json").status == 3


def test_a_folder_around_a_registered_one(folder: Path, program) -> None:
    """No file ever has two places, and the nearest folder says what type its files are."""
    small_files(folder / "inner", 2)
    small_files(folder / "outer", 3, seed=1)
    shelf = program()
    shelf.ok("roots", "add", f"LoCon={folder / 'inner'}")
    shelf.ok("scan", "--no-lookup")
    shelf.ok("tag", folder / "inner/part-000/model-00000.safetensors", "+kept")
    report = shelf.scan(folder, "--no-lookup")
    assert (report["files"], report["new"], report["unchanged"], report["missing"]) == (5, 3, 2, 0)
    assert len(shelf.records()) == 5
    shelf.ok("roots", "add", f"DoRA={folder}")
    pickle = b"\x80\x04K\x01."  # says nothing of its type
    for place in ("inner", "outer"):
        (folder / place / "x.pt").write_bytes(pickle + place.encode())
    report = shelf.ok("scan", "--json", "--no-lookup").json
    assert (report["files"], report["new"], report["unchanged"], report["missing"]) == (7, 2, 5, 0)
    records = shelf.records()
    assert len(records) == 7
    assert records[str(folder / "inner/x.pt")]["type"] == "LoCon"
    assert records[str(folder / "outer/x.pt")]["type"] == "DoRA"
    # One of a folder's files is gone, in either: missing; the inner folder is gone: offline.
    (folder / "inner/x.pt").unlink()
    (folder / "outer/x.pt").unlink()
    assert shelf.scan(folder, "--no-lookup")["missing"] == 2
    (folder / "inner").rename(folder.parent / "unplugged")
    answer = shelf.run("scan", "--json", "--no-lookup", folder)
    assert [entry["code"] for entry in answer.json["failed"]] == ["offline_root"]
    assert answer.json["missing"] == 1
    (folder.parent / "unplugged").rename(folder / "inner")
    report = shelf.scan(folder, "--no-lookup")
    assert (report["unchanged"], report["new"], report["moved"]) == (5, 0, 0)
    assert shelf.info(folder / "inner/part-000/model-00000.safetensors")["user"]["tags"] == ["kept"]


@pytest.mark.parametrize("flag", [["--no-hash"], []])
def test_edits_before_hashing(folder: Path, program, flag: list[str]) -> None:
    """What is said of a file that has no digest yet is there when it has one (decision 5)."""
    path = small_files(folder, 2)[0]
    shelf = program()
    shelf.scan(folder, "--no-lookup", *flag)
    shelf.ok("set", path, "notes=early", "favorite=true")
    shelf.ok("tag", path, "+early")
    user = shelf.info(path)["user"]
    shelf.scan(folder, "--no-lookup")
    record = shelf.info(path)
    assert record["hashes"]["sha256"] and record["user"] == user


def test_values_of_copies_are_shared(folder: Path, program) -> None:
    files = small_files(folder, 2)
    copy = folder / "copy.safetensors"
    shutil.copy2(files[0], copy)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    shelf.ok("tag", files[0], "+here")
    assert shelf.info(copy)["user"]["tags"] == ["here"]
    # Two sets meet: tags are united.
    shelf.ok("tag", files[1], "+there")
    files[1].write_bytes(files[0].read_bytes())
    settle([files[1]])
    shelf.scan(folder, "--no-lookup")
    assert "here" in shelf.info(files[1])["user"]["tags"]
