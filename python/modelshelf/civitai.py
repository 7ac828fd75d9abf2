"""Asking Civitai without a database."""

from __future__ import annotations

import json
import os

from . import _native, certificates
from .documents import loads
from .download import Download, request
from .errors import NetworkError
from .paths import from_json, to_json
from .progress import Reporter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from ._native import Cancel
    from ._typing import AnyPath, ProgressOption


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
        results: list[dict[str, Any]] = loads(text)["results"]
        return results

    def by_hash(self, hash: str, *, cancel: Cancel | None = None) -> dict[str, Any] | None:
        """What Civitai knows of a file by any of its hashes; ``None`` when it knows nothing."""
        return self.by_hashes([hash], cancel=cancel)[hash]

    def by_hashes(
        self, hashes: Iterable[str], *, progress: ProgressOption = False, cancel: Cancel | None = None
    ) -> dict[str, dict[str, Any] | None]:
        """The same for many, in batches; the keys are the hashes as they were given."""
        given = [hashes] if isinstance(hashes, str) else list(hashes)
        if not given:
            return {}
        answers: dict[str, dict[str, Any] | None] = dict.fromkeys(given)
        for query, result in zip(given, self.lookup(given, progress=progress, cancel=cancel)):
            if result["status"] == "pending":
                raise NetworkError(f"Civitai could not be asked about {query}", hint="try again later")
            answers[query] = result["civitai"]
        return answers

    def model(self, id: int, *, progress: ProgressOption = False, cancel: Cancel | None = None) -> dict[str, Any]:
        """A model as the service gives it."""
        with Reporter(progress) as report:
            model: dict[str, Any] = loads(_native.civitai_model(id, self._options, report, cancel))
        return model

    def version(self, id: int, *, progress: ProgressOption = False, cancel: Cancel | None = None) -> dict[str, Any]:
        """A model version as the service gives it."""
        with Reporter(progress) as report:
            version: dict[str, Any] = json.loads(_native.civitai_version(id, self._options, report, cancel))
        return version

    def me(self, *, progress: ProgressOption = False, cancel: Cancel | None = None) -> dict[str, Any]:
        """Whose API key it is. The one call that tells a wrong key: elsewhere it counts as none."""
        with Reporter(progress) as report:
            account: dict[str, Any] = json.loads(_native.civitai_me(self._options, report, cancel))
        return account

    def models(
        self, *, limit: int | None = None, cancel: Cancel | None = None, **filters: Any
    ) -> Iterator[dict[str, Any]]:
        """Models of the catalogue as the service gives them, one after another to the end.

        Filters are the service's (``query, tag, username, types, base_models, sort, period, nsfw, ids, …``); a list
        means several. Those that the service would drop without a word, or always refuses, raise ``UsageError`` at
        once. ``nsfw`` is true, a level (``"pg13"``) or bits; without it only PG is shown.
        """
        return self._walk("models", limit, cancel, filters)

    def images(
        self, *, limit: int | None = None, cancel: Cancel | None = None, **filters: Any
    ) -> Iterator[dict[str, Any]]:
        """Pictures: ``model_version_id, model_id, post_id, username, sort, period, nsfw, type, with_meta, …``."""
        return self._walk("images", limit, cancel, filters)

    def tags(
        self, query: str | None = None, *, limit: int | None = None, cancel: Cancel | None = None
    ) -> Iterator[dict[str, Any]]:
        """Tags, by how they begin."""
        return self._walk("tags", limit, cancel, {"query": query})

    def creators(
        self, query: str | None = None, *, limit: int | None = None, cancel: Cancel | None = None
    ) -> Iterator[dict[str, Any]]:
        """Creators, by a part of their name."""
        return self._walk("creators", limit, cancel, {"query": query})

    def download(
        self,
        what: str,
        to: AnyPath | None = None,
        *,
        file: int | None = None,
        type: str | None = None,
        verify: bool = True,
        connections: int = 1,
        hf_token: str | None = None,
        progress: ProgressOption = False,
        cancel: Cancel | None = None,
    ) -> Download:
        """Downloads a file into a folder and verifies it; ``Shelf.download()`` also takes it into the library.

        ``what`` is a Civitai URL or AIR, ``model:ID``, ``version:ID``, a hash, or a file's address on Hugging Face.
        ``file`` is the id of one file of the version, ``type`` its kind (``"VAE"``). The bytes go to ``NAME.part``; an
        interrupted call leaves them, and the next one goes on. ``hf_token`` is a key for Hugging Face, in place of
        ``$HF_TOKEN``.
        """
        wish = request(
            what, to, file=file, type=type, verify=verify, connections=connections, hf_token=hf_token
        )
        with Reporter(progress) as report:
            return Download(json.loads(_native.civitai_download(wish, self._options, report, cancel)))

    def save_picture(
        self, url: str, path: AnyPath, *, add_ending: bool = False, cancel: Cancel | None = None
    ) -> str:
        """Fetches a picture into a file, in one step, and gives its path; no key is sent.

        With ``add_ending`` the ending of what the picture is (``png``, ``jpg``, ``webp`` …) is added to ``path``. What is
        no picture is refused. Folders are made.
        """
        place = os.path.abspath(os.fsdecode(path))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        to = to_json(place)
        wish: dict[str, Any] = {"url": url, "to": to["path"], "add_ending": bool(add_ending)}
        if "path_bytes" in to:
            wish["to_bytes"] = to["path_bytes"]
        return from_json(json.loads(_native.civitai_picture(json.dumps(wish), self._options, None, cancel)))

    @staticmethod
    def image_url(url: str, width: int = 450, *, still: bool = False) -> str:
        """The address of a picture at another width (0: as it was uploaded), or of a still of a video."""
        return _native.image_url(url, width, still)

    def _walk(
        self, kind: str, limit: int | None, cancel: Cancel | None, filters: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        return _items(self._open(kind, limit, filters), cancel)

    def _open(self, kind: str, limit: int | None, filters: dict[str, Any]) -> _native.Catalogue:
        wanted: dict[str, Any] = {name: _plain(value) for name, value in filters.items() if value is not None}
        if limit is not None:
            wanted["limit"] = limit
        return _native.catalogue_open(kind, json.dumps(wanted), self._options)

    def __repr__(self) -> str:
        # The token is a secret.
        return f"<Civitai base_url={self.base_url!r}>"


def _items(catalogue: _native.Catalogue, cancel: Cancel | None) -> Iterator[dict[str, Any]]:
    while page := loads(_native.catalogue_next(catalogue, None, cancel)):
        yield from page


def _plain(value: Any) -> Any:
    """Tuples, sets and iterators as lists."""
    if isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, (bytes, bytearray, dict)):
        raise TypeError(f"a filter is a text, a number, true or false, or a list of these, not {type(value).__name__}")
    return list(value)
