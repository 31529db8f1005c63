"""How a value is written into a request: the table of OpenAPI 3.1.1 (4.8.12.4) and RFC 6570, in the Python client, in
Lua and in the lines for curl."""

from __future__ import annotations

import importlib
import itertools
import json
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from generator import pipeline
from generator.surfaces.shared import calls

LIST = ["blue", "black", "brown"]
MAP = {"B": 150, "G": 200, "R": 100}
EVERY = "A z-._~:/?#[]@!$&'()*+,;=%\u00e9"
"""Each kind of character: RFC 3986 leaves letters, digits and -._~ as they are, and reserves :/?#[]@!$&'()*+,;=."""
ESCAPED = "A%20z-._~%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%25%C3%A9"

# (in, style, explode, value) and what stands in the URL, the header or the cookie; a style of "" is the default.
STYLES: list[tuple[str, str, bool | None, Any, str]] = [
    ("path", "matrix", False, "blue", ";color=blue"),
    ("path", "matrix", False, LIST, ";color=blue,black,brown"),
    ("path", "matrix", False, MAP, ";color=B,150,G,200,R,100"),
    ("path", "matrix", True, "blue", ";color=blue"),
    ("path", "matrix", True, LIST, ";color=blue;color=black;color=brown"),
    ("path", "matrix", True, MAP, ";B=150;G=200;R=100"),
    ("path", "label", False, "blue", ".blue"),
    ("path", "label", False, LIST, ".blue,black,brown"),
    ("path", "label", False, MAP, ".B,150,G,200,R,100"),
    ("path", "label", True, "blue", ".blue"),
    ("path", "label", True, LIST, ".blue.black.brown"),
    ("path", "label", True, MAP, ".B=150.G=200.R=100"),
    ("path", "simple", False, "blue", "blue"),
    ("path", "simple", False, LIST, "blue,black,brown"),
    ("path", "simple", False, MAP, "B,150,G,200,R,100"),
    ("path", "simple", True, LIST, "blue,black,brown"),
    ("path", "simple", True, MAP, "B=150,G=200,R=100"),
    ("path", "", None, LIST, "blue,black,brown"),
    ("path", "", None, MAP, "B,150,G,200,R,100"),
    ("path", "", None, EVERY, ESCAPED),
    ("path", "", None, True, "true"),
    ("path", "", None, 1.5, "1.5"),
    ("path", "", None, ["a,b", "c"], "a%2Cb,c"),
    ("path", "label", None, LIST, ".blue,black,brown"),
    ("query", "form", False, "", "color="),
    ("query", "form", False, "blue", "color=blue"),
    ("query", "form", False, LIST, "color=blue,black,brown"),
    ("query", "form", False, MAP, "color=B,150,G,200,R,100"),
    ("query", "form", True, "", "color="),
    ("query", "form", True, "blue", "color=blue"),
    ("query", "form", True, LIST, "color=blue&color=black&color=brown"),
    ("query", "form", True, MAP, "B=150&G=200&R=100"),
    ("query", "", None, LIST, "color=blue&color=black&color=brown"),
    ("query", "", None, EVERY, "color=" + ESCAPED),
    ("query", "", None, False, "color=false"),
    ("query", "spaceDelimited", False, LIST, "color=blue%20black%20brown"),
    ("query", "spaceDelimited", False, MAP, "color=B%20150%20G%20200%20R%20100"),
    ("query", "spaceDelimited", None, LIST, "color=blue%20black%20brown"),
    ("query", "pipeDelimited", False, LIST, "color=blue%7Cblack%7Cbrown"),
    ("query", "pipeDelimited", False, MAP, "color=B%7C150%7CG%7C200%7CR%7C100"),
    ("query", "pipeDelimited", None, LIST, "color=blue%7Cblack%7Cbrown"),
    ("query", "deepObject", True, MAP, "color%5BB%5D=150&color%5BG%5D=200&color%5BR%5D=100"),
    # RFC 6570, 2.3 and 3.2.1: a member without a value is as if it were not there.
    ("query", "deepObject", True, {"B": None, "G": 200}, "color%5BG%5D=200"),
    ("query", "form", True, {"B": None, "G": 200}, "G=200"),
    ("query", "form", False, {"B": None, "G": 200}, "color=G,200"),
    ("header", "simple", False, "blue", "blue"),
    ("header", "simple", False, LIST, "blue,black,brown"),
    ("header", "simple", False, MAP, "B,150,G,200,R,100"),
    ("header", "simple", True, MAP, "B=150,G=200,R=100"),
    ("header", "", None, LIST, "blue,black,brown"),
    ("header", "", None, MAP, "B,150,G,200,R,100"),
    ("header", "", None, True, "true"),
    ("cookie", "form", False, "blue", "color=blue"),
    ("cookie", "form", False, LIST, "color=blue,black,brown"),
    ("cookie", "form", False, MAP, "color=B,150,G,200,R,100"),
    ("cookie", "", None, "blue", "color=blue"),
]
RESERVED = [
    # RFC 6570, 3.2.3: what is reserved stays, and so does nothing else; in a query `&` and `#` would end the value.
    ("query", "a/b?c:d@e!f$g'h(i)j*k,l;m", "color=a/b?c:d@e!f$g'h(i)j*k,l;m"),
    ("query", "a%2Fb%2f%zz%", "color=a%2Fb%2f%25zz%25"),
    # OpenAPI 3.1.1, 4.8.12.2.2: in a query only.
    ("path", "a/b?c;d", "a%2Fb%3Fc%3Bd"),
    ("query", "a&b#c d%\u00e9", "color=a%26b%23c%20d%25%C3%A9"),
]


def document() -> dict[str, Any]:
    """A function for each way to write a parameter."""
    paths = {}
    rows = [(place, style, explode, False) for place, style, explode, _, _ in STYLES]
    for place, style, explode, reserved in dict.fromkeys([*rows, *((place, "", None, True) for place, *_ in RESERVED)]):
        more: dict[str, Any] = {"style": style} if style else {}
        more |= {"explode": explode} if explode is not None else {}
        more |= {"allowReserved": True} if reserved else {}
        param = {"name": "color", "in": place, "required": place == "path", "schema": {}, **more}
        name = called(place, style, explode, reserved)
        path = f"/{name}/" + ("{color}" if place == "path" else "x")
        paths[path] = {"get": {"operationId": name, "parameters": [param], "responses": {"204": {"description": "ok"}}}}
    servers = [{"url": "https://colors.test/v1"}]
    return {"openapi": "3.1.1", "info": {"title": "Colors", "version": "1"}, "servers": servers, "paths": paths}


def called(place: str, style: str, explode: bool | None, reserved: bool = False) -> str:
    return "_".join(
        ["get", place, style.lower() or "plain", {True: "all", False: "one", None: "usual"}[explode]]
        + ["kept"] * reserved
    )


Sent = tuple[str, dict[str, str]]
"""What follows the function's name in the URL, and the headers."""


@pytest.fixture(scope="module")
def writers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Callable[[str, Any], Sent]]]:
    """Each way to write a request, by its name."""
    folder = tmp_path_factory.mktemp("colors")
    (folder / "openapi.json").write_text(json.dumps(document()), "utf-8")
    inputs = pipeline.Inputs(folder / "openapi.json")
    api = pipeline.load(inputs)
    made = pipeline.make(inputs, ("python", "lua"))
    for file in made.files:
        (folder / file.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / file.path).write_bytes(file.content)
    functions = {function.name: function for function in api.functions}
    lua = importlib.import_module("lupa.lua54").LuaRuntime(encoding="latin-1")
    lua.globals().package.path = f"{folder}/lua/?.lua"
    lua.execute("api = require('colors') client = api.new{token = 't', http = function() end}")
    build = lua.eval("function(name, text) return client:build(name, {color = api.json.decode(text)}) end")
    sys.path.insert(0, str(folder / "python"))
    requests = importlib.import_module("colors.runtime.requests")
    operations = importlib.import_module("colors.operations").OPERATIONS

    def python(name: str, value: Any) -> Sent:
        sent = requests.prepare(operations["colors_" + name], {"color": value}, "https://colors.test/v1")
        return sent.url, dict(sent.headers)

    def in_lua(name: str, value: Any) -> Sent:
        built, *problem = build(name, json.dumps(value)) or (None,)
        assert built is not None, problem
        return built.url, dict(built.headers)

    def curl(name: str, value: Any) -> Sent:
        words = shlex.split(calls.curl(api, functions["colors_" + name], {"color": value}).replace("\\\n", " "))
        options = dict(itertools.pairwise(words))
        header = options.get("--header", "").split(": ")
        return words[-1], {"Cookie": options.get("--cookie", ""), header[0]: header[-1]}

    yield {"python": python, "lua": in_lua, "curl": curl}
    sys.path.remove(str(folder / "python"))
    for name in [name for name in sys.modules if name.split(".")[0] == "colors"]:
        del sys.modules[name]


def written(place: str, name: str, sent: Sent) -> str:
    url, headers = sent
    base = f"https://colors.test/v1/{name}/"
    assert url.startswith(base)
    rest = url.removeprefix(base)
    if place in ("header", "cookie"):
        assert rest == "x"
        return headers["color" if place == "header" else "Cookie"]
    return rest if place == "path" else rest.removeprefix("x?")


@pytest.mark.parametrize("writer", ["python", "lua", "curl"])
def test_styles(writers: dict[str, Callable[[str, Any], Sent]], writer: str) -> None:
    wrong = []
    rows = [
        (place, called(place, style, explode), value, expected) for place, style, explode, value, expected in STYLES
    ]
    rows += [(place, called(place, "", None, True), value, expected) for place, value, expected in RESERVED]
    for place, name, value, expected in rows:
        got = written(place, name, writers[writer](name, value))
        # Brackets may stand as they are or escaped: to a server both are the same key.
        got = re.sub(r"[\[\]]", lambda sign: {"[": "%5B", "]": "%5D"}[sign.group()], got)
        if got != expected:
            wrong.append((name, value, expected, got))
    assert not wrong
