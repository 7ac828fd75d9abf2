"""Messages of the core reach ``logging``, and only what somebody reads is made."""

from __future__ import annotations

import logging

import pytest

from modelshelf import _native, messages


def test_messages_are_handed_over(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    waiting = [(0, "first"), (3, "50 % of it")]
    levels: list[int] = []
    monkeypatch.setattr(messages, "_listening", None)
    monkeypatch.setattr(_native, "log_listen", levels.append)
    monkeypatch.setattr(_native, "log_next", lambda: waiting.pop(0) if waiting else None)
    with caplog.at_level(logging.DEBUG, "modelshelf"):
        messages.begin()
        messages.begin()
        messages.deliver()
    assert levels == [0]
    assert [(each.name, each.levelno, each.getMessage()) for each in caplog.records] == [
        ("modelshelf", logging.DEBUG, "first"),
        ("modelshelf", logging.ERROR, "50 % of it"),
    ]


def test_the_core_listens_as_logging_does(monkeypatch: pytest.MonkeyPatch) -> None:
    levels: list[int] = []
    monkeypatch.setattr(messages, "_listening", None)
    monkeypatch.setattr(_native, "log_listen", levels.append)
    logger = logging.getLogger("modelshelf")
    for level in (logging.DEBUG, logging.WARNING, logging.CRITICAL):
        monkeypatch.setattr(logger, "level", level)
        logger.manager._clear_cache()  # type: ignore[attr-defined]
        messages.begin()
    logger.manager._clear_cache()  # type: ignore[attr-defined]
    assert levels == [0, 2, -1]
