"""Knows Stable Diffusion model files: what they are, where they came from, how to use them.

    shelf = modelshelf.get_manager()
    shelf.scan(["models/LoRA"], progress=True)
    shelf.get("models/LoRA/x.safetensors").trigger_words

The names below are loaded when they are first used, so that the import costs next to nothing and the parts that are
pure Python (``modelshelf.testing``) run where the native module is not built.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._native import Cancel, Hasher
    from .civitai import Civitai
    from .download import Download
    from .downloads import Downloads, DownloadsReport, QueuedDownload
    from .errors import (
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
    from .files import FileInfo, hash_file, hash_files, inspect
    from .manager import get_manager
    from .model import Model, ModelList
    from .progress import Progress
    from .report import ScanReport
    from .shelf import Shelf
    from .watch import Watch, WatchEvent

__version__ = "0.1.0"
#: The interface of the native core that these files are made for: MS_ABI_VERSION of its header.
__abi_version__ = 1

#: Where each public name lives.
_HOMES = {
    "Cancel": "_native",
    "Hasher": "_native",
    "Civitai": "civitai",
    "Download": "download",
    "Downloads": "downloads",
    "DownloadsReport": "downloads",
    "QueuedDownload": "downloads",
    "FileInfo": "files",
    "hash_file": "files",
    "hash_files": "files",
    "inspect": "files",
    "get_manager": "manager",
    "Model": "model",
    "ModelList": "model",
    "Progress": "progress",
    "ScanReport": "report",
    "Shelf": "shelf",
    "Watch": "watch",
    "WatchEvent": "watch",
}
_ERRORS = (
    "Ambiguous",
    "BadResponse",
    "Cancelled",
    "CorruptFile",
    "EarlyAccess",
    "Error",
    "FileChanged",
    "Forbidden",
    "Gone",
    "HashMismatch",
    "InternalError",
    "NetworkError",
    "NoSpace",
    "NotFound",
    "OfflineRoot",
    "RateLimited",
    "RegionBlocked",
    "ServerError",
    "StoreBusy",
    "StoreError",
    "Timeout",
    "TooLarge",
    "Unauthorized",
    "Unreadable",
    "UnsafeFile",
    "UnsupportedFormat",
    "UsageError",
)

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


def __getattr__(name: str) -> object:
    home = "errors" if name in _ERRORS else _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
