"""certifi's certificates are for machines that have none."""

from __future__ import annotations

import sys
import types

import pytest

from modelshelf import _native, certificates


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    added: list[str] = []
    module = types.ModuleType("certifi")
    module.where = lambda: "/certifi/cacert.pem"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "certifi", module)
    monkeypatch.setattr(_native, "add_certificates", added.append)
    monkeypatch.setattr(certificates, "_done", False)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    return added


def test_the_systems_own_come_first(added: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "SYSTEM", ("/dev/null",))
    certificates.ensure()
    assert added == []


def test_a_file_in_the_environment_comes_first(added: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "SYSTEM", ())
    monkeypatch.setenv("SSL_CERT_FILE", "/x")
    certificates.ensure()
    assert added == []


def test_else_those_of_certifi_are_offered_once(added: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "SYSTEM", ())
    certificates.ensure()
    certificates.ensure()
    assert added == ["/certifi/cacert.pem"]


def test_without_certifi_nothing_happens(added: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "SYSTEM", ())
    monkeypatch.setitem(sys.modules, "certifi", None)
    certificates.ensure()
    assert added == []
