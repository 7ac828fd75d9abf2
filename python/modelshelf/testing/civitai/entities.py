"""The service's things: models, their versions, the files and pictures of a version.

Field names are the service's own (snake case here, camel case on the wire). The many fields that only some routes
show sit in dictionaries: what a catalogue file overrides goes there without this module having to know it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .hashes import Digests

ARCHIVED, TAKEN_DOWN = "Archived", "TakenDown"

MODEL_TYPES = (
    "Checkpoint TextualInversion Hypernetwork AestheticGradient LORA LoCon DoRA Controlnet Upscaler MotionModule VAE "
    "TextEncoder UNet CLIPVision Poses Wildcards Workflows ComfyWorkflows Detection VisionLanguage CLIP LLM Other"
).split()

FILE_TYPES = (
    "Model|Text Encoder|Vision Encoder|Pruned Model|Negative|Training Data|VAE|Config|Archive|UNet|Diffusion Model|"
    "CLIPVision|ControlNet|Workflow|Upscaler|Enhancement LoRA|Other"
).split("|")

FILE_FORMATS = ["SafeTensor", "PickleTensor", "GGUF", "Diffusers", "Core ML", "ONNX", "Other"]

BASE_MODEL_TYPES = ["Standard", "Inpainting", "Refiner", "Pix2Pix"]

# Name of a base model -> ecosystem in an AIR; hidden ones are missing from ActiveBaseModel.
BASE_MODELS = {
    "AuraFlow": "auraflow",
    "Chroma": "chroma",
    "Flux.1 S": "flux1",
    "Flux.1 D": "flux1",
    "Flux.1 Krea": "fluxkrea",
    "Flux.1 Kontext": "flux1kontext",
    "Flux.2 D": "flux2",
    "HiDream": "hidream",
    "Hunyuan 1": "hydit1",
    "Hunyuan Video": "hyv1",
    "Illustrious": "sdxl",
    "Kolors": "kolors",
    "LTXV": "ltxv",
    "Lumina": "lumina",
    "Mochi": "mochi",
    "NoobAI": "sdxl",
    "PixArt a": "pixarta",
    "PixArt E": "pixarte",
    "Pony": "sdxl",
    "Pony V7": "auraflow",
    "Qwen": "qwen",
    "SD 1.4": "sd1",
    "SD 1.5": "sd1",
    "SD 1.5 LCM": "sd1",
    "SD 2.0": "sd2",
    "SD 2.1": "sd2",
    "SD 2.1 768": "sd2",
    "SD 3.5": "sd3",
    "SDXL 0.9": "sdxl",
    "SDXL 1.0": "sdxl",
    "SDXL Lightning": "sdxl",
    "Stable Cascade": "scascade",
    "SVD": "svd",
    "Upscaler": "other",
    "Wan Video 14B t2v": "wanvideo14b_t2v",
    "Wan Video 2.2 T2V-A14B": "wanvideo-22-t2v-a14b",
    "ZImageTurbo": "zimageturbo",
    "Other": "other",
}
HIDDEN_BASE_MODELS = {"SD 2.1 768", "SD 3.5", "SDXL 0.9", "Stable Cascade", "SVD"}

AIR_TYPES = {
    "Checkpoint": "checkpoint",
    "LORA": "lora",
    "DoRA": "dora",
    "LoCon": "lycoris",
    "TextualInversion": "embedding",
    "Hypernetwork": "hypernet",
    "AestheticGradient": "ag",
    "MotionModule": "motion",
    "Upscaler": "upscaler",
    "VAE": "vae",
    "Controlnet": "controlnet",
    "TextEncoder": "text_encoders",
    "UNet": "unet",
    "CLIPVision": "clipvision",
    "CLIP": "clip",
    "VisionLanguage": "visionlanguage",
}

# Kinds of file whose version is offered first as "the" download.
PRIMARY_TYPES = {"Model", "Pruned Model", "Diffusion Model", "UNet"}
PREFERRED = {"format": "SafeTensor", "size": "pruned", "fp": "fp16", "quantType": "Q4_K_M"}
WEIGHTS = {"format": 100.0, "size": 10.0, "fp": 1.0, "quantType": 0.5}


@dataclass(slots=True)
class File:
    """One uploaded file of one version. The same bytes in two versions are two of these."""

    id: int
    path: str
    size: int
    digests: Digests
    name: str
    type: str = "Model"
    metadata: dict[str, Any] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    override_name: str | None = None
    visibility: str = "Public"
    replaced: bool = False
    scanned_at: str | None = None
    scan: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Picture:
    """A picture or a video shown with a version."""

    id: int
    uuid: str
    type: str
    width: int
    height: int
    nsfw_level: int
    blurhash: str
    created_at: str
    meta: dict[str, Any] | None
    username: str | None
    stats: dict[str, int]
    url: str | None = None


@dataclass(slots=True)
class Version:
    """One version of a model."""

    id: int
    name: str
    base_model: str
    published_at: str | None
    created_at: str
    updated_at: str
    nsfw_level: int
    trained_words: list[str]
    description: str | None
    stats: dict[str, int | None]
    files: list[File]
    gallery: Callable[[], list[Picture]]
    base_model_type: str | None = "Standard"
    status: str = "Published"
    availability: str = "Public"
    usage_control: str = "Download"
    require_auth: bool = False
    licensing_fee: float | None = None
    paid_access: dict[str, Any] | None = None
    vae_id: int | None = None
    upload_type: str = "Created"
    training_details: Any = None
    training_status: str | None = None
    missing_file: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    model: Model = field(init=False, repr=False)
    _shown: list[Picture] | None = field(default=None, repr=False)

    @property
    def pictures(self) -> list[Picture]:
        """The pictures, made up when somebody first looks: most versions are only ever asked for by hash."""
        if self._shown is None:
            self._shown = self.gallery()
        return self._shown

    @pictures.setter
    def pictures(self, shown: list[Picture]) -> None:
        self._shown = shown

    def public_files(self) -> list[File]:
        """The files a stranger may see."""
        return [] if self.missing_file else [file for file in self.files if file.visibility == "Public"]


@dataclass(slots=True)
class Model:
    """A model: what people give a name to, with one or more versions in its maker's order."""

    id: int
    name: str
    type: str
    description: str | None
    creator: dict[str, Any] | None
    user_id: int
    tags: list[str]
    nsfw_level: int
    stats: dict[str, int | None]
    versions: list[Version]
    nsfw: bool = False
    poi: bool = False
    minor: bool = False
    sfw_only: bool = False
    mode: str | None = None
    status: str = "Published"
    availability: str = "Public"
    checkpoint_type: str | None = None
    allow_no_credit: bool = True
    allow_derivatives: bool = True
    allow_different_license: bool = True
    allow_commercial_use: str = "{Image,RentCivit,Rent,Sell}"
    supports_generation: bool = True
    extra: dict[str, Any] = field(default_factory=dict)

    def adopt(self) -> None:
        """Tell every version whose it is."""
        for version in self.versions:
            version.model = self


def primary_file(files: list[File], wanted: dict[str, Any] | None = None, of_type: str | None = None) -> File | None:
    """The file served when nobody names one: scored by preferences, so a user's own settings change it."""
    preferred = {**PREFERRED, **(wanted or {})}
    best: tuple[float, File] | None = None
    for file in files:
        if of_type and file.type != of_type:
            continue
        score = 1000.0 + (1000.0 if file.type in PRIMARY_TYPES else 0.0)
        for key, weight in WEIGHTS.items():
            value = file.metadata.get(key)
            if value is not None:
                score += weight if value == preferred[key] else -weight
        if best is None or score > best[0]:
            best = (score, file)
    return best[1] if best else None


def air(model: Model, version: Version) -> str:
    """The AI resource name of a version."""
    ecosystem = BASE_MODELS.get(version.base_model, version.base_model.lower())
    kind = AIR_TYPES.get(model.type, "unknown")
    return f"urn:air:{ecosystem}:{kind}:civitai:{model.id}@{version.id}"
