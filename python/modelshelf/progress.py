"""How far a long call is, and showing it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ._typing import ProgressOption

    Native = Callable[[str, "str | None", int, int, int, int, float, float], None]


class Progress:
    """How far a call is. ``bytes_total`` and ``files_total`` are what is known so far; 0 while nothing is."""

    __slots__ = ("bytes", "bytes_per_second", "bytes_total", "files", "files_total", "path", "phase", "seconds_left")

    def __init__(
        self,
        phase: str,
        path: str | None,
        files: int,
        files_total: int,
        bytes: int,
        bytes_total: int,
        bytes_per_second: float,
        seconds_left: float,
    ) -> None:
        #: ``finding reading hashing identifying previews sidecars done``; of a download ``asking downloading waiting verifying
        #: registering done``.
        self.phase = phase
        #: A file that is being read now.
        self.path = path
        self.files = files
        self.files_total = files_total
        self.bytes = bytes
        self.bytes_total = bytes_total
        #: 0 while unknown.
        self.bytes_per_second = bytes_per_second
        #: None while unknown.
        self.seconds_left: float | None = None if seconds_left < 0 else seconds_left

    def __repr__(self) -> str:
        return f"<Progress {self.phase}: {self.files}/{self.files_total} files, {self.bytes}/{self.bytes_total} bytes>"


class Reporter:
    """What ``progress=`` asks for, as a context in which ``native`` is what the native module is to call."""

    __slots__ = ("_close", "native")

    def __init__(self, option: ProgressOption) -> None:
        self.native: Native | None = None
        self._close: Callable[[], None] | None = None
        if option is True:
            from .bars import new_bar

            bar = new_bar()
            self.native = _adapted(bar.update)
            self._close = bar.close
        elif callable(option):
            self.native = _adapted(option)
        elif option is not False and option is not None:
            raise TypeError("progress must be True, False or a function")

    def __enter__(self) -> Native | None:
        return self.native

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._close is not None:
            self._close()


def _adapted(callback: Callable[[Progress], object]) -> Native:
    def native(*values: object) -> None:
        callback(Progress(*values))  # type: ignore[arg-type]

    return native
