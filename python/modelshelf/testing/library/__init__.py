"""Folders of model files to try things on: ``python3 -m modelshelf.testing.library DIR``.

``make_sample`` makes a believable library of a dozen files, ``make_small`` many small ones, ``make_hostile`` everything
that a scanner has to survive. All give a manifest of what they made.
"""

from .hostile import make_hostile
from .safetensors import Tensor, safetensors_bytes
from .sample import make_sample
from .small import make_small

__all__ = ["Tensor", "make_hostile", "make_sample", "make_small", "safetensors_bytes"]
