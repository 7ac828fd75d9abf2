"""A client of the stand-in, in its process."""

import itertools
import time

import server
import storage
import wrapper

PATIENCE = 30
_ids = itertools.count(100)


class Host:
    def __init__(self, root, **options):
        self.storage = storage.ModelStorage(root)
        self.parameters = wrapper.GenerationParameters(self.storage)
        self.server = server.Server(self.parameters, **options)
        self.server.start()

    def ask(self, kind, client="client", ends=("done", "error", "success"), **data):
        """All answers to one request, to the last."""
        id = next(_ids)
        self.server.receive(client, id, {"type": kind, "id": id, "data": data})
        return self.answers(id, ends)

    def answers(self, id, ends=("done", "error", "success")):
        answers = []
        while True:
            answer = self.server.responses.get(timeout=PATIENCE)
            assert answer.pop("id") == id, answer
            check_bson(answer)
            answers.append(answer)
            if answer["type"] not in ("modelshelf", "download") or answer["data"]["status"] in ends:
                return answers

    def one(self, kind, **data):
        (answer,) = self.ask(kind, **data)
        assert answer["type"] != "error", answer
        return answer["data"]


def until(condition):
    """Waits until it is so; gives what it gave."""
    end = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, "never"
        time.sleep(0.02)


def check_bson(value):
    """Only what BSON has."""
    if type(value) is dict:
        for key, each in value.items():
            assert type(key) is str and "\0" not in key, key
            key.encode()
            check_bson(each)
    elif type(value) is list:
        for each in value:
            check_bson(each)
    elif type(value) is int:
        assert -(1 << 63) <= value < 1 << 63, value
    elif type(value) is str:
        value.encode()
    else:
        assert value is None or type(value) in (bool, float, bytes), type(value)
