"""The libraries: what they say of themselves is so."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
import stat
import struct
from pathlib import Path
from typing import Any

import pytest
from modelshelf.testing.civitai import CivitaiStandIn
from modelshelf.testing.library import Tensor, make_hostile, make_sample, make_small, safetensors_bytes
from modelshelf.testing.library.safetensors import BITS, tensor_sha256, write


def header(path: Path) -> dict[str, Any]:
    """The header of a file, checked as strictly as the format asks."""
    size = path.stat().st_size
    with path.open("rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        table: dict[str, Any] = json.loads(file.read(length))
    offset = 0
    entries = [entry for name, entry in table.items() if name != "__metadata__"]
    for entry in sorted(entries, key=lambda entry: entry["data_offsets"]):
        begin, end = entry["data_offsets"]
        assert begin == offset and end - begin == math.prod(entry["shape"]) * BITS[entry["dtype"]] // 8
        offset = end
    assert 8 + length + offset == size
    assert all(isinstance(value, str) for value in table.get("__metadata__", {}).values())
    return table


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("sample")
    return folder, make_sample(folder)


def test_the_sample_is_sound_and_small(sample: tuple[Path, dict[str, Any]]) -> None:
    folder, manifest = sample
    paths = [entry["path"] for entry in manifest["entries"]]
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {"catalogue.json"}
    assert set(paths) == found and 12 <= len(paths) <= 20
    for entry in manifest["entries"]:
        if entry["architecture"]:
            header(folder / entry["path"])
    assert sum(entry["size"] for entry in manifest["entries"]) < 300_000_000
    assert sum(path.stat().st_blocks * 512 for path in folder.rglob("*")) < 10_000_000
    sums = [
        hashlib.sha256((folder / path).read_bytes()).hexdigest() for path in paths if path.startswith(("LoRA", "emb"))
    ]
    assert len(set(sums)) == len(sums)


def test_checkpoints_have_the_shapes_that_tell_them_apart(sample: tuple[Path, dict[str, Any]]) -> None:
    folder, manifest = sample
    unet = "model.diffusion_model."
    context = {"sd1": 768, "sd2": 1024, "sdxl": 2048}
    place = {"sd1": "1.1", "sd2": "1.1", "sdxl": "4.1"}
    for entry in manifest["entries"]:
        if entry["type"] not in ("Checkpoint", "UNet"):
            continue
        table = header(folder / entry["path"])
        base = entry["architecture"]
        if base == "flux1":
            assert table[unet + "guidance_in.in_layer.weight"]["shape"] == [3072, 256]
            assert unet + "single_blocks.37.norm.key_norm.scale" in table
            assert unet + "double_blocks.18.img_attn.norm.key_norm.scale" in table
            continue
        assert table[unet + "input_blocks.0.0.weight"]["shape"] == [320, 4, 3, 3]
        block = f"{unet}input_blocks.{place[base]}"
        assert table[f"{block}.transformer_blocks.0.attn2.to_k.weight"]["shape"][1] == context[base]
        assert len(table[f"{block}.proj_in.weight"]["shape"]) == (4 if base == "sd1" else 2)
        assert (unet + "label_emb.0.0.weight" in table) == (base == "sdxl")
        blocks = {
            name.split(".transformer_blocks.")[1].split(".")[0]
            for name in table
            if name.startswith(unet + "input_blocks.8.1.") and ".transformer_blocks." in name
        }
        assert len(blocks) == (10 if base == "sdxl" else 1)


def test_adapters_tell_of_their_training(sample: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = sample
    path = folder / "LoRA/characters/lantern_keeper_xl.safetensors"
    table = header(path)
    metadata = table["__metadata__"]
    assert "6_lantern keeper" in json.loads(metadata["ss_tag_frequency"])
    assert json.loads(metadata["ss_dataset_dirs"])["6_lantern keeper"] == {"n_repeats": 6, "img_count": 48}
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    assert metadata["sshs_model_hash"] == hashlib.sha256(data[8 + length :]).hexdigest()
    name = "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k"
    begin, end = table[f"{name}.alpha"]["data_offsets"]
    assert struct.unpack("<e", data[8 + length + begin : 8 + length + end]) == (4.0,)
    assert table[f"{name}.lora_down.weight"]["shape"] == [8, 2048]


def test_the_service_knows_what_the_manifest_says(sample: tuple[Path, dict[str, Any]]) -> None:
    folder, manifest = sample
    with CivitaiStandIn(files=folder) as service:
        served = {str(Path(entry["path"]).relative_to(folder)) for entry in service.files() if entry["path"]}
        assert served == {entry["path"] for entry in manifest["entries"] if entry["on_service"]}


def test_the_sample_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = (make_sample(tmp_path / name)["entries"] for name in ("one", "two"))
    assert first == second
    for name in ("embeddings/mystery_style.pt", "LoRA/inkWash-000010.safetensors", "catalogue.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.parametrize("size", [256, 1000, 4096, 100_000])
def test_small_files_are_valid_distinct_and_of_the_size(tmp_path: Path, size: int) -> None:
    assert make_small(tmp_path, 150, size) == {
        "root": str(tmp_path),
        "kind": "small",
        "files": 150,
        "bytes": 150 * size,
    }
    paths = sorted(tmp_path.rglob("*.safetensors"))
    assert len(paths) == 150 and {path.parent.name for path in paths} == {"part-000", "part-001"}
    assert {path.stat().st_size for path in paths} == {size}
    sums = {hashlib.sha256(path.read_bytes()).digest() for path in paths}
    tails = {hashlib.sha256(path.read_bytes()[-100:]).digest() for path in paths[:20]}
    assert len(sums) == 150 and (len(tails) == 20 or size < 1000)
    header(paths[0])
    again = tmp_path / "again"
    make_small(again, 1, size)
    other = tmp_path / "other"
    make_small(other, 1, size, seed=1)
    name = "part-000/model-00000.safetensors"
    assert (again / name).read_bytes() == paths[0].read_bytes() != (other / name).read_bytes()


def test_writing_sparse_and_whole_agree(tmp_path: Path) -> None:
    tensors = {"b": Tensor("F16", (3, 3), b"ab"), "a": Tensor("F32", (2,)), "c": Tensor("U8", (0,))}
    path = tmp_path / "below/x.safetensors"
    size = write(str(path), tensors, {"k": "v"})
    assert path.read_bytes() == safetensors_bytes(tensors, {"k": "v"}) and size == path.stat().st_size
    table = header(path)
    assert (size - 26) % 8 == 0, "the header is padded as writers do it"
    assert tensor_sha256(tensors) == hashlib.sha256(path.read_bytes()[-26:]).hexdigest()
    assert table["__metadata__"] == {"k": "v"}


def test_the_hostile_folder_holds_what_it_lists(tmp_path: Path) -> None:
    make_hostile(tmp_path)
    manifest = make_hostile(tmp_path)  # twice, as a script would
    root = os.fsencode(tmp_path)
    entries = {}
    for entry in manifest["entries"]:
        raw = base64.b64decode(entry["path_bytes"]) if entry["path_bytes"] else entry["path"].encode()
        assert os.path.lexists(os.path.join(root, raw)), entry
        entries[raw] = entry
    assert len(entries) == len(manifest["entries"])
    assert json.loads(json.dumps(manifest)) == manifest
    assert b"names/caf\xe9.safetensors" in entries
    assert "names/caf\u00e9.safetensors".encode() in entries and "names/cafe\u0301.safetensors".encode() in entries
    assert stat.S_ISFIFO(os.stat(tmp_path / "shapes/pipe.safetensors").st_mode)
    assert os.stat(tmp_path / "shapes/real.safetensors").st_nlink == 2
    for raw, entry in entries.items():
        path = Path(os.fsdecode(os.path.join(root, raw)))
        if entry["code"] is None and not entry["ignored"] and b"refusals/" not in raw and b"broken/" not in raw:
            header(path)


def test_the_stand_in_serves_a_hostile_folder(tmp_path: Path) -> None:
    make_hostile(tmp_path)
    with CivitaiStandIn(files=tmp_path) as service:
        assert service.models > 40
        assert json.dumps(service.files())
