"""Hashing and inspecting files without a database."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

import modelshelf

MakeFile = Callable[..., Path]


def test_hashes_are_those_of_the_standard_library(make_file: MakeFile) -> None:
    path = make_file(size=100_000)
    data = path.read_bytes()
    hashes = modelshelf.hash_file(path, ["sha256", "crc32", "autov2"])
    sha256 = hashlib.sha256(data).hexdigest()
    assert hashes == {"sha256": sha256, "crc32": f"{zlib.crc32(data):08x}", "autov2": sha256[:10].upper()}
    assert list(modelshelf.hash_file(os.fspath(path))) == ["sha256"]
    assert modelshelf.hash_file(os.fsencode(path), "crc32") == {"crc32": hashes["crc32"]}


def test_all_stands_for_the_usual_ones(make_file: MakeFile) -> None:
    names = list(modelshelf.hash_file(make_file(), "all"))
    usual = ["sha256", "tensor_sha256", "autov1", "autov2", "autov3", "blake3", "crc32", "crc32_civitai"]
    assert names == [name for name in usual if name in names]
    assert {"sha256", "tensor_sha256", "autov1", "autov2", "autov3", "crc32"} <= set(names)


def test_many_files_keep_their_keys(make_file: MakeFile) -> None:
    paths = [make_file(f"models/{number}.safetensors", 1000 + number) for number in range(20)]
    result = modelshelf.hash_files(paths, ["sha256"])
    assert list(result) == paths
    assert result[paths[7]]["sha256"] == hashlib.sha256(paths[7].read_bytes()).hexdigest()
    assert modelshelf.hash_files([]) == {}
    same = [paths[0], os.fspath(paths[0]), os.fsencode(paths[0])]
    assert list(modelshelf.hash_files(same)) == same
    with pytest.raises(TypeError, match="hash_file"):
        modelshelf.hash_files(os.fspath(paths[0]))


@pytest.mark.parametrize("jobs", [1, 5000, 1 << 40, (1 << 63) - 1])
def test_any_number_of_threads_may_be_asked_for(jobs: int, make_file: MakeFile) -> None:
    path = make_file(size=100_000)
    wanted = hashlib.sha256(path.read_bytes()).hexdigest()
    assert modelshelf.hash_files([path], jobs=jobs) == {path: {"sha256": wanted}}


def test_progress_ends_with_all_bytes(make_file: MakeFile, tmp_path: Path) -> None:
    path, seen = make_file(size=100_000), []
    with pytest.raises(modelshelf.NotFound):
        modelshelf.hash_files([path, tmp_path / "none"], progress=seen.append)
    assert (seen[-1].bytes, seen[-1].bytes_total) == (path.stat().st_size, path.stat().st_size)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(modelshelf.NotFound) as caught:
        modelshelf.hash_file(tmp_path / "none")
    assert caught.value.path == os.fspath(tmp_path / "none")
    with pytest.raises(modelshelf.NotFound):
        modelshelf.inspect(tmp_path / "none")


def test_one_bad_file_does_not_hide_the_others(make_file: MakeFile, tmp_path: Path) -> None:
    good, bad = make_file(), tmp_path / "none"
    with pytest.raises(modelshelf.NotFound) as caught:
        modelshelf.hash_files([bad, good])
    assert list(caught.value.results) == [good]  # type: ignore[attr-defined]
    seen: list[tuple[object, str]] = []
    result = modelshelf.hash_files([bad, good], on_error=lambda path, error: seen.append((path, error.code)))
    assert list(result) == [good]
    assert seen == [(bad, "not_found")]


def test_an_unknown_algorithm_is_refused(make_file: MakeFile) -> None:
    with pytest.raises(modelshelf.UsageError, match="sha257"):
        modelshelf.hash_file(make_file(), "sha257")


def test_names_that_are_not_utf8(make_file: MakeFile) -> None:
    path = make_file(b"models/caf\xe9.safetensors")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert modelshelf.hash_file(path) == {"sha256": digest}
    raw = os.fsencode(path)
    assert modelshelf.hash_files([raw]) == {raw: {"sha256": digest}}
    assert modelshelf.inspect(raw).path == os.fsdecode(raw)
    with pytest.raises(modelshelf.NotFound) as caught:
        modelshelf.hash_file(raw + b"\xff")
    assert caught.value.path == os.fsdecode(raw + b"\xff")


def test_inspect_reads_the_header(make_file: MakeFile) -> None:
    info = modelshelf.inspect(make_file(size=64, ss_output_name="x"))
    assert info.format == "safetensors"
    assert info["tensors"] == 1
    assert info.metadata["ss_output_name"] == "x"
    assert set(info) >= {"path", "size", "type", "base_model", "safety", "problems"}
    with pytest.raises(AttributeError):
        _ = info.nothing
    with pytest.raises(AttributeError):
        info.format = "other"


def test_background_gives_the_same(make_file: MakeFile) -> None:
    path = make_file(size=200_000)
    wanted = modelshelf.hash_file(path, "all")
    assert modelshelf.hash_file(path, "all", background=True) == wanted
    assert modelshelf.hash_files([path], ["all"], jobs=1, background=True) == {path: wanted}
    with pytest.raises(ValueError):
        modelshelf.hash_files([path], jobs=-1)


def test_a_folder_has_the_hash_of_invokeai(make_file: MakeFile, tmp_path: Path) -> None:
    one = make_file("model/unet/a.safetensors", 1000)
    single = modelshelf.hash_file(one, ["blake3", "invokeai"])
    assert single["invokeai"] == f"blake3:{single['blake3']}"
    folder = modelshelf.hash_file(tmp_path / "model", "invokeai")["invokeai"]
    assert folder is not None
    assert folder == modelshelf.Hasher("invokeai", (single["blake3"] or "").encode()).hexdigest()
