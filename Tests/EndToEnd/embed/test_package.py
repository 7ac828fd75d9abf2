"""The package inside ``modelshelf python``: the program's own core, its store, and its files wherever they lie."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from embedding import PATIENCE, ROOT, Pair, interpreters
from harness import BINARY, Program, grown, small_files

USE = "import modelshelf; shelf = modelshelf.get_manager(); print(len(shelf), shelf.database)"


def test_every_call_of_the_extension_is_there(pair: Pair) -> None:
    """The names are those that the type stubs promise, whatever Python it is."""
    code = (
        "import ast, modelshelf, os, sys\n"
        "from modelshelf import _native\n"
        "text = open(os.path.join(os.path.dirname(modelshelf.__file__), '_native.pyi')).read()\n"
        "for node in ast.parse(text).body:\n"
        "    if isinstance(node, (ast.FunctionDef, ast.ClassDef)): getattr(_native, node.name)\n"
        "print(_native.__spec__.origin, _native.abi_version == modelshelf.__abi_version__)\n"
        "print('libmodelshelf' in open('/proc/self/maps').read())\n"
    )
    ended = pair.inside("-c", code)
    assert (ended.status, ended.out, ended.err) == (0, b"built-in True\nFalse\n", b"")


def test_it_is_the_store_of_the_command_line(pair: Pair, tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    paths = small_files(tmp_path / "models", 3)
    program.scan(tmp_path / "models", "--no-lookup")
    code = (
        "import modelshelf, os, sys\n"
        "shelf = modelshelf.get_manager()\n"
        "assert shelf is modelshelf.get_manager()\n"
        "model = shelf.get(sys.argv[1])\n"
        "shelf.update(model, notes='from inside')\n"
        "print(len(shelf), model.hashes['sha256'], shelf.get_hash(sys.argv[1]) == model.hashes['sha256'])\n"
        "child = os.fork()\n"
        "if child == 0: os._exit(len(modelshelf.get_manager()))\n"
        "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    ended = pair.inside("-c", code, paths[0])
    record = program.info(paths[0])
    assert ended.err == b""
    assert ended.out.decode().split() == ["3", record["hashes"]["sha256"], "True", "3"]
    assert record["user"]["notes"] == "from inside"


def test_the_drop_in_modules_are_there(pair: Pair, tmp_path: Path) -> None:
    """With the manager of the process; a script's own file of such a name comes first."""
    code = (
        "import importlib, modelshelf, model_metadata\n"
        "from modelshelf.compat import NAMES\n"
        "for name in NAMES: assert importlib.import_module(name).__name__ == 'modelshelf.compat.' + name, name\n"
        "print(model_metadata.get_manager().shelf is modelshelf.get_manager(), model_metadata.METADATA_SUFFIX)\n"
        "try: import signals\n"
        "except ModuleNotFoundError as error: print(error)\n"
    )
    ended = pair.inside("-c", code)
    assert (ended.status, ended.err) == (0, b"")
    assert ended.out == b"True .metadata.json\nNo module named 'signals'\n"
    (tmp_path / "model_metadata.py").write_text("own = True\n")
    (tmp_path / "main.py").write_text("import model_metadata\nprint(model_metadata.own)\n")
    assert pair.inside(tmp_path / "main.py").out == b"True\n"


def test_options_before_the_word_python(newest: Pair, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    line = [BINARY, "--db", "other.db", "--offline", "python"]
    ended = newest.run(line, ("-c", USE + "; import os; print(os.environ['MODELSHELF_OFFLINE'])"))
    assert ended.out.decode().split() == ["0", str(other), "1"], ended
    # A script that changes the folder first means the same database.
    moved = newest.run(line, ("-c", "import os; os.chdir('/'); " + USE))
    assert moved.out.decode().split() == ["0", str(other)], moved


def test_errors_are_those_of_the_package(newest: Pair) -> None:
    code = "import modelshelf\ntry: modelshelf.hash_file('absent')\nexcept modelshelf.NotFound as e: print(e.code, e.path)"
    assert newest.inside("-c", code).out == b"not_found absent\n"


def test_interrupting_the_core(pair: Pair, tmp_path: Path) -> None:
    """Ctrl-C in a long native call is a KeyboardInterrupt there, as in any Python."""
    grown(tmp_path / "models" / "large.safetensors", 64 << 30)
    code = (
        "import modelshelf\n"
        "def progress(state): print('working', flush=True)\n"
        "modelshelf.get_manager().scan('models', lookup=False, progress=progress)\n"
    )
    process = pair.start(pair.lines()[1], ("-c", code), {})
    assert process.stdout is not None
    assert process.stdout.readline() == b"working\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == -signal.SIGINT
    assert err.endswith(b"KeyboardInterrupt\n")


def _environment(pair: Pair, tmp_path: Path) -> tuple[Path, Path]:
    """A virtual environment of the pair's Python, and its folder of packages."""
    root = tmp_path / "environment"
    subprocess.run([pair.program, "-m", "venv", "--without-pip", root], check=True)
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = subprocess.run([root / "bin/python3", "-c", code], capture_output=True, text=True, check=True).stdout
    return root, Path(packages.strip())


def test_a_virtual_environment(pair: Pair, tmp_path: Path) -> None:
    root, packages = _environment(pair, tmp_path)
    pair.write(str(packages / "installed/__init__.py"), "value = 'installed'")
    pair.write(str(packages / "extra.pth"), f"{tmp_path}/more\n")
    pair.write("more/further.py", "")
    script = pair.write(
        "script.py",
        "import sys, installed, further, multiprocessing, subprocess\n"
        "print(sys.prefix, sys.base_prefix, sys.executable, installed.value, installed.__file__, sys.path)\n"
        "print(subprocess.run([sys.executable, '-c', 'import installed, sys; print(sys.prefix)'], capture_output=True))\n",
    )
    # The environment decides alone, as where `activate` was sourced.
    del pair.env["MODELSHELF_PYTHON"]
    pair.program = str(root / "bin/python3")
    ended = pair.same(script, VIRTUAL_ENV=str(root))
    assert ended.status == 0
    assert f"{root} ".encode() in ended.out
    # Also when it is asked for by name.
    assert pair.inside(script, MODELSHELF_PYTHON=pair.program) == ended


def test_another_package_in_the_virtual_environment(pair: Pair, tmp_path: Path) -> None:
    """Whatever wheel is installed there: the files and the core are the program's."""
    root, packages = _environment(pair, tmp_path)
    pair.write(str(packages / "modelshelf/__init__.py"), "raise SystemError('the other package')")
    (packages / "modelshelf/_native.abi3.so").write_bytes(b"not a library")
    (packages / "modelshelf/libmodelshelf.so.0").write_bytes(b"not a library")
    ended = pair.inside("-c", USE, VIRTUAL_ENV=str(root), MODELSHELF_PYTHON=str(root / "bin/python3"))
    assert (ended.status, ended.err) == (0, b"")
    assert ended.out.decode().split() == ["0", str(tmp_path / "home/modelshelf.db")]


def _installed(prefix: Path) -> Path:
    """The program alone, elsewhere."""
    (prefix / "bin").mkdir(parents=True)
    try:
        os.link(os.path.realpath(BINARY), prefix / "bin/modelshelf")
    except OSError:
        shutil.copy2(BINARY, prefix / "bin/modelshelf")
    return prefix / "bin/modelshelf"


def _copied(folder: Path, version: int | None = None) -> Path:
    """The Python files of the package, made for another interface when one is named."""
    shutil.copytree(ROOT / "python/modelshelf", folder / "modelshelf", ignore=shutil.ignore_patterns("*.so*", "testing"))
    if version is not None:
        start = folder / "modelshelf/__init__.py"
        text = start.read_text()
        assert "__abi_version__ = " in text
        start.write_text(text + f"\n__abi_version__ = {version}\n")
    return folder


def test_an_installed_program(newest: Pair, tmp_path: Path) -> None:
    program = _installed(tmp_path / "prefix")
    _copied(tmp_path / "prefix/share/modelshelf/python")
    ended = newest.run([str(program), "python"], ("-c", USE + "; print(modelshelf.__file__)"))
    assert (ended.status, ended.err) == (0, b"")
    assert str(tmp_path / "prefix/share/modelshelf/python/modelshelf") in ended.out.decode()


def test_a_program_without_its_files(newest: Pair, tmp_path: Path) -> None:
    program = str(_installed(tmp_path / "prefix"))
    ended = newest.run([program, "python"], ("-c", "import modelshelf"))
    assert ended.status == 1
    assert b"ModuleNotFoundError" in ended.err and b"MODELSHELF_PYTHONPATH" in ended.err
    # They may be named, or come from a wheel; other imports do not mind.
    files = _copied(tmp_path / "elsewhere")
    assert newest.run([program, "python"], ("-c", USE), MODELSHELF_PYTHONPATH=str(files)).status == 0
    assert newest.run([program, "python"], ("-c", USE), PYTHONPATH=str(files)).status == 0
    assert newest.run([program, "python"], ("-c", "import json"),).status == 0


def test_another_interface_is_refused(newest: Pair, tmp_path: Path) -> None:
    files = _copied(tmp_path / "newer", version=999)
    ended = newest.inside("-c", USE, MODELSHELF_PYTHONPATH=str(files))
    assert ended.status == 1
    last = ended.err.decode().splitlines()[-1]
    assert last.startswith("ImportError: the package modelshelf in ")
    assert "interface 999" in last and "install both in the same version" in last
    program = str(_installed(tmp_path / "prefix"))
    assert newest.run([program, "python"], ("-c", USE), PYTHONPATH=str(files)).status == 1


def test_the_package_and_the_header_name_one_interface() -> None:
    header = (ROOT / "bridge/include/modelshelf.h").read_text()
    package = (ROOT / "python/modelshelf/__init__.py").read_text()
    version = header.split("#define MS_ABI_VERSION ")[1].split()[0]
    assert f"__abi_version__ = {version}\n" in package


# Finding Python


def test_a_library_may_be_named(pair: Pair) -> None:
    code = "import sysconfig as s; print(s.get_config_var('LIBDIR') + '/' + s.get_config_var('INSTSONAME'))"
    library = subprocess.run([pair.program, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    question = ("-c", "import sys, json; print(sys.version, sys.prefix)")
    assert pair.inside(*question, MODELSHELF_PYTHON=library) == pair.inside(*question)


def test_python3_of_the_path(newest: Pair, tmp_path: Path) -> None:
    del newest.env["MODELSHELF_PYTHON"]
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "python3").symlink_to(newest.program)
    ended = newest.inside("-c", "import sys; print(sys.version_info[:3])", PATH=str(folder))
    expected = newest.run([newest.program], ("-c", "import sys; print(sys.version_info[:3])"))
    assert ended == expected


def _claiming(folder: Path, *fields: str) -> str:
    """A program that answers as an unusable Python would."""
    path = folder / "claiming"
    text = "\\x00".join(fields).replace("\n", "\\n")
    path.write_text(f"#!{sys.executable}\nimport sys\nsys.stdout.write('{text}')\n")
    path.chmod(0o755)
    return str(path)


def test_no_python_that_can_be_used(newest: Pair, tmp_path: Path) -> None:
    def said(**env: str) -> str:
        ended = newest.inside("-c", "print('run')", **env)
        assert (ended.status, ended.out) == (3, b""), ended
        return ended.err.decode()

    static = _claiming(tmp_path, "cpython", "3.12", "/x/python", "0", str(tmp_path), "libpython3.12.so")
    assert "has no shared library" in said(MODELSHELF_PYTHON=static)
    assert "--enable-shared" in said(MODELSHELF_PYTHON=static)
    broken = tmp_path / "libpython3.12.so"
    broken.write_bytes(b"\x7fELF")
    assert "this libpython cannot be used" in said(MODELSHELF_PYTHON=static)
    broken.unlink()
    foreign = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
    broken.symlink_to(next(line.split()[2] for line in foreign.splitlines() if "libz.so" in line))
    assert "has no PyArg_ParseTupleAndKeywords" in said(MODELSHELF_PYTHON=static)
    old = _claiming(tmp_path, "cpython", "3.9", "/x/python", "0", "", "")
    assert "CPython 3.10 or newer is needed, this is cpython 3.9" in said(MODELSHELF_PYTHON=old)
    other = _claiming(tmp_path, "pypy", "3.10", "/x/python", "0", "", "")
    assert "this is pypy 3.10" in said(MODELSHELF_PYTHON=other)
    free = _claiming(tmp_path, "cpython", "3.13", "/x/python", "1", "", "")
    assert "without the GIL" in said(MODELSHELF_PYTHON=free)
    assert "no Python that works" in said(MODELSHELF_PYTHON="/bin/false")
    assert "names what is not there" in said(MODELSHELF_PYTHON=str(tmp_path / "absent"))
    del newest.env["MODELSHELF_PYTHON"]
    assert "no python3 on the PATH" in said(PATH=str(tmp_path))
    assert "the virtual environment has no Python" in said(VIRTUAL_ENV=str(tmp_path / "absent"))


def test_the_errors_are_documents_with_json(newest: Pair) -> None:
    ended = newest.run([BINARY, "--json", "python"], ("-c", "1"), MODELSHELF_PYTHON="/bin/false")
    assert ended.status == 3 and b'"code":"not_found"' in ended.out.replace(b" ", b"")
    # A --json that is the script's changes nothing.
    assert newest.inside("-c", "1", "--json", MODELSHELF_PYTHON="/bin/false").out == b""


@pytest.mark.parametrize("version", list(interpreters()))
def test_all_supported_versions_are_known(version: str) -> None:
    assert tuple(map(int, version.split("."))) >= (3, 10)
