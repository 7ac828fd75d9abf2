"""Digests for generated images, as Civitai wants them to link what made a picture. Memory only."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from .index import Index

_NETWORK = re.compile(r"<(?:lora|lyco|locon|loha):([^:<>]+)[:>]")
#: Where the name of each model may be, in the metadata first and then in the parameters.
_MODEL = ("UNET", "unet", "model", "Model", "unet_name")
_VAE = ("VAE", "vae", "vae_name")
_PROMPTS = ("prompt", "negative_prompt")


def enrich(entries: Any, parameters: Any, index: Index) -> None:
    """Adds ``model_hash``, ``vae_hash`` and ``lora_hashes`` to the metadata of each image; what is there stays."""
    if isinstance(entries, dict):
        entries = [entries]
    if not isinstance(entries, (list, tuple)):
        return
    for entry in entries:
        if isinstance(entry, dict):
            for key, value in _hashes(entry, parameters, index).items():
                entry.setdefault(key, value)


def _hashes(entry: dict[Any, Any], parameters: Any, index: Index) -> dict[str, Any]:
    found: dict[str, Any] = {}
    model = _hash(entry, parameters, _MODEL, index)
    if model is not None:
        found["model_hash"] = model
    vae = _hash(entry, parameters, _VAE, index)
    if vae is not None and vae != model:
        found["vae_hash"] = vae
    networks: dict[str, str] = {}
    # A prompt of the image says what was in this image; the parameters hold those of all.
    texts = [*_texts([entry.get(key) for key in _PROMPTS])]
    for text in texts or _texts([_attribute(parameters, key) for key in _PROMPTS]):
        for stem in _NETWORK.findall(text):
            known = index.lora(stem.strip())
            if known is not None and known["hash"]:
                networks[stem.strip()] = known["hash"]
    if networks:
        found["lora_hashes"] = networks
    return found


def _hash(entry: dict[Any, Any], parameters: Any, keys: tuple[str, ...], index: Index) -> str | None:
    for name in (*(entry.get(key) for key in keys), *(_attribute(parameters, key) for key in keys)):
        known = index.summary(name)
        if known is not None and known["hash"]:
            digest: str = known["hash"]
            return digest
    return None


def _attribute(parameters: Any, name: str) -> Any:
    # The host's own lookup answers None for whatever is missing; others raise.
    return getattr(parameters, name, None)


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Prompts are texts in lists in lists."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)) and depth < 6:
        for each in value:
            yield from _texts(each, depth + 1)
