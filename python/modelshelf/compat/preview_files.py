"""The picture that lies beside a model."""

from __future__ import annotations

import os

_BESIDE = ("{}.preview.png", "{}.png", "{}.jpg", "{}.jpeg", "{}.webp", "{}_preview.png")
#: Endings in the folder of previews, the most common first.
_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".jxl", ".bmp")
FOLDER = ".previews"


def get_model_preview_path(path: str | os.PathLike[str], model_type: str | None = None) -> str | None:
    """The preview of a model: ``x.preview.png``, ``x.png`` …, then ``.previews/x.*``; ``None`` when there is none."""
    try:
        text = os.fsdecode(path)
    except TypeError:
        return None
    folder, name = os.path.split(text)
    stem = os.path.splitext(name)[0]
    if not stem or "\0" in text:
        return None
    names = [pattern.format(stem) for pattern in _BESIDE]
    names += [os.path.join(FOLDER, stem + ending) for ending in _ENDINGS]
    return next((found for each in names if os.path.isfile(found := os.path.join(folder, each))), None)


def preview_target(path: str) -> str:
    """Where the preview of a model goes, without its ending: ``.previews/<stem>``."""
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(folder, FOLDER, os.path.splitext(name)[0])
