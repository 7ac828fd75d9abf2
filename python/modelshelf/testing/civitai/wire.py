"""HTTP/1.1 on one socket: reading requests, and sending answers well or badly.

The standard library's handler classes spend most of their time on generality and always finish what they began. A
stand-in has to be quick enough not to be what a benchmark measures, and has to be able to stop in the middle of a
body, lie about a length and reset a connection; a hundred lines on the bare socket do both.
"""

from __future__ import annotations

import gzip
import io
import socket
import struct
import time
from http import HTTPStatus
from urllib.parse import unquote

from .messages import HALF, FileSlice, Query, Request, Response

HEAD_LIMIT = 64 * 1024
BODY_LIMIT = 8 * 1024 * 1024
GZIP_FLOOR = 512
REASONS = {status.value: status.phrase for status in HTTPStatus} | {499: "Client Closed Request"}


class BadRequest(Exception):
    """The bytes on the wire are not a request this server understands."""


class Connection:
    """One accepted socket, with the bytes that were read ahead of the request they belong to."""

    def __init__(self, sock: socket.socket, number: int, origin: str) -> None:
        self.sock = sock
        self.number = number
        self.origin = origin
        self._buffer = bytearray()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    # Reading

    def read_request(self) -> Request | None:
        """The next request, or None when the client is done."""
        head = self._read_head()
        if head is None:
            return None
        lines = head.split("\r\n")
        words = lines[0].split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadRequest("not an HTTP/1 request line")
        headers: dict[str, str] = {"": words[2]}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon:
                raise BadRequest("a header without a colon")
            headers[name.lower()] = value.strip()
        body = self._read_body(headers)
        target = words[1]
        if "://" in target[:8]:  # absolute form, as a client sends it to a proxy
            target = "/" + target.split("://", 1)[1].partition("/")[2]
        path, _, query = target.partition("#")[0].partition("?")
        return Request(self.origin, words[0], unquote(path), Query(query), headers, body, self.number)

    def _read_head(self) -> str | None:
        while True:
            end = self._buffer.find(b"\r\n\r\n")
            if end >= 0:
                break
            if len(self._buffer) > HEAD_LIMIT:
                raise BadRequest("request head too long")
            if not self._fill():
                return None
        head = self._buffer[:end].decode("latin-1")
        del self._buffer[: end + 4]
        return head

    def _read_body(self, headers: dict[str, str]) -> bytes:
        chunked = "chunked" in headers.get("transfer-encoding", "").lower()
        length = 0
        if not chunked:
            try:
                length = int(headers.get("content-length", "0"))
            except ValueError:
                raise BadRequest("a length that is not a number") from None
        if not chunked and length == 0:
            return b""
        if length > BODY_LIMIT or length < 0:
            raise BadRequest("request body too long")
        if headers.get("expect", "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not chunked:
            return self._take(length)
        body = bytearray()
        while True:
            size = int(self._take_line().split(b";")[0] or b"0", 16)
            if size == 0:
                while self._take_line():  # trailers
                    pass
                return bytes(body)
            if len(body) + size > BODY_LIMIT:
                raise BadRequest("request body too long")
            body += self._take(size)
            self._take_line()

    def _fill(self) -> bool:
        data = self.sock.recv(65536)
        self._buffer += data
        return bool(data)

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            if not self._fill():
                raise BadRequest("the body ends early")
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    def _take_line(self) -> bytes:
        while (end := self._buffer.find(b"\r\n")) < 0:
            if not self._fill():
                raise BadRequest("the body ends early")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 2]
        return line

    # Sending

    def send(self, request: Request, response: Response) -> tuple[int, bool]:
        """Send an answer; gives the body bytes that went out, and whether the connection may be used again."""
        delivery = response.delivery
        if delivery.delay:
            time.sleep(delivery.delay)
        if delivery.silent:
            self.close(reset=delivery.ending == "reset")
            return 0, False
        body = _encoded(request, response)
        length = body.length if isinstance(body, FileSlice) else len(body)
        keep = delivery.ending == "keep" and _wants_more(request)
        declared = length
        if delivery.cut is not None:
            length = length // 2 if delivery.cut == HALF else min(length, delivery.cut)
            declared += 100 if length == declared else 0  # a body too short to cut is promised longer
        head = _head(response, declared, keep)
        if request.method == "HEAD":
            self.sock.sendall(head)
            return 0, keep
        if delivery.drip:
            self.sock.sendall(head)
            self._send_slowly(body, length, delivery.drip)
        elif isinstance(body, FileSlice):
            self.sock.sendall(head)
            length = self._send_file(body, length)
        else:
            self.sock.sendall(head + body[:length])
        if delivery.ending == "reset":
            time.sleep(0.02)  # a reset takes back what the other side has not read yet; let it read
        if not keep:
            self.close(reset=delivery.ending == "reset")
        return length, keep

    def _send_file(self, body: FileSlice, length: int) -> int:
        if length == 0:
            return 0
        with open(body.path, "rb") as file:
            return self.sock.sendfile(file, body.start, length)

    def _send_slowly(self, body: bytes | FileSlice, length: int, rate: float) -> None:
        """Send at about ``rate`` bytes a second, in pieces small enough for a reader to see them arrive."""
        piece = max(1, int(rate / 20))
        with open(body.path, "rb") if isinstance(body, FileSlice) else io.BytesIO(body) as source:
            source.seek(body.start if isinstance(body, FileSlice) else 0)
            for offset in range(0, length, piece):
                count = min(piece, length - offset)
                self.sock.sendall(source.read(count))
                time.sleep(count / rate)

    def close(self, reset: bool = False) -> None:
        """Close in good order, or with a reset: lingering for no time makes the kernel send RST in place of FIN."""
        try:
            if reset:
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.sock.close()


def _wants_more(request: Request) -> bool:
    asked = request.headers.get("connection", "").lower()
    return "close" not in asked and (request.headers[""] == "HTTP/1.1" or "keep-alive" in asked)


def _encoded(request: Request, response: Response) -> bytes | FileSlice:
    """The body as it travels: JSON and HTML of some length are compressed where the client can read that."""
    body = response.body
    if isinstance(body, FileSlice):
        return body
    wanted = "gzip" in request.headers.get("accept-encoding", "").lower()
    if response.delivery.bad_gzip:
        packed = bytearray(gzip.compress(body or b"{}", 1))
        packed[len(packed) // 2 :] = b"\xff" * (len(packed) - len(packed) // 2)
        response.headers["Content-Encoding"] = "gzip"
        return bytes(packed)
    if wanted and len(body) >= GZIP_FLOOR and response.content_type.startswith(("application/json", "text/")):
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
        return gzip.compress(body, 1)
    return body


def _head(response: Response, length: int, keep: bool) -> bytes:
    lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}"]
    if response.content_type:
        lines.append(f"Content-Type: {response.content_type}")
    lines.append(f"Content-Length: {length}")
    # File names end up in headers; a line break in one must not begin another header.
    lines.extend(f"{name}: {' '.join(value.splitlines())}" for name, value in response.headers.items())
    lines.append("Date: " + time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime()))
    lines.append("Connection: keep-alive" if keep else "Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")
