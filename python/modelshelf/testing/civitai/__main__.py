"""``python3 -m modelshelf.testing.civitai``: run the stand-in until a signal ends it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from .faults import KINDS
from .service import CivitaiStandIn


def parser() -> argparse.ArgumentParser:
    """The command line."""
    kinds = "\n".join(f"  {name:17} {text}" for name, (_, _, text) in KINDS.items())
    made = argparse.ArgumentParser(
        prog="python3 -m modelshelf.testing.civitai",
        description="A local stand-in of the Civitai service over the model files of a folder.",
        epilog=f"faults, besides any status from 400 to 599:\n{kinds}\n\nexample: --fault cycle=503,reset,html:every=3",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--files", required=True, metavar="DIR", help="the folder whose model files are known")
    made.add_argument("--port", type=int, default=0, help="port of the API (default: any free one)")
    made.add_argument("--storage-port", type=int, default=0, help="port of files and pictures")
    made.add_argument("--host", default="127.0.0.1", help="a loopback address")
    made.add_argument("--unknown", action="append", default=[], metavar="GLOB", help="files the service does not know")
    made.add_argument("--fault", action="append", default=[], metavar="SPEC", help="misbehave, see below")
    made.add_argument("--seed", type=int, default=0, help="vary what is made up")
    made.add_argument("--token", action="append", default=None, help="a valid API token (default: any well-formed one)")
    made.add_argument("--require-login", action="store_true", help="every download needs a token")
    made.add_argument("--link-seconds", type=float, default=3600.0, help="life of a signed address")
    made.add_argument("--storage-style", choices=["alternate", "r2", "b2"], default="alternate")
    made.add_argument("--max-seconds", type=float, default=None, metavar="N", help="end after so long")
    made.add_argument("--quiet", action="store_true", help="no summary on stderr at the end")
    made.add_argument("--ready-file", metavar="FILE", help="write the line of stdout there too, once it listens")
    return made


def main() -> int:
    """Serve until SIGINT, SIGTERM or the time is up."""
    options = parser().parse_args()
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    try:
        service = CivitaiStandIn(
            options.files,
            unknown=options.unknown,
            faults=options.fault,
            seed=options.seed,
            host=options.host,
            port=options.port,
            storage_port=options.storage_port,
            tokens=options.token,
            require_login=options.require_login,
            link_seconds=options.link_seconds,
            storage_style=options.storage_style,
        )
    except (OSError, ValueError) as problem:
        print(f"error: {problem}", file=sys.stderr)
        return 2
    with service:
        line = json.dumps({"base_url": service.base_url, "storage_url": service.storage_url, "models": service.models})
        if options.ready_file:
            _write_whole(options.ready_file, line + "\n")
        print(line, flush=True)
        done.wait(options.max_seconds)
        if not options.quiet:
            print(json.dumps(service.summary()), file=sys.stderr)
    return 0


def _write_whole(path: str, text: str) -> None:
    """Write so that whoever waits for the file never finds half of it."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


if __name__ == "__main__":
    sys.exit(main())
