"""The same names, awaitable: results, cancellation, progress on the loop, streams, and the end of the program."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import modelshelf
from modelshelf import aio
from modelshelf import threads as _pool
from modelshelf.testing.civitai import CivitaiStandIn

MakeFile = Callable[..., Path]

#: No event takes this long (seconds).
PATIENCE = 20
#: Takes several seconds to hash; on the disk it is a hole.
LARGE = 24 << 30


@pytest.fixture(autouse=True)
def no_threads_stay(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(_pool, "IDLE", 0.05)
    yield
    end = time.monotonic() + PATIENCE
    while threading.active_count() > 1 and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() == 1
    assert not _pool.stops


@pytest.fixture
def library(shelf: modelshelf.Shelf) -> modelshelf.Shelf:
    """Closed at the end of the test, as it has to be for the next one."""
    return shelf


def test_the_names_are_the_same() -> None:
    assert sorted(aio.__all__) == sorted(modelshelf.__all__)
    for kind in ("Shelf", "Civitai", "Watch", "Downloads"):
        mine, theirs = getattr(aio, kind), getattr(modelshelf, kind)
        for name in dir(theirs):
            if name.startswith("_"):
                continue
            assert hasattr(mine, name), name
            ours, other = getattr(mine, name), getattr(theirs, name)
            if callable(other) and name != "__init__":
                assert list(inspect.signature(ours).parameters) == list(inspect.signature(other).parameters), name


def test_a_library(library: modelshelf.Shelf, make_file: MakeFile) -> None:
    path = make_file("models/a.safetensors", note="x")

    async def main() -> None:
        shelf = await aio.get_manager()
        assert shelf is await aio.get_manager()
        assert shelf.sync is library and shelf.database == library.database
        report = await shelf.scan({"LORA": "models"}, lookup=False)
        assert (report.files, report.hashed) == (1, 1)
        model = await shelf.get(path)
        assert isinstance(model, aio.Model)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert model.hashes["sha256"] == await shelf.get_hash(path) == digest
        assert (await shelf.update(path, notes="mine", extra=1)).notes == "mine"
        assert (await shelf.tag(path, "b")).tags == ["b"]
        assert (await shelf.search("mine")).total == len(await shelf.list()) == await shelf.count() == 1
        assert await aio.hash_file(path, ["sha256"]) == {"sha256": digest}
        assert await aio.hash_files([path]) == {path: {"sha256": digest}}
        assert (await aio.inspect(path)).tensors == 1
        assert (await shelf.doctor())["checks"]
        await shelf.add_root("models")
        assert [root["files"] for root in await shelf.roots()] == [1]
        await shelf.remove_root("models")
        assert await shelf.get("nothing of that name") is None
        with pytest.raises(modelshelf.NotFound):
            await shelf.update("nothing of that name", notes="x")
        gathered = await asyncio.gather(*(shelf.get(path) for _ in range(50)))
        assert gathered == [await shelf.get(path)] * 50

    asyncio.run(main())


def test_errors_of_files_are_told_on_the_loop(make_file: MakeFile) -> None:
    path = make_file()

    async def main() -> None:
        told: list[tuple[Any, Any]] = []

        def on_error(path: Any, error: Any) -> None:
            asyncio.get_running_loop()
            told.append((path, error.code))

        results = await aio.hash_files([path, "missing"], on_error=on_error)
        assert list(results) == [path] and [each[0] for each in told] == ["missing"]
        with pytest.raises(modelshelf.Error) as caught:
            await aio.hash_files([path, "missing"])
        assert list(caught.value.results) == [path]  # type: ignore[attr-defined]

    asyncio.run(main())


@pytest.mark.parametrize("with_token", [False, True])
def test_a_cancelled_task_stops_its_call(make_file: MakeFile, with_token: bool) -> None:
    large = make_file("large.safetensors", LARGE)
    token = modelshelf.Cancel() if with_token else None

    async def main() -> None:
        begun = asyncio.Event()
        task = asyncio.ensure_future(aio.hash_file(large, progress=lambda _: begun.set(), cancel=token))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The thread is free again: the call has ended and not only been left.
        assert not _pool.stops
        await asyncio.to_thread(_pool.LONG.settle, 1)
        assert _pool.LONG._free == len(_pool.LONG._threads)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.hash_file(large, cancel=token), 0.3)

    asyncio.run(main())
    # A token may serve others too.
    assert token is None or not token.cancelled


def test_a_token_stops_it(make_file: MakeFile) -> None:
    large = make_file("large.safetensors", LARGE)

    async def main() -> None:
        token = modelshelf.Cancel()
        asyncio.get_running_loop().call_later(0.3, token.cancel)
        with pytest.raises(modelshelf.Cancelled):
            await aio.hash_file(large, cancel=token)
        with pytest.raises(modelshelf.Cancelled):
            await aio.hash_file(large, cancel=token)

    asyncio.run(main())


def test_what_waits_for_a_thread_never_begins_when_it_is_cancelled(make_file: MakeFile) -> None:
    large, small = make_file("large.safetensors", LARGE), make_file("small.safetensors")

    async def main() -> None:
        tasks = [asyncio.ensure_future(aio.hash_file(large)) for _ in range(8)]
        waiting = asyncio.ensure_future(aio.hash_file(small))
        await asyncio.sleep(0.2)
        assert len(_pool.LONG._threads) == 8
        # Records are read beside all of them.
        assert await asyncio.wait_for(aio.inspect(small), PATIENCE)
        waiting.cancel()
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, waiting, return_exceptions=True)
        assert {type(end) for end in ends} == {asyncio.CancelledError}
        assert await aio.hash_file(small)

    asyncio.run(main())


def test_progress_is_told_on_the_loop(make_file: MakeFile) -> None:
    large = make_file("large.safetensors", 3 << 30)

    async def main() -> None:
        loop, seen, awaited = asyncio.get_running_loop(), [], []

        def progress(state: aio.Progress) -> None:
            assert asyncio.get_running_loop() is loop
            seen.append(state.bytes)

        async def slow(state: aio.Progress) -> None:
            await asyncio.sleep(0.25)
            awaited.append(state.bytes)

        await aio.hash_file(large, progress=progress)
        assert seen == sorted(seen) and seen[-1] > 0
        await aio.hash_file(large, progress=slow)
        assert 0 < len(awaited)

    asyncio.run(main())


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_an_error_in_progress_comes_out(make_file: MakeFile, is_coroutine: bool) -> None:
    large = make_file("large.safetensors", LARGE)

    def fail(state: aio.Progress) -> None:
        raise LookupError("mine")

    async def fail_later(state: aio.Progress) -> None:
        raise LookupError("mine")

    async def main() -> None:
        with pytest.raises(LookupError, match="mine"):
            await aio.hash_file(large, progress=fail_later if is_coroutine else fail)
        with pytest.raises(TypeError, match="progress"):
            await aio.hash_file(large, progress="yes")  # type: ignore[arg-type]

    asyncio.run(main())


def place(make_file: MakeFile, name: str, **metadata: str) -> Path:
    path = make_file(f"models/LoRA/{name}.part", 64, **metadata)
    path.write_bytes(path.read_bytes())
    target = path.with_suffix("")
    path.rename(target)
    return target


def test_events(library: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path) -> None:
    (tmp_path / "models" / "LoRA").mkdir(parents=True)

    async def main() -> None:
        shelf = await aio.get_manager()
        async with shelf.watch("models") as watch:
            assert await watch.next(timeout=0.05) is None
            waiting = asyncio.ensure_future(watch.next())
            await asyncio.sleep(0.05)
            waiting.cancel()
            paths = [place(make_file, f"{name}.safetensors", note=name) for name in "ab"]
            events = []
            async for event in watch:
                assert (event.event, isinstance(event.model, aio.Model)) == ("added", True)
                events.append(event.path)
                if len(events) == 2:
                    break
            assert sorted(events) == [str(path) for path in paths]
            assert watch.running
        assert await watch.next() is None
        assert not watch.running
        watch = await shelf.watch("models")
        asyncio.get_running_loop().call_later(0.1, lambda: asyncio.ensure_future(watch.stop()))
        assert [event async for event in watch] == []

    asyncio.run(main())


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_events_are_handed_over_on_the_loop(
    library: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path, is_coroutine: bool
) -> None:
    (tmp_path / "models" / "LoRA").mkdir(parents=True)

    async def main() -> None:
        shelf = await aio.get_manager()
        got: asyncio.Queue[str] = asyncio.Queue()

        def on_event(event: aio.WatchEvent) -> None:
            asyncio.get_running_loop()
            got.put_nowait(event.path)
            raise RuntimeError("mine")

        async def later(event: aio.WatchEvent) -> None:
            await asyncio.sleep(0)
            on_event(event)

        async with shelf.watch("models", on_event=later if is_coroutine else on_event) as watch:
            paths = {str(place(make_file, f"{name}.safetensors", note=name)) for name in "ab"}
            assert {await asyncio.wait_for(got.get(), PATIENCE) for _ in paths} == paths
            with pytest.raises(ValueError, match="on_event"):
                await watch.next()

    asyncio.run(main())


def test_the_service(service: CivitaiStandIn, library: modelshelf.Shelf, tmp_path: Path) -> None:
    entry = max(service.files(), key=lambda each: os.path.getsize(os.path.join("library", each["path"])))
    data = Path("library", entry["path"]).read_bytes()
    version = entry["modelVersionId"]

    async def main() -> None:
        civitai = aio.Civitai()
        assert "secret" not in repr(aio.Civitai("secret"))
        models = [model async for model in civitai.models(nsfw=True)]
        assert len({model["id"] for model in models}) == service.models
        assert len([model async for model in civitai.models(nsfw=True, limit=2)]) == 2
        assert [image async for image in civitai.images(model_version_id=version, nsfw="xxx")]
        assert [tag async for tag in civitai.tags(limit=1)] and [each async for each in civitai.creators(limit=1)]
        with pytest.raises(modelshelf.UsageError):
            civitai.models(page=2)
        digest = hashlib.sha256(data).hexdigest()
        found = await civitai.by_hash(digest)
        assert found is not None and found["version_id"] == version
        assert (await civitai.version(version))["id"] == version
        image = await anext(aiter(civitai.images(model_version_id=version, nsfw="xxx")))
        saved = await civitai.save_picture(image["url"], tmp_path / "picture", add_ending=True)
        assert Path(saved).stat().st_size > 0
        got = await civitai.download(f"version:{version}", to=tmp_path / "to")
        assert Path(got).read_bytes() == data
        shelf = await aio.get_manager()
        assert (await shelf.scan("library")).identified > 0
        assert (await shelf.lookup([digest]))[0]["status"] == "found"
        service.misbehave(f"drip:origin=storage:rate={max(1000, len(data) // 20)}")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(shelf.download(f"version:{version}", to=tmp_path / "other"), 0.5)
        assert [path.suffix for path in (tmp_path / "other").iterdir() if path.suffix != ".json"] == [".part"]

    asyncio.run(main())


LEFT = """
import asyncio, modelshelf.aio as aio
async def main():
    shelf = await aio.get_manager()
    watch = await shelf.watch("models")
    begun = asyncio.Event()
    tasks.append(asyncio.ensure_future(aio.hash_file("large.safetensors", progress=lambda _: begun.set())))
    await begun.wait()
    tasks.append(asyncio.ensure_future(watch.next()))
tasks = []
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
print("left", flush=True)
"""


def test_a_program_that_leaves_everything_ends_at_once(make_file: MakeFile, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    make_file("large.safetensors", 200 << 30)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LEFT], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stdout) == (0, "left\n"), done.stderr


INTERRUPTED = """
import asyncio, os, signal, modelshelf.aio as aio
async def main():
    shelf = await aio.get_manager()
    asyncio.get_running_loop().call_later(0.5, os.kill, os.getpid(), signal.SIGINT)
    async for event in shelf.watch("models"):
        pass
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


def test_ctrl_c_ends_a_program_that_waits_for_events(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


def test_a_watch_that_outlives_its_loop_loses_nothing(
    library: modelshelf.Shelf, make_file: MakeFile, tmp_path: Path
) -> None:
    (tmp_path / "models" / "LoRA").mkdir(parents=True)

    async def first() -> aio.Watch:
        watch = await (await aio.get_manager()).watch("models")
        # Waits on when the loop ends.
        assert await watch.next(timeout=0.05) is None
        return watch

    async def second(watch: aio.Watch) -> None:
        paths = {str(place(make_file, f"{name}.safetensors", note=name)) for name in "ab"}
        events = [await watch.next(PATIENCE) for _ in paths]
        assert {event.path for event in events if event is not None} == paths
        await watch.stop()
        assert await watch.next() is None

    asyncio.run(second(asyncio.run(first())))
