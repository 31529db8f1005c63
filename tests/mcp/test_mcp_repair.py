"""A hundred wrong calls, each kind of mistake a model makes: what the error holds is enough to mend them by machine."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from mcp_harness import API, EVERYTHING, held, mocked, stdio
from replikit.functions import all_functions

Case = tuple[str, str, dict[str, Any]]


def mistakes() -> Iterator[Case]:
    """(kind, function, wrong arguments), as many as the functions give occasion for."""
    for name, info in all_functions().items():
        right = dict(info.examples[0]["arguments"])
        properties = info.input_schema["properties"]
        for argument in info.input_schema.get("required", ()):
            yield "missing", name, {key: value for key, value in right.items() if key != argument}
            yield "misspelt", name, {(key + "s" if key == argument else key): value for key, value in right.items()}
            yield "null", name, {**right, argument: None}
        for argument, schema in properties.items():
            if schema.get("type") == "string":
                yield "wrong type", name, {**right, argument: 7}
            if schema.get("type") in ("integer", "object"):
                yield "text instead", name, {**right, argument: "text"}
            if "enum" in schema:
                yield "not one of", name, {**right, argument: str(schema["enum"][0]).upper() + "x"}
            if "maximum" in schema:
                yield "too much", name, {**right, argument: schema["maximum"] + 1}
            if "minimum" in schema:
                yield "too little", name, {**right, argument: schema["minimum"] - 1}
            if schema.get("type") == "array":
                yield "one instead of a list", name, {**right, argument: "completed"}
                yield "wrong element", name, {**right, argument: ["finished"]}
        yield "unknown", name, {**right, "verbose": True}
        yield "camel case", name, {_camel(key): value for key, value in right.items()} | {"colour": "red"}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def chosen() -> list[Case]:
    """A hundred of them, every kind among them, spread over the functions."""
    every = [case for case in mistakes() if case[2] != dict(all_functions()[case[1]].examples[0]["arguments"])]
    kinds = sorted({kind for kind, _, _ in every})
    by_kind = {kind: [case for case in every if case[0] == kind] for kind in kinds}
    found: list[Case] = []
    turn = 0
    while len(found) < 100:
        cases = by_kind[kinds[turn % len(kinds)]]
        step = turn // len(kinds)
        if step < len(cases):
            # Not in order: the first functions of the alphabet are much alike.
            found.append(cases[(step * 7) % len(cases)] if len(cases) % 7 else cases[step])
        turn += 1
    return found


CASES = chosen()


def mended(arguments: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    """The arguments after one repair, from nothing but the error's fields."""
    arguments = copy.deepcopy(arguments)
    parameter, expected, example = error["parameter"], error["expected"], error.get("example", {})
    name = parameter.partition(".")[0].partition("[")[0]
    if "properties" in expected and name not in expected["properties"]:  # there is no such argument
        value = arguments.pop(name)
        if error["nearest"]:
            arguments[error["nearest"][0]] = value
    elif name in example:
        arguments[name] = example[name]
    elif "enum" in expected and parameter == name:
        arguments[name] = error["nearest"][0] if error["nearest"] else expected["enum"][0]
    elif "[" in parameter:
        index = int(parameter.partition("[")[2].rstrip("]"))
        arguments[name][index] = expected["enum"][0]
    elif "examples" in expected:
        arguments[name] = expected["examples"][0]
    elif "minimum" in expected or "maximum" in expected:
        arguments[name] = expected.get("minimum", expected.get("maximum"))
    else:
        arguments[name] = {"string": "text", "object": {}, "integer": 1, "boolean": True, "array": []}[expected["type"]]
    return arguments


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with mocked(seconds=0.05) as env, held(stdio(env, *EVERYTHING)) as found:
        yield found


def test_a_hundred_of_every_kind() -> None:
    assert len(CASES) == 100
    assert len({kind for kind, _, _ in CASES}) == 12
    assert len({name for _, name, _ in CASES}) >= 20


@pytest.mark.parametrize(
    ("kind", "name", "arguments"), CASES, ids=[f"{k}-{n}-{i}" for i, (k, n, _) in enumerate(CASES)]
)
def test_wrong_call_is_mended_by_what_the_error_says(
    client: Any, kind: str, name: str, arguments: dict[str, Any]
) -> None:
    info = all_functions()[name]
    # Nothing is to be changed by this: it is the arguments that are at issue.
    dry = {"dry_run": True} if info.type == "write" else {}
    for tries in range(8):
        answer = client.call_tool(name, {**arguments, **dry})
        if not answer.is_error:
            assert tries > 0
            return
        error = answer.structured_content["error"]
        assert error["type"] == "invalid_arguments", error
        assert error["parameter"] and error["parameter"].partition(".")[0].partition("[")[0] in error["message"]
        assert error["expected"] is not None
        before, arguments = arguments, mended(arguments, error)
        assert arguments != before, error
    pytest.fail(f"{kind}: not mended: {arguments}")


def test_wrong_names_of_functions_are_mended(client: Any) -> None:
    from mcp.shared.exceptions import MCPError

    for function in API.functions:
        short = function.name.removeprefix(f"{API.name}_")
        for wrong in (function.name + "s", "_".join(reversed(short.split("_"))), short.upper()):
            with pytest.raises(MCPError) as caught:
                client.call_tool(wrong, {})
            if wrong == function.name + "s":
                assert function.name in caught.value.data["nearest"]


def test_compiled_validator_and_ours_come_to_one_verdict() -> None:
    """The compiled one decides where it is installed, ours explains: neither may refuse what the other takes."""
    from replikit.functions import check, compiled

    for kind, name, arguments in mistakes():
        info = all_functions()[name]
        ours = check(arguments, info.input_schema) is None
        assert compiled._validator(name).is_valid(arguments) == ours, (kind, name, arguments)
    for name, info in all_functions().items():
        for example in info.examples:
            assert compiled._validator(name).is_valid(example["arguments"]), name
