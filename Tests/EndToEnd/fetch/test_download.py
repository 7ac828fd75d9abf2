"""Downloads: the right bytes under the right name, whatever happens on the way."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from fetching import (
    BINARY, TOKEN, api_downloads, is_right, model_bytes, sha256, slow, storage_requests, wait_for,
)

LARGE = "SD/large.safetensors"
NO_SPACE = 5
MIDDLE = "LoRA/middle.safetensors"
SMALL = "LoRA/small.safetensors"


def test_a_file_is_fetched_verified_and_registered(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    run = shelf(service).download("version:33", to)
    path = is_right(run, library, LARGE, to)
    assert path.name == "large.safetensors" and run.json["resumed_from"] == 0 and not run.json["already_there"]
    model = run.json["model"]
    assert model["civitai"]["version_id"] == 33 and model["civitai"]["file_id"] == 333
    assert model["civitai"]["status"] == "found" and model["hashes"]["sha256"] == run.json["sha256"]
    assert [entry["range"] for entry in storage_requests(service)] == [None]
    assert len(api_downloads(service)) == 1 and "fileId=333" in api_downloads(service)[0]["path"]
    info = shelf(service).run("info", path, "--json", "--offline")
    assert info.json["civitai"]["model_id"] == 3


@pytest.mark.parametrize(
    "what",
    ["https://civitai.com/models/2", "https://civitai.com/models/2/x?modelVersionId=22", "model:2", "version:22",
     "urn:air:sdxl:lora:civitai:2@22", "https://civitai.com/api/download/models/22?fileId=222&token=0123456789abcdef"],
)
def test_every_way_to_name_it(serve: Any, shelf: Any, library: Path, to: Path, what: str) -> None:
    service = serve()
    run = shelf(service).download(what, to)
    is_right(run, library, MIDDLE, to)
    assert "0123456789abcdef" not in run.out + run.err


def test_by_hash(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    is_right(shelf(serve()).download(sha256(library / SMALL), to), library, SMALL, to)


def test_what_is_there_is_not_fetched_again(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    first = shelf(service).download("version:22", to)
    again = shelf(service).download("version:22", to)
    assert again.json["already_there"] is True and again.json["path"] == first.json["path"]
    assert len(api_downloads(service)) == 1, "it does not count as a download"


def test_another_file_of_the_name_is_never_overwritten(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    to.mkdir()
    (to / "middle.safetensors").write_bytes(b"mine")
    service = serve()
    path = is_right(shelf(service).download("version:22", to), library, MIDDLE, to)
    assert path.name == "middle-2.safetensors" and (to / "middle.safetensors").read_bytes() == b"mine"
    again = shelf(service).download("version:22", to)
    assert again.json["already_there"] is True and again.json["path"] == os.fspath(path)


def test_a_strangers_part_is_left_alone(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    to.mkdir()
    (to / "middle.safetensors.part").write_bytes(b"of another program")
    run = shelf(serve()).download("version:22", to)
    assert Path(run.json["path"]).name == "middle-2.safetensors"
    assert (to / "middle.safetensors.part").read_bytes() == b"of another program"


def test_the_token_goes_to_the_service_alone(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve(require_login=True)
    is_right(shelf(service).download("version:22", to), library, MIDDLE, to)
    for entry in service.requests():
        assert entry["authorization"] == (entry["origin"] == "api"), entry
        assert not entry["token_in_query"] and not entry["cookie"]
    for path in (*to.rglob("*"), *to.parent.joinpath("home").rglob("*")):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes(), path


# What breaks on the way.

BROKEN = {
    "reset in the middle": ["reset-mid:origin=storage:times=4"],
    "cut short": ["truncate:origin=storage:times=4"],
    "reset before the answer": ["reset:origin=storage:times=3"],
    "closed before the answer": ["close:path=/api/download:times=3"],
    "busy storage": ["503:origin=storage:times=3"],
    "busy service": ["503:path=/api/download:times=3"],
    "unresolved once": ["unresolved:times=1"],
    "ignored ranges": ["truncate:origin=storage:times=1", "no-range"],
    "changed tags": ["truncate:origin=storage:times=2", "etag:every=2"],
    "a chain of redirects": ["redirects"],
    "a page from the storage": ["html:origin=storage:times=1"],
    "a page from the service": ["html:path=/api/download:times=1"],
    "wrong bytes once": ["wrong-bytes:times=1"],
    "everything": ["cycle=reset-mid,503,truncate,reset:origin=storage:every=2:times=8"],
}


@pytest.mark.parametrize("faults", BROKEN.values(), ids=BROKEN.keys())
def test_it_survives(serve: Any, shelf: Any, library: Path, to: Path, faults: list[str]) -> None:
    is_right(shelf(serve(faults=faults)).download("version:22", to), library, MIDDLE, to)


def test_a_broken_connection_costs_no_byte_twice(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve(faults=["truncate:origin=storage:times=3"])
    is_right(shelf(service).download("version:33", to), library, LARGE, to)
    size = (library / LARGE).stat().st_size
    assert sum(entry["sent_bytes"] for entry in storage_requests(service)) == size
    assert len(api_downloads(service)) == 1, "the signed address is used again"


def test_an_address_that_ran_out_is_asked_for_again(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve(link_seconds=0.4, faults=["drip:origin=storage:rate=1000000:times=1", "truncate:origin=storage:times=1"])
    service.misbehave("cycle=slow:origin=storage:delay=0.6:times=2", replace=False)
    is_right(shelf(service).download("version:22", to), library, MIDDLE, to)


def test_addresses_that_live_shortly(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve(link_seconds=0.3, faults=["truncate:origin=storage:first=3", "503:origin=storage:after=3:times=1"])
    is_right(shelf(service).download("version:22", to), library, MIDDLE, to)


WRONG: list[tuple[dict[str, Any], str, int, str]] = [
    ({"requireAuth": True}, "unauthorized", 4, "logged in"),
    ({"usageControl": "Generation"}, "unauthorized", 4, "disabled downloads"),
    ({"paidAccess": {"permanent": False, "endsAt": "2099-01-01T00:00:00.000Z"}}, "early_access", 4, "2099-01-01"),
    ({"availability": "Private"}, "forbidden", 4, "access"),
]


@pytest.mark.parametrize(("version", "code", "status", "words"), WRONG)
def test_refusals(
    change: Any, serve: Any, shelf: Any, to: Path, version: dict[str, Any], code: str, status: int, words: str
) -> None:
    change(SMALL, version=version)
    run = shelf(serve(), token=None).download("version:11", to)
    assert (run.code, run.status) == (code, status), run.out
    assert words in run.json["error"]["message"], run.out
    assert not to.exists() or not list(to.iterdir()), "nothing is made for a file that is refused"


def test_a_wrong_key_is_called_wrong(change: Any, serve: Any, shelf: Any, to: Path) -> None:
    service = serve(require_login=True, tokens=["a" * 32])
    run = shelf(service, token="b" * 32).download("version:11", to)
    assert run.code == "unauthorized" and "does not accept the API key" in run.json["error"]["message"]


def test_an_archived_model_is_gone(change: Any, serve: Any, shelf: Any, to: Path) -> None:
    change(SMALL, model={"mode": "Archived"})
    run = shelf(serve()).download("https://civitai.com/models/1?modelVersionId=11", to)
    assert (run.code, run.status) == ("gone", 3), run.out


@pytest.mark.parametrize(
    ("fault", "code"),
    [("paging:path=/api/download", "rate_limited"), ("451:path=/api/download", "region_blocked"),
     ("login", "unauthorized"), ("html:path=/api/download", "bad_response"), ("html:origin=storage", "bad_response"),
     ("404:path=/api/download", "not_found")],
)
def test_what_does_not_pass(serve: Any, shelf: Any, to: Path, fault: str, code: str) -> None:
    run = shelf(serve(faults=[fault])).download("version:11", to)
    assert run.code == code, run.out
    assert not list(to.glob("*.safetensors"))


def test_nothing_of_that_name(serve: Any, shelf: Any, to: Path) -> None:
    run = shelf(serve()).download("version:99999", to)
    assert (run.code, run.status) == ("not_found", 3)


def test_wrong_bytes_are_put_aside(serve: Any, shelf: Any, to: Path) -> None:
    run = shelf(serve(faults=["wrong-bytes"])).download("version:22", to)
    assert (run.code, run.status) == ("hash_mismatch", 1), run.out
    assert [path.name for path in to.iterdir()] == ["middle.safetensors.quarantined"]
    assert run.json["error"]["path"].endswith(".quarantined")


def test_without_a_published_digest_it_is_unverified(change: Any, serve: Any, shelf: Any, library: Path, to: Path) -> None:
    change(MIDDLE, file={"hashes": {}})
    service = serve(faults=["truncate:origin=storage:times=2"], storage_style="r2")
    run = shelf(service).download("version:22", to)
    assert run.status == 0 and run.json["verified"] is False
    assert Path(run.json["path"]).read_bytes() == (library / MIDDLE).read_bytes()
    size = (library / MIDDLE).stat().st_size
    assert sum(entry["sent_bytes"] for entry in storage_requests(service)) == size, "resumed by the tag"


def test_without_a_digest_another_tag_is_another_file(change: Any, serve: Any, shelf: Any, library: Path, to: Path) -> None:
    change(MIDDLE, file={"hashes": {}})
    service = serve(faults=["truncate:origin=storage:times=1", "etag:origin=storage:times=1"], storage_style="r2")
    run = shelf(service).download("version:22", to)
    assert run.status == 0 and Path(run.json["path"]).read_bytes() == (library / MIDDLE).read_bytes()


def test_no_verify(serve: Any, shelf: Any, to: Path) -> None:
    run = shelf(serve(faults=["wrong-bytes"])).download("version:22", to, "--no-verify")
    assert run.status == 0 and run.json["verified"] is False


HOSTILE = ["../../x.safetensors", "/etc/x.safetensors", "C:\\x.safetensors", "..\\..\\x.safetensors", "nul.safetensors",
           "con", "x" * 300 + ".safetensors", "evil\u202egpj.safetensors", "a\u200fb.safetensors", "trailing. . ",
           "..", ".hidden.safetensors", "a:b|c?.safetensors", "é" * 200 + ".safetensors", "-rf.safetensors"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_in_the_folder(change: Any, serve: Any, shelf: Any, library: Path, to: Path, name: str) -> None:
    change(SMALL, file={"overrideName": name})
    run = shelf(serve()).download("version:11", to)
    path = is_right(run, library, SMALL, to)
    assert path.parent == to and len(os.fsencode(path.name)) <= 255
    assert not set(path.name) & set('/\\<>:"|?*\u202e\u200f') and path.name == path.name.strip(" .")
    assert path.name.split(".")[0].lower() not in ("nul", "con") and not path.name.startswith((".", "-"))
    if name.endswith(".safetensors"):
        assert path.suffix == ".safetensors"
    assert sorted(entry.name for entry in to.parent.iterdir() if entry.name != "home") == ["models", "service"]


def test_a_full_disk_is_seen_first(serve: Any, shelf: Any, to: Path) -> None:
    service = serve()
    to.mkdir()
    command = shelf(service)
    script = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"'
    line = ["unshare", "-m", "sh", "-c", script, os.fspath(to)]
    line += [BINARY, "download", "version:22", "--to", os.fspath(to), "--json"]
    done = subprocess.run(line, capture_output=True, text=True, env=command.environment(), timeout=60, check=False)
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "no_space" and done.returncode == NO_SPACE, done.stdout + done.stderr
    assert "free" in error["message"] and not storage_requests(service)


# Stopping and going on.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_orderly_stop_loses_nothing(serve: Any, shelf: Any, library: Path, to: Path, number: int) -> None:
    service = serve()
    slow(service, 20_000_000)
    command = shelf(service)
    process = command.start("download", "version:33", "--to", to, "--json")
    part = to / "large.safetensors.part"
    wait_for(part, 5 << 20)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, out + err
    there = part.stat().st_size
    state = json.loads((to / "large.safetensors.part.json").read_text())
    assert int(state["hash"].split(":")[1]) == there, "the digest covers every byte"
    service.behave()
    run = command.download("version:33", to, "--verbose")
    is_right(run, library, LARGE, to)
    assert run.json["resumed_from"] == there and "hashed again" not in run.err
    assert storage_requests(service)[-1]["range"] == f"bytes={there}-"


def test_killed_at_random_moments(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    command = shelf(service)
    choose = random.Random(7)
    part = to / "large.safetensors.part"
    size = (library / LARGE).stat().st_size
    slow(service, 60_000_000)
    for _ in range(50):
        process = command.start("download", "version:33", "--to", to, "--json", *choose.choice([[], ["--connections", "3"]]))
        time.sleep(choose.uniform(0.01, 0.35))
        process.kill()
        process.communicate()
        whole = list(to.glob("*.safetensors"))
        assert not whole or whole[0].read_bytes() == (library / LARGE).read_bytes(), "under its name it is whole"
        for path in whole:
            path.unlink()
    service.behave()
    run = command.download("version:33", to, "--verbose")
    is_right(run, library, LARGE, to)
    again = [int(line.split()[-4]) for line in run.err.splitlines() if "bytes hashed again" in line]
    assert sum(again) <= 16 << 20, run.err
    sent = sum(entry["sent_bytes"] for entry in storage_requests(service))
    assert sent < size + 50 * (24 << 20) and not part.exists()


def test_a_damaged_state_begins_anew(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 20_000_000)
    command = shelf(service)
    process = command.start("download", "version:33", "--to", to)
    wait_for(to / "large.safetensors.part", 2 << 20)
    process.kill()
    process.communicate()
    service.behave()
    part, state = to / "large.safetensors.part", to / "large.safetensors.part.json"
    document = json.loads(state.read_text())
    document["hash"] = "sha256-1:64:" + "00" * 32 + ":"
    state.write_text(json.dumps(document))
    assert part.stat().st_size > 64
    is_right(command.download("version:33", to), library, LARGE, to)


def test_two_at_once_fetch_it_once(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    slow(service, 40_000_000)
    command = shelf(service)
    both = [command.start("download", "version:33", "--to", to, "--json") for _ in range(2)]
    answers = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    assert [path.name for path in to.iterdir()] == ["large.safetensors"]
    assert (to / "large.safetensors").read_bytes() == (library / LARGE).read_bytes()
    size = (library / LARGE).stat().st_size
    assert sum(entry["sent_bytes"] for entry in storage_requests(service)) < size * 1.3


def test_offline_says_so(serve: Any, shelf: Any, to: Path) -> None:
    run = shelf(serve()).run("download", "version:11", "--to", to, "--json", "--offline")
    assert (run.code, run.status) == ("network", 4)


def test_a_dead_service_is_given_up(shelf: Any, to: Path) -> None:
    run = shelf("http://127.0.0.1:9").download("version:11", to)
    assert (run.code, run.status) == ("network", 4)


def test_the_fallback_when_a_number_leads_nowhere(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve(faults=["404:path=/api/download:times=1"])
    is_right(shelf(service).download("version:22", to), library, MIDDLE, to)
    assert len(api_downloads(service)) == 2


def test_a_large_file_does_not_fill_the_memory(library: Path, serve: Any, shelf: Any, to: Path) -> None:
    (library / LARGE).write_bytes(model_bytes(160 << 20))
    process = shelf(serve()).start("download", "version:33", "--to", to, "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, out + err


# Several connections.


@pytest.mark.parametrize(
    "faults",
    [["slow:delay=0.3:origin=storage"], ["cycle=reset-mid,truncate,503,reset:origin=storage:every=5:times=6"],
     ["no-range"], ["wrong-bytes:times=1"], ["etag:every=3"]],
    ids=["slowly", "broken", "no ranges", "wrong bytes once", "changed tags"],
)
@pytest.mark.parametrize("connections", ["2", "6"])
def test_parts_side_by_side(
    serve: Any, shelf: Any, library: Path, to: Path, faults: list[str], connections: str
) -> None:
    service = serve(faults=faults)
    run = shelf(service).download("version:33", to, "--connections", connections)
    is_right(run, library, LARGE, to)
    if faults[0].startswith("slow"):
        # Where the first part comes at once, one connection may have brought all before the next has begun.
        size = (library / LARGE).stat().st_size
        assert sum(entry["sent_bytes"] for entry in storage_requests(service)) < size * 1.4
        assert len({entry["connection"] for entry in storage_requests(service)}) > 1
        assert len(api_downloads(service)) == 1


def test_parts_side_by_side_killed(serve: Any, shelf: Any, library: Path, to: Path) -> None:
    service = serve()
    command = shelf(service)
    choose = random.Random(11)
    for _ in range(8):
        slow(service, 12_000_000)
        process = command.start("download", "version:33", "--to", to, "--connections", "4")
        time.sleep(choose.uniform(0.05, 0.5))
        process.send_signal(choose.choice([signal.SIGKILL, signal.SIGINT]))
        process.communicate()
    service.behave()
    is_right(command.download("version:33", to, "--connections", "4"), library, LARGE, to)
