"""Hasher, beside hashlib and zlib."""

from __future__ import annotations

import array
import hashlib
import hmac
import mmap
import random
import threading
import zlib
from pathlib import Path
from typing import Any, cast

import pytest

import modelshelf
from modelshelf import Hasher

DATA = random.Random(5).randbytes(300_000)


def test_it_is_used_like_those_of_hashlib() -> None:
    ours, theirs = Hasher("sha256"), hashlib.sha256()
    position = 0
    for size in (0, 1, 63, 64, 65, 2047, 2048, 100_000, 197_000):
        piece = DATA[position : position + size]
        position += size
        ours.update(piece)
        theirs.update(piece)
        assert ours.hexdigest() == theirs.hexdigest()
        assert ours.digest() == theirs.digest()
    assert Hasher("sha256", DATA).digest() == hashlib.sha256(DATA).digest()
    assert Hasher().hexdigest() == hashlib.sha256().hexdigest()
    assert (ours.digest_size, ours.block_size) == (theirs.digest_size, theirs.block_size)
    assert hmac.new(b"key", DATA, Hasher).digest() == hmac.new(b"key", DATA, hashlib.sha256).digest()
    for name in ("autov2", "autov3", "blake3", "crc32", "crc32_civitai", "a1111_legacy", "invokeai"):
        hasher = Hasher(name, bytes(2 << 20))
        assert len(hasher.digest() or b"") == hasher.digest_size, name


def test_several_at_once() -> None:
    hasher = Hasher(["sha256", "crc32", "AutoV2"])
    hasher.update(DATA)
    assert hasher.algorithms == ("sha256", "crc32", "autov2")
    assert hasher.name == "sha256,crc32,autov2"
    sha256 = hashlib.sha256(DATA).hexdigest()
    assert hasher.hexdigests() == {"sha256": sha256, "crc32": f"{zlib.crc32(DATA):08x}", "autov2": sha256[:10].upper()}
    assert hasher.hexdigest("crc32") == f"{zlib.crc32(DATA):08x}"
    assert hasher.digest("crc32") == zlib.crc32(DATA).to_bytes(4, "big")
    assert not hasattr(hasher, "digest_size")
    for call in (hasher.digest, hasher.hexdigest):
        with pytest.raises(TypeError, match="name"):
            call()
    with pytest.raises(modelshelf.UsageError, match="blake3"):
        hasher.hexdigest("blake3")


def test_pieces_give_what_the_file_gives(make_file: Any, tmp_path: Path) -> None:
    names = "sha256 tensor_sha256 autov1 autov2 autov3 blake3 crc32 crc32_civitai invokeai a1111_legacy".split()
    other = tmp_path / "other.bin"
    other.write_bytes(DATA * 8)
    for path in (make_file(size=50_000), other):
        hasher = Hasher(names)
        with open(path, "rb") as file:
            while piece := file.read(7777):
                hasher.update(piece)
        assert hasher.hexdigests() == modelshelf.hash_file(path, names)
    assert hasher.digest("tensor_sha256") is None
    assert hasher.hexdigest("tensor_sha256") is None


def test_copies_go_their_own_ways() -> None:
    first = Hasher(["sha256", "blake3"], b"hello ")
    second = first.copy()
    first.update(b"world")
    second.update(b"there")
    assert first.hexdigest("sha256") == hashlib.sha256(b"hello world").hexdigest()
    assert second.hexdigest("sha256") == hashlib.sha256(b"hello there").hexdigest()
    assert second.algorithms == first.algorithms


def test_whatever_has_a_buffer(tmp_path: Path) -> None:
    wanted = hashlib.sha256(DATA).hexdigest()
    path = tmp_path / "f"
    path.write_bytes(DATA)
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        for data in (DATA, bytearray(DATA), memoryview(DATA), mapped, array.array("I", DATA)):
            assert Hasher("sha256", data).hexdigest() == wanted
    assert Hasher("sha256", memoryview(DATA)[100:5000]).hexdigest() == hashlib.sha256(DATA[100:5000]).hexdigest()
    for bad in ("text", 5, None, ["x"]):
        with pytest.raises(TypeError):
            Hasher().update(cast(bytes, bad))
    with pytest.raises(BufferError):
        Hasher().update(memoryview(DATA)[::2])


def test_what_needs_to_know_the_end_is_refused() -> None:
    for name in ("git_sha1", "canonical", "sha257", ""):
        with pytest.raises(modelshelf.UsageError):
            Hasher(name)
    with pytest.raises(TypeError):
        Hasher(5)  # type: ignore[arg-type]


def test_threads_share_one() -> None:
    """Pieces that are all alike give the same in any order, and none may get lost."""
    hasher, piece = Hasher(["sha256", "blake3", "crc32"]), bytes(4096)

    def feed() -> None:
        for _ in range(200):
            hasher.update(piece)

    threads = [threading.Thread(target=feed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert hasher.hexdigest("sha256") == hashlib.sha256(piece * 800).hexdigest()
    assert hasher.hexdigest("crc32") == f"{zlib.crc32(piece * 800):08x}"


@pytest.mark.parametrize("call", ["update", "digest", "hexdigests", "copy"])
def test_whoever_waits_for_another_thread_lets_python_run(call: str) -> None:
    """One thread hashes much, another wants something of the same hasher: the rest of the program goes on."""
    hasher, ticks, done = Hasher("sha256"), [0], threading.Event()
    data = bytes(1 << 28)

    def feed() -> None:
        while not done.is_set():
            hasher.update(data)

    def tick() -> None:
        while not done.wait(0.001):
            ticks[0] += 1

    threads = [threading.Thread(target=feed), threading.Thread(target=tick)]
    for thread in threads:
        thread.start()
    try:
        ask = getattr(hasher, call)
        arguments = (b"few",) if call == "update" else ()
        # A call may come between two updates and wait for nothing; one of a hundred does not.
        for _ in range(100):
            before = ticks[0]
            ask(*arguments)
            if ticks[0] - before >= 5:
                return
        raise AssertionError(f"{call} kept every other thread waiting")
    finally:
        done.set()
        for thread in threads:
            thread.join()
