#!/bin/sh
# Runs the end-to-end tests against the built command line: scripts/test-cli.sh [PYTEST-ARGUMENT…]
# MODELSHELF_CLI names another binary than .build/release/modelshelf.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
MODELSHELF_CLI=${MODELSHELF_CLI:-$root/.build/release/modelshelf}
[ -x "$MODELSHELF_CLI" ] || { echo "test-cli: no $MODELSHELF_CLI; run make build" >&2; exit 1; }

venv=$root/.build/venv-test
if ! "$venv/bin/python" -c 'import pytest, xdist' 2>/dev/null; then
    rm -rf "$venv"
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check pytest pytest-xdist
fi

# The stand-in of Civitai and the makers of libraries come from the source tree.
PYTHONPATH=$root/python
PYTHONDONTWRITEBYTECODE=1
export MODELSHELF_CLI PYTHONPATH PYTHONDONTWRITEBYTECODE
work=$(mktemp -d "${TMPDIR:-/tmp}/modelshelf-e2e.XXXXXX")
trap 'rm -rf "$work"' EXIT
status=0
# Much of the time is waiting for files to settle and services to come back, so several tests run side by side.
"$venv/bin/python" -m pytest -q -p no:cacheprovider -n $(($(nproc) + 1)) --rootdir "$root/Tests/EndToEnd" --basetemp "$work/tests" \
    "$root/Tests/EndToEnd" "$@" || status=$?
exit "$status"
