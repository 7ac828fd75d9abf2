"""The table of `make bench`: modelshelf beside find, sha256sum and Python, as ratios, with the floor of each figure."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from aio import pauses  # noqa: E402
from fetching import fetching  # noqa: E402
from hashing import bench as hashing  # noqa: E402
from manager import manager  # noqa: E402
from measure import RUNS, interleaved, run  # noqa: E402
from watching import watching  # noqa: E402

from modelshelf.testing.civitai import CivitaiStandIn  # noqa: E402
from modelshelf.testing.library import make_small  # noqa: E402


class Table:
    """Rows for people, figures for machines."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []

    def add(self, figure: str, ours: str, peer: str, value: float, limit: float | None, at_most: bool, floor: str) -> None:
        verdict = "" if limit is None else ("ok" if (value <= limit) == at_most or value == limit else "MISSED")
        bound = "" if limit is None else f"{'≤' if at_most else '≥'} {limit:g}"
        self.rows.append(
            {"figure": figure, "ours": ours, "peer": peer, "value": round(value, 3), "bound": bound, "verdict": verdict,
             "floor": floor}
        )
        print(f"{figure:<46} {ours:>12} {peer:>22} {value:>9.2f} {bound:>8} {verdict:<7} {floor}", flush=True)


def rescan(table: Table, cli: str, work: Path) -> None:
    """Listing 20,000 small files: nothing to read the second time, so the floor is a stat of each."""
    library = work / "small"
    make_small(str(library), 20_000, 4096, 1)
    time.sleep(2.1)  # Files younger than two seconds are looked at twice; that is not what is measured here.
    env = {"MODELSHELF_HOME": str(work / "home")}
    scan = [cli, "scan", str(library), "--no-lookup", "--json"]

    def first():
        shutil.rmtree(work / "home", ignore_errors=True)
        return run(scan, env)

    names = work / "names"
    names.write_bytes(b"\0".join(str(path).encode() for path in sorted(library.rglob("*.safetensors"))))
    sums = interleaved(
        {
            "ours": first,
            "sha256sum": lambda: run(["xargs", "-0", "-a", str(names), "sha256sum"]),
        },
        runs=3,
    )
    table.add(
        "first scan, 20,000 files of 4 KiB", f"{sums['ours'].seconds:.2f} s",
        f"sha256sum {sums['sha256sum'].seconds:.2f} s", sums["ours"].seconds / sums["sha256sum"].seconds, None, True,
        "floor: open, read, close of each and one commit for 64",
    )
    table.add(
        "peak memory of that scan, MB", f"{sums['ours'].peak_kib / 1000:.0f} MB", "", sums["ours"].peak_kib / 1000, 150,
        True, "floor: the list of files, 64 files in work",
    )
    warm = interleaved(
        {
            "ours": lambda: run(scan, env),
            "find": lambda: run(["find", str(library), "-type", "f", "-printf", "%s %T@\n"]),
        }
    )
    report = json.loads(warm["ours"].output)
    assert report["unchanged"] == 20_000 and report["bytes_hashed"] == 0, report
    table.add(
        "warm re-scan of them", f"{warm['ours'].seconds * 1e3:.0f} ms", f"find {warm['find'].seconds * 1e3:.0f} ms",
        warm["ours"].seconds / warm["find"].seconds, 3, True, "floor: 20,000 fstatat, 200 folders, one SELECT",
    )


def requests(table: Table, cli: str, work: Path) -> None:
    """How often the service is asked about files that are all new to us."""
    for count, unknown in ((1_000, False), (10_000, False), (10_000, True)):
        library = work / f"requests-{count}-{unknown}"
        make_small(str(library), count, 2048, 7)
        with CivitaiStandIn(files=str(library), unknown=["*"] if unknown else []) as service:
            env = {"MODELSHELF_HOME": str(work / f"home-{count}-{unknown}"), "CIVITAI_BASE_URL": service.base_url}
            report = json.loads(run([cli, "scan", str(library), "--json"], env).output)
            seconds = report["seconds"]
            asked = len(service.requests())
        expected = "not_on_civitai" if unknown else "identified"
        assert report[expected] == count, report
        batches = -(-count // 10_000)
        floor = batches + (count if unknown else -(-count // 100))
        table.add(
            f"requests for {count:,} files, {'none' if unknown else 'all'} known", f"{asked} in {seconds:.1f} s",
            f"one by one {count}", asked / floor, 1.05, True, f"floor: {floor} by the service's limits",
        )
        shutil.rmtree(library)


def digests(table: Table, cli: str) -> None:
    """Hashing beside openssl, b3sum and Python; a ratio is the peer's time over ours."""
    peak = 0.0
    for result in hashing.results(cli, hashing.python_with_blake3(), RUNS):
        peak = max(peak, result.ours.peak_kib / 1000)
        table.add(
            result.case.figure, f"{result.ours.seconds:.2f} s", f"{result.case.peer} {result.theirs.seconds:.2f} s",
            result.ratio, result.case.at_least, False, result.case.floor,
        )
    table.add(
        "peak memory of any of these, MB", f"{peak:.0f} MB", "", peak, 100, True, "floor: 1 MiB of buffers a thread"
    )
    longest = hashing.interrupt(cli, RUNS)
    table.add(
        "Ctrl-C in a sparse file of 10 GiB, ms", f"{longest:.0f} ms", "", longest, 100, True,
        "floor: the block in work, under a millisecond",
    )


def installed(wheel: str, work: Path) -> str:
    """The Python of a virtual environment that has the wheel."""
    venv = work / "venv"
    interpreter = str(venv / "bin" / "python")
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([interpreter, "-m", "pip", "install", "--quiet", "--no-deps", wheel], check=True)
    return interpreter


def python(table: Table, wheel: str, work: Path) -> None:
    """What an import costs a notebook, and what the wheel weighs."""
    interpreter = installed(wheel, work)
    env = {"PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": ""}
    run([interpreter, "-c", "import modelshelf; modelshelf.hash_file"], env)
    taken = interleaved(
        {
            "bare": lambda: run([interpreter, "-c", "pass"], env),
            "import": lambda: run([interpreter, "-c", "import modelshelf"], env),
            "native": lambda: run([interpreter, "-c", "import modelshelf; modelshelf.hash_file"], env),
        },
        runs=9,
    )
    for name, figure in (("import", "import modelshelf, ms over bare Python"), ("native", "the same with the core loaded")):
        extra = (taken[name].seconds - taken["bare"].seconds) * 1e3
        table.add(
            figure, f"{extra:.0f} ms", f"pass {taken['bare'].seconds * 1e3:.0f} ms", extra, 50, True,
            "floor: mapping the library and libcurl's companions",
        )
    size = os.path.getsize(wheel) / 1e6
    table.add("wheel, MB", f"{size:.1f} MB", "", size, 20, True, "floor: libcurl and its companions, 9 MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cli", required=True)
    parser.add_argument("--wheel", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--only", default="", help="some of: digests scan download requests watch import manager aio")
    arguments = parser.parse_args()
    wanted = arguments.only.replace(",", " ").split()
    table = Table()
    print(f"{'figure':<46} {'ours':>12} {'peer':>22} {'ratio':>9} {'bound':>8} {'':<7} floor")
    # Memory where there is some: the disk of a shared machine would be measured instead of the programs.
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="modelshelf-bench-", dir=place) as folder:
        work = Path(folder)
        cli, wheel = arguments.cli, arguments.wheel
        # A child begins with its parent's peak of memory, and the stand-ins of the later figures take a lot of it here.
        groups = {
            "digests": lambda: digests(table, cli),
            "scan": lambda: rescan(table, cli, work),
            "download": lambda: fetching(table, cli, work),
            "requests": lambda: requests(table, cli, work),
            "watch": lambda: watching(table, cli, work),
            "import": lambda: python(table, wheel, work),
            "manager": lambda: manager(table, installed(wheel, work), work),
            "aio": lambda: pauses(table, installed(wheel, work), work),
        }
        if unknown := set(wanted) - set(groups):
            parser.error(f"there is no {', '.join(sorted(unknown))}; there are {' '.join(groups)}")
        for name, group in groups.items():
            if not wanted or name in wanted:
                group()
    Path(arguments.out).write_text(json.dumps(table.rows, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
