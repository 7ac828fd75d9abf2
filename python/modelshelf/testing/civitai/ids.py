"""Numbers for models, versions and files, made from their contents."""

from __future__ import annotations

from collections import defaultdict

LOWEST, SPACE = 1000, 2_147_000_000


class Ids:
    """The same number for the same content in every run, and never one number for two things."""

    def __init__(self) -> None:
        self._taken: dict[str, dict[int, str]] = defaultdict(dict)
        self._given: dict[tuple[str, str], int] = {}

    def reserve(self, kind: str, number: int, owner: str) -> None:
        """Keep a number for ``owner``."""
        self._taken[kind].setdefault(number, owner)

    def give(self, kind: str, owner: str, digits: str) -> int:
        """The number of ``owner``: the value of ``digits``, or the next free one."""
        known = self._given.get((kind, owner))
        if known is not None:
            return known
        number = LOWEST + int(digits, 16) % SPACE
        while self._taken[kind].setdefault(number, owner) != owner:
            number = LOWEST + (number - LOWEST + 1) % SPACE
        self._given[kind, owner] = number
        return number

    def triple(self, owner: str, sha256: str) -> tuple[int, int, int]:
        """Numbers for a model, its version and its file."""
        return (
            self.give("model", owner, sha256[0:8]),
            self.give("version", owner, sha256[8:16]),
            self.give("file", owner, sha256[16:24]),
        )
