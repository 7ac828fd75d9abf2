"""``catalogue.json``: saying what the catalogue should hold where the default (a model for each file) is too tame.

The file lies in the folder that is served. All parts are optional, paths are relative to that folder::

    {"unknown": ["*.part", "LoRA/private*"],
     "preferences": {"format": "SafeTensor", "size": "full", "fp": "fp32"},
     "files":  {"LoRA/a.safetensors": {"model": {…}, "version": {…}, "file": {…}}},
     "models": [{"id": 4201, "name": "Lighthouse", "mode": "Archived", …,
                 "versions": [{"id": 128713, "name": "v2", "publishedAt": "2024-05-01T00:00:00.000Z", …,
                               "vae": "VAE/x.safetensors",
                               "files": ["SD/x.safetensors", {"path": "SD/y.safetensors", "type": "Config", …}]}]}]}

* ``unknown`` takes files out; ``preferences`` are the file preferences of whoever sends a token.
* A key of ``files`` is a path or a pattern and changes what was derived for it.
* ``models`` replaces the derived models of the files it names, and may name one file in several versions.

Keys are those of the API; ``stats`` are merged, so ``{"stats": {"downloadCount": null}}`` hides one count. Besides:

* a model or a version: ``status`` ("Published"), ``availability`` ("Private" for a private one);
* a version: ``usageControl``, ``requireAuth``, ``paidAccess`` (early access: ``{"permanent": false, "endsAt": "…"}``),
  ``vae`` (a path), ``missingFile`` (true makes it the ``null`` of the batch route) and ``images`` (a list of
  ``{"url", "type", "nsfwLevel", …}``);
* a file: ``hashes`` (``{}`` for one not scanned yet), ``visibility``, ``replaced``, ``overrideName``. Without a
  ``path`` it is one the folder has not, known by ``name``, ``sizeKB`` and ``hashes``, which cannot be downloaded.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
from dataclasses import fields
from typing import Any

from .entities import File, Model, Picture, Version

NAME = "catalogue.json"
SPECIAL = {"images", "files", "versions", "vae", "stats", "path", "scan", "sizeKB", "digests", "pictures"}


def load(root: str) -> dict[str, Any]:
    """The overrides of a folder; none where there is no such file. A file that cannot be read is an error."""
    path = os.path.join(root, NAME)
    try:
        with open(path, encoding="utf-8") as file:
            loaded = json.load(file)
    except FileNotFoundError:
        return {}
    if not isinstance(loaded, dict):
        raise ValueError(f"{NAME}: must hold an object")
    return loaded


def for_path(overrides: dict[str, Any], relative: str) -> list[dict[str, Any]]:
    """Every entry of ``files`` that a path is meant by."""
    table = overrides.get("files", {})
    return [entry for glob, entry in table.items() if glob == relative or fnmatch.fnmatchcase(relative, glob)]


def snake(name: str) -> str:
    """``publishedAt`` as ``published_at``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def change(thing: Model | Version | File, values: dict[str, Any]) -> None:
    """Set the fields of ``thing`` that ``values`` names; what it has no field for is kept as extra output."""
    known = {item.name for item in fields(thing)}
    for key, value in values.items():
        name = snake(key)
        if key in SPECIAL:
            continue
        if name in known:
            setattr(thing, name, value)
        elif key.endswith(("ScanResult", "ScanMessage")) and isinstance(thing, File):
            thing.scan[key] = value
        elif not isinstance(thing, File):
            thing.extra[key] = value
    if "stats" in values and not isinstance(thing, File):
        thing.stats = {**thing.stats, **values["stats"]}
    if isinstance(thing, Version) and "images" in values:
        thing.pictures = [_picture(entry, number, thing) for number, entry in enumerate(values["images"])]


def _picture(entry: dict[str, Any], number: int, version: Version) -> Picture:
    return Picture(
        id=entry.get("id", version.id % 90_000_000 * 10 + number),
        uuid=entry.get("uuid", f"00000000-0000-4000-8000-{version.id % 10**9:09d}{number:03d}"),
        type=entry.get("type", "image"),
        width=entry.get("width", 832),
        height=entry.get("height", 1216),
        nsfw_level=entry.get("nsfwLevel", 1),
        blurhash=entry.get("hash", "U00000fQfQfQfQfQfQfQfQfQfQfQ"),
        created_at=entry.get("createdAt", version.created_at),
        meta=entry.get("meta"),
        username=entry.get("username"),
        stats=dict.fromkeys(("cryCount", "laughCount", "likeCount", "heartCount", "commentCount"), 0),
        url=entry.get("url"),
    )
