#!/bin/sh
# Builds the C library into dist/: lib/libmodelshelf.so.0, lib/libmodelshelf.so, lib/pkgconfig and include/.
#
#   scripts/build-lib.sh [--debug] [--static-sqlite] [--out DIR]
#
# The Swift runtime is linked statically, so the library needs nothing but system C libraries. --static-sqlite takes
# SQLite in too, for the wheel. --debug builds without optimisation, quicker. --out names another folder than dist.
set -eu
cd "$(dirname "$0")/.."

configuration=release
static_sqlite=no
out=dist
while [ $# -gt 0 ]; do
    case $1 in
    --debug) configuration=debug ;;
    --static-sqlite) static_sqlite=yes ;;
    --out) out=$2; shift ;;
    *) echo "usage: build-lib.sh [--debug] [--static-sqlite] [--out DIR]" >&2; exit 2 ;;
    esac
    shift
done

# A build folder of its own: the runtime's linkage reaches every module, and sharing one would build all anew each time.
scratch=.build/lib
# The linker takes a shared library before an archive of the same folder: so a folder with the archive alone, searched
# before the system's. That one must not be named by a pkg-config file then; the linker knows it anyway.
archives=$PWD/.build/lib-archives
rm -rf "$archives"
mkdir -p "$archives"
for name in sqlite3 libcurl libcrypto zlib; do
    sed '/^Libs:/s/-L[^ ]*//g' "$(pkg-config --variable=pcfiledir "$name")/$name.pc" >"$archives/$name.pc"
done
PKG_CONFIG_PATH=$archives${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
set -- --scratch-path "$scratch" -c "$configuration" --product modelshelf-c \
    -Xswiftc -static-stdlib -Xswiftc -use-ld=lld -Xswiftc "-L$archives" \
    -Xlinker -soname=libmodelshelf.so.0 -Xlinker "--version-script=$PWD/bridge/abi/modelshelf.map" \
    -Xlinker --gc-sections -Xlinker -z -Xlinker defs
if [ "$static_sqlite" = yes ]; then
    archive=$(cc -print-file-name=libsqlite3.a)
    [ -f "$archive" ] || { echo "build-lib: libsqlite3.a is missing; install libsqlite3-dev" >&2; exit 1; }
    ln -s "$archive" "$archives/libsqlite3.a"
    # Debian's archive is not made for shared objects; with its symbols hidden it can be linked into one all the same.
    set -- "$@" -Xlinker --exclude-libs=libsqlite3.a
fi
# Planned and linked anew: pkg-config files and archives are no part of what decides whether it is up to date.
bin=$(swift build "$@" --show-bin-path)
rm -f "$bin/libmodelshelf-c.so" "$scratch"/*.yaml
swift build "$@"

rm -rf "$out/lib" "$out/include"
mkdir -p "$out/lib/pkgconfig" "$out/include"
cp "$bin/libmodelshelf-c.so" "$out/lib/libmodelshelf.so.0"
[ "$configuration" = debug ] || strip --strip-unneeded "$out/lib/libmodelshelf.so.0"
ln -s libmodelshelf.so.0 "$out/lib/libmodelshelf.so"
cp bridge/include/modelshelf.h "$out/include/"

version=$(sed -n 's/.*static let text = "\(.*\)".*/\1/p' Sources/ModelShelf/Version.swift)
cat >"$out/lib/pkgconfig/modelshelf.pc" <<END
prefix=\${pcfiledir}/../..
libdir=\${prefix}/lib
includedir=\${prefix}/include

Name: modelshelf
Description: Knows Stable Diffusion model files: what they are, where they came from, how to use them
Version: $version
Libs: -L\${libdir} -lmodelshelf
Cflags: -I\${includedir}
END
ls -l "$out/lib/libmodelshelf.so.0"
