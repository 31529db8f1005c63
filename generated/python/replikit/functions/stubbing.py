"""The functions that a user added as a Python module: typed, documented, and told apart from wrong calls by a checker.

One module has a synchronous function of each, which takes a client first, and an asynchronous one, `async_NAME`. What
calls it stands in the extensions of the package; here it is spelled.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import about
from ..runtime import signatures
from .added import Added, spelled
from .derived import free_word
from .marks import CONCATENATE, DISPLAY, holds_file

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WIDTH, _MOST_DOCUMENTED = 110, 2_000
_IMPORTED = (
    "Any",
    "AsyncFileOutput",
    "File",
    "FileOutput",
    "Literal",
    "NotRequired",
    "OMIT",
    "Omit",
    "RunOptions",
    "TypedDict",
)
_HEAD = '''\
# Written by `{command} {added} types`. Write it again after you added or refreshed one.
"""The {added} that were added, as functions of their own."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict, cast

from {package} import Async{client}, {client}
from {package}.extensions import RunOptions
from {package}.runtime.aio.outputs import AsyncFileOutput
from {package}.runtime.requests import OMIT, Omit
from {package}.runtime.signatures import File
from {package}.runtime.sync.outputs import FileOutput
'''
_GIVEN = """

def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not OMIT}
"""


@dataclass
class _Module:
    """What is written so far: the classes that the functions need, before those."""

    taken: dict[str, str]
    """The names that there are, with the fields of those that are classes."""
    classes: list[str] = field(default_factory=list)

    def typed_dict(self, wanted: str, fields: str) -> str:
        """The class of these fields, under a name that no other has; the same for the same fields."""
        found, number = wanted, 1
        while found in self.taken and self.taken[found] != fields:
            number += 1
            found = f"{wanted}{number}"
        if found not in self.taken:
            self.taken[found] = fields
            self.classes.append(f"\n{found} = TypedDict({found!r}, {fields})")
        return found


def module(functions: Iterable[Added], *, stubs: bool = False) -> str:
    """The text of the module. stubs: of a .pyi file, without what the functions do."""
    found = sorted(functions, key=lambda each: each.name)
    made = _Module(dict.fromkeys((*_IMPORTED, about.CLIENT, f"Async{about.CLIENT}"), ""))
    bodies = [text for each in found for text in _functions(each, made, stubs)]
    names = {"command": about.COMMAND, "package": about.PACKAGE, "client": about.CLIENT, "added": _word()}
    parts = [_HEAD.format(**names), *([] if stubs or not found else [_GIVEN]), *made.classes, *bodies]
    return "\n\n".join(part.strip("\n") + "\n" for part in parts)


def _word() -> str:
    return str(getattr(about, "ADDED", "functions"))


def _functions(each: Added, made: _Module, stubs: bool) -> Iterator[str]:
    stem = _camel(each.name)
    properties = signatures.properties(each.input_schema)
    spelling = _spelling(properties)
    required = set(each.input_schema.get("required", ()))
    arguments = [
        (spelling[name], _argument(spelling[name], part, name in required, stem, made))
        for name, part in properties.items()
    ]
    # What must be given comes first: that is how readers expect it, though each goes by name.
    arguments.sort(key=lambda pair: "OMIT" in pair[1])
    options = free_word(spelling.values())
    named = [text for _, text in arguments]
    if "properties" not in each.input_schema:
        named.append("input: dict[str, Any] | None = None")
    named.append(f"{options}: RunOptions | None = None")
    for prefix, client, file in (
        ("", about.CLIENT, "FileOutput"),
        ("async_", f"Async{about.CLIENT}", "AsyncFileOutput"),
    ):
        apart = "Async" if prefix and holds_file(each.output_schema) else ""
        gives = _output(each.output_schema, apart + stem, file, made)
        name = f"{prefix}{_safe(each.name)}"
        head = f"{'async ' if prefix else ''}def {name}("
        lines = [
            "",
            f"{head}",
            f"    client: {client},",
            "    /,",
            "    *,",
            *(f"    {text}," for text in named),
            f") -> {gives}:",
        ]
        lines += [f"    {text}".rstrip() for text in _docstring(each, spelling, options)]
        lines += ["    ..."] if stubs else list(_body(each, spelling, options, gives, bool(prefix)))
        yield "\n".join(lines)


def _body(each: Added, spelling: Mapping[str, str], options: str, gives: str, waits: bool) -> Iterator[str]:
    pairs = ", ".join(f"{name!r}: {argument}" for name, argument in spelling.items())
    given = f"_given({{{pairs}}})" if "properties" in each.input_schema else "(input or {})"
    use, call = f"client.use({each.name!r}, **({options} or {{}}))", f"function(**{given})"
    yield f"    function = {'await ' if waits else ''}{use}"
    call = f"await {call}" if waits else call
    yield f"    return cast({gives!r}, {call})" if gives != "Any" else f"    return {call}"


def _spelling(properties: Mapping[str, Any]) -> dict[str, str]:
    """The argument that each input is, apart from one another: `class` is `class_`, `odd name` is `odd_name`."""
    found: dict[str, str] = {}
    for name in properties:
        plain = name if name.isidentifier() and name.isascii() else spelled(name) or "argument"
        plain = f"{plain}_" if keyword.iskeyword(plain) or plain.startswith("__") else plain
        while plain in found.values():
            plain += "_"
        found[name] = plain
    return found


def _safe(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) else name


def _argument(name: str, schema: Mapping[str, Any], required: bool, stem: str, made: _Module) -> str:
    kind = _type(schema, stem + _camel(name), "File", made)
    return (
        f"{name}: {kind}" if required else f"{name}: {kind} | Omit = OMIT" if kind != "Any" else f"{name}: Any = OMIT"
    )


def _output(schema: Mapping[str, Any], stem: str, file: str, made: _Module) -> str:
    if schema.get("type") == "array" and schema.get(DISPLAY) == CONCATENATE:
        return "str"
    return _type(schema, f"{stem}Output", file, made)


def _type(schema: Any, name: str, file: str, made: _Module) -> str:
    """A type as it is written. name: of the class that an object is; file: what a file is."""
    if not isinstance(schema, Mapping):
        return "Any"
    values = schema.get("enum")
    if isinstance(values, list) and values:
        return _literal(values)
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            kinds = list(dict.fromkeys(_type(each, name, file, made) for each in schema[key]))
            return "Any" if "Any" in kinds else " | ".join(kinds)
    kind = schema.get("type")
    if kind == "array":
        inner = _type(schema.get("items"), f"{name}Item", file, made)
        return f"list[{inner}]"
    if kind == "object":
        if schema.get("properties"):
            return _class(schema, name, file, made)
        inner = _type(schema.get("additionalProperties"), f"{name}Value", file, made)
        return f"dict[str, {inner}]"
    if kind == "string" and schema.get("format") == "uri":
        return file
    return _PLAIN.get(str(kind), "Any")


def _literal(values: list[Any]) -> str:
    if any(isinstance(value, float) for value in values):
        return "float"  # no Literal is of one
    kept = [value for value in values if value is not None]
    found = [f"Literal[{', '.join(map(repr, kept))}]"] if kept else []
    return " | ".join([*found, *(["None"] if None in values else [])])


def _class(schema: Mapping[str, Any], name: str, file: str, made: _Module) -> str:
    """The name of a class for an object; called, not written as a class, as a field may have any name."""
    required = set(schema.get("required", ()))
    fields = []
    for key, part in schema["properties"].items():
        inner = _type(part, name + _camel(spelled(key) or "field"), file, made)
        fields.append(f"{key!r}: {(inner if key in required else f'NotRequired[{inner}]')!r}")
    return made.typed_dict(name, "{" + ", ".join(fields) + "}")


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _docstring(each: Added, spelling: Mapping[str, str], options: str) -> list[str]:
    """The lines of a docstring, with nothing in them that could end it."""
    schema = {
        **each.input_schema,
        "properties": {spelling[k]: v for k, v in each.input_schema.get("properties", {}).items()},
    }
    schema["required"] = [spelling[name] for name in each.input_schema.get("required", ())]
    version = f", version {each.version[:12]}" if each.version else ""
    summary = each.summary or f"Runs {each.source}."
    text = signatures.docstring(schema, "") if spelling else ""
    lines = [_plain(summary), "", f"{each.source}{version}.", *map(_plain, text.split("\n") if text else ())]
    lines.append(f"{options}: what the run is told beside its inputs, such as a timeout.")
    return ['"""' + lines[0], *lines[1:], '"""']


def _plain(text: str) -> str:
    shown = "".join(char if char.isprintable() else " " for char in text[:_MOST_DOCUMENTED])
    return shown.replace("\\", "\\\\").replace('"""', "'''").rstrip('"')
