"""Writing safetensors files, whole or sparse.

A tensor without data is zeros. ``write`` leaves holes for those, so a checkpoint of the right shapes takes a few
kilobytes of disk however large it says it is.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BITS = {
    "BOOL": 8,
    "U8": 8,
    "I8": 8,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "I16": 16,
    "U16": 16,
    "F16": 16,
    "BF16": 16,
    "I32": 32,
    "U32": 32,
    "F32": 32,
    "F64": 64,
    "I64": 64,
    "U64": 64,
}


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor to be written. ``data`` may be shorter than the tensor: the rest is zeros."""

    dtype: str
    shape: tuple[int, ...]
    data: bytes = b""

    @property
    def size(self) -> int:
        return math.prod(self.shape) * BITS[self.dtype] // 8


def _ordered(tensors: Mapping[str, Tensor]) -> list[tuple[str, Tensor]]:
    """Widest type first, then by name: the order the common writers use, which keeps everything aligned."""
    return sorted(tensors.items(), key=lambda item: (-BITS[item[1].dtype], item[0]))


def header_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None, pad_to: int = 0) -> bytes:
    """The length and the JSON, padded with spaces to a multiple of eight, or to ``pad_to`` bytes in all."""
    table: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    offset = 0
    for name, tensor in _ordered(tensors):
        end = offset + tensor.size
        table[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    return framed(json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode(), pad_to)


def framed(text: bytes, pad_to: int = 0) -> bytes:
    """A header's text with its length before it and padding behind it."""
    text += b" " * max(-len(text) % 8, pad_to - 8 - len(text))
    return len(text).to_bytes(8, "little") + text


def safetensors_bytes(tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> bytes:
    """A whole file in memory."""
    parts = [header_bytes(tensors, metadata)]
    parts += [tensor.data.ljust(tensor.size, b"\0") for _, tensor in _ordered(tensors)]
    return b"".join(parts)


def tensor_sha256(tensors: Mapping[str, Tensor]) -> str:
    """SHA-256 of what follows the header, without building it."""
    digest = hashlib.sha256()
    for block in _blocks(tensors):
        digest.update(block)
    return digest.hexdigest()


def _blocks(tensors: Mapping[str, Tensor]) -> Iterator[bytes]:
    zeros = bytes(1 << 20)
    for _, tensor in _ordered(tensors):
        yield tensor.data
        left = tensor.size - len(tensor.data)
        while left > 0:
            yield zeros[:left]
            left -= len(zeros)


def write(path: str, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> int:
    """Write a file with holes where tensors are zeros; gives its size."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    head = header_bytes(tensors, metadata)
    offset = len(head)
    with open(path, "wb") as file:
        file.write(head)
        for _, tensor in _ordered(tensors):
            if tensor.data:
                file.seek(offset)
                file.write(tensor.data)
            offset += tensor.size
        file.truncate(offset)
    return offset
