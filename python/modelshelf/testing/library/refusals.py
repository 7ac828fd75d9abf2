"""Headers that break one rule of the safetensors format each, and a few that look wrong and are right."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .safetensors import framed

CORRUPT = "corrupt_file"


@dataclass(frozen=True, slots=True)
class Case:
    """One file; ``code`` None means that it is valid, or odd and to be read with a note."""

    name: str
    data: bytes
    what: str
    code: str | None = CORRUPT
    also: tuple[str, ...] = ()


def _raw(text: bytes, data: int = 0) -> bytes:
    return len(text).to_bytes(8, "little") + text + bytes(data)


def _entry(dtype: str = "I32", shape: Any = (2, 2), begin: int = 0, end: int = 16) -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


def _table(data: int = 16, **entries: Any) -> bytes:
    return _raw(json.dumps(entries, separators=(",", ":")).encode(), data)


def _pairs(*pairs: tuple[str, Any]) -> bytes:
    """An object whose keys may repeat, which no dictionary can hold."""
    inner = ",".join(f"{json.dumps(key)}:{json.dumps(value)}" for key, value in pairs)
    return _raw(("{" + inner + "}").encode(), 16)


def cases() -> list[Case]:
    """Every case, valid ones first."""
    good = _entry()
    minimal = _table(t=good)
    many = {f"t{number}": _entry("U8", (1,), number, number + 1) for number in range(5000)}
    return [
        Case("ok-minimal", minimal, "one tensor", None),
        Case("ok-empty-object", _raw(b"{}"), "no tensors", None),
        Case("ok-whitespace", _raw(b"\t\n{}\r "), "white space around the object", None),
        Case("ok-rank0", _table(4, t=_entry(shape=(), end=4)), "a scalar", None),
        Case("ok-zero-size", _table(0, t=_entry(shape=(0, 8), end=0)), "a tensor without elements", None),
        Case("ok-extra-field", _table(t={**good, "x": 1}), "a field nobody knows", None),
        Case("ok-padded", framed(b"{}", 4096), "a header padded to a page", None),
        Case("ok-f4-even", _table(2, t=_entry("F4", (4,), end=2)), "four half bytes", None),
        Case("ok-complex", _table(16, t=_entry("C64", (2,))), "complex numbers", None),
        Case("ok-many", _table(5000, **many), "five thousand tensors", None),
        Case("odd-unknown-dtype", _table(t=_entry("F17")), "a type of the future", None, (CORRUPT,)),
        Case("odd-metadata-number", _table(__metadata__={"a": 1}, t=good), "a number as metadata", None, (CORRUPT,)),
        Case(
            "odd-metadata-nested", _table(__metadata__={"a": {"b": "c"}}, t=good), "nested metadata", None, (CORRUPT,)
        ),
        Case("too-small", b"\x02\0\0\0", "fewer than eight bytes"),
        Case("length-past-end", (60).to_bytes(8, "little"), "a header longer than the file"),
        Case("length-huge", (1 << 63).to_bytes(8, "little") + b"{}", "a header length with the top bit set"),
        Case("length-wraps", ((1 << 64) - 8).to_bytes(8, "little") + b"{}", "a header length that overflows a sum"),
        Case(
            "length-over-cap",
            (100_000_001).to_bytes(8, "little") + b"{}",
            "a header above the cap",
            CORRUPT,
            ("too_large",),
        ),
        Case("not-utf8", _raw(b"\xff"), "a header that is not UTF-8"),
        Case("not-json", _raw(b"{"), "a header that is not JSON"),
        Case("array", _raw(b"[]"), "an array for a header"),
        Case("bom", _raw(b"\xef\xbb\xbf{}"), "a byte order mark"),
        Case("text-after", _raw(b"{}x"), "text after the object"),
        Case("nul-padding", _raw(b"{}\0\0\0\0\0\0"), "padding with NUL"),
        Case("deep", _raw(b'{"t":' + b"[" * 100_000), "a hundred thousand brackets"),
        Case("trailing-bytes", minimal + b"x", "bytes after the last tensor"),
        Case("missing-bytes", minimal[:-1], "a byte short"),
        Case("hole", _table(12, a=_entry("U8", (4,), 0, 4), b=_entry("U8", (4,), 8, 12)), "a hole between tensors"),
        Case("start-hole", _table(8, a=_entry("U8", (4,), 4, 8)), "a hole before the first tensor"),
        Case("aliased", _table(a=good, b=good), "two tensors in one place"),
        Case("overlap", _table(12, a=_entry("U8", (8,), 0, 8), b=_entry("U8", (8,), 4, 12)), "overlapping tensors"),
        Case("reversed", _table(4, a=_entry("U8", (0,), 4, 0)), "an end before its beginning"),
        Case("wrong-size", _table(t=_entry(shape=(2, 3))), "a shape that does not fit its bytes"),
        Case("size-overflow", _table(t=_entry(shape=(2, (1 << 63) - 1))), "a product that overflows"),
        Case("negative-dimension", _table(t=_entry(shape=(-2, -2))), "negative dimensions"),
        Case("fraction-dimension", _table(t=_entry(shape=(2.0, 2))), "a dimension with a point"),
        Case("no-dtype", _table(t={"shape": [2, 2], "data_offsets": [0, 16]}), "no type"),
        Case("no-offsets", _table(t={"shape": [2, 2], "dtype": "I32"}), "no offsets"),
        Case("duplicate-tensor", _pairs(("t", good), ("t", good)), "one name twice: readers would disagree"),
        Case(
            "duplicate-metadata",
            _pairs(("__metadata__", {"a": "1"}), ("__metadata__", {"a": "2"}), ("t", good)),
            "metadata twice",
        ),
        Case("f4-odd", _table(2, t=_entry("F4", (3,), end=2)), "a tensor that ends within a byte"),
        Case(
            "lone-surrogate",
            _raw(b'{"\\ud800":' + json.dumps(_entry("U8", (1,), 0, 1)).encode() + b"}", 1),
            "half a character",
        ),
    ]
