"""What Lua's own tools say about the Lua that is made: luacheck, StyLua, luarocks."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hanging import HANGS

from generator import pipeline

ROOT = Path(__file__).parents[2]
MODULE = ROOT / "generated/lua"
INSIDE = ROOT / "generated/python/replikit/lua/inside"
OURS = sorted((ROOT / "tests/lua").glob("*.lua"))
NPM = ROOT / "tests/npm"


def tool(name: str, present: bool) -> None:
    """Skips where a tool is missing; CI installs it."""
    if not present:
        pytest.skip(f"{name} is not installed")


def run(*command: str, cwd: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_luacheck_finds_nothing() -> None:
    tool("luacheck", shutil.which("luacheck") is not None)
    assert "0 warnings / 0 errors" in run("luacheck", "--no-color", ".", cwd=MODULE)
    options = ("--no-color", "--std", "lua54", "--max-line-length", "120")
    assert "0 warnings / 0 errors" in run("luacheck", *options, ".", cwd=INSIDE)
    run("luacheck", "--no-color", "--std", "max", "--read-globals", "ngx", "--", *map(str, OURS))


def test_stylua_leaves_everything_as_it_is() -> None:
    tool("node", shutil.which("node") is not None)
    tool("stylua (npm ci --prefix tests/npm)", (NPM / "node_modules/@johnnymorganz/stylua").is_dir())
    files = [*MODULE.rglob("*.lua"), *MODULE.glob("*.rockspec"), MODULE / ".luacheckrc", *INSIDE.glob("*.lua"), *OURS]
    run("node", str(NPM / "stylua.mjs"), *map(str, sorted(files)))


def test_luarocks_installs_the_module(tmp_path: Path) -> None:
    tool("luarocks", shutil.which("luarocks") is not None)
    copy, tree = tmp_path / "module", tmp_path / "tree"
    shutil.copytree(MODULE, copy)
    (rockspec,) = copy.glob("*.rockspec")
    run("luarocks", "lint", str(rockspec))
    run("luarocks", "--tree", str(tree), "make", str(rockspec), cwd=copy)
    (folder,) = (tree / "share/lua").iterdir()
    installed = {path.relative_to(folder) for path in folder.rglob("*.lua")}
    assert installed == {path.relative_to(MODULE) for path in MODULE.rglob("*.lua") if "library" not in path.parts}
    code = "print(#require('replikit').functions)"
    assert run(f"lua{folder.name}", "-e", f"package.path = '{folder}/?.lua'", "-e", code).strip() == "37"


def test_annotations_hold_the_whole_catalog() -> None:
    api = pipeline.load(pipeline.Inputs(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml"))
    text = (MODULE / "library/replikit.lua").read_text("utf-8")
    classes = {
        found[1]: set(re.findall(r"^---@field (\w+)", found[2], re.MULTILINE))
        for found in re.finditer(r"^---@class (\S+).*\n((?:---@field .*\n)*)", text, re.MULTILINE)
    }
    named = set(
        re.findall(r"replikit\.[A-Za-z_.]+[A-Za-z0-9_]+", re.sub(r"^---@class.*$", "", text, flags=re.MULTILINE))
    )
    aliases = set(re.findall(r"^---@alias (\S+)", text, re.MULTILINE))
    assert named <= set(classes) | aliases | {"replikit.lua"}, named - set(classes) - aliases
    for function in api.functions:
        short = function.name.removeprefix("replicate_")
        assert short in classes["replikit.Client"], short
        assert classes[f"replikit.{function.name}.Arguments"] == {"_".join(p.words) for p in function.params}
        (line,) = re.findall(rf"^---@field {short} (fun\(arguments.*)$", text, re.MULTILINE)
        assert f"replikit.{function.name}.Arguments" in line and ": any?" not in line, line
    for model in api.models.values():
        fields = {field.wire_name for field in model.fields}
        assert any(fields == found for name, found in classes.items() if name.startswith("replikit.types.")), model.key
    for group in api.groups:
        found = classes["replikit.groups." + "_".join("_".join(step) for step in group.path)]
        assert {"_".join(f.verb) for f in api.functions if f.group == group.key} <= found
