"""Files that a scanner must survive: broken, lying, dangerous, or not files at all.

Each comes with what is expected of a scanner: a code of the error table where it is refused, ``ignored`` where it is no
model file, and neither where it is fine, however odd it looks.
"""

from __future__ import annotations

import base64
import os
import unicodedata
from typing import Any

from .refusals import cases
from .safetensors import Tensor, safetensors_bytes
from .sample import HTML_PAGE, pickle_calling_system

CORRUPT, UNSUPPORTED, UNSAFE = "corrupt_file", "unsupported_format", "unsafe_file"
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"ab" * 32 + b"\nsize 4265146304\n"


class _Folder:
    """Writes things and keeps the list of them."""

    def __init__(self, root: str) -> None:
        self.root = os.fsencode(root)
        self.entries: list[dict[str, Any]] = []
        os.makedirs(self.root, exist_ok=True)
        self._good = 0

    def good(self) -> bytes:
        """A valid little file, another one each time."""
        self._good += 1
        return safetensors_bytes({"emb_params": Tensor("F16", (1, 768), self._good.to_bytes(4, "little"))})

    def where(self, name: str | bytes) -> bytes:
        path = os.path.join(self.root, os.fsencode(name))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return path

    def write(self, name: str | bytes, data: bytes, what: str, code: str | None = None, **more: Any) -> None:
        with open(self.where(name), "wb") as file:
            file.write(data)
        self.note(name, what, code, **more)

    def note(
        self,
        name: str | bytes,
        what: str,
        code: str | None = None,
        also: tuple[str | None, ...] = (),
        ignored: bool = False,
    ) -> None:
        raw = os.fsencode(name)
        text = raw.decode("utf-8", "replace")
        self.entries.append(
            {
                "path": text,
                "path_bytes": None if text.encode() == raw else base64.b64encode(raw).decode(),
                "what": what,
                "code": code,
                "also": list(also),
                "ignored": ignored,
            }
        )


def make_hostile(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Fill ``folder`` and tell, for each thing in it, what a scanner should say.

    ``code`` is the expected error (None: no error), ``also`` lists other codes that are as right (None among them: it
    may be listed, with an unsafe verdict), ``ignored`` means that the thing should not count as a model file.
    """
    into = _Folder(os.fspath(folder))
    for case in cases():
        into.write(f"refusals/{case.name}.safetensors", case.data, case.what, case.code, also=case.also)
    _not_models(into)
    _odd_names(into)
    _not_files(into)
    _company(into)
    return {"root": os.fspath(folder), "kind": "hostile", "files": len(into.entries), "entries": into.entries}


def _not_models(into: _Folder) -> None:
    other = (UNSUPPORTED,)
    into.write("broken/empty.safetensors", b"", "an empty file", CORRUPT)
    into.write("broken/empty.ckpt", b"", "an empty checkpoint", CORRUPT, also=other)
    into.write("broken/truncated.safetensors", into.good()[:-100], "a download that stopped", CORRUPT)
    into.write("broken/truncated in header.safetensors", into.good()[:40], "a download that stopped early", CORRUPT)
    into.write("broken/page.safetensors", HTML_PAGE, "an HTML page saved under a model's name", CORRUPT, also=other)
    refusal = b'{"error":"Unauthorized","message":"The creator of this asset requires you to be logged in"}'
    into.write(
        "broken/refusal.safetensors", refusal, "an error document saved under a model's name", CORRUPT, also=other
    )
    into.write("broken/pointer.safetensors", LFS_POINTER, "a Git LFS pointer", CORRUPT, also=(UNSUPPORTED, "not_found"))
    into.write(
        "broken/archive.safetensors", b"\x1f\x8b\x08\0" + bytes(60), "a gzip archive", UNSUPPORTED, also=(CORRUPT,)
    )
    into.write("broken/old.gguf", b"lmgg" + bytes(60), "an obsolete llama.cpp file", UNSUPPORTED, also=(CORRUPT,))
    into.write("broken/short.gguf", b"GGUF\x03\0\0\0" + b"\xff" * 8, "a GGUF header with absurd counts", CORRUPT)
    into.write("broken/zeros.pt", bytes(4096), "nothing but zeros", CORRUPT, also=other)
    dangerous = pickle_calling_system()
    into.write("unsafe/pickle.ckpt", dangerous, "a pickle that calls a command", UNSAFE, also=(None,))
    into.write(
        "unsafe/disguised.safetensors", dangerous, "the same under a harmless name", UNSAFE, also=(None, CORRUPT)
    )


def _odd_names(into: _Folder) -> None:
    into.write(b"names/caf\xe9.safetensors", into.good(), "a name that is not UTF-8")
    for form in ("NFC", "NFD"):
        into.write(unicodedata.normalize(form, "names/café.safetensors"), into.good(), f"a name in {form}")
    into.write("names/new\nline.safetensors", into.good(), "a line break in a name")
    into.write("names/ leading space.safetensors", into.good(), "a space at the beginning")
    into.write("names/UPPER.SAFETENSORS", into.good(), "an extension in capitals")
    into.write("names/-rf.safetensors", into.good(), "a name like an option")
    into.write("names/" + "x" * 240 + ".safetensors", into.good(), "a long name")


def _not_files(into: _Folder) -> None:
    os.makedirs(into.where("shapes/x.safetensors"), exist_ok=True)
    into.note("shapes/x.safetensors", "a folder with a model's name", ignored=True)
    into.write("shapes/x.safetensors/inner.safetensors", into.good(), "a model in a folder with a model's name")
    into.write("shapes/real.safetensors", into.good(), "a file with two names")
    _fresh(into, "shapes/hard link.safetensors", lambda path: os.link(into.where("shapes/real.safetensors"), path))
    into.note("shapes/hard link.safetensors", "the other name of it")
    _fresh(into, "shapes/symlink.safetensors", lambda path: os.symlink("real.safetensors", path))
    into.note("shapes/symlink.safetensors", "a link to it")
    _fresh(into, "shapes/loop", lambda path: os.symlink("..", path))
    into.note("shapes/loop", "a link to the folder above: a cycle", ignored=True)
    _fresh(into, "shapes/itself.safetensors", lambda path: os.symlink("itself.safetensors", path))
    into.note("shapes/itself.safetensors", "a link to itself", also=("unreadable", "not_found"), ignored=True)
    _fresh(into, "shapes/dangling.safetensors", lambda path: os.symlink("nowhere.safetensors", path))
    into.note("shapes/dangling.safetensors", "a link to nothing", also=("unreadable", "not_found"), ignored=True)
    _fresh(into, "shapes/pipe.safetensors", os.mkfifo)
    into.note(
        "shapes/pipe.safetensors", "a FIFO: opening it to read would block for ever", also=("unreadable",), ignored=True
    )


def _fresh(into: _Folder, name: str, make: Any) -> None:
    """Make something that must not exist yet, so that a second run works too."""
    path = into.where(name)
    if os.path.lexists(path):
        os.unlink(path)
    make(path)


def _company(into: _Folder) -> None:
    """What lies beside models and is none."""
    for extension in (".part", ".crdownload", ".aria2", ".tmp"):
        into.write(f"company/coming.safetensors{extension}", into.good()[:512], "a partial download", ignored=True)
    into.write(".hidden/secret.safetensors", into.good(), "a model in a hidden folder", ignored=True)
    into.write("company/._mac.safetensors", bytes(4096), "a resource fork", ignored=True)
    into.write("company/fine.safetensors", into.good(), "a model with company")
    for name in ("fine.civitai.info", "fine.json", "fine.metadata.json", "fine.safetensors.metadata.json", "fine.txt"):
        into.write(f"company/{name}", b"{}", "a sidecar", ignored=True)
    into.write("company/fine.preview.png", b"\x89PNG\r\n\x1a\n", "a preview", ignored=True)
    into.write("company/broken.civitai.info", b'{"id": ', "a sidecar that is no JSON", ignored=True)
