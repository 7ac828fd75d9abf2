"""JSON of the core, read so that other threads are not kept waiting."""

from __future__ import annotations

import json
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Smaller documents take less time than a switch of threads is worth (characters).
SMALL = 32 * 1024
_SPACE = " \t\n\r"
_value = json.JSONDecoder().raw_decode


def loads(text: str) -> Any:
    """``json.loads`` for documents that may be large, such as a whole library.

    The parser of the standard library holds the GIL from the first to the last character: a second for a large
    library, in which an event loop in another thread stands still. Here the GIL is offered between the elements of an
    array, whether it is the document or a member of it.
    """
    if len(text) <= SMALL:
        return json.loads(text)
    start = _skip(text, 0)
    value: Any
    if text[start] == "[":
        value, end = _array(text, start)
    elif text[start] == "{":
        value, end = _object(text, start)
    else:
        return json.loads(text)
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return value


def _object(text: str, start: int) -> tuple[dict[str, Any], int]:
    values: dict[str, Any] = {}
    at = _skip(text, start + 1)
    if text[at : at + 1] == "}":
        return values, at + 1
    while True:
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting property name enclosed in double quotes", text, at)
        key, at = _value(text, at)
        at = _skip(text, at)
        if text[at : at + 1] != ":":
            raise json.JSONDecodeError("Expecting ':' delimiter", text, at)
        at = _skip(text, at + 1)
        values[key], at = _array(text, at) if text[at : at + 1] == "[" else _value(text, at)
        at, ended = _next(text, at, "}")
        if ended:
            return values, at


def _array(text: str, start: int) -> tuple[list[Any], int]:
    values: list[Any] = []
    at = _skip(text, start + 1)
    if text[at : at + 1] == "]":
        return values, at + 1
    offered = at
    while True:
        value, at = _value(text, at)
        values.append(value)
        if at - offered > SMALL:
            offered = at
            time.sleep(0)
        at, ended = _next(text, at, "]")
        if ended:
            return values, at


def _next(text: str, at: int, end: str) -> tuple[int, bool]:
    """After a value: where the next one begins, or what follows the end."""
    at = _skip(text, at)
    sign = text[at : at + 1]
    if sign == end:
        return at + 1, True
    if sign != ",":
        raise json.JSONDecodeError("Expecting ',' delimiter", text, at)
    return _skip(text, at + 1), False


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in _SPACE:
        at += 1
    return at
