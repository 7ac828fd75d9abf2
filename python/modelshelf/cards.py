"""Models as HTML for notebooks. Names, words and addresses come from strangers: all of them are escaped.

Everything is in the elements' own styles, since notebooks drop style sheets, and works on light and dark pages. The one
piece of script is ours, the same for every word, and takes the word from the page.
"""

from __future__ import annotations

import re
from base64 import b64encode
from html import escape
from urllib.parse import urlsplit

from . import pictures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .model import Model

#: Pictures become part of the notebook's file, so large ones are left out (bytes, before base64).
LARGEST_PICTURE = 1024 * 1024
#: All pictures of a gallery together.
LARGEST_GALLERY = 6 * 1024 * 1024
#: The gallery of a list shows so many models.
LONGEST_GALLERY = 60
#: Civitai's level for pictures that anybody may see over one's shoulder.
SAFE_LEVEL = 1
MOST_WORDS = 16
_LONGEST_TEXT = 300
_LONGEST_BADGE = 40
#: Names of hosts as addresses have them; anything else is no place to send somebody.
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+")
_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1, "bytes"))

#: Copies the word that was clicked; works in frames that may not use the clipboard interface.
COPY = "getSelection().selectAllChildren(this);document.execCommand('copy');this.style.opacity=.5"

_LINE = "rgba(128,128,128,.35)"
_CARD = (
    f"box-sizing:border-box;width:14em;border:1px solid {_LINE};border-radius:.6em;overflow:hidden;"
    "font:13px/1.4 system-ui,sans-serif;overflow-wrap:anywhere;text-align:left"
)
_GALLERY = "display:flex;flex-wrap:wrap;gap:.7em;align-items:stretch"
_PICTURE = "display:block;width:100%;height:14em;object-fit:cover;object-position:50% 20%;margin:0"
_NO_PICTURE = (
    "box-sizing:border-box;height:14em;display:flex;align-items:center;justify-content:center;"
    "background:rgba(128,128,128,.15);opacity:.6;letter-spacing:.06em"
)
#: A longer name is cut after some lines; pointing at it shows the whole.
_LINES = "display:-webkit-box;-webkit-box-orient:vertical;overflow:hidden;-webkit-line-clamp:"
_SMALL = "opacity:.75;font-size:12px"
_BADGE = (
    f"display:inline-block;border:1px solid {_LINE};border-radius:1em;padding:0 .6em;margin:.1em .3em .1em 0;"
    "font-size:12px"
)
_WORD = (
    "display:inline-block;background:rgba(128,128,128,.18);border-radius:.3em;padding:0 .4em;margin:.1em .3em .1em 0;"
    "font:12px/1.6 ui-monospace,monospace;cursor:copy;user-select:all;max-width:100%"
)


def card(model: Model, largest: int = LARGEST_PICTURE) -> str:
    """One model: picture, name, version, what it is, trigger words to copy, link."""
    return _card(model, picture(model, largest))


def gallery(models: Sequence[Model]) -> str:
    """Several models side by side."""
    parts, left = [], LARGEST_GALLERY
    for model in models[:LONGEST_GALLERY]:
        shown = picture(model, min(LARGEST_PICTURE, left))
        left -= len(shown)
        parts.append(_card(model, shown))
    rest = len(models) - LONGEST_GALLERY
    more = f'<div style="{_SMALL};margin:.5em 0">and {rest} more</div>' if rest > 0 else ""
    if not parts:
        return '<div class="modelshelf-gallery">no models</div>'
    return f'<div class="modelshelf-gallery"><div style="{_GALLERY}">{"".join(parts)}</div>{more}</div>'


def _card(model: Model, shown: str) -> str:
    civitai = model.get("civitai") or {}
    name = _text(civitai.get("model_name") or model.get("name") or "")
    parts = [shown or _placeholder(model), '<div style="padding:.6em .8em .8em">']
    parts.append(f'<div style="font-weight:600;{_LINES}3" title="{name}">{name}</div>')
    if civitai.get("version_name"):
        version = _text(civitai["version_name"])
        parts.append(f'<div style="{_SMALL};{_LINES}2" title="{version}">{version}</div>')
    badges = "".join(f'<span style="{_BADGE}">{_text(each, _LONGEST_BADGE)}</span>' for each in _facts(model))
    parts.append(f'<div style="margin:.3em 0">{badges}</div>')
    parts.append(_words(model.get("trigger_words") or []))
    if model.get("missing"):
        parts.append(f'<div style="{_SMALL}">the file is missing</div>')
    parts.append(_link(civitai))
    parts.append("</div>")
    return f'<div class="modelshelf-card" style="{_CARD}">{"".join(parts)}</div>'


def _facts(model: Model) -> list[str]:
    facts = [model.get("type"), model.get("base_model") or model.get("architecture"), model.get("precision")]
    size = model.get("size")
    if isinstance(size, int):
        facts.append(next(f"{size / unit:.3g} {name}" for unit, name in _UNITS if size >= unit or unit == 1))
    return [str(each) for each in facts if each]


def _words(words: Sequence[Any]) -> str:
    if not words:
        return ""
    shown = "".join(
        f'<code style="{_WORD}" title="click to copy" onclick="{COPY}">{_text(word)}</code>'
        for word in words[:MOST_WORDS]
    )
    rest = len(words) - MOST_WORDS
    more = f'<span style="{_SMALL}">and {rest} more</span>' if rest > 0 else ""
    return f'<div style="margin:.3em 0;max-height:9em;overflow:auto">{shown}{more}</div>'


def _link(civitai: dict[str, Any]) -> str:
    url = web_address(civitai.get("url"))
    if url is None:
        return ""
    host = _text(urlsplit(url).hostname or "")
    return f'<div><a style="color:inherit" href="{escape(url)}" rel="noreferrer noopener" target="_blank">{host}</a></div>'


def web_address(url: object) -> str | None:
    """The address if it is one of the web; a link to anything else could run script."""
    # Browsers take a backslash for a slash, so that they go to another host than the one that is shown.
    if not isinstance(url, str) or any(ord(each) <= 32 or ord(each) == 127 or each == "\\" for each in url):
        return None
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.hostname or "") is not None
    except ValueError:
        return None
    return url.encode("utf-8", "replace").decode() if is_web else None


def picture(model: Model, largest: int) -> str:
    """The preview that lies beside the model, as part of the page; nothing is fetched."""
    preview = model.get("preview") or {}
    level = preview.get("nsfw_level")
    if isinstance(level, int) and level > SAFE_LEVEL:
        return ""
    found = pictures.read(preview.get("path"), largest)
    if found is None:
        return ""
    media, data = found
    return f'<img alt="" style="{_PICTURE}" src="data:{media};base64,{b64encode(data).decode()}">'


def _placeholder(model: Model) -> str:
    return f'<div style="{_NO_PICTURE}">{_text(model.get("type") or model.get("format") or "model", _LONGEST_BADGE)}</div>'


def _text(value: object, longest: int = _LONGEST_TEXT) -> str:
    """A stranger's text: short, escaped, without signs that turn or hide what stands around them."""
    text = str(value)
    if len(text) > longest:
        text = text[:longest] + "…"
    kept = "".join(each for each in text if each.isprintable() or each == " " or "\ud800" <= each <= "\udfff")
    # A file name that is not UTF-8 has surrogates, which no page can hold.
    return escape(kept.encode("utf-8", "replace").decode())
