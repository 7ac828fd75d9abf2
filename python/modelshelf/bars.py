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
    display = _notebook()
    # In a notebook tqdm draws with widgets, and without them prints lines over lines.
    if display is not None and not _has_widgets():
        return NotebookBar(display)
    try:
        import tqdm.auto
    except ImportError:
        return LineBar() if display is None else NotebookBar(display)
    return TqdmBar(tqdm.auto.tqdm)


def _notebook() -> Any:
    """IPython's ``display`` in a notebook; None elsewhere, also in a terminal's IPython."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or "IPKernelApp" not in getattr(shell, "config", {}):
        return None
    import IPython.display

    return IPython.display


def _has_widgets() -> bool:
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return False
    return True


class NotebookBar:
    """A bar of the page itself, drawn anew in its place."""

    def __init__(self, display: Any) -> None:
        self._html = display.HTML
        self._handle: Any = display.display(self._html(""), display_id=True)
        self._shown = 0.0
        self._phase = ""
        self._last = ""

    def update(self, progress: Progress, /) -> None:
        now = time.monotonic()
        if progress.phase == self._phase and now - self._shown < 0.2:
            return
        self._phase, self._shown = progress.phase, now
        counts_bytes = _counts_bytes(progress)
        done, total = (progress.bytes, progress.bytes_total) if counts_bytes else (progress.files, progress.files_total)
        bar = f'<progress style="width:20em" max="{total}" value="{min(done, total)}"></progress> ' if total else ""
        # Phases are the core's words, and all else is numbers: nothing of a stranger is drawn.
        self._last = f"{bar}<code>{_line(progress)}</code>"
        self._handle.update(self._html(self._last))

    def close(self) -> None:
        if self._handle is not None and self._last:
            self._handle.update(self._html(self._last))
        self._handle = None


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
