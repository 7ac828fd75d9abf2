"""TLS and HTTP/2 against a real server: many requests over one connection, and no server that cannot prove its name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from fetching import TOKEN, Shelf, is_right, storage_requests
from front import Authority, front, speaks_http2

from modelshelf.testing.library import make_small

LARGE = "SD/large.safetensors"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    assert shutil.which("nghttpx"), "nghttpx is missing; run make setup"
    return Authority(tmp_path_factory.mktemp("trust") / "ca")


@pytest.fixture
def secured(authority: Authority, tmp_path: Path) -> Iterator[Any]:
    """Puts a server with TLS before another one: ``secured(url)``, with a certificate for a name."""
    with ExitStack() as stack:
        number = iter(range(100))

        def start(backend: str, name: str = "127.0.0.1", by: Authority = authority) -> Any:
            folder = tmp_path / f"front-{next(number)}"
            return stack.enter_context(front(backend, by.issue(name), folder))

        yield start


def test_many_requests_share_one_connection(
    serve: Any, secured: Any, authority: Authority, tmp_path: Path
) -> None:
    service = serve(unknown=["*"])
    address = secured(service.base_url)
    assert speaks_http2(address, authority)
    models = tmp_path / "models"
    make_small(str(models), 60, 2048, 1)
    command = Shelf(tmp_path / "home", address.url())
    run = command.run("scan", models, "--json", SSL_CERT_FILE=str(authority.certificate))
    assert run.status == 0, run.out + run.err
    assert run.json["not_on_civitai"] == 60 and run.json["requests"] >= 61, run.out
    requests = address.requests()
    assert len(requests) == run.json["requests"] and {version for _, version, _ in requests} == {"HTTP/2"}
    assert len({port for port, _, _ in requests}) == 1, requests


def test_a_download_through_tls(
    serve: Any, secured: Any, authority: Authority, library: Path, tmp_path: Path, to: Path
) -> None:
    service = serve()
    api, storage = secured(service.base_url), secured(service.storage_url)
    service._site.storage_url = storage.url()
    command = Shelf(tmp_path / "home", api.url())
    run = command.download("version:33", to, "--connections", "3", SSL_CERT_FILE=str(authority.certificate))
    is_right(run, library, LARGE, to)
    assert {version for _, version, _ in api.requests() + storage.requests()} == {"HTTP/2"}
    assert len(storage.requests()) > 1 and storage_requests(service)
    assert all(TOKEN not in str(entry) for entry in storage_requests(service)), "the key stays with the service"


def refused(run: Any) -> str:
    assert (run.status, run.code) == (4, "network"), run.out + run.err
    error = run.json["error"]
    return f"{error['message']} {error['hint']}"


def test_a_ca_that_nobody_trusts_is_refused(serve: Any, secured: Any, authority: Authority, tmp_path: Path, to: Path) -> None:
    service = serve()
    address = secured(service.base_url)
    other = Authority(tmp_path / "other")
    command = Shelf(tmp_path / "home", address.url())
    for settings in ({}, {"SSL_CERT_FILE": str(other.certificate)}):
        for words in (["lookup", "version:33", "--json"], ["download", "version:33", "--to", to, "--json"]):
            assert "SSL_CERT_FILE" in refused(command.run(*words, **settings))
    assert not service.requests() and not to.exists(), "nothing was said to it"


def test_a_certificate_of_another_name_is_refused(
    serve: Any, secured: Any, authority: Authority, tmp_path: Path, to: Path
) -> None:
    service = serve()
    command = Shelf(tmp_path / "home", secured(service.base_url, "example.org").url())
    run = command.download("version:33", to, SSL_CERT_FILE=str(authority.certificate))
    assert "certificate" in refused(run) and not service.requests()


def test_a_storage_that_cannot_prove_its_name_is_refused(
    serve: Any, secured: Any, authority: Authority, tmp_path: Path, to: Path
) -> None:
    service = serve()
    api, storage = secured(service.base_url), secured(service.storage_url, "example.org")
    service._site.storage_url = storage.url()
    run = Shelf(tmp_path / "home", api.url()).download("version:33", to, SSL_CERT_FILE=str(authority.certificate))
    assert "certificate" in refused(run) and not storage_requests(service)
    assert not list(to.glob("*.safetensors")) if to.exists() else True


def test_a_ca_file_that_is_not_there(serve: Any, secured: Any, tmp_path: Path) -> None:
    command = Shelf(tmp_path / "home", secured(serve().base_url).url())
    run = command.run("lookup", "version:33", "--json", SSL_CERT_FILE=str(tmp_path / "nothing.pem"))
    assert "SSL_CERT_FILE" in refused(run)
