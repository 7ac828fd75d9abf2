#!/usr/bin/env bash
# Coverage-guided fuzzing of every parser of foreign bytes: scripts/fuzz.sh [SECONDS for each]. A finding is left in
# .build/fuzz/findings and ends with a status that is not 0.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
export FUZZ=1
# The crash handler of the Swift runtime and that of the sanitizer would wait for each other.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
swift build -c release --scratch-path .build/fuzz --product modelshelf-fuzz \
    -Xswiftc -sanitize=fuzzer,address -Xswiftc -use-ld=lld
program=$(swift build -c release --scratch-path .build/fuzz --show-bin-path)/modelshelf-fuzz
mkdir -p .build/fuzz/findings
python3 - <<'END'
import base64, json, os
vectors = json.load(open("Tests/Vectors/hashes-and-files.json"))
for target, cases in {"header": "safetensors_reader_cases", "json": None, "reference": None, "settings": None, "paths": None}.items():
    folder = f".build/fuzz/corpus/{target}"
    os.makedirs(folder, exist_ok=True)
    for case in vectors[cases] if cases else []:
        with open(f"{folder}/{case['id']}", "wb") as file:
            file.write(base64.b64decode(case["base64"]))
with open(".build/fuzz/corpus/json/model", "w") as file:
    json.dump({"id": 1, "modelVersions": [{"id": 2, "files": [{"id": 3, "hashes": {"SHA256": "00"}}]}]}, file)
with open(".build/fuzz/corpus/reference/url", "w") as file:
    file.write("https://civitai.com/models/1/x?modelVersionId=2#a")
with open(".build/fuzz/corpus/reference/air", "w") as file:
    file.write("urn:air:sdxl:lora:civitai:1@2+3.safetensors")
with open(".build/fuzz/corpus/settings/all", "w") as file:
    file.write("jobs = 2\nexclude = ['*.bak', \"\\u00e4\"] # x\n[[roots]]\npath = \"~/m\"\ntype = 'LORA'\n"
               "lookup = false\nsidecars = [\"server\"]\n[watch]\npoll = 5\nverify = true\n")
with open(".build/fuzz/corpus/paths/comfyui", "w") as file:
    file.write("a1111: # x\n    base_path: ~/$A/${A}\n    is_default: true\n    loras: |\n      Lora\n      ../x\n"
               "    vae: 'it''s'\n    clip: \"a\\n\"\n")
END
for target in header json reference settings paths; do
    echo "fuzz: $target for $seconds s"
    "$program" "$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
        -artifact_prefix=".build/fuzz/findings/$target-" ".build/fuzz/corpus/$target" 2>&1 |
        grep -E '^stat::(number_of_executed_units|peak_rss_mb)|ERROR|SUMMARY' || true
done
if [ -n "$(ls -A .build/fuzz/findings)" ]; then
    echo "fuzz: findings in .build/fuzz/findings" >&2
    exit 1
fi
