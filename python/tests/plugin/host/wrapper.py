"""Stands in for the server's parameters of a generation, with its trap: whatever is missing is None."""

STATIC = {"storage", "callback", "device"}


class GenerationParameters:
    def __init__(self, storage, device=None):
        self.storage = storage
        self.device = device
        self.callback = None

    def __getattr__(self, name):
        return None

    def reset(self):
        for name in list(self.__dict__):
            if name not in STATIC:
                delattr(self, name)

    def set(self, **values):
        self.reset()
        for name, value in values.items():
            setattr(self, name, value)

    def options(self):
        self.storage.find_all()
        data = {key: list(names) for key, names in self.storage.files.items()}
        data["sampler"] = ["Euler a"]
        self.callback({"type": "options", "data": data})

    def metadata(self):
        self.callback({"type": "metadata", "data": self.storage.get_metadata(self.model)})

    def get_metadata(self, mode, width, height, batch_size, prompts=None, seeds=None):
        return [
            {"mode": mode, "prompt": prompts[0], "negative_prompt": prompts[1], "width": width, "seed": seeds[index]}
            for index in range(batch_size)
        ]

    def txt2img(self):
        self.unet_name = self.unet or self.model
        self.unet = object()
        positive, negative = self.prompt[0]
        metadata = self.get_metadata("T2I", 64, 64, 1, [" AND ".join(positive), " AND ".join(negative)], [1])
        self.on_complete([b"picture"], metadata)

    def on_complete(self, images, metadata):
        self.callback({"type": "result", "data": {"images": images, "metadata": metadata}})
