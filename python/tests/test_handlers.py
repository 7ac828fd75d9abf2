"""The handlers of ``watch --exec``, by the function that the program calls."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelshelf import handlers


@pytest.fixture(autouse=True)
def own_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The program calls them in a process of their own, so they leave behind what they like."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    sys.modules.pop("modelshelf_handlers", None)
    for number, handler in before.items():
        signal.signal(number, handler)


def event(name: str) -> dict[str, object]:
    return {"event": name, "path": "/x.safetensors", "path_bytes": None, "old_path": None, "model": None, "error": None}


def test_functions_and_coroutine_functions(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "json.py"
    file.write_text(
        "import asyncio\n"
        "async def on_added(model):\n    await asyncio.sleep(0)\n    print('added', model)\n"
        "async def on_removed(model, event):\n    raise KeyError(event.path)\n"
        "def on_changed(model, event):\n    print('changed', event.event)\n"
    )
    texts = iter([json.dumps([event("added"), event("removed"), event("identified")]), json.dumps([event("changed")])])
    assert handlers.run(str(file), lambda milliseconds: next(texts, None)) == 0
    out, err = capfd.readouterr()
    assert out == "added None\nchanged changed\n"
    assert err.rstrip().endswith("KeyError: '/x.safetensors'")
