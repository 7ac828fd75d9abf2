"""The library of models in one database."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from weakref import WeakSet

from . import _native, messages
from .documents import loads
from .download import Download, request
from .errors import NotFound
from .model import Model, ModelList
from .paths import from_json, resolve, to_json
from .progress import Reporter
from .report import ScanReport
from .sidecar import Sidecars, folder_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Any

    from ._native import Cancel
    from ._typing import AnyPath, ProgressOption
    from .downloads import Downloads
    from .watch import Watch, WatchEvent

    # The method list() hides the type of that name within the class.
    Dictionaries = list[dict[str, Any]]


#: So many records of a list are made at a stretch.
_STRETCH = 1000


class Shelf(Sidecars):
    """The library of models in one database; made by ``get_manager()``. Safe to use from any thread.

    Relative names are looked for in the current folder first, then in ``models_dir``.
    """

    def __init__(
        self, handle: _native.Shelf, models_dir: str | None, on_close: Callable[[Shelf], None] | None = None
    ) -> None:
        self._handle = handle
        self._on_close = on_close
        self._watches: WeakSet[Watch] = WeakSet()
        #: Base of relative names, of this process only.
        self.models_dir = models_dir

    @property
    def database(self) -> str:
        """The file of the database."""
        return _native.database(self._handle)

    def scan(
        self,
        dirs: AnyPath | Iterable[AnyPath] | Mapping[str, AnyPath | Iterable[AnyPath]] | None = None,
        *,
        lookup: bool | None = None,
        hash: bool = True,
        force: bool = False,
        refresh: bool = False,
        previews: bool | None = None,
        max_level: str | None = None,
        sidecars: str | Iterable[str] | None = None,
        metadata_dir: AnyPath | None = None,
        jobs: int | None = None,
        background: bool = False,
        progress: ProgressOption = False,
        cancel: Cancel | None = None,
    ) -> ScanReport:
        """Finds model files, reads their headers, hashes what is new and identifies it on Civitai.

        ``dirs`` is a folder, several, or a mapping of types to folders (``{"LORA": "models/LoRA"}``); without it the
        registered folders are scanned. ``force`` hashes again what is known, ``refresh`` asks Civitai again.
        ``previews`` fetches a picture for what is identified and has none, up to ``max_level`` (``pg pg13 r x xxx``).
        With ``sidecars=["server"]`` the sidecars beside the models (or in ``metadata_dir``) are read first: what they
        know for sure is not hashed again. Then they are written. ``background`` reads and hashes with the lowest
        priority for processor and disk. What was finished before an interruption is kept.

        What is ``None`` is as ``config.toml`` and the folder say; without them it asks Civitai, fetches no previews and
        reads no sidecars. No digest of a file below a folder with ``lookup = false`` is ever asked about.
        """
        request: dict[str, Any] = {
            "folders": [self._folder(path, kind) for path, kind in _folders(dirs)],
            "hash": bool(hash),
            "force": bool(force),
            "refresh": bool(refresh),
            "background": bool(background),
            **_settings(lookup=lookup, previews=previews, max_level=max_level, sidecars=sidecars),
        }
        if metadata_dir is not None:
            request.update(folder_option(metadata_dir))
        if dirs is not None and not request["folders"]:
            raise ValueError("dirs is empty; leave it out to scan the registered folders")
        if jobs is not None:
            request["jobs"] = jobs
        messages.begin()
        try:
            with Reporter(progress) as report:
                text = _native.scan(self._handle, json.dumps(request), report, cancel)
        finally:
            messages.deliver()
        return ScanReport(loads(text))

    def watch(
        self,
        dirs: AnyPath | Iterable[AnyPath] | Mapping[str, AnyPath | Iterable[AnyPath]] | None = None,
        *,
        on_event: Callable[[WatchEvent], object] | None = None,
        lookup: bool | None = None,
        previews: bool | None = None,
        max_level: str | None = None,
        sidecars: str | Iterable[str] | None = None,
        metadata_dir: AnyPath | None = None,
        verify: bool | None = None,
        jobs: int | None = None,
        background: bool = False,
        poll: float | None = None,
        reconcile: float | None = None,
    ) -> Watch:
        """Watches folders: new models are hashed and identified as they come.

        ``dirs`` is as for ``scan()``; a folder that is not there is waited for. What is there and not known yet is
        taken up first. ``on_event`` is called with each ``WatchEvent`` on one thread; without it pull them:
        ``for event in watch``. End it with ``stop()``, or use it in a ``with``. ``previews`` fetches a picture for what
        was identified and has none, up to ``max_level`` (``pg pg13 r x xxx``); no event waits for it.
        With ``sidecars=["server"]`` the sidecars of new models are read before hashing, and those of what is told are
        written, beside the models or in ``metadata_dir``. ``verify`` computes digests that came from sidecars while
        there is nothing else to do. ``background`` reads and hashes with the lowest priority. ``poll`` is how often
        folders are listed that report nothing, such as network folders, ``reconcile`` how often all are (seconds). What
        is ``None`` is as ``config.toml`` and the folder say.
        """
        from .watch import Watch

        request: dict[str, Any] = {
            "folders": [self._folder(path, kind) for path, kind in _folders(dirs)],
            **_settings(lookup=lookup, previews=previews, max_level=max_level, sidecars=sidecars, verify=verify),
            "background": bool(background),
        }
        if metadata_dir is not None:
            request.update(folder_option(metadata_dir))
        if dirs is not None and not request["folders"]:
            raise ValueError("dirs is empty; leave it out to watch the registered folders")
        for key, value in (("jobs", jobs), ("poll_ms", poll), ("reconcile_ms", reconcile)):
            if value is not None:
                request[key] = value if key == "jobs" else round(value * 1000)
        messages.begin()
        watch = Watch(_native.watch_start(self._handle, json.dumps(request)), on_event)
        self._watches.add(watch)
        return watch

    def get(self, what: AnyPath) -> Model | None:
        """The model of a path, a name, any hash, a Civitai URL or AIR, ``model:ID`` or ``version:ID``.

        ``None`` when there is none; ``Ambiguous`` with the candidates when a name fits several.
        """
        folder = self.models_dir
        try:
            return Model(json.loads(_native.get(self._handle, resolve(what, folder))))
        except NotFound:
            pass
        # The record of a file that is gone, by its name below models_dir.
        text = os.fsdecode(what)
        if folder is None or not text or os.path.isabs(text):
            return None
        try:
            return Model(json.loads(_native.get(self._handle, os.path.abspath(os.path.join(folder, text)))))
        except NotFound:
            return None

    def get_hash(self, path: AnyPath, algorithm: str = "sha256") -> str | None:
        """The stored hash of a file, after one ``stat``; ``None`` while it is not known. Never hashes."""
        value = _native.stored_hash(self._handle, path, algorithm)
        if value is None and self.models_dir is not None:
            other = resolve(path, self.models_dir)
            if other is not path:
                return _native.stored_hash(self._handle, other, algorithm)
        return value

    def list(
        self,
        *,
        type: str | None = None,
        base_model: str | None = None,
        tag: str | None = None,
        missing_metadata: bool = False,
        favorite: bool = False,
        sort: str = "name",
        limit: int | None = None,
        offset: int = 0,
    ) -> ModelList:
        """Models in order. ``sort`` is one of ``name size modified added type base_model``."""
        query = _filter(type, base_model, tag, missing_metadata, favorite, sort, limit, offset)
        return _page(_native.list(self._handle, query))

    def search(
        self,
        text: str,
        *,
        type: str | None = None,
        base_model: str | None = None,
        tag: str | None = None,
        missing_metadata: bool = False,
        favorite: bool = False,
        sort: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> ModelList:
        """Models with every word of ``text``, at least as a prefix, in name, words, tags, description or notes."""
        query = _filter(type, base_model, tag, missing_metadata, favorite, sort, limit, offset)
        return _page(_native.search(self._handle, text, query))

    def update(
        self,
        what: AnyPath,
        *,
        notes: str | None = None,
        favorite: bool | None = None,
        tags: Iterable[str] | None = None,
        **fields: object,
    ) -> Model:
        """Records what you say of a model; it outranks every other source. Gives the model after it.

        ``name``, ``type``, ``base_model`` and ``trigger_words`` correct the record, other names are fields of your
        own; ``None`` takes a field back.
        """
        edits: dict[str, Any] = {}
        if notes is not None:
            edits["notes"] = notes
        if favorite is not None:
            edits["favorite"] = bool(favorite)
        if tags is not None:
            edits["tags"] = _words(tags)
        if fields:
            edits["fields"] = fields
        return self._update(what, edits)

    def tag(self, what: AnyPath, *add: str, remove: Iterable[str] = ()) -> Model:
        """Adds tags and takes others away: ``shelf.tag(path, "anime", remove=["todo"])``."""
        return self._update(what, {"add_tags": _words(add), "remove_tags": _words(remove)})

    def untag(self, what: AnyPath, *remove: str) -> Model:
        """Takes tags away."""
        return self.tag(what, remove=remove)

    def link(self, what: AnyPath, model: int, version: int | None = None) -> Model:
        """Corrects a wrong match with Civitai for good; without a version the model's default one."""
        where = resolve(what, self.models_dir)
        return Model(json.loads(_native.link(self._handle, where, model, version or 0)))

    def unlink(self, what: AnyPath) -> Model:
        """Takes a match with Civitai away for good."""
        return Model(json.loads(_native.unlink(self._handle, resolve(what, self.models_dir))))

    def roots(self) -> Dictionaries:
        """The registered folders, also those of ``config.toml``.

        Dictionaries with ``path``, ``type``, ``state``, ``files``, ``source`` and what holds below each, see
        ``add_root()``.
        """
        roots: Dictionaries = json.loads(_native.roots(self._handle))["roots"]
        for root in roots:
            root["path"] = from_json(root)
        return roots

    def add_root(
        self,
        path: AnyPath,
        type: str | None = None,
        *,
        exclude: str | Iterable[str] | None = None,
        lookup: bool | None = None,
        previews: bool | None = None,
        max_level: str | None = None,
        sidecars: str | Iterable[str] | None = None,
        metadata_dir: AnyPath | None = None,
        jobs: int | None = None,
        default: bool | None = None,
    ) -> None:
        """Registers a folder, so that ``scan()`` without folders covers it, or changes what holds below it.

        ``exclude`` are patterns of what is passed over (``"*.bak"``, ``"wip/**"``); with ``lookup=False`` no digest of a
        file below the folder ever leaves the machine; ``sidecars=["server"]`` are read and written without being asked
        for; ``default`` makes it the folder to which downloads of its type go. What is ``None`` stays as it was.
        """
        settings: dict[str, Any] = _settings(
            type=type,
            exclude=exclude,
            lookup=lookup,
            previews=previews,
            max_level=max_level,
            sidecars=sidecars,
            jobs=jobs,
            default=default,
        )
        if metadata_dir is not None:
            settings.update(folder_option(metadata_dir))
        _native.roots_set(self._handle, resolve(path, self.models_dir), json.dumps(settings))

    def import_roots(self, file: AnyPath, *, dry_run: bool = False) -> dict[str, Any]:
        """Registers the folders that ComfyUI's ``extra_model_paths.yaml`` names: ``{"imported", "skipped"}``.

        Each gets the type of its kind. With ``dry_run`` it is only told what would be done.
        """
        report: dict[str, Any] = json.loads(
            _native.roots_import(self._handle, resolve(file, self.models_dir), bool(dry_run))
        )
        for entry in [*report["imported"], *report["skipped"]]:
            entry["path"] = from_json(entry)
        return report

    def remove_root(self, path: AnyPath) -> None:
        """Takes a folder off the list; its files and records stay."""
        _native.roots_remove(self._handle, resolve(path, self.models_dir))

    def lookup(
        self, queries: str | Iterable[str], *, progress: ProgressOption = False, cancel: Cancel | None = None
    ) -> Dictionaries:
        """Asks Civitai and stores nothing. Dictionaries with ``query``, ``status`` and ``civitai``, in order."""
        wanted = _words(queries)
        messages.begin()
        try:
            with Reporter(progress) as report:
                text = _native.lookup(self._handle, json.dumps(wanted), report, cancel)
        finally:
            messages.deliver()
        results: Dictionaries = loads(text)["results"]
        return results

    def download(
        self,
        what: str,
        to: AnyPath | None = None,
        *,
        file: int | None = None,
        type: str | None = None,
        previews: bool | None = None,
        max_level: str | None = None,
        verify: bool = True,
        connections: int | None = None,
        hf_token: str | None = None,
        progress: ProgressOption = False,
        cancel: Cancel | None = None,
    ) -> Download:
        """Downloads a file, verifies it and takes it into the library; see ``Civitai.download()``.

        Without ``to`` it goes to the registered folder of the model's type, else to the current folder. ``previews``
        fetches a picture as well.
        """
        if to is not None:
            to = resolve(to, self.models_dir)
        wish = request(
            what,
            to,
            file=file,
            type=type,
            verify=verify,
            previews=None if previews is None else bool(previews),
            max_level=max_level,
            connections=connections,
            hf_token=hf_token,
        )
        return Download(self._ask(_native.download, wish, progress, cancel))

    @property
    def downloads(self) -> Downloads:
        """The queue of downloads, which outlives the process."""
        from .downloads import Downloads

        return Downloads(self)

    def previews(
        self,
        what: AnyPath | Iterable[AnyPath] | None = None,
        *,
        max_level: str | None = None,
        width: int | None = None,
        all: bool = False,
        refresh: bool = False,
        fetch: bool = True,
        progress: ProgressOption = False,
        cancel: Cancel | None = None,
    ) -> dict[str, Any]:
        """Fetches preview pictures beside the models: ``{"previews", "skipped"}``.

        Without ``what`` for the whole library. ``all`` fetches every allowed picture and not only the first,
        ``refresh`` fetches again what was fetched before. A picture that others put there is never replaced.
        ``max_level`` (``pg13``) and ``width`` (450) are as ``config.toml`` says when it says so.
        With ``fetch=False`` the pictures are told that Civitai named, and none is fetched; then ``path`` is that of the
        model.
        """
        models: list[Any] = [] if what is None else _one_or_many(what)
        wish: dict[str, Any] = {
            "all": bool(all),
            "refresh": bool(refresh),
            "fetch": bool(fetch),
            **_settings(max_level=max_level, width=width),
        }
        if what is not None:
            if not models:
                return {"previews": [], "skipped": []}
            wish["what"] = [to_json(resolve(model, self.models_dir)) for model in models]
        report: dict[str, Any] = self._ask(_native.preview, json.dumps(wish), progress, cancel)
        for entry in [*report["previews"], *report["skipped"]]:
            entry["path"] = from_json(entry)
        return report

    def _ask(self, call: Any, request: str, progress: ProgressOption, cancel: Cancel | None) -> Any:
        messages.begin()
        try:
            with Reporter(progress) as report:
                return loads(call(self._handle, request, report, cancel))
        finally:
            messages.deliver()

    def doctor(self) -> dict[str, Any]:
        """Checks the installation, the store and the network: ``{"ok", "checks"}``."""
        findings: dict[str, Any] = json.loads(_native.doctor(self._handle))
        return findings

    def close(self) -> None:
        """Ends the use of the database; harmless a second time. ``get_manager()`` opens it again."""
        if self._on_close is not None:
            self._on_close(self)
        for watch in list(self._watches):
            watch.stop()
        _native.close(self._handle)

    def __len__(self) -> int:
        return _native.count(self._handle, None)

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Shelf:  # noqa: PYI034
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Shelf models_dir={self.models_dir!r}>"

    def _folder(self, path: AnyPath, kind: str | None) -> dict[str, Any]:
        return {**to_json(resolve(path, self.models_dir)), "type": kind}

    def _update(self, what: AnyPath, edits: dict[str, Any]) -> Model:
        return Model(json.loads(_native.update(self._handle, resolve(what, self.models_dir), json.dumps(edits))))


def _folders(dirs: Any) -> list[tuple[AnyPath, str | None]]:
    if dirs is None:
        return []
    if isinstance(dirs, Mapping):
        return [(path, kind) for kind, paths in dirs.items() for path, _ in _folders(paths)]
    if isinstance(dirs, (str, bytes, os.PathLike)):
        return [(dirs, None)]
    return [(path, None) for path in dirs]


def _one_or_many(what: Any) -> Any:
    return [what] if isinstance(what, (str, bytes, os.PathLike)) else [*what]


def _words(texts: str | Iterable[str]) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts)


def _settings(**values: Any) -> dict[str, Any]:
    """What is said, with lists of words and flags as the library wants them."""
    said = {key: value for key, value in values.items() if value is not None}
    for key in ("sidecars", "exclude"):
        if key in said:
            said[key] = _words(said[key])
    for key in ("lookup", "previews", "verify", "default"):
        if key in said:
            said[key] = bool(said[key])
    return said


def _filter(
    type: str | None,
    base_model: str | None,
    tag: str | None,
    missing_metadata: bool,
    favorite: bool,
    sort: str | None,
    limit: int | None,
    offset: int,
) -> str:
    values = {
        "type": type,
        "base_model": base_model,
        "tag": tag,
        "missing_metadata": bool(missing_metadata),
        "favorite": bool(favorite),
        "sort": sort,
        "limit": limit,
        "offset": offset,
    }
    return json.dumps({key: value for key, value in values.items() if value is not None})


def _page(lines: list[str]) -> ModelList:
    """The document of a page; its first and last line stand around the records."""
    total: int = json.loads(lines[0] + lines[-1])["total"]
    models = ModelList((), total)
    for start in range(1, len(lines) - 1, _STRETCH):
        models.extend(map(Model.of_line, lines[start : min(start + _STRETCH, len(lines) - 1)]))
        if len(lines) > _STRETCH:
            # Other threads may have the GIL.
            time.sleep(0)
    return models
