"""Broken, lying, unreadable and changing files: each is listed with its code, and everything else is scanned."""

from __future__ import annotations

import base64
import os
import threading
import time
from pathlib import Path
from typing import Any

from harness import Program, finish, grown, require, settle, small_files

from modelshelf.testing.library import make_hostile

#: Root may read everything; without these two it is as other users are (decision 33).
AS_USER = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)


GGUF = "broken/short.gguf"


def codes(answer: dict[str, Any]) -> dict[bytes, str]:
    """The code of every failed file by the bytes of its path."""
    found: dict[bytes, str] = {}
    for entry in answer["failed"]:
        assert set(entry) >= {"path", "code", "message"} and entry["message"]
        raw = base64.b64decode(entry["path_bytes"]) if entry["path_bytes"] else os.fsencode(entry["path"])
        assert raw not in found, f"{entry['path']} is listed twice"
        found[raw] = entry["code"]
    return found


def date_back(folder: Path) -> None:
    for place, _, names in os.walk(os.fsencode(folder)):
        for name in names:
            os.utime(os.path.join(place, name), (1_700_000_000, 1_700_000_000), follow_symlinks=False)


def raw_path(folder: Path, entry: dict[str, Any]) -> bytes:
    name = base64.b64decode(entry["path_bytes"]) if entry["path_bytes"] else entry["path"].encode()
    return os.path.join(os.fsencode(folder), name)


def test_every_problem_has_its_code(folder: Path, tmp_path: Path, program) -> None:
    require("setpriv", "strace")
    manifest = make_hostile(folder)
    gguf = next(entry for entry in manifest["entries"] if entry["path"] == GGUF)
    manifest["entries"].remove(gguf)  # has a test of its own
    (folder / GGUF).unlink()
    closed = folder / "closed.safetensors"
    closed.write_bytes((folder / "shapes/real.safetensors").read_bytes())
    date_back(folder)
    closed.chmod(0)
    shelf = program()
    answer = shelf.run("scan", "--json", folder, prefix=AS_USER)
    assert answer.status == 1, answer
    report = answer.json
    got = codes(report)
    assert got.pop(os.fsencode(closed)) == "unreadable"
    wrong = []
    for entry in manifest["entries"]:
        code = got.pop(raw_path(folder, entry), None)
        right = {entry["code"], *entry["also"]} | ({None} if entry["ignored"] else set())
        if code not in right:
            wrong.append((entry["path"], code, sorted(map(str, right))))
    assert wrong == []
    assert got == {}, "something is listed that is no model file"

    # Everything that is not wrong is hashed, links once.
    records = {
        base64.b64decode(record["path_bytes"]) if record["path_bytes"] else os.fsencode(record["path"]): record
        for record in shelf.ok("list", "--json", "--limit", "1000").json["models"]
    }
    failed = codes(report)
    for entry in manifest["entries"]:
        raw = raw_path(folder, entry)
        if entry["ignored"]:
            assert raw not in records, entry["path"]
        elif raw not in failed and entry["path"] not in ("shapes/hard link.safetensors", "shapes/symlink.safetensors"):
            names = ("shapes/real.safetensors",) if entry["path"].startswith("shapes/real") else ()
            if names and raw not in records:  # one of its two names stands for it
                raw = os.path.join(os.fsencode(folder), b"shapes/hard link.safetensors")
            assert len(records[raw]["hashes"]["sha256"]) == 64, entry["path"]
    shelf.assert_sound()

    # Once more: the same list, and no model file is opened for it.
    trace = tmp_path / "trace"
    strace = ("strace", "-f", "-qq", "-s", "4096", "-e", "trace=open,openat,openat2", "-o", str(trace))
    again = shelf.run("scan", "--json", folder, prefix=(*strace, *AS_USER))
    assert again.status == 1, again
    assert codes(again.json) == failed
    assert again.json["bytes_hashed"] == again.json["changed"] == again.json["new"] == 0
    opened = [line for line in trace.read_text(errors="replace").splitlines() if str(folder) in line]
    # (That the closed one is still closed takes an attempt.)
    read = [line for line in opened if "O_DIRECTORY" not in line and "EACCES" not in line]
    assert opened and read == [], "\n".join(read)

    # What is mended is taken up.
    closed.chmod(0o644)
    (folder / "broken/truncated.safetensors").write_bytes((folder / "shapes/real.safetensors").read_bytes())
    mended = shelf.run("scan", "--json", folder, prefix=AS_USER).json
    assert failed.keys() - codes(mended).keys() == {
        os.fsencode(closed),
        os.fsencode(folder / "broken/truncated.safetensors"),
    }


def test_a_gguf_header_with_absurd_counts(folder: Path, program) -> None:
    manifest = make_hostile(folder)
    entry = next(entry for entry in manifest["entries"] if entry["path"] == GGUF)
    answer = program().run("scan", "--json", "--no-lookup", folder / GGUF)
    assert (answer.status, codes(answer.json)) == (1, {os.fsencode(folder / GGUF): entry["code"]}), answer


def test_a_folder_that_cannot_be_listed(folder: Path, program) -> None:
    """It is listed as unreadable; what is known below it is not missing."""
    require("setpriv")
    small_files(folder / "closed", 3)
    small_files(folder / "open", 3, seed=1)
    shelf = program()
    assert shelf.ok("scan", "--json", "--no-lookup", folder, prefix=AS_USER).json["files"] == 6
    (folder / "closed/part-000").chmod(0)
    try:
        answer = shelf.run("scan", "--json", "--no-lookup", folder, prefix=AS_USER)
    finally:
        (folder / "closed/part-000").chmod(0o755)
    assert answer.status == 1, answer
    assert codes(answer.json) == {os.fsencode(folder / "closed/part-000"): "unreadable"}
    assert (answer.json["files"], answer.json["missing"]) == (3, 0)
    assert shelf.scan(folder, "--no-lookup")["unchanged"] == 6


def test_names_are_bytes(folder: Path, serve, program) -> None:
    """A name that is not UTF-8 is escaped for people and given as bytes in JSON; normal forms are other names."""
    files = small_files(folder, 3)
    raw = os.path.join(os.fsencode(folder), b"caf\xe9 \xff.safetensors")
    os.rename(files[0], raw)
    composed, decomposed = folder / "caf\u00e9.safetensors", folder / "cafe\u0301.safetensors"
    files[1].rename(composed)
    files[2].rename(decomposed)
    line_break = folder / "a\nb\x1b[31m.safetensors"
    line_break.write_bytes(composed.read_bytes())
    shelf = program(serve())
    report = shelf.scan(folder)
    assert report["files"] == report["identified"] == 4

    record = shelf.ok("info", "--json", raw).json
    assert base64.b64decode(record["path_bytes"]) == raw
    assert record["path"] == raw.decode("utf-8", "replace") and "\ufffd" in record["path"]
    text = shelf.ok("info", raw).text
    assert r"caf\xe9 \xff.safetensors" in text
    assert shelf.info(composed)["path"] == str(composed) and shelf.info(composed)["path_bytes"] is None
    assert shelf.info(decomposed)["path"] == str(decomposed)
    assert shelf.info(composed)["hashes"] != shelf.info(decomposed)["hashes"]
    # No control character of a name reaches the terminal.
    assert shelf.info(line_break)["path"] == str(line_break)
    for arguments in (("list",), ("info", line_break), ("search", "caf")):
        out = shelf.ok(*arguments).out
        assert b"\x1b" not in out and b"\xff" not in out
    assert shelf.scan(folder)["unchanged"] == 4


def test_a_failed_file_with_a_name_that_is_not_utf8(folder: Path, program) -> None:
    raw = os.path.join(os.fsencode(folder), b"br\xf6ken.safetensors")
    with open(raw, "wb") as file:
        file.write(b"\x02\0\0")
    shelf = program()
    answer = shelf.run("scan", "--json", folder)
    assert answer.status == 1 and codes(answer.json) == {raw: "corrupt_file"}
    assert r"br\xf6ken.safetensors: corrupt_file" in shelf.run("scan", folder).text


# Files that change under the reader


def start_on(shelf: Program, path: Path, folder: Path) -> Any:
    """A scan that is seen to hash ``path``: it holds the file open while its header is known."""
    process = shelf.start("scan", "--json", "--no-lookup", "--jobs", "1", str(folder))
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            known = shelf.query("SELECT 1 FROM location WHERE stage = 1")
            held = known and any(
                os.readlink(f"/proc/{process.pid}/fd/{name}") == str(path)
                for name in os.listdir(f"/proc/{process.pid}/fd")
            )
        except Exception:  # not there yet, or closed meanwhile
            held = False
        if held:
            return process
        time.sleep(0.002)
    raise AssertionError(f"never seen to hash {path}: {finish(process)}")


def test_truncated_while_it_is_hashed(folder: Path, program) -> None:
    """A mapping would end the process here; the file is reported, or its new bytes are hashed."""
    small_files(folder, 20)
    large = folder / "large.safetensors"
    grown(large, 1 << 30)
    settle([large])
    shelf = program()
    process = start_on(shelf, large, folder)
    os.truncate(large, 1 << 20)
    answer = finish(process)
    assert answer.status in (0, 1), answer
    report = answer.json
    assert report["hashed"] >= 20
    assert set(codes(report)) <= {os.fsencode(large)}
    record = shelf.info(large)
    right = shelf.ok("hash", large).text.split()[0]
    assert record["hashes"]["sha256"] in (None, right)
    if answer.status == 1:
        assert codes(report)[os.fsencode(large)] in ("file_changed", "corrupt_file")
    # What is left of it is no whole model: so says the next scan.
    settle([large])
    later = shelf.run("scan", "--json", "--no-lookup", folder)
    assert (later.status, codes(later.json)) == (1, {os.fsencode(large): "corrupt_file"})
    shelf.assert_sound()


def test_changing_all_the_time(folder: Path, program) -> None:
    """Tried three times, then listed; when its writer is done it is taken up."""
    small_files(folder, 5)
    large = folder / "large.safetensors"
    grown(large, 256 << 20)
    settle([large])
    shelf = program()
    done = threading.Event()

    def write() -> None:
        with open(large, "r+b") as file:
            while not done.wait(0.01):
                file.seek(-1, os.SEEK_END)
                file.write(os.urandom(1))
                file.flush()

    process = start_on(shelf, large, folder)
    writer = threading.Thread(target=write)
    writer.start()
    try:
        answer = finish(process)
    finally:
        done.set()
        writer.join()
    assert (answer.status, codes(answer.json)) == (1, {os.fsencode(large): "file_changed"}), answer
    assert answer.json["hashed"] == 5
    report = shelf.scan(folder, "--no-lookup")
    assert report["hashed"] == 1 and report["failed"] == []
    assert shelf.info(large)["hashes"]["sha256"] == shelf.ok("hash", large).text.split()[0]
