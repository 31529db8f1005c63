"""The plain Lua module in every Lua: it asks for what the Python client asks for, and falls into none of JSON's traps."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from luas import LUAS, start
from real_api import API

ROOT = Path(__file__).parents[2]

PYTHON_REQUESTS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from replikit.operations import OPERATIONS
from replikit.runtime.requests import prepare
made = []
for name, arguments in json.load(sys.stdin):
    p = prepare(OPERATIONS[name], arguments, "https://example.test/v1")
    parts = p.parts and [[x.name, x.filename, x.content.decode("latin-1"), x.content_type] for x in p.parts]
    body = p.content.decode("latin-1") if p.content is not None else None
    made.append([p.method, p.url, sorted(map(list, p.headers)), body, parts])
json.dump(made, sys.stdout)
"""

# Arguments beyond the catalog's examples: what has to be escaped, put in order or told apart.
MORE: list[tuple[str, dict[str, Any]]] = [
    ("replicate_get_prediction", {"prediction_id": "../a b/é?#%"}),
    ("replicate_search_models", {"body": "naïve “text”\n"}),
    ("replicate_create_prediction", {"version": "v", "input": {}, "wait": 10}),
    ("replicate_create_prediction", {"version": "v", "input": {"n": 9007199254740991, "deep": [1.5, "é", True]}}),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The module and the Python client, made from the spec."""
    out = tmp_path_factory.mktemp("made")
    command = [sys.executable, "-m", "generator", "generate", "--out", str(out), "--surface", "lua"]
    subprocess.run([*command, "--surface", "python"], cwd=ROOT, check=True, capture_output=True)
    return out


def to_lua(lua: Any, value: Any) -> Any:
    """A JSON value inside Lua, read by the module itself."""
    return lua.eval("api.json.decode")(json.dumps(value))


def examples() -> list[tuple[str, dict[str, Any]]]:
    return [(function.name, dict(example.arguments)) for function in API.functions for example in function.examples]


@pytest.mark.parametrize("version", LUAS)
def test_requests_are_those_of_python(version: str, made: Path) -> None:
    calls = [*examples(), *MORE]
    run = subprocess.run(
        [sys.executable, "-c", PYTHON_REQUESTS, str(made / "python")],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=True,
    )
    lua = start(version, made)
    lua.execute("client = api.new{token = 't', base_url = 'https://example.test/v1', http = function() end}")
    build = lua.eval("function(name, arguments) return client:build(name, arguments) end")
    for (name, arguments), (method, url, headers, body, parts) in zip(calls, json.loads(run.stdout), strict=True):
        built, *problem = build(name, to_lua(lua, arguments)) or (None,)
        assert built is not None, (name, problem and problem[0].message)
        assert (built.method, built.url) == (method, url)
        assert sorted([key, value] for key, value in built.headers.items()) == headers
        if body is not None and body.startswith("{"):
            assert json.loads(built.body) == json.loads(body), name
        else:
            assert built.body == body, name
        got = built.parts and [[p.name, p.filename, p.content, p.content_type] for p in built.parts.values()]
        assert got == parts, name


TRAPS = """
local j = api.json
assert(j.encode(api.array{}) == '[]' and j.encode(api.object{}) == '{}' and j.encode({}) == '{}')
assert(j.encode({}, 'array') == '[]' and j.encode({1, 2}) == '[1,2]' and j.encode({b = 10 / 2}) == '{"b":5}')
assert(j.encode({a = api.null}) == '{"a":null}' and j.encode(0.1) == '0.1' and j.encode(1e300) == '1e+300')
assert(j.encode(j.decode('{"a":[],"b":{},"c":null,"d":[null,1]}')) == '{"a":[],"b":{},"c":null,"d":[null,1]}')
assert(tostring(j.decode('9007199254740993')) == '9007199254740993')
assert(j.decode('"\\\\ud83d\\\\ude00"') == '\\240\\159\\152\\128' and j.encode('\\240\\159\\152\\128') == '"\\\\ud83d\\\\ude00"')
for _, wrong in ipairs{{1, nil, 3}, {1, a = 2}, 0 / 0, 1 / 0, print, '\\255', {[1.5] = 1}} do
  assert(not pcall(j.encode, wrong))
end
local circle = {} circle.x = circle
assert(not pcall(j.encode, circle))
for _, wrong in ipairs{'', '{', '[1,]', '{"a"}', 'nul', '1 2', '"a', '"\\\\x"', ('['):rep(1000)} do
  assert(not pcall(j.decode, wrong), wrong)
end
"""

CALLS = """
local sent, answers = {}, {}
local client = api.new{token = 'secret', base_url = 'https://example.test/v1', sleep = function() end,
  http = function(request)
    sent[#sent + 1] = request
    local answer = table.remove(answers, 1)
    if not answer then return nil, 'refused' end
    return {status = answer[1], headers = {['Retry-After'] = '3'}, body = answer[2]}
  end}
local function last() return sent[#sent] end

answers = {{200, '{"id":"p1","error":null,"status":"starting"}'}}
local value, err, response = client:create_prediction{version = 'v', input = {}}
assert(value.id == 'p1' and value.error == api.null and not err and response.status == 200)
assert(last().headers.Authorization == 'Bearer secret' and last().body == '{"version":"v","input":{}}')

local built = assert(client:build('create_prediction', {version = 'v', input = {}, wait = 10 / 2, webhook_events_filter = {}}))
assert(built.headers.Prefer == 'wait=5' and built.body:find('"webhook_events_filter":[]', 1, true), built.body)
assert(built.headers.Authorization == nil and #sent == 1, 'built, not sent')
for _, wrong in ipairs{{1, nil, 3}, 0 / 0, print, {[1] = 1, a = 2}, '\\255'} do
  value, err = client.predictions:create{version = 'v', input = {x = wrong}}
  assert(value == nil and err.type == 'arguments' and err.parameter == 'input' and #sent == 1)
end
for _, wrong in ipairs{5.5, 0, 61, '5', api.null} do
  assert(wrong == api.null or not client:build('create_prediction', {version = 'v', input = {}, wait = wrong}))
end

for _, call in ipairs{client.create_prediction, client.predictions.create, client.replicate_create_prediction} do
  answers = {{200, '{}'}}
  assert(call{version = 'v', input = {a = 1}})
end
answers = {{200, '{}'}}
assert(client.predictions:create{version = 'v', input = {a = 1}})

answers = {{404, '{"detail":"no such prediction"}'}}
value, err, response = client.predictions:get{prediction_id = 'x'}
assert(value == nil and err.status == 404 and err.retry_after == 3 and response.status == 404)
assert(tostring(err) == 'no such prediction (HTTP 404)')

value, err, response = client.predictions:get{prediction_id = 'x'}
assert(value == nil and err.type == 'connection' and err.message == 'refused' and response == nil)

value, err = client.predictions:get{}
assert(value == nil and err.type == 'arguments' and err.parameter == 'prediction_id')
assert(tostring(err) == 'prediction_id: is required')
value, err = client.predictions:get{prediction_id = 'x', nonsense = 1}
assert(value == nil and err.parameter == 'nonsense' and tostring(err):find('it takes prediction_id', 1, true))
value, err = client:call('nonsense')
assert(value == nil and err.type == 'unknown_function')
value, err = client.predictions:get{prediction_id = '..'}
assert(value == nil, 'dots')

answers = {{204, ''}}
assert(client.delete_file{file_id = 'f'} == true)

answers = {{200, '{"results":[{"id":1},{"id":2}],"next":"https://example.test/v1/predictions?cursor=c"}'},
           {200, '{"results":[{"id":3}],"next":"https://elsewhere.test/"}'}}
local seen, stopped = {}, nil
for item, problem in client:each('list_predictions') do
  if item then seen[#seen + 1] = item.id else stopped = problem end
end
assert(#seen == 3 and last().url == 'https://example.test/v1/predictions?cursor=c')
assert(stopped.message:find('another host', 1, true))

answers = {{200, '{"id":"p1","status":"processing"}'}, {200, '{"id":"p1","status":"aborted"}'}}
local done = assert(client:wait({id = 'p1', status = 'starting'}, {of = client.create_prediction}))
assert(done.status == 'aborted')
answers = {{201, '{"id":"p2","status":"starting"}'}, {200, '{"id":"p2","status":"succeeded"}'}}
local states = {}
done = assert(client:wait(assert(client.create_prediction{version = 'v', input = {}}), {on_update = function(now) states[#states + 1] = now.status end}))
assert(done.status == 'succeeded' and #states == 1 and last().url:find('/predictions/p2', 1, true))
answers = {{200, '{"id":"p3","status":"canceled"}'}}
value, err = client:wait({id = 'p3', status = 'starting'}, {of = 'get_prediction', timeout = 0, cancel = true})
assert(value == nil and err.type == 'timeout' and err.job.id == 'p3' and last().url:find('/p3/cancel', 1, true))
answers = {{200, '{"id":"p4","status":"processing"}'}, {404, '{"detail":"gone"}'}}
value, err = client:wait({id = 'p4', status = 'starting'}, {of = 'get_prediction'})
assert(value == nil and err.status == 404 and err.job.status == 'processing')
for _, started in ipairs{'{"status":"starting"}', '{"id":null,"status":"starting"}', '{"id":"","status":"starting"}'} do
  answers = {{201, started}}
  value, err = client:wait(assert(client.create_prediction{version = 'v', input = {}}))
  assert(value == nil and err.message == 'the answer holds no id of the prediction; it may run all the same', err)
  assert(err.job.status == 'starting' and not err.retryable)
end
local fine, message = pcall(client.wait, client, {id = 'p', status = 'starting'})
assert(not fine and message:find('a prediction or a training', 1, true), message)
for _, wrong in ipairs{{}, {http = 1}, {http = print, token = 1}, {http = print, timeout = 'x'}} do
  assert(not pcall(api.new, wrong))
end

answers = {{200, '{"id":"f"}'}}
assert(client.files:create{content = {content = 'a\\r\\nb', filename = 'a"b.txt', content_type = 'text/plain'}, metadata = {}})
local body = last().body
assert(body:find('name="content"; filename="a%22b.txt"\\r\\nContent-Type: text/plain\\r\\n\\r\\na\\r\\nb\\r\\n', 1, true), body)
assert(body:find('Content-Type: application/json\\r\\n\\r\\n{}\\r\\n', 1, true), body)
"""


REFUSALS = """
local sent, pauses, answers = 0, {}, {}
local function client(options)
  sent, pauses = 0, {}
  options.token, options.base_url = 'secret', 'https://example.test/v1'
  options.http = function()
    sent = sent + 1
    local answer = table.remove(answers, 1) or {429, '{}', '20'}
    return {status = answer[1], headers = {['Retry-After'] = answer[3]}, body = answer[2]}
  end
  return api.new(options)
end
local function sleep(seconds) pauses[#pauses + 1] = seconds end
local function start(of) return of.create_prediction{version = 'v', input = {}} end

answers = {{429, '{}', '3'}, {429, '{"retry_after": 7}'}, {429, '{}'}, {429, '{}', '0'}, {429, '{}', '-5'}, {201, '{"id":"p"}'}}
assert(assert(start(client{sleep = sleep})).id == 'p')
assert(sent == 6 and table.concat(pauses, ' ') == '3 7 1 0.1 0.1', table.concat(pauses, ' '))

local value, err, response = start(client{sleep = sleep})
assert(value == nil and err.status == 429 and err.retry_after == 20 and err.retryable and response.status == 429)
assert(sent == 4 and #pauses == 3, 'within 60 seconds')
start(client{sleep = sleep, max_wait = 25})
assert(sent == 2)
start(client{sleep = sleep, max_wait = 0})
assert(sent == 1 and #pauses == 0)
start(client{})
assert(sent == 1, 'without a sleep nothing waits')
for _, odd in ipairs{'1e999', '61'} do
  answers = {{429, '{}', odd}, {201, '{}'}}
  assert(not start(client{sleep = sleep}) and sent == 1, odd)
end
answers = {{503, '{}', '1'}, {201, '{}'}}
assert(not start(client{sleep = sleep}) and sent == 1, 'what failed may have been carried out')
"""


@pytest.mark.parametrize("version", LUAS)
@pytest.mark.parametrize("script", [TRAPS, CALLS, REFUSALS], ids=["traps", "calls", "refusals"])
def test_in_every_lua(version: str, script: str, made: Path) -> None:
    start(version, made).execute(script)


def anything(random: Random, depth: int = 0) -> Any:
    """Any JSON value, with all that is easily lost."""
    kind = random.randrange(9 if depth < 4 else 7)
    if kind == 7:
        return [anything(random, depth + 1) for _ in range(random.randrange(5))]
    if kind == 8:
        return {word(random): anything(random, depth + 1) for _ in range(random.randrange(5))}
    numbers = (
        random.randrange(-9, 9),
        random.randrange(-(2**53) + 1, 2**53),
        random.uniform(-1e6, 1e6),
        10.0 ** random.randrange(-30, 30),
    )
    return (None, True, False, word(random), random.choice(numbers), random.choice(numbers), word(random))[kind]


def word(random: Random) -> str:
    return "".join(random.choice('abc"\\/ \n\t\x01\x7fé\u2028€😀') for _ in range(random.randrange(8)))


@pytest.mark.parametrize("version", LUAS)
def test_any_json_comes_back_as_it_was(version: str, made: Path) -> None:
    lua = start(version, made)
    through = lua.eval("function(text) return api.json.encode(api.json.decode(text)) end")
    random = Random(version)
    for _ in range(300):
        value = anything(random)
        for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1).encode().decode("latin-1")):
            assert json.loads(through(text)) == value, text


@pytest.mark.parametrize("version", LUAS)
def test_every_function_is_there(version: str, made: Path) -> None:
    lua = start(version, made)
    lua.execute("client = api.new{token = 't', http = function() end}")
    names = list(lua.eval("api.functions").values())
    assert len(names) == 37
    for name in names:
        assert lua.eval("client")[name] is not None and lua.eval("client")[name.removeprefix("replicate_")] is not None


def test_annotations_name_every_argument(made: Path) -> None:
    text = (made / "lua" / "library" / "replikit.lua").read_text("utf-8")
    for name, arguments in examples():
        block = text.split(f"---@class replikit.{name}.Arguments\n")[1].split("\n\n")[0]
        for argument in arguments:
            assert f"---@field {argument} " in block or f"---@field {argument}? " in block, (name, argument)
