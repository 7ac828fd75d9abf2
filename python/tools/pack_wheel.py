"""Packs a folder that holds the package into a wheel: pack_wheel.py PYPROJECT STAGE LICENSES README OUT.

LICENSES is a folder of licence texts for ``*.dist-info/licenses``. The result is tagged ``cp310-abi3-linux_x86_64``;
auditwheel gives it its true platform.
"""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import sysconfig
import zipfile
from pathlib import Path

#: The date of every file, so that the same content gives the same wheel.
DATE = (2020, 1, 1, 0, 0, 0)


def main() -> None:
    project, stage, licenses, readme, out = (Path(each) for each in sys.argv[1:])
    facts = read_project(project.read_text())
    name = f"{facts['name']}-{facts['version']}"
    tag = f"cp310-abi3-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
    info = f"{name}.dist-info"
    files = {str(path.relative_to(stage)): path.read_bytes() for path in sorted(stage.rglob("*")) if path.is_file()}
    texts = sorted(path for path in licenses.rglob("*") if path.is_file())
    for path in texts:
        files[f"{info}/licenses/{path.relative_to(licenses)}"] = path.read_bytes()
    names = [str(path.relative_to(licenses)) for path in texts]
    files[f"{info}/METADATA"] = metadata(facts, names, readme.read_text()).encode()
    files[f"{info}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: modelshelf\nRoot-Is-Purelib: false\nTag: {tag}\n"
    ).encode()
    record = f"{info}/RECORD"
    files[record] = "".join(f"{path},{digest(data)},{len(data)}\n" for path, data in files.items()).encode()
    files[record] += f"{record},,\n".encode()
    wheel = out / f"{name}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            entry = zipfile.ZipInfo(path, DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if ".so" in path else 0o644) << 16
            archive.writestr(entry, data)
    print(wheel)


def read_project(text: str) -> dict[str, object]:
    """The few keys of ``[project]`` that are needed; tomllib is newer than the oldest Python."""
    body = text.split("[project]")[1].split("\n[")[0]
    facts: dict[str, object] = dict(re.findall(r'^([a-z-]+) = "(.*)"$', body, re.MULTILINE))
    block = re.search(r"^classifiers = \[(.*?)\]", body, re.MULTILINE | re.DOTALL)
    facts["classifiers"] = re.findall(r'"(.*?)"', block[1]) if block else []
    return facts


def metadata(facts: dict[str, object], licenses: list[str], readme: str) -> str:
    lines = [
        "Metadata-Version: 2.4",
        f"Name: {facts['name']}",
        f"Version: {facts['version']}",
        f"Summary: {facts['description']}",
        f"Requires-Python: {facts['requires-python']}",
        f"License-Expression: {facts['license']}",
        *(f"License-File: {name}" for name in licenses),
        *(f"Classifier: {each}" for each in facts["classifiers"]),  # type: ignore[attr-defined]
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(lines) + "\n\n" + readme


def digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


if __name__ == "__main__":
    main()
