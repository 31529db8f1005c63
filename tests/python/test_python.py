"""The generated Python client of the real API: all functions there, importable, and every example sendable."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from recorder import recorder
from replikit_package import GENERATED, imported

from generator import pipeline
from generator.ir import Api
from generator.surfaces.shared import calls

ROOT = Path(__file__).parents[2]
INPUTS = pipeline.Inputs(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml", ROOT / "spec/extensions")


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as package:
        yield package


@pytest.fixture(scope="module")
def api() -> Api:
    return pipeline.load(INPUTS)


def test_every_function_is_a_method_of_both_clients(package: Any, api: Api) -> None:
    assert len(api.functions) == 37
    for made in (package.Replicate("t"), package.AsyncReplicate("t")):
        for function in api.functions:
            at = made
            for step in function.group.split(".") if function.group else ():
                at = getattr(at, step)
            assert callable(getattr(at, "_".join(function.verb)))


def test_every_example_can_be_sent(package: Any, api: Api) -> None:
    operations = importlib.import_module("replikit.operations").OPERATIONS
    client = package.Replicate("t", base_url="http://127.0.0.1:1")
    assert set(operations) == {function.name for function in api.functions}
    for function in api.functions:
        for example in function.examples:
            prepared = client.prepare(operations[function.name], example.arguments)
            assert prepared.method == function.method and prepared.url.startswith("http://127.0.0.1:1/")


def test_importing_the_package_imports_no_http_library() -> None:
    code = "import sys, replikit; assert 'httpx' not in sys.modules and 'ssl' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=GENERATED, check=True)


def test_whole_and_streamed_answers_of_every_function(package: Any, api: Api) -> None:
    for made in (package.Replicate("t"), package.AsyncReplicate("t")):
        for function in api.functions:
            at = made
            for step in function.group.split(".") if function.group else ():
                at = getattr(at, step)
            for same in (at.with_raw_response, at.with_streaming_response):
                assert callable(getattr(same, "_".join(function.verb)))


def test_the_whole_answer_of_a_function_without_a_result(package: Any, api: Api) -> None:
    """Sync and async, whole and as it comes: the status and the body are those that the server sent."""
    quiet = [function for function in api.functions if function.result.kind == "empty"]
    assert len(quiet) > 2
    with recorder() as server:
        server.content = b'{"gone": true}'

        async def each(client: Any) -> None:
            async with client:
                for at, verb, given in of(client):
                    answer = await getattr(at.with_raw_response, verb)(**given)
                    assert (answer.status, answer.text) == (200, '{"gone": true}')
                    async with getattr(at.with_streaming_response, verb)(**given) as streamed:
                        assert streamed.status == 200

        def of(client: Any) -> Iterator[tuple[Any, str, dict[str, Any]]]:
            for function in quiet:
                given = calls.assigned(function, function.examples[0].arguments)
                at = attrgetter(function.group)(client)
                yield at, "_".join(function.verb), {str(calls.names.keyword(p.words)): value for p, value in given}

        with package.Replicate("t", base_url=server.base_url) as client:
            for at, verb, given in of(client):
                answer = getattr(at.with_raw_response, verb)(**given)
                assert (answer.status, answer.text) == (200, '{"gone": true}')
                with getattr(at.with_streaming_response, verb)(**given) as streamed:
                    assert streamed.status == 200
        asyncio.run(each(package.AsyncReplicate("t", base_url=server.base_url)))
        assert len(server.seen) == 4 * len(quiet)
