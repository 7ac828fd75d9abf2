"""Which files are models, and the folders in which servers keep them."""

from __future__ import annotations

import os

#: In the order in which a name without its ending is looked for.
MODEL_EXTENSIONS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".gguf")

#: Folders of each type below the models folder, in lower case, the most likely first.
TYPE_FOLDERS = {
    "UNET": ("sd", "stable-diffusion", "checkpoint", "checkpoints", "unet", "diffusion_models"),
    "CLIP": ("clip", "text_encoders", "sd", "stable-diffusion", "checkpoint", "checkpoints"),
    "VAE": ("vae", "sd", "stable-diffusion", "checkpoint", "checkpoints"),
    "LORA": ("lora", "lycoris", "loras"),
    "CONTROLNET": ("cn", "controlnet"),
    "UPSCALER": ("sr", "esrgan", "realesrgan", "upscaler", "upscale_models"),
    "TI": ("ti", "embeddings", "embedding"),
    "DETAILER": ("detailer", "detailers", "hn"),
}


def is_model_file(name: str) -> bool:
    """By its name alone."""
    return not name.startswith(".") and name.lower().endswith(MODEL_EXTENSIONS)


def model_stem(name: str) -> str:
    """A file name without the ending of a model."""
    lower = name.lower()
    return next((name[: -len(ending)] for ending in MODEL_EXTENSIONS if lower.endswith(ending)), name)


def models_in(folder: str) -> list[str]:
    """The model files right in a folder, by name."""
    try:
        names = sorted(name for name in os.listdir(folder) if is_model_file(name))
    except OSError:
        return []
    return [path for name in names if os.path.isfile(path := os.path.join(folder, name))]


def models_below(folder: str) -> list[str]:
    """The model files in a folder and the folders in it; hidden ones are passed over."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found += (os.path.join(place, name) for name in sorted(names) if is_model_file(name))
    return [path for path in found if os.path.isfile(path)]
