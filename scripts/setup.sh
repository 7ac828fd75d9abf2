#!/bin/sh
# Installs what building needs: scripts/setup.sh; and what tests and benchmarks need besides: scripts/setup.sh test
# Safe to repeat; asks for sudo only when something is missing.
set -eu

packages="
    build-essential pkg-config git
    libcurl4-openssl-dev libsqlite3-dev libssl-dev zlib1g-dev
    python3 python3-dev python3-venv python3-pip patchelf
"
if [ "${1:-}" = test ]; then
    # Peers, fault makers, a browser for the cards, and a compiler and an emulator for the kernels of other processors.
    packages="$packages
        curl sqlite3 strace b3sum hyperfine bindfs util-linux procps nghttp2-proxy openssl chromium qemu-user"
    case $(uname -m) in
    aarch64) packages="$packages gcc-x86-64-linux-gnu libc6-dev-amd64-cross" ;;
    *) packages="$packages gcc-aarch64-linux-gnu libc6-dev-arm64-cross" ;;
    esac
fi

missing=""
for package in $packages; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null; then
        echo "setup: install the counterparts of these Debian packages, then run it again:$missing" >&2
        exit 1
    fi
    sudo=""
    [ "$(id -u)" -eq 0 ] || sudo="sudo"
    echo "setup: installing$missing"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if ! command -v swift >/dev/null; then
    cat >&2 <<'END'
setup: Swift is missing. modelshelf needs Swift 6.2 or newer.
       Get it from https://www.swift.org/install/linux/ (the archive for your distribution),
       unpack it, put its usr/bin on the PATH and run this again.
END
    exit 1
fi
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
set -- $version
if [ "${1:-0}" -lt 6 ] || { [ "${1:-0}" -eq 6 ] && [ "${2:-0}" -lt 2 ]; }; then
    echo "setup: Swift ${1:-?}.${2:-?} is too old; modelshelf needs 6.2 or newer (https://www.swift.org/install/linux/)" >&2
    exit 1
fi
