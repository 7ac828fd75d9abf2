"""The cells of a notebook, one after another."""

import sys

CELLS = [
    """
import os
os.environ['CIVITAI_TOKEN'] = 'your_token_here'
exec(open('colab_civitai_setup.py').read())
""",
    """
detected = []
announce = auto_detector.callback
auto_detector.callback = lambda path, metadata: (detected.append((path, metadata)), announce(path, metadata))
errors = []
model_manager.fetchError.connect(errors.append)
model_manager.load_models_from_folder('./models/LoRA')
before = model_manager.modelCount
""",
    """
model_manager.fetch_civitai_metadata('./models/LoRA/mine.safetensors', URL)
import time
end = time.time() + 60
while not model_manager.get_model_at(0).civitaiName and not errors and time.time() < end:
    time.sleep(0.05)
""",
    """
print(model_manager.export_all_metadata('export.json'))
""",
    """
import shutil
shutil.copy('library/LoRA/inkWash-000010.safetensors', './models/LoRA/arrives.part')
os.rename('./models/LoRA/arrives.part', './models/LoRA/arrives.safetensors')
while not any(path.endswith('arrives.safetensors') for path, _ in detected) and time.time() < end:
    time.sleep(0.05)
""",
    """
import json
model = model_manager.get_model_at(0)
print(json.dumps({
    'root': root, 'folders': folders, 'civitai': sorted(civitai), 'before': before, 'errors': errors,
    'model': vars(model), 'detected': [(path, metadata) for path, metadata in detected],
}))
auto_detector.stop_watching()
""",
]

cell_globals = {"__name__": "__main__", "URL": sys.argv[1]}
for cell in CELLS:
    exec(compile(cell, "<cell>", "exec"), cell_globals)
