"""The functions that a user added as a Python module: typed, documented, and told apart from wrong calls by a checker.

One module has a synchronous function of each, which takes a client first, and an asynchronous one, `async_NAME`. What
calls it stands in the extensions of the package; here it is spelled.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import about
from ..runtime import signatures
from .added import Added, spelled
from .derived import free_word
from .marks import CONCATENATE, DISPLAY, holds_file

_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_MOST_DOCUMENTED = 2_000
_WIDTH = 88
"""Characters of a line, as formatters have it where nothing else is said."""
_USED = frozenset(["OMIT", "_given", "cast", "client"])
"""Names that every function needs, and no argument may have."""
_LONGEST = 58
"""Characters of the name of a type."""
_SHORT = 40
"""Characters of a type that is written out where it is used."""
_IMPORTS = (
    ("typing", ("Any", "Literal", "NotRequired", "TypeAlias", "TypedDict", "cast")),
    (about.PACKAGE, (f"Async{about.CLIENT}", about.CLIENT)),
    (f"{about.PACKAGE}.extensions", ("RunOptions",)),
    (f"{about.PACKAGE}.runtime.aio.outputs", ("AsyncFileOutput",)),
    (f"{about.PACKAGE}.runtime.requests", ("OMIT", "Omit")),
    (f"{about.PACKAGE}.runtime.signatures", ("File",)),
    (f"{about.PACKAGE}.runtime.sync.outputs", ("FileOutput",)),
)
"""What the module may need, by where it is; what nothing in it names is not imported."""
_HEAD = '''\
# Written by `{command} {added} types`. Write it again after you added or refreshed one.
"""The {added} that were added, as functions of their own."""
'''
_LATER = "\nfrom __future__ import annotations\n"
_GIVEN = """\
def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not OMIT}
"""


@dataclass
class _Module:
    """What is written so far: the classes that the functions need, before those."""

    taken: dict[str, str]
    """The names that there are, with the fields of those that are classes."""
    stubs: bool = False
    classes: list[str] = field(default_factory=list)

    def typed_dict(self, wanted: str, fields: list[tuple[str, str]]) -> str:
        """The class of these fields, under a name that no other has; the same for the same fields."""
        # Types are quoted where they are looked at while the module is read: one may be written further below.
        pairs = [f"{_text(name)}: {kind if self.stubs else _text(kind)}" for name, kind in fields]

        def write(name: str) -> str:
            flat = f"{name} = TypedDict({_text(name)}, {{{', '.join(pairs)}}})"
            if len(flat) <= _WIDTH:
                return flat
            lines = "".join(f"        {_broken(pair)},\n" for pair in pairs)
            return f"{name} = TypedDict(\n    {_text(name)},\n    {{\n{lines}    }},\n)"

        return self._named(wanted, "\n".join(pairs), write)

    def values(self, wanted: str, values: list[str]) -> str:
        """The type of one of these values, written out where it is short."""
        flat = f"Literal[{', '.join(values)}]"
        if len(flat) <= _SHORT:
            return flat

        def write(name: str) -> str:
            head = f"{name}: TypeAlias = " if self.stubs else f"{name} = "
            lines = "".join(f"    {value},\n" for value in values)
            return head + (flat if len(head + flat) <= _WIDTH else f"Literal[\n{lines}]")

        return self._named(wanted, flat, write)

    def _named(self, wanted: str, meaning: str, write: Callable[[str], str]) -> str:
        wanted = wanted[:_LONGEST]
        name, number = wanted, 1
        while name in self.taken and self.taken[name] != meaning:
            number += 1
            name = f"{wanted}{number}"
        if name not in self.taken:
            self.taken[name] = meaning
            self.classes.append(write(name))
        return name


def _broken(pair: str) -> str:
    """A field that is too long for a line, with its type on one of its own."""
    head, marker, inner = pair.partition(": NotRequired[")
    long = len(pair) > _WIDTH - len("        ,") and marker and inner.endswith("]")
    return f"{head}{marker}\n            {inner[:-1]}\n        ]" if long else pair


def module(functions: Iterable[Added], *, stubs: bool = False) -> str:
    """The text of the module. stubs: of a .pyi file, without what the functions do."""
    ordered = sorted(functions, key=lambda each: each.name)
    made = _Module({name: "" for _, names in _IMPORTS for name in names}, stubs)
    bodies = [text for each in ordered for text in _functions(each, made, stubs)]
    parts = [*([_GIVEN] if any("_given(" in text for text in bodies) else []), *made.classes, *bodies]
    words = set(re.findall(r"\w+", "\n".join(re.sub(r'"""[\s\S]*?"""', "", part) for part in parts)))
    used = [(where, [name for name in names if name in words]) for where, names in _IMPORTS]
    lines = [f"from {where} import {', '.join(names)}" for where, names in used if names]
    if len(lines) > 1 and lines[0].startswith("from typing"):
        lines.insert(1, "")
    head = (
        _HEAD.format(command=about.COMMAND, added=_word())
        + ("" if stubs else _LATER)
        + "".join(f"{line}\n" for line in ["", *lines] if lines)
    )
    return _spaced([head, *(part.rstrip("\n") + "\n" for part in parts)], stubs)


def _spaced(parts: list[str], stubs: bool) -> str:
    """The parts with empty lines between them: two around a function, of a .pyi file one; none between names alone."""
    text, before = parts[0], "head"
    for part in parts[1:]:
        kind = "function" if part.startswith(("def ", "async def ")) else "names"
        if "function" in (kind, before):
            text += "\n" * (1 if stubs else 2)
        elif before == "head":
            text += "\n"
        text, before = text + part, kind
    return text


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
            head,
            f"    client: {client},",
            "    /,",
            "    *,",
            *(line for text in named for line in _parameter(text)),
            f") -> {gives}:",
        ]
        lines += [f"    {text}".rstrip() for text in _docstring(each, spelling, options)]
        if not stubs:
            lines += [f"    {line}" for line in _body(each, spelling, options, gives, bool(prefix))]
        yield "\n".join(lines)


def _parameter(text: str) -> Iterator[str]:
    """A parameter; one that is too long for a line has the forms of its type on lines of their own."""
    name, _, rest = text.partition(": ")
    kind, equals, default = rest.rpartition(" = ")
    kind, default = (kind, f"{equals}{default}") if equals else (rest, "")
    if len(text) + len("    ,") <= _WIDTH or " | " not in kind:
        yield f"    {text},"
        return
    forms = kind.split(" | ")
    yield f"    {name}: ("
    if len(kind) + 8 <= _WIDTH:
        yield f"        {kind}"
    else:
        yield from (f"        {'| ' * bool(n)}{form}" for n, form in enumerate(forms))
    yield f"    ){default},"


def _body(each: Added, spelling: Mapping[str, str], options: str, gives: str, waits: bool) -> Iterator[str]:
    awaited, room = "await " if waits else "", _WIDTH - 4
    call, inputs = (_apart(name, spelling.values()) for name in ("run", "inputs"))
    keywords = "input or {}"
    if "properties" in each.input_schema:
        pairs = [f"{_text(name)}: {argument}" for name, argument in spelling.items()]
        yield from _written(f"{inputs}: dict[str, Any] = {{", pairs, "}", room)
        keywords = f"_given({inputs})"
    yield from _written(f"{call} = {awaited}client.use(", [_text(each.name), f"**({options} or {{}})"], ")", room)
    called = f"{awaited}{call}(**{keywords if keywords[0] == '_' else f'({keywords})'})"
    if gives == "Any":
        yield f"return {called}"
    else:
        yield from _written("return cast(", [_text(gives), called], ")", room)


def _written(before: str, parts: list[str], after: str, room: int) -> Iterator[str]:
    """What stands in brackets, on one line where it fits, else a part a line."""
    flat = f"{before}{', '.join(parts)}{after}"
    if len(flat) <= room or not parts:
        yield flat
    else:
        yield from (before, *(f"    {part}," for part in parts), after)


def _apart(name: str, taken: Collection[str]) -> str:
    """A name of the function's own, which none of its arguments has."""
    while name in taken:
        name = f"{name}_"
    return name


def _text(value: str) -> str:
    """A text as formatters write it: in double quotes, unless those would need more escapes."""
    quote = '"' if value.count('"') <= value.count("'") else "'"
    body = "".join(f"\\{char}" if char == quote else char if char in "\"'" else repr(char)[1:-1] for char in value)
    return f"{quote}{body}{quote}"


def _spelling(properties: Mapping[str, Any]) -> dict[str, str]:
    """The argument that each input is, apart from one another: `class` is `class_`, `odd name` is `odd_name`."""
    arguments: dict[str, str] = {}
    for name in properties:
        plain = name if name.isidentifier() and name.isascii() else spelled(name) or "argument"
        plain = f"{plain}_" if keyword.iskeyword(plain) or plain.startswith("__") else plain
        while plain in arguments.values() or plain in _USED:
            plain += "_"
        arguments[name] = plain
    return arguments


def _safe(name: str) -> str:
    return f"{name}_" if keyword.iskeyword(name) or name in _USED else name


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
        return _literal(values, name, made)
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


def _literal(values: list[Any], name: str, made: _Module) -> str:
    if not all(isinstance(value, (str, int)) or value is None for value in values):
        return "float" if all(isinstance(value, (int, float)) for value in values) else "Any"  # no Literal is of others
    kept = [_text(value) if isinstance(value, str) else repr(value) for value in values if value is not None]
    literals = [made.values(name, kept)] if kept else []
    return " | ".join([*literals, *(["None"] if None in values else [])])


def _class(schema: Mapping[str, Any], name: str, file: str, made: _Module) -> str:
    """The name of a class for an object; called, not written as a class, as a field may have any name."""
    required = set(schema.get("required", ()))
    fields = []
    for key, part in schema["properties"].items():
        inner = _type(part, name + _camel(spelled(key) or "field"), file, made)
        fields.append((key, inner if key in required else f"NotRequired[{inner}]"))
    return made.typed_dict(name, fields)


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
