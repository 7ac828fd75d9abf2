"""The example notebook, executed by a real kernel against the stand-in of the service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from modelshelf.testing.civitai import CivitaiStandIn

NOTEBOOK = Path(__file__).parents[1] / "examples" / "colab.ipynb"
EXECUTE = """
import sys, nbformat, nbclient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[1])
"""


def execute(notebook: Path) -> list[dict[str, Any]]:
    """The cells with what they put out. Kernels are programs of their own, and so is what speaks to them."""
    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, os.fspath(notebook)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    cells: list[dict[str, Any]] = json.loads(notebook.read_text())["cells"]
    return cells


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", os.fspath(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", os.fspath(tmp_path / "runtime"))


def outputs(cells: list[dict[str, Any]], word: str) -> tuple[str, str]:
    """Page and text of the one cell with a word."""
    (cell,) = [each for each in cells if each["cell_type"] == "code" and word in "".join(each["source"])]
    html = text = ""
    for output in cell["outputs"]:
        assert output["output_type"] != "error", output
        data = output.get("data", {})
        html += "".join(data.get("text/html", ""))
        text += "".join(data.get("text/plain", "")) + "".join(output.get("text", ""))
    return html, text


def test_the_example(service: CivitaiStandIn, tmp_path: Path) -> None:
    (tmp_path / "library").rename(tmp_path / "content")
    (tmp_path / "library").symlink_to("content")
    (tmp_path / "content" / "models").mkdir()
    for name in ("SD", "LoRA", "VAE", "TI", "SR", "CN"):
        folder = tmp_path / "content" / name
        if folder.is_dir():
            folder.rename(tmp_path / "content" / "models" / name)
    text = NOTEBOOK.read_text().replace("/content/", f"{tmp_path}/content/")
    notebook = tmp_path / "colab.ipynb"
    notebook.write_text(text)
    cells = execute(notebook)
    assert not any(each["outputs"] for each in json.loads(NOTEBOOK.read_text())["cells"] if each["cell_type"] == "code")
    html, scan = outputs(cells, "shelf.scan(")
    assert "ScanReport" in scan
    html, _ = outputs(cells, 'search("lantern")[0]')
    assert html.count("modelshelf-card") == 1 and "lantern keeper" in html
    html, _ = outputs(cells, 'list(type="LORA")')
    assert "modelshelf-gallery" in html and html.count("modelshelf-card") > 2 and "data:image/" in html
    assert "the good one" not in outputs(cells, "good one")[0] and "modelshelf-card" in outputs(cells, "good one")[0]
    assert "modelshelf-card" in outputs(cells, "shelf.download(")[0]


BARS = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {without!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
import modelshelf
report = modelshelf.get_manager("library").scan("library", lookup=False, progress=True)
"""


@pytest.mark.parametrize(
    ("without", "shows"),
    [((), "application/vnd.jupyter.widget-view+json"), (("ipywidgets",), "<progress"), (("tqdm", "ipywidgets"), "<progress")],
)
def test_a_scan_is_a_bar(sample: dict[str, object], tmp_path: Path, without: tuple[str, ...], shows: str) -> None:
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [],
            "source": BARS.format(without=without)}
    notebook = tmp_path / "bar.ipynb"
    notebook.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    (done,) = execute(notebook)
    assert not any(output["output_type"] == "error" for output in done["outputs"]), done["outputs"]
    assert shows in json.dumps(done["outputs"]), done["outputs"]
    assert not any(output.get("name") == "stderr" and "Warning" in "".join(output["text"]) for output in done["outputs"])
