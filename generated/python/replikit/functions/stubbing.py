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
from .derived import CONCATENATE, DISPLAY

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WIDTH, _MOST_DOCUMENTED = 110, 2_000
_RESERVED = {"client", "options", "self"}
_HEAD = '''\
# Written by `{command} {added} types`. Write it again after you added or refreshed one.
"""The {added} that were added, as functions of their own."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, cast

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

    taken: set[str]
    classes: list[str] = field(default_factory=list)

    def name(self, wanted: str) -> str:
        """A name for a class that none has."""
        found, number = wanted, 1
        while found in self.taken:
            number += 1
            found = f"{wanted}{number}"
        self.taken.add(found)
        return found


def module(functions: Iterable[Added], *, stubs: bool = False) -> str:
    """The text of the module. stubs: of a .pyi file, without what the functions do."""
    found = sorted(functions, key=lambda each: each.name)
    made = _Module({"Any", "Literal", "TypedDict", "File", "FileOutput", "AsyncFileOutput", "Omit", "RunOptions"})
    made.taken |= {about.CLIENT, f"Async{about.CLIENT}", "OMIT"}
    bodies = [text for each in found for text in _functions(each, made, stubs)]
    names = {"command": about.COMMAND, "package": about.PACKAGE, "client": about.CLIENT, "added": _word()}
    parts = [_HEAD.format(**names), *([] if stubs or not found else [_GIVEN]), *made.classes, *bodies]
    return "\n".join(part.rstrip("\n") + "\n" for part in parts)


def _word() -> str:
    return str(getattr(about, "ADDED", "functions"))


def _functions(each: Added, made: _Module, stubs: bool) -> Iterator[str]:
    stem = "".join(part.capitalize() for part in each.name.split("_"))
    properties = signatures.properties(each.input_schema)
    spelling = _spelling(properties)
    required = set(each.input_schema.get("required", ()))
    arguments = [
        (spelling[name], _argument(spelling[name], part, name in required, stem, made))
        for name, part in properties.items()
    ]
    # What must be given comes first: that is how readers expect it, though each goes by name.
    arguments.sort(key=lambda pair: "OMIT" in pair[1])
    options = next(name for name in ("options", "run_options", "options_of_the_run") if name not in spelling.values())
    named = [text for _, text in arguments]
    if "properties" not in each.input_schema:
        named.append("input: dict[str, Any] | Omit = OMIT")
    named.append(f"{options}: RunOptions | None = None")
    for prefix, client, file in (
        ("", about.CLIENT, "FileOutput"),
        ("async_", f"Async{about.CLIENT}", "AsyncFileOutput"),
    ):
        gives = _output(each.output_schema, stem if not prefix else f"Async{stem}", file, made)
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
    given = (
        f"_given({{{pairs}}})"
        if "properties" in each.input_schema
        else "{} if input is OMIT else cast('dict[str, Any]', input)"
    )
    client = "await client" if waits else "client"
    yield f"    function = {client}.use({each.name!r}, **({options} or {{}}))"
    call = f"{'await ' if waits else ''}function(**{given if given.startswith('_') else f'({given})'})"
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
    kind = _type(schema, f"{stem}{''.join(part.capitalize() for part in name.split('_'))}", "File", made, True)
    return (
        f"{name}: {kind}" if required else f"{name}: {kind} | Omit = OMIT" if kind != "Any" else f"{name}: Any = OMIT"
    )


def _output(schema: Mapping[str, Any], stem: str, file: str, made: _Module) -> str:
    if schema.get("type") == "array" and schema.get(DISPLAY) == CONCATENATE:
        return "str"
    return _type(schema, f"{stem}Output", file, made, False)


def _type(schema: Any, name: str, file: str, made: _Module, given: bool) -> str:
    """A type as it is written. given: of an argument; else of a result, whose other fields a checker need not know."""
    if not isinstance(schema, Mapping):
        return "Any"
    values = schema.get("enum")
    if isinstance(values, list) and values:
        return _literal(values)
    for key in ("anyOf", "oneOf"):
        if isinstance(schema.get(key), list) and schema[key]:
            kinds = list(dict.fromkeys(_type(each, name, file, made, given) for each in schema[key]))
            return "Any" if "Any" in kinds else " | ".join(kinds)
    kind = schema.get("type")
    if kind == "array":
        inner = _type(schema.get("items"), f"{name}Item", file, made, given)
        return f"list[{inner}]"
    if kind == "object":
        if schema.get("properties"):
            return _class(schema, name, file, made, given)
        inner = _type(schema.get("additionalProperties"), f"{name}Value", file, made, given)
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


def _class(schema: Mapping[str, Any], name: str, file: str, made: _Module, given: bool) -> str:
    name = made.name(name)
    required = set(schema.get("required", ()))
    inner = {
        key: _type(
            part, f"{name}{''.join(w.capitalize() for w in (spelled(key) or 'field').split('_'))}", file, made, given
        )
        for key, part in schema["properties"].items()
    }
    # Called, not written as a class: a field may have any name. Two halves, as one says for all whether they must be there.
    needed = {key: kind for key, kind in inner.items() if key in required}
    others = {key: kind for key, kind in inner.items() if key not in required}
    base = made.name(f"_{name}Required") if needed and others else ""
    if base:
        made.classes.append(_typed_dict(base, needed, True))
        halves = made.name(f"_{name}Others")
        made.classes.append(_typed_dict(halves, others, False))
        made.classes.append(
            f'\nclass {name}({base}, {halves}):\n    """{_one_line(schema.get("description"), name)}"""'
        )
    else:
        made.classes.append(_typed_dict(name, needed or others, bool(needed)))
    return name


def _typed_dict(name: str, fields: Mapping[str, str], total: bool) -> str:
    rows = ", ".join(f"{key!r}: {kind!r}" for key, kind in fields.items())
    return f"\n{name} = TypedDict({name!r}, {{{rows}}}{'' if total else ', total=False'})"


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


def _one_line(text: Any, otherwise: str) -> str:
    return _plain(" ".join(text.split())) if isinstance(text, str) and text.strip() else otherwise
