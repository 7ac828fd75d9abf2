"""Reading query parameters as strictly, and as strangely, as the service does.

A bad parameter is a 400 whose ``error`` is an object with JSON text inside. Some parameters are declared as numbers or
truth values without conversion, so whatever a query string says in them is refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .messages import Query, Response, error

TRUE = {"true", "1", "yes", "on", "y", "enabled"}
FALSE = {"false", "0", "no", "off", "n", "disabled"}
PERIODS = ["Day", "Week", "Month", "Year", "AllTime"]


class Refused(Exception):
    """A parameter is not acceptable."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        self.name = name
        self.why = why

    def response(self) -> Response:
        problems: list[dict[str, Any]] = [{"code": "invalid_value", "path": [self.name], "message": self.why}]
        return error(400, {"name": "ZodError", "message": json.dumps(problems, indent=2)})


def number(query: Query, name: str, default: int | None, least: int = 0, most: int = 1 << 53) -> int | None:
    """A whole number within bounds; beyond them is an error, never clamped."""
    text = query.get(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise Refused(name, "Invalid input: expected number") from None
    if not least <= value <= most:
        raise Refused(name, f"Number must be between {least} and {most}")
    return value


def numbers(query: Query, name: str) -> list[int] | None:
    """A comma list of whole numbers."""
    text = query.get(name)
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise Refused(name, "Invalid input: expected number") from None


def truth(query: Query, name: str) -> bool:
    """One of the words for true and false; absent is false."""
    text = query.get(name)
    if text is None or text.lower() in FALSE:
        return False
    if text.lower() in TRUE:
        return True
    raise Refused(name, "Invalid input: expected boolean")


def filled(query: Query, name: str) -> bool:
    """The other kind of truth value: any text at all is true, the word "false" too."""
    return bool(query.get(name))


def choice(query: Query, name: str, allowed: Sequence[str], default: str | None) -> str | None:
    """One of a list of words."""
    text = query.get(name)
    if text is None:
        return default
    if text not in allowed:
        raise Refused(name, "Invalid option: expected one of " + "|".join(allowed))
    return text


def choices(query: Query, name: str, allowed: Sequence[str] | None, least: int = 1) -> list[str]:
    """A repeated parameter; a comma list counts as one (unknown) word."""
    given = query.all(name)
    if given and len(given) < least:
        raise Refused(name, "Invalid input: expected array, received string")
    for text in given:
        if allowed is not None and text not in allowed:
            raise Refused(name, "Invalid option: expected one of " + "|".join(allowed))
    return given


def refuse_all(query: Query, names: Sequence[str]) -> None:
    """Parameters that cannot be given in a query string."""
    for name in names:
        if name in query:
            raise Refused(name, "Invalid input: expected boolean, received string")
