"""The tensors that tell architectures apart, with their real names and shapes.

A header reader recognises a model by a few keys: the width of the first block, the length of the text context, how
many transformer blocks stand where. Those are here in full; bulky convolutions that decide nothing are left out.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from .safetensors import Tensor

Tensors = dict[str, Tensor]
UNET = "model.diffusion_model."


def ldm_unet(
    dtype: str, depths: list[int], width: list[int], context: int, linear: bool, middle: int, adm: int | None = None
) -> Tensors:
    """A UNet in the original layout: two resnets a level, ``depths`` transformer blocks in each of a level's two.

    Only the first transformer block of a place has the matrix that shows the context; norms say that the others exist.
    """
    made: Tensors = {}

    def put(name: str, *shape: int) -> None:
        made[UNET + name] = Tensor(dtype, shape)

    def resnet(place: str, channels: int) -> None:
        for name in ("in_layers.0.weight", "in_layers.2.bias", "emb_layers.1.bias", "out_layers.0.weight"):
            put(f"{place}.{name}", channels)
        put(f"{place}.out_layers.3.bias", channels)

    def attention(place: str, channels: int, depth: int) -> None:
        if not depth:
            return
        put(f"{place}.norm.weight", channels)
        put(f"{place}.proj_in.weight", *((channels, channels) if linear else (channels, channels, 1, 1)))
        for index in range(depth):
            block = f"{place}.transformer_blocks.{index}"
            put(f"{block}.norm1.weight", channels)
            put(f"{block}.norm2.weight", channels)
            if index == 0:
                put(f"{block}.attn2.to_k.weight", channels, context)

    put("time_embed.0.weight", 1280, 320)
    put("input_blocks.0.0.weight", 320, 4, 3, 3)
    put("out.0.weight", 320)
    put("out.2.weight", 4, 320, 3, 3)
    if adm:
        put("label_emb.0.0.weight", 1280, adm)
    number = 1
    for level, channels in enumerate(width):
        for _ in range(2):
            resnet(f"input_blocks.{number}.0", channels)
            attention(f"input_blocks.{number}.1", channels, depths[level])
            number += 1
        if level < len(width) - 1:
            put(f"input_blocks.{number}.0.op.bias", channels)
            if channels < 1280:
                put(f"input_blocks.{number}.0.op.weight", channels, channels, 3, 3)
            number += 1
    resnet("middle_block.0", width[-1])
    attention("middle_block.1", width[-1], middle)
    resnet("middle_block.2", width[-1])
    number = 0
    for level in reversed(range(len(width))):
        for _ in range(3):
            resnet(f"output_blocks.{number}.0", width[level])
            attention(f"output_blocks.{number}.1", width[level], depths[level])
            number += 1
    return made


def vae(dtype: str, prefix: str = "") -> Tensors:
    """The autoencoder that Stable Diffusion 1, 2 and XL share."""
    shapes = {
        "encoder.conv_in.weight": (128, 3, 3, 3),
        "encoder.conv_out.weight": (8, 512, 3, 3),
        "encoder.down.0.block.0.norm1.weight": (128,),
        "encoder.mid.attn_1.q.weight": (512, 512, 1, 1),
        "quant_conv.weight": (8, 8, 1, 1),
        "post_quant_conv.weight": (4, 4, 1, 1),
        "decoder.conv_in.weight": (512, 4, 3, 3),
        "decoder.mid.attn_1.q.weight": (512, 512, 1, 1),
        "decoder.up.0.block.0.norm1.weight": (256,),
        "decoder.conv_out.weight": (3, 128, 3, 3),
    }
    return {prefix + name: Tensor(dtype, shape) for name, shape in shapes.items()}


def sd1_checkpoint(dtype: str = "F16") -> Tensors:
    """Stable Diffusion 1.x: UNet, autoencoder and CLIP-L."""
    made = ldm_unet(dtype, [1, 1, 1, 0], [320, 640, 1280, 1280], 768, linear=False, middle=1)
    made |= vae(dtype, "first_stage_model.")
    text = "cond_stage_model.transformer.text_model."
    made[text + "embeddings.position_ids"] = Tensor("I64", (1, 77))
    made[text + "embeddings.position_embedding.weight"] = Tensor(dtype, (77, 768))
    made |= {f"{text}encoder.layers.{n}.layer_norm1.weight": Tensor(dtype, (768,)) for n in range(12)}
    made[text + "final_layer_norm.weight"] = Tensor(dtype, (768,))
    return made


def sd2_checkpoint(dtype: str = "F16") -> Tensors:
    """Stable Diffusion 2.x: linear projections and OpenCLIP-H."""
    made = ldm_unet(dtype, [1, 1, 1, 0], [320, 640, 1280, 1280], 1024, linear=True, middle=1)
    made |= vae(dtype, "first_stage_model.")
    text = "cond_stage_model.model."
    made[text + "positional_embedding"] = Tensor(dtype, (77, 1024))
    made |= {f"{text}transformer.resblocks.{n}.ln_1.weight": Tensor(dtype, (1024,)) for n in range(24)}
    made[text + "ln_final.weight"] = Tensor(dtype, (1024,))
    return made


def sdxl_checkpoint(dtype: str = "F16") -> Tensors:
    """Stable Diffusion XL base: two text encoders and a size embedding."""
    made = ldm_unet(dtype, [0, 2, 10], [320, 640, 1280], 2048, linear=True, middle=10, adm=2816)
    made |= vae(dtype, "first_stage_model.")
    first, second = "conditioner.embedders.0.transformer.text_model.", "conditioner.embedders.1.model."
    made |= {f"{first}encoder.layers.{n}.layer_norm1.weight": Tensor(dtype, (768,)) for n in range(12)}
    made[first + "final_layer_norm.weight"] = Tensor(dtype, (768,))
    made |= {f"{second}transformer.resblocks.{n}.ln_1.weight": Tensor(dtype, (1280,)) for n in range(32)}
    made[second + "positional_embedding"] = Tensor(dtype, (77, 1280))
    made[second + "ln_final.weight"] = Tensor(dtype, (1280,))
    made[second + "text_projection"] = Tensor(dtype, (1280, 1280))
    return made


def flux_dev(dtype: str = "F8_E4M3", prefix: str = "") -> Tensors:
    """Flux.1 dev: 19 double and 38 single blocks, and the guidance input that schnell lacks."""
    shapes: dict[str, tuple[int, ...]] = {
        "img_in.weight": (3072, 64),
        "txt_in.weight": (3072, 4096),
        "time_in.in_layer.weight": (3072, 256),
        "vector_in.in_layer.weight": (3072, 768),
        "guidance_in.in_layer.weight": (3072, 256),
        "final_layer.linear.weight": (64, 3072),
    }
    for number in range(19):
        for stream in ("img", "txt"):
            shapes[f"double_blocks.{number}.{stream}_attn.norm.key_norm.scale"] = (128,)
            shapes[f"double_blocks.{number}.{stream}_attn.norm.query_norm.scale"] = (128,)
            shapes[f"double_blocks.{number}.{stream}_attn.qkv.bias"] = (9216,)
    for number in range(38):
        shapes[f"single_blocks.{number}.norm.key_norm.scale"] = (128,)
        shapes[f"single_blocks.{number}.norm.query_norm.scale"] = (128,)
        shapes[f"single_blocks.{number}.linear1.bias"] = (21504,)
    return {prefix + name: Tensor(dtype, shape) for name, shape in shapes.items()}


def lora(modules: Iterator[tuple[str, int, int]], rank: int, alpha: float, dtype: str = "F16") -> Tensors:
    """An adapter in kohya's layout over ``modules`` of (name, inputs, outputs)."""
    made: Tensors = {}
    scalar = struct.pack("<e", alpha) if dtype == "F16" else struct.pack("<f", alpha)
    for name, inputs, outputs in modules:
        made[f"{name}.lora_down.weight"] = Tensor(dtype, (rank, inputs))
        made[f"{name}.lora_up.weight"] = Tensor(dtype, (outputs, rank))
        made[f"{name}.alpha"] = Tensor("F16" if dtype == "F16" else "F32", (), scalar)
    return made


def sd1_modules() -> Iterator[tuple[str, int, int]]:
    """What a Stable Diffusion 1 LoRA adapts, under the UNet's diffusers names."""
    places = [(f"down_blocks_{n}_attentions_{k}", 320 << n) for n in range(3) for k in range(2)]
    places += [("mid_block_attentions_0", 1280)]
    places += [(f"up_blocks_{n}_attentions_{k}", 2560 >> n) for n in range(1, 4) for k in range(3)]
    for place, channels in places:
        block = f"lora_unet_{place}_transformer_blocks_0"
        yield f"{block}_attn1_to_q", channels, channels
        yield f"{block}_attn2_to_k", 768, channels
        yield f"{block}_attn2_to_v", 768, channels
    for layer in range(12):
        yield f"lora_te_text_model_encoder_layers_{layer}_self_attn_q_proj", 768, 768


def sdxl_modules() -> Iterator[tuple[str, int, int]]:
    """What an SDXL LoRA adapts, under the UNet's original names and with two text encoders."""
    places = [(f"input_blocks_{n}_1", 640, 2) for n in (4, 5)] + [(f"input_blocks_{n}_1", 1280, 10) for n in (7, 8)]
    places += [("middle_block_1", 1280, 10)]
    places += [(f"output_blocks_{n}_1", 1280, 10) for n in (0, 1, 2)] + [
        (f"output_blocks_{n}_1", 640, 2) for n in (3, 4, 5)
    ]
    for place, channels, depth in places:
        for number in range(depth):
            block = f"lora_unet_{place}_transformer_blocks_{number}"
            yield f"{block}_attn1_to_q", channels, channels
            yield f"{block}_attn2_to_k", 2048, channels
    for layer in range(12):
        yield f"lora_te1_text_model_encoder_layers_{layer}_self_attn_q_proj", 768, 768
    for layer in range(32):
        yield f"lora_te2_text_model_encoder_layers_{layer}_self_attn_q_proj", 1280, 1280


def flux_modules() -> Iterator[tuple[str, int, int]]:
    """What a Flux.1 LoRA adapts."""
    for number in range(19):
        yield f"lora_unet_double_blocks_{number}_img_attn_qkv", 3072, 9216
        yield f"lora_unet_double_blocks_{number}_txt_attn_qkv", 3072, 9216
        yield f"lora_unet_double_blocks_{number}_img_mlp_0", 3072, 12288
    for number in range(38):
        yield f"lora_unet_single_blocks_{number}_linear1", 3072, 21504
        yield f"lora_unet_single_blocks_{number}_linear2", 15360, 3072


def with_noise(tensors: Tensors, seed: str) -> Tensors:
    """The same tensors with a little data in the largest, so that no two files agree."""
    chance = random.Random(seed)
    name = max(tensors, key=lambda key: (tensors[key].size, key))
    chosen = tensors[name]
    return {**tensors, name: Tensor(chosen.dtype, chosen.shape, chance.randbytes(min(4096, chosen.size)))}
