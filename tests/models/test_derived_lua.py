"""Functions of models in plain Lua: in each Lua they ask for what the plain call asks for, refuse what is not theirs, and
give the job, which is waited for as any other.

What is given to each is that of `test_added_models`, worked out there by hand from the schemas.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from luas import LUAS, start
from test_added_models import GIVEN, WRONG

from generator.pipeline import generate
from tests.support.derivations import NAMED, OWNER, function, pinned, project

BUILT = """
local name, arguments = ...
local made, err = client:build(name, arguments)
assert(made, tostring(err))
return made.method, made.url, made.body
"""
RAN = """
local sent, states = {}, {"starting", "processing", "succeeded"}
local client = api.new({
  token = "t",
  sleep = function() end,
  http = function(request)
    sent[#sent + 1] = request.method .. " " .. request.url .. " " .. (request.body or "")
    local status = table.remove(states, 1)
    return { status = 200, headers = { ["content-type"] = "application/json" },
      body = '{"id":"p1","model":"a/b","status":"' .. status .. '","output":["x"]}' }
  end,
})
local job = assert(client.models.octo_labs.image{prompt = "x"})
local first = job.status
local ended = assert(client:wait(job, {of = "octo-labs/image"}))
return first, ended.status, ended.output[1], table.concat(sent, "\\n")
"""
SAME = """
local client = api.new({token = "t", http = function(request) return {status = 201, headers = {}, body = "{}"} end})
local function body(way, ...)
  local sent
  client._http = function(request)
    sent = request.body
    return {status = 201, headers = {["content-type"] = "application/json"}, body = "{}"}
  end
  assert(way(...))
  return sent
end
local given = {prompt = "x", num_outputs = 2}
local found = body(client.image, given)
assert(found == body(client.replicate_image, given))
assert(found == body(client.models.octo_labs.image, given))
assert(found == body(client.models.octo_labs.image, client.models.octo_labs, given))
assert(found == body(client.call, client, "octo-labs/image", given))
assert(found == body(client.call, client, client.image, given))
local told = {webhook = "https://hooks.example/a"}
found = body(client.image, given, told)
assert(found == body(client.models.octo_labs.image, client.models.octo_labs, given, told))
assert(found == body(client.call, client, "octo-labs/image", given, told))
assert(given.prompt == "x" and given.model_owner == nil)
return found
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("derived-lua")
    generate(project(folder), folder / "out", ("lua",))
    return folder / "out"


def plain(name: str, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if name in NAMED:
        return "replicate_create_model_prediction", {"model_owner": OWNER, "model_name": name, "input": given}
    return "replicate_create_prediction", {"version": pinned(name), "input": given}


@pytest.mark.parametrize("lua_version", LUAS)
def test_it_asks_for_what_the_plain_call_asks_for(made: Path, lua_version: str) -> None:
    lua = start(lua_version, made)
    lua.execute("client = api.new({token = 't', http = function() end})")
    read = lua.eval("api.json.decode")
    for name, (given, _) in GIVEN.items():
        own = lua.execute(BUILT, function(name), read(json.dumps(given)))
        base, arguments = plain(name, given)
        others = lua.execute(BUILT, base, read(json.dumps(arguments)))
        assert (own[0], own[1]) == (others[0], others[1]), name
        assert json.loads(own[2]) == json.loads(others[2]), name
        assert json.loads(own[2])["input"] == given


@pytest.mark.parametrize("lua_version", LUAS)
def test_it_gives_the_job(made: Path, lua_version: str) -> None:
    first, last, output, sent = start(lua_version, made).execute(RAN)
    assert (first, last, output) == ("starting", "succeeded", "x")
    posted, *polled = sent.split("\n")
    assert posted == 'POST https://api.replicate.com/v1/models/octo-labs/image/predictions {"input":{"prompt":"x"}}'
    assert polled == ["GET https://api.replicate.com/v1/predictions/p1 "] * 2


@pytest.mark.parametrize("lua_version", LUAS)
def test_it_is_called_by_each_of_its_names(made: Path, lua_version: str) -> None:
    assert json.loads(start(lua_version, made).execute(SAME)) == {
        "input": {"prompt": "x", "num_outputs": 2},
        "webhook": "https://hooks.example/a",
    }


@pytest.mark.parametrize(
    ("name", "given", "parameter", "message"),
    [
        ("image", "{}", "prompt", "is required: give a string"),
        ("image", "{prompt = 'x', promt = 'y'}", "promt", "no argument of replicate_image; it takes aspect_ratio, "),
        ("image", "{prompt = 'x', model_owner = 'y'}", "model_owner", "no argument of replicate_image"),
        ("no-inputs", "{prompt = 'x'}", "prompt", "it takes none"),
    ],
)
def test_what_is_not_its_own_is_refused(made: Path, name: str, given: str, parameter: str, message: str) -> None:
    lua = start("lua51", made)
    lua.execute("client = api.new({token = 't', http = function() error('sent') end})")
    value, problem = lua.execute(f"return client:call('{function(name)}', {given})")
    assert value is None
    assert (problem["type"], problem["parameter"]) == ("arguments", parameter)
    assert message in problem["message"]


# What is worked out in `test_added_models` of the same schemas, told as Lua counts: from 1.
PLACES = {"image_input[0]": "image_input[1]"}
REMEDIES = {
    "aspect_ratio": 'is not one of "1:1", "16:9"',
    "go_fast": 'expected a boolean, got a string: "yes"',
    "num_outputs": ("must be at most 4", "must be at least 1", "expected an integer, got"),
    "options.format": 'is not one of "text", "json"',
    "strength": "must be at most 1",
    "speed": "must be at least 0.1",
}


@pytest.mark.parametrize("lua_version", LUAS)
def test_a_wrong_value_is_refused_before_it_is_sent_with_what_would_fit(made: Path, lua_version: str) -> None:
    lua = start(lua_version, made)
    lua.execute("client = api.new({token = 't', http = function() error('sent') end})")
    read = lua.eval("api.json.decode")
    for name, given, where in WRONG:
        value, problem = lua.execute("return client:call(...)", function(name), read(json.dumps(given)))
        assert value is None
        where = PLACES.get(where, where)
        assert (problem["type"], problem["parameter"], problem["retryable"]) == ("arguments", where, False), name
        message = problem["message"]
        assert message.startswith(f"{where}: ")
        remedies = REMEDIES.get(where, "")
        assert any(each in message for each in ([remedies] if isinstance(remedies, str) else remedies)), message
        assert "739173917391" not in message


# JSON Schema 2020-12, validation: a value, its schema, and what is said of it; nothing where it fits.
CHECKED: list[tuple[Any, dict[str, Any], str]] = [
    (2.0, {"type": "integer"}, ""),  # 6.1.1: a number without a fraction is an integer
    (1.5, {"type": "integer"}, "x: expected an integer, got a number: 1.5"),
    (1, {"type": "number"}, ""),
    (True, {"type": "integer"}, "x: expected an integer, got a boolean: true"),
    ("a", {"enum": ["b", "c"]}, 'x: "a" is not one of "b", "c"'),  # 6.1.2
    (2, {"enum": [1, 2]}, ""),
    (0.3, {"type": "number", "multipleOf": 0.1}, ""),  # 6.2.1
    (70, {"type": "integer", "multipleOf": 64}, "x: 70 must be a multiple of 64"),
    (4, {"maximum": 4}, ""),
    (4, {"exclusiveMaximum": 4}, "x: 4 must be less than 4"),  # 6.2.3
    (0, {"exclusiveMinimum": 0}, "x: 0 must be more than 0"),
    ("äöü", {"type": "string", "maxLength": 3}, ""),  # 6.3.1: characters, not bytes
    ("äöüß", {"type": "string", "maxLength": 3}, "x: is 4 characters long, may have at most 3"),
    ("", {"type": "string", "minLength": 1}, "x: is 0 characters long, must have at least 1"),
    ([], {"type": "array", "minItems": 1}, "x: has 0 items, must have at least 1"),  # 6.4.2
    ([1, "a"], {"type": "array", "items": {"type": "integer"}}, 'x[2]: expected an integer, got a string: "a"'),
    ({}, {"type": "object", "required": ["a"]}, "x.a: is required"),  # 6.5.3
    ({"b": 1}, {"properties": {"a": {}}, "additionalProperties": False}, "x.b: is not one of its members: it has a"),
    ({"b": 1}, {"properties": {"a": {}}, "additionalProperties": {"type": "string"}}, "x.b: expected a string"),
    (None, {"anyOf": [{"type": "string"}, {"type": "null"}]}, ""),
    (1, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "x: expected a string, got an integer: 1"),
    (True, {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "x: true fits none of the 2 forms"),
    ("ab", {"allOf": [{"minLength": 3}]}, "x: is 2 characters long, must have at least 3"),
    (1, {"not": {}}, "x: is not allowed"),
    ("a", {}, ""),
]


@pytest.mark.parametrize("lua_version", LUAS)
def test_values_are_checked_as_json_schema_has_it(made: Path, lua_version: str) -> None:
    lua = start(lua_version, made)
    lua.execute("checks = require('replikit.checks')")
    read = lua.eval("api.json.decode")
    for value, schema, expected in CHECKED:
        pair = read(json.dumps({"value": value, "schema": schema}))
        problem, place = lua.execute("local p = ...; return checks.first(p.value, p.schema, 'x')", pair) or (None, None)
        told = f"{place}: {problem}" if problem else ""
        assert told.startswith(expected) and bool(told) == bool(expected), (value, schema, told)


def test_options_are_those_of_the_call_that_it_comes_to(made: Path) -> None:
    lua = start("lua51", made)
    lua.execute("client = api.new({token = 't', http = function() error('sent') end})")
    built = lua.execute("return (client:build('replicate_image', {prompt = 'x'}, {cancel_after = 90}))")
    assert built["headers"]["Cancel-After"] == "90s" and json.loads(built["body"]) == {"input": {"prompt": "x"}}
    for option, takes in (("webhoook", "webhook"), ("model_owner", "webhook"), ("input", "webhook")):
        value, problem = lua.execute(f"return client:call('replicate_image', {{prompt = 'x'}}, {{{option} = 'y'}})")
        assert value is None and problem["parameter"] == option
        assert "no option of replicate_image; it takes" in problem["message"] and takes in problem["message"]
    with pytest.raises(Exception, match="replicate_get_account takes no options"):
        lua.execute("client:call('replicate_get_account', {}, {webhook = 'y'})")


def test_empty_tables_are_what_the_schema_says(made: Path) -> None:
    lua = start("lua54", made)
    lua.execute("client = api.new({token = 't', http = function() end})")
    body = lua.execute("return client:build('replicate_nullable', {tags = {}}).body")
    assert json.loads(body)["input"] == {"tags": []}
    assert json.loads(lua.execute("return client:build('replicate_no_inputs').body"))["input"] == {}


def test_the_annotations_name_their_arguments(made: Path) -> None:
    text = (made / "lua" / "library" / "replikit.lua").read_text("utf-8")
    classes = dict(re.findall(r"^---@class (\S+)\n((?:---@field .*\n)*)", text, re.MULTILINE))
    image = classes["replikit.replicate_image.Arguments"]
    assert "---@field prompt string" in image
    assert '---@field aspect_ratio? "1:1"|' in image
    assert '---@field ["spaces in it"]? string' in classes["replikit.replicate_broken.Arguments"]
    owner = classes["replikit.groups.models_octo_labs"]
    assert re.search(
        r"@field image fun\(self: .*, arguments: replikit.replicate_image.Arguments, options\?: table\): \S*Prediction\?",
        owner,
    )
    assert "---@field octo_labs replikit.groups.models_octo_labs" in classes["replikit.groups.models"]
    assert (
        "---@field image fun(arguments: replikit.replicate_image.Arguments, options?: table)"
        in classes["replikit.Client"]
    )
