"""Versions and models by their ids: the same thing in several shapes."""

from __future__ import annotations

import re
from typing import Any

import pytest

V1 = "/api/v1/model-versions"
MODELS = "/api/v1/models"
PAIR = {
    "models": [
        {
            "id": 70,
            "name": "Pair",
            "type": "Checkpoint",
            "versions": [
                {
                    "id": 71,
                    "name": "v2",
                    "trainedWords": [],
                    "description": None,
                    "images": [],
                    "licensingFee": 2,
                    "vae": "VAE/d.safetensors",
                    "files": [
                        "SD/c.safetensors",
                        {"path": "LoRA/b.safetensors", "metadata": {"format": "SafeTensor", "size": "pruned"}},
                    ],
                }
            ],
        }
    ]
}


def test_by_id_and_by_hash_differ_where_the_service_does(spelled: Any, sha: Any) -> None:
    service, client = spelled(PAIR)
    one = client.get(f"{V1}/71").json
    other = client.get(f"{V1}/by-hash/{sha(service, 'c.safetensors')}").json
    assert one["id"] == other["id"] == 71
    assert one["air"].endswith(":checkpoint:civitai:70@71")
    assert not one["files"][0]["scannedAt"].endswith("Z") and other["files"][0]["scannedAt"].endswith("Z")
    assert "overrideName" not in one["files"][0] and "overrideName" in other["files"][0]
    assert (one["licensingFee"], other["licensingFee"]) == (None, 2)
    assert [file["type"] for file in one["files"]] == ["Model", "Model", "VAE"], "a linked VAE is listed by id only"
    assert [file["type"] for file in other["files"]] == ["Model", "Model"]
    assert sorted(file["primary"] for file in other["files"]) == [False, True]
    assert not {"availability", "earlyAccessEndsAt", "earlyAccessConfig"} & set(one)
    plain, spelled_out = sorted((file["downloadUrl"] for file in other["files"]), key=len)
    assert plain.endswith("/api/download/models/71")
    assert "?type=Model&format=SafeTensor" in spelled_out


def test_bad_and_unknown_ids(client: Any) -> None:
    assert client.get(f"{V1}/abc").status == 400
    assert client.get(f"{V1}/0").status == 400
    assert client.get(f"{V1}/1").json == {"error": "Model not found"}
    assert client.get(f"{MODELS}/1").json == {"error": "No model with id 1"}
    assert client.get(f"{MODELS}/99999999999").status == 400


def test_an_unrated_version_is_found_by_its_hash_only(spelled: Any, sha: Any) -> None:
    service, client = spelled({"files": {"LoRA/a.safetensors": {"version": {"id": 5, "nsfwLevel": 0}}}})
    assert client.get(f"{V1}/5").status == 404
    assert client.get(f"{V1}/by-hash/{sha(service, 'a.safetensors')}").json["id"] == 5


@pytest.mark.parametrize(("mode", "gone"), [("Archived", "files"), ("TakenDown", "images")])
def test_archived_and_taken_down(spelled: Any, mode: str, gone: str) -> None:
    images = [{"nsfwLevel": 1}]
    _, client = spelled(
        {"files": {"SD/c.*": {"model": {"id": 6, "mode": mode}, "version": {"id": 5, "images": images}}}}
    )
    version = client.get(f"{V1}/5").json
    assert version["model"]["mode"] == mode
    assert version[gone] == []
    assert ("downloadUrl" in version) == (mode == "TakenDown")
    model = client.get(f"{MODELS}/6").json
    assert model["mode"] == mode
    assert gone not in model["modelVersions"][0], "by id, empty keys are dropped"


def test_the_list_keeps_what_the_single_route_drops(spelled: Any) -> None:
    _, client = spelled(PAIR)
    single = client.get(f"{MODELS}/70").json["modelVersions"][0]
    listed = client.get(f"{MODELS}?ids=70&nsfw=true").json["items"][0]["modelVersions"][0]
    for key in ("trainedWords", "images", "description", "paidAccess"):
        assert key in listed and key not in single
    assert "createdAt" in single and "createdAt" not in listed
    assert None in listed["files"][1]["metadata"].values() and None not in single["files"][1]["metadata"].values()
    assert [file.get("primary", "absent") for file in listed["files"]].count("absent") == 1
    assert all(key not in listed for key in ("modelId", "air", "model"))


def test_licences_are_the_text_of_an_array_and_hidden_counts_are_null(spelled: Any) -> None:
    _, client = spelled({"files": {"SD/c.*": {"model": {"id": 6, "stats": {"downloadCount": None}}}}})
    model = client.get(f"{MODELS}/6").json
    assert re.fullmatch(r"\{[\w,]*\}", model["allowCommercialUse"])
    assert model["stats"]["downloadCount"] is None and model["stats"]["thumbsUpCount"] is not None


def test_pictures_have_ids_in_lists_only_and_their_host_ignores_extensions(
    spelled: Any, service: Any, connect: Any
) -> None:
    images = [{"id": 88, "nsfwLevel": 1}, {"id": 89, "type": "video", "nsfwLevel": 1}]
    running, client = spelled(
        {"files": {"SD/c.*": {"model": {"id": 6, "nsfwLevel": 1}, "version": {"id": 5, "images": images}}}}
    )
    listed = client.get(f"{MODELS}?ids=6").json["items"][0]["modelVersions"][0]["images"]
    single = client.get(f"{MODELS}/6").json["modelVersions"][0]["images"]
    assert listed[0]["id"] == 88 and "id" not in single[0]
    url = client.get(f"{V1}/5").json["images"][0]["url"]
    assert url.endswith("/original=true/88.jpeg")
    host = connect(running.storage_url)
    path = url.removeprefix(running.storage_url)
    assert host.get(path).body.startswith(b"\x89PNG")
    small = host.get(path.replace("original=true", "width=96,optimized=true"))
    assert small.body[16:20] == (96).to_bytes(4, "big")
    video = single[1]["url"].removeprefix(running.storage_url)
    assert host.get(video).headers["content-type"] == "video/mp4"
    assert host.get(video.replace("original=true", "anim=false,transcode=true")).headers["content-type"] == "image/png"


def test_mini(spelled: Any) -> None:
    gate = {"permanent": False, "endsAt": "2099-01-01T00:00:00.000Z"}
    _, client = spelled({"files": {"SD/c.*": {"version": {"id": 5, "requireAuth": True, "paidAccess": gate}}}})
    mini = client.get(f"{V1}/mini/5").json
    assert mini["requireAuth"] and mini["checkPermission"] and mini["earlyAccessEndsAt"] == gate["endsAt"]
    number = client.get(f"{V1}/5").json["files"][0]["id"]
    exact = client.get(f"{V1}/mini/5?modelFileId={number}").json
    assert exact["downloadUrls"][0].endswith(f"/api/download/models/5?fileId={number}")
    assert client.get(f"{V1}/mini/5?epoch=1").status == 400
    assert client.get(f"{V1}/mini/5?modelFileId=1").json == {"error": "Model file 1 not found in version 5"}
    assert client.get("/api/v1/permissions/check?entityIds=5,6").json == {"5": False, "6": False}
    assert client.get("/api/v1/permissions/check").json == []


@pytest.mark.parametrize("method", ["POST", "HEAD", "OPTIONS"])
def test_mixed_routes_insist_on_get_and_public_ones_do_not(client: Any, service: Any, method: str) -> None:
    entry = service.files()[0]
    assert client.ask(method, f"{V1}/{entry['modelVersionId']}").status == 405
    assert client.ask(method, f"{MODELS}").status == 405
    assert client.ask(method, f"{MODELS}/{entry['modelId']}").status == 200


def test_cache_headers_follow_the_class_and_the_session(client: Any, service: Any) -> None:
    version = f"{V1}/{service.files()[0]['modelVersionId']}"
    assert client.get(version).headers["cache-control"] == "public, s-maxage=300, stale-while-revalidate=150"
    known = client.get(version, Authorization="Bearer " + "a" * 32)
    assert known.headers["cache-control"] == "max-age=0, private, no-cache"
    invalid = client.get(version, Authorization="Bearer nonsense")
    assert invalid.status == 200 and "s-maxage" in invalid.headers["cache-control"], "an invalid token is no token"
    assert "s-maxage" in client.get(f"{MODELS}/1").headers["cache-control"], "errors of public routes are cached too"


def test_me_is_the_route_that_knows_tokens(folder: Any, connect: Any) -> None:
    from modelshelf.testing.civitai import CivitaiStandIn

    with CivitaiStandIn(files=folder, tokens=["secret"]) as service:
        client = connect(service.base_url)
        assert client.get("/api/v1/me").json == {"error": "Unauthorized"}
        assert client.get("/api/v1/me", Authorization="Bearer wrong").status == 401
        assert client.get("/api/v1/me", Authorization="Anything secret").json["username"]
        assert client.get("/api/v1/me?token=secret").status == 200
        assert client.get("/api/v1/me?token=secret", Authorization="Bearer wrong").status == 401, "the header wins"
        log = service.requests()
    assert [(entry["authorization"], entry["token_in_query"]) for entry in log[2:4]] == [(True, False), (False, True)]
    assert "secret" not in str(log)


def test_an_unknown_route_is_a_page(client: Any) -> None:
    reply = client.get("/api/v1/nothing")
    assert reply.status == 404 and reply.headers["content-type"].startswith("text/html")
