"""The drop-in module ``civitai_integration``: Civitai by ids and addresses, over the core's client."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

from .. import _native
from ..civitai import Civitai
from ..errors import Error, NotFound
from .async_fetcher import AsyncCivitaiFetcher
from .background import token
from .civitai_metadata import CivitaiMetadata
from .file_hashes import calculate_file_hash
from .generation_parameters import parse_generation_parameters
from .service_answers import choose_version, metadata_of

__all__ = [
    "CIVITAI_API_BASE",
    "CIVITAI_MODEL_INFO",
    "CIVITAI_VERSION_INFO",
    "HASH_FORMATS",
    "AsyncCivitaiFetcher",
    "CivitaiIntegration",
    "CivitaiMetadata",
    "Session",
]

logger = logging.getLogger(__name__)

#: For readers: what is asked is the origin of ``CIVITAI_BASE_URL``.
CIVITAI_API_BASE = "https://civitai.com/api/v1"
CIVITAI_MODEL_INFO = f"{CIVITAI_API_BASE}/models"
CIVITAI_VERSION_INFO = f"{CIVITAI_API_BASE}/model-versions"

#: Regular expressions of the ways in which models are named in texts.
HASH_FORMATS = {
    "AUTOV2": r"AUTOV2:\s*[A-Fa-f0-9]{10}\b",
    "civitai": r"civitai:\s*\d+\s*@\s*\d+",
    "civitai_model": r"civitai:\s*\d+(?!\s*@|\d)",
    "legacy": r"\b[a-f0-9]{10}\b",
}


class Session:
    """What is left of the HTTP session of old: settings to read. The key is never among them."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {"Accept": "application/json"}
        self.timeout = 10

    def close(self) -> None:
        """Nothing is open."""


class CivitaiIntegration:
    """Models and versions of Civitai. What cannot be had is logged and ``None``; nothing here raises."""

    def __init__(self, token: str | None = None) -> None:
        #: An API key, else ``$CIVITAI_TOKEN``. May be set at any time.
        self.token = token
        self.session = Session()

    def extract_civitai_ids_from_url(self, url: str) -> tuple[int | None, int | None]:
        """The ids of model and version in an address, an AIR name, ``civitai: M @ V`` or a number.

        A version without a model is ``(None, V)``; what names neither is ``(None, None)``.
        """
        try:
            found: dict[str, int | None] = json.loads(_native.civitai_reference(str(url)))
        except (Error, ValueError):
            found = {}
        model, version = found.get("model_id"), found.get("version_id")
        if model is None and version is None:
            model = found.get("number")
        if model is None and version is None:
            logger.warning("nothing on Civitai is named by %.200r", url)
        return model, version

    def fetch_model_metadata(self, model_id: int | None, version_id: int | None = None) -> CivitaiMetadata | None:
        """What Civitai says of a version, without ``version_id`` of the one that was published last.

        ``model_id`` may be ``None`` when the version is known.
        """
        try:
            return self._fetch(_id(model_id), _id(version_id))
        except NotFound as problem:
            logger.warning("%s", problem)
        except (Error, OverflowError, TypeError, ValueError) as problem:
            logger.error("Civitai could not be asked about model %s: %s", model_id, problem)
        return None

    def download_preview(self, preview_url: str, output_path: str | os.PathLike[str]) -> bool:
        """Fetches a picture into a file in one step; folders are made. What is no picture is refused."""
        return self.save_picture(preview_url, output_path) is not None

    def save_picture(self, url: str, path: str | os.PathLike[str], *, add_ending: bool = False) -> str | None:
        """The same; gives the path, to which ``add_ending`` adds the true ending of the picture."""
        try:
            return self._civitai().save_picture(url, path, add_ending=add_ending, cancel=token())
        except (Error, OSError, TypeError, ValueError) as problem:
            logger.error("the preview could not be fetched: %s", problem)
            return None

    def extract_metadata_from_generation_params(self, text: str) -> dict[str, Any]:
        """``prompt``, ``negative_prompt`` and the parameters of a generated picture, keys in lower case."""
        return parse_generation_parameters(text)

    def calculate_file_hash(self, file_path: str | os.PathLike[str], method: str = "SHA256") -> str | None:
        """The hash of a whole file: ``SHA256 AUTOV2 AUTOV1 AUTOV3 BLAKE3 CRC32``."""
        return calculate_file_hash(file_path, method)

    def _fetch(self, model_id: int | None, version_id: int | None) -> CivitaiMetadata:
        cancel = token()
        civitai = self._civitai()
        single: dict[str, Any] | None = None
        if model_id is None:
            if version_id is None:
                raise ValueError("neither a model nor a version is named")
            single = civitai.version(version_id, cancel=cancel)
            model_id = single.get("modelId")
            if not isinstance(model_id, int):
                return metadata_of({"name": (single.get("model") or {}).get("name")}, single)
        model = civitai.model(model_id, cancel=cancel)
        version = choose_version(model, version_id)
        if version is None and version_id is not None:
            # Versions that the model does not list can be asked for one by one.
            single = single or civitai.version(version_id, cancel=cancel)
            if single.get("modelId") == model_id:
                version = single
        if version is None:
            raise NotFound(f"Civitai shows no version {version_id or ''} of model {model_id}".replace("  ", " "))
        return metadata_of(model, version)

    def _civitai(self) -> Civitai:
        return Civitai(self.token or None)

    def __repr__(self) -> str:
        # The token is a secret.
        return "<CivitaiIntegration>"


def _id(value: object) -> int | None:
    """Ids may come as text; 0 and empty texts mean none."""
    if value is None or value == "":
        return None
    number = int(str(value))
    if number < 0:
        raise ValueError(f"{number} is no id")
    return number or None
