"""The import is light, and the names are all there."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import modelshelf
from modelshelf import _native


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_the_import_loads_nothing_else() -> None:
    loaded = python(
        "import sys; before = set(sys.modules); import modelshelf; print(*sorted(set(sys.modules) - before))"
    )
    assert loaded.split() == ["modelshelf"]


def test_the_stand_in_runs_without_the_native_module() -> None:
    loaded = python("import sys, modelshelf.testing.civitai; print('modelshelf._native' in sys.modules)")
    assert loaded.strip() == "False"


def test_every_public_name_is_there() -> None:
    for name in modelshelf.__all__:
        assert getattr(modelshelf, name) is not None
        assert name in dir(modelshelf)
    assert not hasattr(modelshelf, "nothing")


def test_the_versions_agree() -> None:
    assert modelshelf.__version__ == _native.version == importlib.metadata.version("modelshelf")
    assert _native.abi_version >= 1


def test_the_native_module_survives_a_second_interpreter() -> None:
    # Multi-phase initialisation: a fresh module object for each import.
    assert python(
        "import sys, modelshelf._native as a; del sys.modules['modelshelf._native']\n"
        "import modelshelf._native as b; print(a is not b, a.Cancel is not b.Cancel)"
    ).split() == ["True", "True"]
