"""What scripts rely on: one JSON document on standard output, its keys, and the exit status."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from harness import finish, grown, settle, small_files

from modelshelf.testing.library import Tensor, make_sample, safetensors_bytes

RECORD = """path path_bytes name size mtime type format architecture base_model precision hashes civitai trigger_words
    training preview user safety duplicates missing sources""".split()
HASHES = "sha256 autov1 autov2 autov3 tensor_sha256 blake3 crc32 crc32_civitai".split()
CIVITAI = """model_id version_id file_id model_name version_name type base_model creator tags trained_words nsfw_level
    description license air url published_at status checked_at source""".split()
SCAN = """files new changed unchanged moved missing hashed bytes_hashed identified not_on_civitai pending failed requests
    seconds""".split()
INSPECT = """path size format type base_model variant precision tensors parameters rank alpha trigger_words training
    metadata claimed_hashes safety confidence evidence alternatives problems""".split()
FAILURE = ["path", "code", "message"]
CODES = """usage not_found unreadable corrupt_file unsafe_file unsupported_format network timeout rate_limited
    unauthorized forbidden early_access gone region_blocked server_error bad_response hash_mismatch no_space store_error
    store_busy ambiguous file_changed offline_root too_large cancelled internal""".split()


def assert_keys(document: dict[str, Any], keys: list[str]) -> None:
    """Every documented key is there; a value that is not known is null and not left out."""
    missing = [key for key in keys if key not in document]
    assert missing == [], f"missing: {missing}"


def assert_record(record: dict[str, Any]) -> None:
    assert_keys(record, RECORD)
    assert_keys(record["hashes"], HASHES)
    assert_keys(record["civitai"], CIVITAI)
    assert record["civitai"]["status"] in ("found", "not_found", "gone", "pending", "ambiguous")
    assert_keys(record["user"], ["tags", "notes", "favorite", "fields"])
    assert_keys(record["safety"], ["verdict", "findings"])
    assert record["safety"]["verdict"] in ("safe", "suspicious", "unsafe", "unscanned")
    forms = {"sha256": 64, "autov1": 8, "autov2": 10, "autov3": 12, "tensor_sha256": 64, "crc32": 8, "crc32_civitai": 8}
    for name, digits in forms.items():
        value = record["hashes"][name]
        if value is not None:
            upper = name in ("autov1", "autov2", "autov3", "crc32_civitai")
            assert len(value) == digits and value == (value.upper() if upper else value.lower()), (name, value)


def test_documents_of_every_command(folder: Path, serve, program) -> None:
    make_sample(folder)
    service = serve()
    shelf = program(service)
    scan = shelf.run("scan", "--json", folder)
    assert scan.status == 1  # the sample has two accidents
    assert_keys(scan.json, SCAN)
    for failure in scan.json["failed"]:
        assert_keys(failure, FAILURE)
        assert failure["code"] in CODES
    assert scan.json["files"] == sum(scan.json[key] for key in ("new", "changed", "unchanged", "moved"))

    page = shelf.ok("list", "--json").json
    assert_keys(page, ["models", "total"])
    assert page["total"] == len(page["models"]) == scan.json["files"]
    for record in page["models"]:
        assert_record(record)
    some = next(record for record in page["models"] if record["civitai"]["status"] == "found")
    path, version = some["path"], some["civitai"]["version_id"]
    assert shelf.ok("search", "--json", "ink").json["total"] >= 1
    for line in (
        ("info", path),
        ("set", path, "notes=x"),
        ("tag", path, "+a"),
        ("unlink", path),
        ("link", path, f"{some['civitai']['model_id']}@{version}"),
    ):
        assert_record(shelf.ok(*line, "--json").json)

    hashed = shelf.ok("hash", "--json", "--algo", "all", path).json
    assert_keys(hashed, ["files", "failed"])
    assert_keys(hashed["files"][0], ["path", "size", "hashes"])
    inspected = shelf.ok("inspect", "--json", path).json
    assert_keys(inspected, ["files", "failed"])
    assert_keys(inspected["files"][0], INSPECT)
    lookup = shelf.ok("lookup", "--json", f"version:{version}").json
    assert_keys(lookup["results"][0], ["query", "status", "civitai"])
    assert_keys(lookup["results"][0]["civitai"], CIVITAI)

    for line in (("roots", "add", f"LORA={folder / 'LoRA'}"), ("roots",), ("roots", "remove", folder / "LoRA")):
        roots = shelf.ok(*line, "--json").json
        for root in roots["roots"]:
            assert_keys(root, ["path", "type", "state", "files"])
    doctor = shelf.ok("doctor", "--json").json
    assert doctor["ok"] is True
    for check in doctor["checks"]:
        assert_keys(check, ["name", "status", "detail", "advice"])
    for line in (("help",), ("help", "scan"), ("scan", "--help"), ("--version",), ("completions", "bash")):
        assert isinstance(shelf.ok(*line, "--json").json, dict)


ERRORS = [
    # exit status, code, line
    (2, "usage", ["frobnicate"]),
    (2, "usage", ["scan", "--frobnicate"]),
    (2, "usage", ["scan"]),
    (2, "usage", ["scan", "--jobs", "many", "."]),
    (2, "usage", ["scan", "--jobs"]),
    (2, "usage", ["info"]),
    (2, "usage", ["info", "a", "b"]),
    (2, "usage", ["hash"]),
    (2, "usage", ["hash", "--algo", "md6", "x"]),
    (2, "usage", ["list", "--type", "Nonsense"]),
    (2, "usage", ["list", "--sort", "nonsense"]),
    (2, "usage", ["list", "--limit", "-1"]),
    (2, "usage", ["search"]),
    (2, "usage", ["lookup", "no hash at all"]),
    (2, "usage", ["link", "x", "nothing"]),
    (2, "usage", ["tag", "x"]),
    (2, "usage", ["set", "x", "novalue"]),
    (2, "usage", ["roots", "frobnicate"]),
    (2, "usage", ["completions", "ash"]),
    (3, "not_found", ["info", "nothing"]),
    (3, "not_found", ["info", "0123456789abcdef" * 4]),
    (3, "not_found", ["set", "nothing", "notes=x"]),
    (3, "not_found", ["tag", "nothing", "+x"]),
    (3, "not_found", ["unlink", "nothing"]),
    (3, "not_found", ["scan", "/there/is/no/such/folder"]),
    (4, "network", ["lookup", "model:1"]),
    (4, "network", ["lookup", "ab" * 32]),
    (4, "network", ["--offline", "lookup", "model:1"]),
]


@pytest.mark.parametrize(("status", "code", "line"), ERRORS, ids=[" ".join(line)[:40] for _, _, line in ERRORS])
def test_error_documents(program, status: int, code: str, line: list[str]) -> None:
    shelf = program()
    answer = shelf.run(*line, "--json")
    assert answer.status == status, answer
    error = answer.json["error"]
    assert_keys(error, ["code", "message", "path", "hint"])
    assert error["code"] == code and error["message"], answer
    # For people: the same on standard error, and nothing on standard output.
    answer = shelf.run(*line)
    assert (answer.status, answer.out) == (status, b""), answer
    assert error["message"] in answer.err, answer


def test_empty_lists_are_no_failure(program) -> None:
    shelf = program()
    assert shelf.ok("list", "--json").json == {"models": [], "total": 0}
    assert shelf.ok("search", "--json", "nothing").json == {"models": [], "total": 0}
    assert shelf.ok("roots", "--json").json == {"roots": []}


def test_a_name_that_fits_two_models(folder: Path, program) -> None:
    for name, seed in (("a", 1), ("b", 2)):
        small_files(folder / name, 1, seed=seed)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    answer = shelf.run("info", "--json", "model-00000")
    assert (answer.status, answer.code) == (3, "ambiguous")
    assert sorted(answer.json["error"]["candidates"]) == sorted(map(str, folder.rglob("*.safetensors")))


def test_some_of_many_failed(folder: Path, program) -> None:
    """Beside something done, what is not there is one failure among others: 1. Where nothing was done: 3."""
    good = small_files(folder, 1)[0]
    gone = folder / "gone.safetensors"
    shelf = program()
    for command in ("hash", "inspect"):
        answer = shelf.run(command, "--json", good, gone)
        assert answer.status == 1, answer
        assert [entry["path"] for entry in answer.json["files"]] == [str(good)]
        assert [(entry["path"], entry["code"]) for entry in answer.json["failed"]] == [(str(gone), "not_found")]
        assert shelf.run(command, "--json", gone).status == 3


def test_a_registered_folder_that_is_away(folder: Path, tmp_path: Path, program) -> None:
    """It is offline: listed, and nothing below it is missing (decision 2)."""
    small_files(folder, 3)
    shelf = program()
    shelf.ok("roots", "add", f"LORA={folder}")
    assert shelf.ok("scan", "--json", "--no-lookup").json["files"] == 3
    folder.rename(tmp_path / "unplugged")
    answer = shelf.run("scan", "--json", "--no-lookup")
    assert answer.status == 1 and [entry["code"] for entry in answer.json["failed"]] == ["offline_root"]
    assert answer.json["missing"] == 0
    assert shelf.ok("roots", "--json").json["roots"][0]["state"] == "offline"
    assert not any(record["missing"] for record in shelf.records().values())
    # A mount point without its disk is the same.
    folder.mkdir()
    answer = shelf.run("scan", "--json", "--no-lookup")
    assert answer.status == 1 and [entry["code"] for entry in answer.json["failed"]] == ["offline_root"]
    assert answer.json["missing"] == 0
    folder.rmdir()
    (tmp_path / "unplugged").rename(folder)
    assert shelf.ok("scan", "--json", "--no-lookup").json["unchanged"] == 3


def test_quiet_and_verbose(folder: Path, program) -> None:
    small_files(folder, 3)
    shelf = program()
    assert shelf.ok("scan", "--json", "--no-lookup", "--quiet", folder).err == ""
    plain = shelf.ok("scan", "--json", "--no-lookup", folder)
    assert "\x1b" not in plain.err and "\r" not in plain.err, "live progress although it is no terminal"
    loud = shelf.ok("scan", "--json", "--no-lookup", "--verbose", folder)
    assert isinstance(loud.json, dict) and len(loud.err) >= len(plain.err)


# Ctrl-C


def _seen_hashing(shelf, process) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            rows = shelf.query("SELECT claim_owner FROM location WHERE stage = 1 AND claim_owner IS NOT NULL")
        except Exception:  # the store is not there yet
            rows = []
        if any(int(owner.split(":")[2]) == process.pid for (owner,) in rows):
            return
        time.sleep(0.005)
    raise AssertionError(f"never seen to hash: {finish(process)}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_interrupted(folder: Path, program, number: int) -> None:
    small = small_files(folder, 30)
    large = folder / "large.safetensors"
    grown(large, 200 << 30)  # hashed in minutes; the headers are known long before
    settle([large])
    shelf = program()
    for _ in range(2):  # the second one starts at once: the first gave its claims back
        process = shelf.start("scan", "--json", str(folder))
        _seen_hashing(shelf, process)
        process.send_signal(number)
        answer = finish(process, patience=15)
        assert answer.status == 130, answer
        assert answer.code == "cancelled"
        assert shelf.query("SELECT count(*) FROM location WHERE claim_owner IS NOT NULL") == [(0,)]
        # What headers told is kept, and so are the digests that were done.
        record = shelf.info(large)
        assert record["format"] == "safetensors" and record["hashes"]["sha256"] is None
        assert all(shelf.info(path)["hashes"]["sha256"] for path in small[:3])
    shelf.assert_sound()
    large.unlink()
    report = shelf.scan(folder, "--no-lookup")
    assert (report["unchanged"], report["bytes_hashed"], report["missing"]) == (30, 0, 1)


def test_interrupted_while_it_asks(folder: Path, serve, program) -> None:
    small_files(folder, 10)
    service = serve(faults=["slow:delay=60:first=1"])
    shelf = program(service)
    process = shelf.start("scan", "--json", str(folder))
    deadline = time.monotonic() + 60
    while not service.requests() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    answer = finish(process, patience=15)
    assert (answer.status, answer.code) == (130, "cancelled"), answer
    assert shelf.query("SELECT count(*) FROM remote WHERE claim_owner IS NOT NULL") == [(0,)]
    report = shelf.scan(folder)
    assert (report["identified"], report["bytes_hashed"]) == (10, 0)


def test_the_reader_of_the_output_goes_away(folder: Path, program) -> None:
    """As `head` does: no trace of a crash."""
    small_files(folder, 300)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    process = shelf.start("list")
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.wait(60) in (0, 141)
    assert process.stderr.read() == b""


def test_json_is_harmless_for_a_terminal(folder: Path, program) -> None:
    """Control characters of names and metadata are escapes, so that the document may be shown as it is."""
    raw = safetensors_bytes({"t": Tensor("U8", (1,))}, {"ss_output_name": "\x1b]0;gone\x07"})
    path = folder / "evil\x1b[2J.safetensors"
    path.write_bytes(raw)
    shelf = program()
    shelf.scan(folder, "--no-lookup")
    for line in (("list",), ("info", path), ("inspect", path)):
        for flag in ((), ("--json",)):
            assert b"\x1b" not in shelf.ok(*line, *flag).out, line
    # The text of hash is for sha256sum to read and has the name as it is, when it goes to no terminal.
    assert b"\x1b" not in shelf.ok("hash", "--json", path).out
    assert shelf.info(path)["path"] == str(path)
