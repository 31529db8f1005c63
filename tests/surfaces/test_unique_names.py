"""Every name that a surface spells is its own in its scope.

What is looked at are the files that are made, read by parsers of their own languages; nothing here knows the
generator's conventions.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from named_documents import NAMES, load, read

from generator import pipeline
from generator.write.rendering import Renderer, fill


@pytest.mark.parametrize("name", NAMES, ids=lambda each: getattr(each, "stem", each))
def test_every_name_is_its_own(name: str | Path, tmp_path: Path) -> None:
    """In every file that is made: on each scope of its language, in upper case or lower where that is one name."""
    api = load(read(name), tmp_path)
    renderer = Renderer(pipeline.Inputs(tmp_path / "api.json").templates)
    paths: list[str] = []
    for surface in pipeline.SURFACES:
        made = pipeline.surface(surface).render(api)
        for page in made.pages:
            path = fill(page.template, {"package": made.package, **page.fill})
            paths.append(path)
            _look(path, renderer.render(surface, page))
    _each_once("files", (path.lower() for path in paths))
    functions = [function.name for function in api.functions]
    _each_once("functions", functions)
    assert all(re.fullmatch(r"[a-zA-Z][a-zA-Z0-9_]{0,39}", name) for name in functions)


def _look(path: str, text: str) -> None:
    if path.endswith(".py"):
        _python(path, ast.parse(text))
    elif path.endswith("cli/tables/index.json"):
        index = json.loads(text)
        _each_once(path, [" ".join(row[0]) for row in index["commands"]])
    elif "cli/tables/" in path:
        for name, command in json.loads(text).items():
            flags = [each["flag"] for each in command["flags"]]
            _each_once(
                f"{path} {name}", [*flags, *(f"no-{f['flag']}" for f in command["flags"] if f["kind"] == "boolean")]
            )
            assert "help" not in flags
    elif path.endswith("tools.json"):
        for tools in [each for each in json.loads(text).values() if isinstance(each, list)]:
            _each_once(path, [tool["name"] for tool in tools if isinstance(tool, dict) and "name" in tool])
    elif path.startswith("lua/library/"):
        _annotations(path, text)
    elif path.endswith(".md"):
        _each_once(path, re.findall(r"\{ ?#([^ }]+)", re.sub(r"(?ms)^ *```.*?^ *```", "", text)))


def _python(path: str, tree: ast.Module) -> None:
    """No class, function, method, attribute or argument stands twice where Python would take the later one."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef)):
            overloaded = {each.name for each in node.body if isinstance(each, _FUNCTIONS) and each.decorator_list}
            _each_once(f"{path} {getattr(node, 'name', '')}", (n for n in _bound(node.body) if n not in overloaded))
        if isinstance(node, _FUNCTIONS):
            _each_once(f"{path} {node.name}", [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs)])


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for each in body:
        if isinstance(each, (*_FUNCTIONS, ast.ClassDef)):
            yield each.name
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id
        elif isinstance(each, ast.Assign):
            yield from (target.id for target in each.targets if isinstance(target, ast.Name))
        elif isinstance(each, (ast.Import, ast.ImportFrom)):
            yield from (alias.asname or alias.name for alias in each.names)


def _annotations(path: str, text: str) -> None:
    of = ""
    members: list[str] = []
    for line in text.splitlines():
        if found := re.match(r"---@(?:class|alias) (\S+)", line):
            of = found[1].rstrip(":")
            members.append(of)
        elif found := re.match(r"---@field (\[[^]]*\]|[\w?]+)", line):
            members.append(f"{of} {found[1].rstrip('?')}")
        elif found := re.match(r"function ([\w.:]+)", line):
            members.append(found[1])
    assert members
    _each_once(path, members)


def _each_once(where: str, names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    assert not twice, f"{where}: {twice[:5]}"
