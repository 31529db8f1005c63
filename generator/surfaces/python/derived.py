"""Functions that are made of others, as objects of a resource: called for their output, `create` for the job, `map` for
many. Each has a class, with its own arguments; a module holds those of a group.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ... import names
from ...ir import Api, Function, Group, Param, Type, is_file, opened
from ...names import CLASS
from ...text import Code, first_sentence, prose, python_docstring, python_literal
from ..base import Page
from ..shared import limits
from .methods import argument_of, in_resources
from .operations import shape
from .spelling import COMMON, FOLDER, imports, unlinked
from .types import Child, Types, optional, union

_MODULES = (
    ("collections.abc", ("AsyncGenerator", "Generator", "Iterable", "Mapping", "Sequence")),
    *COMMON[1:2],
    *COMMON[3:],
    ("..", ("_types",)),
    ("..runtime.aio.derived", ("AsyncDerivedFunction",)),
    ("..runtime.aio.outputs", ("AsyncFileOutput",)),
    ("..runtime.derived", ("Outcome",)),
    ("..runtime.files", ("FileInput",)),
    ("..runtime.objects", ("ObjectInput",)),
    ("..runtime.requests", ("OMIT", "Omit")),
    ("..runtime.sync.derived", ("DerivedFunction",)),
    ("..runtime.sync.outputs", ("FileOutput",)),
)
_SCALARS = {"boolean": "bool", "integer": "int", "number": "float", "string": "str", "binary": "str", "null": "None"}
_DEEPEST = 8


@dataclass(frozen=True)
class Alias:
    """A name for a type."""

    name: Code
    type: Code


@dataclass(frozen=True)
class Argument:
    """One argument: how it is declared, and where it goes."""

    name: Code
    key: Code
    declaration: Code


@dataclass(frozen=True)
class Dictionary:
    """A TypedDict."""

    name: Code
    doc: Code
    members: tuple[tuple[Code, Code], ...]
    """(its name, as it is written in a class or as a literal; its type)"""
    functional: bool
    """Whether one of its members has a name that no attribute can have."""


@dataclass(frozen=True)
class DerivedClass:
    """One function."""

    cls: Code
    name: Code
    first: Code
    lines: tuple[Code, ...]
    arguments: tuple[Argument, ...]
    nullable: tuple[Code, ...]
    anything: bool
    """Whether it takes what no schema names."""
    option: Argument
    input: Code
    """What `map` takes of each call."""
    gives: Code
    async_gives: Code
    job: Code
    async_job: Code
    follows: bool


@dataclass(frozen=True)
class DerivedView:
    """The module of the functions of one group."""

    doc: Code
    aliases: tuple[Alias, ...]
    dictionaries: tuple[Dictionary, ...]
    classes: tuple[DerivedClass, ...]
    imports: tuple[Code, ...]


@dataclass(frozen=True)
class FolderView:
    """The package of these modules."""

    doc: Code


def pages(api: Api, types: Types) -> Iterator[Page]:
    """The modules of derived functions; nothing where there is none."""
    if not api.derived:
        return
    yield Page(f"{FOLDER}derived/__init__.py.jinja", FolderView(Code("Functions that are made of others.")))
    nouns = names.nouns(api)
    for group in api.groups:
        functions = [function for function in api.derived if function.group == group.key]
        if functions:
            module = _Module(api, types)
            view = module.view(functions, group)
            yield Page(f"{FOLDER}derived/[group].py.jinja", view, {"group": str(nouns[group.key].module)})


def attributes(api: Api, group: str) -> tuple[Child, ...]:
    """The functions of a group as the resource has them."""
    nouns = names.nouns(api)
    return tuple(
        Child(
            name=names.ON_RESOURCE.spell(function.verb),
            module=nouns[group].module,
            cls=_class(function),
            doc=_doc(prose(function.summary) or function.name),
        )
        for function in api.derived
        if group and function.group == group
    )


def _doc(text: str) -> Code:
    return python_docstring(text)


def _class(function: Function) -> Code:
    return CLASS.spell(function.words)


def _called(*parts: Iterable[str]) -> Code:
    return CLASS.spell(tuple(word for part in parts for word in part))


@dataclass
class _Module:
    api: Api
    types: Types
    aliases: dict[Code, Alias] = field(default_factory=dict)
    dictionaries: dict[Code, Dictionary] = field(default_factory=dict)
    options: dict[tuple[str, frozenset[str]], Code] = field(default_factory=dict)

    def view(self, functions: list[Function], group: Group) -> DerivedView:
        classes = tuple(self._function(function) for function in functions)
        aliases, dictionaries = tuple(self.aliases.values()), tuple(self.dictionaries.values())
        return DerivedView(
            doc=_doc(prose(group.summary) or prose(group.title)),
            aliases=aliases,
            dictionaries=dictionaries,
            classes=classes,
            imports=imports(_mentioned(aliases, dictionaries, classes), _MODULES),
        )

    def _function(self, function: Function) -> DerivedClass:
        assert function.derived is not None
        base = self.api.function(function.derived.base)
        made = shape(base, self.types)
        values = tuple(self._argument(param, function) for param in function.params)
        taken = {each.name for each in values}
        options = self._options(function, base)
        option = _beside("options", f"{options} | None", "None", taken)
        output = function.result.type if function.derived.follow else None
        gives, async_gives = (made.returns, made.async_returns) if output is None else self._gives(function, output)
        summary = prose(function.summary) or function.name
        return DerivedClass(
            cls=_class(function),
            name=python_literal(function.name),
            first=_doc(summary),
            lines=tuple(_doc(line) for line in _lines(function, values, option)),
            arguments=values,
            nullable=tuple(python_literal(p.wire_name) for p in function.params if p.type.nullable),
            anything=function.derived.open,
            option=option,
            input=self._input(function),
            gives=gives,
            async_gives=async_gives,
            job=made.returns,
            async_job=made.async_returns,
            follows=function.derived.follow,
        )

    # ── what goes in ────────────────────────────────────────────────────────────────────────────────────

    def _argument(self, param: Param, function: Function) -> Argument:
        name = names.keyword(param.words)
        expression = self._taken(param.type, function, param.words)
        if param.required:
            declared = expression
        elif param.type.nullable:
            declared = Code(f"{expression} | Omit = OMIT")
        else:
            declared = Code(f"{optional(expression, True)} = None" if expression != "Any" else "Any = None")
        return Argument(name, python_literal(param.wire_name), Code(f"{name}: {declared}"))

    def _taken(self, type_: Type, function: Function, own: Iterable[str]) -> Code:
        """The annotation of an argument."""
        plain = replace(type_, nullable=False)
        if plain.values:
            name = _called(function.words, own)
            self.aliases.setdefault(
                name, Alias(name, _literal(plain) or self.types.argument(replace(plain, name="", values=())))
            )
            expression = name
        elif is_file(plain):
            expression = Code("FileInput")
        elif plain.kind == "array" and plain.items is not None and not plain.name:
            expression = Code(f"Sequence[{self._taken(plain.items, function, own)}]")
        elif plain.kind == "union" and not plain.name:
            expression = union(self._taken(each, function, (*own, str(n))) for n, each in enumerate(plain.members, 1))
        else:
            expression = in_resources(self.types, plain, Code("ObjectInput"))
        return optional(expression, type_.nullable)

    def _input(self, function: Function) -> Code:
        name = _called(function.words, ("input",))
        if function.derived is not None and function.derived.open:
            return Code("Mapping[str, Any]")
        members = [
            (param.wire_name, Code(f"Required[{kind}]") if param.required else kind)
            for param in function.params
            for kind in [self._taken(param.type, function, param.words)]
        ]
        self._dictionary(name, f"What `map` takes for each call of {function.name}.", members)
        return name

    def _options(self, function: Function, base: Function) -> Code:
        """The TypedDict of a call's options: the remaining arguments of the base."""
        assert function.derived is not None
        gone = frozenset((*function.derived.fixed, function.derived.argument))
        key = (base.name, gone)
        if key not in self.options:
            taken = {each[0] for each in self.options}
            name = _called(function.words if base.name in taken else base.words, ("options",))
            members = [
                (own, argument_of(param, self.types, base).type)
                for param in base.params
                if (own := names.argument(param.words)) not in gone
            ]
            if base.job:
                members.append(("timeout", Code("float")))
            self._dictionary(name, f"What a call of {base.name} can be told beside its own arguments.", members)
            self.options[key] = name
        return self.options[key]

    def _dictionary(self, name: Code, doc: str, members: Iterable[tuple[str, Code]]) -> None:
        result = dict(members)
        functional = not all(map(_is_attribute, result))
        self.dictionaries[name] = Dictionary(
            name,
            _doc(doc),
            tuple((python_literal(key) if functional else Code(key), kind) for key, kind in result.items()),
            functional,
        )

    # ── what comes out ──────────────────────────────────────────────────────────────────────────────────

    def _gives(self, function: Function, output: Type) -> tuple[Code, Code]:
        assert function.derived is not None
        if function.derived.joined:
            return Code("str"), Code("str")
        return self._made(output, function, False, 0), self._made(output, function, True, 0)

    def _made(self, type_: Type, function: Function, is_async: bool, depth: int) -> Code:
        """The annotation of the output: JSON, with a file in place of each file URL."""
        meant = opened(type_, self.api.types)
        if depth > _DEEPEST:
            expression = Code("Any")
        elif is_file(meant):
            expression = Code("AsyncFileOutput" if is_async else "FileOutput")
        elif meant.kind == "array":
            items = self._made(meant.items, function, is_async, depth + 1) if meant.items else Code("Any")
            expression = Code(f"list[{items}]")
        elif meant.kind == "map":
            items = self._made(meant.items, function, is_async, depth + 1) if meant.items else Code("Any")
            expression = Code(f"dict[str, {items}]")
        elif meant.kind == "model":
            expression = self._object(meant.model, function, is_async, depth)
        elif meant.kind == "union":
            expression = union(self._made(each, function, is_async, depth + 1) for each in meant.members)
        else:
            expression = Code(_SCALARS.get(meant.kind, "Any"))
        return optional(expression, meant.nullable and expression not in ("Any", "None"))

    def _object(self, key: str, function: Function, is_async: bool, depth: int) -> Code:
        model = self.api.models[key]
        name = _called(("async",) if is_async and self._has_file(key) else (), model.words)
        if name not in self.dictionaries:
            self._dictionary(name, "", ())  # stands where it holds itself
            members = []
            for each in model.fields:
                kind = self._made(each.type, function, is_async, depth + 1)
                members.append((each.wire_name, Code(f"Required[{kind}]") if each.required else kind))
            del self.dictionaries[name]
            self._dictionary(
                name, prose(first_sentence(model.description)) or f"What {function.name} puts out.", members
            )
        return name

    def _has_file(self, key: str) -> bool:
        looked, waiting = {key}, [each.type for each in self.api.models[key].fields]
        while waiting:
            result = opened(waiting.pop(), self.api.types)
            if is_file(result):
                return True
            waiting += [*result.members, *([result.items] if result.items else [])]
            if result.kind == "model" and result.model not in looked:
                looked.add(result.model)
                waiting += [each.type for each in self.api.models[result.model].fields]
        return False


def _is_attribute(name: str) -> bool:
    """Whether a class can have it: it would be mangled, or hide a type that its neighbours are declared with."""
    plain = name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("__")
    return plain and name not in _SCALARS.values() and name not in ("list", "dict", "bytes")


def _literal(type_: Type) -> Code | None:
    """All values that it may have; None where Python has no literal of one."""
    if not all(isinstance(value, (str, int, bool)) for value in type_.values):
        return None
    return Code(f"Literal[{', '.join(python_literal(value) for value in type_.values)}]")


def _beside(name: str, type_: str, default: str, taken: set[Code]) -> Argument:
    """An argument of the call itself; where the function has one of that name, it gives way."""
    spelled = next(route for route in (name, f"{name}_", f"{name}_of_the_call") if route not in taken)
    return Argument(Code(spelled), Code(""), Code(f"{spelled}: {type_} = {default}"))


def _lines(function: Function, values: tuple[Argument, ...], option: Argument) -> Iterator[str]:
    """The lines of the docstring about each argument."""
    yield ""
    for param, argument in zip(function.params, values, strict=True):
        lines = [first_sentence(param.description), limits.meanings(param.type), *limits.constraints(param.type)]
        text = " ".join(part for part in lines if part)
        if text:
            yield unlinked(f"{argument.name}: {text}")
    if function.derived is not None:
        yield f"{option.name}: what else {function.derived.base} can be told."
    yield "Raises ArgumentError before anything is sent where an argument is not what it should be."


def _mentioned(
    aliases: tuple[Alias, ...], dictionaries: tuple[Dictionary, ...], classes: tuple[DerivedClass, ...]
) -> Iterator[str]:
    yield from (f"{alias.type} TypeAlias" for alias in aliases)
    for each in dictionaries:
        yield "TypedDict"
        yield from (kind for _, kind in each.members)
    for cls in classes:
        yield "DerivedFunction AsyncDerivedFunction"
        yield from (argument.declaration for argument in cls.arguments)
        yield f"{cls.gives} {cls.async_gives} {cls.job} {cls.async_job} {cls.input}"
        yield "Iterable AsyncGenerator Generator Outcome" if cls.follows else ""
        yield "Any" if cls.anything else ""
