"""The docs: a page a function with every argument and field, calls that hold together, prose that stays text."""

from __future__ import annotations

import ast
import json
import posixpath
import re
import shlex
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

import markdown
import pytest
import yaml
from lupa import lua54

from generator import pipeline
from generator.ir import (
    Api,
    Body,
    Content,
    Example,
    Field,
    Function,
    Group,
    Guide,
    Model,
    Need,
    Page,
    Param,
    Place,
    Response,
    Result,
    Scheme,
    Server,
    Type,
)
from generator.surfaces import docs
from generator.surfaces.shared import calls, prose
from generator.write.rendering import Renderer, fill

TEMPLATES = Path(__file__).parents[2] / "templates"
HERE = Place(file="x.yaml", line=1, column=1, pointer="/x")
TEXT = Type(kind="string")
MAIN = Scheme(key="main", words=("main",), kind="bearer", prefix="Bearer", parts=(("token", "SHOP_TOKEN"),))
SECURED = ((Need(scheme="main"),),)


def component(name: str) -> Place:
    """Where a named object stands."""
    return replace(HERE, pointer=f"/components/schemas/{name}")


def param(name: str, location: Any = "field", type_: Type = TEXT, **more: Any) -> Param:
    return Param(words=tuple(name.split("_")), wire_name=name, location=location, type=type_, place=HERE, **more)


def function(name: str, *params: Param, **more: Any) -> Function:
    words = tuple(name.split("_"))
    given: dict[str, Any] = {
        "name": f"shop_{name}",
        "words": words,
        "group": "pets",
        "verb": words[:1],
        "operation_id": f"pets.{words[0]}",
        "method": "GET",
        "path": "/pets",
        "access": "read",
        "title": name.replace("_", " ").capitalize(),
        "summary": "Gives it.",
        "description": "Gives it.",
        "responses": (),
        "result": Result(kind="json", type=Type(kind="model", model="Pet")),
        "place": HERE,
        "security": SECURED,
    }
    return Function(params=params, **{**given, **more})


def api(*functions: Function, **more: Any) -> Api:
    fields = (
        Field(words=("id",), wire_name="id", type=TEXT, required=True, description="Its number.", place=HERE),
        Field(words=("mate",), wire_name="mate", type=Type(kind="model", model="Pet", nullable=True), place=HERE),
        Field(words=("owner",), wire_name="owner", type=Type(kind="model", model="Owner"), place=HERE),
    )
    owner = (Field(words=("from",), wire_name="from", type=TEXT, place=HERE),)
    given: dict[str, Any] = {
        "name": "shop",
        "title": "Shop",
        "package": "shopkit",
        "command": "shopkit",
        "client": "Shop",
        "version": "1.0",
        "summary": "Sells pets.",
        "description": "",
        "homepage": "",
        "token_env": "SHOP_TOKEN",
        "base_url_env": "SHOP_URL",
        "token_url": "",
        "document_title": "Shop API",
        "document_version": "1",
        "servers": (Server(url="https://shop.test/v1"),),
        "schemes": (MAIN,),
        "security": SECURED,
        "groups": (Group(key="pets", path=(("pets",),), title="Pets", summary="Animals."),),
        "models": {
            "Owner": Model(key="Owner", words=("owner",), fields=owner, place=component("Owner")),
            "Pet": Model(key="Pet", words=("pet",), fields=fields, place=component("Pet")),
        },
        "jobs": {},
    }
    if not more.get("schemes", True):
        functions = tuple(replace(each, security=()) for each in functions)
        given |= {"security": (), "token_env": ""}
    return Api(functions=tuple(sorted(functions, key=lambda f: f.name)), **{**given, **more})


def pages(made: Api) -> dict[str, str]:
    """Every page of the surface by its path."""
    renderer = Renderer(TEMPLATES)
    rendition = docs.SURFACE.render(made)
    return {
        fill(page.template, {"package": rendition.package, **page.fill}): renderer.render("docs", page)
        for page in rendition.pages
    }


GET = function("get_pet", param("pet_id", "path", required=True), path="/pets/{pet_id}")
CREATE = function(
    "create_pet",
    param("name", required=True, description="See [pets.get](#pets.get) and [x](javascript:alert(1))."),
    param("from", type_=Type(kind="string", values=("a", "b"), has_default=True, default="a")),
    param("wait", "header", Type(kind="integer", minimum=1, maximum=60), encoding="wait"),
    method="POST",
    access="write",
    billed=True,
    body=Body(media_type="application/json", kind="json", type=Type(kind="any"), required=True, flattened=True),
    responses=(
        Response(status="201", description="Made.", place=HERE),
        Response(
            status="404",
            description="No such shop.",
            contents=(Content(media_type="application/json", kind="json", type=TEXT, examples=({"detail": "no"},)),),
            place=HERE,
        ),
    ),
    examples=(
        Example(
            title="Make one",
            arguments={"name": 'it\'s; $(rm) "x"', "from": "b", "wait": 5},
            has_result=True,
            result={"id": "1"},
        ),
    ),
)


def test_a_page_a_function_a_group_and_a_type() -> None:
    made = pages(api(GET, CREATE))
    assert {
        "docs/pages/groups/pets.md",
        "docs/pages/functions/get_pet.md",
        "docs/pages/functions/create_pet.md",
        "docs/pages/functions/get_pet.json",
        "docs/pages/functions/create_pet.json",
        "docs/pages/types/pet.md",
        "docs/pages/types/owner.md",
    } == {path for path in made if path.split("/")[2:3] in (["groups"], ["functions"], ["types"])}
    for name in ("get_pet", "create_pet"):
        assert f"(functions/{name}.md)" in made["docs/pages/index.md"]
        assert f"(../functions/{name}.md)" in made["docs/pages/groups/pets.md"]
        assert f"(../functions/{name}.md)" in made["docs/pages/types/pet.md"]


def test_an_api_has_the_guides_that_it_can_follow() -> None:
    made = pages(api(GET, CREATE, schemes=()))
    guides = {path.split("/")[-1] for path in made if path.startswith("docs/pages/guides/")}
    assert guides >= {"python.md", "cli.md", "mcp.md", "lua.md", "mock.md", "permissions.md", "agents.md"}
    assert not guides & {"authentication.md", "pagination.md", "waiting.md", "streaming.md", "files.md", "catalog.md"}
    searched = replace(CREATE, page=Page(items="", item=Type(kind="any"), by="link"))  # a list that is no plain read
    assert "client.pets.create(" in pages(api(GET, searched))["docs/pages/guides/pagination.md"]


@pytest.mark.parametrize("more", [{}, {"schemes": ()}, {"models": {}, "schemes": ()}], ids=["all", "open", "bare"])
def test_every_link_leads_to_a_page_and_an_anchor(more: dict[str, Any]) -> None:
    """Whatever an API has or lacks: a guide that is not there is not linked to."""
    functions = (GET, CREATE) if "models" not in more else (replace(GET, result=Result(kind="empty")),)
    made = pages(api(*functions, documents=("shop.yaml",), **more))
    anchors = {path: set(re.findall(r"\{ #(\S+) \}$", page, re.MULTILINE)) for path, page in made.items()}
    for path, page in made.items():
        if not path.endswith(".md") or not path.startswith("docs/pages/"):
            continue
        headings = re.findall(r"\{ #(\S+) \}$", page, re.MULTILINE)
        assert len(headings) == len(set(headings)), path
        for target in re.findall(r"\]\(([^):]+)\)", without_code(page)):
            name, _, anchor = target.partition("#")
            reached = posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) if name else path
            static = (TEMPLATES / "docs" / reached).is_file() or reached == "docs/pages/shop.yaml"
            assert reached in made or static, f"{path} links to {target}"
            assert not anchor or anchor in anchors[reached], f"{path} links to {target}"


def test_a_hand_written_guide_stays_as_it_is_but_for_links_to_functions() -> None:
    written = "# Moving house\n\nFirst see [it](#pets.get), then [below](#below).\n\n## Below { #below }\n\n`<b>`\n"
    made = pages(api(GET, guides=(Guide(name="moving", title="Moving house", text=written),)))
    page = made["docs/pages/guides/moving.md"]
    assert page == written.replace("#pets.get", "../functions/get_pet.md")
    assert "guides/moving.md" in made["docs/mkdocs.yml"]
    assert "[Moving house](guides/moving.md): First see it, then below." in made["docs/pages/llms.txt"]


def listed(items: list[Any]) -> list[str]:
    """The pages of a navigation, in order."""
    found: list[str] = []
    for item in items:
        for value in item.values() if isinstance(item, dict) else [item]:
            found += listed(value) if isinstance(value, list) else [value]
    return found


def test_navigation_is_yaml_and_asks_nobody() -> None:
    made = pages(api(GET, CREATE, title='A: "b" <script>'))
    config = yaml.safe_load(made["docs/mkdocs.yml"])
    assert config["site_name"] == "A: &quot;b&quot; &lt;script&gt;"
    assert config["theme"]["font"] is False
    shown = listed(config["nav"])
    assert shown[0] == "index.md"
    assert [p for p in shown if p.split("/")[0] in ("groups", "functions")] == [
        "groups/pets.md", "functions/create_pet.md", "functions/get_pet.md",
    ]  # fmt: skip
    assert sorted(shown) == sorted(
        path[11:] for path in made if path.startswith("docs/pages/") and path.endswith(".md")
    )
    assert "http" not in made["docs/mkdocs.yml"]


def test_a_heading_for_every_argument_and_field() -> None:
    page = pages(api(GET, CREATE))["docs/pages/functions/create_pet.md"]
    for anchor in ("argument-name", "argument-from", "argument-wait", "result-id", "result-mate", "result-owner-from"):
        assert len(re.findall(rf"^ *#+ .* \{{ #{anchor} \}}$", page, re.MULTILINE)) == 1, anchor
    assert "result-mate-id" not in page  # a pet within a pet is not opened again
    assert "One of: `a`, `b`" in page
    assert "Default: `a`" in page
    assert "At most: `60`" in page


def test_result_errors_and_classes() -> None:
    page = pages(api(GET, CREATE))["docs/pages/functions/create_pet.md"]
    assert "[write](../guides/permissions.md#write) [billed](../guides/permissions.md#billed)" in page
    assert "`404` `NotFoundError`" in page
    assert "--write=allow --allow billed" in page


def test_the_call_in_every_surface() -> None:
    made = api(GET, CREATE)
    arguments = CREATE.examples[0].arguments
    shown = {str(call.surface): call.code for call in calls.calls(made, CREATE, arguments)}
    assert list(shown) == ["Python", "Python async", "CLI", "MCP", "Lua", "curl"]
    for name in ("Python", "Python async"):
        call = next(n for n in ast.walk(ast.parse(shown[name])) if isinstance(n, ast.Call) and n.keywords)
        assert {k.arg: ast.literal_eval(k.value) for k in call.keywords} == {
            "name": arguments["name"],
            "from_": "b",
            "wait": 5,
        }
    command = shlex.split(shown["CLI"].replace("\\\n", " "))
    assert command == ["shopkit", "pets", "create", arguments["name"], "--from", "b", "--wait", "5"]
    assert json.loads(shown["MCP"]) == {"name": "shop_create_pet", "arguments": dict(arguments)}
    assert "app.integrations.shop.create_pet({" in shown["Lua"]
    sent = shlex.split(shown["curl"].replace("\\\n", " "))
    assert sent[-1] == "${SHOP_URL:-https://shop.test/v1}/pets"
    assert "Prefer: wait=5" not in sent and "wait: wait=5" in sent
    assert json.loads(sent[sent.index("--data-raw") + 1]) == {"name": arguments["name"], "from": "b"}


def test_commands_mean_the_same_values() -> None:
    given = replace(CREATE, destructive=True, params=(param("a"), param("b", type_=Type(kind="any"))))
    assert calls.cli(api(GET), GET, {"pet_id": "a b"}) == "shopkit pets get 'a b'"
    assert calls.cli(api(GET), GET, {"pet_id": "-x"}) == "shopkit pets get --pet-id -x"
    assert calls.cli(api(GET), given, {"a": "@x", "b": "5"}) == "shopkit pets create --a @@x --b '\"5\"' --yes"


def test_lua_is_lua() -> None:
    value = {"end": [1, {"a b": 'x"\n]]'}], "name": "é", "long": "x" * 80}
    made = calls.lua(api(GET), replace(GET, params=(param("v"),)), {"v": value})
    seen: list[Any] = []
    runtime = lua54.LuaRuntime()
    runtime.execute("app = {integrations = {shop = {}}}")
    runtime.eval("function(f) app.integrations.shop.get_pet = f end")(seen.append)
    runtime.execute(made)
    assert seen[0]["v"]["end"][2]["a b"] == 'x"\n]]'
    assert seen[0]["v"]["name"] == "é"


def test_curl_spells_the_url_and_pipes_a_file() -> None:
    called = calls.curl(api(GET), GET, {"pet_id": "a/b c"})
    assert shlex.split(called.replace("\\\n", " "))[-1] == "https://shop.test/v1/pets/a%2Fb%20c"
    upload = function(
        "upload",
        param("content", type_=Type(kind="binary")),
        param("metadata", type_=Type(kind="map")),
        param("filename"),
        method="POST",
        body=Body(media_type="multipart/form-data", kind="multipart", type=TEXT, required=True, flattened=True),
    )
    called = calls.curl(
        api(upload), upload, {"content": "data:text/plain;base64,SGk=", "metadata": {"a": ";"}, "filename": 'a"b'}
    )
    words = shlex.split(called.replace("\\\n", " "))
    assert words[:7] == ["printf", "%s", "SGk=", "|", "base64", "--decode", "|"]
    assert 'content=@-;filename="a\\"b";type=text/plain' in words
    assert 'metadata="{\\"a\\": \\";\\"}";type=application/json' in words


def without_code(page: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^ *(```+).*?^ *\1$", "", page, flags=re.MULTILINE | re.DOTALL)


def test_links_go_to_pages_and_all_else_is_text() -> None:
    page = pages(api(GET, CREATE))["docs/pages/functions/create_pet.md"]
    assert "[pets.get](../functions/get_pet.md)" in page
    assert "[x](javascript:" not in without_code(page)


HOSTILE = [
    "# heading",
    "- item",
    "1. item",
    '=== "tab"',
    "    code",
    '--8<-- "/etc/passwd"',
    "!!! note",
    "<script>alert(1)</script>",
    "<!-- `x` -->",
    "![x](https://evil.test/x.png)",
    "[x](https://evil.test)",
    "[x]: https://evil.test",
    "`<script>`",
    "``` js",
    "{{ 7 * 7 }} {% raw %}",
    "a | b { #x onclick=y }",
    "~$\\~",
    "***",
    ":::",
    "a\n\n- b\n\n# c",
]


@pytest.mark.parametrize("written", HOSTILE)
def test_hostile_prose_stays_text(written: str) -> None:
    made = prose.paragraphs(written, {}, "")
    shown = markdown.markdown(made, extensions=["attr_list", "tables", "admonition"])
    assert set(re.findall(r"<(\w+)[^>]*>", shown)) <= {"p", "code"}
    assert not any("onclick" in tag for tag in re.findall(r"<[^>]*>", shown))


def test_a_title_cannot_leave_the_head_of_the_page() -> None:
    made = pages(api(GET, replace(CREATE, title='</title><script> "x"')))
    front = yaml.safe_load(made["docs/pages/functions/create_pet.md"].split("---\n")[1])
    assert front["title"] == "&lt;/title&gt;&lt;script&gt; &quot;x&quot;"


def test_catalog_json_holds_every_function() -> None:
    document = json.loads(pages(api(GET, CREATE))["catalog.json"])
    assert [entry["name"] for entry in document["functions"]] == ["shop_create_pet", "shop_get_pet"]
    assert document["functions"][0]["input_schema"]["required"] == ["name"]


@pytest.fixture(scope="module")
def real() -> dict[str, str]:
    """The pages of the real API."""
    spec = TEMPLATES.parent / "spec"
    return pages(pipeline.load(pipeline.Inputs(openapi=spec / "openapi.yaml", catalog=spec / "catalog.yaml")))


def test_all_functions_have_a_page_and_an_entry(real: dict[str, str]) -> None:
    assert sum(path.startswith("docs/pages/functions/") and path.endswith(".md") for path in real) == 37
    assert len(json.loads(real["catalog.json"])["functions"]) == 37
    assert len(set(re.findall(r"\(functions/(\w+)\.md\)", real["docs/pages/index.md"]))) == 37
    assert len(set(re.findall(r"\(functions/(\w+)\.md\)", real["docs/pages/llms.txt"]))) == 37


def test_every_snippet_can_be_read(real: dict[str, str]) -> None:
    for path, page in real.items():
        for language, indented in re.findall(r"^    ```(\w+)\n(.*?)^    ```$", page, re.MULTILINE | re.DOTALL):
            code = textwrap.dedent(indented)
            match language:
                case "python":
                    ast.parse(code)
                case "json":
                    json.loads(code)
                case "bash":
                    assert shlex.split(code.replace("\\\n", " ")), path
