"""Downloads for the server's clients by the core's downloader, told in the messages that its clients know.

The server's own is never used: it joins what a client and a foreign site say into a path, and prints keys.
"""

from __future__ import annotations

import inspect
import os

from ...civitai import Civitai
from ...errors import Error, UsageError
from .documents import plain, summary
from .folders import destination
from .hooks import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..._native import Cancel
    from ...progress import Progress
    from ...shelf import Shelf

    Tell = Callable[[dict[str, Any]], object]


def teller(callback: Callable[..., Any], id: Any) -> Tell:
    """The host's callback as a function of the message: it takes the id first, last or not at all."""
    try:
        names = [
            each.name
            for each in inspect.signature(callback).parameters.values()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD) and each.default is each.empty
        ]
    except (TypeError, ValueError):
        names = ["id", "response"]
    if len(names) == 1:
        return callback
    if len(names) == 2 and "id" in names[1].lower() and "id" not in names[0].lower():
        return lambda message: callback(message, id)
    return lambda message: callback(id, message)


def download_arguments(
    original: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Any, Any, Any, Callable[..., Any]]:
    """Request, folder, id and callback, in whatever order and by whatever names the host has them."""
    try:
        given = [*inspect.signature(original).bind(*args, **options).arguments.values()]
    except (TypeError, ValueError):
        given = [*args, *options.values()]
    request = next((each for each in given if isinstance(each, dict)), None)
    callback = next(each for each in given if callable(each))
    folder = next((each for each in given if isinstance(each, (str, os.PathLike))), None)
    taken = {id(each) for each in (request, callback, folder) if each is not None}
    rest = [each for each in given if id(each) not in taken]
    return request, folder, rest[0] if rest else None, callback


def download(
    shelf: Shelf, data: Any, root: str, tell: Tell, cancel: Cancel, message_type: str = "download"
) -> dict[str, Any]:
    """Downloads what a client asked for. Raises modelshelf's errors; gives what ``success`` is to say."""
    if not isinstance(data, dict):
        raise UsageError("the request has no data")
    url = data.get("url") or data.get("what")
    if not isinstance(url, str) or not url.strip():
        raise UsageError("the request has no url")
    url = url.strip()
    token = data.get("civitai_token")
    civitai = Civitai(token=token) if isinstance(token, str) and token else None
    key = data.get("hf_token")
    hf_token = key if isinstance(key, str) and key.strip() else None
    kind = data.get("type")
    if not kind:
        results = (civitai or shelf).lookup([url], cancel=cancel)
        kind = (results[0].get("civitai") or {}).get("type") if results else None
        if kind is None:
            raise UsageError("where is it to go?", hint="give the type")
    folder = destination(root, kind)
    os.makedirs(folder, exist_ok=True)
    last = [-1]

    def progress(state: Progress) -> None:
        # Clients draw this; a message for each percent is enough.
        percent = 100 * state.bytes // state.bytes_total if state.bytes_total else 0
        if state.phase == "downloading" and percent != last[0]:
            last[0] = percent
            tell({"type": message_type, "data": plain({"status": "progress", **measures(state)})})

    if civitai is not None:
        # A key of the client's own serves this download and nothing else.
        got = civitai.download(url, to=folder, hf_token=hf_token, progress=progress, cancel=cancel)
        # Not the folder: what else is new in it would be hashed before the client is answered.
        shelf.scan([got.path], jobs=1, cancel=cancel)
    else:
        got = shelf.download(url, to=folder, hf_token=hf_token, progress=progress, cancel=cancel)
    model = shelf.get(got.path)
    return {
        "name": os.path.relpath(got.path, root),
        "bytes": got.bytes,
        "verified": got.verified,
        "sha256": got.sha256,
        "model": summary(model) if model is not None else None,
        "path": got.path,
    }


def measures(state: Progress) -> dict[str, Any]:
    """How far it is, in the words of the host's own progress messages."""
    return {
        "phase": state.phase,
        "current": state.bytes,
        "total": state.bytes_total,
        "rate": state.bytes_per_second,
        "remaining": state.seconds_left or 0.0,
        "unit": "B",
        "files": state.files,
        "files_total": state.files_total,
    }


def error_text(error: BaseException) -> str:
    """What a client is told. The core's messages never hold keys; of other errors only the kind is told."""
    return str(error) if isinstance(error, Error) else f"internal error ({type(error).__name__})"


def serve(shelf: Shelf, request: Any, root: str, tell: Tell, cancel: Cancel) -> str | None:
    """A ``download`` request of the host's protocol, from ``started`` to ``success`` or ``error``; gives the path."""

    def say(status: str, **more: Any) -> None:
        tell({"type": "download", "data": plain({"status": status, **more})})

    data = request.get("data") if isinstance(request, dict) and isinstance(request.get("data"), dict) else request
    try:
        say("started")
        done = download(shelf, data, root, tell, cancel)
        path: str = done.pop("path")
        say("success", **done)
        return path
    except Exception as error:
        if not isinstance(error, Error):
            log.exception("a download failed")
        try:
            say("error", message=error_text(error), code=getattr(error, "code", "internal"))
        except Exception:
            log.exception("the client could not be told")
        return None
