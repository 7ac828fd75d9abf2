"""Trusted certificates for machines that have none of their own, such as small containers: those of certifi."""

from __future__ import annotations

import os

from . import _native

#: Where the usual systems keep theirs; the core looks there by itself.
SYSTEM = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_done = False


def ensure() -> None:
    """Offers certifi's file to the core where there is no other. Cheap where there is one."""
    global _done
    if _done:
        return
    _done = True
    if os.environ.get("SSL_CERT_FILE") or any(map(os.path.exists, SYSTEM)):
        return
    try:
        import certifi
    except ImportError:
        return
    _native.add_certificates(certifi.where())
