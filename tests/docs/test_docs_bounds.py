"""The page of bounds names each bound with its option and its value, as the code has them."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from replikit_package import imported

PAGE = Path(__file__).parents[2] / "generated/docs/pages/guides/bounds.md"


def table(section: str) -> dict[str, list[str]]:
    """The rows of a section's table, by what their first cell says between backticks."""
    text = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)
    found = next(part for part in text if f"{{ #{section} }}" in part)
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found.splitlines() if line[:2] == "| "]
    return {row[0].strip("|` ").split("`")[0]: [cell.strip("` |") for cell in row] for row in rows[2:]}


def number(text: str) -> float:
    return float(text.replace(",", ""))


@pytest.fixture(scope="module")
def package() -> Any:
    with imported() as found:
        yield found


def test_the_client_s(package: Any) -> None:
    from replikit.runtime import bounds

    rows = table("client")
    names = {field.name for field in fields(bounds.Bounds)}
    assert rows.keys() - {"max_bytes"} == names
    for name in names:
        assert rows[name][1] == bounds.variable(name)
        default = getattr(bounds, name.upper(), None)
        assert default is None or number(rows[name][2]) == default
    assert f"{bounds.MAX_FILE_BYTES:,} bytes" in PAGE.read_text()


def test_the_command_line_s(package: Any) -> None:
    from replikit.cli.options import OPTIONS
    from replikit.runtime import bounds

    (option, row), *more = table("cli").items()
    assert not more and option.removeprefix("--") in {name for name, _, _ in OPTIONS}
    assert row[1] == bounds.variable("max_input_bytes") and number(row[2]) == bounds.MAX_INPUT_BYTES


def test_the_server_s(package: Any) -> None:
    from replikit.mcp.limits import Limits
    from replikit.mcp.options import Options

    rows = table("mcp")
    wanted = {str(field.metadata["flag"]): field.default for field in fields(Limits)}
    wanted |= {
        f"--{name.replace('_', '-')}": getattr(Options(), name)
        for name in ("scripts", "scripts_alive", "scripts_waiting")
    }
    assert {option: number(row[1]) for option, row in rows.items()} == wanted


def test_a_script_s(package: Any) -> None:
    from replikit.lua import Limits

    assert {name: number(row[1]) for name, row in table("lua").items()} == {
        field.name: field.default for field in fields(Limits)
    }


def test_plain_lua_s_and_those_without_an_option(package: Any) -> None:
    from replikit.functions import searching, validate
    from replikit.lua import messages
    from replikit.mcp import hosts, prompts, results, shape
    from replikit.mock import calls, overrides, recording, replaying, scenario, seeds, server
    from replikit.runtime import (
        activity,
        deadlines,
        deliveries,
        encodings,
        exchange,
        jobs,
        patterns,
        prices,
        private,
        requests,
        sse,
        streams,
        webhooks,
    )

    source = (PAGE.parents[3] / "lua/replikit/client.lua").read_text()
    for name, row in table("plain-lua").items():
        written = re.search(rf'{name} = expect\(options, "{name}", "number", 2\) or ([\d *]+),', source)
        assert written is not None
        product = 1
        for factor in written[1].split("*"):
            product *= int(factor)
        assert product == number(row[1])
    assert {name: number(row[1]) for name, row in table("mock").items()} == {"--max-body": server.MAX_BODY}
    assert [number(row[1]) for row in table("fixed").values()] == [
        exchange._MOST_REDIRECTS,
        encodings._MOST_CODINGS,
        deadlines.LONGEST_HEAD,
        requests.LONGEST_URL,
        sse.LONGEST_ID,
        streams._LONGEST_DELAY,
        webhooks.LARGEST,
        webhooks._MOST_SIGNATURES,
        validate.DEEPEST,
        messages.DEEPEST,
        patterns.LONGEST,
        patterns.LARGEST,
        patterns.WORK,
        searching.LONGEST,
        private.LARGEST,
        prices.MOST,
        hosts._LARGEST,
        shape.LIMIT,
        results.MOST_LINKS,
        results.MOST_IMAGES,
        results.LARGEST_IMAGE,
        prompts.LONGEST,
        16 << 20,  # in Lua
        seeds.LARGEST,
        scenario.LARGEST,
        scenario.MOST,
        overrides.LONGEST_DELAY,
        calls.MOST,
        calls.LARGEST,
        recording.MOST,
        recording.LARGEST,
        recording.LARGEST_ANSWER,
        replaying.LARGEST,
    ]
    text = " ".join(PAGE.read_text().split())
    assert f"through up to {jobs.OUTAGE:g} seconds" in text
    assert f"the newest {activity.LISTED} jobs of a kind and gets up to {activity.POLLED} individually" in text
    assert f"{activity.FOLLOWED} are followed" in text and f"sends a webhook at most {deliveries.TRIES} times" in text


def test_the_generator_s() -> None:
    from generator.read import bounds, patterns, urls

    readme = (PAGE.parents[4] / "README.md").read_text()
    fixed = f"{urls.LONGEST:,} characters for a URL in the document, {urls.LONGEST_NAME} for the name of a header or a cookie"
    engine = patterns.engine()
    assert (
        f"{fixed}, {engine.LONGEST:,} for a pattern and {engine.LARGEST:,} bytes for the compiled pattern"
        in " ".join(readme.split())
    )
    wanted = {each.variable: f"{each.default:,}" for each in vars(bounds).values() if isinstance(each, bounds.Bound)}
    assert dict(re.findall(r"^\| `(SURFACEGEN_\w+)` \| ([\d,]+) \|", readme, re.MULTILINE)) == wanted
