"""Asking Civitai without waiting for the answer."""

from __future__ import annotations

import logging
from collections.abc import Callable

from .._native import Cancel
from . import background
from .civitai_metadata import CivitaiMetadata

logger = logging.getLogger(__name__)


class AsyncCivitaiFetcher:
    """Fetches metadata on threads of its own."""

    def __init__(self, token: str | None = None) -> None:
        from .civitai_integration import CivitaiIntegration

        self.integration = CivitaiIntegration(token)
        #: The functions that are still to be called, by the address they wait for.
        self.callbacks: dict[str, list[Callable[[CivitaiMetadata], object]]] = {}

    def fetch_async(
        self,
        civitai_url: str,
        callback: Callable[[CivitaiMetadata], object],
        error_callback: Callable[[str], object] | None = None,
    ) -> background.Task:
        """Calls ``callback(metadata)`` or ``error_callback(message)``, one of them, once, from another thread."""
        key = str(civitai_url)
        waiting = self.callbacks.setdefault(key, [])
        waiting.append(callback)

        def work(_: Cancel) -> None:
            try:
                outcome = self._fetch(civitai_url)
            finally:
                waiting.remove(callback)
                if not waiting and self.callbacks.get(key) is waiting:
                    del self.callbacks[key]
            # Outside of any try: an exception of a callback must not make the other one be called.
            if isinstance(outcome, CivitaiMetadata):
                callback(outcome)
            elif error_callback is not None:
                error_callback(outcome)
            else:
                logger.error("%s", outcome)

        return background.start(work, "modelshelf-fetch")

    def _fetch(self, url: str) -> CivitaiMetadata | str:
        try:
            model, version = self.integration.extract_civitai_ids_from_url(url)
            if model is None and version is None:
                return "Could not extract model ID from URL"
            metadata = self.integration.fetch_model_metadata(model, version)
        except Exception as problem:
            # Somebody waits to be called, whatever happens.
            logger.exception("fetching %r failed", url)
            return str(problem)
        return metadata if metadata is not None else "Failed to fetch metadata"
