"""Who comes from the official client loses nothing: the same arguments make the same requests.

Both clients are driven through every function with the catalog's examples, and through the calls that belong to no
function, against one recording server. Where their requests differ the table says how, and why.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from real_api import API
from recorder import TOKEN, Recorder, Seen, recorder
from replikit_package import imported

from generator.ir import Example, Function

ROOT = Path(__file__).parents[2]
OFFICIAL = ROOT / ".venv-bench-replicate2/bin/python"
"""Holds replicate==2.0.0b4; `make .venv-bench-replicate2/installed` makes it."""
ROWS = [(f, e) for f in API.functions for e in f.examples]

_EMPTY = ({"headers"}, "theirs names a content type where there is no content")
_OPEN = ({"headers"}, "the document asks for no token here, and ours sends none")
DIFFERENCES: dict[str, tuple[set[str], str]] = {
    "replicate_cancel_prediction": _EMPTY,
    "replicate_cancel_training": _EMPTY,
    "replicate_create_file": (
        {"body"},
        "the document wants `metadata` as one JSON part; theirs sends `metadata[key]` fields",
    ),
    "replicate_delete_deployment": _EMPTY,
    "replicate_delete_file": _EMPTY,
    "replicate_delete_model": _EMPTY,
    "replicate_delete_model_version": _EMPTY,
    "replicate_list_predictions": ({"0 requests and 1"}, "theirs has no `source`"),
    "replicate_search": _OPEN,
    "replicate_search_models": ({"body", "headers"}, "the document wants bare text; theirs sends a JSON string"),
    "run": ({"headers"}, "`Prefer: wait` leaves the time to the server, which takes 60 s; ours says so"),
    "run, a version": ({"headers"}, "as of run"),
    "run, not waiting": ({"2 requests and 1"}, "theirs asks again for what had ended in the first answer"),
    "use": ({"4 requests and 2"}, "theirs lists the versions too, does not wait, and asks again for what had ended"),
}
"""Which parts of a call's requests differ, and why. What is not here is the same."""

Call = Callable[[str, dict[str, Any], list[Any]], str]


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        yield running


@pytest.fixture(scope="module")
def official(server: Recorder) -> Iterator[Call]:
    if not OFFICIAL.exists():
        pytest.skip(f"replicate 2.0.0b4 is not running: make {OFFICIAL.parent.parent.name}/installed")
    command = [str(OFFICIAL), str(ROOT / "tests/peers/dropin_worker.py"), TOKEN, server.base_url]
    # Isolated from the tests' folder, whose module names may be those of its dependencies.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as worker:
        assert worker.stdin and worker.stdout

        def call(path: str, arguments: dict[str, Any], names: list[Any]) -> str:
            assert worker.stdin and worker.stdout
            worker.stdin.write(json.dumps([path, arguments, names]) + "\n")
            worker.stdin.flush()
            return worker.stdout.readline().strip()

        yield call
        worker.stdin.close()
        assert worker.wait(timeout=HANGS) == 0


@pytest.fixture(scope="module")
def ours(server: Recorder) -> Iterator[Any]:
    with imported() as package, package.Replicate(TOKEN, base_url=server.base_url, max_retries=0) as client:
        yield client


def answered(server: Recorder, function: Function, example: Example) -> None:
    """The server answers as the catalog says."""
    result = example.result
    kind = function.result.kind
    server.status = 204 if kind == "empty" else 200
    server.content_type = function.result.media_type or "application/json"
    server.content = b"" if kind == "empty" else json.dumps(result).encode() if kind == "json" else str(result).encode()


def parts(theirs: list[Seen], mine: list[Seen]) -> set[str]:
    """In which parts two lists of requests differ."""
    if len(theirs) != len(mine):
        return {f"{len(theirs)} requests and {len(mine)}"}
    found = set()
    for one, other in zip(theirs, mine, strict=True):
        first, second = asdict(one), asdict(other)
        # Which client it is, which system it runs on, and how often it tried: told to the API by theirs alone.
        first["headers"] = {k: v for k, v in first["headers"].items() if not k.startswith("x-stainless-")}
        found |= {each.name for each in fields(one) if each.compare and first[each.name] != second[each.name]}
    return found


def as_theirs(function: Function, arguments: dict[str, Any]) -> dict[str, Any]:
    """The same arguments as the official client spells them."""
    found: dict[str, Any] = {}
    for param in function.params:
        name = "_".join(param.words)
        if name in arguments and param.encoding == "wait":
            found["prefer"] = f"wait={arguments[name]}"
        elif name in arguments and param.type.kind == "binary":
            head, _, content = arguments[name].removeprefix("data:").partition(",")
            found[name] = {"$file": ["file", content, head.removesuffix(";base64")]}
        elif name in arguments:
            found[name] = arguments[name]
    return found


def compare(server: Recorder, name: str, theirs: Callable[[], str], mine: Callable[[], Any]) -> None:
    server.seen = []
    said = theirs()
    first, server.seen = server.seen, []
    mine()
    second, server.seen = server.seen, []
    differing, why = DIFFERENCES.get(name, (set(), ""))
    assert parts(first, second) <= differing, (said, why, first, second)
    assert second


@pytest.mark.parametrize(("function", "example"), ROWS, ids=[f"{f.name}-{e.title}" for f, e in ROWS])
def test_every_function_makes_the_same_request(
    function: Function, example: Example, server: Recorder, official: Call, ours: Any
) -> None:
    answered(server, function, example)
    arguments = dict(example.arguments)
    method = ours
    for step in function.operation_id.split("."):
        method = getattr(method, step)
    compare(
        server,
        function.name,
        lambda: official(function.operation_id, as_theirs(function, arguments), []),
        lambda: method(**arguments),
    )


VERSION = "9dcd6d78e7c6560c340d916fe32e9f24aabfa331e5cce95fe31f77fb03121426"
SCHEMA = {"components": {"schemas": {
    "Input": {"type": "object", "properties": {"text": {"type": "string"}}}, "Output": {"type": "string"},
}}}  # fmt: skip
ANSWER = {
    "id": "p1", "status": "succeeded", "output": "hello", "model": "o/m", "version": VERSION, "input": {}, "logs": "",
    "data_removed": False, "created_at": "2026-01-02T03:04:05Z", "error": None,
    "urls": {"get": "https://x", "cancel": "https://x", "web": "https://x"},
    "owner": "o", "name": "m", "is_official": True, "latest_version": {"id": VERSION, "openapi_schema": SCHEMA},
    "results": [{"id": VERSION, "created_at": "2026-01-02T03:04:05Z", "openapi_schema": SCHEMA}], "next": None,
}  # fmt: skip
"""A prediction, a model and a list in one: the same answer to every request."""
CALLS = {
    "run": ("run", ["o/m"], {"input": {"text": "Ada"}}),
    "run, waiting": ("run", ["o/m"], {"input": {"text": "Ada"}, "wait": 5}),
    "run, not waiting": ("run", ["o/m"], {"input": {"text": "Ada"}, "wait": False}),
    "run, a version": ("run", [f"o/m:{VERSION}"], {"input": {}}),
    "run, with a webhook": ("run", ["o/m"], {"input": {}, "wait": 9, "webhook": "https://x/h", "webhook_events_filter": ["completed"]}),
    "use": ("use", ["o/m"], {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_conveniences_make_the_same_requests(name: str, server: Recorder, official: Call, ours: Any) -> None:
    path, names, arguments = CALLS[name]
    server.status, server.content_type, server.content = 200, "application/json", json.dumps(ANSWER).encode()

    def mine() -> None:
        found = getattr(ours, path)(*names, **arguments)
        assert (found(text="Ada") if path == "use" else found) == "hello"

    compare(server, name, lambda: official(path, arguments, names), mine)


def test_no_difference_is_listed_that_is_not_there() -> None:
    assert set(DIFFERENCES) <= {f.name for f in API.functions} | set(CALLS)
    assert all(why for _, why in DIFFERENCES.values())
