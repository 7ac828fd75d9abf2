#!/bin/sh
# Prints the CPython interpreters of this machine that modelshelf supports, one of each minor version, oldest first:
# lines of "3.10 /path/to/python3.10".
set -eu

candidates() {
    for minor in 10 11 12 13; do
        command -v "python3.$minor" || true
        ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3."$minor".*/bin/python3."$minor" 2>/dev/null || true
        ls "/usr/bin/python3.$minor" "/usr/local/bin/python3.$minor" 2>/dev/null || true
    done
}

candidates | while read -r python; do
    # A shim answers only when its version is chosen; what does not answer is no interpreter.
    "$python" -c 'import sys; v = sys.version_info
if sys.implementation.name == "cpython": print(f"{v[0]}.{v[1]}", sys.executable)' 2>/dev/null || true
done | sort -t. -k2,2n -s | awk '!seen[$1]++'
