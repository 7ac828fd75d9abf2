"""Cards for notebooks, made of texts that strangers wrote."""

from __future__ import annotations

import os
import subprocess
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from modelshelf import Model, ModelList, cards, pictures

#: Ways into a page, each in the place of any text.
HOSTILE = [
    '"><script>document.title="ran"</script>',
    "'><img src=x onerror=\"document.title='ran'\">",
    '</code></div></style></textarea><svg/onload=document.title="ran">',
    "<iframe srcdoc='<script>parent.document.title=\"ran\"</script>'>",
    'javascript:document.title="ran"',
    "&lt;script&gt;document.title='ran'&lt;/script&gt;",
    '" onclick="document.title=\'ran\'" onmouseover="document.title=\'ran\'" x="',
    "\u202e<b>\x00\x08\x1b[31m\ud800\udfff",
    "<!--", "]]>", "{{constructor.constructor('document.title=1')()}}", "<math><mtext><table><mglyph><style>",
]
ADDRESSES = [
    "https://a'b\"c<script>/x",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "\x01javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc/passwd", "//evil.example/x", "https:", "http://[",
    "https://x.example/\" onclick=\"alert(1)", "https://x.example/ y",
    # Shown as civitai.com; a browser goes to the other.
    "https://evil.example\\@civitai.com/models/1",
]
#: Every tag and attribute that a card may have.
ALLOWED = {
    "div": {"class", "style", "title"}, "span": {"style"}, "code": {"style", "title", "onclick"}, "img": {"alt", "style", "src"},
    "a": {"style", "href", "rel", "target"},
}


class Reader(HTMLParser):
    """Reads a page and refuses what no card has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, tag
        for name, value in attrs:
            assert name in ALLOWED[tag] and value is not None, (tag, name)
            assert name != "onclick" or value == cards.COPY
            assert name != "src" or value.startswith("data:image/")
            assert name != "style" or "url(" not in value
            if name == "href":
                assert value.startswith(("https://", "http://")), value
                self.links.append(value)
        if tag != "img":
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def model(name: str = "x", **values: Any) -> Model:
    return Model({"path": f"/models/{name}", "path_bytes": None, "name": name, **values})


def hostile(text: str, **values: Any) -> Model:
    civitai = {"url": f"https://x.example/{text}", "model_name": text, "version_name": text, "description": text}
    return model(
        text, type=text, base_model=text, precision=text, format=text, size=5, trigger_words=[text, "word"],
        civitai=civitai, preview={"path": text, "url": text, "type": "image", "nsfw_level": 1}, **values,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_everything_is_escaped(text: str) -> None:
    for html in (hostile(text)._repr_html_(), ModelList([hostile(text)] * 3)._repr_html_()):
        html.encode()
        read = Reader(html)
        # What can be shown is shown, as text.
        shown = "".join(each for each in text if each.isprintable())
        assert shown in "".join(read.texts) or "\ud800" in text


def test_a_file_name_of_any_bytes_is_a_card() -> None:
    model(os.fsdecode(b"\xff\xfe<script>.safetensors"))._repr_html_().encode()


@pytest.mark.parametrize("url", ADDRESSES)
def test_only_web_addresses_are_linked(url: str) -> None:
    assert Reader(model(civitai={"url": url, "model_name": "x"})._repr_html_()).links == []
    assert cards.web_address(url) is None


def test_a_web_address_is_linked() -> None:
    url = "https://civitai.com/models/1?modelVersionId=2&x='"
    assert Reader(model(civitai={"url": url})._repr_html_()).links == [url]


def test_no_browser_runs_what_a_stranger_wrote(tmp_path: Path) -> None:
    every = [hostile(text) for text in HOSTILE] + [model(civitai={"url": url}) for url in ADDRESSES]
    page = tmp_path / "page.html"
    # Clicks everything, and tells what a click on a word selects and copies.
    click = (
        "for (const each of document.querySelectorAll('.modelshelf-gallery *')) if (each.tagName != 'A') each.click();"
        "const words = [...document.querySelectorAll('code')], last = words[words.length - 1];"
        "last.click(); document.body.dataset.selected = getSelection().toString();"
    )
    gallery = ModelList(every)._repr_html_()
    page.write_text(
        f"<!DOCTYPE html><meta charset=utf-8><title>calm</title><body>{gallery}<script>{click}</script>", encoding="utf-8"
    )
    begun = time.monotonic()
    done = subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/browser",
         "--virtual-time-budget=2000", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=False,
    )
    assert done.returncode == 0, (done.stderr, time.monotonic() - begun)
    assert "<title>calm</title>" in done.stdout
    assert 'data-selected="word"' in done.stdout


def test_a_card_says_what_it_is() -> None:
    read = Reader(
        model(
            "file", type="LORA", base_model="SDXL 1.0", precision="fp16", size=228_000_000,
            trigger_words=[f"word {number}" for number in range(40)],
            civitai={"model_name": "Lantern keeper", "version_name": "v2", "url": "https://civitai.com/models/1"},
        )._repr_html_()
    )
    for text in ("Lantern keeper", "v2", "LORA", "SDXL 1.0", "fp16", "228 MB", "word 0", "word 15", "and 24 more"):
        assert text in read.texts, text
    assert read.links == ["https://civitai.com/models/1"]
    for size, text in ((0, "0 bytes"), (48_000, "48 kB"), (6_938_040_706, "6.94 GB")):
        assert text in Reader(model(size=size)._repr_html_()).texts


def test_a_long_name_is_cut_and_shown_on_pointing() -> None:
    name = "a_name_without_any_blank_" * 10
    html = model(name, base_model="b" * 200)._repr_html_()
    assert f'-webkit-line-clamp:3" title="{name}">{name}<' in html
    assert "b" * 40 + "…<" in html


PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20


def test_a_preview_is_part_of_the_page(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    assert 'src="data:image/png;base64,' in model(preview={"path": str(picture), "nsfw_level": 1})._repr_html_()
    assert "<img" not in model(preview={"path": str(picture), "nsfw_level": 8})._repr_html_()
    picture.write_bytes(b"<svg onload=alert(1)>")
    assert "<img" not in model(preview={"path": str(picture), "nsfw_level": 1})._repr_html_()
    picture.write_bytes(PNG.ljust(cards.LARGEST_PICTURE + 1))
    assert "<img" not in model(preview={"path": str(picture), "nsfw_level": 1})._repr_html_()
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", tmp_path, tmp_path / "missing", "\0"):
        assert "<img" not in model(preview={"path": str(path), "nsfw_level": 1})._repr_html_()


def test_what_a_picture_is() -> None:
    wanted = {PNG: "image/png", b"\xff\xd8\xff\xe0": "image/jpeg", b"GIF89a": "image/gif", b"RIFF1234WEBPVP8": "image/webp",
              b"RIFF1234WAVE": None, b"GIF8": None, b"": None, b"<svg": None, b"<html": None}
    assert {data: pictures.media_type(data) for data in wanted} == wanted


def test_the_pictures_of_a_gallery_have_a_bound(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG.ljust(900_000, b"x"))
    html = ModelList([model(preview={"path": str(picture), "nsfw_level": 1})] * 30)._repr_html_()
    assert 1 < html.count("<img") < 10
    assert len(html) < 2 * cards.LARGEST_GALLERY


def test_a_record_of_little_is_a_card_too() -> None:
    assert "modelshelf-card" in model()._repr_html_()
    assert "no models" in ModelList()._repr_html_()


def test_a_gallery_has_an_end() -> None:
    html = ModelList([model()] * 100)._repr_html_()
    assert html.count("modelshelf-card") == 60
    assert "and 40 more" in html
    assert ModelList(total=7).total == 7
