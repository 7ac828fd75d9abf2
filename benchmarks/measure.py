"""Running programs and taking their time: medians of interleaved runs, so that a slow moment hits all alike."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import Callable, Mapping, Sequence

RUNS = 5


@dataclass(frozen=True)
class Run:
    """What one run of a program took."""

    seconds: float
    peak_kib: int
    output: str


def run(arguments: Sequence[str], env: Mapping[str, str] | None = None, ok: tuple[int, ...] = (0,)) -> Run:
    """Runs a program to its end; its standard error is shown if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(env or {})}, text=True
    )
    # wait4 gives the peak memory of this child alone; communicate() would reap it without telling.
    assert process.stdout and process.stderr
    output = process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in ok:
        raise SystemExit(f"{arguments[0]} failed with {code}:\n{errors}")
    return Run(seconds, usage.ru_maxrss, output)


def interleaved(programs: Mapping[str, Callable[[], Run]], runs: int = RUNS) -> dict[str, Run]:
    """Runs each program in turn, several times over; gives each one's median run."""
    taken: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, program in programs.items():
            taken[name].append(program())
    return {name: sorted(all_runs, key=lambda one: one.seconds)[len(all_runs) // 2] for name, all_runs in taken.items()}


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def self_peak_kib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
