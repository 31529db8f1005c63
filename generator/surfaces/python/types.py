"""The classes of the module `types`: views of what an API answers, and dictionaries that it takes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from ... import names
from ...ir import Api, Field, Function, Loss, Model, Type, opened
from ...names import PYTHON, Words
from ...text import Code, prose, python_docstring, python_literal
from ..shared.limits import FEW, meanings
from . import unions
from .owners import identities, owners
from .spelling import COMMON, import_order, imports, sentence

_SCALARS = {"boolean": "bool", "integer": "int", "number": "float", "string": "str", "binary": "str", "null": "None"}
_READ = {
    ("string", "date-time"): Code("datetime"),
    ("string", "date"): Code("date"),
    ("integer", ""): Code("int"),
    ("number", ""): Code("float"),
}
"""What the text or number of a field is read as, when it is looked at."""
_MOST_VALUES = 200
"""Of one name; a type checker compares each with each."""
_TEXT = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
_VALUE = re.compile(rf"{_TEXT}|-?\w+")
_MARKS = re.compile(rf"{_TEXT}|\[|\]| \| ")
_TYPES_MODULES = (
    *COMMON,
    (".runtime.aio.jobviews", ("AsyncJob",)),
    (".runtime.files", ("FileInput",)),
    (".runtime.owners", ("Owner",)),
    (".runtime.sync.jobviews", ("Job",)),
    (".runtime.choices", ("_Choice",)),
    (".runtime.views", ("Items", "View")),
)
_NAME_OR_TEXT = re.compile(rf"{_TEXT}|[A-Za-z_]\w*")


_NONE, _NOTHING = Code("()"), Code("{}")


@dataclass(frozen=True)
class Attribute:
    """One field of a view or a TypedDict."""

    name: Code
    type: Code
    doc: Code


@dataclass(frozen=True)
class Child:
    """A resource that hangs on the client, on another one or on an object."""

    name: Code
    module: Code
    cls: Code
    doc: Code


@dataclass(frozen=True)
class Class:
    """One class of `types`."""

    name: Code
    bases: Code
    slots: bool
    doc: Code
    job: Code
    wire: Code
    views: Code
    attributes: tuple[Attribute, ...]
    identity: Code = _NONE
    """(field on the wire, the separator that follows it) of the text that stands for it."""
    arguments: Code = _NOTHING
    """Argument -> field: what the functions that it has ask for."""
    children: tuple[Child, ...] = ()
    """The functions that are about it."""

    @property
    def extends(self) -> bool:
        """Whether it is made of another class of the module, which must stand before it."""
        return bool(self.job) or self.arguments != "{}"


@dataclass(frozen=True)
class Alias:
    """A name of `types` for an enumeration, or for a union, list or map, whose meaning is a text: it may hold itself."""

    name: Code
    type: Code
    written: Code
    doc: Code


@dataclass(frozen=True)
class TypesView:
    """The module of the types."""

    named: tuple[tuple[Code, Code], ...]

    classes: tuple[Class, ...]
    aliases: tuple[Alias, ...]
    imports: tuple[Code, ...]
    modules: tuple[Code, ...]
    """Those of the functions that objects have."""


@dataclass(frozen=True)
class Shape:
    """What the result of a function becomes, and what its method says that it returns, for each of the two clients."""

    view: Code
    async_view: Code
    array: bool
    returns: Code
    async_returns: Code


class Types:
    """The classes of `types`, made when something first mentions them."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.losses: list[Loss] = []
        self._asked: dict[tuple[str, str], Code] = {}
        self._made: dict[Code, Class] = {}
        self._aliases: dict[Code, Alias] = {}
        self.asking = ""
        """The place that asks for a type: a function, or a class and its attribute."""
        self.shapes: dict[str, tuple[Function, Shape]] = {}
        """What `operations.shape` found, by the names of functions."""
        self._spelled: set[str] = set()
        self._opened: list[str] = []
        self._choices: dict[Code, str] = {}
        self._specs: dict[Code, str] = {}
        self._named: deque[tuple[Code, str, str]] = deque()
        self._jobs: dict[str, str] = {}
        for function in api.functions:
            if function.job and function.result.type and function.result.type.kind == "model":
                self._jobs.setdefault(function.result.type.model, function.job)
        self.identities = identities(api)
        self.owners = owners(api, self.identities)

    def classes(self) -> tuple[Class, ...]:
        """Sorted by name; those that extend another one come last."""
        return tuple(self._made[name] for name in sorted(self._made, key=lambda n: (self._made[n].extends, n)))

    def aliases(self) -> tuple[Alias, ...]:
        """Sorted by name."""
        return tuple(self._aliases[name] for name in sorted(self._aliases))

    def view(self, key: str, side: str = "data") -> Code | None:
        """The view of a model; None where it has no known field.

        side: a job is followed with the client that gave it, and functions that an object has are called with it, so
        these have a class for each: "sync" and "async". Inside another object they stay "data".
        """
        if not self.api.models[key].fields:
            return None
        return self._class(key, side if key in self._jobs or key in self.owners else "view")

    def standing(self, words: Words) -> Code | None:
        """The view that an argument of this name accepts in place of its text."""
        for key, identity in self.identities.items():
            if identity.text and self.api.models[key].words == words:
                return self.view(key)
        return None

    def typed_dict(self, key: str) -> Code | None:
        """The TypedDict of a model; None where it has no known field or one that Python cannot spell."""
        model = self.api.models[key]
        if not model.fields or any(str(_key(f)) != f.wire_name for f in model.fields):
            return None
        return self._class(key, "input")

    def _class(self, key: str, variant: str) -> Code:
        if (key, variant) in self._asked:
            return self._asked[key, variant]
        model = self.api.named[key]
        spelled, name = names.classes(self.api)[key, variant], names.plainly(self.api, key, variant)
        if spelled != name:
            reason = f"its class is called {spelled}, since another one is called {name}"
            self.losses.append(Loss(pointer=model.place.pointer, surface="python", kind="degraded", reason=reason))
        self._asked[key, variant] = spelled
        self._spelled.add(spelled)
        self._named.append((spelled, key, variant))
        if len(self._named) == 1:
            # The classes that a class mentions are named by it and made after it: no chain of models is too long.
            asking = self.asking
            while self._named:
                self._make(*self._named[0])
                self._named.popleft()
            self.asking = asking
        return spelled

    def _make(self, name: Code, key: str, variant: str) -> None:
        if key in self.api.types:
            named = self.api.types[key]
            if named.type.values:
                listed = _literal(named.type) if len(named.type.values) <= _MOST_VALUES else None
                meaning = listed or Code(_SCALARS[named.type.kind])
            else:
                meaning = self.argument(named.type) if variant == "input" else self._decoded(named.type)
            if variant == "view" and key in self._with_views:
                self.asking = f"{name}.of"
                meaning, self._specs[name] = self.result(named.type)
            doc = sentence(named.description) or python_docstring(f"{name}.")
            # The values are there at run time as well: `typing.get_args` gives them.
            written = meaning if named.type.values else python_literal(str(meaning))
            self._aliases[name] = Alias(name, meaning, written, doc)
        elif variant == "input":
            self._made[name] = self._typed_dict(name, self.api.models[key])
        elif variant in ("sync", "async"):
            self._made[name] = self._of_client(name, key, "Async" if variant == "async" else "")
        else:
            view = self._view(name, self.api.models[key], key in self._jobs)
            identity = self.identities[key].text if key in self.identities else ()
            self._made[name] = replace(view, identity=python_literal(identity))

    def _of_client(self, name: Code, key: str, side: str) -> Class:
        """The class of what can be followed or has functions, with one of the two clients."""
        data, model, none = self._class(key, "data"), self.api.models[key], Code("{}")
        doc = sentence(model.description) or python_docstring(f"{name}.")
        job = python_literal(self._jobs[key]) if key in self._jobs else Code("")
        bases = Code(", ".join([*[f"{side}Job"] * bool(job), *["Owner"] * (key in self.owners), data]))
        made = Class(name, bases, True, doc, job, none, none, ())
        if key not in self.owners:
            return made
        return replace(
            made,
            arguments=python_literal(dict(self.identities[key].arguments)),
            children=tuple(self._children(key, side)),
        )

    def _children(self, key: str, side: str) -> Iterable[Child]:
        model = self.api.models[key]
        fields, nouns = {*names.fields(model, job=True).of.values()}, names.nouns(self.api)
        for owned in self.owners[key]:
            noun = nouns[owned.group.key]
            name = names.on_object(owned.group)
            if name in fields:
                if not side:
                    reason = f"{name} is a field of it, so its functions of that name are those of the client alone"
                    self.losses.append(
                        Loss(pointer=model.place.pointer, surface="python", kind="degraded", reason=reason)
                    )
                continue
            doc = python_docstring(prose(owned.group.summary) or prose(owned.group.title) or owned.group.key)
            yield Child(name, noun.module, Code(f"{side}{noun.resource}"), doc)

    def _view(self, name: Code, model: Model, job: bool) -> Class:
        named = names.fields(model, job)
        for field, taken in named.hidden:
            reason = f"the attribute {taken} stands for another field; read this one as view[name]"
            self.losses.append(Loss(pointer=field.place.pointer, surface="python", kind="degraded", reason=reason))
        attributes: list[Attribute] = []
        wire: dict[str, str] = {}
        views: dict[str, str] = {}
        for field in model.fields:
            spelled = named.of.get(field.wire_name)
            if spelled is None:
                continue
            self.asking = f"{name}.{spelled}"
            expression, spec = self.result(field.type)
            if not spec and (
                read := _READ.get((field.type.kind, field.type.format)) or _READ.get((field.type.kind, ""))
            ):
                spec = str(read)
            if not field.required and not expression.endswith("None") and expression != "Any":
                expression = Code(expression + " | None")
            if spelled != field.wire_name:
                wire[str(spelled)] = field.wire_name
            if spec:
                views[str(spelled)] = spec
            attributes.append(Attribute(spelled, expression, sentence(field.description, meanings(field.type))))
        doc = sentence(model.description) or python_docstring(f"{name}.")
        wired, viewed = python_literal(wire), python_literal(views)
        return Class(name, Code("View"), True, doc, Code(""), wired, viewed, tuple(attributes))

    def _typed_dict(self, name: Code, model: Model) -> Class:
        attributes = []
        for field in model.fields:
            expression = self.argument(field.type)
            expression = Code(f"Required[{expression}]") if field.required else expression
            attributes.append(Attribute(_key(field), expression, sentence(field.description, meanings(field.type))))
        doc = sentence(model.description) or python_docstring(f"{name}.")
        none = Code("{}")
        return Class(name, Code("TypedDict, total=False"), False, doc, Code(""), none, none, tuple(attributes))

    def result(self, type_: Type, side: str = "data") -> tuple[Code, str]:
        """The annotation of a result, and which view its value becomes."""
        expression, spec = self._result(type_, side)
        return optional(expression, type_.nullable), spec

    def named(self) -> tuple[tuple[Code, Code], ...]:
        """What specs name that is no class: a spec of its own, or what tells the objects of a union apart."""
        result = {name: value for value, name in self._choices.items()}
        result |= {str(name): python_literal(spec) for name, spec in self._specs.items()}
        return tuple((python_literal(name), result[name]) for name in sorted(result))

    def qualified(self, expression: Code) -> Code:
        """An annotation as a module writes it that reaches the classes of `types` through theirs."""
        known = self._spelled
        return Code(_NAME_OR_TEXT.sub(lambda each: f"_types.{each[0]}" if each[0] in known else each[0], expression))

    def _named_result(self, type_: Type, side: str) -> tuple[Code, str]:
        """A named type is its alias, but where the classes of one client stand in it."""
        if side != "data" and type_.name in self._of_clients and type_.name not in self._opened:
            self._opened.append(type_.name)
            outcome = self.result(replace(opened(type_, self.api.types), name="", nullable=False), side)
            self._opened.pop()
            return outcome
        alias = self._class(type_.name, "view")
        return alias, str(alias) if type_.name in self._with_views else ""

    @cached_property
    def _with_views(self) -> frozenset[str]:
        """The named types in which something becomes a view or is read, however deep."""
        return self._holding(lambda part: bool(_date(part) or (part.model and self.api.models[part.model].fields)))

    @cached_property
    def _of_clients(self) -> frozenset[str]:
        """The named types in which an object stands that has a class for each client."""
        return self._holding(lambda part: part.model in self._jobs or part.model in self.owners)

    def _holding(self, result: Callable[[Type], bool]) -> frozenset[str]:
        """The named types in which such a type stands, however deep."""
        holders: dict[str, list[str]] = {}
        todo = []
        for key, named in self.api.types.items():
            parts = [named.type]
            while parts:
                part = parts.pop()
                if part.kind == "named":
                    holders.setdefault(part.name, []).append(key)
                elif result(part):
                    todo.append(key)
                parts += [*part.members, *([part.items] if part.items else [])]
        known: set[str] = set()
        while todo:
            if (key := todo.pop()) not in known:
                known.add(key)
                todo += holders.get(key, [])
        return frozenset(known)

    def _decoded(self, type_: Type) -> Code:
        """The annotation of decoded JSON without views."""
        if type_.name and not type_.values:
            expression = self._class(type_.name, "view")
        elif type_.kind == "array":
            expression = Code(f"Sequence[{self._decoded(type_.items) if type_.items else 'Any'}]")
        elif type_.kind in ("map", "model"):
            expression = Code(f"Mapping[str, {self._decoded(type_.items) if type_.items else 'Any'}]")
        elif type_.kind == "union":
            expression = union(self._decoded(member) for member in type_.members)
        else:
            expression = self._scalar(type_, open_=True)
        return optional(expression, type_.nullable)

    def _result(self, type_: Type, side: str) -> tuple[Code, str]:
        if type_.name and not type_.values:
            return self._named_result(type_, side)
        if type_.kind == "model":
            view = self.view(type_.model, side)
            return (view, str(view)) if view else (Code("Mapping[str, Any]"), "")
        if type_.kind == "array" and type_.items:
            expression, spec = self.result(type_.items, side)
            return (Code(f"Items[{expression}]"), f"[{spec}]") if spec else (Code(f"Sequence[{expression}]"), "")
        if type_.kind == "map" and type_.items:
            expression, spec = self.result(type_.items, side)
            return Code(f"Mapping[str, {expression}]"), f"{{{spec}}}" if spec else ""
        if type_.kind == "union":
            return self._union(type_, side)
        read = _date(type_)
        return (read, str(read)) if read else (self._scalar(type_, open_=True), "")

    def _union(self, type_: Type, side: str) -> tuple[Code, str]:
        """Several objects are told apart when one is looked at; one that is none of them is a plain view."""
        parts = tuple(unions.flattened(type_, self.api.types))
        objects = [part for part in parts if part.kind in ("model", "map")]
        views = [part for part in objects if part.kind == "model" and self.api.models[part.model].fields]
        side = side if len(objects) == 1 else "data"
        matches = union(self.result(member, side)[0] for member in type_.members)
        if matches == "Any":
            return matches, ""
        specs = []
        if len(objects) == 1:
            specs.append(self.result(objects[0], side)[1])
        elif views:
            free = len(views) < len(objects)
            matches = matches if free else union((matches, Code("View")))
            specs.append(self._choice(unions.choice(type_, self.api, lambda key: str(self.view(key, "data")), free)))
            specs.append(self._inside([part for part in objects if part.kind == "map"], "{", side))
        specs.append(self._inside([part for part in parts if part.kind == "array"], "[", side))
        specs += [str(read) for part in parts if (read := _date(part))][:1]
        return matches, "|".join(filter(None, specs))

    def _inside(self, parts: list[Type], bracket: str, side: str) -> str:
        """The spec of the lists, or of the maps, that a union has."""
        items = tuple(dict.fromkeys(part.items for part in parts if part.items))
        if not items:
            return ""
        meant = items[0] if len(items) == 1 else Type(kind="union", members=items)
        spec = self.result(meant, side)[1]
        return f"{bracket}{spec}{']' if bracket == '[' else '}'}" if spec else ""

    def _choice(self, value: Code) -> str:
        """The name of what tells the objects of a union apart: after the place that first asks for it."""
        if value not in self._choices:
            number = sum(name.split("~")[0] == self.asking for name in self._choices.values()) + 1
            self._choices[value] = f"{self.asking}~{number}" if number > 1 else self.asking
        return self._choices[value]

    def argument(self, type_: Type) -> Code:
        """The annotation of an argument."""
        if type_.name and not type_.values:
            expression = self._class(type_.name, "input")
        elif type_.kind == "model":
            expression = self.typed_dict(type_.model) or Code("Mapping[str, Any]")
        elif type_.kind == "array":
            expression = Code(f"Sequence[{self.argument(type_.items) if type_.items else 'Any'}]")
        elif type_.kind == "map":
            expression = Code(f"Mapping[str, {self.argument(type_.items) if type_.items else 'Any'}]")
        elif type_.kind == "union":
            expression = union(self.argument(member) for member in type_.members)
        elif type_.kind == "binary":
            expression = Code("FileInput")
        elif type_.kind == "string" and (read := _READ.get(("string", type_.format))) and not type_.values:
            expression = Code(f"{read} | str")
        else:
            expression = self._scalar(type_, open_=False)
        return optional(expression, type_.nullable)

    def values(self, type_: Type) -> Code | None:
        """The values that a type lists: by their name, or in place where they are few and have none."""
        if type_.name:
            return self._class(type_.name, "view")
        return _literal(type_) if 0 < len(type_.values) <= FEW else None

    def _scalar(self, type_: Type, *, open_: bool) -> Code:
        plain, values = _SCALARS.get(type_.kind, "Any"), self.values(type_) if type_.values else None
        if values is None:
            return Code(plain)
        # What a server answers is never closed: tomorrow's value must not be a type error.
        return Code(f"{values} | {plain}" if open_ and plain != "Any" else "Any" if open_ else values)


def _literal(type_: Type) -> Code | None:
    """The values that a type lists, if Python has literals of them."""
    if not all(type(value) in (str, int, bool) for value in type_.values):
        return None
    return Code(f"Literal[{', '.join(python_literal(value) for value in type_.values)}]")


def _date(type_: Type) -> Code | None:
    """What a text is read as wherever it stands, if it is a date or a time."""
    return _READ.get((type_.kind, type_.format)) if type_.kind == "string" else None


def union(expressions: Iterable[Code]) -> Code:
    parts = dict.fromkeys(part for expression in expressions for part in _split(expression))
    if "Any" in parts:
        return Code("Any")
    literals = [part for part in parts if part.startswith("Literal[")]
    if len(literals) > 1:
        # One Literal of all the values, where the first of them stands.
        values = dict.fromkeys(value[0] for part in literals for value in _VALUE.finditer(part, len("Literal[")))
        together = f"Literal[{', '.join(values)}]"
        parts = dict.fromkeys(together if part in literals else part for part in parts)
    ordered = [part for part in parts if part != "None"] + [part for part in parts if part == "None"]
    return Code(" | ".join(ordered))


def _split(expression: Code) -> Iterable[str]:
    """The alternatives of an annotation: what stands in brackets and in texts keeps its own."""
    depth = start = 0
    for result in _MARKS.finditer(expression):
        mark = result[0]
        depth += (mark == "[") - (mark == "]")
        if mark == " | " and depth == 0:
            yield expression[start : result.start()]
            start = result.end()
    yield expression[start:]


def optional(expression: Code, nullable: bool) -> Code:
    if not nullable or expression in ("Any", "None") or expression.endswith("| None"):
        return expression
    return Code(f"{expression} | None")


def _key(field: Field) -> Code:
    spelled = field.wire_name
    usable = spelled.isidentifier() and spelled.isascii() and not spelled.startswith("__")
    return Code(spelled) if usable and spelled not in PYTHON.reserved - {"self", "cls"} else Code("")


def types_view(types: Types) -> TypesView:
    for key, each in types.api.types.items():
        if each.type.values:
            types.values(replace(each.type, name=key))  # callers name them, whatever mentions them here
    classes, aliases = types.classes(), types.aliases()
    mentioned = [str(a.type) for c in classes for a in c.attributes]
    mentioned += [f"{c.bases} {'ClassVar' if c.job or c.identity != '()' else ''}" for c in classes]
    mentioned += ["ClassVar Mapping" for c in classes if {c.wire, c.views, c.arguments} != {"{}"}]
    mentioned += [f"TypeAlias {alias.type}" for alias in aliases]
    used = tuple(sorted({child.module for c in classes for child in c.children}, key=import_order))
    mentioned += ["TYPE_CHECKING"] * bool(used)
    mentioned += [f"Mapping {value}" for _, value in types.named()]
    return TypesView(types.named(), classes, aliases, imports(mentioned, _TYPES_MODULES), used)
