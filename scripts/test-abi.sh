#!/bin/sh
# Tests the C library in dist/ as its users meet it: scripts/test-abi.sh [DIST]
set -eu
cd "$(dirname "$0")/.."
dist=$(cd "${1:-dist}" && pwd)
library=$dist/lib/libmodelshelf.so.0
header=bridge/include/modelshelf.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "test-abi: $*" >&2; exit 1; }

# The header, the list of symbols and the library name the same functions.
grep -v '^ *\*' "$header" | grep -v typedef | grep -oE '\bms_[a-z_0-9]+\(' | tr -d '(' | sort -u >"$work/header"
sed -n 's/^ *\(ms_[a-z_0-9]*\);.*/\1/p' bridge/abi/modelshelf.map | sort -u >"$work/list"
nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | sed 's/@.*//' | sort -u >"$work/library"
diff "$work/header" "$work/list" || fail "the header and bridge/abi/modelshelf.map differ"
diff "$work/list" "$work/library" || fail "bridge/abi/modelshelf.map and the library differ"

# What it needs: system C libraries only, no Swift and no Foundation.
readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' | sort >"$work/needed"
while read -r name; do
    case $name in
    libm.so.6 | libc.so.6 | libstdc++.so.6 | libgcc_s.so.1 | ld-linux-x86-64.so.2) ;;
    libcurl.so.4 | libz.so.1 | libcrypto.so.3 | libsqlite3.so.0) ;;
    *) fail "the library needs $name" ;;
    esac
done <"$work/needed"
readelf -d "$library" | grep -q 'SONAME.*\[libmodelshelf.so.0\]' || fail "the soname is wrong"
# Names that only full Foundation has.
if strings -a "$library" | grep -q 'NSURLSession\|libicu\|uloc_getDefault'; then fail "Foundation is linked"; fi

# The header compiles alone.
strict="-Wall -Wextra -Werror -pedantic -pedantic-errors"
echo '#include "modelshelf.h"' >"$work/alone.c"
cp "$work/alone.c" "$work/alone.cpp"
cc -std=c99 $strict -I bridge/include -fsyntax-only "$work/alone.c"
c++ -std=c++17 $strict -I bridge/include -fsyntax-only "$work/alone.cpp"

# Programs built as the pkg-config file says, also after the folder has moved.
cp -R "$dist" "$work/moved"
PKG_CONFIG_PATH=$work/moved/lib/pkgconfig
export PKG_CONFIG_PATH
flags=$(pkg-config --cflags --libs modelshelf)
[ "$(pkg-config --modversion modelshelf)" = "$(sed -n 's/.*static let text = "\(.*\)".*/\1/p' \
    Sources/ModelShelf/Version.swift)" ] || fail "the version of modelshelf.pc is wrong"
rpath=-Wl,-rpath,$work/moved/lib
cc -std=c99 -pthread $strict bridge/tests/smoke.c -o "$work/smoke-c" $flags "$rpath"
c++ -std=c++17 $strict bridge/tests/smoke.cpp -o "$work/smoke-cpp" $flags "$rpath"

# A safetensors file of one tensor.
mkdir "$work/models" "$work/home"
file=$work/models/tiny.safetensors
text='{"lora_unet_x.lora_down.weight":{"dtype":"F16","shape":[1,4],"data_offsets":[0,8]}}'
printf '\\%03o\\0\\0\\0\\0\\0\\0\\0' "${#text}" >"$work/length"
{ printf "$(cat "$work/length")"; printf '%s' "$text"; printf '\0\0\0\0\0\0\0\0'; } >"$file"

MODELSHELF_HOME=$work/home
export MODELSHELF_HOME
"$work/smoke-c" "$work/models" "$work/home/c.db" "$file" || fail "the C program failed"
"$work/smoke-cpp" "$work/models" "$work/home/cpp.db" "$file" >"$work/out" || fail "the C++ program failed"
grep -q '"sha256":"' "$work/out" || fail "the C++ program printed no record"
echo "test-abi: ok"
