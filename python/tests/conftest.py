"""Every test has an empty home, no network and no token; the package under test is the installed one."""

from __future__ import annotations

import json
import os
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import modelshelf
from modelshelf.testing.civitai import CivitaiStandIn
from modelshelf.testing.library import make_sample

# Whoever is started by nohup or behind an & ignores Ctrl-C, and so would all that is started from here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    for name in ("CIVITAI_TOKEN", "CIVITAI_API_KEY", "CIVITAI_BASE_URL", "MODELSHELF_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MODELSHELF_HOME", os.fspath(home))
    monkeypatch.setenv("MODELSHELF_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    return home


@pytest.fixture
def shelf() -> Iterator[modelshelf.Shelf]:
    with modelshelf.get_manager() as shelf:
        yield shelf


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a valid safetensors file of one tensor; the data is a hole in the file, however large."""

    def make(name: str | bytes = "models/a.safetensors", size: int = 64, **metadata: str) -> Path:
        header: dict[str, object] = {
            "lora_unet_x.lora_down.weight": {"dtype": "U8", "shape": [1, size], "data_offsets": [0, size]}
        }
        if metadata:
            header["__metadata__"] = metadata
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        path = tmp_path / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            file.truncate(8 + len(text) + size)
        return path

    return make


@pytest.fixture
def sample(tmp_path: Path) -> dict[str, object]:
    """A believable library in ``library``, with its manifest."""
    return make_sample(tmp_path / "library")


@pytest.fixture
def service(tmp_path: Path, sample: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Iterator[CivitaiStandIn]:
    """A local Civitai that knows the sample library."""
    with CivitaiStandIn(files=tmp_path / "library", unknown=["*unknown*"]) as service:
        monkeypatch.setenv("CIVITAI_BASE_URL", service.base_url)
        monkeypatch.delenv("MODELSHELF_OFFLINE")
        yield service
