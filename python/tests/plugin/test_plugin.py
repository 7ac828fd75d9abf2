"""The plugin in a stand-in of its host: each test is a process, because the host's modules have plain names."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from modelshelf.testing.civitai import CivitaiStandIn

HOST = Path(__file__).parent / "host"
BEGIN = """
import os, sys, threading, time, logging
logging.basicConfig()
import modelshelf
from driving import *
from modelshelf.plugins.sd_inference_server import attach
host = Host("library")
def attached(**options):
    return attach(host.server, models="library", **options)
def known(name):
    return until(lambda: (plugin.index.summary(name) or {}).get("hash"))
"""
INK = "LoRA/inkWash-000010.safetensors"
DREAMY = "SD/dreamyXL_v10 (fp16).safetensors"
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("PYTHONPATH", os.fspath(HOST))

    def run(code: str, begin: str = BEGIN) -> subprocess.CompletedProcess[str]:
        text = f"{begin}\nINK, DREAMY = {INK!r}, {DREAMY!r}\n{code}"
        done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_metadata_carries_what_is_known(service: CivitaiStandIn, run: Run) -> None:
    run("""
before = host.one("metadata", model=INK)
modelshelf.get_manager().scan("library", previews=True, max_level="pg13")
with attached(watch=False) as plugin:
    known(INK)
    after = host.one("metadata", model=INK)
    assert {key: after[key] for key in before} == before and before["ss_output_name"]
    model = modelshelf.get_manager().get("library/" + INK)
    section = after["modelshelf"]
    assert after["hash"] == "AUTOV2: " + model.hashes["autov2"] and after["hash_type"] == "AUTOV2"
    assert section["hashes"]["sha256"] == model.hashes["sha256"]
    assert section["civitai"]["version_id"] == model.civitai["version_id"]
    assert section["trigger_words"] == model.trigger_words != []
    assert section["preview"]["data"][:4] == b"\\x89PNG" and section["preview"]["media"] == "image/png"
    (answer,) = host.ask("metadata", model="LoRA/nothing.safetensors")
    assert answer["type"] == "error" and "unknown model" in answer["data"]["message"]
assert host.one("metadata", model=INK) == before
""")


def test_options_stay_and_have_a_section_beside(service: CivitaiStandIn, run: Run) -> None:
    run("""
before = host.one("options")
with attached() as plugin:
    short = known(DREAMY)
    after = host.one("options")
    section = after.pop("modelshelf")
    assert after == before
    assert section["ready"] and section["models"][DREAMY]["hash"] == short
    names = {name for kind in ("UNET", "VAE", "LoRA", "SR") for name in before[kind]}
    until(lambda: set(host.one("options")["modelshelf"]["models"]) == names)
    until(lambda: host.one("options")["modelshelf"]["models"][INK]["trigger_words"])
    # A file that comes is there at the next options, as for the server itself.
    os.link("library/" + INK, "library/LoRA/again.safetensors")
    assert "LoRA/again.safetensors" in host.one("options")["LoRA"]
    assert known("LoRA/again.safetensors") == known(INK)
    os.rename("library/LoRA/again.safetensors", "library/LoRA/moved.safetensors")
    host.one("options")
    assert known("LoRA/moved.safetensors") == known(INK)
    assert until(lambda: plugin.index.summary("LoRA/again.safetensors") is None)
assert "callback" not in vars(type(host.parameters))
after = host.one("options")
assert "modelshelf" not in after
""")


def test_images_get_digests(service: CivitaiStandIn, run: Run) -> None:
    run("""
prompt = [[["a cat <lora:inkWash-000010:0.8>", "<lora:nothing:1> x"], ["bad <lora:Lantern_keeper_xl:1>"]]]
before = host.one("txt2img", unet=DREAMY, prompt=prompt)["metadata"]
with attached() as plugin:
    model, ink = known(DREAMY), known(INK)
    (after,) = host.one("txt2img", unet=DREAMY, prompt=prompt)["metadata"]
    assert after["model_hash"] == model and len(model) == 10 and model == model.upper()
    assert after["lora_hashes"]["inkWash-000010"] == ink and "nothing" not in after["lora_hashes"]
    assert {key: after[key] for key in before[0]} == before[0]
    assert (after["model_hash"], after["lora_hashes"]) == (
        modelshelf.get_manager().get_hash("library/" + DREAMY, "autov2"),
        {"inkWash-000010": modelshelf.get_manager().get_hash("library/" + INK, "autov2")})
    (plain,) = host.one("txt2img", model="SD/nobody.safetensors", prompt=[[["a"], ["b"]]])["metadata"]
    assert "model_hash" not in plain and "lora_hashes" not in plain
assert host.one("txt2img", unet=DREAMY, prompt=prompt)["metadata"] == before
""")


def test_downloads_are_ours(service: CivitaiStandIn, run: Run) -> None:
    entry = max(service.files(), key=lambda each: os.path.getsize(os.path.join("library", each["path"])))
    done = run(f"""
import hashlib
VERSION, SIZE = {entry["modelVersionId"]}, {os.path.getsize(os.path.join("library", entry["path"]))}
url = f"https://civitai.com/api/download/models/{{VERSION}}"
secret = "0123456789abcdef0123456789abcdef"
with attached() as plugin:
    os.mkdir("library/VAE") if not os.path.isdir("library/VAE") else None
    for data in ({{}}, {{"civitai_token": secret}}):
        messages = host.ask("download", type="LoRA", url=url, **data)
        statuses = [each["data"]["status"] for each in messages]
        assert statuses[0] == "started" and statuses[-1] == "success", messages
        assert set(statuses[1:-1]) <= {{"progress"}} and {{each["type"] for each in messages}} == {{"download"}}
        done = messages[-1]["data"]
        assert done["name"].startswith("LoRA/") and done["bytes"] == SIZE and done["verified"], done
        data = open(os.path.join("library", done["name"]), "rb").read()
        assert hashlib.sha256(data).hexdigest() == done["sha256"]
        assert modelshelf.get_manager().get_hash("library/" + done["name"]) == done["sha256"]
        os.unlink("library/" + done["name"])
    (_, refused) = host.ask("download", type="../../elsewhere", url=url)
    assert refused["data"]["status"] == "error" and refused["data"]["code"] == "usage", refused
    (_, refused) = host.ask("download", type="LoRA", url="file:///etc/passwd", civitai_token=secret)
    assert refused["data"]["status"] == "error", refused
    assert secret not in repr(refused)
    # Without a type it goes where Civitai says.
    messages = host.ask("download", url=url)
    assert messages[-1]["data"]["name"].split("/")[0] in ("SD", "LoRA", "VAE", "SR", "TI", "CN"), messages[-1]
assert sorted(os.listdir()) == ["home", "library"], os.listdir()
""")
    assert "0123456789abcdef" not in done.stdout + done.stderr
    authorized = [each for each in service.requests() if "0123456789abcdef" in str(each.get("query", "")) + each["path"]]
    assert authorized == []


def test_a_key_for_hugging_face_goes_there_only(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELSHELF_OFFLINE")
    monkeypatch.setenv("HF_TOKEN", "hf_ofTheServersOwnerWhichIsNotTheClients")
    done = run("""
import hashlib, http.server
os.mkdir("models")
host = Host("models")
secret, data = "hf_ofTheClient0123456789abcdef", os.urandom(4096)
asked = {"hub": [], "storage": []}
def site(name, answer):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked[name].append(dict(self.headers))
            answer(self)
        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
def hub(handler):
    handler.send_response(302)
    handler.send_header("Location", storage_url + "/object")
    handler.send_header("X-Linked-Etag", '"' + hashlib.sha256(data).hexdigest() + '"')
    handler.send_header("X-Linked-Size", str(len(data)))
    handler.send_header("Content-Length", "0")
    handler.end_headers()
def storage(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)
storage_url = site("storage", storage)
os.environ["HF_ENDPOINT"] = site("hub", hub)
url = "https://huggingface.co/org/repo/blob/main/x.safetensors"
with attach(host.server, models="models", watch=False, lookup=False) as plugin:
    messages = host.ask("download", type="LoRA", url=url, hf_token=secret)
    assert messages[-1]["data"]["status"] == "success" and messages[-1]["data"]["verified"], messages
    assert open("models/LoRA/x.safetensors", "rb").read() == data
    assert {each.get("Authorization") for each in asked["hub"]} == {"Bearer " + secret}, asked
    assert asked["storage"] and not any(secret in str(each) for each in asked["storage"])
    assert secret not in repr(messages)
    # One that cannot be a key is refused, and not shown.
    (_, refused) = host.ask("download", type="LoRA", url=url, hf_token="odd key")
    assert refused["data"]["code"] == "usage" and "odd" not in repr(refused), refused
    # The next request is somebody else's.
    host.ask("download", type="SD", url=url.replace("x.", "y."))
    assert asked["hub"][-1]["Authorization"] == "Bearer " + os.environ["HF_TOKEN"]
files = [os.path.join(folder, name) for folder, _, names in os.walk(".") for name in names]
assert len(files) > 2 and not any(secret.encode() in open(each, "rb").read() for each in files)
""")
    assert "hf_" not in done.stdout + done.stderr


def test_arguments_in_any_order(service: CivitaiStandIn, run: Run) -> None:
    entry = next(each for each in service.files() if each["path"] and each["path"].endswith(".safetensors"))
    run(f"""
url = "https://civitai.com/api/download/models/{entry["modelVersionId"]}"
def get_metadata(self, *, model):
    return {{"of": model}}
storage.ModelStorage.get_metadata = get_metadata
def do_download(callback, id, folder, request):
    raise AssertionError("the server's own downloader must not be used")
server.do_download = do_download
with attached() as plugin:
    assert host.storage.get_metadata(model=INK)["of"] == INK
    assert "modelshelf" in host.storage.get_metadata(model=INK)
    for call in (lambda tell, data: server.do_download(tell, 3, "library", data),
                 lambda tell, data: server.do_download(request=data, folder="library", id=3, callback=tell)):
        got = []
        call(lambda id, message: got.append((id, message)), {{"type": "VAE", "url": url}})
        until(lambda: got and got[-1][1]["data"]["status"] in ("success", "error"))
        assert {{id for id, _ in got}} == {{3}} and got[-1][1]["data"]["status"] == "success", got
""")


def test_a_host_without_hooks(service: CivitaiStandIn, run: Run) -> None:
    done = run("""
prompt = [[["a <lora:inkWash-000010:0.8>"], ["b"]]]
requests = [("options", {}), ("txt2img", {"unet": DREAMY, "prompt": prompt})]
before = [host.one(kind, **data) for kind, data in requests]
do_download = server.do_download
del storage.ModelStorage.get_metadata, server.do_download, wrapper.GenerationParameters.get_metadata
wrapper.GenerationParameters.get_metadata = property(lambda self: lambda *_: [{"seed": 1}])
queue = host.server.inference.requests
class Slotted:
    __slots__ = ("callback", "__weakref__")
    def __getattr__(self, name):
        return None
    def options(self):
        return self.callback({"type": "options", "data": {}})
with attached() as plugin:
    assert set(host.one("options")) - {"modelshelf"} == set(before[0])
    assert host.one("txt2img", unet=DREAMY, prompt=prompt)["images"] == before[1]["images"]
class Bare:
    pass
for module in (None, Bare()):
    attach(module, models="library", watch=False).detach()
wrapper.GenerationParameters = Slotted
with attached(watch=False) as plugin:
    parameters, got = Slotted(), []
    parameters.callback = got.append
    parameters.options()
    assert got and got[0]["type"] == "options"
del wrapper.GenerationParameters, storage.ModelStorage, server.Server
attach(models="library", watch=False).detach()
""")
    assert "that part of the plugin is off" in done.stderr


def test_requests_of_our_own_are_answered_beside_the_inference(service: CivitaiStandIn, run: Run) -> None:
    run("""
with attached(watch=False) as plugin:
    messages = host.ask("modelshelf", action="scan")
    assert messages[-1]["data"]["status"] == "done", messages[-1]
    assert messages[-1]["data"]["report"]["identified"] > 0
    found = host.one("modelshelf", action="search", text="ink")
    assert found["total"] == 1 and found["models"][0]["file"] == INK and found["status"] == "done"
    assert len(host.one("modelshelf", action="search", limit=3)["models"]) == 3
    info = host.one("modelshelf", action="info", what=INK)["model"]
    assert info["hashes"]["sha256"] == modelshelf.get_manager().get_hash("library/" + INK)
    assert host.one("modelshelf", action="info", what="no such thing")["model"] is None
    results = host.one("modelshelf", action="lookup", what=[info["hashes"]["sha256"], "1" * 64])["results"]
    assert [each["status"] for each in results] == ["found", "not_found"]
    version = results[0]["civitai"]["version_id"]
    messages = host.ask("modelshelf", action="download", what=f"version:{version}", type="VAE")
    assert messages[-1]["data"]["status"] == "done" and messages[-1]["data"]["name"].startswith("VAE/"), messages
    for data in ({}, {"action": "nothing"}, {"action": 5}, {"action": "info"}, {"action": "lookup", "what": 5},
                 {"action": "download", "what": ["x"]}, {"action": "info", "what": "x" * 100000}):
        (answer,) = host.ask("modelshelf", **data)
        assert answer["data"]["status"] in ("error", "done"), answer
    # The inference thread saw none of them, also while it is busy.
    host.server.inference.answer = lambda request: time.sleep(3600)
    host.server.receive("client", 1, {"type": "txt2img", "data": {}})
    until(lambda: host.server.inference.requests.qsize() == 0)
    assert host.one("modelshelf", action="search", text="ink")["status"] == "done"
    assert host.server.inference.requests.qsize() == 0
""")


def test_a_request_can_be_cancelled(service: CivitaiStandIn, run: Run) -> None:
    service.misbehave("drip:origin=storage:rate=2000")
    entry = max(service.files(), key=lambda each: os.path.getsize(os.path.join("library", each["path"])))
    run(f"""
with attached(watch=False) as plugin:
    what = "version:{entry["modelVersionId"]}"
    host.server.receive("client", 7, {{"type": "modelshelf", "data": {{"action": "download", "what": what, "type": "SR"}}}})
    until(lambda: os.path.isdir("library/SR") and any(name.endswith(".part") for name in os.listdir("library/SR")))
    host.server.receive("client", 8, {{"type": "cancel", "data": {{"id": 7}}}})
    last = host.answers(7)[-1]
    assert last["data"]["error"]["code"] == "cancelled", last
    host.server.receive("client", 9, {{"type": "download", "data": {{"url": what, "type": "SR"}}}})
    until(lambda: plugin._requests._running)
# Taking the plugin off ends it too.
assert host.answers(9)[-1]["data"]["code"] == "cancelled"
""")


def test_a_read_only_server_stays_so(service: CivitaiStandIn, run: Run) -> None:
    run("""
host = Host("library", read_only=True)
host.server.owner = "owner"
with attached(watch=False) as plugin:
    for action in ("scan", "download"):
        (answer,) = host.ask("modelshelf", action=action, what="model:1", type="VAE")
        assert "read-only" in answer["data"]["error"]["message"]
    assert host.ask("modelshelf", client="owner", action="scan")[-1]["data"]["status"] == "done"
""")


def test_nothing_it_does_can_break_the_server(service: CivitaiStandIn, run: Run) -> None:
    done = run("""
prompt = [[["a <lora:inkWash-000010:0.8>"], ["b"]]]
requests = [("options", {}), ("metadata", {"model": INK}), ("txt2img", {"unet": DREAMY, "prompt": prompt})]
before = [host.one(kind, **data) for kind, data in requests]
with attached() as plugin:
    known(INK)
    def broken(*_, **__):
        raise RuntimeError("broken on purpose")
    for name in ("see", "summary", "lora", "section", "model"):
        setattr(plugin.index, name, broken)
    plugin._requests.submit = plugin._reads.submit = plugin._records.submit = broken
    assert [host.one(kind, **data) for kind, data in requests] == before
    plugin._requests.take = broken
    host.server.receive("client", 1, {"type": "modelshelf", "data": {"action": "search"}})
    assert host.one("metadata", model=INK) == before[1]
    # Odd requests are the server's to answer.
    for item in (5, (), ("client", 2), ("client", 3, None, 4)):
        assert plugin._take(item, host.server) is False
    # A library that is closed is no reason either.
    modelshelf.get_manager().close()
    assert [host.one(kind, **data) for kind, data in requests] == before
assert [host.one(kind, **data) for kind, data in requests] == before
""")
    assert "broken on purpose" in done.stderr


def test_the_inference_thread_does_not_wait_for_the_library(service: CivitaiStandIn, run: Run) -> None:
    run("""
with attached() as plugin:
    short = known(INK)
    known(DREAMY)
    # Clients that ask for much hold up none of the server's own answers.
    stuck = threading.Event()
    for _ in range(8):
        plugin._reads.submit(stuck.wait)
        plugin._requests.submit(stuck.wait)
    assert "pending" not in host.one("metadata", model=INK)["modelshelf"]
    stuck.set()
    stuck = threading.Event()
    plugin.index.model = lambda name: stuck.wait()
    answer = host.one("metadata", model=INK)
    assert answer["modelshelf"]["pending"] is True and answer["hash"] == "AUTOV2: " + short
    # No call of the core on that thread: from here on any would raise.
    from modelshelf import _native
    thread = host.server.inference.ident
    def guarded(call):
        def guard(*arguments):
            assert threading.get_ident() != thread, "the library was asked on the inference thread"
            return call(*arguments)
        return guard
    for name in ("get", "stored_hash", "list", "search", "scan", "lookup", "download"):
        setattr(_native, name, guarded(getattr(_native, name)))
    prompt = [[["a <lora:inkWash-000010:0.8>"], ["b"]]]
    (image,) = host.one("txt2img", unet=DREAMY, prompt=prompt)["metadata"]
    assert image["lora_hashes"] == {"inkWash-000010": short} and image["model_hash"]
    assert INK in host.one("options")["modelshelf"]["models"]
    host.one("metadata", model=INK)
    stuck.set()
""")


def test_detaching_restores_everything(service: CivitaiStandIn, run: Run) -> None:
    run("""
import server, storage, wrapper
def everything():
    queue = host.server.inference.requests
    return (storage.ModelStorage.__dict__.copy(), wrapper.GenerationParameters.__dict__.copy(), server.do_download,
            server.Server.__dict__.copy(), queue, dict(vars(queue)))
before = everything()
plugin = attached()
known(INK)
assert everything() != before
plugin.detach()
plugin.detach()
assert everything() == before
assert until(lambda: {each.name for each in threading.enumerate()} <= {"MainThread", host.server.inference.name}
             or not any(each.name.startswith("modelshelf") and "read" not in each.name and each.name != "modelshelf-plugin"
                        for each in threading.enumerate()))
# A server that is made after it was attached has it too.
with attach(server, models="library") as plugin:
    host = Host("library")
    assert host.one("modelshelf", action="search", text="ink")["status"] == "done"
    # Somebody else's hook over ours keeps working when ours goes.
    ours = storage.ModelStorage.find_all
    storage.ModelStorage.find_all = lambda self: ours(self)
assert host.one("options")["LoRA"]
""")


def test_attached_twice(service: CivitaiStandIn, run: Run) -> None:
    run("""
import server, storage, wrapper
def everything():
    queue = host.server.inference.requests
    return (storage.ModelStorage.__dict__.copy(), wrapper.GenerationParameters.__dict__.copy(), server.do_download,
            vars(queue).get("put"))
before = everything()
first, second = attached(), attached()
plugin = second
known(INK)
assert host.one("metadata", model=INK)["modelshelf"]["hashes"]["sha256"]
first.detach()
assert host.one("modelshelf", action="search", text="ink")["status"] == "done"
assert host.one("options")["modelshelf"]["models"]
second.detach()
assert everything() == before
# A hook of somebody else's between the two, made as most are, stays.
first = attached(watch=False)
import functools
below = storage.ModelStorage.find_all
calls = []
@functools.wraps(below)
def theirs(self):
    calls.append(1)
    return below(self)
storage.ModelStorage.find_all = theirs
second = attached(watch=False)
first.detach()
second.detach()
assert storage.ModelStorage.find_all is theirs
assert host.one("options")["LoRA"] and calls
""")


def test_a_download_waits_for_no_other_file(service: CivitaiStandIn, run: Run) -> None:
    entry = min(service.files(), key=lambda each: os.path.getsize(os.path.join("library", each["path"])))
    run(f"""
shelf = modelshelf.get_manager()
with attached(watch=False) as plugin:
    assert shelf.get_hash("library/" + INK) is None
    messages = host.ask("download", type="LoRA", url="https://civitai.com/api/download/models/{entry["modelVersionId"]}",
                        civitai_token="0123456789abcdef0123456789abcdef")
    done = messages[-1]["data"]
    assert done["status"] == "success", messages
    assert shelf.get_hash("library/" + done["name"]) == done["sha256"]
    assert done["model"]["hash"] == done["sha256"][:10].upper() and done["model"]["version_id"], done
    assert shelf.get_hash("library/" + INK) is None
""")


def test_a_queue_made_in_c(service: CivitaiStandIn, run: Run) -> None:
    run("""
import queue
host.server.stop()
import server
host.server = server.Server(host.parameters)
plain = host.server.inference.requests = queue.SimpleQueue()
host.server.start()
with attached(watch=False) as plugin:
    assert host.one("modelshelf", action="search", text="x")["total"] == 0
    assert host.one("options")["LoRA"] and host.server.inference.requests.qsize() == 0
assert host.server.inference.requests is plain
""")


@pytest.mark.parametrize("order", ["id, response", "response, request_id", "response"])
def test_the_callback_in_any_order(run: Run, order: str) -> None:
    run(f"""
from modelshelf.plugins.sd_inference_server.downloads import teller
got = []
def callback({order}):
    got.append(response)
teller(callback, 5)({{"type": "x"}})
assert got == [{{"type": "x"}}]
""", begin="")


def test_what_cannot_be_sent_is_made_plain(run: Run) -> None:
    run("""
from driving import check_bson
from modelshelf.plugins.sd_inference_server.documents import plain
deep = []
for _ in range(100):
    deep = [deep]
value = {"a\\0b": (1, {2}), 5: 1 << 70, "s": "x\\udcff", "n": -(1 << 63), "o": object(), "d": deep, "f": 1.5, "b": b"x"}
check_bson(plain(value))
assert plain(value)["n"] == -(1 << 63) and plain(value)["5"] == str(1 << 70)
""", begin="")


def test_the_launcher(service: CivitaiStandIn, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "modelshelf.plugins.sd_inference_server", "--models", "library"]
    command += ["--server", os.fspath(HOST), "--password", "hidden"]
    lines = [
        '{"type": "modelshelf", "data": {"action": "scan"}}',
        '{"type": "modelshelf", "data": {"action": "search", "text": "ink"}}',
        '{"type": "options"}',
    ]
    done = subprocess.run(command, input="\n".join(lines), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    import json

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["root"] for each in answers] == [os.fspath(tmp_path / "library")] * 3
    assert {each["password"] for each in answers} == {"hidden"}
    assert answers[0]["data"]["report"]["files"] > 0
    assert answers[1]["data"]["models"][0]["file"] == INK
    assert INK in answers[2]["data"]["modelshelf"]["models"]


def test_the_launcher_says_what_is_wrong(tmp_path: Path) -> None:
    for options, word in ((["--models", "nothing"], "nothing"), (["--models", ".", "--server", "."], "remote.py")):
        command = [sys.executable, "-m", "modelshelf.plugins.sd_inference_server", *options]
        if "--server" not in options:
            command += ["--server", os.fspath(HOST)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2 and word in done.stderr


def test_the_server_starts_without_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "library" / "LoRA").mkdir(parents=True)
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("MODELSHELF_HOME", os.fspath(tmp_path / "file" / "home"))
    command = [sys.executable, "-m", "modelshelf.plugins.sd_inference_server", "--models", "library"]
    command += ["--server", os.fspath(HOST)]
    done = subprocess.run(command, input='{"type": "options"}', capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert '"sampler"' in done.stdout and "without modelshelf" in done.stderr
