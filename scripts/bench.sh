#!/usr/bin/env bash
# Runs modelshelf beside real peers on this machine and prints ratios: medians of five interleaved runs.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONPATH=$PWD/python PYTHONDONTWRITEBYTECODE=1
exec python3 benchmarks/run.py --cli "$PWD/.build/release/modelshelf" --wheel dist/modelshelf-*.whl \
    --out .build/bench.json "$@"
