"""What a long result says of its rest: only arguments that the tool declares, and each of them leads there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from mcp_harness import API, EVERYTHING, held, mocked, stdio
from recorder import TOKEN, Recorder, recorder
from replikit.functions import all_functions
from replikit.mcp import resources
from replikit.mcp.arguments import Own, known
from replikit.mcp.excerpt import structured
from replikit.mcp.rest import Rest
from replikit.mcp.results import shortened
from replikit.mcp.tools import output_schema
from test_mcp_calls import python_answers

OWN = ("fields", "limit", "cursor", "dry_run", "images", "account")
LONG = {f"part_{number}": f"{number}" + "x" * 2_999 for number in range(12)}
FAT = {name: text for name, text in LONG.items() if name < "part_6"}
ANSWERS = {
    "one": {"id": "one", **LONG},
    "many": {"next": None, "previous": None, "results": [{"id": str(n), "logs": "x" * 1_000} for n in range(60)]},
    "fat": {"next": None, "previous": None, "results": [{"id": str(n), **FAT} for n in range(3)]},
}
JSON = [name for name, info in all_functions().items() if info.result_kind == "json"]


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as found:
        yield found


@pytest.fixture(scope="module", params=["tools", "meta"])
def call(request: pytest.FixtureRequest, server: Recorder) -> Iterator[Any]:
    """Calls a function with wishes, by its own tool or by a generic one; `call.declared(name)` are the wishes it takes."""
    with held(
        stdio({API.base_url_env: server.base_url, API.token_env: TOKEN}, f"--mode={request.param}", *EVERYTHING)
    ) as client:
        listed = {each.name: each.input_schema["properties"] for each in client.list_tools().tools}

        def tool(name: str) -> str:
            return name if request.param == "tools" else f"call_{all_functions()[name].type}"

        def made(name: str, **wishes: Any) -> Any:
            arguments = dict(all_functions()[name].examples[0]["arguments"])
            if request.param == "tools":
                return client.call_tool(name, {**arguments, **wishes})
            return client.call_tool(tool(name), {"function": name, "arguments": arguments, **wishes})

        made.client = client  # type: ignore[attr-defined]
        made.declared = lambda name: set(OWN) & set(listed[tool(name)])  # type: ignore[attr-defined]
        yield made


@pytest.mark.parametrize(
    ("name", "kind"),
    [(name, kind) for name in JSON for kind in ANSWERS if (kind == "one") != bool(all_functions()[name].page)],
)
def test_rest_is_where_the_result_says(call: Any, server: Recorder, name: str, kind: str) -> None:
    answer = ANSWERS[kind]
    server.content = json.dumps(answer).encode()
    whole = call(name)
    assert sum(len(block.text) for block in whole.content if block.type == "text") <= 20_000
    found = whole.structured_content
    note = found["truncated"]
    assert set(re.findall(r"`(\w+)`", note["rest"])) <= call.declared(name), note
    if "cursor" in note:
        assert "cursor" in call.declared(name)
        items = list(found["results"])
        while "cursor" in found.get("truncated", {}):
            found = call(name, cursor=found["truncated"]["cursor"]).structured_content
            items += found["results"]
        assert [each["id"] for each in items] == [each["id"] for each in answer["results"]]  # type: ignore[index]
        return
    rest = note["rest"]
    if "`fields`" in rest:
        assert call(name, fields="part_3,results.part_3").structured_content == only("part_3", answer)
    if "`limit`" in rest:
        shown = call(name, limit=1).structured_content
        assert len(json.dumps(shown["results"][0])) > 1.5 * len(json.dumps(found["results"][0]))
    if "read the resource" in rest:
        read(call.client, rest, answer)
    elif "get it with" in rest:
        reader = rest.rpartition(" ")[2]
        assert all_functions()[reader].type == "read"
    else:
        assert f"{API.command} call {name}" in rest


def read(client: Any, rest: str, answer: dict[str, Any]) -> None:
    uri = rest[rest.index(resources.API) :].replace("PATHS", "part_3,results.part_3")
    assert json.loads(client.read_resource(uri).contents[0].text) == only("part_3", answer)


def only(part: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with this part alone, of itself or of its items; the links of a list stay."""
    kept = {key: value for key, value in answer.items() if key in (part, "next", "previous")}
    return {**kept, "results": [{part: each[part]} for each in answer["results"]]} if "results" in answer else kept


def test_long_text_is_read_whole(call: Any, server: Recorder) -> None:
    text = "".join(f"line {number}\n" for number in range(5_000))
    server.content, server.content_type = text.encode(), "text/plain"
    try:
        found = call("replicate_get_model_readme").structured_content
        assert text.startswith(found["result"][:-1]) and len(found["result"]) > 10_000
        uri = found["truncated"]["rest"].rpartition(" ")[2]
        assert call.client.read_resource(uri).contents[0].text == text
    finally:
        server.content_type = "application/json"


def test_what_is_not_declared_is_not_taken(call: Any, server: Recorder) -> None:
    server.content, server.seen = b"{}", []
    wishes = {"fields": "a", "limit": 1, "cursor": "#1", "dry_run": True, "images": True, "account": "x"}
    refused = 0
    for name, info in all_functions().items():
        for wish in wishes.keys() - call.declared(name) - info.input_schema["properties"].keys():
            error = call(name, **{wish: wishes[wish]}).structured_content["error"]
            assert (error["type"], error["parameter"]) == ("invalid_arguments", wish), (name, error)
            refused += 1
    assert refused > 100 and not server.seen


def test_lists_declare_how_to_walk_them() -> None:
    for name, info in all_functions().items():
        listed = known()[name]["inputSchema"]["properties"]
        assert ({"limit", "cursor"} <= set(listed)) == bool(info.page), name
    assert [name for name in JSON if "fields" in known()[name]["inputSchema"]["properties"]] == [
        "replicate_get_collection",
        "replicate_get_file",
        "replicate_get_model",
        "replicate_get_model_version",
        "replicate_get_prediction",
        "replicate_get_training",
        "replicate_list_collections",
        "replicate_list_deployments",
        "replicate_list_files",
        "replicate_list_hardware",
        "replicate_list_model_examples",
        "replicate_list_model_versions",
        "replicate_list_models",
        "replicate_list_predictions",
        "replicate_list_trainings",
        "replicate_search",
        "replicate_search_models",
    ]


def inflated(value: Any) -> Any:
    """The value with long texts and long lists, of the same shape."""
    if isinstance(value, dict):
        return {key: inflated(item) for key, item in value.items()}
    if isinstance(value, list):
        return [inflated(item) for item in value] * 8
    return value * 100 if isinstance(value, str) and " " in value else value


def test_what_is_left_of_a_long_result_is_valid_still() -> None:
    """By the output schema that is listed for it, whether shortened or picked from."""
    with mocked() as env:
        answers = python_answers(env)
    seen = 0
    for name in JSON:
        if not answers[name]["success"]:
            continue
        info, document = all_functions()[name], structured(inflated(answers[name]["data"]))
        rest, schema = Rest(("fields", "limit", "cursor")), output_schema(info)
        jsonschema.Draft202012Validator.check_schema(schema)
        validate = jsonschema.Draft202012Validator(schema).validate
        validate(document)
        for most in (20_000, 2_000, 600):
            short = shortened(info, document, Own(), rest, most)
            validate(short)
            seen += "truncated" in short
        for field in document:
            picked = shortened(info, document, Own(fields=field, limit=1), rest)
            validate(picked)
            assert field in picked, (name, field)
    assert seen > 40
