"""Watched folders: events pulled or handed to a function, and every way in which a watch ends."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import modelshelf
from modelshelf.testing.civitai import CivitaiStandIn

MakeFile = Callable[..., Path]

#: No event takes this long (seconds).
PATIENCE = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "LoRA"
    folder.mkdir(parents=True)
    return folder


def event_threads() -> list[str]:
    """Those that hand events to a function; other threads may be left from other tests."""
    return [thread.name for thread in threading.enumerate() if thread.name == "modelshelf-watch"]


def place(make_file: MakeFile, name: str, size: int = 64, **metadata: str) -> Path:
    """A file with all its bytes, put there at once."""
    path = make_file(f"models/LoRA/{name}.part", size, **metadata)
    path.write_bytes(path.read_bytes())
    target = path.with_suffix("")
    path.rename(target)
    return target


def test_events_are_pulled(shelf: modelshelf.Shelf, folder: Path, make_file: MakeFile) -> None:
    with shelf.watch({"LoRA": folder}) as watch:
        assert watch.running
        assert watch.next(timeout=0) is None
        path = place(make_file, "a.safetensors")
        event = watch.next(timeout=PATIENCE)
        assert event is not None
        assert (event.event, event.path, event.old_path, event.error) == ("added", str(path), None, None)
        assert isinstance(event.model, modelshelf.Model)
        assert event.model.type == "LORA"
        assert event.model.hashes["sha256"] == shelf.get_hash(path)
        assert event["event"] == "added"
        assert "added" in repr(event)
        other = path.with_name("b.safetensors")
        path.rename(other)
        event = watch.next(timeout=PATIENCE)
        assert event is not None
        assert (event.event, event.path, event.old_path) == ("moved", str(other), str(path))
        other.unlink()
        event = watch.next(timeout=PATIENCE)
        assert event is not None
        assert event.event == "removed"
    assert watch.next() is None
    assert not watch.running
    watch.stop()


def test_pictures_come_beside_what_is_identified(
    service: CivitaiStandIn, shelf: modelshelf.Shelf, folder: Path, tmp_path: Path
) -> None:
    for path in (tmp_path / "library").rglob("*.safetensors"):
        shutil.copyfile(path, folder / path.name)
    with shelf.watch(folder, previews=True, max_level="xxx") as watch:
        end = time.monotonic() + PATIENCE
        found = None
        while found is None:
            assert time.monotonic() < end
            watch.next(timeout=0.1)
            for picture in folder.glob("*.preview.*"):
                model = shelf.get(folder / f"{picture.name.split('.preview.')[0]}.safetensors")
                assert model is not None
                found = found or model.preview
        assert Path(found["path"]).stat().st_size > 0
        assert found["url"].startswith(service.storage_url)
    with pytest.raises(modelshelf.UsageError):
        shelf.watch(folder, max_level="mild")


def test_a_function_is_called_on_one_thread(shelf: modelshelf.Shelf, folder: Path, make_file: MakeFile) -> None:
    events: list[modelshelf.WatchEvent] = []
    threads: set[int] = set()
    three = threading.Event()

    def on_event(event: modelshelf.WatchEvent) -> None:
        threads.add(threading.get_ident())
        events.append(event)
        if len(events) == 3:
            three.set()
        raise RuntimeError("mine")

    with shelf.watch(folder, on_event=on_event) as watch:
        for name in "abc":
            place(make_file, f"{name}.safetensors", note=name)
        assert three.wait(PATIENCE)
        with pytest.raises(ValueError, match="on_event"):
            watch.next()
    assert len(threads) == 1
    assert threads != {threading.get_ident()}
    assert {event.event for event in events} == {"added"}
    assert not event_threads()


def test_a_loop_over_events_ends_with_the_watch(
    shelf: modelshelf.Shelf, folder: Path, make_file: MakeFile
) -> None:
    place(make_file, "a.safetensors")
    seen = []
    watch = shelf.watch([folder])
    for event in watch:
        seen.append(event.event)
        threading.Timer(0.2, watch.stop).start()
    assert seen == ["added"]


def test_on_event_may_stop_the_watch(shelf: modelshelf.Shelf, folder: Path, make_file: MakeFile) -> None:
    done = threading.Event()
    place(make_file, "a.safetensors")

    def on_event(event: modelshelf.WatchEvent) -> None:
        watch.stop()
        done.set()

    ready = threading.Event()
    watch = shelf.watch(folder, on_event=lambda event: ready.wait(PATIENCE) and on_event(event))
    ready.set()
    assert done.wait(PATIENCE)
    watch.stop()
    assert not event_threads()


def test_names_that_are_not_utf8(shelf: modelshelf.Shelf, folder: Path, make_file: MakeFile) -> None:
    with shelf.watch(os.fsencode(folder)) as watch:
        make_file(os.fsencode("models/LoRA/") + b"\xff.part")
        raw = os.fsencode(folder) + b"/\xff.safetensors"
        os.rename(os.fsencode(folder) + b"/\xff.part", raw)
        event = watch.next(timeout=PATIENCE)
        assert event is not None
        assert os.fsencode(event.path) == raw


def test_identified(service: CivitaiStandIn, tmp_path: Path) -> None:
    shelf = modelshelf.get_manager()
    source = sorted((tmp_path / "library").rglob("*.safetensors"))
    target = tmp_path / "models"
    target.mkdir()
    kinds: dict[str, list[str]] = {}
    with shelf, shelf.watch(target) as watch:
        for index, path in enumerate(source):
            (target / f"{index}.part").write_bytes(path.read_bytes())
            (target / f"{index}.part").rename(target / f"{index}.safetensors")
        while (event := watch.next(timeout=4)) is not None:
            kinds.setdefault(event.event, []).append(event.path)
            if event.event == "identified":
                assert event.model is not None
                assert event.model.civitai["status"] == "found"
    identified = kinds.get("identified", [])
    assert identified
    assert len(identified) == len(set(identified))
    assert len(kinds["added"]) == len(set(kinds["added"]))


def test_refusals(shelf: modelshelf.Shelf, folder: Path) -> None:
    with pytest.raises(modelshelf.UsageError):
        shelf.watch()
    with pytest.raises(ValueError, match="empty"):
        shelf.watch([])
    with pytest.raises(modelshelf.UsageError):
        shelf.watch({"no such type": folder})
    with pytest.raises(modelshelf.UsageError):
        shelf.watch(folder, poll=0.0001)
    shelf.close()
    with pytest.raises(modelshelf.UsageError):
        shelf.watch(folder)


def test_closing_the_shelf_ends_its_watches(folder: Path) -> None:
    shelf = modelshelf.get_manager()
    pulled = shelf.watch(folder)
    called = shelf.watch(folder, on_event=print)
    shelf.close()
    assert pulled.next() is None
    assert not called.running
    assert not event_threads()


def threads_of_process() -> int:
    return len(os.listdir("/proc/self/task"))


def test_nothing_is_left_behind(shelf: modelshelf.Shelf, folder: Path) -> None:
    def cycle(index: int) -> None:
        watch = shelf.watch(folder, on_event=(lambda event: None) if index % 2 else None)
        if index % 3:
            watch.stop()
        elif index % 2:
            with watch:
                pass

    cycle(0)
    gc.collect()
    before = (threads_of_process(), len(os.listdir("/proc/self/fd")))
    for index in range(20):
        cycle(index)
    gc.collect()
    assert (threads_of_process(), len(os.listdir("/proc/self/fd"))) == before


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code], capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("end", ["", "import sys; sys.exit(0)", "raise SystemExit", "watch.stop()"])
@pytest.mark.parametrize("on_event", ["print", "None"])
def test_the_interpreter_ends_while_a_watch_runs(folder: Path, on_event: str, end: str) -> None:
    start = time.monotonic()
    result = run(
        "import modelshelf, time\n"
        f"watch = modelshelf.get_manager().watch({str(folder)!r}, on_event={on_event})\n"
        f"time.sleep(0.1)\n{end}"
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert time.monotonic() - start < 10


def test_ctrl_c_ends_a_loop(folder: Path) -> None:
    code = (
        "import modelshelf\n"
        f"watch = modelshelf.get_manager().watch({str(folder)!r})\n"
        "print('go', flush=True)\n"
        "try:\n    for event in watch: pass\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        time.sleep(0.3)
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=10)
    assert out == "interrupted\n"
    assert child.returncode == 0


@pytest.fixture
def forked() -> Iterator[Callable[[Callable[[], None]], int]]:
    def run_in_child(body: Callable[[], None]) -> int:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                body()
                status = 0
            finally:
                os._exit(status)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    yield run_in_child


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_child_leaves_the_parents_watch_alone(
    shelf: modelshelf.Shelf, folder: Path, make_file: MakeFile, forked: Callable[[Callable[[], None]], int]
) -> None:
    watch = shelf.watch(folder)

    def child() -> None:
        with pytest.raises(modelshelf.UsageError):
            watch.next(timeout=0)
        watch.stop()
        shelf.close()
        own = modelshelf.get_manager()
        with own.watch(folder) as mine:
            mine.next(timeout=0.1)
        own.close()

    assert forked(child) == 0
    place(make_file, "a.safetensors")
    event = watch.next(timeout=PATIENCE)
    assert event is not None
    assert event.event == "added"
    watch.stop()


def test_the_background_has_the_lowest_priority(shelf: modelshelf.Shelf, folder: Path, make_file: MakeFile) -> None:
    make_file("models/LoRA/large.safetensors", 64 << 30)
    before = os.getpriority(os.PRIO_PROCESS, 0)
    found = False
    with shelf.watch(folder, jobs=1, background=True):
        deadline = time.monotonic() + PATIENCE
        while not found and time.monotonic() < deadline:
            for thread in os.listdir("/proc/self/task"):
                with contextlib.suppress(ProcessLookupError):
                    found = found or os.getpriority(os.PRIO_PROCESS, int(thread)) == 19
            time.sleep(0.01)
    assert found
    assert os.getpriority(os.PRIO_PROCESS, 0) == before
