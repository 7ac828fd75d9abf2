"""The list of models, and the other lists."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import pytest

MODELS = "/api/v1/models"


def _many() -> dict[str, Any]:
    """A catalogue of seven models over one file."""

    def model(number: int, **more: Any) -> dict[str, Any]:
        version = {
            "id": 100 + number,
            "name": "v1",
            "baseModel": "Pony" if number % 2 else "SD 1.5",
            "publishedAt": f"2024-01-0{number}T10:20:30.000Z",
            "files": [{"name": f"{number}.safetensors", "hashes": {"SHA256": f"{number:064X}"}}],
        }
        stats = {"thumbsUpCount": number * 10, "downloadCount": 1000 - number}
        base = {
            "id": number,
            "name": f"Model {number}",
            "type": "LORA",
            "nsfwLevel": 1,
            "tags": ["style"],
            "stats": stats,
        }
        return {**base, "creator": {"username": "Some One", "image": None}, "versions": [version], **more}

    extra = [
        model(5, nsfwLevel=28),
        model(6, mode="Archived"),
        model(7, type="Checkpoint", tags=["anime"], checkpointType="Merge"),
        model(8, poi=True),
        model(9, availability="Private"),
    ]
    return {"models": [model(n) for n in (1, 2, 3, 4)] + extra, "unknown": ["[abd].safetensors", "hello.pt"]}


@pytest.fixture
def client(spelled: Any) -> Any:
    catalogue = _many()
    return spelled(catalogue)[1]


def ids(client: Any, query: str) -> list[int]:
    reply = client.get(f"{MODELS}?{query}")
    assert reply.status == 200, reply.body
    return sorted(item["id"] for item in reply.json["items"] if item["id"] < 100)


def test_the_default_is_the_tamest_level_even_by_id(client: Any) -> None:
    assert ids(client, "ids=1,5,6,7,8,9,12345") == [1, 7]
    assert ids(client, "ids=1,5,6,7,8,9,12345&nsfw=true") == [1, 5, 7]
    assert ids(client, "ids=1,5,6&nsfw=1&archived=true") == [1, 5, 6]
    assert ids(client, "ids=1,6&archived=false") == [1, 6], "any text at all counts as true"
    assert ids(client, "ids=1,5,6&nsfw=no") == [1]


def test_filters(client: Any) -> None:
    assert ids(client, "types=Checkpoint") == [7]
    assert ids(client, "types=Checkpoint&types=LORA&tag=ANIME") == [7]
    assert ids(client, "tag=style") == [1, 2, 3, 4]
    assert ids(client, "tag=unheard-of") == [1, 2, 3, 4, 7], "an unknown tag is no filter"
    assert ids(client, "baseModels=Pony") == [1, 3, 7]
    assert ids(client, "baseModels=Pony,SD%201.5") == [], "a comma list is one unknown name"
    assert ids(client, "modelVersionIds=101,103,105") == [1, 3]
    assert ids(client, "username=some_one&checkpointType=Merge") == [7]
    assert ids(client, "period=Week") == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=101",
        "limit=-1",
        "limit=x",
        "types=LORA,Checkpoint",
        "types=lora",
        "checkpointType=Standard",
        "sort=newest",
        "period=Ever",
        "nsfw=maybe",
        "browsingLevel=31",
        "allowNoCredit=true",
        "fileFormats=SafeTensor",
        "ids=one",
        "page=0",
    ],
)
def test_bad_parameters_are_a_400_with_an_object(client: Any, query: str) -> None:
    reply = client.get(f"{MODELS}?{query}")
    assert reply.status == 400
    assert reply.json["error"]["name"] == "ZodError"


def test_errors_of_other_shapes(client: Any) -> None:
    assert client.get(f"{MODELS}?username=nobody").json == {"message": "User not found"}
    assert client.get(f"{MODELS}?favorites=false").json == {"error": "Unauthorized"}
    assert client.get(f"{MODELS}?favorites=false", Authorization="Bearer " + "a" * 32).status == 200
    assert client.get(f"{MODELS}?query=model&page=1").status == 400
    many = client.get(f"{MODELS}?page=11&limit=100")
    assert many.status == 429 and "retry-after" not in many.headers


@pytest.mark.parametrize("sort", ["Highest Rated", "Most Downloaded", "Newest", "Oldest", "Most Images"])
def test_cursors_walk_the_whole_list_once(client: Any, sort: str) -> None:
    seen: list[int] = []
    path = f"{MODELS}?limit=2&sort={quote(sort)}&token=abc"
    for _ in range(10):
        page = client.get(path).json
        seen += [item["id"] for item in page["items"]]
        following = page["metadata"].get("nextPage")
        assert "totalItems" not in page["metadata"]
        if following is None:
            break
        assert "token=abc" in following, "the next page echoes every parameter"
        path = following.removeprefix("http://" + urlsplit(following).netloc)
    assert sorted(number for number in seen if number < 100) == [1, 2, 3, 4, 7]
    assert len(seen) == len(set(seen))
    if sort == "Oldest":
        assert [number for number in seen if number < 100] == [1, 2, 3, 4, 7]


def test_a_cursor_belongs_to_its_sort(client: Any) -> None:
    newest = client.get(f"{MODELS}?limit=2&sort=Newest").json["metadata"]["nextCursor"]
    assert "|" in newest and " " in newest
    reply = client.get(f"{MODELS}?limit=2&cursor={quote(newest)}")
    assert reply.status == 400 and reply.json["message"].startswith("Invalid cursor")


def test_page_moves_nothing(client: Any) -> None:
    first, third = (client.get(f"{MODELS}?limit=2&page={page}").json for page in (1, 3))
    assert first["items"] == third["items"]
    assert third["metadata"]["currentPage"] == 3 and third["metadata"]["pageSize"] == 2
    assert "page=3" in third["metadata"]["nextPage"] and "cursor=" in third["metadata"]["nextPage"]


def test_a_page_may_be_short_while_more_follow(spelled: Any) -> None:
    catalogue = _many()
    catalogue["models"][3]["versions"][0]["files"] = []
    _, client = spelled(catalogue)
    page = client.get(f"{MODELS}?limit=2&types=LORA").json
    assert [item["id"] for item in page["items"]] == [3]
    assert page["metadata"]["nextCursor"]


def test_search_has_offsets_for_cursors(client: Any) -> None:
    page = client.get(f"{MODELS}?query=model&limit=2").json
    assert page["metadata"]["nextCursor"] == "2"
    assert client.get(f"{MODELS}?query=model&limit=2&cursor=nonsense").json["items"] == page["items"]


def test_preferences_of_whoever_sends_a_token(spelled: Any) -> None:
    files = [
        {"path": "LoRA/a.safetensors", "metadata": {"format": "SafeTensor", "size": "pruned", "fp": "fp16"}},
        {"path": "LoRA/b.safetensors", "metadata": {"format": "SafeTensor", "size": "full", "fp": "fp32"}},
    ]
    model = {"id": 6, "name": "M", "nsfwLevel": 1, "versions": [{"id": 5, "files": files}]}
    _, client = spelled({"models": [model], "preferences": {"size": "full", "fp": "fp32"}})

    def primary(**headers: str) -> list[Any]:
        return [
            f.get("primary")
            for f in client.get(f"{MODELS}?ids=6", **headers).json["items"][0]["modelVersions"][0]["files"]
        ]

    assert primary() == [True, None]
    assert primary(Authorization="Bearer " + "a" * 32) == [None, True]


def test_images(spelled: Any) -> None:
    images = [{"id": 1, "nsfwLevel": 1, "meta": {"prompt": "a"}}, {"id": 2, "nsfwLevel": 4}, {"id": 3, "nsfwLevel": 16}]
    _, client = spelled({"files": {"SD/c.*": {"model": {"id": 6}, "version": {"id": 5, "images": images}}}})

    def found(query: str) -> list[int]:
        return sorted(item["id"] for item in client.get(f"/api/v1/images?modelVersionId=5&{query}").json["items"])

    assert found("") == [1]
    assert found("nsfw=true") == [2, 3], "true leaves the tame ones out"
    assert found("browsingLevel=31") == found("nsfw=X") == [1, 2, 3]
    one = client.get("/api/v1/images?modelId=6&withMeta=true").json["items"][0]
    assert one["meta"] == {"id": 1, "meta": {"prompt": "a"}}
    flat = client.get("/api/v1/images?modelId=6&withMeta=true&flatMeta=true").json["items"][0]
    assert flat["meta"] == {"prompt": "a"} and flat["nsfwLevel"] == "None" and flat["modelVersionIds"] == [5]
    assert client.get("/api/v1/images?modelVersionId=5").json["items"][0]["meta"] is None
    assert client.get("/api/v1/images?limit=201").status == 400
    loop = client.get("/api/v1/images?modelVersionId=5&browsingLevel=31&limit=1&page=1").json["metadata"]["nextPage"]
    assert "page=2" in loop and "cursor" not in loop


def test_creators_tags_and_enums(client: Any) -> None:
    creators = client.get("/api/v1/creators?query=some").json
    assert creators["items"][0]["username"] == "Some One"
    assert "username=Some One" in creators["items"][0]["link"], "links are not encoded"
    tags = client.get("/api/v1/tags?limit=1").json
    assert tags["metadata"]["totalItems"] == 0 and "nextPage" not in tags["metadata"]
    assert client.get("/api/v1/tags?limit=1&page=500").json["items"] == []
    assert isinstance(client.get("/api/v1/tags?limit=500").json["error"], list)
    assert "LORA" in client.get("/api/v1/enums").json["ModelType"]
