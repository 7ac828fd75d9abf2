"""``modelshelf python`` beside the ``python3`` that it embeds."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness import BINARY, NOBODY

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120


@cache
def interpreters() -> dict[str, str]:
    """Programs of the CPythons of this machine that have a shared library, by version."""
    lines = subprocess.run(
        [ROOT / "python/tools/interpreters.sh"], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    found = dict(line.split(" ", 1) for line in lines)
    question = "import sysconfig; print(sysconfig.get_config_var('Py_ENABLE_SHARED'))"
    return {
        version: program
        for version, program in found.items()
        if subprocess.run([program, "-c", question], capture_output=True, text=True).stdout.strip() == "1"
    }


@dataclass
class Ended:
    """How a run ended; a negative status is a signal."""

    status: int
    out: bytes
    err: bytes


class Pair:
    """Runs the same words with a ``python3`` and with ``modelshelf python``, in the same folder."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "MODELSHELF_HOME": str(folder / "home"),
            "CIVITAI_BASE_URL": NOBODY,
            "MODELSHELF_PYTHON": program,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHON_BASIC_REPL": "1",
        }

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return name

    def lines(self) -> tuple[list[str], list[str]]:
        """The beginnings of both lines."""
        return [self.program], [BINARY, "python"]

    def start(self, line: list[str], words: tuple[Any, ...], env: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
        settings: dict[str, Any] = {
            "stdin": subprocess.PIPE,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "cwd": self.folder,
            "env": {**self.env, **env},
        }
        return subprocess.Popen([*line, *words], **{**settings, **options})

    def run(self, line: list[str], words: tuple[Any, ...], stdin: bytes = b"", **env: str) -> Ended:
        process = self.start(line, words, env)
        out, err = process.communicate(stdin, timeout=PATIENCE)
        return Ended(process.returncode, out, err)

    def inside(self, *words: Any, stdin: bytes = b"", **env: str) -> Ended:
        return self.run(self.lines()[1], words, stdin, **env)

    def same(self, *words: Any, stdin: bytes = b"", **env: str) -> Ended:
        """Both runs end alike and write the same; gives how."""
        expected, got = (self.run(line, words, stdin, **env) for line in self.lines())
        assert got == expected
        return got
