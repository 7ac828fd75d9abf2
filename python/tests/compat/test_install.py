"""The drop-in modules under the old names: in a process, and in a server's folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelshelf.compat import NAMES
from modelshelf.compat.__main__ import main

Tree = dict[str, tuple[str, bytes | str, int]]


def tree(folder: Path) -> Tree:
    """Everything in a folder: kind, content, modification time."""
    found: Tree = {}
    for path in sorted(folder.rglob("*")):
        key = os.fspath(path.relative_to(folder))
        time = path.lstat().st_mtime_ns
        if path.is_symlink():
            found[key] = ("link", os.readlink(path), time)
        elif path.is_dir():
            found[key] = ("folder", "", 0)
        else:
            found[key] = ("file", path.read_bytes(), time)
    return found


@pytest.fixture
def server(tmp_path: Path) -> Path:
    folder = tmp_path / "server"
    (folder / "GUI" / "source").mkdir(parents=True)
    (folder / "GUI" / "source" / "model_manager.py").write_text("from PyQt5.QtCore import QObject\n")
    (folder / "server.py").write_text("import model_metadata\n")
    (folder / "model_metadata.py").write_bytes(b"# an old one\r\nget_manager = None\r\n")
    (folder / "civitai_integration.py").write_bytes(b"")
    return folder


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, timeout=60, cwd=cwd
    )


def test_install_and_uninstall_byte_for_byte(server: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = tree(server)
    assert main(["install", os.fspath(server)]) == 0
    assert "model_metadata.py.orig" in capsys.readouterr().out
    assert (server / "model_metadata.py.orig").read_bytes() == b"# an old one\r\nget_manager = None\r\n"
    assert sorted(set(tree(server)) - set(before)) == [
        "auto_model_detector.py",
        "civitai_integration.py.orig",
        "colab_civitai_setup.py",
        "model_manager.py",
        "model_metadata.py.orig",
    ]
    assert tree(server)["GUI/source/model_manager.py"] == before["GUI/source/model_manager.py"]
    assert main(["uninstall", os.fspath(server)]) == 0
    assert tree(server) == before
    assert main(["uninstall", os.fspath(server)]) == 0
    assert "nothing was installed" in capsys.readouterr().out
    assert tree(server) == before


def test_twice_is_once(server: Path) -> None:
    before = tree(server)
    main(["install", os.fspath(server)])
    once = tree(server)
    assert main(["install", os.fspath(server)]) == 0
    assert tree(server) == once
    main(["uninstall", os.fspath(server)])
    assert tree(server) == before


def test_an_edited_module(server: Path, home: Path) -> None:
    before = tree(server)
    main(["install", os.fspath(server)])
    edited = server / "model_metadata.py"
    edited.write_bytes(edited.read_bytes() + b"MINE = 1\n")
    text = edited.read_bytes()
    assert main(["install", os.fspath(server)]) == 0
    assert edited.read_bytes() == text
    assert main(["uninstall", os.fspath(server)]) == 0
    assert tree(server) == before
    (kept,) = (home / "edited").iterdir()
    assert kept.read_bytes() == text


def test_a_module_that_was_replaced_by_hand(server: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["install", os.fspath(server)])
    (server / "model_metadata.py").write_text("# a new one\n")
    capsys.readouterr()
    main(["uninstall", os.fspath(server)])
    assert "is not ours any more" in capsys.readouterr().out
    assert (server / "model_metadata.py").read_text() == "# a new one\n"
    assert (server / "model_metadata.py.orig").read_bytes().startswith(b"# an old one")
    # Installed over that, both come back.
    before = tree(server)
    main(["install", os.fspath(server)])
    assert (server / "model_metadata.py.orig-2").read_text() == "# a new one\n"
    main(["uninstall", os.fspath(server)])
    assert tree(server) == before


def test_a_module_that_was_deleted_by_hand(server: Path) -> None:
    before = tree(server)
    main(["install", os.fspath(server)])
    (server / "model_metadata.py").unlink()
    (server / "model_manager.py").unlink()
    main(["uninstall", os.fspath(server)])
    assert tree(server) == before


def test_somebody_elses_orig_files_stay(server: Path) -> None:
    (server / "model_metadata.py.orig").write_text("of a patch\n")
    before = tree(server)
    main(["install", os.fspath(server)])
    assert (server / "model_metadata.py.orig").read_text() == "of a patch\n"
    main(["uninstall", os.fspath(server)])
    assert tree(server) == before


def test_links_are_moved_and_not_followed(server: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text("shared\n")
    for name in ("model_metadata.py", "model_manager.py", "auto_model_detector.py"):
        (server / name).unlink(missing_ok=True)
    (server / "model_metadata.py").symlink_to(outside)
    (server / "model_manager.py").symlink_to("../missing.py")
    (server / "auto_model_detector.py").symlink_to(tmp_path)
    (tmp_path / "pyc").mkdir()
    (server / "__pycache__").symlink_to(tmp_path / "pyc")
    before = tree(server)
    assert main(["install", os.fspath(server)]) == 0
    assert not (server / "model_metadata.py").is_symlink()
    assert main(["install", os.fspath(server)]) == 0
    assert main(["uninstall", os.fspath(server)]) == 0
    assert tree(server) == before
    assert outside.read_text() == "shared\n"
    assert not (tmp_path / "missing.py").exists()


def test_a_link_to_the_folder_is_the_folder(server: Path, tmp_path: Path) -> None:
    before = tree(server)
    (tmp_path / "link").symlink_to(server)
    assert main(["install", os.fspath(tmp_path / "link")]) == 0
    assert main(["uninstall", os.fspath(server)]) == 0
    assert tree(server) == before


def test_what_python_compiled_goes_too(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tree(server)
    assert run("-m", "modelshelf.compat", "install", ".", cwd=server).returncode == 0
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    imports = "; ".join(f"import {name}" for name in NAMES)
    result = run("-c", imports, cwd=server)
    assert result.returncode == 0, result.stderr
    assert len(list((server / "__pycache__").iterdir())) == len(NAMES)
    assert run("-m", "modelshelf.compat", "uninstall", ".", cwd=server).returncode == 0
    assert tree(server) == before


def test_what_python_compiled_before_comes_back(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    assert run("-c", "import model_metadata", cwd=server).returncode == 0
    before = tree(server)
    assert list(server.glob("__pycache__/model_metadata.*.pyc"))
    for _ in range(2):
        assert run("-m", "modelshelf.compat", "install", ".", cwd=server).returncode == 0
        assert run("-c", "import model_metadata; model_metadata.METADATA_SUFFIX", cwd=server).returncode == 0
    assert run("-m", "modelshelf.compat", "uninstall", ".", cwd=server).returncode == 0
    assert tree(server) == before


def test_refusals(server: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["install", os.fspath(tmp_path / "nowhere")]) == 3
    (server / "model_manager").mkdir()
    (server / "model_manager" / "__init__.py").touch()
    before = tree(server)
    assert main(["install", os.fspath(server)]) == 1
    assert "package" in capsys.readouterr().err
    assert tree(server) == before
    (server / "model_manager" / "__init__.py").unlink()
    (server / "auto_model_detector.py").mkdir()
    before = tree(server)
    assert main(["install", os.fspath(server)]) == 1
    assert tree(server) == before
    with pytest.raises(SystemExit) as caught:
        main(["instal"])
    assert caught.value.code == 2


def test_a_failure_in_the_middle_is_undone(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from modelshelf.compat import server_folder

    write = server_folder._write

    def fails(path: str, data: bytes) -> None:
        if path.endswith("colab_civitai_setup.py"):
            raise OSError(28, "No space left on device")
        write(path, data)

    before = tree(server)
    monkeypatch.setattr(server_folder, "_write", fails)
    assert main(["install", os.fspath(server)]) == 1
    assert tree(server) == before


def test_aliases_in_a_process(server: Path) -> None:
    code = """
import modelshelf.compat, sys
before = set(sys.modules)
modelshelf.compat.install(); modelshelf.compat.install()
assert "model_metadata" not in sys.modules
import civitai_integration, model_metadata, auto_model_detector, colab_civitai_setup, model_manager
from modelshelf.compat import model_metadata as ours
assert model_metadata is ours is sys.modules["model_metadata"]
assert ours.__spec__.name == "modelshelf.compat.model_metadata" == ours.__name__
assert model_metadata.get_manager is not None
modelshelf.compat.uninstall(); modelshelf.compat.uninstall()
assert "model_metadata" not in sys.modules
import model_metadata
assert model_metadata.get_manager is None
modelshelf.compat.install()
import model_metadata
assert model_metadata.get_manager is not None
"""
    result = run("-c", code, cwd=server)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
    assert "imported before" in result.stderr


def test_the_desktop_program_keeps_its_own_model_manager(server: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, 'GUI/source'); import modelshelf.compat; modelshelf.compat.install()\n"
        "import model_metadata\n"
        "try: import model_manager\n"
        "except ModuleNotFoundError as error: assert error.name.startswith('PyQt5'), error\n"
        "else: assert not model_manager.__name__.startswith('modelshelf'), model_manager\n"
    )
    result = run("-c", code, cwd=server)
    assert result.returncode == 0, result.stderr


#: What the server's desktop program imports or calls.
NEEDS = {
    "civitai_integration": """CIVITAI_API_BASE CIVITAI_MODEL_INFO CIVITAI_VERSION_INFO HASH_FORMATS CivitaiMetadata
        CivitaiIntegration AsyncCivitaiFetcher""",
    "model_metadata": """METADATA_SUFFIX ModelMetadataManager ModelMetadata get_manager get_metadata_for_model
        set_metadata_for_model calculate_model_hash get_all_model_hashes extract_lora_trigger_words
        get_model_preview_path format_hashes_for_metadata""",
    "auto_model_detector": "AutoModelMetadataDetector ModelHashCalculator",
    "model_manager": "ModelManager ModelInfo register_model_manager",
    "colab_civitai_setup": """setup_colab_environment setup_model_folders setup_civitai_integration setup_gui_backend
        setup_auto_detection initialize_civitai_system_for_colab quick_fetch_model_metadata quick_set_hash
        quick_export_metadata quick_import_metadata""",
}


def test_every_name_is_there(server: Path) -> None:
    main(["install", os.fspath(server)])
    lines = [f"from {module} import {', '.join(names.split())}" for module, names in NEEDS.items()]
    result = run("-c", "\n".join(lines), cwd=server)
    assert result.returncode == 0, result.stderr
