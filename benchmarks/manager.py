"""What a server pays for asking the library about a file: the hash of a known file, its sidecar, a call that does nothing."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

#: Runs in the interpreter that has the wheel, and prints nanoseconds per call: of short calls the least disturbed run.
SCRIPT = r"""
import json, os, sys, timeit
import modelshelf
from modelshelf import _native
from modelshelf.testing.library import make_small

work = sys.argv[1]
make_small(work + "/manager", 100, 4096, 3)
shelf = modelshelf.get_manager(work + "/manager")
shelf.scan(work + "/manager", lookup=False, sidecars=["server"])
model = sorted(os.path.join(base, name) for base, _, names in os.walk(work + "/manager") for name in names
               if name.endswith(".safetensors"))[0]
sidecar = shelf.sidecar_path(model)
shelf.write_sidecar(model, {"trigger_words": ["one", "two"], "description": "x" * 500, "civitai_model_id": 1})
os.utime(sidecar, ns=(10**18, 10**18))
cancel = modelshelf.Cancel()

def load():
    with open(sidecar, encoding="utf-8") as file:
        return json.load(file)

assert shelf.get_hash(model, "autov2") and shelf.read_sidecar(model) == load()
calls = {
    "nothing": lambda: cancel.cancelled,
    "stat": lambda: os.stat(model),
    "get_hash": lambda: shelf.get_hash(model, "autov2"),
    "read_sidecar": lambda: shelf.read_sidecar(model),
    "json.load": load,
}
taken = {name: [] for name in calls}
for _ in range(5):
    for name, call in calls.items():
        taken[name].append(timeit.timeit(call, number=20000) / 20000 * 1e9)
print(json.dumps({name: min(each) for name, each in taken.items()}))
"""


def manager(table: Any, interpreter: str, work: Path) -> None:
    """Rows for the manager; ``interpreter`` is a Python that has the wheel."""
    home = {"MODELSHELF_HOME": str(work / "manager-home"), "MODELSHELF_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
    output = subprocess.run([interpreter, "-c", SCRIPT, str(work)], env=home, check=True, capture_output=True, text=True)
    taken: dict[str, float] = json.loads(output.stdout)

    def text(name: str) -> str:
        return f"{taken[name]:.0f} ns"

    table.add(
        "get_hash of a known file from Python, µs", text("get_hash"), f"json.load {text('json.load')}",
        taken["get_hash"] / 1e3, 3, True, f"floor: os.stat {text('stat')}",
    )
    table.add(
        "load a sidecar, beside Python's json.load", text("read_sidecar"), f"json.load {text('json.load')}",
        taken["read_sidecar"] / taken["json.load"], 1, True, "floor: one stat and json.loads of the text",
    )
    table.add(
        "a native call that does nothing, ns", text("nothing"), "", taken["nothing"], 150, True,
        "floor: the interpreter's call of a function",
    )
