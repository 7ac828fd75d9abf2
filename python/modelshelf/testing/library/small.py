"""Many small model files, quickly: what a test of numbers rather than of contents wants."""

from __future__ import annotations

import os
import random
from typing import Any

from .safetensors import Tensor, header_bytes

MODULE = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k"
INPUTS, OUTPUTS = 768, 320
PER_FOLDER = 100


def _tensors(size: int) -> dict[str, Tensor]:
    """An adapter of one module as large as fits, or one tensor of bytes where not even rank 1 does."""
    rank = (size - 700) // (2 * (INPUTS + OUTPUTS))
    if rank < 1:
        return {"weight": Tensor("U8", (max(1, size - 200),))}
    return {
        f"{MODULE}.lora_down.weight": Tensor("F16", (rank, INPUTS)),
        f"{MODULE}.lora_up.weight": Tensor("F16", (OUTPUTS, rank)),
        f"{MODULE}.alpha": Tensor("F16", ()),
    }


def make_small(folder: str | os.PathLike[str], count: int, size: int = 4096, seed: int = 0) -> dict[str, Any]:
    """Write ``count`` valid files of ``size`` bytes, all different, a hundred to a folder.

    A size below 256 is raised to that: a header needs room. The same seed gives the same files.
    """
    root = os.fspath(folder)
    size = max(size, 256)
    tensors = _tensors(size)
    data_size = sum(tensor.size for tensor in tensors.values())
    for number in range(count):
        place = os.path.join(root, f"part-{number // PER_FOLDER:03d}")
        if number % PER_FOLDER == 0:
            os.makedirs(place, exist_ok=True)
        name = f"model-{number:05d}"
        head = header_bytes(tensors, {"ss_output_name": name}, pad_to=size - data_size)
        with open(os.path.join(place, f"{name}.safetensors"), "wb") as file:
            file.write(head + random.Random(f"{seed}/{number}").randbytes(data_size))
    return {"root": root, "kind": "small", "files": count, "bytes": count * size}
