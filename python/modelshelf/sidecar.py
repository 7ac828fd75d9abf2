"""The metadata beside a model, ``x.safetensors.metadata.json``, that other programs read and write too."""

from __future__ import annotations

import json

from . import _native, messages
from .paths import resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ._typing import AnyPath


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

    def delete_sidecar(self, path: AnyPath, metadata_dir: AnyPath | None = None) -> bool:
        """Removes the sidecar and takes back what it said; ``False`` when there is none."""
        return _native.sidecar_delete(self._handle, resolve(path, self.models_dir), metadata_dir)
