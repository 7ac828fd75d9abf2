"""The reader of large documents gives what the standard library gives."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from modelshelf import documents


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "SMALL", 0)


def value(random: random.Random, depth: int) -> Any:
    kind = random.randrange(8 if depth else 5)
    if kind == 0:
        return random.choice([None, True, False])
    if kind in (1, 2):
        return random.choice([random.randrange(-(1 << 62), 1 << 62), random.random() * 1e9])
    if kind in (3, 4):
        return "".join(random.choice('ab"\\\n\u00e4\u4e00\U0001f600[]{},: ') for _ in range(random.randrange(9)))
    if kind in (5, 6):
        return [value(random, depth - 1) for _ in range(random.randrange(5))]
    return {str(value(random, 0)): value(random, depth - 1) for _ in range(random.randrange(5))}


def test_any_document() -> None:
    for seed in range(300):
        wanted = value(random.Random(seed), 4)
        for indent in (None, 1):
            text = json.dumps(wanted, indent=indent, ensure_ascii=bool(seed % 2))
            assert documents.loads(text) == wanted
            assert documents.loads(f" \n{text}\t") == wanted


def test_broken_documents_are_refused() -> None:
    whole = json.dumps({"models": [{"a": 1}, [2]], "total": 2})
    for end in range(len(whole)):
        with pytest.raises(ValueError):
            documents.loads(whole[:end])
    for text in ('{"a" 1}', "{1: 2}", "[1 2]", "[1],", '{"a": 1} x', "[1,]", '{"a": 1,}', "{,}"):
        with pytest.raises(ValueError):
            documents.loads(text)
