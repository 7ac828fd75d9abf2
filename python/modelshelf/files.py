"""What can be said of a file without a database."""

from __future__ import annotations

import json
import os

from . import _native
from .documents import loads
from .errors import of
from .paths import from_json
from .progress import Reporter
from .record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeVar

    from ._native import Cancel
    from ._typing import AnyPath, ProgressOption
    from .errors import Error

    PathType = TypeVar("PathType", bound=AnyPath)


class FileInfo(Record):
    """What a file's header says: ``info.base_model`` or ``info["base_model"]``."""

    __slots__ = ()

    if TYPE_CHECKING:
        path: str
        size: int
        format: str | None
        type: str | None
        base_model: str | None
        variant: str | None
        precision: str | None
        tensors: int | None
        parameters: int | None
        rank: int | None
        alpha: float | None
        trigger_words: list[str]
        training: dict[str, Any]
        metadata: dict[str, Any]
        claimed_hashes: dict[str, Any]
        safety: dict[str, Any]
        confidence: Any
        evidence: list[Any]
        alternatives: list[Any]
        problems: list[dict[str, str]]

    def __init__(self, values: dict[str, Any]) -> None:
        values["path"] = from_json(values)
        super().__init__(values)


def hash_file(
    path: AnyPath,
    algorithms: str | Iterable[str] = "sha256",
    *,
    jobs: int | None = None,
    background: bool = False,
    progress: ProgressOption = False,
    cancel: Cancel | None = None,
) -> dict[str, str | None]:
    """Hashes of one file by name, the file read once: ``hash_file(path, ["sha256", "autov3"])``.

    The names are ``sha256 tensor_sha256 autov1 autov2 autov3 blake3 crc32 crc32_civitai git_sha1 invokeai canonical
    a1111_legacy``; ``all`` stands for the usual ones. A hash that the file cannot have is ``None``; a folder has
    ``invokeai`` and no other. ``jobs`` threads share a large file, one on each processor by default; ``background``
    reads and hashes with the lowest priority for processor and disk.
    """
    document = _hash([path], algorithms, jobs, background, progress, cancel)
    for failure in document["failed"]:
        raise _error(failure)
    hashes: dict[str, str | None] = document["files"][0]["hashes"]
    return hashes


def hash_files(
    paths: Iterable[PathType],
    algorithms: str | Iterable[str] = "sha256",
    *,
    jobs: int | None = None,
    background: bool = False,
    on_error: Any = None,
    progress: ProgressOption = False,
    cancel: Cancel | None = None,
) -> dict[PathType, dict[str, str | None]]:
    """Hashes of several files on all processors; the keys are the paths as they were given.

    When a file fails, ``on_error(path, error)`` is called and the others are given; without ``on_error`` the first
    error is raised after all are done, with what was hashed in its ``results``.
    """
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise TypeError("paths is one path; hash_file() takes one, hash_files() a list of them")
    given = list(paths)
    document = _hash(given, algorithms, jobs, background, progress, cancel)
    # One file may be given as str, bytes and Path: three keys.
    names: dict[str, list[PathType]] = {}
    for path in given:
        names.setdefault(os.fsdecode(path), []).append(path)

    def as_given(text: str) -> Any:
        return names[text].pop(0) if names.get(text) else text

    results = {as_given(from_json(entry)): entry["hashes"] for entry in document["files"]}
    raised: Error | None = None
    for failure in document["failed"]:
        error = _error(failure)
        if on_error is not None:
            on_error(as_given(error.path or ""), error)
        elif raised is None:
            raised = error
    if raised is not None:
        raised.results = results  # type: ignore[attr-defined]
        raise raised
    return results


def inspect(path: AnyPath) -> FileInfo:
    """What the header of a file says. Never loads tensors, never runs a pickle."""
    document = json.loads(_native.inspect([path]))
    for failure in document["failed"]:
        raise _error(failure)
    return FileInfo(document["files"][0])


def _hash(
    paths: list[Any],
    algorithms: str | Iterable[str],
    jobs: int | None,
    background: bool,
    progress: ProgressOption,
    cancel: Cancel | None,
) -> dict[str, Any]:
    names = algorithms.split(",") if isinstance(algorithms, str) else list(algorithms)
    if jobs is not None and jobs < 0:
        raise ValueError("jobs is negative")
    options = json.dumps({"algorithms": names, "jobs": jobs or 0, "background": bool(background)})
    with Reporter(progress) as report:
        document: dict[str, Any] = loads(_native.hash_files(paths, options, report, cancel))
    return document


def _error(failure: dict[str, Any]) -> Error:
    path = from_json(failure) if failure.get("path") is not None else None
    return of(failure["code"], failure["message"], path, failure.get("hint"))
