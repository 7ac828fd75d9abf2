"""Models that ``catalogue.json`` spells out, with derived values for whatever it leaves open."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from . import derive, overrides
from .entities import File, Model
from .files import Stored
from .hashes import Digests
from .ids import Ids


def reserve_ids(wishes: dict[str, Any], ids: Ids) -> None:
    """Keep the numbers the file names from being given to anything else."""
    for wish in wishes.get("models", []):
        for kind, things in (("model", [wish]), ("version", wish.get("versions", []))):
            for thing in things:
                if "id" in thing:
                    ids.reserve(kind, thing["id"], f"spelled {kind} {thing['id']}")


def spelled_model(wish: dict[str, Any], stored: dict[str, Stored], ids: Ids, seed: int) -> Model:
    """The model ``wish`` describes. Files it names that are not there (yet) are left out of their versions."""
    owner = f"{wish.get('id')}/{wish.get('name')}"
    entries = wish.get("versions", [])
    here = [[stored[path] for path in map(_path, entry.get("files", [])) if path in stored] for entry in entries]
    lender = next((items[0] for items in here if items), None) or next(iter(stored.values()), None)
    if lender is None:
        raise ValueError(f"{overrides.NAME}: a model needs at least one file in the folder")
    model = copy.copy(derive.describe(lender, seed, ids.triple(owner, lender.digests.sha256)))
    model.versions = []
    for position, (entry, items) in enumerate(zip(entries, here, strict=True)):
        place = f"{owner}/{position}"
        sample = items[0] if items else lender
        version = derive.describe(sample, seed, ids.triple(place, sample.digests.sha256)).versions[0]
        version.files = [
            _file(value, place, stored, ids) for value in entry.get("files", []) if _is_there(value, stored)
        ]
        overrides.change(version, entry)
        if entry.get("vae") in stored:
            vae = stored[entry["vae"]].digests.sha256
            version.vae_id = ids.give("version", vae, vae[8:16])
        model.versions.append(version)
    overrides.change(model, wish)
    model.adopt()
    return model


def files_of(models: list[Model]) -> set[str]:
    """The SHA-256 of every file the models hold."""
    return {file.digests.sha256 for model in models for version in model.versions for file in version.files}


def _path(value: str | dict[str, Any]) -> str | None:
    return value if isinstance(value, str) else value.get("path")


def _is_there(value: str | dict[str, Any], stored: dict[str, Stored]) -> bool:
    path = _path(value)
    return path is None or path in stored


def _file(value: str | dict[str, Any], place: str, stored: dict[str, Stored], ids: Ids) -> File:
    values = {} if isinstance(value, str) else value
    path = _path(value)
    if path is None:
        return _elsewhere(values, place, ids)
    item = stored[path]
    number = ids.give("file", f"{place}/{path}", item.digests.sha256[16:24])
    file = derive.describe_file(item, number, derive.EPOCH)
    overrides.change(file, values)
    return file


def _elsewhere(values: dict[str, Any], place: str, ids: Ids) -> File:
    """A file the service has and the folder has not: known by name, size and hashes, and not to be had."""
    name = values.get("name", "model.safetensors")
    sha256 = values.get("hashes", {}).get("SHA256") or hashlib.sha256(f"{place}/{name}".encode()).hexdigest().upper()
    file = File(
        id=ids.give("file", f"{place}/{name}", sha256[16:24]),
        path="",
        size=int(values.get("sizeKB", 1024) * 1024),
        digests=Digests(sha256, None, None, "00000000", None),
        name=name,
        metadata={"format": "SafeTensor", "size": "full", "fp": "fp16"},
        hashes={"SHA256": sha256, "AutoV2": sha256[:10]},
        scanned_at=derive.isoformat(derive.EPOCH),
        scan={"pickleScanResult": "Success", "virusScanResult": "Success"},
    )
    overrides.change(file, values)
    return file
