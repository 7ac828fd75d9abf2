"""The folders in which the server looks for models, and which of them a client may have a download put into."""

from __future__ import annotations

import os

from ...errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Folders below the models folder, and what is in them.
FOLDERS = {
    "SD": "Checkpoint",
    "Stable-diffusion": "Checkpoint",
    "VAE": "VAE",
    "SR": "Upscaler",
    "ESRGAN": "Upscaler",
    "RealESRGAN": "Upscaler",
    "TI": "TextualInversion",
    "embeddings": "TextualInversion",
    "LoRA": "LORA",
    "LyCORIS": "LORA",
    "CN": "Controlnet",
    "Detailer": "Other",
}
#: Where a type goes when the client does not say, or says it in Civitai's or its own words.
_PLACES = {
    "checkpoint": "SD",
    "unet": "SD",
    "clip": "SD",
    "model": "SD",
    "textencoder": "SD",
    "textualinversion": "TI",
    "embedding": "TI",
    "lora": "LoRA",
    "locon": "LoRA",
    "loha": "LoRA",
    "lokr": "LoRA",
    "dora": "LoRA",
    "lyco": "LoRA",
    "controlnet": "CN",
    "upscaler": "SR",
    "detailers": "Detailer",
    "hn": "HN",
    "hypernetwork": "HN",
    "other": "Detailer",
    **{name.lower(): name for name in FOLDERS},
}


def to_watch(root: str) -> dict[str, list[str]]:
    """Folders by type; those that are not there yet are waited for."""
    folders: dict[str, list[str]] = {}
    for name, kind in FOLDERS.items():
        folders.setdefault(kind, []).append(os.path.join(root, name))
    return folders


def destination(root: Any, kind: Any) -> str:
    """The folder of a type. The type comes from a client, so that only words that are known become folders."""
    name = _PLACES.get(kind.lower()) if isinstance(kind, str) else None
    if name is None:
        shown = kind[:40] if isinstance(kind, str) else kind
        raise UsageError(f"no folder for models of type {shown!r}", hint=f"types are {', '.join([*FOLDERS, 'HN'])}")
    folder = os.fspath(root)
    # The host may have joined the type already.
    if os.path.basename(os.path.normpath(folder)).lower() == name.lower():
        return str(folder)
    return str(os.path.join(folder, name))
