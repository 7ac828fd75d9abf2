"""The words that a LoRA listens to."""

from __future__ import annotations

import logging
import os
import re

from ..errors import Error
from ..files import inspect

logger = logging.getLogger(__name__)

#: A list of words is not longer; a longer text is something else.
_LONGEST = 64 * 1024


def extract_lora_trigger_words(path: str | os.PathLike[str]) -> list[str]:
    """From ``<stem>.txt`` (commas or lines), else from the file's own training tags; empty when neither has any."""
    try:
        words = _from_text(os.path.splitext(os.fsdecode(path))[0] + ".txt")
        if not words and os.path.isfile(path):
            words = list(inspect(path).trigger_words or [])
    except (Error, OSError, TypeError, ValueError) as problem:
        logger.warning("no trigger words of %s: %s", path, problem)
        return []
    return words


def _from_text(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            text = file.read(_LONGEST)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return []
    words = (word.strip() for word in re.split(r"[,\n\r]+", text))
    return list(dict.fromkeys(word for word in words if word))
