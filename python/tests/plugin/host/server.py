"""Stands in for the server: one inference thread, a queue of (client, id, request), answers by on_response."""

import queue
import threading


def do_download(request, folder, id, callback):
    raise AssertionError("the server's own downloader must not be used")


class Inference(threading.Thread):
    def __init__(self, wrapper, callback, read_only=False):
        super().__init__(daemon=True)
        self.wrapper = wrapper
        self.callback = callback
        self.read_only = read_only
        self.requests = queue.Queue()
        self.current = None
        self.threads = set()

    def run(self):
        while True:
            client, self.current, request = self.requests.get()
            if request is None:
                return
            self.threads.add(threading.get_ident())
            self.wrapper.callback = lambda response: self.callback(self.current, response)
            try:
                self.answer(request)
            except Exception as error:
                self.callback(self.current, {"type": "error", "data": {"message": str(error)}})

    def answer(self, request):
        kind = request["type"]
        if kind == "download":
            do_download(request["data"], self.wrapper.storage.path, self.current, self.callback)
        elif kind in ("options", "metadata", "txt2img"):
            self.wrapper.set(**request.get("data", {}))
            getattr(self.wrapper, kind)()


class Server:
    def __init__(self, wrapper, read_only=False):
        self.inference = Inference(wrapper, self.on_response, read_only)
        self.owner = None
        self.responses = queue.Queue()

    def start(self):
        self.inference.start()

    def stop(self):
        self.inference.requests.put((None, -1, None))
        self.inference.join()

    def receive(self, client, id, request):
        self.inference.requests.put((client, id, request))

    def on_response(self, id, response):
        self.responses.put({"id": id, **response})
