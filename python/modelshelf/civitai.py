"""Asking Civitai without a database."""

from __future__ import annotations

import json

from . import _native, certificates
from .errors import NetworkError
from .progress import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ._native import Cancel
    from ._typing import ProgressOption


class Civitai:
    """The Civitai service. Stores nothing.

    ``token`` is an API key, else ``$CIVITAI_TOKEN``; ``base_url`` an origin like ``https://civitai.red``, else
    ``$CIVITAI_BASE_URL``.
    """

    def __init__(self, token: str | None = None, base_url: str | None = None) -> None:
        certificates.ensure()
        settings = {"token": token, "base_url": base_url}
        self._options = json.dumps({key: value for key, value in settings.items() if value is not None})
        self.base_url = base_url

    def lookup(
        self, queries: str | Iterable[str], *, progress: ProgressOption = False, cancel: Cancel | None = None
    ) -> list[dict[str, Any]]:
        """Answers for hashes, URLs, AIRs and ids: dictionaries with ``query``, ``status`` and ``civitai``."""
        wanted = json.dumps([queries] if isinstance(queries, str) else list(queries))
        with Reporter(progress) as report:
            text = _native.civitai_lookup(wanted, self._options, report, cancel)
        results: list[dict[str, Any]] = json.loads(text)["results"]
        return results

    def by_hash(self, hash: str, *, cancel: Cancel | None = None) -> dict[str, Any] | None:
        """What Civitai knows of a file by any of its hashes; ``None`` when it knows nothing."""
        return self.by_hashes([hash], cancel=cancel)[hash]

    def by_hashes(
        self, hashes: Iterable[str], *, progress: ProgressOption = False, cancel: Cancel | None = None
    ) -> dict[str, dict[str, Any] | None]:
        """The same for many, in batches; the keys are the hashes as they were given."""
        given = list(hashes)
        answers: dict[str, dict[str, Any] | None] = dict.fromkeys(given)
        for query, result in zip(given, self.lookup(given, progress=progress, cancel=cancel)):
            if result["status"] == "pending":
                raise NetworkError(f"Civitai could not be asked about {query}", hint="try again later")
            answers[query] = result["civitai"]
        return answers

    def model(self, id: int, *, progress: ProgressOption = False, cancel: Cancel | None = None) -> dict[str, Any]:
        """A model as the service gives it."""
        with Reporter(progress) as report:
            model: dict[str, Any] = json.loads(_native.civitai_model(id, self._options, report, cancel))
        return model

    def version(self, id: int, *, progress: ProgressOption = False, cancel: Cancel | None = None) -> dict[str, Any]:
        """A model version as the service gives it."""
        with Reporter(progress) as report:
            version: dict[str, Any] = json.loads(_native.civitai_version(id, self._options, report, cancel))
        return version

    def __repr__(self) -> str:
        # The token is a secret.
        return f"<Civitai base_url={self.base_url!r}>"
