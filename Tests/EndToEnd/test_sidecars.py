"""A machine that is new every time: what the sidecars beside the models carry, and whom they are believed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from harness import small_files

from modelshelf.testing.library import make_sample

AS_USER = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)


def sidecar(model: Any) -> Path:
    return Path(f"{os.fspath(model)}.metadata.json")


def asked(service: Any) -> int:
    return len(service.requests())


def without(record: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key not in keys}


def test_a_new_machine_hashes_nothing_and_asks_nothing(folder: Path, serve, program) -> None:
    make_sample(folder)
    service = serve(unknown=["*unknown*"])
    first = program(service)
    line = ("scan", "--json", folder, "--sidecars", "server")
    # Two files of the sample are no whole models, which the status says.
    report = first.run(*line, "--previews").json
    assert len(report["failed"]) == 2, report
    assert report["bytes_hashed"] > 0 and report["identified"] > 0 and report["previews"] > 0
    models = first.records()
    path = next(path for path, record in sorted(models.items()) if record["civitai"]["status"] == "found")
    first.ok("tag", path, "+mine", "+zwei")
    first.ok("set", path, "notes=good", "favorite=true", "base_model=Pony", "rating=5")
    written = first.run(*line).json
    assert (written["sidecars"], written["bytes_hashed"]) == (1, 0)
    assert first.run(*line).json["sidecars"] == 0
    expected = first.records()
    before = asked(service)

    shutil.rmtree(first.home)
    again = program(service, home=first.home)
    report = again.run(*line).json
    hashed = {record["hashes"]["sha256"] for record in expected.values()} - {None}
    assert (report["bytes_hashed"], report["hashed"], report["requests"]) == (0, 0, 0), report
    assert asked(service) == before
    assert report["adopted"] >= len(hashed) > 10
    assert report["sidecars"] == 0, "nothing was new to the sidecars"
    assert again.records() == expected
    record = again.info(path)
    assert record["user"] == {"tags": ["mine", "zwei"], "notes": "good", "favorite": True, "fields": {"rating": "5"}}
    assert (record["base_model"], record["sources"]["base_model"]) == ("Pony", "user")

    # Whether it is true is found out by hashing, and then it is known.
    (adopted,) = again.query("SELECT count(*) FROM content WHERE adopted")[0]
    assert adopted == len(hashed)
    verified = again.ok("verify", "--adopted", "--json").json
    assert verified["ok"] == report["adopted"] and verified["bytes_hashed"] > 0
    assert again.query("SELECT count(*) FROM content WHERE adopted") == [(0,)]
    assert again.ok("verify", "--adopted", "--json").json["ok"] == 0
    assert again.records() == expected
    again.assert_sound()


def test_another_model_of_the_same_size_and_time_is_noticed(folder: Path, serve, program) -> None:
    small_files(folder, 6)
    service = serve()
    first = program(service)
    first.scan(folder, "--sidecars", "server")
    expected = first.records()
    one, other = sorted(expected)[:2]
    status = os.stat(one)
    Path(one).write_bytes(Path(other).read_bytes()[:-8] + b"replaced")
    os.utime(one, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert os.stat(one).st_size == status.st_size

    new = program(service)
    report = new.scan(folder, "--sidecars", "server")
    assert (report["adopted"], report["hashed"]) == (5, 1)
    record = new.info(one)
    assert record["hashes"]["sha256"] != expected[one]["hashes"]["sha256"]
    assert record["civitai"]["status"] != "found" or record["civitai"] != expected[one]["civitai"]
    # Its sidecar tells the truth again.
    document = json.loads(sidecar(one).read_text())
    assert document["hash_sha256"] == record["hashes"]["sha256"].upper()
    assert document["modelshelf"]["digests"]["sha256"] == record["hashes"]["sha256"]


@pytest.mark.parametrize("change", ["mtime", "size", "force", "later"])
def test_what_does_not_fit_is_hashed(folder: Path, program, change: str) -> None:
    small_files(folder, 2)
    program().scan(folder, "--sidecars", "server", "--no-lookup")
    model = sorted(folder.rglob("*.safetensors"))[0]
    small_files(folder / "larger", 1 if change == "size" else 0, size=8192)
    status = model.stat()
    if change == "mtime":
        os.utime(model, ns=(status.st_atime_ns, status.st_mtime_ns - 5 * 10**9))
    elif change == "size":
        model.write_bytes(sorted((folder / "larger").rglob("*.safetensors"))[0].read_bytes())
        os.utime(model, ns=(status.st_atime_ns, status.st_mtime_ns))
        shutil.rmtree(folder / "larger")
    elif change == "later":
        # Told to look at headers only, and then to hash: sidecars are looked at then too.
        new = program()
        assert new.scan(folder, "--no-hash", "--no-lookup")["hashed"] == 0
        assert new.scan(folder, "--sidecars", "server", "--no-lookup")["adopted"] == 2
        return
    report = program().scan(folder, "--sidecars", "server", "--no-lookup", *(["--force"] if change == "force" else []))
    assert report["hashed"] == (2 if change == "force" else 1)
    assert report["adopted"] == 2 - report["hashed"]


def test_times_that_a_drive_has_cut_are_believed(folder: Path, program) -> None:
    small_files(folder, 3)
    program().scan(folder, "--sidecars", "server", "--no-lookup")
    for number, model in enumerate(sorted(folder.rglob("*.safetensors"))):
        grain = (1_000_000, 10**9, 2 * 10**9)[number]
        time = model.stat().st_mtime_ns // grain * grain
        os.utime(model, ns=(time, time))
    report = program().scan(folder, "--sidecars", "server", "--no-lookup")
    assert (report["adopted"], report["hashed"]) == (3, 0)


def test_a_lie_is_found_out_by_verify(folder: Path, program) -> None:
    small_files(folder, 3)
    program().scan(folder, "--sidecars", "server", "--no-lookup")
    liar, victim, _ = sorted(folder.rglob("*.safetensors"))
    document = json.loads(sidecar(liar).read_text())
    truth = document["modelshelf"]["digests"]["sha256"]
    # Of a file that is known here: refused at once.
    document["modelshelf"]["digests"]["sha256"] = json.loads(sidecar(victim).read_text())["modelshelf"]["digests"]["sha256"]
    sidecar(liar).write_text(json.dumps(document))
    shelf = program()
    shelf.scan(victim, "--sidecars", "server", "--no-lookup")
    report = shelf.scan(folder, "--sidecars", "server", "--no-lookup")
    assert shelf.info(liar)["hashes"]["sha256"] == truth
    assert shelf.info(liar)["duplicates"] == []
    assert report["hashed"] == 1
    # Of a file that nobody knows: believed until it is verified.
    sidecar(liar).write_text(json.dumps(document))
    document["modelshelf"]["digests"]["sha256"] = "ab" * 32
    sidecar(liar).write_text(json.dumps(document))
    new = program()
    assert new.scan(folder, "--sidecars", "server", "--no-lookup")["adopted"] == 3
    assert new.info(liar)["hashes"]["sha256"] == "ab" * 32
    answer = new.run("verify", "--json")
    assert answer.status == 1, answer
    (finding,) = answer.json["changed"]
    assert (finding["path"], finding["expected"], finding["found"]) == (str(liar), "ab" * 32, truth)
    assert new.info(liar)["hashes"]["sha256"] == truth
    assert new.ok("verify", "--json").json["ok"] == 3
    new.assert_sound()


def test_verify_finds_damage_and_absence(folder: Path, program) -> None:
    small_files(folder, 4)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    damaged, changed, missing, _ = sorted(folder.rglob("*.safetensors"))
    status = damaged.stat()
    content = bytearray(damaged.read_bytes())
    content[-1] ^= 1
    damaged.write_bytes(content)
    os.utime(damaged, ns=(status.st_atime_ns, status.st_mtime_ns))
    changed.write_bytes(changed.read_bytes() + b"x")
    missing.unlink()
    answer = shelf.run("verify", "--json")
    assert answer.status == 1
    report = answer.json
    assert report["ok"] == 1
    assert {key: [each["path"] for each in report[key]] for key in ("damaged", "changed", "missing")} == {
        "damaged": [str(damaged)],
        "changed": [str(changed)],
        "missing": [str(missing)],
    }
    assert shelf.ok("verify", "--json", sorted(folder.rglob("*.safetensors"))[-1]).json["ok"] == 1


HOSTILE = {
    "damaged": b'{"modelshelf": ',
    "deep": b'{"modelshelf": ' + b"[" * 500_000,
    "huge": None,
    "strange": json.dumps({"modelshelf": {"schema": 1, "size": -1, "sample": [], "digests": 7, "user": []}}).encode(),
    "types": json.dumps({"trigger_words": {"a": 1}, "tags": 7, "notes": ["x"], "favorite": "yes", "base_model": 3}).encode(),
    "latin": b'{"notes": "\xe9"}',
    "empty": b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_bad_sidecar_costs_nothing_else(folder: Path, program, kind: str) -> None:
    small_files(folder, 3)
    model = sorted(folder.rglob("*.safetensors"))[0]
    content = HOSTILE[kind]
    if content is None:
        with open(sidecar(model), "wb") as file:
            file.truncate(20 << 20)
    else:
        sidecar(model).write_bytes(content)
    shelf = program()
    report = shelf.scan(folder, "--sidecars", "server", "--no-lookup")
    assert (report["files"], report["hashed"], report["failed"]) == (3, 3, [])
    assert shelf.info(model)["user"] == {"tags": [], "notes": "", "favorite": False, "fields": {}}
    if kind in ("damaged", "deep", "latin", "empty"):
        assert Path(f"{sidecar(model)}.corrupt").read_bytes() == content
        assert "damaged" in " ".join(report["warnings"])
        assert json.loads(sidecar(model).read_text())["hash_type"] == "AUTOV2"
    elif kind == "huge":
        assert sidecar(model).stat().st_size == 20 << 20
        assert "MiB" in " ".join(report["warnings"])
    else:
        assert report["warnings"] == []
    assert shelf.scan(folder, "--sidecars", "server", "--no-lookup")["sidecars"] == 0


def test_the_note_of_a_later_version_is_left_alone(folder: Path, program) -> None:
    small_files(folder, 2)
    program().scan(folder, "--sidecars", "server", "--no-lookup")
    model = sorted(folder.rglob("*.safetensors"))[0]
    document = json.loads(sidecar(model).read_text())
    document["modelshelf"] = {**document["modelshelf"], "schema": 99, "news": [1]}
    del document["hash_sha256"]
    document["notes"] = "said there"
    sidecar(model).write_text(json.dumps(document))
    shelf = program()
    report = shelf.scan(folder, "--sidecars", "server", "--no-lookup")
    assert (report["adopted"], report["hashed"], report["sidecars"]) == (1, 1, 1)
    assert "later version" in " ".join(report["warnings"])
    after = json.loads(sidecar(model).read_text())
    assert after["modelshelf"] == document["modelshelf"] and "hash_sha256" in after
    assert shelf.info(model)["user"]["notes"] == "said there"
    assert shelf.scan(folder, "--sidecars", "server", "--no-lookup")["sidecars"] == 0


def test_what_others_change_is_taken_in_and_stays(folder: Path, serve, program) -> None:
    small_files(folder, 2)
    service = serve()
    shelf = program(service)
    shelf.scan(folder, "--sidecars", "server")
    model = sorted(folder.rglob("*.safetensors"))[0]
    ours = json.loads(sidecar(model).read_text())
    assert ours["civitai_model_id"] == shelf.info(model)["civitai"]["model_id"]
    theirs = {**ours, "trigger_words": ["theirs"], "notes": "said elsewhere", "tags": ["t"], "weight": 0.5}
    del theirs["civitai_name"]
    sidecar(model).write_text(json.dumps(theirs))
    report = shelf.scan(folder, "--sidecars", "server")
    assert report["requests"] == 0
    record = shelf.info(model)
    assert (record["user"]["notes"], record["user"]["tags"]) == ("said elsewhere", ["t"])
    assert record["sources"]["trigger_words"] == "civitai", "Civitai's words count more than a sidecar's"
    after = json.loads(sidecar(model).read_text())
    assert without(after, "last_updated", "modelshelf") == without(theirs, "last_updated", "modelshelf")
    # The user has the last word in the record, and both are there.
    shelf.ok("set", model, "notes=mine")
    shelf.ok("sidecars", "write", model)
    assert shelf.info(model)["user"]["notes"] == "mine"
    assert json.loads(sidecar(model).read_text())["notes"] == "said elsewhere"
    # What is taken out of the file is taken back.
    sidecar(model).write_text(json.dumps(without(theirs, "tags", "notes")))
    assert shelf.ok("sidecars", "read", "--json").json["written"] == 0
    assert shelf.info(model)["user"]["tags"] == []


def test_two_machines_share_what_the_user_says(folder: Path, program) -> None:
    small_files(folder, 1)
    (model,) = folder.rglob("*.safetensors")
    one, other = program(), program()
    one.scan(folder, "--sidecars", "server", "--no-lookup")
    other.scan(folder, "--sidecars", "server", "--no-lookup")
    one.ok("set", model, "notes=one")
    one.ok("tag", model, "+a")
    one.ok("sidecars", "write")
    other.ok("sidecars", "write")
    assert (other.info(model)["user"]["notes"], other.info(model)["user"]["tags"]) == ("one", ["a"])
    other.ok("set", model, "notes=other")
    other.ok("sidecars", "write")
    one.ok("sidecars", "read")
    assert one.info(model)["user"]["notes"] == "other"


def test_read_only_folders_are_gathered(folder: Path, tmp_path: Path, program) -> None:
    small_files(folder / "a", 1)
    small_files(folder / "b", 1, seed=1)
    models = sorted(folder.rglob("*.safetensors"))
    assert len({model.name for model in models}) == 1
    gathered = tmp_path / "gathered"
    shelf = program()
    try:
        for model in models:
            model.parent.chmod(0o555)
        refused = shelf.ok("scan", folder, "--sidecars", "server", "--no-lookup", "--json", prefix=AS_USER).json
        assert (refused["hashed"], refused["sidecars"], refused["failed"]) == (2, 0, [])
        assert "could not be written" in " ".join(refused["warnings"])
        options = ("--sidecars", "server", "--metadata-dir", gathered, "--no-lookup", "--json")
        assert shelf.ok("scan", folder, *options, prefix=AS_USER).json["sidecars"] == 2
        for model in models:
            assert (gathered / str(model.parent).lstrip("/") / f"{model.name}.metadata.json").exists()
            assert not sidecar(model).exists()
        report = program().ok("scan", folder, *options, prefix=AS_USER).json
        assert (report["adopted"], report["hashed"]) == (2, 0)
    finally:
        for model in models:
            model.parent.chmod(0o755)


def test_wrong_use_is_said(folder: Path, program) -> None:
    shelf = program()
    for line in (
        ["scan", folder, "--sidecars", "nonsense"],
        ["scan", folder, "--metadata-dir", "x"],
        ["sidecars", "copy"],
        ["sidecars", "write", "--format", "server,"],
    ):
        answer = shelf.run(*line, "--json")
        assert (answer.status, answer.code) == (2, "usage"), answer
    assert shelf.run("sidecars", "write", "nothing", "--json").status == 3


def test_killed_while_writing_sidecars(folder: Path, program) -> None:
    small_files(folder, 300)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    killed = 0
    for attempt in range(6):
        run = shelf.start("sidecars", "write")
        try:
            run.wait(0.03 * (attempt + 1))
        except subprocess.TimeoutExpired:
            run.kill()
            killed += 1
        run.communicate()
        for path in folder.rglob("*.metadata.json"):
            assert json.loads(path.read_text())["hash_type"] == "AUTOV2"
    assert killed > 0
    shelf.ok("sidecars", "write")
    assert len(list(folder.rglob("*.metadata.json"))) == 300
    assert list(folder.rglob("*.tmp")) == []
    assert program().scan(folder, "--sidecars", "server", "--no-lookup")["adopted"] == 300
