"""Stands in for the program that starts the server, with its own default for the models folder."""

import argparse
import json
import sys

import server
import storage
import wrapper

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--password", default="")
    arguments = parser.parse_args()
    models = storage.ModelStorage("./models", None, None)
    running = server.Server(wrapper.GenerationParameters(models))
    running.start()
    for id, line in enumerate(sys.stdin):
        request = json.loads(line)
        running.receive("client", id, request)
        while True:
            answer = running.responses.get(timeout=30)
            if answer["id"] == id and answer["data"].get("status") != "progress":
                break
        print(json.dumps({"root": models.path, "password": arguments.password, **answer}, default=repr), flush=True)
    running.stop()
