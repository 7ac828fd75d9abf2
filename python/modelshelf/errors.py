"""What modelshelf raises: one class for each code, all of them subclasses of ``Error``."""

from __future__ import annotations


class Error(Exception):
    """Something went wrong. ``str()`` says what, to which file, and what to do about it."""

    #: The word for what went wrong, the same on the command line and in C.
    code: str = "internal"

    def __init__(
        self,
        message: str = "",
        *,
        path: str | None = None,
        hint: str | None = None,
        candidates: list[str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: The file it is about.
        self.path = path
        #: What to do next.
        self.hint = hint
        #: What else the name fits, when it is ambiguous.
        self.candidates: list[str] = candidates or []

    def __str__(self) -> str:
        text = self.message
        if self.path is not None and self.path not in text:
            text = f"{self.path}: {text}"
        return f"{text} ({self.hint})" if self.hint else text

    def __reduce__(self) -> tuple[object, ...]:
        # Exceptions cross process borders in multiprocessing.
        return (_restore, (type(self), self.__dict__))


class UsageError(Error, ValueError):
    """The call is wrong."""

    code = "usage"


class NotFound(Error, LookupError):
    """There is nothing by that name, here or on the service."""

    code = "not_found"


class Unreadable(Error):
    """The file or folder exists but cannot be read."""

    code = "unreadable"


class CorruptFile(Error):
    """The file is not whole, or not what its name says."""

    code = "corrupt_file"


class UnsafeFile(Error):
    """Loading the file could run foreign code."""

    code = "unsafe_file"


class UnsupportedFormat(Error):
    """The format is known, but not one that modelshelf reads."""

    code = "unsupported_format"


class NetworkError(Error):
    """The service could not be reached."""

    code = "network"


class Timeout(NetworkError):
    """The service did not answer in time."""

    code = "timeout"


class RateLimited(NetworkError):
    """The service asks for fewer requests."""

    code = "rate_limited"


class Unauthorized(Error):
    """The service wants a valid API key."""

    code = "unauthorized"


class Forbidden(Error):
    """The service refuses this account or address."""

    code = "forbidden"


class EarlyAccess(Error):
    """The version is for buyers of early access for now."""

    code = "early_access"


class Gone(Error):
    """The service had it and has it no more."""

    code = "gone"


class RegionBlocked(Error):
    """The service does not serve this country."""

    code = "region_blocked"


class ServerError(NetworkError):
    """The service failed."""

    code = "server_error"


class BadResponse(NetworkError):
    """The service answered with something else than asked."""

    code = "bad_response"


class HashMismatch(Error):
    """The bytes are not those that were promised or recorded."""

    code = "hash_mismatch"


class NoSpace(Error):
    """The disk is full."""

    code = "no_space"


class StoreError(Error):
    """The database cannot be used."""

    code = "store_error"


class StoreBusy(StoreError):
    """Another process holds the database."""

    code = "store_busy"


class Ambiguous(Error, LookupError):
    """The name fits several models; ``candidates`` lists them."""

    code = "ambiguous"


class FileChanged(Error):
    """The file changed while it was read."""

    code = "file_changed"


class OfflineRoot(Error):
    """The folder is registered but not there now."""

    code = "offline_root"


class TooLarge(Error):
    """The input is over a limit that protects the process."""

    code = "too_large"


class Cancelled(Error):
    """A ``Cancel`` token stopped it; what was finished is kept."""

    code = "cancelled"


class InternalError(Error):
    """A defect in modelshelf."""

    code = "internal"


def _subclasses(parent: type[Error]) -> list[type[Error]]:
    return [parent, *(child for each in parent.__subclasses__() for child in _subclasses(each))]


#: The class of each code.
BY_CODE: dict[str, type[Error]] = {each.code: each for each in reversed(_subclasses(Error)[1:])}


def of(code: str, message: str, path: str | None = None, hint: str | None = None) -> Error:
    """The exception for a code. One that this version does not know is an ``Error`` that carries it."""
    known = BY_CODE.get(code)
    error = (known or Error)(message, path=path, hint=hint)
    if known is None:
        error.code = code
    return error


def from_native(code: str, message: str, path: str | None, hint: str | None, document: str) -> Error:
    """The exception for an error of the native module, which calls this."""
    error = of(code, message, path, hint)
    if '"candidates"' in document:
        import json

        error.candidates = [str(each) for each in json.loads(document).get("candidates", [])]
    return error


def _restore(kind: type[Error], state: dict[str, object]) -> Error:
    error = kind(str(state.get("message", "")))
    error.__dict__.update(state)
    return error
