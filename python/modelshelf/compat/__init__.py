"""The modules that ``sd-inference-server`` and its notebooks import, over the core.

    import modelshelf.compat
    modelshelf.compat.install()
    import civitai_integration, model_metadata, auto_model_detector, colab_civitai_setup, model_manager

or once, for a server's folder: ``python -m modelshelf.compat install SERVER_DIR``.
"""

from __future__ import annotations

from .aliases import install, uninstall
from .thin_module import NAMES

__all__ = ["NAMES", "install", "uninstall"]
