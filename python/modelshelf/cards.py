"""Models as HTML for notebooks. Names, words and addresses come from strangers: all of them are escaped."""

from __future__ import annotations

import os
from base64 import b64encode
from html import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .model import Model

#: Pictures are part of the notebook, so large ones are left out.
LARGEST_PICTURE = 2 * 1024 * 1024
#: The gallery of a list shows so many models.
LONGEST_GALLERY = 60
#: Civitai's level for pictures that anybody may see over one's shoulder.
SAFE_LEVEL = 1

_MEDIA = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
}
_CARD = (
    "display:inline-block;vertical-align:top;width:15em;margin:.3em;padding:.6em;border:1px solid #8884;"
    "border-radius:.5em;font:13px sans-serif;overflow-wrap:anywhere"
)


def card(model: Model) -> str:
    """One model: picture, name, what it is, trigger words, link."""
    facts = [model.get("type"), model.get("base_model") or model.get("architecture"), model.get("precision")]
    size = model.get("size")
    if isinstance(size, int):
        facts.append(f"{size / 1e6:.1f} MB")
    parts = [picture(model), f"<b>{escape(str(model.get('name') or ''))}</b>"]
    parts.append(f"<div>{escape(' · '.join(str(each) for each in facts if each))}</div>")
    words = model.get("trigger_words") or []
    if words:
        shown = " ".join(f"<code>{escape(str(word))}</code>" for word in words[:12])
        parts.append(f"<div>{shown}</div>")
    if model.get("missing"):
        parts.append("<div>missing</div>")
    link = civitai_link(model.get("civitai") or {})
    if link:
        parts.append(link)
    return f'<div class="modelshelf-card" style="{_CARD}">{"".join(parts)}</div>'


def gallery(models: Sequence[Model]) -> str:
    """Several models side by side."""
    rest = len(models) - LONGEST_GALLERY
    more = f"<div>and {rest} more</div>" if rest > 0 else ""
    return f'<div class="modelshelf-gallery">{"".join(card(each) for each in models[:LONGEST_GALLERY])}{more}</div>'


def civitai_link(civitai: dict[str, Any]) -> str:
    url = civitai.get("url")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return ""
    text = civitai.get("model_name") or url
    return f'<div><a href="{escape(url)}" rel="noreferrer noopener" target="_blank">{escape(str(text))}</a></div>'


def picture(model: Model) -> str:
    """The preview that lies beside the model, as part of the page; nothing is fetched."""
    preview = model.get("preview") or {}
    path = preview.get("path")
    level = preview.get("nsfw_level")
    if not isinstance(path, str) or (isinstance(level, int) and level > SAFE_LEVEL):
        return ""
    try:
        if os.path.getsize(path) > LARGEST_PICTURE:
            return ""
        with open(path, "rb") as file:
            data = file.read(LARGEST_PICTURE + 1)
    except (OSError, ValueError):
        return ""
    for start, media in _MEDIA.items():
        if data.startswith(start) and len(data) <= LARGEST_PICTURE:
            source = f"data:{media};base64,{b64encode(data).decode()}"
            return f'<img alt="" style="width:100%;border-radius:.3em" src="{source}">'
    return ""
