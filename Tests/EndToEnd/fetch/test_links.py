"""Links as they are copied: of the further files of a version, and among others that lead nowhere."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from fetching import BINARY, model_bytes, sha256

LINK = "https://civitai.com/api/download/models/51"
NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def several(library: Path) -> Path:
    """A version with four files, and one that nobody has rated."""
    folder = library / "several"
    folder.mkdir()
    files = []
    for number, (name, kind, size, precision) in enumerate(
        [("pruned", "Model", "pruned", "fp16"), ("full", "Model", "full", "fp32"), ("vae", "VAE", "full", "fp32"),
         ("training", "Training Data", "full", "fp32")]
    ):
        (folder / f"{name}.safetensors").write_bytes(model_bytes(65536 * (number + 1), seed=50 + number))
        files.append({"id": 501 + number, "path": f"several/{name}.safetensors", "type": kind,
                      "metadata": {"format": "SafeTensor", "size": size, "fp": precision}})
    (folder / "unrated.safetensors").write_bytes(model_bytes(65536, seed=60))
    (folder / "nameless.safetensors").write_bytes(model_bytes(65536, seed=61))
    path = library / "catalogue.json"
    catalogue = json.loads(path.read_text())
    catalogue["models"] = [
        {"id": 50, "name": "Several", "type": "Checkpoint", "versions": [{"id": 51, "name": "v1", "files": files}]},
        {"id": 60, "name": "Unrated", "type": "LORA", "versions": [
            {"id": 61, "name": "v1", "nsfwLevel": 0, "files": [{"id": 601, "path": "several/unrated.safetensors"}]}]},
        {"id": 70, "name": "Nameless", "type": "LORA", "versions": [
            {"id": 71, "name": "v1", "files": [{"id": 701, "path": "several/nameless.safetensors", "name": ""}]}]},
    ]
    path.write_text(json.dumps(catalogue))
    return folder


@pytest.mark.parametrize(
    ("link", "name", "number"),
    [
        (f"{LINK}", "pruned", 501),
        (f"{LINK}?type=Model&format=SafeTensor", "pruned", 501),
        (f"{LINK}?type=Model&format=SafeTensor&size=full&fp=fp32", "full", 502),
        (f"{LINK}?size=full", "full", 502),
        (f"{LINK}?type=VAE", "vae", 503),
        (f"{LINK}?type=VAE&format=SafeTensor&size=full&fp=fp32", "vae", 503),
        (f"{LINK}?type=Training%20Data", "training", 504),
        ("https://civitai.com/api/download/training-data/51", "training", 504),
        (f"{LINK}?type=VAE&fileId=502", "full", 502),
    ],
)
def test_a_link_gives_the_file_that_it_describes(
    several: Path, serve: Any, shelf: Any, to: Path, link: str, name: str, number: int
) -> None:
    command = shelf(serve())
    run = command.download(link, to)
    assert run.status == 0, run.out + run.err
    assert run.json["sha256"] == sha256(several / f"{name}.safetensors") and run.json["verified"] is True
    asked = command.run("lookup", link, "--json").json["results"][0]
    assert asked["civitai"]["file_id"] == number


def test_a_link_to_a_file_that_the_version_has_not(several: Path, serve: Any, shelf: Any, to: Path) -> None:
    run = shelf(serve()).download(f"{LINK}?type=Model&format=PickleTensor", to)
    assert (run.status, run.code) == (3, "not_found") and "--file 503" in run.json["error"]["hint"]
    assert not to.exists() or not list(to.iterdir())


def test_a_record_without_a_name_still_gives_a_model(several: Path, serve: Any, shelf: Any, to: Path) -> None:
    run = shelf(serve()).download("version:71", to)
    assert run.status == 0 and Path(run.json["path"]).suffix == ".safetensors", run.out


def test_an_unrated_version_is_found_through_its_model(several: Path, serve: Any, shelf: Any) -> None:
    run = shelf(serve()).run("lookup", "https://civitai.com/models/60?modelVersionId=61", "--json")
    result = run.json["results"][0]
    assert run.status == 0 and result["status"] == "found" and result["civitai"]["version_id"] == 61, run.out


def test_digests_of_nothing_are_not_found(library: Path, serve: Any, shelf: Any) -> None:
    good = sha256(library / "LoRA/small.safetensors")
    run = shelf(serve()).run("lookup", good, NOTHING, "0" * 64, "--json")
    assert [each["status"] for each in run.json["results"]] == ["found", "not_found", "not_found"], run.out
    assert run.status == 1


def test_answers_are_kept_when_a_later_question_fails(library: Path, serve: Any, shelf: Any) -> None:
    service = serve(faults=["html:path=/api/v1/model-versions/22"])
    run = shelf(service).run("lookup", "version:11", "version:22", "model:1", "--json")
    assert [each["status"] for each in run.json["results"]] == ["found", "pending", "found"], run.out
    assert run.status == 4
    alone = shelf(service).run("lookup", "version:22", "--json")
    assert (alone.status, alone.code) == (4, "bad_response")


@pytest.mark.parametrize("words", [("--file", "5"), ("--type", "VAE")])
def test_hugging_face_has_nothing_to_choose(serve: Any, shelf: Any, to: Path, words: tuple[str, ...]) -> None:
    run = shelf(serve()).download("https://huggingface.co/a/b/blob/main/x.safetensors", to, *words)
    assert (run.status, run.code) == (2, "usage") and run.json["error"]["hint"]


def test_places_that_are_no_folder(library: Path, serve: Any, shelf: Any, tmp_path: Path) -> None:
    command = shelf(serve())
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    for place in ("file", "file/below", "nowhere", "nowhere/below/that"):
        run = command.download("version:11", tmp_path / place)
        assert (run.status, run.code) == (2, "usage") and run.json["error"]["hint"], (place, run.out)
        assert run.json["error"]["path"], place


def test_a_folder_that_may_not_be_written(library: Path, serve: Any, shelf: Any, to: Path) -> None:
    to.mkdir(mode=0o555)
    command = shelf(serve())
    drop = "-dac_override,-dac_read_search"
    line = ["setpriv", f"--bounding-set={drop}", f"--inh-caps={drop}", BINARY, "download", "version:11", "--to", to, "--json"]
    run = subprocess.run(line, capture_output=True, text=True, env=command.environment(), timeout=60, check=False)
    error = json.loads(run.stdout)["error"]
    assert run.returncode == 1 and error["code"] == "unreadable" and "write" in error["hint"], run.stdout
    assert not list(to.iterdir())


def test_a_text_with_several_models(library: Path, serve: Any, shelf: Any) -> None:
    digest = sha256(library / "LoRA/small.safetensors")[:10]
    text = f"a castle\nNegative prompt: mist\nSteps: 20, Model hash: {digest}, Civitai resources: [{{\"modelVersionId\":22}}]"
    run = shelf(serve()).run("lookup", text, "version:33", "--json")
    assert run.status == 0, run.out
    assert [each["civitai"]["version_id"] for each in run.json["results"]] == [22, 11, 33]


@pytest.mark.parametrize("path", ["/models/1", "/models/1?modelVersionId=11", "/api/download/models/11", "/api/v1/model-versions/11"])
def test_addresses_of_the_service_that_is_asked(library: Path, serve: Any, shelf: Any, to: Path, path: str) -> None:
    service = serve()
    command = shelf(service)
    result = command.run("lookup", service.base_url + path, "--json").json["results"][0]
    assert result["status"] == "found" and result["civitai"]["version_id"] == 11
    run = command.download(service.base_url + path, to)
    assert run.status == 0 and Path(run.json["path"]).name == "small.safetensors", run.out
    assert command.run("info", service.base_url + path, "--json").json["civitai"]["version_id"] == 11
    elsewhere = command.run("lookup", service.storage_url + path, "--json")
    assert (elsewhere.status, elsewhere.code) == (2, "usage")
