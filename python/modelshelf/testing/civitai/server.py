"""A listening socket with one thread for each connection.

Threads are plain and enough: a client library opens a handful of connections and keeps them. The listener binds a
loopback address and nothing else, because what it serves is unauthenticated and may be private.
"""

from __future__ import annotations

import ipaddress
import itertools
import socket
import threading
from collections.abc import Callable

from .messages import TEXT, Query, Request, Response
from .wire import BadRequest, Connection

Answer = Callable[[Request], Response]


def require_loopback(host: str) -> str:
    """``host`` as a loopback address; everything else is refused."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(f"{host}: the stand-in listens on a loopback address only")
    return address


class Listener:
    """One origin: accepts, reads requests, hands them to ``answer`` and sends what comes back."""

    _numbers = itertools.count(1)

    def __init__(self, origin: str, host: str, port: int, answer: Answer) -> None:
        self.origin = origin
        self._answer = answer
        self._host = require_loopback(host)
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((self._host, port))
        self._socket.listen(512)
        self.port: int = self._socket.getsockname()[1]
        self._open: set[Connection] = set()
        self._lock = threading.Lock()
        self._stopping = False

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        threading.Thread(target=self._accept, name=f"stand-in {self.origin}", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and drop every connection; threads in the middle of an answer end with their socket."""
        self._stopping = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread, which close alone does not
        except OSError:
            pass
        self._socket.close()
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _accept(self) -> None:
        while not self._stopping:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            connection = Connection(sock, next(self._numbers), self.origin)
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        try:
            while self._serve_one(connection):
                pass
        except OSError:
            pass  # the client went away, which is its right
        finally:
            connection.close()
            with self._lock:
                self._open.discard(connection)

    def _serve_one(self, connection: Connection) -> bool:
        try:
            request = connection.read_request()
        except (BadRequest, ValueError) as problem:
            request = Request(self.origin, "GET", "/", Query(""), {"": "HTTP/1.0"})
            connection.send(request, Response(400, f"{problem}\n".encode(), TEXT))
            return False
        if request is None:
            return False
        response = self._answer(request)
        count, keep = connection.send(request, response)
        if response.on_sent:
            response.on_sent(count)
        return keep
