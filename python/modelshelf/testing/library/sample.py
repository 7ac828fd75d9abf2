"""A small library as people have it: checkpoints, adapters, embeddings, and a few accidents.

Headers are real in structure, data is mostly holes: the whole takes well under a megabyte or two of disk. A
``catalogue.json`` in it tells the stand-in what it knows of these files.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass, field
from typing import Any

from . import structures as shape
from .safetensors import Tensor, header_bytes, tensor_sha256, write
from .structures import Tensors

HTML_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in to download.</body></html>\n"
)
INERT = "true"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of the sample and what a reader should make of it."""

    path: str
    tensors: Tensors
    type: str
    architecture: str
    base_model: str
    metadata: dict[str, str] = field(default_factory=dict)
    trigger_words: tuple[str, ...] = ()


def make_sample(folder: str | os.PathLike[str], seed: int = 0) -> dict[str, Any]:
    """Fill ``folder`` and tell what is in it; the same seed gives the same bytes."""
    root = os.fspath(folder)
    entries: list[dict[str, Any]] = []
    for piece in _pieces(seed):
        tensors = shape.with_noise(piece.tensors, f"{seed}/{piece.path}")
        metadata = dict(piece.metadata)
        if "ss_network_module" in metadata:
            metadata["sshs_model_hash"] = tensor_sha256(tensors)
        size = write(os.path.join(root, piece.path), tensors, metadata)
        entries.append(
            {
                "path": piece.path,
                "size": size,
                "type": piece.type,
                "architecture": piece.architecture,
                "base_model": piece.base_model,
                "trigger_words": list(piece.trigger_words),
                "on_service": piece.path != UNKNOWN,
                "code": None,
                "safety": "safe",
            }
        )
    entries += [_suspect_pickle(root), _truncated(root, seed), _page(root)]
    catalogue = _catalogue([entry["path"] for entry in entries if entry["code"]])
    with open(os.path.join(root, "catalogue.json"), "w", encoding="utf-8") as file:
        json.dump(catalogue, file, indent=1)
    return {"root": root, "kind": "sample", "files": len(entries), "entries": entries}


UNKNOWN = "LoRA/my own training, do not share.safetensors"
DREAMY = "SD/dreamyXL_v10 (fp16).safetensors"
INK = "LoRA/inkWash-000010.safetensors"


def _training(
    name: str, base: str, module: str, rank: int, folders: dict[str, dict[str, int]], **more: str
) -> dict[str, str]:
    """The metadata a kohya training leaves: strings all, some of them JSON."""
    counts = {
        folder: {"n_repeats": int(folder.partition("_")[0]), "img_count": max(tags.values())}
        for folder, tags in folders.items()
    }
    return {
        "ss_output_name": name,
        "ss_base_model_version": base,
        "ss_network_module": module,
        "ss_network_dim": str(rank),
        "ss_network_alpha": str(float(rank)),
        "ss_tag_frequency": json.dumps(folders),
        "ss_dataset_dirs": json.dumps(counts),
        "ss_num_train_images": str(sum(entry["n_repeats"] * entry["img_count"] for entry in counts.values())),
        "ss_steps": "2400",
        "ss_epoch": "10",
        "ss_learning_rate": "0.0001",
        "ss_optimizer": "bitsandbytes.optim.adamw.AdamW8bit",
        "ss_mixed_precision": "bf16",
        "ss_training_started_at": "1714550400.0",
        **more,
    }


def _pieces(seed: int) -> list[Piece]:
    ink = {"10_inkwash": {"inkwash": 40, "monochrome": 33, "brush": 25, "simple background": 20}}
    lantern = {
        "6_lantern keeper": {"lantern keeper": 48, "1girl": 48, "holding lantern": 47, "night": 30, "hood": 29},
        "2_lantern keeper face": {"lantern keeper": 12, "1girl": 12, "portrait": 11},
    }
    neon = {"1_neon rain": {"a rainy street at night with neon signs, in the style of neon rain": 30}}
    own = {"5_grandma house": {"grandma house": 15, "scenery": 15}}
    lora = "networks.lora"
    sdxl_spec = {
        "modelspec.sai_model_spec": "1.0.0",
        "modelspec.architecture": "stable-diffusion-xl-v1-base",
        "modelspec.title": "Dreamy XL",
        "modelspec.author": "northlight",
        "modelspec.resolution": "1024x1024",
        "format": "pt",
    }
    return [
        Piece("SD/v3_final(2).safetensors", shape.sd1_checkpoint(), "Checkpoint", "sd1", "SD 1.5", {"format": "pt"}),
        Piece(DREAMY, shape.sdxl_checkpoint(), "Checkpoint", "sdxl", "SDXL 1.0", sdxl_spec),
        Piece("SD/old stuff/v2-1_768-ema-pruned.safetensors", shape.sd2_checkpoint(), "Checkpoint", "sd2", "SD 2.1"),
        Piece(
            "Flux/flux1-dev-fp8.safetensors",
            shape.flux_dev(prefix="model.diffusion_model."),
            "Checkpoint",
            "flux1",
            "Flux.1 D",
        ),
        Piece(
            INK,
            shape.lora(shape.sd1_modules(), 16, 8.0),
            "LORA",
            "sd1",
            "SD 1.5",
            _training("inkWash", "sd_v1", lora, 16, ink, ss_network_alpha="8.0", ss_resolution="(512, 512)"),
            ("inkwash",),
        ),
        Piece(
            "LoRA/characters/lantern_keeper_xl.safetensors",
            shape.lora(shape.sdxl_modules(), 8, 4.0),
            "LORA",
            "sdxl",
            "SDXL 1.0",
            _training("lantern_keeper_xl", "sdxl_base_v1-0", lora, 8, lantern, ss_network_alpha="4.0"),
            ("lantern keeper",),
        ),
        Piece(
            "LoRA/neon_rain_flux.safetensors",
            shape.lora(shape.flux_modules(), 4, 4.0),
            "LORA",
            "flux1",
            "Flux.1 D",
            {
                **_training("neon_rain_flux", "flux1", "networks.lora_flux", 4, neon),
                "modelspec.architecture": "flux-1-dev/lora",
                "modelspec.trigger_phrase": "neon rain",
            },
            ("neon rain",),
        ),
        Piece(
            UNKNOWN,
            shape.lora(shape.sd1_modules(), 4, 4.0),
            "LORA",
            "sd1",
            "SD 1.5",
            _training("grandma", "sd_v1", lora, 4, own),
            ("grandma house",),
        ),
        Piece("VAE/kl-f8-softer.vae.safetensors", shape.vae("F32"), "VAE", "sd1", "SD 1.5"),
        Piece(
            "embeddings/bad-hands-9.safetensors",
            {"emb_params": Tensor("F32", (9, 768))},
            "TextualInversion",
            "sd1",
            "SD 1.5",
            trigger_words=("bad-hands-9",),
        ),
        Piece(
            "embeddings/softfocus_xl.safetensors",
            {"clip_l": Tensor("F32", (4, 768)), "clip_g": Tensor("F32", (4, 1280))},
            "TextualInversion",
            "sdxl",
            "SDXL 1.0",
            trigger_words=("softfocus_xl",),
        ),
    ]


def pickle_calling_system() -> bytes:
    """A pickle that would run a command if anybody loaded it. Written opcode by opcode; the command does nothing."""
    argument = INERT.encode()
    return b"\x80\x02cposix\nsystem\nX" + len(argument).to_bytes(4, "little") + argument + b"\x85R."


def _suspect_pickle(root: str) -> dict[str, Any]:
    path = "embeddings/mystery_style.pt"
    with zipfile.ZipFile(os.path.join(root, path), "w", zipfile.ZIP_STORED) as archive:
        for name, data in (("data.pkl", pickle_calling_system()), ("version", b"3\n"), ("data/0", bytes(768 * 4))):
            archive.writestr(zipfile.ZipInfo(f"mystery_style/{name}", (2023, 4, 1, 0, 0, 0)), data)
    return _entry(root, path, "TextualInversion", None, "unsafe")


def _truncated(root: str, seed: int) -> dict[str, Any]:
    """A download that stopped: the header promises more than there is."""
    path = "SD/bigMerge_v4.safetensors"
    with open(os.path.join(root, path), "wb") as file:
        file.write(header_bytes(shape.sd1_checkpoint()))
        file.write(bytes(70_000 + seed % 1000))
    return _entry(root, path, None, "corrupt_file", "unscanned")


def _page(root: str) -> dict[str, Any]:
    """What is left when a download wanted a login and nobody noticed."""
    path = "LoRA/download.safetensors"
    with open(os.path.join(root, path), "wb") as file:
        file.write(HTML_PAGE)
    return _entry(root, path, None, "corrupt_file", "unscanned")


def _entry(root: str, path: str, kind: str | None, code: str | None, safety: str) -> dict[str, Any]:
    return {
        "path": path,
        "size": os.path.getsize(os.path.join(root, path)),
        "type": kind,
        "architecture": None,
        "base_model": None,
        "trigger_words": [],
        "on_service": code is None,
        "code": code,
        "safety": safety,
    }


def _catalogue(broken: list[str]) -> dict[str, Any]:
    """What the stand-in should know: a newer version of one model, a file uploaded twice, nothing of the accidents."""
    newer = {"name": "dreamyXL_v11.safetensors", "sizeKB": 4096, "hashes": {"SHA256": "0D" * 32, "AutoV2": "0D" * 5}}
    return {
        "unknown": [UNKNOWN, *broken],
        "models": [
            {
                "name": "Dreamy XL",
                "type": "Checkpoint",
                "nsfwLevel": 1,
                "versions": [
                    {
                        "name": "v11",
                        "publishedAt": "2025-03-01T12:00:00.000Z",
                        "baseModel": "SDXL 1.0",
                        "files": [newer],
                    },
                    {
                        "name": "v10",
                        "publishedAt": "2024-09-12T08:30:00.000Z",
                        "baseModel": "SDXL 1.0",
                        "files": [DREAMY],
                    },
                ],
            },
            {
                "name": "Ink Wash",
                "versions": [
                    {"name": "epoch 10", "publishedAt": "2023-11-05T10:00:00.000Z", "files": [INK]},
                    {"name": "epoch 10 (fixed preview)", "publishedAt": "2023-11-06T10:00:00.000Z", "files": [INK]},
                ],
            },
        ],
        "files": {"LoRA/characters/*": {"model": {"creator": {"username": "Kaoru77", "image": None}}}},
    }
