"""``python3 -m modelshelf.testing.library``: make a folder of model files and print what is in it."""

from __future__ import annotations

import argparse
import json
import sys

from . import make_hostile, make_sample, make_small


def main() -> int:
    """Make the library and print its manifest as JSON."""
    parser = argparse.ArgumentParser(
        prog="python3 -m modelshelf.testing.library", description="Make a library of model files."
    )
    parser.add_argument("folder", metavar="DIR", help="where to put it; made if it is missing")
    parser.add_argument("--kind", choices=["sample", "small", "hostile"], default="sample")
    parser.add_argument("--models", type=int, default=100, metavar="N", help="small: how many files")
    parser.add_argument("--size", type=int, default=4096, metavar="BYTES", help="small: how large each is")
    parser.add_argument("--seed", type=int, default=0, help="another seed makes other files")
    options = parser.parse_args()
    try:
        if options.kind == "small":
            manifest = make_small(options.folder, options.models, options.size, options.seed)
        elif options.kind == "hostile":
            manifest = make_hostile(options.folder)
        else:
            manifest = make_sample(options.folder, options.seed)
    except OSError as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 1
    print(json.dumps(manifest))
    return 0


if __name__ == "__main__":
    sys.exit(main())
