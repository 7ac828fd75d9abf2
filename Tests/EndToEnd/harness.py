"""What the end-to-end tests share: the program, files, the truth about them, and looks into the store.

Every test has its own home, folder and stand-in. The program is the real release binary, named by ``MODELSHELF_CLI``;
each run of it is a process of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modelshelf.testing.civitai import CivitaiStandIn
from modelshelf.testing.library import make_small

BINARY = os.path.abspath(os.environ["MODELSHELF_CLI"])
#: No run takes this long; it only keeps a hanging program from hanging the tests.
PATIENCE = 120
#: Nobody listens there: the tests must never reach the real service.
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Answer:
    """What one run of the program gave."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def json(self) -> Any:
        """Standard output, which must be exactly one JSON document."""
        return json.loads(self.out)

    @property
    def code(self) -> str:
        """The code of the error document."""
        return self.json["error"]["code"]

    def __str__(self) -> str:
        return f"status {self.status}\n--- stdout\n{self.out[:4000]!r}\n--- stderr\n{self.err[:4000]}"


class Program:
    """The program with a home and a service of its own."""

    def __init__(self, home: Path, base_url: str = NOBODY) -> None:
        self.home = home
        self.database = home / "modelshelf.db"
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home.parent / "nobody"),
            "LC_ALL": "C.UTF-8",
            "MODELSHELF_HOME": str(home),
            "CIVITAI_BASE_URL": base_url,
        }

    def start(self, *arguments: Any, prefix: tuple[str, ...] = (), **env: str) -> subprocess.Popen[bytes]:
        """Begin a run."""
        line = [*prefix, BINARY, *(os.fsencode(word) if not isinstance(word, bytes) else word for word in arguments)]
        return subprocess.Popen(
            line,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, *arguments: Any, prefix: tuple[str, ...] = (), **env: str) -> Answer:
        """A run from beginning to end."""
        return finish(self.start(*map(_word, arguments), prefix=prefix, **env))

    def ok(self, *arguments: Any, prefix: tuple[str, ...] = (), **env: str) -> Answer:
        """A run that must end with status 0."""
        answer = self.run(*arguments, prefix=prefix, **env)
        assert answer.status == 0, answer
        return answer

    def scan(self, folder: Any, *more: Any, **env: str) -> dict[str, Any]:
        """The report of a scan that must end with status 0."""
        report: dict[str, Any] = self.ok("scan", "--json", "--quiet", folder, *more, **env).json
        return report

    def records(self, *filters: Any) -> dict[str, dict[str, Any]]:
        """All records by path."""
        page = self.ok("list", "--json", "--limit", "100000", *filters).json
        assert page["total"] == len(page["models"])
        found = {record["path"]: record for record in page["models"]}
        assert len(found) == len(page["models"]), "a path is listed twice"
        return found

    def info(self, what: Any) -> dict[str, Any]:
        record: dict[str, Any] = self.ok("info", "--json", what).json
        return record

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the store, by this process's own SQLite."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def assert_sound(self) -> None:
        """The store passes SQLite's own check, asked by SQLite's own program."""
        check = subprocess.run(
            ["sqlite3", "-readonly", self.database, "PRAGMA integrity_check; PRAGMA foreign_key_check"],
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        assert check.stdout == "ok\n", check.stdout + check.stderr


def _word(value: Any) -> str | bytes:
    return value if isinstance(value, (str, bytes)) else str(value)


def finish(process: subprocess.Popen[bytes], patience: float = PATIENCE) -> Answer:
    """Wait for a run."""
    try:
        out, err = process.communicate(timeout=patience)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"still running after {patience} s: {process.args}\n{err.decode(errors='replace')}") from None
    return Answer(process.returncode, out, err.decode("utf-8", "replace"))


# Files


def small_files(folder: Path, count: int, size: int = 4096, seed: int = 0) -> list[Path]:
    """Valid files, all different, written long enough ago to be taken as settled."""
    make_small(folder, count, size, seed)
    files = sorted(folder.rglob("*.safetensors"))
    settle(files)
    return files


def settle(files: list[Path]) -> None:
    """Date files back: one that was changed in the last two seconds is looked at again by design."""
    for number, path in enumerate(files):
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def grown(path: Path, size: int) -> None:
    """Make a file larger, as a checkpoint of holes with a valid header: quick to write, as slow to hash as any."""
    text = json.dumps(
        {"__metadata__": {"name": path.name}, "weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}
    ).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        file.write(path.name.encode())
        file.truncate(8 + len(text) + size)


# Truth


def truth(service: CivitaiStandIn) -> dict[str, tuple[int, int]]:
    """Model and version of every file that the stand-in knows, by SHA-256 in lower case."""
    known: dict[str, tuple[int, int]] = {}
    for row in service.files():
        known[row["hashes"]["SHA256"].lower()] = (row["modelId"], row["modelVersionId"])
    return known


def asked(service: CivitaiStandIn, route: str) -> int:
    """How often a route was asked."""
    count: int = service.summary()["routes"].get(route, 0)
    return count


IDS = "POST /api/v1/model-versions/by-hash/ids"
MODELS = "GET /api/v1/models"
BY_HASH = "GET /api/v1/model-versions/by-hash/{hash}"

VOLATILE = ("checked_at",)


def lasting(record: dict[str, Any]) -> dict[str, Any]:
    """A record without what differs between two scans of the same files."""
    kept = json.loads(json.dumps(record))
    for key in VOLATILE:
        kept["civitai"].pop(key)
    return kept


def require(*tools: str) -> None:
    """A recipe that does not work fails its test; it does not skip it."""
    for tool in tools:
        assert shutil.which(tool), f"{tool} is missing: run make setup"
