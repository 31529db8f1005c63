"""Each literal function against a parser of its language, over every character there is and in company."""

from __future__ import annotations

import ast
import html
import json
import shutil
import subprocess
import tomllib
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lupa.lua51
import lupa.lua54
import pytest
import yaml

from generator import text

NPM = __file__.rpartition("/")[0] + "/../npm"
SURROGATES = range(0xD800, 0xE000)


def texts() -> Iterator[str]:
    """Every character there is, in long runs; those that formats treat apart between letters and twice, too."""
    for start in (*range(0, 0x20000, 4096), 0x2F000, 0xE0000, 0xE1000, 0xFF000, 0x10F000):
        yield "".join(chr(c) for c in range(start, start + 4096) if c not in SURROGATES)
    for c in (*range(0x300), *range(0x2000, 0x2100), *range(0xFD00, 0x10010), 0x1F600, 0xE0041, 0xE0101, 0x10FFFF):
        yield f"a{chr(c)}{chr(c)}1"
    yield "\ud800a\udfff"
    yield from (
        "",
        " ",
        "null",
        "yes",
        "-1",
        "- a",
        "# a",
        "a: b",
        "%YAML",
        "'''",
        '"""',
        "\\",
        "\\x",
        "]]",
        "--",
        "}}",
    )


def whole(given: str) -> str:
    """The text with what no file can hold, half a character, replaced."""
    return "".join("\ufffd" if ord(c) in SURROGATES else c for c in given)


def _lua(module: Any) -> Callable[[str], Any]:
    runtime = module.LuaRuntime(encoding=None)
    return lambda written: runtime.execute(b"return " + written.encode()).decode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("literal", "read", "kept"),
    [
        (text.python_literal, ast.literal_eval, str),
        (text.json_literal, json.loads, str),
        (text.toml_literal, lambda written: tomllib.loads(f"a = {written}")["a"], whole),
        (text.yaml_literal, lambda written: yaml.load(f"a: {written}", yaml.CSafeLoader)["a"], whole),
        (text.yaml_literal, lambda written: yaml.load(f"a: {written}", yaml.SafeLoader)["a"], whole),
        (text.lua_literal, _lua(lupa.lua51), str),
        (text.lua_literal, _lua(lupa.lua54), str),
    ],
    ids=["python", "json", "toml", "yaml", "yaml in Python", "lua 5.1", "lua 5.4"],
)
def test_a_literal_is_the_text(
    literal: Callable[[str], str], read: Callable[[str], Any], kept: Callable[[str], str]
) -> None:
    for given in texts():
        written = literal(given)
        written.encode("utf-8")
        assert read(written) == kept(given), ascii(given[:40])
        assert "\n" not in written


def test_yaml_is_the_same_for_a_reader_of_1_2() -> None:
    """The package `yaml` of npm, which reads YAML 1.2 and is not PyYAML's kin."""
    node = shutil.which("node")
    if node is None or not Path(NPM, "node_modules/yaml").is_dir():
        pytest.skip("node, or yaml in tests/npm, is not installed")
    script = """
      const { parse } = require("yaml");
      const lines = require("fs").readFileSync(0, "utf8").split("\\n");
      process.stdout.write(JSON.stringify(lines.map((line) => parse("a: " + line).a)));
    """
    given = [whole(each) for each in texts()]
    done = subprocess.run(
        [node, "-e", script],
        cwd=NPM,
        input="\n".join(map(text.yaml_literal, given)).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == given


def test_a_docstring_stays_one() -> None:
    for given in texts():
        module = ast.parse(f'"""{text.python_docstring(given)}"""')
        assert [type(each) for each in module.body] == [ast.Expr], ascii(given)
        assert ast.get_docstring(module, clean=False) == text.visible(given)


def test_xml_is_text_and_attribute() -> None:
    for given in texts():
        root = ET.fromstring(f'<a b="{text.xml(given)}">{text.xml(given)}</a>')
        assert len(root) == 0 and (root.text or "") == root.get("b") == text.prose(given)


def test_html_of_front_matter_is_text() -> None:
    for given in texts():
        assert not set("<>\"'") & set(html.escape(text.prose(given)))


def test_bash_and_zsh_read_a_word_as_the_text() -> None:
    given = [each.replace("\0", "") for each in texts()]
    for shell in ("bash", "zsh"):
        found = shutil.which(shell)
        if found is None:
            continue
        words = "\n".join(f"printf '%s\\0' {text.shell_literal(each)}" for each in given)
        done = subprocess.run(
            [found, "-f" if shell == "zsh" else "--norc"], input=words.encode(), capture_output=True, check=False
        )
        assert done.returncode == 0 and done.stderr == b""
        read = done.stdout.decode("utf-8", "surrogatepass").split("\0")[:-1]
        assert read == [each.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass") for each in given]


def test_what_is_shown_holds_nothing_that_cannot_be_seen() -> None:
    """By the categories of Unicode: controls, formats, halves and what will never be a character."""
    shown = text.visible("".join(each for each in texts()))
    left = {c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Cf")} - {"\n", "\t"}
    assert {f"U+{ord(c):04X}" for c in left} <= _WRITTEN
    assert not {c for c in shown if ord(c) & 0xFFFE == 0xFFFE}


_WRITTEN = {f"U+{c:04X}" for c in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD)} | {
    f"U+{c:04X}" for c in range(0x13430, 0x13440)
}
"""Formats that belong to a script and are seen with it: numbers of Arabic, joiners of hieroglyphs."""


@pytest.mark.parametrize(
    "value",
    [{}, [], (), "", 'é\ud800"\\\n\0', 1, -1.5, 1e300, True, None, {"a": {}, "é": [[], [1, {"x": None}]], "": ("y",)}],
    ids=repr,
)
def test_json_is_what_the_standard_library_writes(value: Any) -> None:
    assert text.json_literal({"v": value}) == json.dumps({"v": value}, indent=2)
    assert text.json_literal(value) == json.dumps(value, indent=2)
