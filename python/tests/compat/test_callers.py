"""One script for each place from which servers and notebooks call the modules, written as its caller writes it.

Each runs in a folder in which ``python -m modelshelf.compat install .`` was the only step, and which is as it was after
``uninstall``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf.testing.civitai import CivitaiStandIn

MakeFile = Callable[..., Path]
Run = Callable[..., str]
CALLERS = Path(__file__).with_name("callers")
MODULES = ("civitai_integration", "model_metadata", "auto_model_detector", "colab_civitai_setup", "model_manager")


def python(*arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    """Runs a caller's script in a server's folder, the current one."""
    (tmp_path / "server.py").write_text("# the server's\n")
    (tmp_path / "model_metadata.py").write_text("# one of its own\n")
    before = {each.name: each.read_bytes() for each in tmp_path.glob("*.py*")}
    python("-m", "modelshelf.compat", "install", ".")

    def run(name: str, *arguments: str) -> str:
        # In the folder, as people have it: that is where its imports are looked for.
        shutil.copy(CALLERS / f"{name}.py", tmp_path / f"run_{name}.py")
        try:
            return python(f"run_{name}.py", *arguments)
        finally:
            (tmp_path / f"run_{name}.py").unlink()

    yield run
    python("-m", "modelshelf.compat", "uninstall", ".")
    assert {each.name: each.read_bytes() for each in tmp_path.glob("*.py*")} == before
    assert not (tmp_path / "__pycache__").exists()


def autov2(path: Path | str) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10].upper()


def test_the_inspector(run: Run, make_file: MakeFile) -> None:
    make_file("models/LoRA/x.safetensors")
    make_file("models/LoRA/y.pt")
    assert json.loads(run("inspector", "AUTOV2:ab12ab12ab")) == [
        {"name": "LoRA/x.safetensors", "hash": "AUTOV2: AB12AB12AB", "hash_type": "AUTOV2"},
        {"name": "LoRA/y.pt"},
    ]


def test_a_generation(run: Run, make_file: MakeFile) -> None:
    names = ("SD/base.safetensors", "VAE/soft.vae.safetensors", "LoRA/x.safetensors", "LoRA/sub/y.pt", "CN/cn.pth")
    paths = [make_file(f"models/{name}", 64 + index * 64) for index, name in enumerate((*names, "Detailer/hands.pt"))]
    pending, known = map(json.loads, run("generation").splitlines())
    assert pending == {}
    base, vae, first, second, cn, hands = map(autov2, paths)
    assert known == {
        "model_hash": base,
        "CLIP_hash": base,
        "VAE_hash": vae,
        "lora_hashes": f"x: {first}, sub/y: {second}",
        "controlnet_hashes": [cn],
        "detailer_hashes": [hands],
    }


def test_hashing_a_folder(run: Run, make_file: MakeFile, tmp_path: Path) -> None:
    names = {"UNET": "SD/a", "LORA": "LoRA/sub/b", "VAE": "VAE/c", "CONTROLNET": "CN/d", "UPSCALER": "SR/e", "TI": "TI/f"}
    paths = {kind: make_file(f"models/{name}.safetensors", 64 * n) for n, (kind, name) in enumerate(names.items(), 1)}
    arguments = ("--models-dir", "models", "--metadata-dir", "model_metadata", "--export", "out.json")
    assert run("generate_model_hashes", *arguments) == "processed 6, skipped 0\n"
    exported = json.loads((tmp_path / "out.json").read_text())
    assert set(exported) == set(names)
    for kind, path in paths.items():
        entry = exported[kind][path.stem]
        assert entry["hash_autov2"] == autov2(path)
        assert entry["hash_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest().upper()
        assert (entry["path"], entry["model_type"]) == (os.fspath(path), kind)
    assert not list((tmp_path / "models").rglob("*.json"))
    assert len(list((tmp_path / "model_metadata").rglob("*.metadata.json"))) == 6
    # All is known the second time, also to a process and a library that know nothing.
    (tmp_path / "out.json").unlink()
    assert run("generate_model_hashes", *arguments) == "processed 0, skipped 6\n"
    assert json.loads((tmp_path / "out.json").read_text()) == exported
    shutil.rmtree(tmp_path / "home")
    assert run("generate_model_hashes", *arguments) == "processed 0, skipped 6\n"
    again = json.loads((tmp_path / "out.json").read_text())
    assert {kind: each[paths[kind].stem]["hash_autov2"] for kind, each in again.items()} == {
        kind: autov2(path) for kind, path in paths.items()
    }


def version_of(path: str) -> dict[str, Any]:
    known = modelshelf.Civitai().by_hash(modelshelf.hash_file(path)["sha256"] or "")
    assert known is not None
    return known


def test_the_cells_of_a_notebook(service: CivitaiStandIn, run: Run, make_file: MakeFile, tmp_path: Path) -> None:
    mine = make_file("models/LoRA/mine.safetensors")
    known = version_of("library/LoRA/inkWash-000010.safetensors")
    output = run("notebook", f"https://civitai.com/models/{known['model_id']}")
    assert "your_token_here" not in output
    found = json.loads(output.splitlines()[-1])
    assert found["root"] == os.fspath(tmp_path)
    assert found["folders"]["LoRA"] == os.fspath(tmp_path / "models" / "LoRA")
    assert found["civitai"] == ["integration", "manager", "token"]
    assert (found["before"], found["errors"]) == (1, [])
    assert found["model"]["civitaiId"] == known["model_id"]
    assert found["model"]["previewPath"].startswith(os.fspath(tmp_path / "models" / "LoRA" / ".previews" / "mine."))
    exported = json.loads((tmp_path / "export.json").read_text())
    assert exported["models"][os.fspath(mine)]["metadata"]["civitai_model_id"] == known["model_id"]
    arrived = {Path(path).name: metadata for path, metadata in found["detected"]}["arrives.safetensors"]
    assert arrived["hash"] == f"AUTOV2: {autov2('library/LoRA/inkWash-000010.safetensors')}"
    assert (arrived["civitai_version_id"], arrived["model_type"]) == (known["version_id"], "LoRA")
    for name in ("SD", "LoRA", "CN", "SR", "TI", "HN"):
        assert (tmp_path / "models" / name / ".previews").is_dir()


def test_a_download(service: CivitaiStandIn, run: Run, tmp_path: Path) -> None:
    known = version_of("library/LoRA/inkWash-000010.safetensors")
    url, token = f"https://civitai.com/api/download/models/{known['version_id']}", "0123456789abcdef" * 2
    found = json.loads(run("download", url, token))
    statuses = [each["status"] for each in found["responses"]]
    assert (statuses[0], statuses[-1]) == ("started", "success"), found["responses"]
    assert set(statuses[1:-1]) <= {"progress"}
    path = Path(found["responses"][-1]["path"])
    assert path.parent == tmp_path / "models" / "LoRA"
    assert autov2(path) == autov2("library/LoRA/inkWash-000010.safetensors")
    ((told, metadata),) = found["told"]
    assert told == os.fspath(path)
    assert metadata["civitai_version_id"] == known["version_id"]
    assert token not in json.dumps(found)


def test_the_desktop_program(run: Run, make_file: MakeFile, tmp_path: Path) -> None:
    path = make_file("models/LoRA/x.safetensors")
    (tmp_path / "models" / "LoRA" / "x.png").write_bytes(b"png")
    before, after, saved = json.loads(run("desktop", os.fspath(tmp_path / "models")))
    assert before["relative_path"] == "LoRA/x.safetensors"
    assert before["preview"] == os.fspath(tmp_path / "models" / "LoRA" / "x.png")
    assert before["hashes"]["autov2"] == autov2(path)
    assert before["shown"].startswith(f"AUTOV2: {autov2(path)}, SHA256: ")
    assert (after["description"], after["author"]) == ("mine", "me")
    assert after["hashes"] == {name: value for name, value in before["hashes"].items() if value}
    assert (saved["civitai_name"], saved["preview_path"]) == ("Name", f"{path}.jpg")
