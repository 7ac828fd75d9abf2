"""Fixtures of the end-to-end tests: a folder, a stand-in of Civitai over it, and the program."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from harness import NOBODY, Program

from modelshelf.testing.civitai import CivitaiStandIn

# Whoever is started by nohup or behind an & ignores Ctrl-C, and so would all that is started from here.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder for models."""
    path = tmp_path / "models"
    path.mkdir()
    return path


@pytest.fixture
def serve(folder: Path) -> Iterator[Callable[..., CivitaiStandIn]]:
    """Begins a stand-in over ``folder`` (or another one) that ends with the test."""
    with ExitStack() as stack:

        def begin(files: Path | None = None, **options: Any) -> CivitaiStandIn:
            return stack.enter_context(CivitaiStandIn(files or folder, **options))

        yield begin


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Program]:
    """Makes programs; each call has a new home unless one is named."""
    count = iter(range(1000))

    def make(service: CivitaiStandIn | None = None, home: Path | None = None) -> Program:
        chosen = home or tmp_path / f"home-{next(count)}"
        return Program(chosen, service.base_url if service else NOBODY)

    return make
