"""Stands in for the server's list of models: the names, the hooks and the answers, and nothing else of it."""

import json
import os
import struct

FOLDERS = {
    "UNET": ("SD", "Stable-diffusion"),
    "VAE": ("SD", "VAE"),
    "LoRA": ("LoRA", "LyCORIS"),
    "SR": ("SR",),
}


class ModelStorage:
    def __init__(self, path, dtype=None, vae_dtype=None):
        self.path = path
        self.files = {}
        self.scans = 0
        self.find_all()

    def find_all(self):
        self.scans += 1
        self.files = {}
        for kind, folders in FOLDERS.items():
            found = self.files[kind] = {}
            for folder in folders:
                for place, _, names in os.walk(os.path.join(self.path, folder)):
                    for name in names:
                        if name.endswith((".safetensors", ".ckpt", ".pt")):
                            file = os.path.join(place, name)
                            found[os.path.relpath(file, self.path)] = file

    def get_metadata(self, name):
        for found in self.files.values():
            if name in found:
                with open(found[name], "rb") as file:
                    size = struct.unpack("<Q", file.read(8))[0]
                    return json.loads(file.read(size)).get("__metadata__", {})
        raise ValueError(f"unknown model: {name}")
