"""What is written about an API speaks of that API: no word of Replicate's, of a feature it lacks, or of our workshop."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline

REPLICATE = ("replicate", "replikit", "prediction", "training", "r8_", "flux", "owner/name", "make generate")
"""In no file, whatever it is: these are another API's words, and another project's command."""
READ = (".md", ".json", ".txt", ".yml", ".toml", ".svg")
LACKING = ("hardware", "billed", "--outcome", "may cost", "without paying", "job_failed", "webhook", "a job ", "jobs")
"""In no file that people and agents read, where no function is a job, costs, or is called back."""
_FORMATS = ("catalog.schema.json", "manifest.json", "api.json", "docs.yml")
"""What names files and keys of a format, and is no text."""
OWN = ("generator/docs", "catalog.md", "The catalog format")
HELP = """
import importlib, sys
from click.testing import CliRunner
root = importlib.import_module(f"{sys.argv[1]}.cli.app").root
for words in ([], ["mock"], ["lua", "run"], ["mcp", "serve"], ["mcp", "config"], ["config"], ["auth"], ["call"], ["docs"]):
    print(CliRunner().invoke(root, [*words, "--help"], catch_exceptions=False).output)
print(importlib.import_module(f"{sys.argv[1]}.cli.manual").roff())
"""
PLAIN: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Clock", "version": "1"},
    "paths": {"/time": {"get": {"operationId": "getTime", "responses": {"200": {"description": "The time"}}}}},
}
OWN_WORDS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Zoo", "version": "2", "description": "<p>Animals.</p>"},
    "paths": {
        "/animals": {
            "get": {
                "operationId": "listAnimals",
                "summary": ".",
                "description": "<p>\n\nFinds the animals of a `<zone>`.\n</p>",
                "responses": {"200": {"description": "OK"}},
            },
            "post": {
                "operationId": "addAnimal",
                "summary": ": adds an animal",
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "properties": {"photo": {"type": "string", "format": "binary", "description": ""}},
                            }
                        }
                    }
                },
                "responses": {"200": {"description": "OK"}},
            },
        },
        "/animals/{id}": {
            "delete": {
                "operationId": "removeAnimal",
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"204": {"description": ""}},
            },
        },
    },
}


@pytest.fixture(scope="module", params=[PLAIN, OWN_WORDS], ids=["plain", "own words"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("foreign")
    document = folder / "openapi.json"
    document.write_text(json.dumps(request.param), "utf-8")
    pipeline.generate(pipeline.Inputs(document), folder / "out")
    return folder / "out"


def found(out: Path, words: tuple[str, ...], suffixes: tuple[str, ...] = ("",)) -> list[str]:
    """The lines that hold one of the words, by their file."""
    edges = ((r"\b" if word[0].isalpha() else "") + re.escape(word) for word in words)
    sought = re.compile("|".join(edges), re.IGNORECASE)
    return [
        f"{path.relative_to(out)}:{number}: {line.strip()[:120]}"
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name.endswith(suffixes) and path.name not in _FORMATS
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if sought.search(line)
    ]


def test_no_file_has_words_of_another_api(made: Path) -> None:
    assert found(made, REPLICATE) == []


def test_nothing_that_is_read_tells_of_what_the_api_lacks(made: Path) -> None:
    assert found(made, LACKING, READ) == []


def test_no_help_tells_of_what_the_api_lacks(made: Path) -> None:
    """Each command's help, by the command line itself."""
    [package] = (path.parent.name for path in (made / "python").glob("*/__init__.py"))
    command = [sys.executable, "-c", HELP, package]
    done = subprocess.run(command, cwd=made / "python", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Serve a mock" in done.stdout and "MCP" in done.stdout and "Lua" in done.stdout
    assert [
        word for word in (*REPLICATE, *LACKING) if re.search(rf"{re.escape(word)}", done.stdout, re.IGNORECASE)
    ] == []


def test_no_page_is_about_the_generator(made: Path) -> None:
    assert found(made, OWN, READ) == []
    guides = {path.stem for path in (made / "docs/pages/guides").glob("*.md")}
    assert not guides & {"catalog", "waiting", "streaming", "pagination", "incoming", "authentication"}


def test_descriptions_of_tools_are_sentences(made: Path) -> None:
    """A description is what a model chooses a tool by: MCP 2025-11-25, server/tools, `description`."""
    tools = json.loads((made / "mcp/tools.json").read_text("utf-8"))["tools"]
    every = [tool["description"] for tool in tools]
    every += [
        part["description"]
        for tool in tools
        for part in tool["inputSchema"]["properties"].values()
        if "description" in part
    ]
    assert all(re.match(r"\w", text) for text in every), every
    assert all("<p>" not in text for text in every)


def test_a_description_tells_what_the_summary_does_not(made: Path) -> None:
    tools = json.loads((made / "mcp/tools.json").read_text("utf-8"))["tools"]
    told = {tool["name"]: tool["description"] for tool in tools}
    if "zoo_list_animals" in told:
        assert told == {
            "zoo_add_animal": "Adds an animal",
            "zoo_list_animals": "Finds the animals of a `<zone>`",
            "zoo_remove_animal": "DELETE /animals/{id}",
        }


def test_the_manifest_names_what_the_api_has(made: Path) -> None:
    [package] = json.loads((made / "mcp/server.json").read_text("utf-8"))["packages"]
    flags = {each["name"]: each for each in package["packageArguments"] if each["type"] == "named"}
    destructive = "animals" in json.dumps(flags)
    assert ("--allow" in flags) is destructive
    if destructive:
        assert flags["--allow"]["choices"] == ["destructive", "all"]
        assert flags["--functions"]["placeholder"] == "animals.*"
        assert flags["--groups"]["placeholder"] == "animals"
