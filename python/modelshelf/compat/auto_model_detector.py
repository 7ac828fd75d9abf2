"""The drop-in module ``auto_model_detector``: the core's watch under its old name."""

from __future__ import annotations

from .detector import AutoModelMetadataDetector
from .hash_calculator import ModelHashCalculator

__all__ = ["AutoModelMetadataDetector", "ModelHashCalculator"]
