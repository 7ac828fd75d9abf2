"""The control routes below ``/__control__``: what a test outside the process steers the stand-in with.

They are neither logged nor subject to faults, and they answer even while the service plays dead.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .messages import Request, Response, as_json, error

if TYPE_CHECKING:
    from .service import CivitaiStandIn

PREFIX = "/__control__/"


def is_control(request: Request) -> bool:
    return request.path.startswith(PREFIX)


def answer(service: CivitaiStandIn, request: Request) -> Response:
    """Answer one control request.

    * ``GET requests`` and ``GET summary`` read the log.
    * ``GET faults`` lists the faults in force, ``POST faults`` adds to them (a spec as JSON text, an object, a list of
      either, or ``{"faults": […], "replace": true}``), ``DELETE faults`` ends them.
    * ``POST down`` and ``POST up`` take the service down and up.
    * ``POST rescan`` looks at the folder, ``GET files`` says which file is which version.
    * ``POST reset`` clears the log and the faults.
    """
    name = request.path.removeprefix(PREFIX).strip("/")
    call = f"{request.method} {name}"
    if call == "GET requests":
        return as_json(service.requests())
    if call == "GET summary":
        return as_json(service.summary())
    if call == "GET faults":
        return as_json(service.faults())
    if call == "GET files":
        return as_json(service.files())
    if call == "POST faults":
        return _add_faults(service, request.body)
    if call == "DELETE faults":
        service.behave()
        return as_json([])
    if call == "POST rescan":
        return as_json({"models": service.rescan()})
    if call in ("POST down", "POST up"):
        service.set_down(name == "down")
        return as_json({"down": name == "down"})
    if call == "POST reset":
        service.reset()
        return as_json({"total": 0})
    return error(404, f"no control route {call}")


def _add_faults(service: CivitaiStandIn, body: bytes) -> Response:
    text = body.decode("utf-8", "replace").strip()
    try:
        wish = json.loads(text)
    except ValueError:
        wish = text  # a bare spec is welcome too
    replace = False
    if isinstance(wish, dict) and "faults" in wish:
        replace = bool(wish.get("replace"))
        wish = wish["faults"]
    elif isinstance(wish, dict) and "spec" in wish:
        wish = wish["spec"]
    try:
        service.misbehave(*(wish if isinstance(wish, list) else [wish]), replace=replace)
    except (ValueError, TypeError, AttributeError) as problem:
        return error(400, str(problem))
    return as_json(service.faults())
