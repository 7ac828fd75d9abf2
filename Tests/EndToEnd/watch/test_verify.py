"""What a watch does while it has nothing to do: it computes the digests that sidecars told."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import Program, grown, small_files
from watcher import Watcher, model, put

LIE = "ab" * 32
ADOPT = ("--sidecars", "server", "--no-lookup")


@pytest.fixture
def watch(folder: Path, program) -> Iterator[Callable[..., Watcher]]:
    """Starts watchers of the folder that end with the test."""
    running: list[Watcher] = []

    def start(*arguments: Any, shelf: Program | None = None) -> Watcher:
        watcher = Watcher(shelf or program(), *(arguments or ("--no-lookup", folder)))
        running.append(watcher)
        return watcher

    yield start
    for watcher in running:
        if watcher.process.poll() is None:
            watcher.kill()


def sidecar(path: Path) -> Path:
    return Path(f"{os.fspath(path)}.metadata.json")


def adopted(shelf: Program) -> int:
    ((count,),) = shelf.query("SELECT count(*) FROM content WHERE adopted")
    return count


def claimed(shelf: Program) -> int:
    ((count,),) = shelf.query("SELECT count(*) FROM location WHERE claim_owner IS NOT NULL")
    return count


def lie_about(path: Path) -> str:
    """Makes a sidecar tell another digest; gives the true one."""
    document = json.loads(sidecar(path).read_text())
    truth: str = document["modelshelf"]["digests"]["sha256"]
    document["modelshelf"]["digests"]["sha256"] = LIE
    sidecar(path).write_text(json.dumps(document))
    return truth


def test_a_new_machine_is_verified_while_nothing_happens(folder: Path, program, watch) -> None:
    files = small_files(folder, 20)
    program().scan(folder, *ADOPT)
    liar = files[7]
    truth = lie_about(liar)
    new = program()
    assert new.scan(folder, *ADOPT)["adopted"] == 20
    assert adopted(new) == 20
    watcher = watch(shelf=new)
    watcher.wait(lambda: adopted(new) == 0)
    event = watcher.wait_for("changed", liar)
    assert event["model"]["hashes"]["sha256"] == truth
    watcher.settle(1)
    # Of those that were right nothing is said.
    assert watcher.said() == [("changed", str(liar))]
    watcher.stop()
    assert watcher.messages.count("told digests of other bytes") == 1 and str(liar) in watcher.messages
    assert claimed(new) == 0
    assert new.info(liar)["hashes"]["sha256"] == truth
    report = new.ok("verify", "--json", "--background").json
    assert (report["ok"], report["changed"], report["damaged"]) == (20, [], [])
    new.assert_sound()


def test_two_watches_share_it_and_both_tell(folder: Path, tmp_path: Path, program, watch) -> None:
    files = small_files(folder, 10)
    program().scan(folder, *ADOPT)
    lie_about(files[3])
    new = program()
    assert new.scan(folder, *ADOPT)["adopted"] == 10
    # What one of them has taken up before the other looks is no news to that one: each tells when it has looked.
    own = [put(tmp_path / name / f"{name}.safetensors", model(number)) for number, name in enumerate(("one", "two"))]
    watchers = [watch("--no-lookup", folder, path.parent, shelf=new) for path in own]
    for watcher, path in zip(watchers, own):
        watcher.wait_for("added", path)
    first = put(folder / "first.safetensors", model(10**6))
    for watcher in watchers:
        watcher.wait_for("added", first)
        watcher.wait_for("changed", files[3])
        watcher.wait(lambda: adopted(new) == 0)
    for watcher, path in zip(watchers, own):
        watcher.settle(1)
        assert watcher.said() == [("added", str(path)), ("added", str(first)), ("changed", str(files[3]))]
        watcher.stop()
    assert sum(watcher.messages.count("told digests of other bytes") for watcher in watchers) == 1
    assert claimed(new) == 0


def test_a_large_file_holds_nothing_up(folder: Path, program, watch) -> None:
    grown(folder / "large.safetensors", 2 << 30)
    program().scan(folder, *ADOPT)
    new = program()
    assert new.scan(folder, *ADOPT)["adopted"] == 1
    watcher = watch(shelf=new)
    watcher.wait(lambda: claimed(new) == 1)
    small = put(folder / "small.safetensors", model(1))
    watcher.wait_for("added", small)
    assert adopted(new) == 1, "it was finished first"
    watcher.wait(lambda: claimed(new) == 1)
    watcher.stop()
    assert (adopted(new), claimed(new)) == (1, 0)
    # A killed one leaves its claim, which holds nobody up either.
    watcher = watch(shelf=new)
    watcher.wait(lambda: claimed(new) == 1)
    watcher.kill()
    assert (adopted(new), claimed(new)) == (1, 1)
    watcher = watch(shelf=new)
    watcher.wait(lambda: adopted(new) == 0)
    assert watcher.events == []
    watcher.stop()
    new.assert_sound()


def test_it_can_be_left_alone(folder: Path, program, watch) -> None:
    small_files(folder, 3)
    program().scan(folder, *ADOPT)
    new = program()
    assert new.scan(folder, *ADOPT)["adopted"] == 3
    watcher = watch("--no-lookup", "--no-verify", folder, shelf=new)
    watcher.settle(5)
    assert adopted(new) == 3
    watcher.stop()


@pytest.mark.parametrize("gathered", [False, True])
def test_sidecars_of_a_watch(folder: Path, tmp_path: Path, serve, program, watch, gathered: bool) -> None:
    source = tmp_path / "source"
    small_files(source, 4)
    arrival = model(77)
    put(source / "arrival.safetensors", arrival)
    service = serve(source)
    files = small_files(folder, 4)
    where = ("--metadata-dir", tmp_path / "notes") if gathered else ()

    def note(path: Path) -> Path:
        return sidecar(Path(f"{tmp_path / 'notes'}{path.resolve()}") if gathered else path)

    program(service).scan(folder, "--sidecars", "server", *where)
    before = {path: note(path).read_bytes() for path in files}
    new = program(service)
    watcher = watch("--sidecars", "server", *where, folder, shelf=new)
    watcher.wait(lambda: len(watcher.events) >= 8)
    assert {path for kind, path in watcher.said() if kind == "added"} == {str(path) for path in files}
    # Nothing was hashed for that.
    assert adopted(new) == 4
    come = put(folder / "arrival.safetensors", arrival)
    watcher.wait_for("identified", come)

    def is_written() -> bool:
        return note(come).exists() and "civitai_version_id" in json.loads(note(come).read_text())

    watcher.wait(is_written)
    document = json.loads(note(come).read_text())
    assert document["modelshelf"]["digests"]["sha256"] == new.info(come)["hashes"]["sha256"]
    watcher.wait(lambda: adopted(new) == 0)
    watcher.stop()
    assert {path: note(path).read_bytes() for path in files} == before
    new.assert_sound()
