"""What a file's own header says, as far as a believable catalogue entry needs it.

This is no reader to rely on: it takes what it understands and shrugs at the rest, because a stand-in must also
publish files that are broken on purpose.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from dataclasses import dataclass, field

FLOATS = {"F64": "fp64", "F32": "fp32", "F16": "fp16", "BF16": "bf16", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}
FORMATS = {
    ".safetensors": "SafeTensor",
    ".sft": "SafeTensor",
    ".gguf": "GGUF",
    ".onnx": "ONNX",
    ".ckpt": "PickleTensor",
    ".pt": "PickleTensor",
    ".pth": "PickleTensor",
    ".pt2": "PickleTensor",
    ".bin": "PickleTensor",
    ".pkl": "PickleTensor",
}


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """Metadata strings, tensor shapes and the commonest precision of a safetensors header; empty for other files."""

    metadata: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, list[int]] = field(default_factory=dict)
    precision: str | None = None


def read_header(head: bytes) -> HeaderFacts:
    """The facts in the first bytes of a file, or no facts."""
    if len(head) < 10:
        return HeaderFacts()
    (length,) = struct.unpack("<Q", head[:8])
    if length < 2 or 8 + length > len(head):
        return HeaderFacts()
    try:
        table = json.loads(head[8 : 8 + length])
    except (ValueError, RecursionError):
        return HeaderFacts()
    if not isinstance(table, dict):
        return HeaderFacts()
    claims = table.pop("__metadata__", None)
    metadata = (
        {key: value for key, value in claims.items() if isinstance(value, str)} if isinstance(claims, dict) else {}
    )
    shapes: dict[str, list[int]] = {}
    kinds: Counter[str] = Counter()
    for name, entry in table.items():
        if isinstance(entry, dict) and isinstance(entry.get("shape"), list):
            shapes[name] = entry["shape"]
            kinds[str(entry.get("dtype"))] += 1
    common = kinds.most_common(1)
    return HeaderFacts(metadata, shapes, FLOATS.get(common[0][0]) if common else None)
