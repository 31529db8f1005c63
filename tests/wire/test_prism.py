"""Every call against Prism, which knows Replicate's own document and nothing of ours: it refuses what the document does
not allow, and answers with what the document promises."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from prism import prism
from real_api import API

from generator.ir import Example, Function

ROOT = Path(__file__).parents[2]
UPSTREAM = ROOT.parent / "shared/upstream/replicate-openapi.json"
ROWS = [(f, e) for f in API.functions for e in f.examples if f.method != "QUERY"]
"""Prism reads no QUERY."""


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    if not UPSTREAM.is_file():
        pytest.skip("Replicate's own document is not beside the checkout")
    with prism(UPSTREAM) as found:
        yield found


@pytest.fixture(scope="module")
def client(base_url: str) -> Iterator[Any]:
    sys.path.insert(0, str(ROOT / "generated/python"))
    from replikit import Replicate

    with Replicate("token", base_url=base_url) as made:
        yield made


@pytest.mark.parametrize(("function", "example"), ROWS, ids=[f"{f.name}-{e.title}" for f, e in ROWS])
def test_the_request_is_allowed_and_the_answer_is_read(client: Any, function: Function, example: Example) -> None:
    from replikit.operations import OPERATIONS

    arguments = dict(example.arguments)
    if function.body is not None and function.body.kind == "multipart":
        # Prism reads each part as text and so refuses an object in a JSON part.
        arguments = {key: value for key, value in arguments.items() if not isinstance(value, dict)}
    answer = client.call(OPERATIONS[function.name], arguments)
    assert (answer is None) == (function.result.kind == "empty")
