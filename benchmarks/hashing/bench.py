#!/usr/bin/env python3
"""Speed of `modelshelf hash` against openssl, b3sum and Python's zlib: ratios, medians of interleaved runs.

    benchmarks/hashing/bench.py [--modelshelf PATH] [--runs 5] [--only WORD]

Files lie in memory (/dev/shm, about 7 GB with everything), so that the processor is measured and not a disk. A ratio is
the peer's time divided by ours: 1.00 is as fast, 2.00 twice as fast. There are two, by the clock and by processor time:
the second tells more where other programs run, and nothing where the two use different numbers of cores. The floor is
what the bounding instruction allows, in bytes per cycle of one core; see docs/hashing.md.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
ZLIB = "import sys,zlib\nc=0\nf=open(sys.argv[1],'rb',buffering=0)\nwhile b:=f.read(1<<20): c=zlib.crc32(b,c)\nprint(c)"


def make(path, size):
    """A safetensors file of `size` bytes with one tensor of noise."""
    length = 256
    tensor = size - 8 - length
    header = json.dumps({"w": {"dtype": "U8", "shape": [tensor], "data_offsets": [0, tensor]}}).encode()
    block = os.urandom(1 << 20)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", length) + header.ljust(length))
        while tensor > 0:
            file.write(block[: min(tensor, len(block))])
            tensor -= len(block)


def seconds(command):
    """Time by the clock, and of processors."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, shell=isinstance(command, str), check=True, stdout=subprocess.DEVNULL)
    clock = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(name, floor, target, ours, peer, runs):
    seconds(ours), seconds(peer)
    times = [(seconds(ours), seconds(peer)) for _ in range(runs)]
    mine, theirs = (statistics.median(clock for clock, _ in column) for column in zip(*times))
    ratio = statistics.median(b[0] / a[0] for a, b in times)
    processor = statistics.median(b[1] / a[1] for a, b in times)
    verdict = "     " if ratio >= target else "below"
    print(
        f"{name:50} {mine:7.3f} s {theirs:7.3f} s {ratio:6.2f} x  {processor:6.2f} x  {target:5.2f} {verdict}  {floor}",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modelshelf", default=str(ROOT / ".build/release/modelshelf"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    for tool in ("openssl", "b3sum"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed")
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        one, many, small = (f"{folder}/{name}" for name in ("one.safetensors", "many", "small"))

        # As many threads as processors are allowed; so one processor for one thread, and the same for its peer.
        pin = ["taskset", "-c", str(max(os.sched_getaffinity(0)))]

        def hash_command(jobs, algorithms, *files):
            return (pin if jobs == 1 else []) + [options.modelshelf, "hash", "--algo", algorithms, *files]

        def parallel(folder, command):
            return f"ls -d {folder}/* | xargs -P{cores} -n1 {command}"

        sha, blake, crc = "SHA-NI: 0.50 B/cycle", "AVX-512: 2.4 B/cycle", "memory"
        cases = [
            ("sha256, 2 GiB, 1 thread : openssl", sha, 1.0, lambda: hash_command(1, "sha256", one),
             lambda: pin + ["openssl", "dgst", "-sha256", one]),
            ("sha256+autov3, 2 GiB, 1 thread : openssl for one", "2 x SHA-NI: 0.67 B/cycle in all, 0.33 of file", 0.75,
             lambda: hash_command(1, "sha256,autov3", one), lambda: pin + ["openssl", "dgst", "-sha256", one]),
            ("all, 2 GiB, all cores : openssl for sha256", "2 x SHA-NI, as above", 0.75,
             lambda: hash_command(cores, "all", one), lambda: ["openssl", "dgst", "-sha256", one]),
            ("blake3, 2 GiB, 1 thread : b3sum", blake, 0.95, lambda: hash_command(1, "blake3", one),
             lambda: pin + ["b3sum", "--num-threads", "1", one]),
            ("blake3, 2 GiB, all cores : b3sum", blake, 0.95, lambda: hash_command(cores, "blake3", one),
             lambda: ["b3sum", one]),
            ("crc32, 2 GiB, 1 thread : zlib.crc32", crc, 3.0, lambda: hash_command(1, "crc32", one),
             lambda: pin + [sys.executable, "-c", ZLIB, one]),
            ("sha256, 64 x 64 MiB, all cores : xargs openssl", "16 lanes of AVX-512: 1.2 B/cycle", 1.5,
             lambda: hash_command(cores, "sha256", *sorted(map(str, pathlib.Path(many).iterdir()))),
             lambda: parallel(many, "openssl dgst -sha256")),
            ("all, 10,000 x 64 KiB, all cores : b3sum", "16 lanes of AVX-512: 0.6 B of file/cycle", 0.8,
             lambda: f"cd {small} && {options.modelshelf} hash --algo all *",
             lambda: f"cd {small} && b3sum *"),
        ]
        chosen = [case for case in cases if options.only in case[0]]
        if any("2 GiB" in case[0] for case in chosen):
            make(one, 2 << 30)
        if any("64 x" in case[0] for case in chosen):
            os.mkdir(many)
            for index in range(64):
                make(f"{many}/{index:02}.safetensors", 64 << 20)
        if any("10,000" in case[0] for case in chosen):
            os.mkdir(small)
            for index in range(10_000):
                make(f"{small}/{index:05}.safetensors", 64 << 10)
        print(f"{'what : peer':50} {'ours':>9} {'peer':>9} {'clock':>8}  {'CPU':>8}  {'target':>6}        floor")
        for name, floor, target, ours, peer in chosen:
            compare(name, floor, target, ours(), peer(), options.runs)


if __name__ == "__main__":
    main()
