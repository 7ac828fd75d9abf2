"""Progress bars: tqdm's where it is installed, else one line on stderr."""

from __future__ import annotations

import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from .progress import Progress

    class Bar(Protocol):
        def update(self, progress: Progress, /) -> None: ...
        def close(self) -> None: ...


def new_bar() -> Bar:
    try:
        import tqdm.auto
    except ImportError:
        return LineBar()
    return TqdmBar(tqdm.auto.tqdm)


class TqdmBar:
    """Bytes while hashing and downloading, files otherwise; a new bar for each phase that has something to count."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._bar: Any = None
        self._phase = ""

    def update(self, progress: Progress, /) -> None:
        bytes_count = _counts_bytes(progress)
        done, total = (progress.bytes, progress.bytes_total) if bytes_count else (progress.files, progress.files_total)
        if progress.phase != self._phase:
            self.close()
            self._phase = progress.phase
        if self._bar is None:
            if total == 0 or progress.phase == "done":
                return
            unit = {"unit": "B", "unit_scale": True, "unit_divisor": 1024} if bytes_count else {"unit": " files"}
            self._bar = self._make(desc=progress.phase, total=total, **unit)
        self._bar.total = total
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class LineBar:
    """A line that is rewritten on a terminal; elsewhere one line for each phase."""

    def __init__(self) -> None:
        self._live = sys.stderr is not None and sys.stderr.isatty()
        self._phase = ""
        self._width = 0
        self._shown = 0.0

    def update(self, progress: Progress, /) -> None:
        if sys.stderr is None:
            return
        changed = progress.phase != self._phase
        self._phase = progress.phase
        if not self._live:
            if changed:
                print(f"modelshelf: {progress.phase}", file=sys.stderr)
            return
        now = time.monotonic()
        if not changed and now - self._shown < 0.2:
            return
        self._shown = now
        text = _line(progress)
        sys.stderr.write("\r" + text.ljust(self._width))
        sys.stderr.flush()
        self._width = len(text)

    def close(self) -> None:
        if self._width and sys.stderr is not None:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0


def _counts_bytes(progress: Progress) -> bool:
    return progress.phase in ("hashing", "downloading") and progress.bytes_total > 0


def _line(progress: Progress) -> str:
    text = f"{progress.phase}: {progress.files}"
    if progress.files_total:
        text += f"/{progress.files_total}"
    text += " files"
    if _counts_bytes(progress):
        text += f", {100 * progress.bytes // progress.bytes_total} %"
        if progress.bytes_per_second:
            text += f", {progress.bytes_per_second / 1e6:.0f} MB/s"
        if progress.seconds_left is not None:
            text += f", {progress.seconds_left:.0f} s left"
    return text
