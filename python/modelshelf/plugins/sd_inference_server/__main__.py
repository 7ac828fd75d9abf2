"""Starts the unmodified server with modelshelf inside, from the server's folder.

    python -m modelshelf.plugins.sd_inference_server --models DIR [--server FOLDER] [server options]

Options that are not of this list go to the server's own start program: --models, --server, --start, --no-lookup,
--no-watch.
"""

from __future__ import annotations

import argparse
import logging
import os
import runpy
import sys

from ...errors import Error
from . import attach
from .starting import rooted


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m modelshelf.plugins.sd_inference_server",
        description="Starts sd-inference-server with modelshelf inside. Other options go to the server.",
        allow_abbrev=False,
    )
    parser.add_argument("--models", default=os.environ.get("MODELSHELF_MODELS") or "models", help="the models folder")
    parser.add_argument("--server", default=".", help="the folder of the server's sources (the current one)")
    parser.add_argument("--start", default="remote.py", help="the server's program that starts it (remote.py)")
    parser.add_argument("--no-lookup", action="store_true", help="do not ask Civitai about new models")
    parser.add_argument("--no-watch", action="store_true", help="do not watch the models folder")
    own, rest = parser.parse_known_args(arguments)
    root = os.path.abspath(own.models)
    folder = os.path.abspath(own.server)
    program = os.path.join(folder, own.start)
    if not os.path.isfile(program):
        parser.error(f"{program} is not there; name the server's folder with --server")
    if not os.path.isdir(root):
        parser.error(f"{root} is not a folder; name the models folder with --models")
    logging.basicConfig(format="%(name)s: %(message)s", level=logging.WARNING)
    os.chdir(folder)
    # The server's modules have plain names such as `storage`, and are found through its folder.
    sys.path.insert(0, folder)
    try:
        attachment = attach(models=root, lookup=not own.no_lookup, watch=not own.no_watch)
    except Exception as error:
        # The library cannot be used: the server can.
        log = logging.getLogger("modelshelf.plugin")
        log.error("%s; the server starts without modelshelf", error, exc_info=not isinstance(error, Error))
        attachment = None
    sys.argv = [program, *rest]
    restore = rooted(sys.modules["storage"] if "storage" in sys.modules else None, root)
    try:
        runpy.run_path(program, run_name="__main__")
    finally:
        restore()
        if attachment is not None:
            attachment.detach()
    return 0


if __name__ == "__main__":
    sys.exit(main())
