"""The path of an operation: a parameter for every placeholder, and a placeholder for every parameter.

OpenAPI knows `{name}` alone. Documents also write the expressions of RFC 6570 (`{+path}`, `{ids*}`, `{?page}`), leave a
parameter out or spell it otherwise: each is read as what comes nearest, and stands in the ledger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from ..ir import Param, Type
from ..names import words
from ..read.openapi import Operation
from .context import Context

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_EXPRESSION = re.compile(r"([+#./;?&]?)([^{}]*)")
_NAME = re.compile(r"(.*?)(\*|:[0-9]{1,4})?")
_STYLES = {".": "label", ";": "matrix"}
_SENT = re.compile(r"(?:[^#{]|\{[^{}]*\}|\{)*")
"""A path without its fragment."""


@dataclass
class _Path:
    """A path while its placeholders are looked at, one after the other."""

    context: Context
    operation: Operation
    declared: dict[str, Param]
    """The parameters of the path, by name."""
    query: set[str]
    """The names of those of the query."""
    exact: set[str]
    """The names that stand in the path as they are declared."""
    filling: dict[str, Param] = field(default_factory=dict)
    """By the name that is declared: the parameter as it fills the path."""
    added: dict[str, Param] = field(default_factory=dict)

    def lose(self, kind: str, reason: str) -> None:
        self.context.lose(self.operation.at, kind, reason)

    def expand(self, match: re.Match[str]) -> str:
        """What stands for one placeholder."""
        written = match[1]
        if written in self.declared:
            self.filling.setdefault(written, self.declared[written])
            return match[0]
        result = _EXPRESSION.fullmatch(written)
        operator, listed = (result[1], result[2]) if result else ("", written)
        parts = [(name[1], name[2] or "") for each in listed.split(",") if (name := _NAME.fullmatch(each))]
        if not operator and len(parts) == 1 and not parts[0][1]:
            return "{" + self.place(parts[0][0], match[0]) + "}"
        if operator == "#":
            self.lose("degraded", f"`{match[0]}` in the path is a fragment, which is never sent")
            return ""
        if operator in ("?", "&"):
            self.ask(match[0], parts)
            return ""
        names = [self.place(name, match[0], _STYLES.get(operator, ""), modifier == "*") for name, modifier in parts]
        what = f"`{match[0]}` in the path is filled as {' and '.join(f'`{{{name}}}`' for name in names)}"
        self.lose("degraded", f"{what}: every reserved character is escaped" if operator == "+" else what)
        joint = {"/": "/", ".": "", ";": ""}.get(operator, ",")
        return ("/" if operator == "/" else "") + joint.join("{" + name + "}" for name in names)

    def place(self, name: str, written: str, style: str = "", explode: bool = False) -> str:
        """The placeholder's name, once there is a parameter for it."""
        name = name or "value"
        alike = [key for key in self.declared if key not in self.exact and words(key) == words(name)]
        known = name if name in self.declared else alike[0] if len(alike) == 1 else ""
        if known:
            param = self.filling.get(known) or replace(self.declared[known], wire_name=name)
            self.filling[known] = replace(param, style=style or param.style, explode=explode or param.explode)
            if known != name:
                self.lose("kept", f"the parameter {known!r} fills `{written}` of the path")
            return param.wire_name
        if name not in self.added:
            self.lose("degraded", f"`{written}` of the path has no parameter; it is read as a string")
            param = _string(self.operation, name, "path")
            self.added[name] = replace(param, style=style or param.style, explode=explode)
        return name

    def ask(self, written: str, parts: list[tuple[str, str]]) -> None:
        """An expression that makes a query: parameters of it."""
        for name, modifier in parts:
            if name and name not in self.query:
                self.query.add(name)
                param = _string(self.operation, name, "query")
                kind = Type(kind="array", items=param.type) if modifier == "*" else param.type
                self.added["?" + name] = replace(param, required=False, explode=modifier == "*", type=kind)
        self.lose("degraded", f"`{written}` in the path is read as parameters of the query")


def placed(context: Context, operation: Operation, params: list[Param]) -> tuple[str, list[Param]]:
    """The path with plain placeholders, and the parameters: for each placeholder one, and no other of the path."""
    declared = {param.wire_name: param for param in params if param.location == "path"}
    match = _SENT.match(operation.path)
    sent = match[0] if match else operation.path
    written = _PLACEHOLDER.findall(sent)
    query = {param.wire_name for param in params if param.location == "query"}
    path = _Path(context, operation, declared, query, exact=declared.keys() & {*written})
    filled = _PLACEHOLDER.sub(path.expand, sent)
    for again in sorted({name for name in written if written.count(name) > 1}):
        path.lose("kept", f"`{{{again}}}` is more than once in the path: one argument fills in all of them")
    plain = _PLACEHOLDER.sub("", filled)
    if "{" in plain or "}" in plain:
        path.lose("degraded", "a brace in the path that is not part of a placeholder is sent unchanged")
    if sent != operation.path:
        path.lose("degraded", "the part of the path after `#` is a fragment, which is never sent")
    for node in operation.params:
        name = node.text("name")
        if node.text("in") == "path" and name not in path.filling:
            context.lose(
                node, "dropped", f"the parameter {name!r} has no placeholder in {operation.path}; it is not sent"
            )
    kept = [path.filling.get(p.wire_name) if p.location == "path" else p for p in params]
    return filled, [*(p for p in kept if p is not None), *path.added.values()]


def _string(operation: Operation, name: str, location: str) -> Param:
    return Param(
        words=words(name),
        wire_name=name,
        location=location,  # type: ignore[arg-type]
        type=Type(kind="string"),
        required=True,
        style="simple" if location == "path" else "form",
        place=operation.at.place,
    )
