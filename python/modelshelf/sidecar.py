"""The metadata beside a model, ``x.safetensors.metadata.json``, that other programs read and write too."""

from __future__ import annotations

import json
import os

from . import _native, messages
from .paths import from_json, resolve, to_json
from .progress import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from ._native import Cancel
    from ._typing import AnyPath, ProgressOption


def folder_option(metadata_dir: AnyPath | None) -> dict[str, str]:
    """The gathering folder as a request names it."""
    if metadata_dir is None:
        return {}
    return {key.replace("path", "metadata_dir", 1): value for key, value in to_json(metadata_dir).items()}


class Sidecars:
    """The part of ``Shelf`` that deals with sidecars.

    ``metadata_dir`` gathers the sidecars of folders that cannot be written to; without it they lie beside the models.
    """

    _handle: _native.Shelf
    models_dir: str | None

    def sidecar_path(self, path: AnyPath, metadata_dir: AnyPath | None = None) -> str:
        """Where the sidecar of a model lies."""
        return _native.sidecar_path(self._handle, resolve(path, self.models_dir), metadata_dir)

    def read_sidecar(self, path: AnyPath, metadata_dir: AnyPath | None = None) -> dict[str, Any] | None:
        """What the sidecar says, as a dictionary of your own; ``None`` when there is none.

        A damaged one gives ``None`` too: it is kept as ``….corrupt``, and the log says so.
        """
        messages.begin()
        text = _native.sidecar_read(self._handle, resolve(path, self.models_dir), metadata_dir)
        if text is None:
            messages.deliver()
            return None
        document: dict[str, Any] = json.loads(text)
        return document

    def write_sidecar(
        self,
        path: AnyPath,
        fields: Mapping[str, Any],
        *,
        metadata_dir: AnyPath | None = None,
        replace: bool = False,
    ) -> dict[str, Any]:
        """Merges fields into the sidecar, in one step that no crash can cut in two; gives it as written.

        What others wrote there stays; with ``replace`` only our own part does. ``None`` is written as null. If the file
        is known, ``trigger_words``, ``description``, ``base_model``, ``tags``, ``notes`` and ``favorite`` enter its
        record as the sidecar's word.
        """
        text = json.dumps(dict(fields))
        messages.begin()
        try:
            written = _native.sidecar_write(
                self._handle, resolve(path, self.models_dir), metadata_dir, text, bool(replace)
            )
        finally:
            messages.deliver()
        document: dict[str, Any] = json.loads(written or "{}")
        return document

    def write_sidecars(
        self,
        what: AnyPath | Iterable[AnyPath] | None = None,
        *,
        formats: Iterable[str] = ("server",),
        metadata_dir: AnyPath | None = None,
        progress: ProgressOption = False,
        cancel: Cancel | None = None,
    ) -> dict[str, Any]:
        """Writes what is known of models into their sidecars: ``{"files", "written", "damaged", "failed"}``.

        Without ``what`` for the whole library.
        """
        request = {"formats": [*formats], "write": True, **folder_option(metadata_dir)}
        return self._many(_native.sidecars, what, request, progress, cancel)

    def read_sidecars(
        self,
        what: AnyPath | Iterable[AnyPath] | None = None,
        *,
        formats: Iterable[str] = ("server",),
        metadata_dir: AnyPath | None = None,
        progress: ProgressOption = False,
        cancel: Cancel | None = None,
    ) -> dict[str, Any]:
        """Takes in what other programs wrote into sidecars and leaves the files alone."""
        request = {"formats": [*formats], "write": False, **folder_option(metadata_dir)}
        return self._many(_native.sidecars, what, request, progress, cancel)

    def verify(
        self,
        what: AnyPath | Iterable[AnyPath] | None = None,
        *,
        adopted: bool = False,
        jobs: int | None = None,
        background: bool = False,
        progress: ProgressOption = False,
        cancel: Cancel | None = None,
    ) -> dict[str, Any]:
        """Hashes files again and compares: ``{"ok", "changed", "damaged", "missing", "failed", "bytes_hashed"}``.

        Without ``what`` the whole library; ``adopted`` looks at those only whose digests came from a sidecar.
        ``background`` reads and hashes with the lowest priority for processor and disk. It may run on a thread of its
        own; a watch verifies adopted digests by itself.
        """
        request: dict[str, Any] = {"adopted": bool(adopted), "background": bool(background)}
        if jobs is not None:
            request["jobs"] = jobs
        return self._many(_native.verify, what, request, progress, cancel)

    def _many(
        self, call: Any, what: Any, request: dict[str, Any], progress: ProgressOption, cancel: Cancel | None
    ) -> dict[str, Any]:
        if what is not None:
            names = [what] if isinstance(what, (str, bytes, os.PathLike)) else [*what]
            request["what"] = [to_json(resolve(name, self.models_dir)) for name in names]
            if not names:
                raise ValueError("what is empty; leave it out for the whole library")
        messages.begin()
        try:
            with Reporter(progress) as report:
                result: dict[str, Any] = json.loads(call(self._handle, json.dumps(request), report, cancel))
        finally:
            messages.deliver()
        for entries in result.values():
            if isinstance(entries, list):
                for entry in entries:
                    if entry["path"] is not None:
                        entry["path"] = from_json(entry)
        return result

    def delete_sidecar(self, path: AnyPath, metadata_dir: AnyPath | None = None) -> bool:
        """Removes the sidecar and takes back what it said; ``False`` when there is none."""
        return _native.sidecar_delete(self._handle, resolve(path, self.models_dir), metadata_dir)
