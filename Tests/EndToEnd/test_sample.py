"""The sample library: what headers tell, what the service adds, and how both are found again."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import PATIENCE, Program

from modelshelf.testing.civitai import CivitaiStandIn
from modelshelf.testing.library import make_sample

DREAMY = "SD/dreamyXL_v10 (fp16).safetensors"
INK = "LoRA/inkWash-000010.safetensors"
OWN = "LoRA/my own training, do not share.safetensors"
LANTERN = "LoRA/characters/lantern_keeper_xl.safetensors"


class Sample:
    """The library, the service that knows it, and the program that has scanned it."""

    def __init__(self, folder: Path, service: CivitaiStandIn, shelf: Program, manifest: dict[str, Any]) -> None:
        self.folder, self.service, self.shelf = folder, service, shelf
        self.entries: list[dict[str, Any]] = manifest["entries"]
        answer = shelf.run("scan", "--json", folder)
        assert answer.status == 1, answer
        self.report = answer.json

    def path(self, name: str) -> Path:
        return self.folder / name

    def info(self, name: str) -> dict[str, Any]:
        return self.shelf.info(self.path(name))

    def found(self, *line: Any) -> set[str]:
        """Names below the folder of what a list or a search gives."""
        page = self.shelf.ok(*line, "--json").json
        return {str(Path(record["path"]).relative_to(self.folder)) for record in page["models"]}

    def uploads(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.service.files() if row["path"] == str(self.path(name))]


@pytest.fixture
def sample(folder: Path, serve, program) -> Sample:
    manifest = make_sample(folder)
    service = serve()
    return Sample(folder, service, program(service), manifest)


def test_what_the_scan_says(sample: Sample) -> None:
    on_service = [entry for entry in sample.entries if entry["on_service"]]
    assert sample.report["files"] == len(sample.entries)
    assert sample.report["identified"] == len(on_service)
    assert sample.report["not_on_civitai"] == 1 and sample.report["pending"] == 0
    failed = {entry["path"]: entry["code"] for entry in sample.report["failed"]}
    assert failed == {str(sample.path(entry["path"])): entry["code"] for entry in sample.entries if entry["code"]}
    assert sample.info(OWN)["civitai"]["status"] == "not_found"


def test_inspect_says_what_the_manifest_says(sample: Sample) -> None:
    for entry in sample.entries:
        answer = sample.shelf.run("inspect", "--json", sample.path(entry["path"]))
        if entry["code"]:
            assert answer.status == 1, answer
            problems = [row["code"] for file in answer.json["files"] for row in file["problems"]]
            assert entry["code"] in problems + [row["code"] for row in answer.json["failed"]], answer
            continue
        assert answer.status == 0, answer
        file = answer.json["files"][0]
        assert file["size"] == entry["size"]
        if entry["architecture"]:
            assert file["type"] == entry["type"], entry["path"]
            # Folders of the training data may suggest more words than the first.
            assert file["trigger_words"][:1] == entry["trigger_words"][:1], entry["path"]
            assert file["safety"]["verdict"] == entry["safety"], entry["path"]


def test_records_say_what_the_manifest_says(sample: Sample) -> None:
    for entry in sample.entries:
        if entry["code"] or not entry["architecture"]:
            continue
        record = sample.info(entry["path"])
        got = (record["type"], record["architecture"], record["size"])
        assert got == (entry["type"], entry["architecture"], entry["size"]), entry["path"]
        # Which of the models of an architecture it is for may be Civitai's alone to tell.
        assert record["base_model"] in ({entry["base_model"]} if entry["on_service"] else {entry["base_model"], None})
        # So are words, where it knows any.
        words = record["civitai"]["trained_words"] or entry["trigger_words"]
        assert record["trigger_words"][: len(words)] == words, entry["path"]
    assert sample.info(INK)["training"]


def test_a_pickle_is_not_called_safe(sample: Sample) -> None:
    entry = next(entry for entry in sample.entries if entry["path"].endswith("mystery_style.pt"))
    path = sample.path(entry["path"])
    assert sample.info(entry["path"])["civitai"]["status"] == "found"
    for record in (sample.shelf.run("inspect", "--json", path).json["files"][0], sample.info(entry["path"])):
        assert record["safety"]["verdict"] == "unscanned", record["safety"]


def test_a_file_that_was_uploaded_twice(sample: Sample) -> None:
    """The version that was published first has it, as when the service itself is asked for one."""
    uploads = sample.uploads(INK)
    assert len(uploads) == 2
    record = sample.info(INK)["civitai"]
    assert record["version_name"] == "epoch 10" and record["model_name"] == "Ink Wash"
    assert sample.info(DREAMY)["civitai"]["version_name"] == "v10"
    assert sample.info(LANTERN)["civitai"]["creator"] == "Kaoru77"


def test_list_filters(sample: Sample) -> None:
    whole = {entry["path"] for entry in sample.entries}
    by_type: dict[str, set[str]] = {}
    for entry in sample.entries:
        if entry["architecture"]:
            by_type.setdefault(entry["type"], set()).add(entry["path"])
    # Of a broken file only so much is known as could be read of it.
    broken = {entry["path"] for entry in sample.entries if entry["code"]}
    assert sample.found("list") == whole
    assert sample.found("list", "--type", "LORA") - broken == by_type["LORA"]
    assert sample.found("list", "--type", "lora") - broken == by_type["LORA"]
    assert sample.found("list", "--type", "SD") - broken == by_type["Checkpoint"]
    assert sample.found("list", "--type", "unet") - broken == by_type.get("UNet", set())
    assert sample.found("list", "--type", "ti") >= by_type["TextualInversion"]
    sdxl = {entry["path"] for entry in sample.entries if entry["base_model"] == "SDXL 1.0"}
    assert sample.found("list", "--base-model", "SDXL 1.0") == sdxl
    assert sample.found("list", "--base-model", "sdxl 1.0", "--type", "lora") == sdxl & by_type["LORA"]
    assert sample.found("list", "--missing-metadata") == broken | {OWN}
    sample.shelf.ok("set", sample.path(OWN), "favorite=true", "tags=family")
    assert sample.found("list", "--favorite") == sample.found("list", "--tag", "family") == {OWN}
    assert sample.found("list", "--tag", "FAMILY") == {OWN}
    tags = sample.info(LANTERN)["civitai"]["tags"]
    assert LANTERN in sample.found("list", "--tag", tags[0])


def test_list_orders_and_pages(sample: Sample) -> None:
    def names(*line: str) -> list[str]:
        return [record["path"] for record in sample.shelf.ok("list", "--json", *line).json["models"]]

    everything = names("--sort", "name")
    assert len(everything) == len(sample.entries)
    for order in ("name", "size", "modified", "added", "type", "base_model"):
        assert sorted(names("--sort", order)) == sorted(everything)
        pages = [names("--sort", order, "--limit", "4", "--offset", str(start)) for start in (0, 4, 8, 12)]
        assert sum(pages, []) == names("--sort", order), order
    page = sample.shelf.ok("list", "--json", "--limit", "2").json
    assert len(page["models"]) == 2 and page["total"] == len(sample.entries)
    sizes = [record["size"] for record in sample.shelf.ok("list", "--json", "--sort", "size").json["models"]]
    assert sizes in (sorted(sizes), sorted(sizes, reverse=True))


def test_search(sample: Sample) -> None:
    assert sample.found("search", "lantern") == {LANTERN}
    assert sample.found("search", "lantern keep") == {LANTERN}
    assert sample.found("search", "LANTERN", "--type", "Checkpoint") == set()
    assert sample.found("search", "inkwash") >= {INK}
    assert sample.found("search", "grandma") == {OWN}
    assert sample.found("search", "nothing of the kind") == set()
    sample.shelf.ok("set", sample.path(DREAMY), "notes=wonderful skies")
    assert sample.found("search", "skies") == {DREAMY}
    for odd in ('"', "*", "a OR", "NEAR(", "(", "'", "100%", "-", "^x", "col:x"):
        assert sample.shelf.run("search", "--json", odd).status == 0, odd


NAMES: dict[str, Callable[[dict[str, Any]], str]] = {
    "path": lambda record: record["path"],
    "file name": lambda record: Path(record["path"]).name,
    "stem": lambda record: Path(record["path"]).stem,
    "sha256": lambda record: record["hashes"]["sha256"],
    "SHA256": lambda record: record["hashes"]["sha256"].upper(),
    "autov2": lambda record: record["hashes"]["autov2"].lower(),
    "autov3": lambda record: record["hashes"]["autov3"],
    "tensors": lambda record: record["hashes"]["tensor_sha256"],
    "crc32": lambda record: record["hashes"]["crc32_civitai"],
    "model": lambda record: f"model:{record['civitai']['model_id']}",
    "version": lambda record: f"version:{record['civitai']['version_id']}",
    "url": lambda record: record["civitai"]["url"],
    "air": lambda record: record["civitai"]["air"],
    "page": lambda record: f"https://civitai.com/models/{record['civitai']['model_id']}/whatever",
}


def test_every_way_to_name_a_model(sample: Sample) -> None:
    record = sample.info(LANTERN)
    for kind, name in NAMES.items():
        answer = sample.shelf.run("info", "--json", name(record))
        assert answer.status == 0 and answer.json == record, (kind, name(record), answer)


def test_lookup_of_every_kind(sample: Sample) -> None:
    record = sample.info(LANTERN)
    upload = sample.uploads(LANTERN)[0]
    model, version = upload["modelId"], upload["modelVersionId"]
    before = sample.shelf.query("SELECT count(*), max(checked_at) FROM remote")
    hashes = upload["hashes"]
    queries = [
        hashes["SHA256"], hashes["SHA256"].lower(), hashes["AutoV2"], hashes["AutoV3"], hashes["AutoV3"].lower(),
        f"model:{model}", f"version:{version}", f"{model}@{version}", record["civitai"]["air"],
        f"https://civitai.com/models/{model}", f"https://civitai.com/models/{model}?modelVersionId={version}",
        f"https://civitai.com/models/{model}/lantern-keeper?modelVersionId={version}#files",
        f"civitai.com/models/{model}", f"https://civitai.com/api/download/models/{version}",
        f"https://civitai.com/api/v1/model-versions/{version}", f"https://civitai.red/models/{model}",
        f"https://www.civitai.com/model-versions/{version}",
    ]  # fmt: skip
    answer = sample.shelf.ok("lookup", "--json", *queries)
    results = answer.json["results"]
    assert [result["query"] for result in results] == queries
    for result in results:
        assert result["status"] == "found", result["query"]
        civitai = result["civitai"]
        assert (civitai["model_id"], civitai["version_id"]) == (model, version), result["query"]
        assert civitai["creator"] == "Kaoru77" and civitai["model_name"]
    # Eight digits collide: a hint, no identity (decision 15).
    short = [hashes[name] for name in ("AutoV1", "CRC32") if name in hashes]
    assert short
    for text in short:
        tentative = sample.shelf.run("lookup", "--json", text).json["results"][0]
        assert tentative["status"] == "ambiguous" and tentative["civitai"]["version_id"] == version
    # What is not there, alone and in company.
    assert sample.shelf.run("lookup", "--json", "ab" * 32).status == 3
    mixed = sample.shelf.run("lookup", "--json", hashes["SHA256"], "ab" * 32, "model:2147483000")
    assert [result["status"] for result in mixed.json["results"]] == ["found", "not_found", "not_found"]
    assert mixed.status == 1
    assert sample.shelf.query("SELECT count(*), max(checked_at) FROM remote") == before, "lookup stores nothing"


def test_many_hashes_are_one_question(sample: Sample) -> None:
    hashes = [row["hashes"]["SHA256"] for row in sample.service.files() if row["path"]]
    sample.service.reset()
    results = sample.shelf.ok("lookup", "--json", *hashes).json["results"]
    assert all(result["status"] == "found" for result in results)
    routes = sample.service.summary()["routes"]
    assert routes["POST /api/v1/model-versions/by-hash/ids"] == 1 and sum(routes.values()) <= 3


def test_hashes_are_the_service_s(sample: Sample) -> None:
    names = {"sha256": "SHA256", "autov1": "AutoV1", "autov2": "AutoV2", "autov3": "AutoV3", "crc32_civitai": "CRC32"}
    for row in sample.service.files():
        if not row["path"]:
            continue
        hashes = sample.shelf.ok("hash", "--json", "--algo", ",".join(names), row["path"]).json["files"][0]["hashes"]
        for mine, theirs in names.items():
            assert (hashes[mine] or "").upper() == row["hashes"].get(theirs, ""), (row["path"], mine)
        recorded = sample.shelf.info(row["path"])["hashes"]
        assert {name: recorded[name] for name in names} == hashes


def test_hash_and_check_speak_sha256sum(sample: Sample, tmp_path: Path) -> None:
    odd = sample.folder / "new\nline and \\ slash.safetensors"
    odd.write_bytes(sample.path(OWN).read_bytes())
    files = sorted(path for path in sample.folder.rglob("*.safetensors"))
    mine = sample.shelf.ok("hash", *files).out
    theirs = subprocess.run(["sha256sum", *files], capture_output=True, check=True, timeout=PATIENCE).stdout
    assert mine == theirs
    sums = tmp_path / "SHA256SUMS"
    sums.write_bytes(theirs)
    assert sample.shelf.ok("hash", "--check", sums).text.count(": OK") == len(files)
    checked = subprocess.run(["sha256sum", "--check", "--quiet", sums], capture_output=True, timeout=PATIENCE, check=False)
    assert checked.returncode == 0
    with open(files[0], "r+b") as file:
        file.seek(-1, 2)
        file.write(b"\xee")
    files[1].unlink()
    answer = sample.shelf.run("hash", "--check", sums)
    assert answer.status == 1
    assert answer.text.count(": FAILED") == 2 and answer.text.count(": OK") == len(files) - 2
    document = sample.shelf.run("hash", "--json", "--check", sums)
    assert document.status == 1 and isinstance(document.json, dict)
