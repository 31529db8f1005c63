"""Arguments and properties, each under a heading of its own; objects within objects as a tree that opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ... import names
from ...ir import Field, Function, Model, Named, Param, Type
from ...text import Code, markdown
from ..shared import calls, prose
from ..shared.deprecations import notice
from .site import DEPTH, Site
from .uses import objects

FIELDS, FEWER = 400, 100
"""Fields of all arguments, of a result or of a type that get headings, and as many in a large API."""


@dataclass(frozen=True)
class FieldView:
    """One parameter or property: a heading, what it is, and the beginning of what it holds."""

    pad: Code
    """The indentation of every line: fields within a field are indented below it."""
    level: Code
    heading: Code
    anchor: Code
    line: Code
    """Type, whether it is required, where it travels."""
    description: Code
    facts: Code
    """Values, default and limits."""
    opens: Code
    """How many fields stand within, where it is an object; they follow, indented."""


def indented(block: str, pad: str = "    ") -> Code:
    """A block within another: the pad before every line that holds something."""
    if not pad:
        return Code(block)
    return Code("\n".join(pad + part if part else "" for part in block.split("\n")))


@dataclass
class Tree:
    """Walks a type depth first. An object within itself is not opened again, nor one that its own page is to describe."""

    site: Site
    up: str
    request: bool
    closed: frozenset[str] = frozenset()
    """Objects that are not opened at the root either."""
    left: int = 0
    cut: int = 0
    """Fields that are not written out, of objects whose others are."""

    def __post_init__(self) -> None:
        self.left = FEWER if self.site.large else FIELDS

    def field(
        self,
        name: str,
        anchor: str,
        type_: Type,
        marks: list[str],
        description: str,
        depth: int,
        stack: tuple[str, ...],
    ) -> Iterator[FieldView]:
        inner = self.within(type_, name, anchor, depth + 1, stack)
        pad = Code("    " * depth)
        direct = sum(len(child.pad) == len(pad) + 4 for child in inner)
        yield FieldView(
            pad=pad,
            level=Code("###" if depth == 0 else "####"),
            heading=prose.inline_code(name),
            anchor=Code(anchor),
            line=Code(" · ".join([self.site.type(self.up).name(type_), *marks])),
            description=indented(self.site.paragraphs(description or type_.description, self.up), pad),
            facts=Code(" · ".join(prose.facts(type_))),
            opens=Code(f"{direct} {'field' if direct == 1 else 'fields'}") if inner else Code(""),
        )
        yield from inner

    def within(self, type_: Type, path: str, anchor: str, depth: int, stack: tuple[str, ...]) -> list[FieldView]:
        matches: list[FieldView] = []
        seen: set[str] = set()
        for model, suffix in objects(self.site.api, type_):
            if model.key in stack or depth > DEPTH or self.left <= 0:
                continue
            if model.key in self.closed or (depth and model.key in self.site.shared):
                continue
            fields = list(self.shown(model))
            self.cut += max(0, len(fields) - self.left)
            fields, self.left = fields[: self.left], self.left - len(fields)
            for item in fields:
                key = f"{anchor}-{names.argument(item.words)}"
                if key in seen:
                    continue  # members of a union that share a property: described once
                seen.add(key)
                name = ".".join(part for part in (path + suffix, item.wire_name) if part)
                matches += self.field(name, key, item.type, flags(item), item.description, depth, (*stack, model.key))
        return matches

    def more(self) -> Code:
        """Where the fields stand that are not written out; empty where all are."""
        if not self.cut:
            return Code("")
        left = "1 further field is" if self.cut == 1 else f"{self.cut:,} further fields are"
        return Code(f"{left} described in `catalog.json` alone: see [For agents]({self.up}guides/agents.md).")

    def shown(self, model: Model) -> Iterator[Field]:
        return (item for item in model.fields if not (item.read_only if self.request else item.write_only))


def flags(item: Param | Field) -> list[str]:
    """The description of a field beside its type."""
    marks = ["**required**"] if item.required else []
    if not item.deprecated:
        return marks
    deprecation = notice(item).removeprefix("Deprecated").removesuffix(".") if isinstance(item, Param) else ""
    return [*marks, f"**deprecated**{markdown(deprecation)}"]


Fields = tuple[tuple[FieldView, ...], Code]
"""Fields, and where those stand that are too many."""


def arguments(site: Site, function: Function) -> Fields:
    """All arguments, with what lies within them."""
    tree = Tree(site, "../", True, site.returned)
    matches: list[FieldView] = []
    for param in function.params:
        name = calls.argument(param)
        marks = [*flags(param), _via(param)]
        matches += tree.field(name, f"argument-{name}", param.type, marks, param.description, 0, ())
    return tuple(matches), tree.more()


def results(site: Site, function: Function) -> Fields:
    """All fields of the result."""
    if function.result.kind != "json" or function.result.type is None:
        return (), Code("")
    tree = Tree(site, "../", False, site.returned)
    return tuple(tree.within(each(function.result.type), "", "result", 0, ())), tree.more()


def each(type_: Type) -> Type:
    """The type, or the item type of a list: the description applies to each item."""
    while type_.kind == "array" and type_.items:
        type_ = type_.items
    return type_


def properties(site: Site, of: Named) -> Fields:
    """All fields of a type with a page of its own; of one that is no object, those of the objects it may be."""
    type_ = Type(kind="model", model=of.key) if isinstance(of, Model) else of.type
    tree = Tree(site, "../", request=False)
    return tuple(tree.within(type_, "", "field", 0, ())), tree.more()


def _via(param: Param) -> str:
    match param.location:
        case "body":
            return "the request's body"
        case "field":
            return "further body fields" if param.rest else f"body field {prose.inline_code(param.wire_name)}"
        case _:
            return f"{param.location} parameter {prose.inline_code(param.wire_name)}"
