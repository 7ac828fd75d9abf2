"""Progress bars, with and without tqdm."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from modelshelf import Progress, bars


def states() -> list[Progress]:
    return [
        Progress("finding", None, 3, 0, 0, 0, 0.0, -1.0),
        Progress("hashing", "/a", 0, 3, 50, 200, 100e6, 1.5),
        Progress("hashing", "/b", 2, 3, 150, 200, 100e6, 0.5),
        Progress("identifying", None, 1, 3, 200, 200, 0.0, -1.0),
        Progress("done", None, 3, 3, 200, 200, 0.0, -1.0),
    ]


def test_without_tqdm_each_phase_is_a_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    bar = bars.new_bar()
    for state in states():
        bar.update(state)
    bar.close()
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"modelshelf: {name}" for name in ("finding", "hashing", "identifying", "done")]


def test_on_a_terminal_the_line_is_rewritten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    bar = bars.LineBar()
    for state in states():
        bar.update(state)
    bar.close()
    text = capsys.readouterr().err
    assert "hashing: 0/3 files, 25 %, 100 MB/s, 2 s left" in text
    assert "\n" not in text


def test_tqdm_counts_bytes_while_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    class Bar:
        def __init__(self, **options: Any) -> None:
            self.options, self.n, self.total, self.closed = options, 0, options["total"], False
            made.append(self)

        def update(self, step: int) -> None:
            self.n += step

        def close(self) -> None:
            self.closed = True

    module = types.ModuleType("tqdm")
    module.auto = types.ModuleType("tqdm.auto")  # type: ignore[attr-defined]
    module.auto.tqdm = Bar  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tqdm", module)
    monkeypatch.setitem(sys.modules, "tqdm.auto", module.auto)  # type: ignore[attr-defined]
    bar = bars.new_bar()
    for state in states():
        bar.update(state)
    bar.close()
    assert [(each.options["desc"], each.options["unit"], each.n, each.closed) for each in made] == [
        ("hashing", "B", 150, True),
        ("identifying", " files", 1, True),
    ]
