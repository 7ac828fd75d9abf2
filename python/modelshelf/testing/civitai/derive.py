"""A believable catalogue entry from a file's name and header.

Everything follows from the file's SHA-256 and the seed, so two runs over the same folder publish the same catalogue
and a test can be repeated. What a header states (a title, trigger words, a base model) is used; the rest is made up
in the manner of the real thing.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from .entities import File, Model, Picture, Version
from .files import Stored
from .headers import FORMATS, HeaderFacts

CREATORS = ["mirelle_v", "Kaoru77", "BitterOrange", "northlight", "Sable.Works", "tinfoil cat", "PixelMonger", "okapi"]
ADJECTIVES = ["soft", "vivid", "grainy", "painterly", "crisp", "muted", "luminous", "nocturnal"]
SUBJECTS = ["portraits", "landscapes", "interiors", "street scenes", "characters", "creatures", "still lifes"]
TAGS = {
    "Checkpoint": ["base model", "photorealistic", "anime", "illustration", "landscapes"],
    "LORA": ["style", "character", "concept", "clothing", "anime"],
    "TextualInversion": ["negative embedding", "embedding", "style"],
    "VAE": ["vae", "tool"],
}
EPOCH = datetime(2023, 1, 5, tzinfo=timezone.utc)

# The first pattern found in "metadata claim | path" names the base model; order matters.
BASES = [
    (r"flux[._ -]?2", "Flux.2 D"),
    (r"flux.*schnell|schnell", "Flux.1 S"),
    (r"flux", "Flux.1 D"),
    (r"pony|pdxl", "Pony"),
    (r"illustrious|ilxl", "Illustrious"),
    (r"noob", "NoobAI"),
    (r"sdxl|stable-diffusion-xl|_xl|xl_|xl\b", "SDXL 1.0"),
    (r"sd_?v?2|stable-diffusion-v2|v2-1|sd21|768-ema", "SD 2.1"),
    (r"wan[._ -]?2", "Wan Video 2.2 T2V-A14B"),
    (r"qwen", "Qwen"),
    (r"z_?image", "ZImageTurbo"),
]
FOLDER_TYPES = {
    "lora": "LORA",
    "loras": "LORA",
    "vae": "VAE",
    "embeddings": "TextualInversion",
    "controlnet": "Controlnet",
    "upscale_models": "Upscaler",
    "esrgan": "Upscaler",
    "hypernetworks": "Hypernetwork",
    "clip": "CLIP",
    "text_encoders": "TextEncoder",
    "unet": "UNet",
}


def isoformat(moment: datetime) -> str:
    """A moment as the service prints it, with milliseconds and Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def model_type(facts: HeaderFacts, relative: str) -> str:
    """The kind of a model, from its tensors, else from the folder it lies in."""
    claim = facts.metadata.get("modelspec.architecture", "")
    names = facts.shapes.keys()
    if "/lora" in claim or "ss_network_module" in facts.metadata or any(".lora_" in name for name in names):
        return "LORA"
    if "/textual-inversion" in claim or "emb_params" in names or {"clip_l", "clip_g"} <= set(names):
        return "TextualInversion"
    if names and all(name.startswith(("encoder.", "decoder.", "quant_conv", "post_quant_conv")) for name in names):
        return "VAE"
    if any(name.startswith(("control_model.", "controlnet_")) for name in names):
        return "Controlnet"
    for part in reversed(relative.lower().split("/")[:-1]):
        if part in FOLDER_TYPES:
            return FOLDER_TYPES[part]
    return "Checkpoint"


def base_model(facts: HeaderFacts, relative: str) -> str:
    """The base model's name, from what the header claims, else from names along the path."""
    claims = [facts.metadata.get("modelspec.architecture", ""), facts.metadata.get("ss_base_model_version", "")]
    for text in (" ".join(claims).lower(), relative.lower()):
        for pattern, name in BASES:
            if re.search(pattern, text):
                return name
    return "SD 1.5"


def title(facts: HeaderFacts, stem: str) -> str:
    """A name a person would give: the header's, else the file's with its underscores taken out."""
    given = facts.metadata.get("modelspec.title") or facts.metadata.get("ss_output_name") or stem
    words = re.sub(r"[_\s]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", given)).strip()
    return words[:1].upper() + words[1:] if words else "Untitled"


def trained_words(facts: HeaderFacts, kind: str, stem: str) -> list[str]:
    """Trigger words: the stated phrase, else class tokens of the training folders, else the stem of an embedding."""
    phrase = facts.metadata.get("modelspec.trigger_phrase")
    if phrase:
        return [word.strip() for word in phrase.split(",") if word.strip()]
    try:
        folders = json.loads(facts.metadata.get("ss_tag_frequency", "{}"))
    except ValueError:
        folders = {}
    if isinstance(folders, dict) and folders:
        return [re.sub(r"^\d+_", "", name) for name in folders]
    if kind == "TextualInversion":
        return [stem]
    return [re.sub(r"\W+", "", stem.lower())[:20]] if kind == "LORA" else []


def pictures_for(seed: str, words: list[str], level: int, created: str, username: str | None) -> list[Picture]:
    """Up to four pictures, now and then a video, with the generation data people leave in them."""
    chance = random.Random(seed)
    shown = []
    for _ in range(chance.randrange(0, 5)):
        video = chance.random() < 0.15
        width, height = chance.choice([(832, 1216), (1024, 1024), (1216, 832), (512, 768)])
        prompt = ", ".join([*words, chance.choice(ADJECTIVES) + " light", chance.choice(SUBJECTS)])
        meta = {
            "prompt": prompt,
            "negativePrompt": "lowres, blurry",
            "steps": 28,
            "cfgScale": 6.5,
            "sampler": "Euler a",
        }
        counts = ("cryCount", "laughCount", "likeCount", "heartCount", "commentCount")
        shown.append(
            Picture(
                id=chance.randrange(1_000_000, 100_000_000),
                uuid=str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                type="video" if video else "image",
                width=width,
                height=height,
                nsfw_level=level,
                blurhash=f"U{chance.getrandbits(108):027x}",
                created_at=created,
                meta=None if chance.random() < 0.2 else {**meta, "seed": chance.randrange(1 << 32)},
                username=username,
                stats={name: chance.randrange(0, 400) for name in counts},
            )
        )
    return shown


def describe(stored: Stored, seed: int, ids: tuple[int, int, int]) -> Model:
    """The model, with one version and one file, that the service would have for ``stored``."""
    key = f"{seed}/{stored.digests.sha256}"
    chance = random.Random(key)
    facts, relative = stored.facts, stored.relative.encode("utf-8", "replace").decode()
    name = relative.rpartition("/")[2]
    stem, _, extension = name.rpartition(".")
    kind = model_type(facts, relative)
    base = base_model(facts, relative)
    words = trained_words(facts, kind, stem)
    creator = facts.metadata.get("modelspec.author") or chance.choice(CREATORS)
    published = EPOCH + timedelta(seconds=chance.randrange(0, 86_400 * 900), milliseconds=chance.randrange(1000))
    created = isoformat(published - timedelta(minutes=chance.randrange(2, 600)))
    level = 1 if chance.random() < 0.8 else chance.choice([2, 4, 8, 28])
    downloads = int(10 ** (1 + chance.random() * 4))
    thumbs = downloads // chance.randrange(8, 40)
    found = re.search(r"[vV](\d+(?:\.\d+)?)", stem)
    version = Version(
        id=ids[1],
        name="v" + found.group(1) if found else "v1.0",
        base_model=base,
        published_at=isoformat(published),
        created_at=created,
        updated_at=isoformat(published + timedelta(hours=3)),
        nsfw_level=level,
        trained_words=words,
        description=None if chance.random() < 0.5 else "<p>Retrained with better captions.</p>",
        stats={"downloadCount": downloads, "thumbsUpCount": thumbs, "thumbsDownCount": thumbs // 50},
        files=[describe_file(stored, ids[2], published)],
        gallery=lambda: pictures_for(key, words, 1 if level == 1 else 4, created, creator),
    )
    model = Model(
        id=ids[0],
        name=title(facts, stem),
        type=kind,
        description=_description(chance, kind, words, facts.metadata.get("modelspec.description")),
        creator={"username": creator, "image": None},
        user_id=chance.randrange(1000, 5_000_000),
        tags=sorted(set(chance.sample(TAGS.get(kind, ["tool"]), k=min(2, len(TAGS.get(kind, ["tool"])))))),
        nsfw_level=level,
        nsfw=level >= 8,
        stats={
            "downloadCount": downloads,
            "thumbsUpCount": thumbs,
            "thumbsDownCount": thumbs // 50,
            "commentCount": thumbs // 30,
            "tippedAmountCount": chance.randrange(0, 5000),
        },
        versions=[version],
        checkpoint_type="Trained" if kind == "Checkpoint" else None,
        allow_no_credit=chance.random() < 0.7,
        allow_derivatives=chance.random() < 0.8,
        allow_different_license=chance.random() < 0.6,
        allow_commercial_use=chance.choice(["{Image,RentCivit,Rent,Sell}", "{Image,RentCivit}", "{None}", "{}"]),
    )
    model.adopt()
    return model


def describe_file(stored: Stored, number: int, published: datetime) -> File:
    """The upload of ``stored``: its metadata as the site would have worked it out."""
    name = stored.relative.encode("utf-8", "replace").decode().rpartition("/")[2]
    extension = "." + name.rpartition(".")[2].lower()
    metadata: dict[str, Any] = {"format": FORMATS.get(extension, "Other"), "size": "full", "fp": stored.facts.precision}
    scanned = published + timedelta(minutes=7)
    return File(
        id=number,
        path=stored.path,
        size=stored.size,
        digests=stored.digests,
        name=name,
        metadata=metadata,
        hashes=stored.digests.table(),
        scanned_at=isoformat(scanned.replace(microsecond=60_000)),
        scan={
            "pickleScanResult": "Success",
            "pickleScanMessage": "No Pickle imports",
            "virusScanResult": "Success",
            "virusScanMessage": None,
        },
    )


def _description(chance: random.Random, kind: str, words: list[str], stated: str | None) -> str:
    lead = stated or f"A {kind} for {chance.choice(ADJECTIVES)} {chance.choice(SUBJECTS)}."
    use = f"<p>Trigger: <strong>{words[0]}</strong></p>" if words else ""
    return f"<h2>About</h2><p>{lead}</p>{use}<p>Recommended weight <em>0.7&ndash;1.0</em>.</p>"
