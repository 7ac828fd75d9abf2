"""Every form in which people paste a model, asked of the service."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from fetching import Shelf

SECRET = "0123456789abcdef0123456789abcdef"
HOSTS = ["civitai.com", "www.civitai.com", "civitai.red", "www.civitai.red", "civitaired.com", "civitai.green", "civitai.blue"]

OF_MODEL = [
    "/models/2", "/models/2/", "/models/2/some-slug", "/models/2/модель-девушки", "/models/2/%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C",
    "/models/2#comments", "/en/models/2/slug", "/models/2?modelVersionId=abc", "/api/v1/models/2", "/api/v1/models?ids=2",
    "/login?returnUrl=%2Fmodels%2F2",
]
OF_VERSION = [
    "/models/2?modelVersionId=21", "/models/2/модель?modelVersionId=21#gallery", "/models/2/reviews?modelVersionId=21",
    "/models/2/model-versions/21/edit", "/models/2/model-versions/21/wizard", "/models/2/wizard?modelVersionId=21",
    "/model-versions/21", "/models/license/21", "/api/download/models/21",
    f"/api/download/models/21?fileId=211&type=Model&format=SafeTensor&size=full&fp=fp16&token={SECRET}",
    "/api/download/training-data/21", "/api/run/21", "/api/v1/models?modelVersionIds=21", "/api/v1/model-versions/21",
    "/api/v1/model-versions/mini/21?modelFileId=211", "/images/991", "/gallery/991", "/posts/21",
]
ELSEWHERE = [
    "https://api.civitai.com/download/models/21", "https://image.civitai.com/xG1/0c1d/width=450/991.jpeg",
    "https://auth.civitai.com/login?returnUrl=https%3A%2F%2Fcivitai.com%2Fmodel-versions%2F21",
    "urn:air:sdxl:lora:civitai:2@21", "air:sdxl:lora:civitai:2@21", "sdxl:lora:civitai:2@21",
    "urn:air:sdxl:lora:civitai:2@21+211.safetensors", "civitai:2@21", "civitai: 2 @ 21", "2@21", "version:21",
]


@pytest.fixture
def asking(library: Path, change: Any, serve: Any, shelf: Any) -> Any:
    """A model with two versions: 22 is the newest, 21 was made later in this test's catalogue and has a picture."""
    path = library / "catalogue.json"
    catalogue = json.loads(path.read_text())
    catalogue["files"]["LoRA/small.safetensors"] = {
        "model": {"id": 2, "name": "Middle", "type": "LORA"},
        "version": {"id": 21, "name": "old", "publishedAt": "2020-01-01T00:00:00.000Z",
                    "images": [{"id": 991, "nsfwLevel": 16}]},
        "file": {"id": 211},
    }
    path.write_text(json.dumps(catalogue))
    service = serve()
    return service, shelf(service)


def results(command: Shelf, whats: list[str]) -> list[dict[str, Any]]:
    run = command.run("lookup", *whats, "--json")
    assert run.status == 0, run.out + run.err
    assert SECRET not in run.out + run.err
    return run.json["results"]


def test_every_address_of_a_model(asking: Any) -> None:
    _, command = asking
    whats = [f"https://civitai.com{path}" for path in OF_MODEL] + [f"{host}/models/2" for host in HOSTS]
    whats += [f"http://{HOSTS[1]}/models/2", "model:2", "2"]
    newest = results(command, ["model:2"])[0]["civitai"]["version_id"]
    for what, result in zip(whats, results(command, whats), strict=True):
        assert result["status"] == "found" and result["civitai"]["model_id"] == 2, what
        assert result["civitai"]["version_id"] == newest, what


def test_every_address_of_a_version(asking: Any) -> None:
    service, command = asking
    whats = [f"https://civitai.com{path}" for path in OF_VERSION] + ELSEWHERE
    for what, result in zip(whats, results(command, whats), strict=True):
        assert result["status"] == "found", what
        assert (result["civitai"]["model_id"], result["civitai"]["version_id"]) == (2, 21), what
    assert all(SECRET not in json.dumps(entry) and not entry["token_in_query"] for entry in service.requests())
    assert not any(SECRET.encode() in path.read_bytes() for path in command.home.rglob("*") if path.is_file())


def test_every_digest(asking: Any, library: Path) -> None:
    _, command = asking
    name = library / "LoRA/small.safetensors"
    hashes = command.run("hash", name, "--algo", "all", "--json").json["files"][0]["hashes"]
    assert hashes["sha256"] == hashlib.sha256(name.read_bytes()).hexdigest()
    whats = [hashes["sha256"], hashes["sha256"].upper(), hashes["autov2"], hashes["autov3"], hashes["autov2"].lower(),
             f"https://civitai.com/api/v1/model-versions/by-hash/{hashes['autov2']}", f"AutoV3: {hashes['autov3']}"]
    for what, result in zip(whats, results(command, whats), strict=True):
        assert result["status"] == "found" and result["civitai"]["version_id"] == 21, what


@pytest.mark.parametrize(
    "what",
    ["https://civitai.com/user/somebody", "https://civitai.com/tag/castle", "https://civitai.com/collections/5",
     "https://civitai.com/articles/5", "https://civitai.com/bounties/5", "https://civitai.com/3d-models/5",
     "https://civitai.com/api/v1/model-files/211/tensor-metadata", "https://image.civitai.com/x/0c1d-22/width=450/0c1d-22.jpeg",
     "https://b2.civitai.com/file/civitai-modelfiles/model/1/x.safetensors?Authorization=3_2025_x_dnld",
     "https://civitai.com.example.org/models/2", "https://civitai.com@example.org/models/2"],
)
def test_what_names_no_model(asking: Any, what: str) -> None:
    service, command = asking
    run = command.run("lookup", what, "--json")
    assert (run.status, run.code) == (2, "usage") and run.json["error"]["hint"], run.out
    assert not service.requests()


def test_a_picture_that_nobody_has(asking: Any) -> None:
    _, command = asking
    run = command.run("lookup", "https://civitai.com/images/5", "https://civitai.com/posts/5", "--json")
    assert run.status == 3 and [each["status"] for each in run.json["results"]] == ["not_found", "not_found"]
