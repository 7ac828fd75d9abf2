"""The stand-in as a program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import modelshelf.testing
import pytest

SOURCES = str(Path(modelshelf.testing.__file__).parents[2])


def start(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": SOURCES}
    command = [sys.executable, "-m", "modelshelf.testing.civitai", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_line_and_then_until_a_signal(folder: Path, tmp_path: Path, number: int) -> None:
    ready = tmp_path / "ready"
    process = start(
        "--files", str(folder), "--unknown", "hello.pt", "--fault", "500:first=1", "--ready-file", str(ready)
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    told = json.loads(line)
    assert set(told) == {"base_url", "storage_url", "models"} and told["models"] == 4
    assert ready.read_text() == line
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(told["base_url"] + "/api/v1/enums")
    refusal.value.close()
    with urllib.request.urlopen(told["base_url"] + "/api/v1/enums") as reply:
        assert reply.status == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 0 and out == ""
    assert json.loads(err)["total"] == 2


def test_it_ends_by_itself(folder: Path) -> None:
    process = start("--files", str(folder), "--max-seconds", "0.1", "--quiet")
    _, err = process.communicate(timeout=10)
    assert process.returncode == 0 and err == ""


@pytest.mark.parametrize(
    "arguments", [["--host", "0.0.0.0"], ["--host", "example.org"], ["--fault", "nonsense"], ["--fault", "503:every=x"]]
)
def test_what_it_refuses(folder: Path, arguments: list[str]) -> None:
    process = start("--files", str(folder), *arguments)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 2 and out == "" and err.startswith("error: ")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    process = start("--files", str(tmp_path / "nowhere"))
    _, err = process.communicate(timeout=10)
    assert process.returncode == 2 and "not a folder" in err


def test_help_lists_the_faults(capsys: Any) -> None:
    from modelshelf.testing.civitai.__main__ import parser

    assert "edge-404" in parser().format_help()
