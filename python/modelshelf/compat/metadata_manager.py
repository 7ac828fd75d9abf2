"""``ModelMetadataManager``: the library as the old modules saw it, a view of the one shelf of this process."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from itertools import count
from time import monotonic
from typing import Any

from .._native import Cancel
from ..errors import Error
from ..manager import get_manager as get_shelf
from ..paths import resolve
from ..shelf import Shelf
from .civitai_fields import civitai_fields
from .civitai_metadata import CivitaiMetadata
from .file_hashes import get_all_model_hashes
from .hash_text import normalized_hash
from .known_hashes import known_hashes, noted_hash
from .metadata_exchange import export_models, import_models
from .model_description import describe, known_base_model
from .model_files import model_stem, models_in
from .model_record import MetadataCache, ModelMetadata
from .name_index import NameIndex
from .path_records import PathRecords
from .preview_files import get_model_preview_path

logger = logging.getLogger(__name__)

METADATA_SUFFIX = ".metadata.json"
_MOST_REMEMBERED = 100_000
#: How long a digest is remembered (seconds).
_REMEMBERED = 1.0
_OF_THIS_PROCESS = ("_cache", "_hashes", "_saves", "_saved", "_names", "_records")
AnyPath = str | os.PathLike[str]
#: What the calls that answer with true and false turn into a line of the log.
PROBLEMS = (Error, OSError, TypeError, ValueError, RecursionError)


class ModelMetadataManager:
    """Metadata of models, kept in JSON files beside them and in the library. Safe to use from any thread.

    Relative names are looked for in the current folder first, then in ``models_root_dir``. ``metadata_dir`` gathers the
    JSON files in one folder.
    """

    def __init__(self, models_root_dir: AnyPath | None = None, metadata_dir: AnyPath | None = None) -> None:
        self.metadata_dir: str | None = None if metadata_dir is None else os.path.abspath(os.fsdecode(metadata_dir))
        self._cache = MetadataCache(self._fill)
        #: By path: the file's ``stat``, the count of saves, the text, until when, and what the JSON file said.
        self._hashes: dict[str, tuple[tuple[int, ...], int, str, float, object]] = {}
        #: Counts what was saved here: what was remembered before is asked for again.
        self._saves = count(1)
        self._saved = 0
        self.reroot(os.environ.get("MODELSHELF_MODELS") or "models" if models_root_dir is None else models_root_dir)

    def gather(self, metadata_dir: AnyPath) -> None:
        """Another folder that gathers the JSON files."""
        self.metadata_dir = os.path.abspath(os.fsdecode(metadata_dir))
        self._saved = next(self._saves)

    def reroot(self, models_root_dir: AnyPath) -> None:
        """Another folder for relative names."""
        self.models_root_dir = os.path.abspath(os.fsdecode(models_root_dir))
        self._names = NameIndex(self.models_root_dir)
        self._records = PathRecords(self.models_root_dir)

    def __getstate__(self) -> dict[str, Any]:
        # To another process go the folders, and what a subclass has of its own.
        return {name: value for name, value in vars(self).items() if name not in _OF_THIS_PROCESS}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ModelMetadataManager.__init__(self, state["models_root_dir"], state["metadata_dir"])
        vars(self).update(state)

    @property
    def metadata_cache(self) -> MetadataCache:
        """``TYPE:name`` to what was asked for by name or made in this process."""
        return self._cache

    @metadata_cache.setter
    def metadata_cache(self, entries: Mapping[str, ModelMetadata]) -> None:
        # Scripts empty it by ``manager.metadata_cache = {}``.
        cache = MetadataCache(self._fill)
        cache.update(entries)
        self._cache = cache

    @property
    def shelf(self) -> Shelf:
        """The library of this process."""
        return get_shelf()

    # By path: the JSON files.

    def get_metadata_path(self, model_file_path: AnyPath) -> str:
        """``x.safetensors.metadata.json`` beside the model, or in ``metadata_dir``."""
        if self.metadata_dir is None:
            # A relative name stays one.
            return self._place(model_file_path, absolute=False) + METADATA_SUFFIX
        return self.shelf.sidecar_path(self._place(model_file_path), self.metadata_dir)

    def save_metadata(self, model_file_path: AnyPath, metadata: Mapping[str, Any]) -> bool:
        """Merges values into the JSON file of a model, in one step; what others wrote there stays."""
        try:
            path = self._place(model_file_path)
            if self.metadata_dir is None:
                os.makedirs(os.path.dirname(path), exist_ok=True)
            fields = {str(name): value for name, value in dict(metadata).items()}
            self.shelf.write_sidecar(path, fields, metadata_dir=self.metadata_dir)
        except PROBLEMS as problem:
            logger.error("metadata of %s could not be saved: %s", model_file_path, problem)
            return False
        self._saved = next(self._saves)
        return True

    def load_metadata(self, model_file_path: AnyPath, use_cache: bool = True) -> dict[str, Any] | None:
        """The values in the JSON file, a fresh dictionary; ``None`` when there is none or it is damaged.

        A damaged file is kept as ``.corrupt``. Changes of other processes are seen, also with ``use_cache``.
        """
        try:
            path = self._place(model_file_path)
            said = self.shelf.read_sidecar(path, self.metadata_dir)
        except PROBLEMS as problem:
            logger.error("metadata of %s could not be read: %s", model_file_path, problem)
            return None
        known = self._hashes.get(path)
        if known is not None and known[4] != (said or {}).get("hash"):
            # Another process has noted another hash.
            self._hashes.pop(path, None)
        return said

    def delete_metadata(self, model_file_path: AnyPath) -> bool:
        """Removes the JSON file; true also when there was none."""
        try:
            path = self._place(model_file_path)
            if os.path.isdir(os.path.dirname(self.get_metadata_path(path))):
                self.shelf.delete_sidecar(path, self.metadata_dir)
        except PROBLEMS as problem:
            logger.error("metadata of %s could not be deleted: %s", model_file_path, problem)
            return False
        self._saved = next(self._saves)
        self.metadata_cache.discard(path)
        return True

    def get_hash(self, model_file_path: AnyPath) -> str | None:
        """The hash of a model as it was set, else ``AUTOV2: …`` when it is known; never hashes.

        From memory while the model's file stays as it is; the library and the JSON file are asked again after a second,
        or when ``load_metadata()`` has found another hash.
        """
        try:
            path = os.fsdecode(model_file_path)
            try:
                status = os.stat(path)
            except FileNotFoundError:
                path = self._place(path)
                status = os.stat(path)
            now = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
            known = self._hashes.get(path)
            saved = self._saved
            if known is not None and known[0] == now and known[1] == saved and monotonic() < known[3]:
                return known[2]
            place = os.path.abspath(path)
            if place != path:
                # A relative name means another file after the current folder has changed.
                return self.get_hash(place)
            said = self.load_metadata(path) or {}
            value = noted_hash(self.shelf, path, status, said, self.get_metadata_path(path))
        except (FileNotFoundError, NotADirectoryError):
            # What was said of a model that is not there, as on a disk that is away.
            value = (self.load_metadata(model_file_path) or {}).get("hash")
            return value if isinstance(value, str) else None
        except PROBLEMS as problem:
            logger.error("no hash of %s: %s", model_file_path, problem)
            return None
        if value is not None:
            if len(self._hashes) > _MOST_REMEMBERED:
                self._hashes = {}
            # A digest that was taken over from a sidecar may be corrected, and another process may note another hash.
            self._hashes[path] = (now, saved, value, monotonic() + _REMEMBERED, said.get("hash"))
        return value

    def set_hash(self, model_file_path: AnyPath, value: str, hash_type: str = "AUTOV2") -> bool:
        """Notes a hash, or a place on Civitai (``civitai: M@V``), for a model."""
        if not isinstance(value, str) or not value.strip():
            logger.error("%r is no hash for %s", value, model_file_path)
            return False
        return self.save_metadata(model_file_path, {"hash": normalized_hash(value), "hash_type": str(hash_type or "AUTOV2")})

    def has_other_hash(self, model_file_path: AnyPath) -> bool:
        """Whether something else than an AutoV2 is noted as the hash, such as a place on Civitai."""
        value = (self.load_metadata(model_file_path) or {}).get("hash")
        return isinstance(value, str) and bool(value) and not value.upper().startswith("AUTOV2")

    def set_civitai_metadata(self, model_file_path: AnyPath, metadata: CivitaiMetadata | Mapping[str, Any]) -> bool:
        """Notes what Civitai says of a model. What it does not say replaces nothing."""
        try:
            known = metadata if isinstance(metadata, CivitaiMetadata) else CivitaiMetadata.from_dict(metadata)
        except (AttributeError, TypeError) as problem:
            logger.error("that is no metadata of Civitai: %s", problem)
            return False
        before = self.load_metadata(model_file_path) or {}
        fields = civitai_fields(known)
        wanted = {name: value for name, value in fields.items() if value or before.get(name) is None}
        return self.save_metadata(model_file_path, wanted)

    def get_models_with_metadata(self, folder_path: AnyPath) -> dict[str, dict[str, Any]]:
        """The models right in a folder, by path: ``name, path, size, metadata``; ``metadata`` may be empty."""
        models: dict[str, dict[str, Any]] = {}
        try:
            paths = models_in(self._place(folder_path, absolute=False))
        except PROBLEMS as problem:
            logger.error("no models in %r: %s", folder_path, problem)
            return {}
        for path in paths:
            try:
                size = os.path.getsize(path)
            except OSError:
                continue
            metadata = self.load_metadata(path) or {}
            models[path] = {"name": os.path.basename(path), "path": path, "size": size, "metadata": metadata}
        return models

    def clear_cache(self) -> None:
        """Forgets what this process remembers; nothing that was saved is lost."""
        self.metadata_cache.clear()
        self._hashes = {}

    def export_all_metadata(self, folder_path: AnyPath, export_file: AnyPath) -> bool:
        """The metadata of a folder's models as one JSON file: ``exported_at, folder, models``."""
        try:
            folder = self._place(folder_path, absolute=False)
            if not os.path.isdir(folder):
                raise NotADirectoryError(f"{folder} is no folder")
            export_models(folder, self.get_models_with_metadata(folder), os.fsdecode(export_file))
        except PROBLEMS as problem:
            logger.error("metadata of %s could not be exported: %s", folder_path, problem)
            return False
        return True

    def import_metadata(self, import_file: AnyPath, folder_path: AnyPath | None = None) -> bool:
        """Takes such a file in; with ``folder_path`` for the models of the same names in that folder."""
        try:
            folder = None if folder_path is None else self._place(folder_path)
            return import_models(os.fsdecode(import_file), folder, self.save_metadata)
        except PROBLEMS as problem:
            logger.error("%s could not be imported: %s", import_file, problem)
            return False

    # By name: generation code and scripts.

    def get_metadata(self, name: str, model_type: str) -> ModelMetadata | None:
        """What is known of a model by its name; ``None`` only if there is no such file.

        Never hashes and never waits for the network: hashes are ``None`` while they are not known.
        """
        try:
            path = self._names.find(os.fsdecode(name), str(model_type))
        except (OSError, TypeError, ValueError) as problem:
            logger.error("no model by the name %r: %s", name, problem)
            return None
        return None if path is None else self._describe(path, model_type)

    def create_or_update_metadata(
        self,
        model_path: AnyPath,
        model_type: str,
        preview_path: str | None = None,
        description: str | None = None,
        base_model: str | None = None,
    ) -> ModelMetadata:
        """Hashes a model unless its hashes are known, and saves them with what is given; may take long."""
        path = self._place(model_path)
        if not os.path.isfile(path):
            logger.error("there is no model %s", path)
            return ModelMetadata(model_stem(os.path.basename(path)), str(model_type).upper(), path)
        hashes = self.hashes_of(path)
        fields: dict[str, Any] = {f"hash_{name}": value for name, value in hashes.items() if value}
        if hashes.get("autov2") and not self.has_other_hash(path):
            fields |= {"hash": f"AUTOV2: {hashes['autov2']}", "hash_type": "AUTOV2"}
        preview = preview_path or get_model_preview_path(path, model_type)
        given = {"preview_path": preview, "description": description, "base_model": known_base_model(base_model)}
        fields |= {name: value for name, value in given.items() if value}
        self.save_metadata(path, {**fields, "model_type": str(model_type).upper()})
        model = self._describe(path, model_type)
        model.set_hashes(hashes)
        return model

    def hashes_of(self, path: str) -> dict[str, str | None]:
        """Every hash of a file, from the library; hashed now if it is not known there."""
        known = self._known_hashes(path)
        if not known.get("sha256"):
            self.take_in([path])
            known = self._known_hashes(path)
        # Files that are no models, or broken ones, are in no library but have bytes.
        return known if known.get("sha256") else get_all_model_hashes(path)

    def take_in(self, paths: list[str], *, force: bool = False, cancel: Cancel | None = None) -> None:
        """Makes files known to the library; what their JSON files know for sure is not hashed again."""
        try:
            self.shelf.scan(
                paths,
                lookup=False,
                previews=False,
                force=force,
                sidecars=["server"],
                metadata_dir=self.metadata_dir,
                cancel=cancel,
            )
        except PROBLEMS as problem:
            logger.warning("%d files could not be taken into the library: %s", len(paths), problem)

    # By path below the models folder: the preview provider.

    def get_model_metadata(self, relative_path: AnyPath) -> dict[str, Any] | None:
        """What is noted of a model in ``.models_metadata.json``; a fresh dictionary, or ``None``."""
        try:
            return self._records.get(os.fsdecode(relative_path))
        except PROBLEMS as problem:
            logger.error("the notes on %s could not be read: %s", relative_path, problem)
            return None

    def add_model_metadata(self, relative_path: AnyPath, metadata: Mapping[str, Any]) -> bool:
        """Notes values of a model there; the others stay."""
        try:
            values = {str(name): value for name, value in dict(metadata).items()}
            self._records.merge(os.fsdecode(relative_path), values)
        except PROBLEMS as problem:
            logger.error("the notes on %s could not be saved: %s", relative_path, problem)
            return False
        return True

    def update_model_hashes(self, relative_path: AnyPath, full_path: AnyPath) -> bool:
        """Notes the hashes of a file there; it is read unless they are known."""
        try:
            path = self._place(full_path)
        except PROBLEMS as problem:
            logger.error("no hashes of %r: %s", full_path, problem)
            return False
        # Of a folder nothing is read: a scan would take in all that is below it.
        known = self.hashes_of(path) if os.path.isfile(path) else {}
        hashes = {name: value for name, value in known.items() if value and name != "autov1"}
        return bool(hashes) and self.add_model_metadata(relative_path, {"hashes": hashes})

    # What the calls above share.

    def _place(self, path: AnyPath, *, absolute: bool = True) -> str:
        """The path of a model: from the current folder, else from the models folder if it is there."""
        text = os.fsdecode(path)
        if text.startswith("/") and "/." not in text and "//" not in text and "\0" not in text:
            return text
        if not text or "\0" in text:
            raise ValueError(f"{text!r} is no path")
        found = os.fsdecode(resolve(text, self.models_root_dir))
        return os.path.abspath(found) if absolute else found

    def _describe(self, path: str, model_type: str) -> ModelMetadata:
        said = self.load_metadata(path) or {}
        record: Mapping[str, Any] = {}
        try:
            record = self.shelf.get(path) or {}
        except PROBLEMS as problem:
            logger.warning("the library says nothing of %s: %s", path, problem)
        model = describe(path, str(model_type), said, record, self._known_hashes(path, said))
        inside = os.path.relpath(path, self.models_root_dir)
        self.metadata_cache.add(model, model_stem(path if inside.startswith(os.pardir) else inside))
        return model

    def _fill(self, model: ModelMetadata) -> None:
        model.set_hashes(self._known_hashes(model.path))

    def _known_hashes(self, path: str, said: Mapping[str, Any] | None = None) -> dict[str, str | None]:
        try:
            return known_hashes(self.shelf, path, said, self.get_metadata_path(path))
        except PROBLEMS as problem:
            logger.debug("no hashes of %s: %s", path, problem)
            return {}
