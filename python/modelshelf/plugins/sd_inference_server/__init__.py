"""modelshelf inside of sd-inference-server: its answers know what the models are.

    from modelshelf.plugins.sd_inference_server import attach
    attachment = attach(server, models="models")        # server: the running Server, or nothing yet
    attachment.detach()

or, without touching the server: ``python -m modelshelf.plugins.sd_inference_server --models DIR [server options]``.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from types import ModuleType

from ...manager import get_manager
from .attachment import Attachment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..._typing import AnyPath
    from ...shelf import Shelf

__all__ = ["Attachment", "attach"]


def attach(
    server: Any = None,
    *,
    models: AnyPath | None = None,
    shelf: Shelf | None = None,
    lookup: bool = True,
    watch: bool = True,
) -> Attachment:
    """Hooks the server whose modules ``storage``, ``wrapper`` and ``server`` can be imported.

    ``server`` is the running ``Server``; without it, or with its module, the one that is made next is taken.
    ``models`` is its models folder (``$MODELSHELF_MODELS``, else ``models``). ``watch`` keeps the library in step with
    that folder in the background, ``lookup`` asks Civitai about what is new. Whatever fails in the plugin is logged
    under ``modelshelf.plugin`` and the server goes on as it was.
    """
    shelf = shelf if shelf is not None else get_manager(models)
    folder = models if models is not None else shelf.models_dir or "models"
    root = os.path.abspath(os.fsdecode(folder))
    attachment = Attachment(_module("storage"), _module("wrapper"), shelf, root, lookup, watch)
    # `python server.py` makes that module `__main__`; an import would be another copy.
    if server is None or isinstance(server, ModuleType):
        attachment.hook_server(server or _module("server"), None)
    else:
        attachment.hook_server(sys.modules.get(type(server).__module__), server)
    if watch:
        attachment.start_following()
    return attachment


def _module(name: str) -> ModuleType:
    return sys.modules.get(name) or import_module(name)
