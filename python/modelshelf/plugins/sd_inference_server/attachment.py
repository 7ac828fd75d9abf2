"""The plugin in one server: its hooks, its threads, and their end."""

from __future__ import annotations

import atexit
import os
import threading

from ... import threads
from .documents import full
from .downloads import download_arguments, serve, teller
from .folders import FOLDERS, to_watch
from .generation import enrich
from .hooks import Hooks, attempt, log
from .index import Index
from .requests import TYPE, Requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType, TracebackType
    from typing import Any

    from ...shelf import Shelf
    from ...watch import Watch

#: A ``metadata`` request waits at most so long for the database (seconds): it is no generation, but others wait for it.
PATIENCE = 0.5
#: How far the background work stands back behind the server (0 to 19).
NICE = 15


class Attachment:
    """The plugin at work; made by ``attach()``. ``detach()`` takes it off."""

    def __init__(
        self, storage: ModuleType, wrapper: ModuleType, shelf: Shelf, root: str, lookup: bool, watch: bool
    ) -> None:
        self.shelf = shelf
        #: The server's models folder.
        self.root = root
        self.index = Index(shelf, root)
        self._hooks = Hooks()
        # Reading a record waits for no download. One thread: each that runs Python takes time from the server's.
        self._reads = threads.Pool(1, "modelshelf-plugin-read")
        # The inference thread waits for these, and they for no client.
        self._records = threads.Pool(1, "modelshelf-plugin-record")
        self._requests = Requests(shelf, root, self._folders, self._changed, self._reads)
        self._watch: Watch | None = None
        self._watching = threading.Lock()
        self._started = threading.Event()
        self._lookup = lookup
        self._instance: Any = None
        self._ended = False
        self._hook(storage, wrapper)
        self._thread(self.index.run, "modelshelf-plugin-index")
        if watch:
            self._thread(self._start_watching, "modelshelf-plugin-start")
        self.index.see(self._listed())
        atexit.register(self.detach)

    # Hooks. Those of storage and wrapper run on the inference thread.

    def _hook(self, storage: ModuleType, wrapper: ModuleType) -> None:
        models = getattr(storage, "ModelStorage", None)
        parameters = getattr(wrapper, "GenerationParameters", None)
        if models is not None:
            self._hooks.replace(models, "get_metadata", self._metadata_hook)
            self._hooks.replace(models, "find_all", self._files_hook)
        if parameters is not None:
            self._hooks.replace(parameters, "options", self._options_hook)
            self._hooks.replace(parameters, "get_metadata", self._image_hook)
            if callable(getattr(parameters, "on_complete", None)):
                self._hooks.replace(parameters, "on_complete", self._complete_hook)

    def hook_server(self, module: ModuleType | None, instance: Any) -> None:
        """The parts that need the server's module, and the running server."""
        if module is not None:
            self._hooks.replace(module, "do_download", self._download_hook)
        if instance is not None:
            self._instance = instance
            queue = getattr(getattr(instance, "inference", None), "requests", None)
            if queue is not None:
                self._hook_queue(instance, queue)
            else:
                log.warning("the server has no queue of requests: requests of type %s are not answered", TYPE)
        elif module is not None and isinstance(getattr(module, "Server", None), type):
            # The server is made later, and its queue with it.
            self._hooks.replace(module.Server, "__init__", lambda original: self._made_hook(original, module))

    def _hook_queue(self, instance: Any, queue: Any) -> None:
        """The inference thread may be waiting in this very queue, so that it stays and its ``put`` is replaced."""
        try:
            self._hooks.replace(queue, "put", lambda original: self._put_hook(original, instance))
        except (AttributeError, TypeError):
            # Queues made in C take no attribute.
            relay = _Relay(queue, self._put_hook(queue.put, instance))
            instance.inference.requests = relay

            def undo() -> None:
                if instance.inference.requests is relay:
                    instance.inference.requests = queue

            self._hooks.on_end(undo)

    def _made_hook(self, original: Callable[..., Any], module: ModuleType) -> Callable[..., Any]:
        def made(server: Any, *args: Any, **options: Any) -> Any:
            answer = original(server, *args, **options)
            attempt(self.hook_server, None, server)
            return answer

        return made

    def _metadata_hook(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def get_metadata(storage: Any, *args: Any, **options: Any) -> Any:
            answer = original(storage, *args, **options)
            # Whatever the host calls the argument.
            name = next((each for each in (*args, *options.values()) if isinstance(each, str)), None)
            extended = attempt(self._with_record, answer, name)
            return answer if extended is None else extended

        return get_metadata

    def _with_record(self, answer: Any, name: Any) -> dict[str, Any] | None:
        if not isinstance(name, str) or not (answer is None or isinstance(answer, dict)):
            return None
        record: list[dict[str, Any] | None] = []
        read = threading.Event()

        def work() -> None:
            try:
                model = self.index.model(name)
                record.append(full(model) if model is not None else None)
            except Exception:
                log.exception("the record of a model could not be read")
            finally:
                read.set()

        self._records.submit(work)
        known: dict[str, Any] | None = None
        if read.wait(PATIENCE) and record:
            known = record[0]
        if known is None:
            known = self.index.summary(name)
            known = {"pending": True, **known} if known is not None else {"pending": True}
        extended = dict(answer or {})
        short = (known.get("hashes") or {}).get("autov2") or known.get("hash")
        if short:
            extended.setdefault("hash", f"AUTOV2: {short}")
            extended.setdefault("hash_type", "AUTOV2")
        extended.setdefault("modelshelf", known)
        return extended

    def _files_hook(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def find_all(storage: Any, *args: Any, **options: Any) -> Any:
            answer = original(storage, *args, **options)
            attempt(self._see, storage)
            return answer

        return find_all

    def _see(self, storage: Any) -> None:
        names = [*_names(getattr(storage, "files", None))]
        if names:
            self.index.see(names)

    def _options_hook(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def options(parameters: Any, *args: Any, **more: Any) -> Any:
            # Not by getattr: the host answers that with None for whatever is missing.
            theirs = attempt(lambda: vars(parameters).get("callback"))
            if not callable(theirs):
                return original(parameters, *args, **more)

            def callback(message: Any, *rest: Any, **extra: Any) -> Any:
                extended = attempt(self._with_section, message)
                return theirs(message if extended is None else extended, *rest, **extra)

            parameters.callback = callback
            try:
                return original(parameters, *args, **more)
            finally:
                if parameters.__dict__.get("callback") is callback:
                    parameters.callback = theirs

        return options

    def _with_section(self, message: Any) -> dict[str, Any] | None:
        if not isinstance(message, dict) or message.get("type") != "options":
            return None
        if not isinstance(message.get("data"), dict):
            return None
        from ... import __version__

        section = {"version": __version__, "ready": self.index.ready, "models": self.index.section()}
        return {**message, "data": {**message["data"], "modelshelf": section}}

    def _image_hook(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def get_metadata(parameters: Any, *args: Any, **options: Any) -> Any:
            answer = original(parameters, *args, **options)
            attempt(enrich, answer, parameters, self.index)
            return answer

        return get_metadata

    def _complete_hook(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def on_complete(parameters: Any, *args: Any, **options: Any) -> Any:
            # Whatever made the metadata, here it goes out.
            for each in (*args, *options.values()):
                if isinstance(each, list) and each and all(isinstance(entry, dict) for entry in each):
                    attempt(enrich, each, parameters, self.index)
            return original(parameters, *args, **options)

        return on_complete

    def _download_hook(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def do_download(*args: Any, **options: Any) -> None:
            request, folder, id, callback = download_arguments(original, args, options)
            tell = teller(callback, id)
            token = self._requests.begin(id)

            def work() -> None:
                try:
                    path = serve(self.shelf, request, folder or self.root, tell, token)
                    if path is not None:
                        self._changed(path)
                finally:
                    self._requests.end(id, token)

            self._requests.submit(work)

        return do_download

    def _put_hook(self, original: Callable[..., Any], instance: Any) -> Callable[..., Any]:
        def put(item: Any, *args: Any, **options: Any) -> Any:
            if attempt(self._take, item, instance):
                return None
            return original(item, *args, **options)

        return put

    def _take(self, item: Any, instance: Any) -> bool:
        """Takes a request that is ours out of the way of the inference thread."""
        if not isinstance(item, (tuple, list)) or len(item) < 3 or not isinstance(item[2], dict):
            return False
        client, id, request = item[:3]
        kind = request.get("type")
        if kind == "cancel":
            data = request.get("data")
            self._requests.cancel(data.get("id") if isinstance(data, dict) else None)
        if kind != TYPE:
            return False
        self._requests.take(id, request, teller(instance.on_response, id), _is_read_only(instance, client))
        return True

    # Threads.

    def _thread(self, work: Callable[[], None], name: str) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def _folders(self) -> dict[str, list[str]] | list[str]:
        """Those that are there: a scan does not wait for the others."""
        present = {kind: [*filter(os.path.isdir, folders)] for kind, folders in to_watch(self.root).items()}
        return {kind: folders for kind, folders in present.items() if folders} or [self.root]

    def _start_watching(self) -> None:
        # The core's threads inherit the priority of this one, which ends then; Python's own must not, because one that
        # holds the GIL at a low priority keeps all others waiting.
        try:
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        except (AttributeError, OSError):
            pass
        with self._watching:
            if not self._ended:
                self._watch = attempt(self._watch_folders)
            self._started.set()

    def _watch_folders(self) -> Watch:
        return self.shelf.watch(to_watch(self.root), lookup=self._lookup, jobs=1)

    def start_following(self) -> None:
        """Begins to follow what the watch tells, on a thread of the caller's priority."""
        self._thread(self._follow, "modelshelf-plugin-watch")

    def _follow(self) -> None:
        self._started.wait()
        watch = self._watch
        if watch is None:
            return
        try:
            # Ends when the watch is stopped.
            for event in watch:
                for path in (event.path, event.old_path):
                    if path is not None:
                        self.index.touch(path)
        except Exception:
            log.exception("the models folder is watched no more")

    def _changed(self, path: str) -> None:
        if path:
            self.index.touch(path)
        self.index.see([*self._listed(), *self.index.section()])

    def _listed(self) -> Iterator[str]:
        """Files below the models folder by the server's rules for names, for the time before it lists them itself."""
        for name in FOLDERS:
            for folder, below, files in os.walk(os.path.join(self.root, name)):
                below[:] = [each for each in below if not each.startswith(("_", "."))]
                for file in files:
                    if file.endswith((".safetensors", ".ckpt", ".pt", ".pth", ".bin")):
                        yield os.path.relpath(os.path.join(folder, file), self.root)

    def detach(self) -> None:
        """Puts the server back as it was, and stops what runs. Harmless a second time."""
        self._hooks.restore()
        self._ended = True
        self.index.stop()
        with self._watching:
            if self._watch is not None:
                attempt(self._watch.stop)
        self._requests.stop()
        self._records.settle(threads.PATIENCE)
        atexit.unregister(self.detach)

    def __enter__(self) -> Attachment:  # noqa: PYI034
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()

    def __repr__(self) -> str:
        return f"<Attachment {self.root!r}{' detached' if self._ended else ''}>"


class _Relay:
    """A queue with another ``put``."""

    def __init__(self, queue: Any, put: Callable[..., Any]) -> None:
        self._queue = queue
        self.put = put

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)


def _names(files: Any, depth: int = 0) -> Iterator[str]:
    """The names in the server's lists, whatever holds them."""
    if isinstance(files, str):
        yield files
    elif isinstance(files, dict):
        for key, value in files.items():
            # Either {kind: names} or {kind: {name: path}}.
            if depth and isinstance(key, str):
                yield key
            else:
                yield from _names(value, depth + 1)
    elif isinstance(files, (list, tuple, set)) and depth < 4:
        for each in files:
            yield from _names(each, depth + 1)


def _is_read_only(instance: Any, client: Any) -> bool:
    """Whether this client may not write: as the host has it for its own requests."""
    inference = getattr(instance, "inference", None)
    if getattr(instance, "read_only", None) is not True and getattr(inference, "read_only", None) is not True:
        return False
    owner = getattr(instance, "owner", None) or getattr(inference, "owner", None)
    return owner is None or owner != client
