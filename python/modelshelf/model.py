"""The record of one model file, and lists of them."""

from __future__ import annotations

import json

from .paths import from_json
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class Model(Record):
    """Everything known about one model file: ``model.base_model`` or ``model["base_model"]``. A snapshot."""

    __slots__ = ("_line",)
    _line: str

    if TYPE_CHECKING:
        path: str
        path_bytes: str | None
        name: str
        size: int
        mtime: float
        type: str | None
        format: str | None
        architecture: str | None
        base_model: str | None
        precision: str | None
        hashes: dict[str, str | None]
        civitai: dict[str, Any]
        trigger_words: list[str]
        training: dict[str, Any]
        preview: dict[str, Any] | None
        user: dict[str, Any]
        safety: dict[str, Any]
        duplicates: list[str]
        missing: bool
        sources: dict[str, str]

    def __init__(self, values: dict[str, Any]) -> None:
        values["path"] = from_json(values)
        super().__init__(values)

    @classmethod
    def of_line(cls, line: str) -> Model:
        """A record of a list, which may be long: it is read when somebody looks at it.

        Reading all at once would keep other threads waiting, and so would Python's collector, which walks through all
        dictionaries that there are.
        """
        model = cls.__new__(cls)
        object.__setattr__(model, "_line", line)
        return model

    def __getattr__(self, name: str) -> Any:
        if name == "_values":
            values = json.loads(object.__getattribute__(self, "_line").removesuffix(","))
            values["path"] = from_json(values)
            object.__setattr__(self, "_values", values)
            return values
        return super().__getattr__(name)

    @property
    def tags(self) -> list[str]:
        """The user's tags."""
        return (self._values.get("user") or {}).get("tags") or []

    @property
    def notes(self) -> str:
        """The user's notes."""
        return (self._values.get("user") or {}).get("notes") or ""

    @property
    def favorite(self) -> bool:
        return bool((self._values.get("user") or {}).get("favorite"))

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        words = [each for each in (self.type, self.base_model or self.architecture) if each]
        return f"<Model {self.name!r} {' '.join(words)}>".replace(" >", ">")

    def _repr_html_(self) -> str:
        from .cards import card

        return card(self)


class ModelList(list[Model]):
    """A page of models; ``total`` counts those of all pages."""

    def __init__(self, models: Iterable[Model] = (), total: int | None = None) -> None:
        super().__init__(models)
        self.total = len(self) if total is None else total

    def _repr_html_(self) -> str:
        from .cards import gallery

        return gallery(self)
