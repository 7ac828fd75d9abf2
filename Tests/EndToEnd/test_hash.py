"""`modelshelf hash` beside sha256sum, b3sum and Python, on files at rest and on files that somebody works on."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path
from typing import Any

import pytest
from harness import finish

#: Every set of features that leads to another choice of kernels; what the processor lacks stays off anyhow.
KERNELS = [
    "portable",
    "sse41",
    "sse41,pclmul",
    "sse41,shani,pclmul",
    "sse41,avx2",
    "sse41,avx2,pclmul,shani",
    "sse41,avx2,avx512",
    "sse41,avx2,avx512,pclmul,vpclmul",
    "sse41,avx2,avx512,pclmul,vpclmul,shani",
    "neon,sha2,crc",
    "",
]


def safetensors(size: int, seed: int) -> bytes:
    header = json.dumps({"w": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    data = (hashlib.shake_128(str(seed).encode()).digest(4096) * (size // 4096 + 1))[:size]
    return struct.pack("<Q", len(header)) + header + data


def truth(data: bytes) -> dict[str, str | None]:
    """All of `all` but BLAKE3, by Python and by the rules of the reference."""
    sha256 = hashlib.sha256(data).hexdigest()
    length = int.from_bytes(data[:8], "little")
    is_safetensors = len(data) >= 8 and 8 + length <= len(data) and data[8:9] == b"{"
    tensors = hashlib.sha256(data[8 + length :]).hexdigest()
    after = tensors if length < 16 << 20 else hashlib.sha256(data[8:]).hexdigest()
    window = hashlib.sha256(data[0x100000:0x110000]).hexdigest()
    crc = zlib.crc32(data)
    return {
        "sha256": sha256,
        "tensor_sha256": tensors if is_safetensors else None,
        "autov1": window[:8].upper() if len(data) >= 0x200000 else None,
        "autov2": sha256[:10].upper(),
        "autov3": after[:12].upper() if len(data) >= 8 else None,
        "crc32": f"{crc:08x}",
        "crc32_civitai": crc.to_bytes(4, "little").hex().upper(),
    }


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, dict[str, str | None]]:
    """Files of many sizes, with what other programs say of them."""
    folder = tmp_path_factory.mktemp("hashing")
    contents = {
        "empty": b"",
        "seven": b"sevenby",
        "zeros": bytes(1 << 21),
        "large.safetensors": safetensors((9 << 20) + 12_345, 1),
        "window.bin": safetensors(0x1FFFFF, 2)[8:],
    }
    for index, size in enumerate([0, 1, 63, 1000, 65_000, 65_536, 300_000, 1_100_000]):
        contents[f"{index}.safetensors"] = safetensors(size, index)
    known = {}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
        known[folder / name] = truth(data)
    for program, key in (("sha256sum", "sha256"), ("b3sum", "blake3")):
        lines = subprocess.run([program, *known], stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
        for path, line in zip(known, lines):
            digest = line.split()[0]
            assert known[path].get(key, digest) == digest
            known[path][key] = digest
    return known


def hashes(answer: Any) -> dict[Path, dict[str, str | None]]:
    assert answer.status == 0, answer
    return {Path(file["path"]): file["hashes"] for file in answer.json["files"]}


@pytest.mark.parametrize("kernels", KERNELS)
def test_every_kernel_on_one_processor_and_on_all(kernels: str, library, program) -> None:
    shelf = program()
    for prefix in ((), ("taskset", "-c", "0")):
        answer = shelf.run("hash", "--algo", "all", "--json", *library, prefix=prefix, MODELSHELF_KERNELS=kernels)
        assert hashes(answer) == library


def test_any_number_of_threads_and_the_background(library, program) -> None:
    shelf = program()
    for options in (["--jobs", "1"], ["--jobs", "3"], ["--jobs", "64"], ["--background"], ["--jobs", "4", "--background"]):
        assert hashes(shelf.run("hash", "--algo", "all", "--json", *options, *library)) == library
    large = max(library, key=lambda path: path.stat().st_size)
    for jobs in ("1", "2", "3", "8"):
        assert hashes(shelf.run("hash", "--algo", "all", "--json", "--jobs", jobs, large)) == {large: library[large]}


def test_many_threads_leave_files_to_be_opened_by_others(program) -> None:
    """On many processors the files that are hashed side by side would be all that a process may have open."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        # In memory: of a disk that turns one file is read at a time.
        path = Path(folder) / "0"
        path.write_bytes(bytes(1 << 20))
        names = [path]
        for number in range(1, 600):
            names.append(Path(folder) / str(number))
            os.link(path, names[-1])
        answer = program().run("hash", "--jobs", "64", *names, prefix=("prlimit", "--nofile=128"))
        assert answer.status == 0 and answer.text.count(hashlib.sha256(bytes(1 << 20)).hexdigest()) == 600, answer


def test_lists_that_others_wrote_are_checked(library, program, tmp_path: Path) -> None:
    shelf = program()
    odd = tmp_path / "line\nbreak \\ and  spaces.safetensors"
    odd.write_bytes(safetensors(100, 3))
    files = [*library, odd]
    for line in (["sha256sum"], ["sha256sum", "--tag"], ["sha256sum", "-b"], ["b3sum"]):
        sums = tmp_path / "sums"
        sums.write_bytes(subprocess.run([*line, *files], stdout=subprocess.PIPE, check=True).stdout)
        good = shelf.run("hash", "--check", sums)
        assert good.status == 0 and good.out.count(b": OK\n") == len(files), good
        digest = library[files[0]]["sha256" if "sha" in line[0] else "blake3"]
        assert digest is not None
        sums.write_bytes(sums.read_bytes().replace(digest.encode(), b"0" * 64, 1))
        bad = shelf.run("hash", "--check", sums)
        assert bad.status != 0 and bad.out.count(b": FAILED\n") == 1, bad
    ours = tmp_path / "ours"
    ours.write_bytes(shelf.run("hash", *files).out)
    assert subprocess.run(["sha256sum", "--check", "--quiet", str(ours)]).returncode == 0


def test_a_list_of_any_length_needs_little_memory(library, program, tmp_path: Path) -> None:
    """In the words of sha256sum, and one document, though it is gone through in portions."""
    shelf = program()
    names = sorted(library, key=lambda path: path.stat().st_size)[:5]
    (tmp_path / "bad").write_bytes(b"other")
    wrong = f"{'0' * 64}  {tmp_path / 'bad'}\n"
    lines = [f"{library[path]['sha256']}  {path}\n" for path in names] * 40_000
    for place in (0, 99_999, len(lines)):
        lines.insert(place, wrong)
    sums = tmp_path / "sums"
    sums.write_text("".join(lines))
    answer = shelf.run("hash", "--check", sums, prefix=(sys.executable, "-c", PEAK))
    theirs = subprocess.run(["sha256sum", "--check", sums], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert answer.status == theirs.returncode == 1
    assert answer.out == theirs.stdout
    assert int(answer.err.split()[-1]) < 100_000, answer.err
    document = shelf.run("hash", "--check", sums, "--json").json
    assert document["ok"] == 200_000 and len(document["files"]) == 200_003 and document["malformed"] == 0
    assert [failure["code"] for failure in document["failed"]] == ["hash_mismatch"] * 3


#: Runs a program and adds its peak of memory in KiB to what it says.
PEAK = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(status)
"""


def test_a_list_may_come_through_a_pipe(library, program, tmp_path: Path) -> None:
    """As the shell's ``--check <(sha256sum …)`` makes one."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", 'exec sha256sum "$@" > "$0"', pipe, *library]) as writer:
        answer = program().run("hash", "--check", pipe)
        assert answer.status == 0 and answer.out.count(b": OK\n") == len(library), answer
        assert writer.wait(10) == 0


def test_a_file_that_is_appended_to(program, tmp_path: Path) -> None:
    """Either refused, or the digest of a state that the file had: never one of a mixture."""
    path = tmp_path / "growing.safetensors"
    piece = os.urandom(1 << 16)
    path.write_bytes(piece * 160)
    stop = threading.Event()

    def append() -> None:
        with open(path, "ab", buffering=0) as file:
            while not stop.is_set() and path.stat().st_size < 1 << 28:
                file.write(piece)
                time.sleep(0.001)

    writer = threading.Thread(target=append)
    writer.start()
    try:
        for jobs in ("1", "2", "1", "2"):
            answer = program().run("hash", "--json", "--jobs", jobs, path)
            for failure in answer.json["failed"]:
                assert failure["code"] == "file_changed", answer
            for file in answer.json["files"]:
                digest = hashlib.sha256()
                with open(path, "rb") as content:
                    digest.update(content.read(file["size"]))
                assert file["hashes"]["sha256"] == digest.hexdigest()
            assert len(answer.json["failed"]) + len(answer.json["files"]) == 1
    finally:
        stop.set()
        writer.join()
    after = program().run("hash", path)
    assert after.status == 0 and after.text.split()[0] == hashlib.sha256(path.read_bytes()).hexdigest()


def sparse(path: Path, size: int) -> Path:
    with open(path, "wb") as file:
        file.truncate(size)
    return path


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_is_truncated_meanwhile(jobs: str, program, tmp_path: Path) -> None:
    size = 1 << 28
    path = sparse(tmp_path / "big.bin", size)
    run = program().start("hash", "--algo", "all", "--json", "--jobs", jobs, path)
    # A little shorter again and again, so that no reading of it can come to its end undisturbed.
    while run.poll() is None:
        size -= 4096
        os.truncate(path, size)
        time.sleep(0.002)
    answer = finish(run)
    assert answer.status != 0
    [failure] = answer.json["failed"]
    assert failure["code"] == "file_changed" and failure["path"] == str(path)


def started(run: subprocess.Popen[bytes]) -> None:
    """Waits until the program has used the processor for a while: it is in the middle of the file."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        fields = Path(f"/proc/{run.pid}/stat").read_text().rpartition(")")[2].split()
        if int(fields[11]) + int(fields[12]) >= 20:
            return
        time.sleep(0.01)
    raise AssertionError("the program did not begin")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_in_ten_gibibytes(jobs: str, program, tmp_path: Path) -> None:
    path = sparse(tmp_path / "sparse.safetensors", 10 << 30)
    run = program().start("hash", "--algo", "all", "--jobs", jobs, path)
    started(run)
    peak = next(
        int(line.split()[1]) for line in Path(f"/proc/{run.pid}/status").read_text().splitlines() if "VmHWM" in line
    )
    run.send_signal(signal.SIGINT)
    answer = finish(run)
    assert answer.status == 130 and answer.out == b"", answer
    assert peak < 100_000


def test_a_folder_for_invokeai(library, program, tmp_path: Path) -> None:
    shelf = program()
    folder = tmp_path / "model"
    parts = []
    for name in ("text_encoder/model.safetensors", "text_encoder-2/model.safetensors", "unet/x.bin"):
        path = folder / name
        path.parent.mkdir(parents=True)
        path.write_bytes(name.encode())
        parts.append(subprocess.run(["b3sum", path], stdout=subprocess.PIPE, check=True, text=True).stdout.split()[0])
    (folder / "model_index.json").write_text("{}")
    composite = subprocess.run(
        ["b3sum"], input="".join(parts), stdout=subprocess.PIPE, check=True, text=True
    ).stdout.split()[0]
    answer = shelf.run("hash", "--algo", "invokeai", "--json", folder)
    assert hashes(answer)[folder]["invokeai"] == f"blake3:{composite}"
    refused = shelf.run("hash", "--json", folder)
    assert refused.json["failed"][0]["code"] == "unreadable"


def test_the_background_has_the_lowest_priority(program, tmp_path: Path) -> None:
    path = sparse(tmp_path / "sparse.bin", 10 << 30)
    run = program().start("hash", "--background", "--jobs", "2", path)
    started(run)
    threads = [stat.read_text().rpartition(")")[2].split() for stat in Path(f"/proc/{run.pid}/task").glob("*/stat")]
    # One waits for signals and does nothing else.
    nice = {int(fields[16]) for fields in threads if int(fields[11]) + int(fields[12]) >= 5}
    run.send_signal(signal.SIGINT)
    assert finish(run).status == 130
    assert nice == {19}


def test_a_library_is_not_left_in_the_page_cache(program, tmp_path: Path) -> None:
    """What was not cached before is not afterwards; what was, is."""
    files = {name: tmp_path / name for name in ("cold.bin", "warm.bin")}
    for path in files.values():
        path.write_bytes(os.urandom(32 << 20))
        with open(path, "rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    if cached(files["cold.bin"]) > 0.1:
        # A file system in memory has no other place for a file: then nothing may be lost.
        assert hashes(program().run("hash", "--json", *files.values())).keys() == set(files.values())
        return
    files["warm.bin"].read_bytes()
    assert program().run("hash", "--algo", "all", *files.values()).status == 0
    assert cached(files["cold.bin"]) < 0.3
    assert cached(files["warm.bin"]) > 0.7


def cached(path: Path) -> float:
    """How much of a file can be read without waiting for a disk."""
    with open(path, "rb") as file:
        present, places = 0, 64
        for index in range(places):
            try:
                os.preadv(file.fileno(), [bytearray(1)], path.stat().st_size // places * index, os.RWF_NOWAIT)
                present += 1
            except BlockingIOError:
                pass
        return present / places
