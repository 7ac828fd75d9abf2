"""Cards for notebooks, made of texts that strangers wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelshelf import Model, ModelList

EVIL = '"><script>alert(1)</script>'


def model(**values: Any) -> Model:
    return Model({"path": f"/models/{EVIL}", "path_bytes": None, "name": EVIL, **values})


def test_everything_is_escaped() -> None:
    html = model(
        type=EVIL,
        base_model=EVIL,
        precision=EVIL,
        size=5,
        trigger_words=[EVIL],
        civitai={"url": f"https://x/{EVIL}", "model_name": EVIL, "description": EVIL},
        preview={"path": EVIL, "url": EVIL, "type": "image", "nsfw_level": 1},
    )._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_only_web_addresses_are_linked() -> None:
    assert "javascript:" not in model(civitai={"url": "javascript:alert(1)", "model_name": "x"})._repr_html_()


def test_a_preview_is_part_of_the_page(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 20)
    assert 'src="data:image/png;base64,' in model(preview={"path": str(picture), "nsfw_level": 1})._repr_html_()
    assert "<img" not in model(preview={"path": str(picture), "nsfw_level": 8})._repr_html_()
    picture.write_bytes(b"<svg onload=alert(1)>")
    assert "<img" not in model(preview={"path": str(picture), "nsfw_level": 1})._repr_html_()


def test_a_record_of_little_is_a_card_too() -> None:
    assert "modelshelf-card" in model()._repr_html_()


def test_a_gallery_has_an_end() -> None:
    html = ModelList([model()] * 100)._repr_html_()
    assert html.count("modelshelf-card") == 60
    assert "and 40 more" in html
    assert ModelList(total=7).total == 7
