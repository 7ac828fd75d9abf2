"""Requests of type ``modelshelf``, answered beside the inference thread."""

from __future__ import annotations

import os
import threading
import time

from ... import _native, threads
from ...errors import Cancelled, Error, UsageError
from .documents import full, plain
from .downloads import download, error_text, measures
from .hooks import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ...progress import Progress
    from ...shelf import Shelf

    Tell = Callable[[dict[str, Any]], object]

TYPE = "modelshelf"
#: An answer has at most so many models.
MOST = 200
#: After so many records the server's threads get the processor, for so long (seconds).
_BATCH = 4
_BREAK = 0.0005
#: Actions that change what is on the disk; refused where the server is read-only.
WRITES = ("scan", "download")


class Requests:
    """Answers ``{"type": "modelshelf", "data": {"action": …}}``.

    Each answer has ``status``: ``progress`` any number of times, then ``done`` or ``error``.
    """

    def __init__(
        self,
        shelf: Shelf,
        root: str,
        folders: Callable[[], Any],
        on_file: Callable[[str], None],
        reads: threads.Pool,
    ) -> None:
        self._shelf = shelf
        self._root = root
        self._folders = folders
        self._on_file = on_file
        self._pool = threads.Pool(4, "modelshelf-plugin")
        self._reads = reads
        self._running: dict[Any, _native.Cancel] = {}
        self._lock = threading.Lock()

    def take(self, id: Any, request: dict[str, Any], tell: Tell, read_only: bool) -> None:
        """Answers on a thread of its own; returns at once."""
        token = self.begin(id)
        data = request.get("data")
        slow = isinstance(data, dict) and data.get("action") in ("scan", "lookup", "download")
        (self._pool if slow else self._reads).submit(lambda: self._answer(id, request, tell, read_only, token))

    def begin(self, id: Any) -> _native.Cancel:
        token = _native.Cancel()
        with self._lock:
            self._running[id] = token
        threads.stops.add(token.cancel)
        return token

    def end(self, id: Any, token: _native.Cancel) -> None:
        with self._lock:
            if self._running.get(id) is token:
                del self._running[id]
        threads.stops.discard(token.cancel)

    def submit(self, job: Callable[[], object]) -> None:
        self._pool.submit(job)

    def cancel(self, id: Any) -> None:
        """Stops what a client cancels."""
        with self._lock:
            token = self._running.get(id)
        if token is not None:
            token.cancel()

    def stop(self) -> None:
        with self._lock:
            tokens = [*self._running.values()]
        for token in tokens:
            token.cancel()
        self._pool.settle(threads.PATIENCE)
        self._reads.settle(threads.PATIENCE)

    def _answer(self, id: Any, request: dict[str, Any], tell: Tell, read_only: bool, token: _native.Cancel) -> None:
        data = request.get("data")
        action = data.get("action") if isinstance(data, dict) else None

        def say(status: str, **more: Any) -> None:
            tell({"type": TYPE, "data": plain({"action": action, "status": status, **more})})

        try:
            work = self._actions.get(action) if isinstance(action, str) else None
            if work is None or not isinstance(data, dict):
                raise UsageError("no such action", hint=f"actions are {', '.join(self._actions)}")
            if read_only and action in WRITES:
                raise UsageError("the server is read-only")
            say("done", **work(self, data, say, token))
        except Cancelled as error:
            self._fail(say, error)
        except Exception as error:
            if not isinstance(error, Error):
                log.exception("a %s request failed", TYPE)
            self._fail(say, error)
        finally:
            self.end(id, token)

    @staticmethod
    def _fail(say: Callable[..., None], error: Exception) -> None:
        try:
            code = getattr(error, "code", "internal") if isinstance(error, Error) else "internal"
            candidates = getattr(error, "candidates", [])
            say("error", error={"code": code, "message": error_text(error), "candidates": candidates[:MOST]})
        except Exception:
            log.exception("the client could not be told")

    def _search(self, data: dict[str, Any], say: Callable[..., None], token: _native.Cancel) -> dict[str, Any]:
        filters: dict[str, Any] = {}
        for key in ("type", "base_model", "tag", "sort"):
            if isinstance(data.get(key), str):
                filters[key] = data[key]
        for key in ("missing_metadata", "favorite"):
            filters[key] = bool(data.get(key))
        filters["limit"] = min(MOST, max(1, _number(data, "limit", 50)))
        filters["offset"] = max(0, _number(data, "offset", 0))
        text = data.get("text")
        has_text = isinstance(text, str) and bool(text.strip())
        page = self._shelf.search(str(text), **filters) if has_text else self._shelf.list(**filters)
        models = []
        for number, model in enumerate(page, 1):
            models.append(self._model(model, False))
            if number % _BATCH == 0:
                time.sleep(_BREAK)
        return {"models": models, "total": page.total}

    def _info(self, data: dict[str, Any], say: Callable[..., None], token: _native.Cancel) -> dict[str, Any]:
        what = _text(data, "what")
        # A name as the server lists it first; a relative path of a client names nothing else on this machine.
        below = os.path.join(self._root, what)
        model = self._shelf.get(below) if os.path.lexists(below) else self._shelf.get(what)
        return {"model": self._model(model, True) if model is not None else None}

    def _scan(self, data: dict[str, Any], say: Callable[..., None], token: _native.Cancel) -> dict[str, Any]:
        def progress(state: Progress) -> None:
            say("progress", **measures(state))

        report = self._shelf.scan(
            self._folders(), lookup=data.get("lookup") is not False, jobs=1, progress=progress, cancel=token
        )
        self._on_file("")
        return {"report": report.to_dict()}

    def _lookup(self, data: dict[str, Any], say: Callable[..., None], token: _native.Cancel) -> dict[str, Any]:
        what = data.get("what")
        queries = [what] if isinstance(what, str) else what
        if not isinstance(queries, list) or not queries or not all(isinstance(each, str) for each in queries):
            raise UsageError("what is to be looked up?", hint="give what: hashes, URLs, AIRs or ids")
        return {"results": self._shelf.lookup(queries[:MOST], cancel=token)}

    def _download(self, data: dict[str, Any], say: Callable[..., None], token: _native.Cancel) -> dict[str, Any]:
        def tell(message: dict[str, Any]) -> None:
            say(**message["data"])

        done = download(self._shelf, data, self._root, tell, token)
        self._on_file(done.pop("path"))
        return done

    def _model(self, model: Any, with_picture: bool) -> dict[str, Any]:
        return {"file": os.path.relpath(model.path, self._root), **full(model, with_picture)}

    _actions = {"search": _search, "info": _info, "scan": _scan, "lookup": _lookup, "download": _download}


def _text(data: dict[str, Any], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise UsageError(f"the request has no {key}")
    return value


def _number(data: dict[str, Any], key: str, default: int) -> int:
    value = data.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else default
