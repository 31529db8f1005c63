"""An API of many functions with large arguments: every list, search and description has an end and a way to the rest.

What is within a bound and what the rest is are read from the document, not from what the server says.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from forking import Forking
from made_documents import document
from mcp import MCPError
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp_harness import ERAS, SECONDS, held, over_http

from generator import pipeline

OPERATIONS = 100
WIDE = 900
"""Properties of one object, side by side: no level of it can be left out."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the package `large`, with one operation more that takes the wide object."""
    folder = tmp_path_factory.mktemp("large")
    made = document("kubernetes", OPERATIONS)
    made["info"]["title"] = "Large"
    wide = {"type": "object", "properties": {f"wide_{n}": {"type": "string", "enum": ["a", "b"]} for n in range(WIDE)}}
    wide["properties"]["dotted.name/of"] = {
        "type": "object",
        "properties": {"inner": {"type": "integer", "maximum": 7}},
    }
    response = {"200": {"description": "ok", "content": {"application/json": {"schema": wide}}}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"map": wide}}}}}
    made["paths"]["/wide"] = {"post": {"operationId": "send_wide", "requestBody": body, "responses": response}}
    (folder / "openapi.json").write_text(json.dumps(made), "utf-8")
    surfaces = ("python", "cli", "mcp", "lua")
    pipeline.generate(pipeline.Inputs(folder / "openapi.json"), folder / "out", surfaces)
    [found] = (folder / "out/python").glob("*/__main__.py")
    return found.parent


def environment(package: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(package.parent), "HOME": str(package.parent)}


@cache
def command(package: Path) -> list[str]:
    """What starts the package: a fork, for to import it takes a second."""
    forking = Forking(package.name, str(package.parent), (f"{package.name}.cli.app",))
    atexit.register(forking.close)
    return forking.shim()


@asynccontextmanager
async def server(package: Path, *flags: str, era: str = "auto") -> Any:
    program, *arguments = [*command(package), "mcp", "serve", *flags]
    start = StdioServerParameters(command=program, args=arguments, env=environment(package))
    async with Client(start, mode=era) as client:
        yield client


@contextmanager
def listening(package: Path, *flags: str) -> Iterator[str]:
    words = [*command(package), "mcp", "serve", "--http", "127.0.0.1:0", *flags]
    with subprocess.Popen(words, env=environment(package), stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            yield process.stderr.readline().strip()
        finally:
            process.terminate()


def weight(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def pages(client: Any, what: str = "list_tools") -> list[Any]:
    found = [getattr(client, what)()]
    while found[-1].next_cursor:
        found.append(getattr(client, what)(cursor=found[-1].next_cursor))
        assert len(found) < 1_000
    return found


@pytest.fixture(scope="module", params=ERAS)
def few(package: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A server that nobody told a mode."""
    with held(server(package, "--write=allow", era=request.param)) as client:
        yield client


def test_unasked_there_are_few_tools(few: Any) -> None:
    names = [each.name for each in few.list_tools().tools]
    assert names[:4] == ["search", "describe", "call_read", "call_write"]
    assert "There are 101 functions" in few.instructions


def test_who_starts_it_is_told_why_there_are_few_tools(package: Path) -> None:
    done = subprocess.run(
        [*command(package), "mcp", "tools", "--write=allow"],
        env=environment(package),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
    )
    assert "101 tools would take" in done.stderr and "--mode tools lists them in pages" in done.stderr
    assert "call_write" in done.stdout and "create_thing" not in done.stdout


def listed_once(client: Any) -> None:
    """Every tool and every resource is on one page, and no page is above its bound."""
    for what, of, name in (("list_tools", "tools", "name"), ("list_resources", "resources", "uri")):
        found = pages(client, what)
        items = [each for page in found for each in getattr(page, of)]
        assert len(found) > 1 and len({getattr(each, name) for each in items}) == len(items)
        for page in found:
            sizes = [
                weight(each.model_dump(mode="json", by_alias=True, exclude_none=True)) for each in getattr(page, of)
            ]
            assert len(sizes) == 1 or sum(sizes) <= 15_000
        assert len(items) == 101 if what == "list_tools" else len(items) >= 202


@pytest.mark.parametrize("era", ERAS)
def test_tools_are_listed_in_pages_where_they_are_asked_for(package: Path, era: str) -> None:
    with held(server(package, "--mode=tools", "--max-list=15000", "--write=allow", era=era)) as client:
        listed_once(client)
        assert client.instructions.count("101") == 0
        with pytest.raises(MCPError, match="list again without one"):
            client.list_tools(cursor="bm9uZQ")
        with pytest.raises(MCPError, match="list again without one"):
            client.list_tools(cursor="☃")


def test_pages_are_the_same_for_every_process_behind_a_port(package: Path) -> None:
    flags = ("--mode=tools", "--max-list=15000", "--write=allow", "--workers=2")
    with listening(package, *flags) as url, held(over_http(url)) as client:
        listed_once(client)


def test_a_search_is_bounded_and_goes_on(few: Any) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        text = few.call_tool("search", cursor).content[0].text
        assert len(text.encode()) < 8_200
        *lines, last = text.splitlines()
        seen += [line.partition(":")[0].partition(" ")[0] for line in lines]
        if "cursor=" not in last:
            seen.append(last.partition(":")[0].partition(" ")[0])
            break
        cursor = {"cursor": last.rpartition("cursor=")[2]}
    assert len(seen) == len(set(seen)) == 101
    wrong = few.call_tool("search", {"cursor": "zebra"})
    assert wrong.is_error and wrong.structured_content["error"]["parameter"] == "cursor"


def described(client: Any, **arguments: str) -> dict[str, Any]:
    answer = client.call_tool("describe", arguments)
    assert not answer.is_error, answer
    assert len(answer.content[0].text) <= 12_000
    found: dict[str, Any] = json.loads(answer.content[0].text)
    return found


def test_a_deep_argument_is_described_part_by_part(few: Any) -> None:
    whole = described(few, function="create_thing_3")
    assert "part=" in whole["more"]
    inner = described(few, function="create_thing_3", part="arguments.spec.template")["schema"]
    # `spec-3` holds `meta-3` as its template, with the fields of `_object(12)`.
    assert {f"field_{n}" for n in range(12)} <= inner["properties"].keys()
    deep = described(few, function="create_thing_3", part="result.spec.pod.deep_1.deep_2")["schema"]
    assert deep["properties"]["field_0"]["type"] == "string"


def test_a_wide_object_is_described_as_far_as_it_fits(few: Any) -> None:
    shown = described(few, function="send_wide", part="arguments.map")["schema"]
    assert len(shown["properties"]) + shown["left_out"] == WIDE + 1
    assert described(few, function="send_wide", part="arguments.map.wide_899")["schema"]["enum"] == ["a", "b"]
    dotted = described(few, function="send_wide", part="arguments.map.dotted.name/of.inner")["schema"]
    assert dotted["maximum"] == 7


@pytest.mark.parametrize(
    ("part", "near"), [("argument.map", ["arguments"]), ("arguments.mpa", ["map"]), ("arguments.map.wide_1.x", [])]
)
def test_a_part_that_is_not_there_is_refused_with_the_nearest(few: Any, part: str, near: list[str]) -> None:
    answer = few.call_tool("describe", {"function": "send_wide", "part": part})
    error = answer.structured_content["error"]
    assert answer.is_error and error["parameter"] == "part"
    assert (error.get("nearest") or [])[:1] == near
