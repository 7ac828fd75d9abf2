"""The server's storage: what its Inspector shows of a model, with the hash that was noted for it."""

import json
import sys

import model_metadata


class ModelStorage:
    def __init__(self, files):
        self.files = files

    def get_metadata(self, name):
        file = self.files[name]
        shown = {"name": name}
        mm = model_metadata.get_manager()
        m = mm.load_metadata(file)
        if m:
            shown["hash"] = m["hash"]
            shown["hash_type"] = m["hash_type"]
        return shown


storage = ModelStorage({"LoRA/x.safetensors": "models/LoRA/x.safetensors", "LoRA/y.pt": "models/LoRA/y.pt"})
model_metadata.get_manager().set_hash("models/LoRA/x.safetensors", sys.argv[1])
print(json.dumps([storage.get_metadata(name) for name in storage.files]))
