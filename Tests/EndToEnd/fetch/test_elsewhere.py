"""Files from other places: Hugging Face, and the copies that a record lists."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from fetching import TOKEN, Shelf, Site, model_bytes

HF_TOKEN = "hf_" + "s3cr3t" * 5
DATA = model_bytes(1 << 20)
DIGEST = hashlib.sha256(DATA).hexdigest()
PLACE = "/org/repo/resolve/main/sub/x%20y.safetensors"


@pytest.fixture
def hub(site: Site, tmp_path: Path) -> Any:
    """Hugging Face: the site answers with a redirect that names the digest, as it does for large files."""
    headers = {"Location": f"{site.url}/cdn/object?Signature=abc", "X-Linked-Etag": f'"{DIGEST}"',
               "X-Linked-Size": str(len(DATA))}
    site.answers[PLACE] = (302, headers, b"")
    disposition = {"Content-Disposition": "inline; filename*=UTF-8''x%20y.safetensors; filename=\"x y.safetensors\";"}
    site.answers["/cdn/object"] = (200, disposition, DATA)

    def run(what: str, to: Path, *words: Any, **more: str) -> Any:
        shelf = Shelf(tmp_path / "home", "http://127.0.0.1:9", token=None)
        environment = {"HF_ENDPOINT": site.url, "HF_TOKEN": HF_TOKEN, **more}
        return shelf.run("download", what, "--to", to, "--json", *words, **environment)

    return run


@pytest.mark.parametrize(
    "what",
    ["https://huggingface.co/org/repo/blob/main/sub/x%20y.safetensors",
     "https://huggingface.co/org/repo/resolve/main/sub/x%20y.safetensors?download=true",
     "hf.co/org/repo/blob/main/sub/x%20y.safetensors"],
)
def test_a_large_file_is_verified_by_its_pointer(hub: Any, site: Site, to: Path, what: str) -> None:
    run = hub(what, to)
    assert run.status == 0, run.out
    assert run.json["verified"] is True and run.json["sha256"] == DIGEST
    assert Path(run.json["path"]) == to / "x y.safetensors" and (to / "x y.safetensors").read_bytes() == DATA
    assert site.asked[0][1]["authorization"] == f"Bearer {HF_TOKEN}" and site.asked[0][1]["accept-encoding"] == "identity"
    assert HF_TOKEN not in run.out + run.err
    again = hub(what, to)
    assert again.json["already_there"] is True


def test_its_key_stays_with_it(hub: Any, site: Site, to: Path, serve: Any, library: Path) -> None:
    """A redirect to another origin: here the stand-in's, which notes every header."""
    other = serve()
    headers = {**site.answers[PLACE][1], "Location": f"{other.storage_url}/cdn/object"}
    site.answers[PLACE] = (302, headers, b"")
    hub("https://huggingface.co/org/repo/blob/main/sub/x%20y.safetensors", to)
    asked = other.requests()
    assert asked and not any(entry["authorization"] for entry in asked)


def test_wrong_bytes_are_found(hub: Any, site: Site, to: Path) -> None:
    site.answers["/cdn/object"] = (200, {}, DATA[:-1] + b"?")
    run = hub("https://huggingface.co/org/repo/blob/main/sub/x%20y.safetensors", to)
    assert run.code == "hash_mismatch" and not list(to.glob("*.safetensors"))


def test_a_small_file_has_no_digest(hub: Any, site: Site, to: Path) -> None:
    site.answers["/org/repo/resolve/main/config.json"] = (200, {"ETag": '"abc"'}, b'{"a": 1}')
    run = hub("https://huggingface.co/org/repo/blob/main/config.json", to)
    assert run.status == 0 and run.json["verified"] is False and (to / "config.json").read_bytes() == b'{"a": 1}'


@pytest.mark.parametrize(
    ("status", "code", "words"), [(401, "unauthorized", "HF_TOKEN"), (403, "forbidden", "terms"), (404, "not_found", "")]
)
def test_refusals_are_told_apart(hub: Any, site: Site, to: Path, status: int, code: str, words: str) -> None:
    site.answers[PLACE] = (status, {"X-Error-Message": "Access to model org/repo is restricted."}, b"")
    run = hub("https://huggingface.co/org/repo/blob/main/sub/x%20y.safetensors", to)
    assert run.code == code and words in run.json["error"]["hint"] and "restricted" in run.json["error"]["message"]


def test_addresses_that_name_no_file(hub: Any, site: Site, to: Path) -> None:
    for what in ("https://huggingface.co/org/repo", "https://huggingface.co/org/repo/tree/main"):
        assert hub(what, to).code == "usage"
    assert not site.asked


def version(site: Site, mirrors: list[Any], digest: str | None = DIGEST) -> None:
    """A service whose own storage has lost the file."""
    file = {"id": 7, "name": "x.safetensors", "type": "Model", "sizeKB": len(DATA) / 1024, "primary": True,
            "hashes": {"SHA256": digest.upper()} if digest else {}, "mirrors": mirrors}
    body = {"id": 5, "modelId": 4, "name": "v1", "baseModel": "SDXL 1.0", "files": [file], "images": []}
    site.answers["/api/v1/model-versions/5"] = (200, {}, json.dumps(body).encode())
    site.answers["/api/v1/models"] = (200, {}, b'{"items":[],"metadata":{}}')
    site.answers["/api/download/models/5"] = (410, {}, b'{"error":"Model archived, not available for download"}')


def test_mirrors_are_tried_in_turn(site: Site, tmp_path: Path, to: Path) -> None:
    version(site, [{"url": f"{site.url}/lost"}, {"url": f"{site.url}/wrong"}, f"{site.url}/copy"])
    site.answers["/wrong"] = (200, {}, DATA[::-1])
    site.answers["/copy"] = (200, {}, DATA)
    run = Shelf(tmp_path / "home", site.url).run("download", "version:5", "--to", to, "--json")
    assert run.status == 0, run.out
    assert run.json["verified"] and (to / "x.safetensors").read_bytes() == DATA
    for path, headers in site.asked:
        assert ("authorization" in headers) == path.startswith("/api/"), path


def test_mirrors_of_a_file_without_a_digest_are_not_believed(site: Site, tmp_path: Path, to: Path) -> None:
    version(site, [f"{site.url}/copy"], digest=None)
    site.answers["/copy"] = (200, {}, DATA)
    run = Shelf(tmp_path / "home", site.url).run("download", "version:5", "--to", to, "--json")
    assert run.code == "gone" and not any(path == "/copy" for path, _ in site.asked)
    assert TOKEN not in run.out and not os.path.exists(to / "x.safetensors")
