internal import ShelfIdentify

/// What ComfyUI calls its kinds of folders, and the type of the models in them.
///
/// Source: `folder_paths.py` and `extra_model_paths.yaml.example` of ComfyUI, 2026; keys of widespread custom nodes.
enum ComfyUIFolders {
    enum Meaning: Equatable {
        /// Models of one type.
        case type(ModelType)
        /// Models of several types, which their headers tell.
        case models
        /// No models.
        case nothing
    }

    static let table: [String: Meaning] = [
        "checkpoints": .type(.checkpoint),
        "loras": .type(.lora),
        "vae": .type(.vae),
        "vae_approx": .type(.vae),
        "text_encoders": .type(.textEncoder),
        "clip": .type(.textEncoder),
        "clip_vision": .type(.clipVision),
        "diffusion_models": .type(.unet),
        "unet": .type(.unet),
        "unet_gguf": .type(.unet),
        "clip_gguf": .type(.textEncoder),
        "controlnet": .type(.controlnet),
        "t2i_adapter": .type(.controlnet),
        "embeddings": .type(.textualInversion),
        "hypernetworks": .type(.hypernetwork),
        "upscale_models": .type(.upscaler),
        "latent_upscale_models": .type(.upscaler),
        "animatediff_models": .type(.motionModule),
        "animatediff_motion_lora": .type(.lora),
        "diffusers": .models,
        "style_models": .models,
        "gligen": .models,
        "photomaker": .models,
        "classifiers": .models,
        "model_patches": .models,
        "audio_encoders": .models,
        "ipadapter": .models,
        "configs": .nothing,
        "custom_nodes": .nothing,
        "input": .nothing,
        "output": .nothing,
        "temp": .nothing,
        "user": .nothing,
        "workflows": .nothing,
    ]
}
