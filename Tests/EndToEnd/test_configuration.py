"""config.toml and the roots' own settings: what holds where, and that digests of private folders never leave."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import Program, small_files

sys.path.insert(0, str(Path(__file__).parent / "watch"))
from watcher import Watcher  # noqa: E402


@pytest.fixture
def configured(program) -> Callable[..., Program]:
    """A program whose config.toml says so."""

    def make(service: Any = None, text: str = "") -> Program:
        shelf: Program = program(service)
        say(shelf, text)
        return shelf

    return make


def say(shelf: Program, text: str) -> None:
    shelf.home.mkdir(parents=True, exist_ok=True)
    (shelf.home / "config.toml").write_text(text)


def models(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.safetensors"))


def digests(service: Any) -> int:
    """How many digests the service was asked about."""
    return sum(entry["hashes"] or ("/by-hash/" in entry["path"]) for entry in service.requests() if entry["origin"] == "api")


def roots(shelf: Program) -> dict[str, dict[str, Any]]:
    return {root["path"]: root for root in shelf.ok("roots", "--json").json["roots"]}


def test_what_the_file_says_holds(folder: Path, tmp_path: Path, serve, configured) -> None:
    small_files(folder / "loras", 3)
    small_files(folder / "other", 2, seed=1)
    (folder / "loras" / "wip").mkdir()
    shutil.copy(models(folder / "loras")[0], folder / "loras" / "wip" / "copy.safetensors")
    service = serve()
    shelf = configured(
        service,
        f"""
        jobs = 1
        [[roots]]
        path = {json.dumps(str(folder / "loras"))}
        type = "LoCon"
        exclude = ["wip"]
        sidecars = ["server"]
        metadata_dir = "cards"
        [[roots]]
        path = '{folder / "other"}'
        previews = true
        max_level = "xxx"
        """,
    )
    report = shelf.ok("scan", "--json").json
    assert (report["files"], report["sidecars"], report["identified"]) == (5, 3, 5)
    assert report["previews"] == 2
    records = shelf.records()
    assert not any("wip" in path for path in records)
    cards = list((shelf.home / "cards").rglob("*.metadata.json"))
    assert len(cards) == 3 and not list(folder.rglob("*.metadata.json"))
    assert not [path for path in (folder / "loras").rglob("*.preview.*")]
    found = roots(shelf)[str(folder / "loras")]
    assert (found["type"], found["source"], found["exclude"], found["files"]) == ("LoCon", "configuration", ["wip"], 3)
    # What the command line says goes before it.
    small_files(folder / "loras" / "new", 1, seed=2)
    report = shelf.ok("scan", "--json", "--sidecars", "none", "--no-previews").json
    assert (report["new"], report["sidecars"], report["previews"]) == (1, 0, 0)
    assert shelf.ok("scan", "--json", "--metadata-dir", tmp_path / "here", "--sidecars", "server").json["sidecars"] == 6
    # A folder is named by hand all the same.
    assert shelf.scan(folder / "loras" / "wip")["files"] == 1
    # Out of the file, out of the list; what is known of its files stays.
    say(shelf, "")
    assert roots(shelf) == {} and shelf.run("scan").status == 2
    assert len(shelf.records()) == 7


def test_a_file_that_is_wrong_is_an_error_with_its_line(folder: Path, configured) -> None:
    small_files(folder, 1)
    shelf = configured(None, f"[[roots]]\npath = '{folder}'\nlookpu = false\n")
    for line in (["scan"], ["scan", folder], ["watch", folder], ["roots"], ["lookup", "a" * 64], ["sidecars", "write"]):
        answer = shelf.run(*line, "--json")
        assert (answer.status, answer.code) == (2, "usage"), answer
        error = answer.json["error"]
        assert error["message"].startswith("line 3: ") and error["hint"] == "did you mean 'lookup'?"
        assert error["path"] == str(shelf.home / "config.toml")
    assert shelf.run("list").status == 0
    checks = {check["name"]: check for check in shelf.run("doctor", "--json").json["checks"]}
    assert checks["configuration"]["status"] == "fail" and "line 3" in checks["configuration"]["detail"]
    say(shelf, f"jobs = 1\n[[roots]]\npath = '{folder}'\n")
    checks = {check["name"]: check for check in shelf.run("doctor", "--json").json["checks"]}
    assert checks["configuration"]["status"] == "ok" and "jobs = 1" in checks["configuration"]["detail"]


@pytest.mark.parametrize("kind", ["huge", "binary", "folder", "fifo", "deep"])
def test_a_hostile_file_is_harmless(folder: Path, configured, kind: str) -> None:
    shelf = configured()
    path = shelf.home / "config.toml"
    if kind == "huge":
        os.truncate(path, 1 << 30)
    elif kind == "binary":
        path.write_bytes(bytes(range(256)) * 100)
    elif kind == "deep":
        path.write_text("a = " + "[" * 1_000_000)
    else:
        path.unlink()
        path.mkdir() if kind == "folder" else os.mkfifo(path)
    answer = shelf.run("scan", folder, "--json")
    assert answer.status in (1, 2) and answer.json["error"]["path"] == str(path), answer


def private(shelf: Program, way: str, folder: Path) -> None:
    if way == "file":
        say(shelf, f"[[roots]]\npath = '{folder}'\nlookup = false\n")
    else:
        shelf.ok("roots", "add", folder, "--no-lookup")


@pytest.mark.parametrize("way", ["file", "command"])
def test_no_digest_of_a_private_folder_leaves(folder: Path, tmp_path: Path, serve, program, way: str) -> None:
    secret, public = folder / "secret", folder / "public"
    small_files(secret, 4)
    service = serve()
    shelf = program(service)
    private(shelf, way, secret)
    line = ("scan", "--json", "--lookup", "--previews", "--refresh")
    report = shelf.ok(*line).json
    assert (report["files"], report["hashed"], report["requests"], report["pending"]) == (4, 4, 0, 0)
    assert report["warnings"] == []
    # However it is named: a file, a folder below it, the folder above it, a link to it.
    (tmp_path / "link").symlink_to(secret)
    for place in (models(secret)[0], models(secret)[0].parent, folder, tmp_path / "link"):
        assert shelf.ok(*line, place).json["requests"] == 0, place
    # By its digests, by its path, and by whatever looks again.
    hashes = shelf.info(models(secret)[0])["hashes"]
    for query in (hashes["sha256"], hashes["autov2"], hashes["autov3"]):
        for words in (["lookup", query], ["download", query, "--to", tmp_path / "to"]):
            answer = shelf.run(*words, "--json")
            assert (answer.status, answer.code) == (2, "usage"), answer
            assert "lookup = false" in answer.json["error"]["message"]
    assert shelf.run("lookup", models(secret)[0], "--json").status == 2
    shelf.ok("verify", "--json")
    shelf.ok("preview", "--all", "--json")
    shelf.ok("sidecars", "write")
    assert service.requests() == []

    # The same bytes elsewhere, and the same tensors below another header, have the same digests.
    public.mkdir()
    small_files(public, 3, seed=9)
    shutil.copy(models(secret)[0], public / "copy.safetensors")
    data = models(secret)[1].read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = data[8 : 8 + length] + b" " * 8
    (public / "header.safetensors").write_bytes(len(header).to_bytes(8, "little") + header + data[8 + length :])
    report = shelf.scan(public)
    assert report["files"] == 5 and report["identified"] == 3, report
    assert {shelf.info(path)["civitai"]["status"] for path in (public / "copy.safetensors", public / "header.safetensors")} == {
        "pending"
    }
    # SHA-256 of three files, and nothing of the others; the stand-in knows them all.
    assert digests(service) == 3
    # Below a link from elsewhere lies the same folder.
    other = tmp_path / "other"
    other.mkdir()
    (other / "in").symlink_to(secret)
    fresh = program(service, home=tmp_path / "fresh")
    private(fresh, way, secret)
    service.reset()
    assert fresh.scan(other)["files"] == 4
    assert fresh.ok("scan", "--json").json["files"] == 4
    assert service.requests() == []
    # Taken back, it is asked about.
    if way == "file":
        say(shelf, "")
    else:
        shelf.ok("roots", "add", secret, "--lookup")
    assert shelf.scan(secret)["identified"] == 4
    assert digests(service) == 4


def test_a_watch_keeps_a_private_folder_to_itself(folder: Path, serve, configured) -> None:
    secret, public, wip = folder / "secret", folder / "public", folder / "public" / "wip"
    for path in (secret, wip):
        path.mkdir(parents=True)
    text = f"sidecars = ['server']\nexclude = ['wip']\n[[roots]]\npath = '{secret}'\nlookup = false\n"
    service = serve()
    shelf = configured(service, text + f"[[roots]]\npath = '{public}'\n[watch]\npoll = 1\n")
    watcher = Watcher(shelf)
    try:
        small_files(secret, 2)
        small_files(wip, 1, seed=2)
        small_files(public / "a", 2, seed=1)
        for path in models(public / "a"):
            watcher.wait_for("identified", path)
        for path in models(secret):
            watcher.wait_for("added", path)
        sidecars = [Path(f"{path}.metadata.json") for path in models(secret) + models(public / "a")]
        watcher.wait(lambda: all(path.exists() for path in sidecars))
        # Made private while it runs: what comes from now on is not asked about.
        say(shelf, text + f"[[roots]]\npath = '{public}'\nlookup = false\n")
        small_files(public / "b", 1, seed=3)
        watcher.wait_for("added", models(public / "b")[0])
        watcher.settle(4)
    finally:
        watcher.kill()
    said = {path for _, path in watcher.said()}
    assert not said & {str(path) for path in models(wip)}
    assert [path for kind, path in watcher.said() if kind == "identified"] != []
    assert digests(service) == 2, service.requests()


def test_a_download_follows_its_folder(folder: Path, tmp_path: Path, serve, configured) -> None:
    small_files(folder / "LoRA", 2)
    service = serve()
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    version = service.files()[0]["modelVersionId"]
    shelf = configured(service)
    kind = shelf.ok("lookup", f"version:{version}", "--json").json["results"][0]["civitai"]["type"]
    say(
        shelf,
        f"[download]\nconnections = 2\n[[roots]]\npath = '{one}'\ntype = '{kind}'\n"
        f"[[roots]]\npath = '{two}'\ntype = '{kind}'\ndefault = true\nsidecars = ['server']\npreviews = true\n"
        "lookup = false\nmax_level = 'xxx'\n",
    )
    report = shelf.ok("download", f"version:{version}", "--json").json
    path = Path(report["path"])
    assert path.parent == two and report["verified"] and report["model"]["civitai"]["version_id"] == version
    assert report["model"]["preview"] is not None and list(two.glob("*.preview.*"))
    card = json.loads(Path(f"{path}.metadata.json").read_text())
    assert card["civitai_version_id"] == version
    # It is known by what was asked for; its digest was not asked about, and is not when it is due again.
    assert digests(service) == 0
    assert shelf.ok("scan", "--json", "--refresh").json["requests"] == 0
    assert shelf.ok("download", f"version:{version}", "--to", one, "--no-previews", "--json").json["path"].startswith(str(one))
    assert not list(one.glob("*.preview.*")) and not list(one.glob("*.json"))


def test_roots_keep_what_is_said(folder: Path, tmp_path: Path, program) -> None:
    shelf = program()
    for name in ("a", "a/inner", "b"):
        (folder / name).mkdir()
    shelf.ok("roots", "add", folder / "a", "--type", "LORA", "--no-lookup", "--exclude", "*.bak", "--exclude", "wip/**")
    shelf.ok("roots", "add", folder / "a", "--sidecars", "server", "--metadata-dir", tmp_path / "cards", "--jobs", "2")
    found = roots(shelf)[str(folder / "a")]
    assert found == {
        "path": str(folder / "a"), "path_bytes": None, "type": "LORA", "state": "online", "files": 0, "source": "library",
        "exclude": ["*.bak", "wip/**"], "lookup": False, "previews": None, "max_level": None, "sidecars": ["server"],
        "metadata_dir": str(tmp_path / "cards"), "metadata_dir_bytes": None, "jobs": 2, "default": None,
    }  # fmt: skip
    assert "no lookup" in shelf.ok("roots").text
    # Inside of another one only what differs is worth a root.
    assert shelf.run("roots", "add", folder / "a" / "inner").status == 2
    shelf.ok("roots", "add", folder / "a" / "inner", "--exclude", "x")
    # The file decides about the folders that it names.
    say(shelf, f"[[roots]]\npath = '{folder / 'b'}'\n[[roots]]\npath = '{folder / 'a'}'\ntype = 'VAE'\nlookup = true\n")
    for line in (["add", folder / "b"], ["remove", folder / "b"]):
        answer = shelf.run("roots", *line, "--json")
        assert answer.status == 2 and "config.toml" in answer.json["error"]["hint"]
    found = roots(shelf)[str(folder / "a")]
    assert (found["type"], found["lookup"], found["jobs"]) == ("VAE", False, 2), "private once, private until it is taken back"
    shelf.ok("roots", "remove", folder / "a" / "inner")
    shelf.assert_sound()


def test_a_root_whose_disk_is_away_stays_private(folder: Path, tmp_path: Path, serve, configured) -> None:
    disk, link = tmp_path / "disk", tmp_path / "models-on-disk"
    small_files(disk, 2)
    link.symlink_to(disk)
    service = serve(disk)
    shelf = configured(service, f"[[roots]]\npath = '{link}'\nlookup = false\n")
    assert shelf.ok("scan", "--json").json["files"] == 2
    away = tmp_path / "away"
    disk.rename(away)
    answer = shelf.run("scan", "--json")
    assert answer.status == 1 and answer.json["failed"][0]["code"] == "offline_root"
    (root,) = roots(shelf).values()
    assert (root["path"], root["state"], root["lookup"]) == (str(disk), "offline", False)
    away.rename(disk)
    report = shelf.ok("scan", "--json").json
    assert (report["files"], report["unchanged"], report["requests"]) == (2, 2, 0)
    assert service.requests() == []


def test_import_of_comfyui(folder: Path, tmp_path: Path, program) -> None:
    shelf = program()
    for name in ("loras", "my checkpoints", "clip"):
        (folder / name).mkdir()
    file = tmp_path / "extra_model_paths.yaml"
    file.write_text(
        f"# paths\ncomfyui:\n    base_path: $WHERE\n    checkpoints: my checkpoints\n    loras: |\n        {folder}/loras\n"
        "        nowhere\n    clip: clip\n    custom_nodes: clip\n"
    )
    document = shelf.ok("roots", "import", file, "--dry-run", "--json", WHERE=str(folder)).json
    assert {Path(each["path"]).name: each["type"] for each in document["imported"]} == {
        "loras": "LORA", "my checkpoints": "Checkpoint", "clip": "TextEncoder",
    }  # fmt: skip
    assert sorted(each["reason"] for each in document["skipped"]) == ["a folder of this kind holds no models", "it is not there"]
    assert document["roots"] == []
    assert "not there" in shelf.ok("roots", "import", file, WHERE=str(folder)).err
    assert {Path(path).name: root["type"] for path, root in roots(shelf).items()} == {
        "loras": "LORA", "my checkpoints": "Checkpoint", "clip": "TextEncoder",
    }  # fmt: skip
    file.write_text("comfyui:\n    loras: [a, b]\n")
    answer = shelf.run("roots", "import", file, "--json")
    assert (answer.status, answer.code) == (2, "usage") and answer.json["error"]["message"].startswith("line 2: ")
    os.truncate(file, 1 << 30)
    assert shelf.run("roots", "import", file, "--json").code == "too_large"
    assert shelf.run("roots", "import", tmp_path / "none", "--json").status == 3
