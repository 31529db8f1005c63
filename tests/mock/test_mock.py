"""The mock answers every function as the API documents it, and its answers agree with one another."""

from __future__ import annotations

import base64
import http.client
import importlib
import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import jsonschema
import pytest
from hanging import HANGS
from real_api import API

SPEC = Path(__file__).parents[2] / "spec"
PACKAGE = "mock_under_test"

NAMES = [function.name for function in API.functions]


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The generated mock, imported from a folder that holds nothing else of the package but the runtime and what it is about."""
    folder = tmp_path_factory.mktemp("mock")
    for name in ("mock", "runtime"):
        source = SPEC.parent / "generated/python" / API.package / name
        shutil.copytree(source, folder / PACKAGE / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(SPEC.parent / "generated/python" / API.package / "about.py", folder / PACKAGE)
    (folder / PACKAGE / "__init__.py").touch()
    sys.path.insert(0, str(folder))
    yield importlib.import_module(f"{PACKAGE}.mock")
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def server(package: Any) -> Iterator[Any]:
    with package.serve(seconds=0.2) as mock:
        yield mock


@pytest.fixture
def mock(server: Any) -> Any:
    server.reset()
    return server


class Clock:
    """A clock that stands still until a test sets it forward."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    def forward(self, mock: Any, seconds: float) -> None:
        """Whoever waits in the mock looks at the clock again."""
        with mock.state.changed:
            self.time += seconds
            mock.state.changed.notify_all()


class Reply:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.content = response.read()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def ask(mock: Any, method: str, target: str, body: bytes | None = None, **headers: str) -> Reply:
    """One request as bytes; `target` below the base URL, or a whole URL."""
    url = urlsplit(target if target.startswith("http") else mock.base_url + target)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=HANGS)
    try:
        sent = {"Authorization": f"Bearer {mock.token}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        path = url.path + (f"?{url.query}" if url.query else "")
        connection.request(method, path, body, {name: value for name, value in sent.items() if value})
        return Reply(connection.getresponse())
    finally:
        connection.close()


def send(mock: Any, method: str, target: str, value: Any, **headers: str) -> Reply:
    return ask(mock, method, target, json.dumps(value).encode(), Content_Type="application/json", **headers)


def multipart(parts: list[tuple[str, bytes]]) -> tuple[bytes, str]:
    """A body of parts, each with its own header lines."""
    body = b"".join(b"--=mark\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
    return body + b"--=mark--\r\n", 'multipart/form-data; boundary="=mark"'


def call(mock: Any, name: str, arguments: dict[str, Any]) -> Reply:
    """A call of a function, put on the wire here and not by the client under test elsewhere."""
    function = API.function(name)
    path, query, headers, fields = function.path, [], {}, {}
    for param in function.params:
        argument = "_".join(param.words)
        if argument not in arguments:
            continue
        value = arguments[argument]
        if param.encoding == "wait":
            value = f"wait={value}"
        elif param.encoding == "duration" and isinstance(value, int):
            value = f"{value}s"
        if param.location == "path":
            path = path.replace("{" + param.wire_name + "}", quote(str(value), safe=""))
        elif param.location == "query":
            query.append((param.wire_name, str(value).lower() if isinstance(value, bool) else str(value)))
        elif param.location == "header":
            headers[param.wire_name.replace("-", "_")] = str(value)
        else:
            fields[param.wire_name] = value
    target = path + ("?" + urlencode(query) if query else "")
    if function.body is None:
        return ask(mock, function.method, target, **headers)
    if function.body.kind == "text":
        return ask(mock, function.method, target, fields["body"].encode(), Content_Type="text/plain", **headers)
    if function.body.kind == "multipart":
        parts = []
        for field, value in fields.items():
            disposition = f'Content-Disposition: form-data; name="{field}"'
            if isinstance(value, dict):
                parts.append((disposition + "\r\nContent-Type: application/json", json.dumps(value).encode()))
            elif field == "content":
                content = base64.b64decode(value.split(",")[1]) if value.startswith("data:") else value.encode()
                parts.append((disposition + '; filename="a.txt"\r\nContent-Type: text/plain', content))
            else:
                parts.append((disposition, value.encode()))
        body, media = multipart(parts)
        return ask(mock, function.method, target, body, Content_Type=media, **headers)
    return send(mock, function.method, target, fields, **headers)


def routes(mock: Any) -> Any:
    return mock.state.routes


def check(mock: Any, name: str, reply: Reply) -> None:
    """The reply is one that the document describes."""
    route = routes(mock).by_name[name]
    described = {status: content for status, content in route.contents()}
    assert reply.status in described, reply.content
    content = described[reply.status]
    if content is None:
        assert reply.content == b""
        return
    assert reply.headers.get_content_type() == content["media"]
    if content["kind"] == "json":
        # By a validator that is not the mock's own. What it refers to is a schema once for all functions.
        jsonschema.Draft202012Validator.check_schema(content["schema"])
        schema = {**content["schema"], "$defs": dict(routes(mock).document["$defs"])}
        jsonschema.Draft202012Validator(schema).validate(reply.json)


EXAMPLES = [(f.name, index) for f in API.functions for index in range(len(f.examples))]


def test_what_the_answers_refer_to_is_a_schema(mock: Any) -> None:
    definitions = routes(mock).document["$defs"]
    assert definitions
    jsonschema.Draft202012Validator.check_schema({"$defs": dict(definitions)})


def test_every_function_has_a_route(mock: Any) -> None:
    assert sorted(routes(mock).by_name) == sorted(NAMES)
    assert len(NAMES) == 37
    assert {name for name, _ in EXAMPLES} == set(NAMES)


@pytest.mark.parametrize(("name", "index"), EXAMPLES)
def test_examples_are_answered_with_success(mock: Any, name: str, index: int) -> None:
    example = API.function(name).examples[index]
    reply = call(mock, name, dict(example.arguments))
    assert reply.status < 300, reply.content
    check(mock, name, reply)


@pytest.mark.parametrize("name", [function.name for function in API.functions if function.authenticated])
def test_token_is_checked(mock: Any, name: str) -> None:
    function = API.function(name)
    path = function.path.replace("{", "").replace("}", "")
    for token in ("", "Bearer wrong", f"Basic {mock.token}"):
        reply = ask(mock, function.method, path, Authorization=token)
        assert reply.status == 401
        assert reply.headers.get_content_type() == "application/problem+json"
        assert reply.json["status"] == 401 and reply.json["detail"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/predictions/none", 404),
        ("POST", "/predictions/none/cancel", 404),
        ("DELETE", "/files/none", 404),
        ("GET", "/models/nobody/nothing/readme", 404),
        ("GET", "/models/nobody/nothing/versions", 404),
        ("PUT", "/predictions", 405),
        ("POST", "/predictions", 422),
        ("GET", "/search", 400),
        ("GET", "/search?query=a&limit=0", 400),
        ("GET", "/search?query=a&limit=x", 400),
        ("GET", "/models?sort_direction=up", 422),
        ("GET", "/predictions?created_after=yesterday", 422),
        ("GET", "/predictions?cursor=x", 400),
    ],
)
def test_refusals_are_problems(mock: Any, method: str, target: str, status: int) -> None:
    reply = ask(mock, method, target)
    assert reply.status == status, reply.content
    # The document says how `search` refuses; of the others it says nothing.
    told = "application/json" if target.startswith("/search") else "application/problem+json"
    assert reply.headers.get_content_type() == told
    assert reply.json["detail"]
    if status == 405:
        assert reply.headers["Allow"] == "GET, POST"


def test_body_is_checked(mock: Any) -> None:
    reply = send(mock, "POST", "/predictions", {"version": 1, "wrong": True})
    assert reply.status == 422
    assert {field["field"] for field in reply.json["invalid_fields"]} == {"version", "input", "wrong"}
    assert ask(mock, "POST", "/predictions", b"{", Content_Type="application/json").status == 400
    assert ask(mock, "POST", "/predictions", b"{}", Content_Type="text/plain").status == 415
    assert send(mock, "POST", "/predictions", {"version": "a", "input": {}}, Prefer="wait=61").status == 422
    assert send(mock, "POST", "/predictions", {"version": "a", "input": {}}, Cancel_After="soon").status == 422


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"version": "a", "input": {"x": "\\ud800"}}', 201),
        (b'{"version": "a", "input": {"x": NaN}}', 400),
        (b'{"version": "a", "input": {"x": ' + b"[" * 200 + b"]" * 200 + b"}}", 400),
        (b'{"version": "a", "input": {"x": ' + b"[" * 90 + b"]" * 90 + b"}}", 201),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
        (b"null", 422),
        (b"[]", 422),
    ],
)
def test_strange_bodies_do_no_harm(mock: Any, body: bytes, status: int) -> None:
    assert ask(mock, "POST", "/predictions", body, Content_Type="application/json").status == status
    assert ask(mock, "GET", "/predictions").status == 200


def test_prediction_runs_through_its_states(package: Any) -> None:
    clock = Clock()
    with package.serve(seconds=5, now=clock) as mock:
        prediction_runs(mock, clock)


def prediction_runs(mock: Any, clock: Clock) -> None:
    made = send(mock, "POST", "/predictions", {"version": "replicate/hello-world", "input": {"text": "Bob"}})
    assert (made.status, made.json["status"], made.json["output"]) == (201, "starting", None)
    check(mock, "replicate_create_prediction", made)
    url = made.json["urls"]["get"]
    assert url.startswith(mock.base_url)
    seen = []
    for _ in range(6):
        now = ask(mock, "GET", url)
        check(mock, "replicate_get_prediction", now)
        seen.append(now.json["status"])
        clock.forward(mock, 1)
    assert seen == ["starting", *["processing"] * 4, "succeeded"]
    assert now.json["output"] == "hello Bob"
    assert now.json["input"] == {"text": "Bob"}
    assert now.json["model"] == "replicate/hello-world"
    listed = ask(mock, "GET", "/predictions").json["results"]
    assert listed[0] == now.json


def test_wait(package: Any) -> None:
    body = {"version": "replicate/hello-world", "input": {"text": "Bob"}}
    with package.serve(seconds=0.2) as mock:
        reply = send(mock, "POST", "/predictions", body, Prefer="wait=5")
        assert (reply.status, reply.json["status"]) == (201, "succeeded")
    with package.serve(seconds=3600) as mock:
        reply = send(mock, "POST", "/predictions", body, Prefer="wait=1")
        assert (reply.status, reply.json["status"]) == (202, "starting")


def test_cancel_and_deadline(package: Any) -> None:
    body = {"version": "replicate/hello-world", "input": {"text": "Bob"}}
    clock = Clock()
    with package.serve(seconds=5, now=clock) as mock:
        made = send(mock, "POST", "/predictions", body).json
        stopped = ask(mock, "POST", made["urls"]["cancel"]).json
        assert stopped["status"] == "aborted"
        made = send(mock, "POST", "/predictions", body).json
        clock.forward(mock, 1)
        stopped = ask(mock, "POST", made["urls"]["cancel"])
        check(mock, "replicate_cancel_prediction", stopped)
        assert stopped.json["status"] == "canceled" and stopped.json["output"] is None
        assert ask(mock, "GET", made["urls"]["get"]).json == stopped.json
    with package.serve(seconds=0.1) as mock:
        done = send(mock, "POST", "/predictions", body, Prefer="wait").json
        assert ask(mock, "POST", done["urls"]["cancel"]).json["status"] == "succeeded"
    with package.serve(seconds=60) as mock:
        late = send(mock, "POST", "/predictions", body, Prefer="wait=5", Cancel_After="1s")
        assert (late.status, late.json["status"]) == (201, "aborted")


def test_jobs_can_be_made_to_fail(package: Any) -> None:
    with package.serve(seconds=0, outcome="failed") as mock:
        reply = send(mock, "POST", "/predictions", {"version": "a", "input": {}})
        check(mock, "replicate_create_prediction", reply)
        assert reply.json["status"] == "failed" and reply.json["error"] and reply.json["output"] is None


def test_training(package: Any) -> None:
    clock = Clock()
    with package.serve(seconds=5, now=clock) as mock:
        training_runs(mock, clock)


def training_runs(mock: Any, clock: Clock) -> None:
    example = API.function("replicate_create_training").examples[0].arguments
    made = call(mock, "replicate_create_training", dict(example))
    assert made.json["status"] == "starting"
    clock.forward(mock, 5)
    now = ask(mock, "GET", f"/trainings/{made.json['id']}")
    check(mock, "replicate_get_training", now)
    assert now.json["status"] == "succeeded" and now.json["output"]
    assert ask(mock, "GET", "/trainings").json["results"][0]["id"] == made.json["id"]


def test_files_round_trip(mock: Any) -> None:
    content = bytes(range(256)) + b"\r\n--=mar\r\n" + b"\n"
    head = 'Content-Disposition: form-data; name="content"; filename="a b.bin"\r\nContent-Type: application/x-thing'
    metadata = 'Content-Disposition: form-data; name="metadata"\r\nContent-Type: application/json'
    body, media = multipart([(head, content), (metadata, b'{"a": 1}')])
    made = ask(mock, "POST", "/files", body, Content_Type=media)
    check(mock, "replicate_create_file", made)
    assert made.json["size"] == len(content)
    assert made.json["content_type"] == "application/x-thing"
    assert made.json["metadata"] == {"a": 1}
    assert ask(mock, "GET", made.json["urls"]["get"]).json == made.json
    assert ask(mock, "GET", "/files").json["results"][0] == made.json
    download = f"/files/{made.json['id']}/download?owner=acme&expiry=1&signature=x"
    assert ask(mock, "GET", download).content == content
    assert ask(mock, "DELETE", f"/files/{made.json['id']}").status == 204
    assert ask(mock, "GET", f"/files/{made.json['id']}").status == 404
    assert ask(mock, "GET", download).status == 404
    assert made.json not in ask(mock, "GET", "/files").json["results"]
    body, media = multipart([(metadata, b"{}")])
    assert ask(mock, "POST", "/files", body, Content_Type=media).status == 422


def test_models_agree(mock: Any) -> None:
    body = {"owner": "acme", "name": "pen", "visibility": "private", "hardware": "cpu"}
    made = send(mock, "POST", "/models", body)
    check(mock, "replicate_create_model", made)
    assert (made.json["name"], made.json["description"]) == ("pen", None)
    assert ask(mock, "GET", "/models/acme/pen").json == made.json
    assert ask(mock, "GET", "/models").json["results"][0] == made.json
    assert ask(mock, "GET", "/models/acme/pen/versions").json["results"] == []
    changed = send(mock, "PATCH", "/models/acme/pen", {"description": "A pen", "readme": "# Pen"})
    assert changed.json["description"] == "A pen"
    assert ask(mock, "GET", "/models/acme/pen").json == changed.json
    assert ask(mock, "GET", "/models/acme/pen/readme").content == b"# Pen"
    found = ask(mock, "QUERY", "/models", b"a PEN", Content_Type="text/plain").json["results"]
    assert "pen" in [model["name"] for model in found]
    assert ask(mock, "DELETE", "/models/acme/pen").status == 204
    assert ask(mock, "GET", "/models/acme/pen").status == 404
    assert ask(mock, "PATCH", "/models/acme/pen").status == 404


def test_versions_agree(mock: Any) -> None:
    function = API.function("replicate_delete_model_version")
    arguments = dict(function.examples[0].arguments)
    path = f"/models/{arguments['model_owner']}/{arguments['model_name']}/versions"
    before = [version["id"] for version in ask(mock, "GET", path).json["results"]]
    assert arguments["version_id"] in before
    assert call(mock, function.name, arguments).status == 202
    assert ask(mock, "GET", f"{path}/{arguments['version_id']}").status == 404
    assert arguments["version_id"] not in [v["id"] for v in ask(mock, "GET", path).json["results"]]


def test_deployments_agree(mock: Any) -> None:
    arguments = dict(API.function("replicate_create_deployment").examples[0].arguments) | {"name": "other"}
    made = call(mock, "replicate_create_deployment", arguments).json
    path = f"/deployments/{made['owner']}/other"
    assert made["current_release"]["configuration"]["max_instances"] == arguments["max_instances"]
    assert made["current_release"]["created_by"]["name"] != "other"
    assert ask(mock, "GET", path).json == made
    changed = send(mock, "PATCH", path, {"max_instances": 9}).json
    assert changed["current_release"]["configuration"]["max_instances"] == 9
    run = send(mock, "POST", path + "/predictions", {"input": {"prompt": "x"}}).json
    assert run["deployment"] == f"{made['owner']}/other"
    assert ask(mock, "GET", f"/predictions/{run['id']}").json["id"] == run["id"]
    assert ask(mock, "DELETE", path).status == 204
    assert ask(mock, "GET", path).status == 404
    assert "other" not in [d["name"] for d in ask(mock, "GET", "/deployments").json["results"]]


def test_pages_page(package: Any) -> None:
    with package.serve(seconds=0, page_size=2) as mock:
        for number in range(5):
            send(mock, "POST", "/predictions", {"version": "a", "input": {"n": number}})
        seen, url = [], "/predictions?created_after=2000-01-01"
        while url:
            page = ask(mock, "GET", url)
            check(mock, "replicate_list_predictions", page)
            assert len(page.json["results"]) <= 2
            seen += [item["id"] for item in page.json["results"]]
            assert url == "/predictions?created_after=2000-01-01" or page.json["previous"].startswith(mock.base_url)
            url = page.json["next"]
            assert url is None or (url.startswith(mock.base_url) and "created_after=2000-01-01" in url)
        assert len(seen) == len(set(seen)) >= 6


def test_connection_is_kept(mock: Any) -> None:
    url = urlsplit(mock.base_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=HANGS)
    headers = {"Authorization": f"Bearer {mock.token}"}
    connection.request("GET", url.path + "/account", headers=headers)
    assert connection.getresponse().read()
    socket = connection.sock
    # A refused request leaves no bytes of its body behind for the next one.
    connection.request("POST", url.path + "/account", b"x" * 1000)
    assert Reply(connection.getresponse()).status == 405
    connection.request("POST", url.path + "/predictions", iter([b'{"version": "a",', b' "input": {}}']), encode_chunked=True,
                       headers=headers | {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})  # fmt: skip
    assert Reply(connection.getresponse()).status == 201
    assert connection.sock is socket
    connection.close()


def test_command(package: Any) -> None:
    program = f"from {PACKAGE}.mock.command import command; command()"
    line = [sys.executable, "-c", program, "--port", "0", "--token", "a b"]
    environment = os.environ | {"PYTHONPATH": str(Path(package.__file__).parents[2])}
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert process.stdout.readline() == f"export {API.token_env}='a b'\n"
        assert process.stdout.readline() == f"export {API.base_url_env}={url}\n"
        with pytest.raises(urllib.error.HTTPError, match="401") as caught:
            urllib.request.urlopen(url + "/account", timeout=HANGS)
        caught.value.close()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=HANGS)
        assert (process.returncode, said) == (0, "stopped\n")
