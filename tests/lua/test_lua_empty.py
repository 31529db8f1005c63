"""What an empty table of Lua stands for, which is a list as much as an object: what the schema lets stand there."""

from __future__ import annotations

import importlib
from typing import Any

import answering
import pytest
from lua_stub import GENERATED  # noqa: F401 - makes the package importable
from replikit.lua.bridge import fit

LIST = {"type": "array", "items": {"type": "string"}}
OBJECT = {"type": "object"}
NULL = {"type": "null"}
DEFS = {"$defs": {"Names": LIST, "Either": {"oneOf": [{"type": "string"}, {"$ref": "#/$defs/Names"}]}}}


@pytest.mark.parametrize(
    ("schema", "value", "meant"),
    [
        (LIST, {}, []),
        ({"anyOf": [LIST, NULL]}, {}, []),
        ({"oneOf": [{"type": "string"}, LIST]}, {}, []),
        ({"anyOf": [{"anyOf": [NULL, {"allOf": [LIST]}]}, {"type": "integer"}]}, {}, []),
        ({"$ref": "#/$defs/Either", **DEFS}, {}, []),
        ({"anyOf": [{"$ref": "#/$defs/Names"}, NULL], **DEFS}, {}, []),
        # An object that needs a field is not meant by one without any.
        ({"anyOf": [{**OBJECT, "required": ["a"], "properties": {"a": LIST}}, LIST]}, {}, []),
        # Where both may be empty, or nothing is said, it stays what it was.
        ({"anyOf": [OBJECT, LIST]}, {}, {}),
        ({"anyOf": [OBJECT, NULL]}, {}, {}),
        ({}, {}, {}),
        # Inside of what a union names.
        ({"anyOf": [{**OBJECT, "properties": {"a": {"anyOf": [LIST, NULL]}}}, NULL]}, {"a": {}}, {"a": []}),
        ({"anyOf": [{"type": "array", "items": LIST}, NULL]}, [{}, ["x"]], [[], ["x"]]),
        ({"type": "object", "additionalProperties": {"anyOf": [LIST, NULL]}}, {"k": {}}, {"k": []}),
    ],
)
def test_empty_tables(schema: Any, value: Any, meant: Any) -> None:
    assert fit(value, schema) == meant
    assert type(fit(value, schema)) is type(meant)


@pytest.mark.parametrize("version", ["lua51", "lua54", "luajit21"])
def test_of_the_plain_module(tmp_path_factory: pytest.TempPathFactory, version: str) -> None:
    with answering.made(tmp_path_factory) as out:
        lua = importlib.import_module(f"lupa.{version}").LuaRuntime(encoding="latin-1")
        lua.globals().package.path = f"{out}/lua/?.lua"
        body = lua.execute("""
            local client = require("told_kit").new({ token = "t", http = function() end })
            return client:build("told_create_chat", { prompt = "x", stop = {} }).body""")
    assert body == '{"prompt":"x","stop":[]}'
