"""Fixtures of the tests of the embedded interpreter."""

from __future__ import annotations

from pathlib import Path

import pytest
from embedding import Pair, interpreters


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "pair" in metafunc.fixturenames:
        found = interpreters()
        assert found, "no CPython 3.10 or newer with a shared library: run make setup"
        metafunc.parametrize("pair", list(found), indirect=True)


@pytest.fixture
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Pair:
    """One pair for each CPython of this machine."""
    return Pair(interpreters()[request.param], tmp_path)


@pytest.fixture
def newest(tmp_path: Path) -> Pair:
    """A pair of the newest CPython, for what does not depend on the version."""
    found = interpreters()
    assert found, "no CPython 3.10 or newer with a shared library: run make setup"
    return Pair(list(found.values())[-1], tmp_path)
