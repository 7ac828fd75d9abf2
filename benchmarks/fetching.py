"""Downloads: a large file from loopback onto memory beside curl, and what going on after a stop costs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from measure import interleaved, run  # noqa: E402

from modelshelf.testing.civitai import CivitaiStandIn  # noqa: E402
from modelshelf.testing.library import Tensor, safetensors_bytes  # noqa: E402

SIZE = 1 << 30
NAME = "SD/large.safetensors"


def service_files(folder: Path) -> Path:
    """A file of 1 GiB that the service has, with ids that can be asked for."""
    path = folder / NAME
    path.parent.mkdir(parents=True)
    block = os.urandom(1 << 20)
    with path.open("wb") as out:
        # The header of one large tensor, then its bytes: never in memory as a whole.
        header = safetensors_bytes({"emb_params": Tensor("U8", (0,), b"")})
        text = header[8:].replace(b"[0]", f"[{SIZE}]".encode(), 1).replace(b"[0,0]", f"[0,{SIZE}]".encode(), 1)
        out.write(len(text).to_bytes(8, "little") + text)
        for number in range(SIZE >> 20):
            out.write(number.to_bytes(8, "little") + block[8:])
    entry = {"model": {"id": 3, "name": "Large", "type": "Checkpoint"}, "version": {"id": 33}, "file": {"id": 333}}
    (folder / "catalogue.json").write_text(json.dumps({"files": {NAME: entry}}))
    return path


def speed(table: Any, cli: str, work: Path, service: CivitaiStandIn, source: Path) -> None:
    """The whole command, registration included, beside the pipe that people would write."""
    address = f"{service.base_url}/api/download/models/33?fileId=333"
    pipe = f"curl -sSfL {address} | tee {work / 'curl.bin'} | openssl dgst -sha256"
    to = work / "models"
    env = {"MODELSHELF_HOME": str(work / "home"), "CIVITAI_BASE_URL": service.base_url}

    def fresh(program: Callable[[], Any]) -> Callable[[], Any]:
        def once() -> Any:
            shutil.rmtree(to, ignore_errors=True)
            shutil.rmtree(work / "home", ignore_errors=True)
            (work / "curl.bin").unlink(missing_ok=True)
            return program()

        return once

    taken = interleaved(
        {
            "ours": fresh(lambda: run([cli, "download", "version:33", "--to", str(to), "--json"], env)),
            "curl": fresh(lambda: run(["sh", "-c", pipe])),
        }
    )
    report = json.loads(taken["ours"].output)
    assert report["verified"] and report["bytes"] == source.stat().st_size and report["model"], report
    table.add(
        "download 1 GiB, verified and registered", f"{taken['ours'].seconds:.2f} s",
        f"curl|tee|openssl {taken['curl'].seconds:.2f} s", taken["curl"].seconds / taken["ours"].seconds, 0.9, False,
        "floor: one copy out of the socket, one into the file, one SHA-256",
    )
    table.add(
        "peak memory of that download, MB", f"{taken['ours'].peak_kib / 1000:.0f} MB", "",
        taken["ours"].peak_kib / 1000, 150, True, "floor: 4 MiB that wait, one block",
    )


def resume(table: Any, cli: str, work: Path, service: CivitaiStandIn, source: Path) -> None:
    """Stopped at half with Ctrl-C and begun again: every byte once."""
    to = work / "resumed"
    env = {**os.environ, "MODELSHELF_HOME": str(work / "home-resumed"), "CIVITAI_BASE_URL": service.base_url}
    command = [cli, "download", "version:33", "--to", str(to), "--json", "--verbose"]
    service.misbehave("drip:origin=storage:rate=400000000", replace=True)
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    part = to / "large_v10.safetensors.part"
    end = time.monotonic() + 120
    while time.monotonic() < end and not (part.exists() and part.stat().st_size >= SIZE // 2):
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    there = part.stat().st_size
    service.behave()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["verified"], report
    ranges = [entry["range"] for entry in service.requests() if entry["origin"] == "storage"]
    assert ranges[-1] == f"bytes={report['resumed_from']}-", ranges
    again = sum(int(line.split()[-4]) for line in done.stderr.splitlines() if line.endswith("bytes hashed again"))
    table.add(
        f"bytes fetched twice, stopped at {there * 100 // source.stat().st_size} %", str(there - report["resumed_from"]),
        "", there - report["resumed_from"], 0, True, "floor: 0",
    )
    table.add("bytes hashed twice", str(again), "", again, 0, True, "floor: 0")


def fetching(table: Any, cli: str, work: Path) -> None:
    folder = work / "service"
    source = service_files(folder)
    with CivitaiStandIn(files=str(folder)) as service:
        speed(table, cli, work, service, source)
        resume(table, cli, work, service, source)
    for place in ("service", "models", "resumed"):
        shutil.rmtree(work / place, ignore_errors=True)
    (work / "curl.bin").unlink(missing_ok=True)
