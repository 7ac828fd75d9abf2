#!/usr/bin/env bash
# Checks that no formatter makes: what the house rules forbid, and files that have grown beyond one idea.
set -euo pipefail
cd "$(dirname "$0")/.."
status=0
complain() { echo "lint: $1" >&2; status=1; }

# A trap kills the process that the library lives in.
if grep -rnE '\b(try!|as!|fatalError\(|preconditionFailure\(|unsafeBitCast)' Sources bridge --include '*.swift'; then
    complain "something that can trap"
fi
# Only FoundationEssentials would be small enough, and nothing needs it so far.
if grep -rnE '^\s*(public |internal |package )?import Foundation\b' Sources bridge --include '*.swift'; then
    complain "Foundation in the library"
fi
# Nothing of the machine it was written on.
if git grep -nE "(^|[^[:alnum:]$}])/(root|work)/[[:alnum:]]" -- . ':!scripts/lint.sh'; then
    complain "a path of somebody's machine"
fi
for file in $(git ls-files 'Sources/*.swift' 'Sources/*.c' 'bridge/*.swift' 'bridge/*.c' 'python/modelshelf/*.py'); do
    lines=$(wc -l <"$file")
    [ "$lines" -le 600 ] || complain "$file has $lines lines: is it one idea?"
done
for script in scripts/*.sh .ci/run; do bash -n "$script" || complain "$script"; done
python3 -m compileall -q python >/dev/null || complain "Python does not compile"
exit $status
