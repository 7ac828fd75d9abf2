"""Watches folders: new models are hashed, identified, noted beside them, and told."""

from __future__ import annotations

import atexit
import logging
import os
import time
from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakSet

from .._native import Cancel
from ..errors import Error, UsageError
from ..model import Model
from ..paths import resolve
from ..watch import Watch, WatchEvent
from . import background
from .civitai_fields import civitai_fields
from .civitai_integration import CivitaiIntegration
from .civitai_metadata import CivitaiMetadata
from .civitai_notes import note_civitai_metadata
from .fork_lock import ForkLock
from .known_hashes import is_outdated
from .metadata_manager import PROBLEMS
from .model_files import models_below
from .model_metadata import get_manager
from .service_answers import plain_text, preview_url

logger = logging.getLogger(__name__)

#: How long a new model waits for Civitai's answer before it is told without one (seconds).
_LONGEST_WAIT = 8.0
_TICK = 0.2
#: How often folders are looked for that were not there (seconds).
_FOLDER_TICK = 5.0


class AutoModelMetadataDetector:
    """Watches folders by type (``{"LoRA": "models/LoRA"}``) and tells each new model once: ``callback(path, metadata)``.

    Models that are there and have no hash yet are told too. The callback runs on the detector's thread.
    """

    def __init__(
        self,
        watch_folders: Mapping[str, str | os.PathLike[str]],
        civitai_token: str | None = None,
        callback: Callable[[str, dict[str, Any]], object] | None = None,
    ) -> None:
        #: Whole paths: a server may go to another folder later.
        self.watch_folders = {str(kind): os.path.abspath(os.fsdecode(path)) for kind, path in watch_folders.items()}
        self.civitai_token = civitai_token
        self.callback = callback
        self.metadata_manager = get_manager()
        self.civitai_integration = CivitaiIntegration(civitai_token)
        #: Paths of the models that are done.
        self.processed_files: set[str] = set()
        self._lock = ForkLock()
        self._watch: Watch | None = None
        self._task: background.Task | None = None
        self._waiting: dict[str, float] = {}
        self._unseen: set[str] = set()

    def start_watching(self) -> None:
        """Begins; harmless while it runs."""
        with self._lock:
            if self._task is not None and self._task.thread.is_alive():
                return
            if not self.watch_folders:
                logger.warning("there are no folders to watch")
                return
            self._unseen = set(self.watch_folders.values())
            self._waiting = {}
            self._task = background.start(self._run, "modelshelf-detector")
            _running.add(self)

    def stop_watching(self) -> None:
        """Ends the watching, and returns when its thread has ended."""
        with self._lock:
            watch, task = self._watch, self._task
            self._watch = self._task = None
            if task is not None:
                task.cancel.cancel()
        if watch is not None:
            watch.stop()
        if task is not None:
            task.join()
        _running.discard(self)

    def manual_fetch_civitai(self, model_path: str | os.PathLike[str], civitai_url: str) -> bool:
        """Notes what Civitai has at an address for a model, and its preview; false when it has nothing."""
        try:
            path = os.path.abspath(os.fsdecode(resolve(model_path, self.metadata_manager.models_root_dir)))
        except PROBLEMS as problem:
            logger.error("%r is no model: %s", model_path, problem)
            return False
        model, version = self.civitai_integration.extract_civitai_ids_from_url(civitai_url)
        if model is None and version is None:
            return False
        metadata = self.civitai_integration.fetch_model_metadata(model, version)
        if metadata is None:
            return False
        if not note_civitai_metadata(self.metadata_manager, self.civitai_integration, path, metadata):
            return False
        self._tell(path, self.metadata_manager.load_metadata(path) or {})
        return True

    # On the detector's thread.

    def _start_watch(self) -> Watch:
        shelf = self.metadata_manager.shelf
        try:
            return shelf.watch(self.watch_folders)
        except UsageError:
            # A type of the caller's own.
            return shelf.watch(list(self.watch_folders.values()))

    def _run(self, cancel: Cancel) -> None:
        self._adopt(cancel)
        with self._lock:
            if cancel.cancelled:
                return
            try:
                watch = self._watch = self._start_watch()
            except (Error, OSError, ValueError) as problem:
                logger.error("the folders cannot be watched: %s", problem)
                return
        looked = -_FOLDER_TICK
        while watch.running and not cancel.cancelled:
            if self._unseen and time.monotonic() - looked >= _FOLDER_TICK:
                looked = time.monotonic()
                self._take_up_what_is_there(cancel)
            event = watch.next(_TICK if self._waiting else _FOLDER_TICK if self._unseen else None)
            try:
                if event is not None:
                    self._take(event)
                self._tell_what_waited(cancel)
            except Exception:
                # The next model is another one.
                if not cancel.cancelled:
                    logger.exception("a model could not be taken up")

    def _adopt(self, cancel: Cancel) -> None:
        """On a machine that is new the files beside the models know what the library does not: nothing is hashed."""
        manager = self.metadata_manager
        paths = [path for folder in self.watch_folders.values() for path in models_below(os.path.abspath(folder))]
        noted = [path for path in paths if manager.shelf.get_hash(path) is None and self._is_noted(path)]
        if noted:
            manager.take_in(noted, cancel=cancel)

    def _is_noted(self, path: str) -> bool:
        """Whether the JSON file knows this very file; one that came in the place of another is new."""
        said = self.metadata_manager.load_metadata(path) or {}
        try:
            return "modelshelf" in said and not is_outdated(
                said, os.stat(path), self.metadata_manager.get_metadata_path(path)
            )
        except OSError:
            return False

    def _take_up_what_is_there(self, cancel: Cancel) -> None:
        """Models that the library knows are no event; those that it does not know will be."""
        for folder in [each for each in self._unseen if os.path.isdir(each)]:
            self._unseen.discard(folder)
            for path in models_below(os.path.abspath(folder)):
                if cancel.cancelled:
                    return
                noted = (self.metadata_manager.load_metadata(path) or {}).get("hash")
                # What is noted of an earlier file of that name is no hash of this one.
                if noted and self.metadata_manager.get_hash(path):
                    self.processed_files.add(path)
                elif self.metadata_manager.shelf.get_hash(path) is not None:
                    self._arrived(path)

    def _take(self, event: WatchEvent) -> None:
        path = event.path
        if event.event == "removed":
            self.processed_files.discard(path)
            self._waiting.pop(path, None)
        elif event.event == "failed":
            logger.warning("%s cannot be used: %s", path, (event.error or {}).get("message"))
        elif event.event == "identified":
            if path not in self.processed_files or path in self._waiting:
                self._finish(path, event.model)
            elif event.model is not None and not (self.metadata_manager.load_metadata(path) or {}).get("civitai_name"):
                # Civitai answered late: noted, but told is told.
                self._note(path, event.model)
        elif event.event == "changed":
            self.processed_files.discard(path)
            self._arrived(path)
        elif event.event == "moved":
            self._moved(path, event.old_path)
        else:
            self._arrived(path)

    def _moved(self, path: str, old_path: str | None) -> None:
        manager = self.metadata_manager
        if old_path is None or old_path not in self.processed_files:
            self._arrived(path)
            return
        self.processed_files.discard(old_path)
        self.processed_files.add(path)
        said = manager.load_metadata(old_path)
        if said and manager.load_metadata(path) is None and manager.save_metadata(path, said):
            manager.delete_metadata(old_path)

    def _arrived(self, path: str) -> None:
        if path not in self.processed_files:
            self._waiting.setdefault(path, time.monotonic() + _LONGEST_WAIT)

    def _tell_what_waited(self, cancel: Cancel) -> None:
        offline = os.environ.get("MODELSHELF_OFFLINE", "").lower() in ("1", "true", "yes", "on")
        for path, until in list(self._waiting.items()):
            if cancel.cancelled:
                return
            model = self.metadata_manager.shelf.get(path)
            civitai = model.civitai if model is not None else None
            status = (civitai or {}).get("status") or "pending"
            if offline or status != "pending" or time.monotonic() >= until:
                self._finish(path, model)

    def _finish(self, path: str, model: Model | None) -> None:
        self._waiting.pop(path, None)
        if path in self.processed_files or model is None:
            return
        self.processed_files.add(path)
        metadata = self._note(path, model)
        if metadata is not None:
            self._tell(path, metadata)

    def _note(self, path: str, model: Model) -> dict[str, Any] | None:
        """Writes down what is known of a model, and gives it also when it could not be saved; ``None`` without a hash."""
        sha256 = str(model.hashes["sha256"] or "").upper()
        if not sha256:
            return None
        manager = self.metadata_manager
        fields: dict[str, Any] = {
            "hash": f"AUTOV2: {sha256[:10]}",
            "hash_type": "AUTOV2",
            "hash_autov2": sha256[:10],
            "hash_sha256": sha256,
            "model_type": self._type(path),
            "source": "auto_detected",
        }
        before = manager.load_metadata(path) or {}
        if before.get("hash") and before.get("hash") != fields["hash"] and not before.get("source"):
            # The user has noted something else there, which is written after what Civitai says.
            fields |= {"hash": before["hash"], "hash_type": before.get("hash_type")}
        if before.get("preview_url") and before.get("hash_sha256") not in (None, sha256):
            # They show the model that was there before.
            fields |= {"preview_url": None, "preview_path": None}
        known = self._on_civitai(path, model)
        if known is None:
            saved = manager.save_metadata(path, fields)
        else:
            # The file's own digests, not those of the version's main file.
            known.hash_autov2, known.hash_sha256 = sha256[:10], sha256
            saved = note_civitai_metadata(manager, self.civitai_integration, path, known, fields)
            fields = {**civitai_fields(known), **fields}
        if not saved:
            # In a folder that cannot be written to models are new too.
            return {**before, **fields}
        return {**fields, **(manager.load_metadata(path) or {})}

    def _on_civitai(self, path: str, model: Model) -> CivitaiMetadata | None:
        """What the library was told when the model was identified; Civitai is asked again only for a bare number."""
        civitai = model.civitai or {}
        if civitai.get("status") != "found" or not civitai.get("model_id"):
            return None
        if not civitai.get("version_name"):
            fetched = self.civitai_integration.fetch_model_metadata(civitai["model_id"], civitai.get("version_id"))
            if fetched is not None:
                return fetched
        known = CivitaiMetadata()
        known.model_id, known.version_id = civitai["model_id"], civitai.get("version_id")
        known.model_name, known.model_type = civitai.get("model_name"), civitai.get("type")
        known.base_model, known.trigger_words = civitai.get("base_model"), civitai.get("trained_words") or []
        known.description = plain_text(civitai.get("description"))
        try:
            named = self.metadata_manager.shelf.previews(path, all=True, fetch=False, cancel=background.token())
            known.preview_url = preview_url(
                [{"url": each["url"], "type": each["type"], "nsfwLevel": each["nsfw_level"]} for each in named["previews"]]
            )
        except PROBLEMS as problem:
            logger.warning("no preview of %s: %s", path, problem)
        return known

    def _type(self, path: str) -> str:
        places = ((os.path.join(os.path.realpath(folder), ""), kind) for kind, folder in self.watch_folders.items())
        inside = [(len(place), kind) for place, kind in places if os.path.realpath(path).startswith(place)]
        return max(inside, default=(0, "UNKNOWN"))[1]

    def _tell(self, path: str, metadata: dict[str, Any]) -> None:
        if self.callback is None:
            return
        try:
            self.callback(path, metadata)
        except (Exception, SystemExit):
            # sys.exit() ends the thread that it is called on, which is the one that watches.
            logger.exception("the callback failed for %s", path)


_running: WeakSet[AutoModelMetadataDetector] = WeakSet()


def _stop_all() -> None:
    for detector in list(_running):
        detector.stop_watching()


def _after_fork() -> None:
    # The threads and the watches are the parent's.
    for detector in list(_running):
        detector._watch = detector._task = None
    _running.clear()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
