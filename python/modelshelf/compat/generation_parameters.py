"""The text that image generators write into their pictures: prompt, negative prompt, and a line of parameters.

a castle, (night:1.2)
Negative prompt: blurry, text
Steps: 20, Sampler: Euler a, Size: 512x768, Lora hashes: "ink: 1a2b3c4d5e6f", Hashes: {"model": "90bffafd10"}
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

_NEGATIVE = "Negative prompt:"
#: A line that begins like this is one of parameters, if more of them follow.
_STEPS_LINE = re.compile(r"^[ \t]*Steps:[ \t]*\d+[ \t]*(?:,|$)", re.MULTILINE)
#: Some tools write everything into one line.
_STEPS_INSIDE = re.compile(r"(?<![\w:])Steps:[ \t]*\d+[ \t]*,[ \t]*\w")
_KEY = re.compile(r"[\s,]*(\w[\w \-/.+()]{0,80}?)[ \t]*:(?!//)[ \t]*")
_END = re.compile(r"[ \t]*(?:[,\n]|\Z)")
#: A line without "Steps" is one of parameters from so many on.
_FEWEST = 3
#: So many lines are tried; nobody writes more of them, and an attacker gains nothing.
_MOST_CANDIDATES = 32


class _Pair(NamedTuple):
    key: str
    value: str
    start: int
    end: int


def parse_generation_parameters(text: object) -> dict[str, Any]:
    """``prompt``, ``negative_prompt`` and every ``Key: value``, keys in lower case, values as text without their quotes.

    ``lora hashes`` and ``hashes`` are also given as dictionaries: ``lora_hashes`` and ``hashes_json``. Any text may be
    given.
    """
    if isinstance(text, (bytes, bytearray)):
        text = bytes(text).decode("utf-8", "replace")
    if not isinstance(text, str):
        text = ""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    start = _start_of_parameters(text)
    prompt, negative = _prompts(text[:start])
    found: dict[str, Any] = {}
    for pair in _pairs(text, start):
        found[pair.key.lower()] = pair.value
    # Words of the prompts are the user's; a parameter of the same name must not take their place.
    result: dict[str, Any] = {**found, "prompt": prompt, "negative_prompt": negative}
    if "lora hashes" in found:
        result["lora_hashes"] = _named_hashes(found["lora hashes"])
    if "hashes" in found:
        parsed = _json_object(found["hashes"])
        if parsed is not None:
            result["hashes_json"] = parsed
    return result


def _prompts(text: str) -> tuple[str, str]:
    at = 0 if text.startswith(_NEGATIVE) else text.find("\n" + _NEGATIVE)
    if at < 0:
        at = text.find(" " + _NEGATIVE)
    if at < 0:
        return text.strip(), ""
    prompt, _, negative = text[:at], _NEGATIVE, text[at:].lstrip()[len(_NEGATIVE) :]
    return prompt.strip(), negative.strip()


def _start_of_parameters(text: str) -> int:
    """Where the parameters begin; the end of the text when there are none."""
    candidates = [match.start() for match in _STEPS_LINE.finditer(text)][-_MOST_CANDIDATES:]
    chosen: int | None = None
    for start in reversed(candidates):
        pairs = _pairs(text, start)
        if chosen is None:
            # "Steps: 3, walk up" is a line of a prompt, unless it is the last of the text and nothing but that.
            if len(pairs) > 1 or _STEPS_LINE.sub("", text[start:], count=1).strip() == "":
                chosen = start
        elif any(pair.start <= chosen < pair.end for pair in pairs):
            # What looked like the line is quoted in a value of this one.
            chosen = start
    if chosen is not None:
        return chosen
    stripped = text.rstrip()
    last = stripped.rfind("\n") + 1
    inside = [match.start() for match in _STEPS_INSIDE.finditer(stripped, last)]
    if inside and len(_pairs(text, inside[-1])) >= _FEWEST:
        return inside[-1]
    if not stripped[last:].startswith(_NEGATIVE) and len(_pairs(text, last)) >= _FEWEST and _is_whole(stripped[last:]):
        return last
    return len(text)


def _is_whole(line: str) -> bool:
    """Whether a line is made of pairs only: words in a prompt may have colons too."""
    match = _KEY.match(line)
    return match is not None and "(" not in match.group(1)


def _pairs(text: str, start: int) -> list[_Pair]:
    pairs: list[_Pair] = []
    position = start
    while position < len(text):
        match = _KEY.match(text, position)
        if match is None:
            # No key: it belongs to the value before, which held a comma.
            end = _next_separator(text, position)
            more = text[position:end].strip(" \t,")
            if more and pairs and "\n" not in text[pairs[-1].end : position]:
                before = pairs.pop()
                pairs.append(_Pair(before.key, f"{before.value}, {more}" if before.value else more, before.start, end))
            position = end + 1
            continue
        value, end = _value(text, match.end())
        pairs.append(_Pair(match.group(1).strip(), value, match.end(), end))
        separator = _END.match(text, end)
        position = separator.end() if separator is not None and separator.end() > end else end + 1
    return pairs


def _value(text: str, start: int) -> tuple[str, int]:
    """The value at ``start`` and where it ends."""
    first = text[start : start + 1]
    if first == '"':
        quoted = _quoted(text, start)
        if quoted is not None and _END.match(text, quoted[1]):
            return quoted
    elif first in ("{", "["):
        try:
            _, end = json.JSONDecoder(strict=False).raw_decode(text, start)
        except (ValueError, RecursionError):
            pass
        else:
            if _END.match(text, end):
                return text[start:end], end
    end = _next_separator(text, start)
    return text[start:end].strip(), end


def _quoted(text: str, start: int) -> tuple[str, int] | None:
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        # Not every tool escapes as JSON does: up to the next quote that has no backslash before it.
        match = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL).match(text, start)
        return None if match is None else (match.group(1), match.end())
    return str(value), end


def _next_separator(text: str, start: int) -> int:
    ends = [at for at in (text.find(",", start), text.find("\n", start)) if at >= 0]
    return min(ends, default=len(text))


def _named_hashes(text: str) -> dict[str, str]:
    """``a: 1, b: 2`` as a dictionary; a name may hold commas and colons."""
    hashes: dict[str, str] = {}
    pending = ""
    for piece in text.strip().strip('"').split(","):
        name, colon, value = piece.rpartition(":")
        if colon and value.strip().isalnum():
            hashes[(pending + name).strip()] = value.strip()
            pending = ""
        else:
            pending += piece + ","
    return hashes


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
