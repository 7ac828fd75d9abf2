"""Names for the type checker; nothing here is imported when a program runs."""

import os
from collections.abc import Callable
from typing import Union

from .progress import Progress

#: A file or folder: text, bytes, or what os.fspath() takes.
AnyPath = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]
#: False for silence, True for a progress bar, or a function that is told how far the call is.
ProgressOption = bool | Callable[[Progress], object]
