"""The text of the thin modules that are put into a server's folder, and reading it again."""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

NAMES = ("civitai_integration", "model_metadata", "auto_model_detector", "colab_civitai_setup", "model_manager")

_MARK = "# modelshelf: this module was put here by `python -m modelshelf.compat install`; `uninstall` takes it away."
_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?# modelshelf: this module was put here by [^\r\n]*\r?\n"
    rb"# replaced: (?P<kept>[^\r\n/]*?)\r?\n# digest: (?P<digest>[0-9a-f]{64})\r?\n"
)
_NOTHING = "nothing"

_BODY = '''"""{name} of modelshelf."""

from modelshelf.compat.{name} import *  # noqa: F403
from modelshelf.compat.{name} import __all__  # noqa: F401
'''
_SETUP = """
if __name__.rpartition(".")[2] != "colab_civitai_setup":
    # Run, not imported: root, folders, civitai, model_manager, auto_detector.
    globals().update(initialize_civitai_system_for_colab())  # noqa: F405
"""


class ThinModule(NamedTuple):
    """What a thin module says of itself."""

    #: The name under which the module is kept that it replaced; ``None`` when there was none.
    kept: str | None
    #: Whether somebody has changed it.
    edited: bool


def text_of(name: str, kept: str | None) -> bytes:
    """A thin module."""
    body = _BODY.format(name=name) + (_SETUP if name == "colab_civitai_setup" else "")
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f"{_MARK}\n# replaced: {kept or _NOTHING}\n# digest: {digest}\n{body}".encode()


def read(data: bytes) -> ThinModule | None:
    """What a file says, if it is a thin module, also one of another version or one that was edited."""
    head = _HEAD.match(data)
    if head is None:
        return None
    kept = head["kept"].decode("utf-8", "replace")
    digest = hashlib.sha256(data[head.end() :]).hexdigest()
    edited = digest.encode() != head["digest"]
    return ThinModule(None if kept == _NOTHING else kept, edited)
