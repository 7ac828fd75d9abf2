"""The longest pause of an asyncio loop while a large file is hashed in the background.

Beside it the same loop while `openssl dgst` hashes the file at the same priority: what is left then is the system's
doing. The file is a hole of 8 GiB (about 5 s a run) unless MODELSHELF_BENCH_GIB says otherwise; 64 takes ten times that.
"""

from __future__ import annotations

import os
import statistics
from pathlib import Path

from measure import run

# The loop ticks every millisecond; a pause is how much later than that it came.
LOOP = """
import asyncio, sys, time
how, path = sys.argv[1:]
async def ours():
    from modelshelf import aio
    print((await aio.hash_file(path, progress=lambda _: None))["sha256"])
async def openssl():
    child = await asyncio.create_subprocess_exec("openssl", "dgst", "-sha256", "-r", path, stdout=-1)
    print((await child.communicate())[0].split()[0].decode())
async def main():
    if how == "ours":
        import modelshelf.aio  # what an import costs is another figure
    task = asyncio.ensure_future(ours() if how == "ours" else openssl())
    await asyncio.sleep(0.2)
    worst, last = 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0.001)
        now = time.perf_counter()
        worst, last = max(worst, now - last - 0.001), now
    await task
    print(worst)
asyncio.run(main())
"""
RUNS = 5


def pauses(table, interpreter: str, work: Path) -> None:
    """`interpreter`: of a virtual environment that has the wheel."""
    gibibytes = int(os.environ.get("MODELSHELF_BENCH_GIB", "8"))
    path = work / "large.bin"
    with open(path, "wb") as file:
        file.truncate(gibibytes << 30)
    taken: dict[str, list[float]] = {"ours": [], "openssl": []}
    for _ in range(RUNS):
        digests = set()
        for how, values in taken.items():
            digest, worst = run([interpreter, "-c", LOOP, how, str(path)], {"PYTHONPATH": ""}).output.split()
            digests.add(digest)
            values.append(float(worst) * 1e3)
        assert len(digests) == 1, digests
    path.unlink()
    ours, peer = statistics.median(taken["ours"]), statistics.median(taken["openssl"])
    table.add(
        f"longest pause of a loop, {gibibytes} GiB hashed", f"{ours:.2f} ms", f"openssl {peer:.2f} ms", ours / peer, 1, True,
        "floor: what the scheduler does to a loop beside a busy core",
    )
