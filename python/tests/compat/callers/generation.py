"""The server's generation code: hashes for the metadata of a picture."""

import json

import model_metadata


def get_metadata(unet_name, clip_name, vae_name, loras, cns, detailers):
    metadata = {}
    mm = model_metadata.get_manager()
    m = mm.get_metadata(unet_name, "UNET")
    if m and m.hash_autov2:
        metadata["model_hash"] = m.hash_autov2
    for key, name, model_type in (("CLIP_hash", clip_name, "CLIP"), ("VAE_hash", vae_name, "VAE")):
        m = mm.get_metadata(name, model_type)
        if m and m.hash_autov2:
            metadata[key] = m.hash_autov2
    hashes = {}
    for name in loras:
        m = mm.get_metadata(name, "LORA")
        if m and m.hash_autov2:
            hashes[name] = m.hash_autov2
    if hashes:
        metadata["lora_hashes"] = ", ".join(f"{name}: {value}" for name, value in hashes.items())
    for names, model_type in ((cns, "CONTROLNET"), (detailers, "DETAILER")):
        for name in names:
            m = mm.get_metadata(name, model_type)
            if m and m.hash_autov2:
                metadata.setdefault(model_type.lower() + "_hashes", []).append(m.hash_autov2)
    return metadata


def generate():
    return get_metadata("SD/base.safetensors", "base", "VAE\\soft.vae", ["x", "sub/y", "gone"], ["cn"], ["hands"])


print(json.dumps(generate()))
import modelshelf  # noqa: E402

modelshelf.get_manager().scan("models", lookup=False)
print(json.dumps(generate()))
