"""A server with TLS and HTTP/2 before the stand-in: nghttpx, with certificates of a CA that lives as long as a test."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


class Authority:
    """A CA that nobody else trusts."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={folder.name}",
            "-keyout", "ca.key", "-out", "ca.pem", "-addext", "basicConstraints=critical,CA:TRUE",
        )

    def _openssl(self, *words: str) -> None:
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def issue(self, name: str) -> tuple[Path, Path]:
        """A certificate for a host, and its key."""
        kind = "IP" if name[0].isdigit() else "DNS"
        (self.folder / f"{name}.ext").write_text(f"subjectAltName={kind}:{name}\n")
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{name}.key",
                      "-out", f"{name}.csr")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


@dataclass
class Front:
    port: int
    log: Path

    def url(self, host: str = "127.0.0.1") -> str:
        return f"https://{host}:{self.port}"

    def requests(self) -> list[tuple[str, str, str]]:
        """Of each request the client's port, the version of HTTP and the path."""
        entries = []
        for line in self.log.read_text().splitlines():
            port, request = line.split(" ", 1)
            _, path, version = request.split(" ")
            entries.append((port, version, path))
        return entries


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def front(backend: str, certificate: tuple[Path, Path], folder: Path) -> Iterator[Front]:
    """nghttpx on a free port of loopback, passing everything on to a plain server."""
    folder.mkdir(parents=True, exist_ok=True)
    host, port = backend.removeprefix("http://").split(":")
    mine = free_port()
    log = folder / "access.log"
    log.touch()
    line = [
        "nghttpx", "--conf=/dev/null", f"--frontend=127.0.0.1,{mine}", f"--backend={host},{port}", "--workers=1",
        "--no-via", "--no-location-rewrite", f"--accesslog-file={log}", "--accesslog-format=$remote_port $request", "--no-ocsp",
        f"--errorlog-file={folder / 'error.log'}", "--frontend-http2-max-concurrent-streams=100",
        str(certificate[1]), str(certificate[0]),
    ]
    process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", mine), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "error.log").read_text()
                assert time.monotonic() < end, "nghttpx does not answer"
                time.sleep(0.05)
        yield Front(mine, log)
    finally:
        process.terminate()
        process.wait(timeout=20)


def speaks_http2(address: Front, authority: Authority) -> bool:
    """Whether the server offers HTTP/2 at all: what is tested of us means nothing otherwise."""
    context = ssl.create_default_context(cafile=str(authority.certificate))
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", address.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        return secured.selected_alpn_protocol() == "h2"
