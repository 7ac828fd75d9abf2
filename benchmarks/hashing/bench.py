#!/usr/bin/env python3
"""Speed of `modelshelf hash` beside openssl, b3sum and Python: ratios, medians of interleaved runs.

    benchmarks/hashing/bench.py [--modelshelf PATH] [--runs 5] [--only WORD]

Also a part of `make bench`. Files lie in memory (/dev/shm, 4 GB at a time), so that the processor is measured and not a
disk. A ratio is the peer's time divided by ours: 1.00 is as fast, 2.00 twice as fast; it is taken by the clock, and
once more by processor time, which tells more where other programs run (and nothing where the two use different numbers
of cores). The floor is what the bounding instruction allows; docs/hashing.md has the arithmetic.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GIB = 1 << 30
#: Python's way: each digest in a pass of its own.
PYTHON_ALL = """
import hashlib, sys, zlib
import blake3
def passes(update, start=0, count=None):
    with open(sys.argv[1], "rb", buffering=0) as file:
        file.seek(start)
        while block := file.read(min(1 << 20, count) if count is not None else 1 << 20):
            update(block)
            if count is not None:
                count -= len(block)
digests = [hashlib.sha256(), hashlib.sha256(), hashlib.sha256(), blake3.blake3()]
length = int.from_bytes(open(sys.argv[1], "rb").read(8), "little")
for digest, start, count in zip(digests, (0, 8 + length, 0x100000, 0), (None, None, 0x10000, None)):
    passes(digest.update, start, count)
crc = 0
def add(block):
    global crc
    crc = zlib.crc32(block, crc)
passes(add)
print(*(digest.hexdigest() for digest in digests), crc)
"""
PYTHON_CRC = """
import sys, zlib
crc = 0
with open(sys.argv[1], "rb", buffering=0) as file:
    while block := file.read(1 << 20):
        crc = zlib.crc32(block, crc)
print(crc)
"""


@dataclass(frozen=True)
class Taken:
    seconds: float
    processor: float
    peak_kib: int


@dataclass(frozen=True)
class Case:
    figure: str
    peer: str
    #: One of `one`, `many`, `small`.
    files: str
    at_least: float
    floor: str
    ours: Callable[[Path], Sequence[str]]
    theirs: Callable[[Path], Sequence[str]]
    #: Where the commands run, so that ten thousand names fit in a line.
    inside: bool = False


@dataclass(frozen=True)
class Result:
    case: Case
    ours: Taken
    theirs: Taken
    #: Of the clock and of processor time.
    ratio: float
    processor_ratio: float


def make(path: Path | str, size: int) -> None:
    """A safetensors file of `size` bytes with one tensor of noise."""
    length = 256
    tensor = size - 8 - length
    header = json.dumps({"w": {"dtype": "U8", "shape": [tensor], "data_offsets": [0, tensor]}}).encode()
    block = os.urandom(min(tensor, 1 << 20))
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", length) + header.ljust(length))
        while tensor > 0:
            file.write(block[: min(tensor, len(block))])
            tensor -= len(block)


def make_files(folder: Path, kind: str) -> None:
    counts = {"one": (1, 2 * GIB), "many": (64, 64 << 20), "small": (10_000, 64 << 10)}
    count, size = counts[kind]
    for index in range(count):
        make(folder / f"{index:05}.safetensors", size)


def take(command: Sequence[str], folder: Path | None) -> Taken:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed with {process.returncode}")
    return Taken(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def compare(case: Case, folder: Path, runs: int) -> Result:
    ours, theirs = case.ours(folder), case.theirs(folder)
    inside = folder if case.inside else None
    take(ours, inside), take(theirs, inside)
    pairs = [(take(ours, inside), take(theirs, inside)) for _ in range(runs)]

    def middle(taken: list[Taken]) -> Taken:
        return Taken(
            statistics.median(one.seconds for one in taken),
            statistics.median(one.processor for one in taken),
            max(one.peak_kib for one in taken),
        )

    return Result(
        case,
        middle([pair[0] for pair in pairs]),
        middle([pair[1] for pair in pairs]),
        statistics.median(theirs.seconds / ours.seconds for ours, theirs in pairs),
        statistics.median(theirs.processor / ours.processor for ours, theirs in pairs),
    )


def cases(program: str, python: str) -> list[Case]:
    cores = len(os.sched_getaffinity(0))
    pin = ["taskset", "-c", str(max(os.sched_getaffinity(0)))]

    def one(folder: Path) -> str:
        return str(next(iter(folder.iterdir())))

    def ours(algorithms: str, jobs: int) -> Callable[[Path], Sequence[str]]:
        line = [program, "hash", "--algo", algorithms, "--jobs", str(jobs)]
        return lambda folder: (pin if jobs == 1 else []) + line + sorted(map(str, folder.iterdir()))

    def openssl(jobs: int) -> Callable[[Path], Sequence[str]]:
        return lambda folder: (pin if jobs == 1 else []) + ["openssl", "dgst", "-sha256", one(folder)]

    def in_shell(line: str) -> Callable[[Path], Sequence[str]]:
        return lambda folder: ["sh", "-c", line]

    read = "read(2) copies 7 to 9 GB/s from memory"
    return [
        Case("SHA-256 of 2 GiB, 1 thread", "openssl", "one", 1.0, "32 SHA256RNDS2 of 4 cycles: 0.50 B/cycle",
             ours("sha256", 1), openssl(1)),
        Case("SHA-256 of 64 x 64 MiB, all cores", f"xargs -P{cores} openssl", "many", 1.5,
             "16 lanes of AVX-512, 51 cycles a block: 1.25 B/cycle", ours("sha256", cores),
             in_shell(f"ls | xargs -P{cores} -n1 openssl dgst -sha256"), inside=True),
        Case("SHA-256 and AutoV3 of 2 GiB, 1 thread", "openssl, SHA-256", "one", 0.75,
             "64 SHA256RNDS2, one in 3 cycles: 0.33 B/cycle, 0.67 of the peer", ours("sha256,autov3", 1), openssl(1)),
        Case("all of 2 GiB, all cores", "openssl, SHA-256", "one", 0.75,
             f"310 cycles a block over {cores} cores, no digest under 128", ours("all", cores), openssl(cores)),
        Case("all of 2 GiB, all cores", "Python, one by one", "one", 3.0, "as above", ours("all", cores),
             lambda folder: [python, "-c", PYTHON_ALL, one(folder)]),
        Case("BLAKE3 of 2 GiB, 1 thread", "b3sum", "one", 0.95, f"AVX-512: 2.1 B/cycle; {read}, b3sum maps",
             ours("blake3", 1), lambda folder: pin + ["b3sum", "--num-threads", "1", one(folder)]),
        Case("BLAKE3 of 2 GiB, all cores", "b3sum", "one", 0.95, f"the same on {cores} cores", ours("blake3", cores),
             lambda folder: ["b3sum", one(folder)]),
        Case("CRC-32 of 2 GiB, 1 thread", "zlib.crc32", "one", 3.0, f"VPCLMULQDQ: 32 B/cycle; {read}",
             ours("crc32", 1), lambda folder: pin + [python, "-c", PYTHON_CRC, one(folder)]),
        Case("all of 10,000 x 64 KiB, all cores", "b3sum of the list", "small", 0.8,
             "16 lanes of AVX-512: 145 cycles a block, six system calls a file",
             in_shell(f"{program} hash --algo all --jobs {cores} *"), in_shell("b3sum *"), inside=True),
    ]


def results(program: str, python: str, runs: int, only: str = "") -> Iterator[Result]:
    """Runs the cases; the files of one kind are there at a time."""
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    for kind in ("one", "many", "small"):
        chosen = [case for case in cases(program, python) if case.files == kind and only in case.figure]
        if not chosen:
            continue
        with tempfile.TemporaryDirectory(prefix="modelshelf-bench-", dir=place) as name:
            make_files(Path(name), kind)
            for case in chosen:
                yield compare(case, Path(name), runs)


def interrupt(program: str, runs: int) -> float:
    """Milliseconds from Ctrl-C to the end, in the middle of a sparse file of 10 GiB: the longest."""
    longest = 0.0
    with tempfile.TemporaryDirectory(prefix="modelshelf-bench-") as name:
        path = Path(name) / "sparse.safetensors"
        with open(path, "wb") as file:
            file.truncate(10 * GIB)
        for _ in range(runs):
            process = subprocess.Popen([program, "hash", "--algo", "all", str(path)], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)
            time.sleep(1)
            start = time.perf_counter()
            process.send_signal(signal.SIGINT)
            status = process.wait()
            longest = max(longest, (time.perf_counter() - start) * 1e3)
            if status != 130:
                raise SystemExit(f"an interrupted run ended with {status}")
    return longest


def python_with_blake3() -> str:
    """An interpreter that has the package `blake3`, made on first use."""
    venv = ROOT / ".build/venv-bench"
    python = str(venv / "bin/python")
    if not os.access(python, os.X_OK) or subprocess.run([python, "-c", "import blake3"], stderr=-3).returncode != 0:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "blake3"], check=True)
    return python


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modelshelf", default=str(ROOT / ".build/release/modelshelf"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for tool in ("openssl", "b3sum", "taskset"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed")
    print(f"{'figure : peer':55} {'ours':>8} {'peer':>8} {'clock':>7} {'CPU':>7} {'bound':>6} {'':6} {'peak':>7}  floor", flush=True)
    for result in results(options.modelshelf, python_with_blake3(), options.runs, options.only):
        verdict = "" if result.ratio >= result.case.at_least else "MISSED"
        print(
            f"{result.case.figure + ' : ' + result.case.peer:55} {result.ours.seconds:6.3f} s {result.theirs.seconds:6.3f} s"
            f" {result.ratio:5.2f} x {result.processor_ratio:5.2f} x {result.case.at_least:6.2f} {verdict:6}"
            f" {result.ours.peak_kib / 1000:4.0f} MB  {result.case.floor}",
            flush=True,
        )
    if options.only in "interrupt":
        print(f"Ctrl-C in a sparse file of 10 GiB: {interrupt(options.modelshelf, options.runs):.0f} ms")


if __name__ == "__main__":
    main()
