"""Downloads: who may have what, and the storage behind the redirect."""

from __future__ import annotations

import hashlib
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

TOKEN = "Bearer " + "a" * 32
BROWSER = "Mozilla/5.0"


def version(**more: Any) -> dict[str, Any]:
    return {
        "files": {
            "SD/c.safetensors": {
                "model": {"name": "Sea Castle", "type": "Checkpoint"},
                "version": {"id": 5, "name": "v1", **more},
            }
        }
    }


def local(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_redirect_to_another_origin_in_two_styles(spelled: Any, connect: Any, folder: Any) -> None:
    service, client = spelled(version())
    data = (folder / "SD/c.safetensors").read_bytes()
    styles = set()
    for _ in range(2):
        reply = client.get("/api/download/models/5")
        assert reply.status == 307 and reply.headers["cache-control"] == "no-store, max-age=0"
        location = reply.headers["location"]
        assert location.startswith(service.storage_url + "/")
        got = connect(service.storage_url).get(local(location))
        assert got.status == 200 and got.body == data
        assert got.headers["content-disposition"] == 'attachment; filename="seaCastle_v1.safetensors"'
        styles.add((location.split("/")[3], got.headers["etag"]))
    assert {style for style, _ in styles} == {"model", "file"}
    assert len({tag for _, tag in styles}) == 2, "each storage has its own entity tag"


@pytest.fixture
def stored(spelled: Any, connect: Any) -> Any:
    service, client = spelled(version(), storage_style="r2")
    path = local(client.get("/api/download/models/5").headers["location"])
    return connect(service.storage_url), path


def test_ranges(stored: Any, folder: Any) -> None:
    storage, path = stored
    data = (folder / "SD/c.safetensors").read_bytes()
    size = len(data)
    whole = storage.get(path)
    for wish, first, last in (
        ("0-0", 0, 0),
        ("100-", 100, size - 1),
        ("-10", size - 10, size - 1),
        (f"5-{size + 9}", 5, size - 1),
    ):
        part = storage.get(path, Range=f"bytes={wish}")
        assert part.status == 206 and part.body == data[first : last + 1]
        assert part.headers["content-range"] == f"bytes {first}-{last}/{size}"
    beyond = storage.get(path, Range=f"bytes={size}-")
    assert beyond.status == 416 and beyond.headers["content-range"] == f"bytes */{size}"
    tag = whole.headers["etag"]
    assert storage.get(path, Range="bytes=5-", If_Range=tag).status == 206
    assert storage.get(path, Range="bytes=5-", If_Range='"other"').status == 200


def test_storage_refuses_tokens_heads_and_forged_links(stored: Any) -> None:
    storage, path = stored
    assert storage.get(path, Authorization=TOKEN).status == 400
    assert storage.ask("HEAD", path).status == 403
    assert storage.get(path.replace("X-Amz-Signature=", "X-Amz-Signature=0")).status == 403
    assert storage.get("/model/1/x").status == 403


def test_links_expire(spelled: Any, connect: Any) -> None:
    service, client = spelled(version(), link_seconds=0.2)
    path = local(client.get("/api/download/models/5").headers["location"])
    storage = connect(service.storage_url)
    assert storage.get(path).status == 200
    time.sleep(0.25)
    expired = storage.get(path)
    assert expired.status == 403 and b"<Code>ExpiredToken</Code>" in expired.body


GATE = {"permanent": False, "endsAt": "2099-01-01T00:00:00.000Z"}


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"requireAuth": True}, 401, "Unauthorized"),
        ({"usageControl": "Generation"}, 401, "Unauthorized"),
        ({"paidAccess": GATE}, 403, "Early Access"),
        ({"availability": "Private"}, 403, "You do not have access to download this file"),
        ({"status": "Draft"}, 404, "File not found"),
        ({"missingFile": True}, 404, "File not found"),
    ],
)
def test_refusals(spelled: Any, changes: dict[str, Any], status: int, error: str) -> None:
    _, client = spelled(version(**changes))
    reply = client.get("/api/download/models/5")
    assert (reply.status, reply.json["error"]) == (status, error)
    if "paidAccess" in changes:
        assert reply.json["deadline"] == GATE["endsAt"]
    known = client.get("/api/download/models/5", Authorization=TOKEN)
    assert known.status == (307 if "requireAuth" in changes else status)
    if "requireAuth" in changes:
        assert client.get("/api/download/models/5?token=" + "a" * 32).status == 307


def test_archived_unknown_and_bad(spelled: Any) -> None:
    wish = version()
    wish["files"]["SD/c.safetensors"]["model"]["mode"] = "Archived"
    _, client = spelled(wish)
    assert client.get("/api/download/models/5").status == 410
    assert client.get("/api/download/models/77").json == {"error": "File not found"}
    for query in ("type=Nonsense", "format=ZIP", "size=large", "fileId=x"):
        assert client.get(f"/api/download/models/5?{query}").status == 400
    assert client.ask("HEAD", "/api/download/models/5").status == 401


def test_browsers_are_sent_to_a_login_page(spelled: Any) -> None:
    _, client = spelled(version(requireAuth=True))
    path = "/api/download/models/5"
    for agent in (BROWSER, "Knowledge/1.0"):
        hops = []
        path = "/api/download/models/5"
        while (reply := client.get(path, User_Agent=agent)).status in (307, 308):
            path = local(reply.headers["location"])
            hops.append(path)
        assert len(hops) == 2 and reply.status == 200
        assert reply.headers["content-type"].startswith("text/html")
    assert client.get("/api/download/models/77", User_Agent=BROWSER).body == b"File not found"


def test_a_login_for_everything(spelled: Any) -> None:
    _, client = spelled(version(), require_login=True)
    assert client.get("/api/download/models/5").status == 401
    assert client.get("/api/download/models/5", Authorization=TOKEN).status == 307


def test_which_file(spelled: Any, connect: Any, folder: Any) -> None:
    files = [
        {"path": "LoRA/a.safetensors", "metadata": {"format": "SafeTensor", "size": "pruned", "fp": "fp16"}},
        {"path": "LoRA/b.safetensors", "metadata": {"format": "SafeTensor", "size": "full", "fp": "int8"}},
        {"path": "hello.pt", "type": "Config", "metadata": {}},
    ]
    model = {"id": 6, "name": "M", "type": "LORA", "versions": [{"id": 5, "files": files, "vae": "VAE/d.safetensors"}]}
    service, client = spelled({"models": [model], "preferences": {"size": "full"}})
    storage = connect(service.storage_url)

    def served(query: str = "", **headers: str) -> str | int:
        reply = client.get(f"/api/download/models/5{query}", **headers)
        if reply.status != 307:
            return reply.status
        got = storage.get(local(reply.headers["location"]))
        digest = hashlib.sha256(got.body).hexdigest().upper()
        return next(
            entry["path"][len(str(folder)) + 1 :] for entry in service.files() if entry["hashes"]["SHA256"] == digest
        )

    assert served() == "LoRA/a.safetensors"
    assert served(Authorization=TOKEN) == "LoRA/b.safetensors", "a user's preferences pick another file"
    assert served("?type=Config") == "hello.pt"
    assert served("?type=VAE") == "VAE/d.safetensors", "a linked component"
    assert served("?type=Model&format=SafeTensor&fp=int8") == 404, "size is preferred before fp decides"
    numbers = {file["name"]: file["id"] for file in client.get("/api/v1/model-versions/5").json["files"]}
    assert served(f"?fileId={numbers['b.safetensors']}") == "LoRA/b.safetensors"
    assert served("?fileId=1") == 404
    named = client.get(f"/api/download/models/5?fileId={numbers['b.safetensors']}").headers["location"]
    assert 'filename="b.safetensors"' in unquote(named)
