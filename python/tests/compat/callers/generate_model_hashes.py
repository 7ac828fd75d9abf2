"""A script that hashes a folder of models and writes what is known of them into one file."""

import argparse
import json
import os

import model_metadata

FOLDERS = {"SD": "UNET", "LoRA": "LORA", "VAE": "VAE", "CN": "CONTROLNET", "SR": "UPSCALER", "TI": "TI"}
ENDINGS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin")

parser = argparse.ArgumentParser()
parser.add_argument("--models-dir", default="models")
parser.add_argument("--metadata-dir", default="model_metadata")
parser.add_argument("--export")
options = parser.parse_args()

manager = model_metadata.get_manager(options.models_dir, options.metadata_dir)
processed = skipped = 0
for place, folders, files in os.walk(options.models_dir):
    folders[:] = [each for each in folders if not each.startswith(".")]
    for file in sorted(files):
        name, ending = os.path.splitext(file)
        if ending.lower() not in ENDINGS:
            continue
        path = os.path.join(place, file)
        parts = os.path.relpath(path, options.models_dir).split(os.sep)
        model_type = FOLDERS.get(parts[0], "UNKNOWN")
        existing = manager.get_metadata(name, model_type)
        if existing:
            skipped += 1
            continue
        manager.create_or_update_metadata(
            model_path=path,
            model_type=model_type,
            preview_path=None,
            description=f"{model_type} model",
            base_model="Unknown",
        )
        processed += 1
print(f"processed {processed}, skipped {skipped}")

if options.export:
    manager = model_metadata.get_manager(metadata_dir=options.metadata_dir)
    export = {}
    for key, meta in manager.metadata_cache.items():
        model_type, name = key.split(":", 1)
        export.setdefault(model_type, {})[name] = meta.to_dict()
    with open(options.export, "w", encoding="utf-8") as file:
        json.dump(export, file, indent=2, ensure_ascii=False)
