"""The stand-in as one object: two origins, a catalogue, a log and the faults in force."""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from . import control, hash_routes, mischief, routes, storage
from .catalogue import Librarian
from .faults import Fault, FaultPlan, parse
from .journal import Journal
from .messages import API, STORAGE, Request, Response, error
from .server import Listener
from .signing import Signer
from .site import Site

Spec = str | dict[str, Any] | Fault


class CivitaiStandIn:
    """A local Civitai over the model files of a folder.

    Used as a context manager it listens between entry and exit::

        with CivitaiStandIn(files=folder, unknown=["*.ckpt"], faults=["503:every=3"]) as service:
            client(service.base_url)
            assert service.summary()["routes"]["POST /api/v1/model-versions/by-hash/ids"] == 1

    ``files`` is the folder whose model files the service knows, less what a pattern in ``unknown`` matches; ``faults``
    are specs of misbehaviour; ``seed`` varies what is made up. ``tokens`` are the valid API tokens (None accepts any
    that is well formed), ``require_login`` makes every download need one, ``link_seconds`` is the life of a signed
    address, ``storage_style`` is ``r2``, ``b2`` or ``alternate``.
    """

    def __init__(
        self,
        files: str | os.PathLike[str],
        *,
        unknown: Sequence[str] = (),
        faults: Sequence[Spec] = (),
        seed: int = 0,
        host: str = "127.0.0.1",
        port: int = 0,
        storage_port: int = 0,
        tokens: Sequence[str] | None = None,
        require_login: bool = False,
        link_seconds: float = 3600.0,
        storage_style: str = "alternate",
    ) -> None:
        if not os.path.isdir(files):
            raise NotADirectoryError(f"{os.fspath(files)}: not a folder")
        self._journal = Journal()
        self._plan = FaultPlan()
        self._down: Fault | None = None
        for spec in faults:
            self._plan.add(spec)
        self._site = Site(
            librarian=Librarian(os.fspath(files), list(unknown), seed),
            signer=Signer(link_seconds),
            seed=seed,
            tokens=None if tokens is None else list(tokens),
            require_login=require_login,
            storage_style=storage_style,
        )
        self._api = Listener(API, host, port, self._answer)
        try:
            self._storage = Listener(STORAGE, host, storage_port, self._answer)
        except OSError:
            self._api.stop()
            raise
        self._site.base_url = self.base_url
        self._site.storage_url = self.storage_url

    # Life

    def __enter__(self) -> CivitaiStandIn:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Begin to answer, on both origins."""
        self._api.start()
        self._storage.start()

    def stop(self) -> None:
        """Stop listening and drop all connections."""
        self._api.stop()
        self._storage.stop()

    @property
    def base_url(self) -> str:
        """The origin of the API."""
        return self._api.url

    @property
    def storage_url(self) -> str:
        """The origin of files and pictures."""
        return self._storage.url

    # What it knows

    @property
    def models(self) -> int:
        """How many models the catalogue holds."""
        return len(self._site.catalogue.models)

    def rescan(self) -> int:
        """Look at the folder again; gives the number of models."""
        return len(self._site.librarian.rescan().models)

    def files(self) -> list[dict[str, Any]]:
        """Which file is which: path, hashes and ids of every upload in the catalogue."""
        return [
            {
                "path": os.fsencode(file.path).decode("utf-8", "replace"),
                "name": file.name,
                "size": file.size,
                "hashes": file.hashes,
                "modelId": version.model.id,
                "modelVersionId": version.id,
                "fileId": file.id,
            }
            for version in self._site.catalogue.versions.values()
            for file in version.files
        ]

    # The log

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the start or the last reset, in order."""
        return self._journal.entries()

    def summary(self) -> dict[str, Any]:
        """Counts over the log: by route, status, fault and origin."""
        return self._journal.summary()

    def reset(self) -> None:
        """Forget the log and all faults."""
        self._journal.clear()
        self.behave()

    # Trouble

    def misbehave(self, *specs: Spec, replace: bool = False) -> None:
        """Add faults to those in force, or put them in their place. All or none: a bad spec changes nothing."""
        wanted = [parse(spec) for spec in specs]
        if replace:
            self._plan.clear()
        for fault in wanted:
            self._plan.add(fault)

    def behave(self) -> None:
        """End all misbehaviour."""
        self._plan.clear()
        self._down = None

    def faults(self) -> list[dict[str, Any]]:
        """The faults in force with their counts."""
        return self._plan.listing()

    def set_down(self, down: bool) -> None:
        """Play dead: connections are accepted and reset, those already open at their next request."""
        self._down = parse("down") if down else None

    # Answering

    def _answer(self, request: Request) -> Response:
        if control.is_control(request):
            return control.answer(self, request)
        if request.origin == API:
            routes.find(request)
            route = routes.answer
        else:
            request.route = storage.template(request)
            route = storage.answer
        chosen = ("down", self._down) if self._down else self._plan.pick(request)
        try:
            if chosen:
                response = mischief.answer(*chosen, request, lambda wanted: route(self._site, wanted))
            else:
                response = route(self._site, request)
        except Exception as problem:  # a mistake in here must not look like a dead connection
            response = error(500, f"{type(problem).__name__}: {problem}")
        if chosen and request.hashes is None and request.path in routes.BATCHES:
            request.hashes = hash_routes.count_hashes(request)
        entry = self._journal.write(request, response)
        response.on_sent = entry.sent
        return response
