"""``python -m modelshelf.compat install|uninstall SERVER_DIR``."""

from __future__ import annotations

import argparse
import os
import sys

from . import server_folder


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 the folder cannot be written, 2 wrong usage, 3 there is no such folder."""
    parser = argparse.ArgumentParser(
        prog="python -m modelshelf.compat",
        description="Puts the modules that a server imports into its folder, or takes them away again.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="install|uninstall")
    for verb, text in (
        ("install", "write the modules; what they replace is kept as *.orig"),
        ("uninstall", "take them away and put back what they replaced"),
    ):
        verbs.add_parser(verb, help=text, description=text).add_argument("folder", metavar="SERVER_DIR")
    options = parser.parse_args(arguments)
    if not os.path.isdir(options.folder):
        print(f"error: {options.folder} is no folder", file=sys.stderr)
        return 3
    try:
        if options.verb == "install":
            said = server_folder.install(options.folder)
        else:
            said = server_folder.uninstall(options.folder, os.path.join(_home(), "edited"))
    except (OSError, server_folder.Refused) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    for line in said or ["nothing was installed there"]:
        print(line)
    return 0


def _home() -> str:
    home = os.environ.get("MODELSHELF_HOME")
    if home:
        return home
    return os.path.join(os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "modelshelf")


if __name__ == "__main__":
    sys.exit(main())
