"""modelshelf for servers on asyncio: the same names, awaitable and cancellable, with streams as async iterators.

    shelf = await modelshelf.aio.get_manager()
    await shelf.scan("models/LoRA")
    async for event in shelf.watch("models"):
        ...

The work is done on a few threads of the module's own, with the GIL free, so that the loop goes on meanwhile. A task
that is cancelled stops its call, which ends after the block it is at, and then raises ``CancelledError``. ``progress``
and ``on_event`` are called on the loop, and may be coroutine functions.
"""

from .._native import Cancel, Hasher
from ..download import Download
from ..downloads import DownloadsReport, QueuedDownload
from ..errors import (
    Ambiguous,
    BadResponse,
    Cancelled,
    CorruptFile,
    EarlyAccess,
    Error,
    FileChanged,
    Forbidden,
    Gone,
    HashMismatch,
    InternalError,
    NetworkError,
    NoSpace,
    NotFound,
    OfflineRoot,
    RateLimited,
    RegionBlocked,
    ServerError,
    StoreBusy,
    StoreError,
    Timeout,
    TooLarge,
    Unauthorized,
    Unreadable,
    UnsafeFile,
    UnsupportedFormat,
    UsageError,
)
from ..files import FileInfo
from ..model import Model, ModelList
from ..progress import Progress
from ..report import ScanReport
from ..watch import WatchEvent
from .. import __version__
from ._civitai import Civitai
from ._downloads import Downloads
from ._files import hash_file, hash_files, inspect
from ._shelf import Shelf, get_manager
from ._watch import Watch

__all__ = [
    "Ambiguous",
    "BadResponse",
    "Cancel",
    "Cancelled",
    "Civitai",
    "CorruptFile",
    "Download",
    "Downloads",
    "DownloadsReport",
    "EarlyAccess",
    "Error",
    "FileChanged",
    "FileInfo",
    "Forbidden",
    "Gone",
    "HashMismatch",
    "Hasher",
    "InternalError",
    "Model",
    "ModelList",
    "NetworkError",
    "NoSpace",
    "NotFound",
    "OfflineRoot",
    "Progress",
    "QueuedDownload",
    "RateLimited",
    "RegionBlocked",
    "ScanReport",
    "ServerError",
    "Shelf",
    "StoreBusy",
    "StoreError",
    "Timeout",
    "TooLarge",
    "Unauthorized",
    "Unreadable",
    "UnsafeFile",
    "UnsupportedFormat",
    "UsageError",
    "Watch",
    "WatchEvent",
    "__version__",
    "get_manager",
    "hash_file",
    "hash_files",
    "inspect",
]
