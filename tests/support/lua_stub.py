"""A client of the generated package on a transport of our own: what scripts call in the tests of code mode."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

GENERATED = Path(__file__).parents[2] / "generated/python"
TOKEN = "r8_kept_in_the_parent"
BASE_URL = "http://api.test/v1"
if str(GENERATED) not in sys.path:
    sys.path.insert(0, str(GENERATED))

from replikit import Replicate, functions, lua

Answer = Callable[[httpx.Request], httpx.Response]
PREDICTION = {"id": "p1", "status": "starting", "output": None, "error": None, "logs": "", "urls": {}}


class Api:
    """Answers every request by its path; remembers what was asked."""

    def __init__(self) -> None:
        self.seen: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        path = request.url.path.removeprefix("/v1")
        if path == "/account":
            return httpx.Response(200, json={"username": "alice", "type": "user", "name": "Alice", "github_url": ""})
        if path == "/hardware":
            time.sleep(3)
        if path == "/models/none/none":
            return httpx.Response(404, json={"detail": "no such model", "status": 404})
        if path.startswith("/models/slow/"):
            time.sleep(0.2)
        if path == "/models/odd/odd":
            return httpx.Response(200, json={"id": 9007199254740993, "gone": None, "e": {}, "l": [], "n": [None, 1]})
        if path == "/predictions" and request.method == "GET":
            second = request.url.params.get("cursor") == "2"
            following = None if second else f"{BASE_URL}/predictions?cursor=2"
            items = [{"id": "c"}] if second else [{"id": "a"}, {"id": "b"}]
            return httpx.Response(200, json={"results": items, "next": following, "previous": None})
        if path == "/models/a/fails/predictions":
            return httpx.Response(201, json={**PREDICTION, "status": "failed", "error": "out of luck"})
        if path == "/predictions" or (path.endswith("/predictions") and request.method == "POST"):
            return httpx.Response(201, json={**PREDICTION, "input": json.loads(request.content)["input"]})
        if path == "/predictions/never":
            return httpx.Response(
                200, json={**PREDICTION, "id": "never", "status": "processing", "logs": "50%|##  | 1/2"}
            )
        if path.endswith("/cancel"):
            return httpx.Response(200, json={**PREDICTION, "id": "never", "status": "canceled"})
        if path.startswith("/predictions/"):
            return httpx.Response(200, json={**PREDICTION, "status": "succeeded", "output": "done"})
        return httpx.Response(200, json={"path": path})


def client(api: Answer) -> Replicate:
    """A client with a token, that no request leaves."""
    return Replicate(TOKEN, base_url=BASE_URL, transport=httpx.MockTransport(api), max_retries=0)


def run(code: str, api: Answer | None = None, allow: bool = True, **options: Any) -> dict[str, Any]:
    """The envelope of a script; what is not an option of `run` is a limit. Everything may be called, or reads alone."""
    known = ("dry_run", "accounts", "permissions", "on_event", "policy")
    limits = {"wall": 120, "cpu": 2, **{name: value for name, value in options.items() if name not in known}}
    chosen = {name: value for name, value in options.items() if name in known}
    chosen.setdefault("policy", functions.Policy.everything() if allow else None)
    with client(api or Api()) as made:
        envelope: dict[str, Any] = lua.run(code, client=made, limits=lua.Limits(**limits), **chosen)
    assert TOKEN not in json.dumps(envelope)
    return envelope
