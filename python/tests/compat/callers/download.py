"""The server's requests for downloads: an address of the service with a token, into the folder of a type."""

import json
import os
import sys
import threading

from auto_model_detector import AutoModelMetadataDetector

import modelshelf


def do_download(request, folder, callback):
    callback({"type": "download", "data": {"status": "started"}})
    try:
        target = os.path.join(folder, request["type"])
        done = modelshelf.Civitai(request.get("civitai_token")).download(
            request["url"],
            to=target,
            progress=lambda p: callback({"type": "download", "data": {"status": "progress", "bytes": p.bytes}}),
        )
        callback({"type": "download", "data": {"status": "success", "path": os.fspath(done)}})
    except modelshelf.Error as problem:
        callback({"type": "download", "data": {"status": "error", "message": str(problem)}})


os.makedirs("models/LoRA", exist_ok=True)
arrived = threading.Event()
told = []
detector = AutoModelMetadataDetector(
    {"LoRA": "models/LoRA"}, callback=lambda path, metadata: (told.append([path, metadata]), arrived.set())
)
detector.start_watching()
responses = []
request = {"type": "LoRA", "url": sys.argv[1], "civitai_token": sys.argv[2]}
thread = threading.Thread(target=do_download, args=(request, "models", responses.append))
thread.start()
thread.join(60)
arrived.wait(60)
detector.stop_watching()
print(json.dumps({"responses": [each["data"] for each in responses], "told": told}))
