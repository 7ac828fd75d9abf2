"""A local stand-in of the Civitai service.

It serves the service's public API, quirks included, over the model files of a folder, on loopback, and misbehaves on
request. As a program::

    python3 -m modelshelf.testing.civitai --files models --fault 503:every=3

and from Python::

    from modelshelf.testing.civitai import CivitaiStandIn
    with CivitaiStandIn(files="models") as service: ...

What is served by default is one model for each file, made up from its name and header (``derive``); a
``catalogue.json`` in the folder says otherwise (``overrides``). Faults are described in ``faults``, control routes in
``control``.
"""

from .faults import KINDS, Fault
from .service import CivitaiStandIn

__all__ = ["KINDS", "CivitaiStandIn", "Fault"]
