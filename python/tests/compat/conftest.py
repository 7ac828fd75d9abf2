"""Every test has a manager of its own."""

from __future__ import annotations

import pytest

from modelshelf.compat import model_metadata


@pytest.fixture(autouse=True)
def no_manager(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_metadata, "_manager", None)
