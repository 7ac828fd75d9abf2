#!/bin/sh
# Tests the wheel in dist/ in a clean environment of each CPython 3.10 to 3.13 on this machine:
# scripts/test-python.sh [--only 3.12] [PYTEST-ARGUMENT…]
set -eu
cd "$(dirname "$0")/.."
root=$PWD
only=
if [ "${1:-}" = --only ]; then only=$2; shift 2; fi
set -- "$root"/dist/modelshelf-*.whl "$@"
[ -f "$1" ] || { echo "test-python: no wheel in dist; run make wheel" >&2; exit 1; }
wheel=$1
shift
tool=$root/.build/venv/bin/abi3audit
if [ -x "$tool" ]; then "$tool" --strict "$wheel"; fi

size=$(wc -c <"$wheel")
[ "$size" -le 20971520 ] || { echo "test-python: the wheel has $size bytes, more than 20 MiB" >&2; exit 1; }

tested=0
while read -r minor python; do
    [ -z "$only" ] || [ "$only" = "$minor" ] || continue
    tested=$((tested + 1))
    echo "== CPython $minor"
    venv=$root/.build/python-$minor
    if ! "$venv/bin/python" -c 'import pytest, xdist, mypy, tqdm, nbclient, ipykernel, ipywidgets' 2>/dev/null; then
        rm -rf "$venv"
        "$python" -m venv "$venv"
        "$venv/bin/pip" install --quiet pytest pytest-xdist mypy tqdm nbclient ipykernel ipywidgets
    fi
    "$venv/bin/pip" install --quiet --no-deps --no-index --force-reinstall "$wheel"
    work=$(mktemp -d)
    # Outside of the source tree, with an empty home, without Swift on the path.
    (
        cd "$work"
        PATH=$venv/bin:/usr/bin:/bin MODELSHELF_HOME=$work/home PYTHONDONTWRITEBYTECODE=1
        export PATH MODELSHELF_HOME PYTHONDONTWRITEBYTECODE
        unset PYTHONPATH LD_LIBRARY_PATH || true
        python -c 'import modelshelf, sys; assert not modelshelf.__file__.startswith(sys.argv[1] + "/python"), modelshelf.__file__' "$root"
        python -m pytest -q -p no:cacheprovider -n "$(nproc)" -c "$root/python/pyproject.toml" --basetemp "$work/tests" \
            "$root"/python/tests/test_*.py "$root"/python/tests/compat "$root"/python/tests/plugin/test_*.py "$@"
        python -m mypy.stubtest modelshelf._native
    )
    rm -rf "$work"
done <<END
$(python/tools/interpreters.sh)
END
[ "$tested" -gt 0 ] || { echo "test-python: no CPython 3.10 to 3.13 found" >&2; exit 1; }
