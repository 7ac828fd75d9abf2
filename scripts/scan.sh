#!/usr/bin/env bash
# The main job. With a folder: scan it, ask Civitai, keep the result in the user's library. Without: make a sample
# library, start a local stand-in of Civitai and scan that, leaving nothing behind but what it shows.
set -euo pipefail
cd "$(dirname "$0")/.."
cli=$PWD/.build/release/modelshelf

# Exit status 1 says that some files are bad; they are listed, and the scan as such went well.
finish() {
    local status=$1
    [ "$status" -eq 1 ] && status=0
    exit "$status"
}

if [ $# -gt 0 ]; then
    status=0
    "$cli" scan "$1" || status=$?
    finish "$status"
fi

work=$(mktemp -d)
standin=""
cleanup() {
    [ -z "$standin" ] || kill "$standin" 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT
export PYTHONPATH=$PWD/python MODELSHELF_HOME=$work/home PYTHONDONTWRITEBYTECODE=1
echo "A sample library, and a stand-in of Civitai on this machine:"
python3 -m modelshelf.testing.library "$work/models" >/dev/null
python3 -m modelshelf.testing.civitai --files "$work/models" --max-seconds 600 --quiet --ready-file "$work/ready" \
    >"$work/standin.log" 2>&1 &
standin=$!
for _ in $(seq 100); do
    [ -s "$work/ready" ] && break
    sleep 0.1
done
[ -s "$work/ready" ] || { cat "$work/standin.log" >&2; exit 1; }
CIVITAI_BASE_URL=$(sed -n 's/.*"base_url": *"\([^"]*\)".*/\1/p' "$work/ready")
export CIVITAI_BASE_URL

status=0
echo
echo "\$ modelshelf scan models"
(cd "$work" && "$cli" scan models) || status=$?
echo
echo "\$ modelshelf list"
(cd "$work" && "$cli" list)
finish "$status"
