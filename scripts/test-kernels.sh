#!/usr/bin/env bash
# Tests the hash kernels for x86-64 and ARM on whatever machine this is: built by gcc and clang, run by the processor or
# under emulation, on processors that lack what newer ones have, with every set of instructions switched off and on.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 Tests/Kernels/expected.py "$work"

host=$(uname -m)
strict="-O2 -std=c11 -Wall -Wextra -Wpedantic -Werror -D_DEFAULT_SOURCE"
sources="Tests/Kernels/kernels.c Sources/CHashKernels/*.c"

# build NAME COMPILER… : a static program, so that an emulator needs no other file.
build() {
    local name=$1
    shift
    # shellcheck disable=SC2086 # flags and names
    "$@" $strict -static -I Sources/CHashKernels/include $sources -o "$work/$name"
}

# run PROGRAM PROCESSOR KERNELS DESCRIPTION : PROCESSOR is QEMU's name of one, or - for the one at hand. Several run side
# by side; what fails leaves a file behind.
run() {
    [ "$(jobs -rp | wc -l)" -lt "$(nproc)" ] || wait -n || true
    check "$@" &
}

check() {
    local program=$1 processor=$2 kernels=$3 description=$4 out=$work/out-$BASHPID emulator=()
    [ "$processor" = - ] || emulator=("qemu-${program%%-*}" -cpu "$processor")
    if ! MODELSHELF_KERNELS=$kernels ${emulator[@]+"${emulator[@]}"} "$work/$program" "$work/data" \
        <"$work/lengths" >"$out" 2>"$out.errors"; then
        sed 's/^/    /' "$out.errors" >&2
        complain "$@" "failed"
    fi
    [ -z "$description" ] || grep -qx "$description" "$out.errors" || complain "$@" "$(grep ^sha256= "$out.errors")"
    cmp "$work/lines" "$out" >&2 || complain "$@" "wrong digests"
}

complain() {
    touch "$work/failed"
    echo "test-kernels: $1 on processor $2 with the kernels '$3'${4:+, wanted $4}: $5" >&2
    exit 1
}

compiler() { # compiler ARCHITECTURE : gcc for it
    if [ "$1" = "$host" ]; then echo gcc; else echo "$1-linux-gnu-gcc"; fi
}
x86=$(compiler x86_64)
arm=$(compiler aarch64)
build x86_64-gcc "$x86"
build aarch64-gcc "$arm"
build "$host-clang" clang
# The clang that comes with Swift knows both; it borrows what the other gcc has of a system.
if [ "$host" = x86_64 ]; then build aarch64-clang clang --target=aarch64-linux-gnu; fi
portable="sha256=portable blake3=portable crc32=portable"

# At hand: whatever it has, and less and less of it.
for program in "$host-gcc" "$host-clang"; do
    run "$program" - portable "$portable"
    for kernels in "" sse41,pclmul avx2 avx2,shani avx512,vpclmul shani neon sha2 crc; do
        run "$program" - "$kernels" ""
    done
done

# A processor says what it has; an instruction that it lacks would end the program.
run x86_64-gcc qemu64 "" "$portable"
run x86_64-gcc Nehalem "" "sha256=portable blake3=sse41 crc32=portable"
run x86_64-gcc Westmere "" "sha256=portable blake3=sse41 crc32=pclmul"
run x86_64-gcc Haswell "" "sha256=avx2 blake3=avx2 crc32=pclmul"
for program in aarch64-gcc aarch64-clang; do
    [ -x "$work/$program" ] || continue
    run "$program" cortex-a53 "" "sha256=sha2 blake3=neon crc32=crc"
    run "$program" max portable "$portable"
    run "$program" max sha2 "sha256=sha2 blake3=portable crc32=portable"
    run "$program" max neon,crc "sha256=portable blake3=neon crc32=crc"
done
wait
[ ! -e "$work/failed" ] || exit 1
echo "test-kernels: ok"
