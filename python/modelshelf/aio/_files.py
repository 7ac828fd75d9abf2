"""What can be said of a file without a database, to await."""

from __future__ import annotations

import os

from .. import files as blocking
from ._call import run

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from .._native import Cancel
    from .._typing import AnyPath, ProgressOption
    from ..files import FileInfo, PathType


def _spare() -> int:
    """Threads that leave a processor to the loop, where there are several."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


async def hash_file(
    path: AnyPath,
    algorithms: str | Iterable[str] = "sha256",
    *,
    jobs: int | None = None,
    background: bool = False,
    progress: ProgressOption = False,
    cancel: Cancel | None = None,
) -> dict[str, str | None]:
    """Hashes of one file by name; see ``modelshelf.hash_file()``. By default a processor is left to the loop."""
    return await run(
        blocking.hash_file,
        path,
        algorithms,
        jobs=_spare() if jobs is None else jobs,
        background=background,
        progress=progress,
        cancel=cancel,
    )


async def hash_files(
    paths: Iterable[PathType],
    algorithms: str | Iterable[str] = "sha256",
    *,
    jobs: int | None = None,
    background: bool = False,
    on_error: Any = None,
    progress: ProgressOption = False,
    cancel: Cancel | None = None,
) -> dict[PathType, dict[str, str | None]]:
    """Hashes of several files; see ``modelshelf.hash_files()``. By default a processor is left to the loop.

    ``on_error`` is called on the loop.
    """
    failures: list[tuple[Any, Any]] = []

    def keep(path: Any, error: Any) -> None:
        failures.append((path, error))

    results: dict[PathType, dict[str, str | None]] = await run(
        blocking.hash_files,
        list(paths),
        algorithms,
        jobs=_spare() if jobs is None else jobs,
        background=background,
        on_error=None if on_error is None else keep,
        progress=progress,
        cancel=cancel,
    )
    for path, error in failures:
        on_error(path, error)
    return results


async def inspect(path: AnyPath) -> FileInfo:
    """What the header of a file says; see ``modelshelf.inspect()``."""
    return await run(blocking.inspect, path)
