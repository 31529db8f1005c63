"""Resources, prompts and completion: what can be read, asked for and filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError
from mcp_harness import API, ERAS, held, mocked, stdio
from mcp_types import PromptReference, ResourceTemplateReference


@pytest.fixture(scope="module", params=ERAS)
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    with mocked(seconds=0.05) as env, held(stdio(env, "--write=allow", era=request.param)) as found:
        yield found


def test_every_function_has_a_page_and_a_schema(client: Any) -> None:
    uris = {each.uri for each in client.list_resources().resources}
    for function in API.functions:
        (page,) = client.read_resource(f"replicate://docs/functions/{function.name}").contents
        (schema,) = client.read_resource(f"replicate://docs/schemas/{function.name}").contents
        assert {page.uri, schema.uri} <= uris
        assert page.mime_type == "text/markdown" and page.text.startswith(f"# {function.name}\n")
        assert json.loads(schema.text)["input_schema"]["type"] == "object"
        for param in function.params:
            assert f"`{'_'.join(param.words)}`" in page.text


def test_index_and_overview(client: Any) -> None:
    (index,) = client.read_resource("replicate://docs/index").contents
    assert len(index.text.splitlines()) == 37
    (overview,) = client.read_resource("replicate://docs/llms.txt").contents
    assert overview.text.startswith("# Replicate\n")
    assert "## deployments.predictions" in overview.text


def test_every_listed_resource_can_be_read(client: Any) -> None:
    for each in client.list_resources().resources:
        content = client.read_resource(each.uri).contents[0]
        assert content.mime_type == each.mime_type or content.mime_type == "application/json"
        assert content.text


def test_templates_lead_to_models_and_predictions(client: Any) -> None:
    templates = {each.uri_template for each in client.list_resource_templates().resource_templates}
    assert {
        "replicate://api/models/{model_owner}/{model_name}{?fields}",
        "replicate://api/models/{model_owner}/{model_name}/readme",
        "replicate://api/predictions/{prediction_id}{?fields}",
        "replicate://api/files{?fields,limit,cursor}",
    } <= templates
    model, _mark = client.read_resource("replicate://api/models/replicate/hello-world").contents
    assert json.loads(model.text)["name"] == "hello-world"
    readme, _mark = client.read_resource("replicate://api/models/replicate/hello-world/readme").contents
    assert readme.mime_type == "text/plain"
    part, _mark = client.read_resource("replicate://api/models?limit=1&fields=name").contents
    assert list(json.loads(part.text)["results"][0]) == ["name"]


@pytest.mark.parametrize(
    "uri",
    [
        "replicate://api/webhooks/default/secret",
        "replicate://api/models/..%2F..%2Faccount/x",
        "replicate://api/predictions/none",
        "replicate://api/zebra",
        "replicate://docs/functions/zebra",
        "replicate://docs/../api/account",
        "file:///etc/passwd",
        "other://docs/index",
    ],
)
def test_nothing_else_can_be_read(client: Any, uri: str) -> None:
    with pytest.raises(MCPError):
        client.read_resource(uri)


def test_prompts_are_filled_in(client: Any) -> None:
    listed = {each.name: each for each in client.list_prompts().prompts}
    assert list(listed) == ["run_model", "compare_models", "fine_tune", "deploy"]
    for name, prompt in listed.items():
        given = {each.name: f"<{each.name}>" for each in prompt.arguments if each.required}
        (message,) = client.get_prompt(name, given).messages
        assert all(value in message.content.text for value in given.values())
        assert "{" not in message.content.text
        mentioned = {word.strip(".,:;") for word in message.content.text.split() if word.startswith("replicate_")}
        assert mentioned <= {function.name for function in API.functions}


@pytest.mark.parametrize(
    ("flags", "said", "unsaid"),
    [
        ((), ("create_prediction: start it with --write=allow --allow billed",), ("call_write",)),
        (("--write=allow",), ("create_prediction: start it with --allow billed",), ()),
        (("--write=allow", "--allow=billed"), (), ("not allowed to call",)),
        (
            ("--mode=code", "--write=allow", "--allow=billed"),
            ("by `call_read` and `call_write`",),
            ("not allowed to call",),
        ),
        (("--exclude=create_prediction",), ("not allowed to call replicate_create_prediction",), ()),
    ],
)
def test_prompt_says_what_the_server_lacks_for_it(
    flags: tuple[str, ...], said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    with held(stdio({}, *flags)) as client:
        text = client.get_prompt("run_model", {"model": "a/b", "task": "draw"}).messages[0].content.text
        assert all(part in text for part in said) and not any(part in text for part in unsaid), text
        compared = client.get_prompt("compare_models", {"task": "draw"}).messages[0].content.text
        assert "not allowed to call" not in compared


@pytest.mark.parametrize(
    ("name", "given", "nearest"),
    [
        ("run_modle", {}, "run_model"),
        ("run_model", {"model": "a/b"}, "task"),
        ("run_model", {"modle": "a/b", "task": "x"}, "model"),
        ("run_model", {"model": "a/b", "task": "x" * 5000}, "task"),
    ],
)
def test_wrong_prompts_say_what_is_right(client: Any, name: str, given: dict[str, str], nearest: str) -> None:
    with pytest.raises(MCPError) as caught:
        client.get_prompt(name, given)
    assert nearest in caught.value.data["nearest"]


MODEL = ResourceTemplateReference(uri="replicate://api/models/{model_owner}/{model_name}{?fields}")


def test_completion_of_prompts(client: Any) -> None:
    def values(argument: str, typed: str, prompt: str = "deploy") -> list[str]:
        found = client.complete(PromptReference(name=prompt), {"name": argument, "value": typed})
        return list(found.completion.values)

    assert values("model", "meta") == ["meta/meta-llama-3-8b-instruct"]
    assert "gpu-t4" in values("hardware", "gpu")
    assert values("task", "x", "run_model") == []


def test_completion_of_templates(client: Any) -> None:
    owners = client.complete(MODEL, {"name": "model_owner", "value": ""}).completion.values
    assert {"replicate", "meta", "acme"} <= set(owners)
    context = {"model_owner": "meta"}
    names = client.complete(MODEL, {"name": "model_name", "value": ""}, context_arguments=context).completion.values
    assert names == ["meta-llama-3-8b-instruct"]
    prediction = ResourceTemplateReference(uri="replicate://api/predictions/{prediction_id}")
    assert client.complete(prediction, {"name": "prediction_id", "value": ""}).completion.values
    unknown = ResourceTemplateReference(uri="replicate://api/zebra/{id}")
    assert client.complete(unknown, {"name": "id", "value": ""}).completion.values == []
