"""Where what was added is kept: which file goes first, what a file may not say, and what changes when a model moves on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
import pytest
import type_checks
from cli_harness import Cli
from hanging import HANGS
from mcp.client.client import Client
from replikit_package import GENERATED, imported

SCHEMAS = Path(__file__).parent / "schemas"


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture(scope="module")
def url(package: Any) -> Iterator[Any]:
    """A mock with models of these schemas: one that runs by its name, one that does not."""
    from replikit.mock import serve

    official = {
        "owner": "acme",
        "name": "official",
        "is_official": True,
        "latest_version": {"openapi_schema": schema("image")},
    }
    seeds = {
        "/models/acme/image": schema("image"),
        "/models/acme/text": schema("text"),
        "/models/acme/official": official,
    }
    with serve(seconds=0.0, seeds=[seeds]) as server:
        yield server


@pytest.fixture
def cli(url: Any, tmp_path: Path) -> Cli:
    return Cli(tmp_path, url.base_url, url.token)


@pytest.fixture
def store(package: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module that reads them, in a folder of its own."""
    from replikit.functions import added

    monkeypatch.setenv("REPLIKIT_CONFIG", str(tmp_path / "config" / "config.json"))
    monkeypatch.chdir(tmp_path)
    return added


def entry(**more: Any) -> dict[str, Any]:
    """One that is up to date."""
    return {
        "source": "acme/one",
        "base": "replicate_create_prediction",
        "argument": "input",
        "version": "7",
        "summary": "S",
        "fixed": {"version": "acme/one:7"},
        "input_schema": {"properties": {"a": {"type": "string"}}},
        "output_schema": {"type": "string"},
        **more,
    }


def written(path: Path, functions: Any, **more: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"format": 1, "functions": functions, **more}))
    return path


def test_a_session_from_adding_to_removing(cli: Cli) -> None:
    told = cli.json("models", "add", "acme/image")
    assert (told["name"], told["function"], told["required"]) == ("image", "replicate_image", ["prompt"])
    assert cli.json("models", "add", "acme/image", "--as", "Second Image")["name"] == "second-image"
    assert [each["name"] for each in cli.json("models", "added")] == ["image", "second-image"]
    assert cli.json("search", "second")[0]["name"] == "replicate_second_image"
    assert cli.json("models", "remove", "second-image")["removed"] == "second-image"
    assert cli.error(5, "models", "remove", "imagge")["hint"] == "did you mean image?"
    assert cli.error(5, "search", "nothingofthekind")["hint"].startswith("replikit functions lists all")
    cli.json("models", "remove", "acme/image")
    assert "no models were added: replikit models add" in cli.error(5, "search", "nothingofthekind")["hint"]
    assert cli.error(2, "image")["message"] == "replikit: no command 'image'"


@pytest.mark.parametrize("name", ["search", "models", "model", "get-account", "create_prediction", "run"])
def test_a_name_that_is_taken_is_refused_with_the_way_out(cli: Cli, name: str) -> None:
    error = cli.error(2, "models", "add", "acme/image", "--as", name)
    assert "already" in error["message"] and "--as" in error["hint"]
    assert not (cli.folder / "config" / "models.json").exists()


def test_what_cannot_be_added_says_why(cli: Cli) -> None:
    assert "OWNER/NAME" in cli.error(2, "models", "add", "image")["message"]
    assert cli.error(5, "models", "add", "acme/nothing")["type"] == "not_found"
    assert "does not describe its inputs" in cli.error(2, "models", "add", "5" * 64)["message"]
    cli.json("models", "add", "acme/image", "--as", "one")
    error = cli.error(2, "models", "add", "acme/text", "--as", "one")
    assert error["message"] == "one was already added, as acme/image"


def test_a_projects_file_goes_before_the_users_and_is_found_from_below(cli: Cli) -> None:
    cli.json("models", "add", "acme/image", "--as", "mine")
    cli.json("models", "add", "acme/text", "--as", "both", "--user")
    told = cli.json("models", "add", "acme/image", "--as", "both", "--project")
    assert told["kept_in"] == str(cli.folder / "replikit.models.json")
    below = Cli(cli.folder / "a" / "b", cli.url, cli.token, {"REPLIKIT_CONFIG": cli.environment["REPLIKIT_CONFIG"]})
    below.folder.mkdir(parents=True)
    found = {each["name"]: each["source"] for each in below.json("models", "added")}
    assert found == {"both": "acme/image", "mine": "acme/image"}
    # A second one is kept where the first is: with the project.
    assert below.json("models", "add", "acme/text")["kept_in"] == str(cli.folder / "replikit.models.json")
    assert not list(cli.folder.glob(".*.lock"))


def test_refresh_shows_what_changed_before_it_writes(cli: Cli) -> None:
    """The copy that is kept is of an older description; the model has moved on since."""
    cli.json("models", "add", "acme/official", "--as", "one")
    file = cli.folder / "config" / "models.json"
    document = json.loads(file.read_text())
    properties = document["functions"]["one"]["input_schema"]["properties"]
    properties["old"] = {"type": "string"}
    del properties["seed"]
    properties["output_format"]["enum"] = ["webp", "jpg", "gif"]
    properties["num_outputs"]["maximum"] = 8
    properties["output_quality"]["type"] = "string"
    document["functions"]["one"]["output_schema"] = {"type": "string", "format": "uri"}
    document["functions"]["one"]["input_schema"]["required"] = []
    file.write_text(json.dumps(document))
    changes = {each["change"] for each in cli.json("models", "refresh", "--check")}
    assert changes == {
        "old is gone",
        "prompt is required now",
        'output_format no longer takes "gif"',
        'output_format takes "png" as well',
        "output_quality was string and is integer",
        "output was string and is [string]",
        "seed is new",
        "num_outputs: maximum was 8 and is 4",
    }
    assert json.loads(file.read_text()) == document
    done = cli.run("models", "refresh")
    assert done.returncode == 4 and "old is gone" in done.stdout.decode() and json.loads(file.read_text()) == document
    cli.run("models", "refresh", "--yes")
    assert '"old"' not in file.read_text() and cli.json("models", "refresh") == []


def test_a_version_stays_and_an_official_model_follows_its_latest(cli: Cli) -> None:
    version = cli.json("models", "get", "acme/image")["latest_version"]["id"]
    cli.json("models", "add", f"acme/image:{version}", "--as", "pinned")
    cli.json("models", "add", "acme/official", "--as", "latest")
    kept = json.loads((cli.folder / "config" / "models.json").read_text())["functions"]
    assert kept["pinned"]["fixed"] == {"version": f"acme/image:{version}"}
    assert kept["latest"]["fixed"] == {"model_owner": "acme", "model_name": "official"}
    sent = cli.json("latest", "--prompt=x", "--dry-run")
    assert sent["url"].endswith("/models/acme/official/predictions") and sent["body"] == {"input": {"prompt": "x"}}


def test_a_file_may_not_say_what_a_function_may_do(store: Any) -> None:
    written(store.own(), {"one": entry(classes=["read"], type="read", method="GET")})
    from replikit.functions import Policy, find

    info = find("one")
    assert info.classes == ("write", "billed") and info.type == "write" and info.method == "POST"
    assert not Policy.gateway().lists(info)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"base": "replicate_delete_model"}, "no function that starts a job"),
        ({"base": "os.system"}, "no function that starts a job"),
        ({"argument": "webhook2"}, "has no argument"),
        ({"fixed": {"version": "a/b:1", "webhook": "https://evil.example"}}, "and nothing else"),
        ({"fixed": {}}, "and nothing else"),
        ({"fixed": {"version": 7}}, "each a text"),
        ({"fixed": {"version": "a", "input": "b"}}, "and nothing else"),
        ({"source": None}, "each a text"),
    ],
)
def test_a_function_that_a_file_describes_wrongly_is_refused(store: Any, package: Any, more: Any, why: str) -> None:
    path = written(store.own(), {"one": entry(**more)})
    with pytest.raises(package.ConfigError, match=why) as told:
        store.one("one")
    assert str(path) in str(told.value) and "one" in str(told.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is not JSON"),
        ("[]", "is no file of added models"),
        ('{"format": 2, "functions": {}}', "is no file of added models"),
        ("[" * 200_000, "nested too deeply"),
        ('{"format": 1, "functions": {\n"one": {"a": \n}}\n', "is not JSON"),
        ("\ud800", "is not UTF-8"),
    ],
)
def test_a_file_that_is_none_is_told_where_it_stands(store: Any, package: Any, text: str, why: str) -> None:
    store.own().parent.mkdir()
    store.own().write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(package.ConfigError, match=why) as told:
        list(store.kept())
    assert str(store.own()) in str(told.value)
    envelope = package.functions.call(None, "one", {}, dry_run=True)
    assert envelope["error"]["type"] == "unknown_function" and why in envelope["error"]["message"]


def test_names_paths_and_texts_of_a_file_are_data(store: Any, package: Any) -> None:
    for name in ("../one", "one two", "One", "1", "_", "a__b", "é", "replicate.one"):
        written(store.own(), {name: entry()})
        with pytest.raises(package.ConfigError, match="is not spelled as a name"):
            list(store.kept())
    hostile = {"a": {"type": "string", "pattern": "(a+)+$", "description": '"""\nimport os', "default": "\x1b[2J"}}
    written(store.own(), {"one": entry(input_schema={"properties": hostile}, summary='"""\x1b[31m\n__import__("os")')})
    from replikit.functions import stubbing

    text = stubbing.module(store.kept())
    compile(text, "models.py", "exec")
    assert "\x1b" not in text and "\nimport os" not in text.partition("def one(")[2]


def test_what_others_can_change_or_own_is_not_read(store: Any, package: Any) -> None:
    path = written(store.own(), {"one": entry()})
    path.chmod(0o646)
    with pytest.raises(package.ConfigError, match="anybody may change"):
        store.one("one")
    path.chmod(0o644)
    assert store.one("one") is not None
    if os.geteuid() != 0:
        pytest.skip("a program that may give files away is not installed")
    os.chown(path, 4321, -1)
    with pytest.raises(package.ConfigError, match="belongs to user 4321"):
        store.one("one")


def test_bounds_are_told(store: Any, package: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    written(store.own(), {f"m{number}": entry() for number in range(store.MOST + 1)})
    with pytest.raises(package.ConfigError, match="more than 2,000 functions"):
        list(store.kept())
    monkeypatch.setattr(store, "LARGEST", 100)
    written(store.own(), {"one": entry(summary="s" * 200)})
    with pytest.raises(package.ConfigError, match="more than 100 bytes"):
        list(store.kept())


def test_writers_at_one_time_lose_nothing(cli: Cli) -> None:
    begun = [cli.start("models", "add", "acme/image", "--as", f"one-{number}") for number in range(6)]
    assert [process.wait(HANGS) for process in begun] == [0] * 6
    for process in begun:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    assert len(cli.json("models", "added")) == 6


def test_nothing_is_read_before_something_added_is_asked_for(store: Any, package: Any, monkeypatch: Any) -> None:
    """`find` of a function of the package, the index of all, and a server that lists none of it."""
    written(store.own(), {"one": entry()})
    opened: list[Path] = []
    monkeypatch.setattr(store, "_members", lambda path: opened.append(path))
    from replikit.functions import find
    from replikit.mcp.options import Options
    from replikit.mcp.server import make

    find("replicate_get_account")
    for mode in ("tools", "meta", "code"):
        make(Options(mode=mode))
    assert opened == []


@pytest.mark.parametrize("era", ["auto", "legacy"])
def test_a_server_that_runs_lists_what_is_added_and_tells_its_host(store: Any, era: str, monkeypatch: Any) -> None:
    from replikit.functions import Policy
    from replikit.mcp import listed
    from replikit.mcp.options import Options
    from replikit.mcp.server import make

    monkeypatch.setattr(listed, "LOOK", 0.02)

    async def talk() -> None:
        told = anyio.Event()

        async def hear(message: Any) -> None:
            if isinstance(message, types.ToolListChangedNotification):
                told.set()

        options = Options(allowed=Policy.gateway(True, ["billed"]), added=True)
        async with Client(make(options), mode=era, message_handler=hear) as client, AsyncExitStack() as stack:
            before = {each.name for each in (await client.list_tools()).tools}
            assert "replicate_two" not in before and client.server_capabilities.tools.list_changed
            if era != "legacy":
                changes = await stack.enter_async_context(client.listen(tools_list_changed=True))
            written(store.own(), {"one": entry(), "two": entry(source="acme/two")})
            with anyio.fail_after(HANGS):
                await (told.wait() if era == "legacy" else anext(aiter(changes)))
            after = {each.name for each in (await client.list_tools()).tools}
            assert after - before == {"replicate_two"}

    written(store.own(), {"one": entry()})
    anyio.run(talk)


TYPED = """
from replikit import AsyncReplicate, Replicate
from replikit.runtime.aio.outputs import AsyncFileOutput
from replikit.runtime.sync.outputs import FileOutput

import models


def right(client: Replicate) -> None:
    files: list[FileOutput] = models.image(client, prompt="a", aspect_ratio="16:9", num_outputs=2)
    text: str = models.text(client, prompt="a", max_tokens=3, options={"timeout": 3})
    models.iterated_files(client, prompt="x", class_="y", options="o", timeout=3, run_options={"timeout": 3.0})
    answer: str = models.nested_object(client, prompt="x", options={"format": "json"})["text"]
    print(files, text, answer)


async def also_right(client: AsyncReplicate) -> None:
    file: AsyncFileOutput = await models.async_upscaling(client, image="https://files.example/a.png")
    print(file)


def wrong(client: Replicate) -> None:
    models.image(client, prompt="a", promt="b")  # W
    models.image(client, prompt="a", aspect_ratio="7:9")  # W
    models.image(client)  # W
    models.image(client, prompt="a", num_outputs="2")  # W
    models.integer_enum(client, image="https://files.example/a.png", scale=3)  # W
    models.text(client, prompt="a").save("file")  # W
    models.nested_object(client, prompt="x")["nothing"]  # W
    models.nested_object(client, prompt="x", options={"format": "xml"})  # W
    models.no_inputs(client, prompt="x")  # W
"""


LONG = "a" * 80
# Names, values and types that are hard to write down: quotes, escapes, what is too long for a line, names of its own.
ODD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "quotes": (
        {"a": {"enum": ['a"b', "c'd", "e\\f", "\x1b\n", "'\"", "\U0001f600"]}, "run": {}, "inputs": {}, "client": {}},
        {"type": "string", "enum": ['"', "'"]},
    ),
    "m"
    * 64: (
        {
            LONG: {"type": "string", "enum": [LONG, "b"]},
            f"{LONG}b": {"type": "integer"},
            "c d": {"type": "object", "properties": {LONG: {"anyOf": [{"type": "string"}, {"type": "null"}]}}},
        },
        {"type": "array", "items": {"type": "object", "properties": {"f": {"type": "string", "format": "uri"}}}},
    ),
    "free": ({}, {}),
    "one_of": (
        {"a": {"enum": [1, 2.5]}, "b": {"enum": ["a", 1, True]}, "c": {"enum": [{"a": 1}]}},
        {"enum": [f"a value that is {n} characters long" for n in (33, 34)]},
    ),
}


@pytest.fixture(scope="module")
def typed(package: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the module of all of them, and a program that uses it."""
    from replikit.functions import added, stubbing
    from replikit.functions.runs import Run, inlined
    from replikit.runtime.signatures import resolved

    folder, found = tmp_path_factory.mktemp("typed"), []
    for path in sorted(SCHEMAS.glob("*.json")):
        document = schema(path.stem)
        given = inlined({"$ref": "#/components/schemas/Input"}, document)
        gives = resolved({"$ref": "#/components/schemas/Output"}, document)
        run = Run("replicate_create_prediction", {"version": "7"}, given, gives, version="7")
        found.append(added.made(added.spelled(path.stem), f"acme/{path.stem}", run))
    for name, (properties, gives) in ODD.items():
        given = {"type": "object", "properties": properties, "additionalProperties": False} if properties else {}
        run = Run("replicate_create_prediction", {"version": "7"}, given, gives, version="7", summary='Says "it"\\')
        found.append(added.made(name, f"acme/{name}", run))
    (folder / "models.py").write_text(stubbing.module(found))
    (folder / "stubs").mkdir()
    (folder / "stubs" / "models.pyi").write_text(stubbing.module(found, stubs=True))
    (folder / "program.py").write_text(TYPED)
    return folder


WRONG = [number for number, line in enumerate(TYPED.split("\n"), 1) if line.endswith("# W")]


def test_mypy_finds_the_module_clean_and_each_wrong_call(typed: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = type_checks.mypy(tmp_path_factory, "models.py", "program.py", cwd=typed, path=GENERATED)
    told = [line.split(":") for line in done.stdout.splitlines() if ": error:" in line]
    assert sorted({(each[0], int(each[1])) for each in told}) == [("program.py", line) for line in WRONG], done.stdout


@pytest.mark.parametrize("place", ["models.py", "stubs/models.pyi"])
def test_formatters_and_linters_find_nothing_to_change(typed: Path, place: str) -> None:
    black = pytest.importorskip("black", reason="black is not installed")
    ruff = Path(sys.executable).with_name("ruff")
    text = (typed / place).read_text("utf-8")
    assert black.format_str(text, mode=black.Mode(is_pyi=place.endswith("i"))) == text
    if not ruff.is_file():
        pytest.skip("ruff is not installed")
    command = [str(ruff), "check", "--isolated", "--no-cache", "--output-format=concise", place]
    done = subprocess.run(command, cwd=typed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_module_of_nothing_is_laid_out_as_well(package: Any) -> None:
    from replikit.functions import stubbing

    black = pytest.importorskip("black", reason="black is not installed")
    for stubs in (False, True):
        text = stubbing.module([], stubs=stubs)
        assert black.format_str(text, mode=black.Mode(is_pyi=stubs)) == text


def test_pyright_finds_the_stubs_clean_and_each_wrong_call(typed: Path) -> None:
    pytest.importorskip("pyright", reason="pyright is not installed")
    folder = typed / "stubs"
    (folder / "program.py").write_text(TYPED)
    settings = {"include": ["models.pyi", "program.py"], "extraPaths": [str(GENERATED)]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    words = ["--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        [sys.executable, "-m", "pyright", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    told = {
        (Path(each["file"]).name, each["range"]["start"]["line"] + 1) for each in found if each["severity"] == "error"
    }
    assert sorted(told) == [("program.py", line) for line in WRONG]
