"""The Python client: constants for the operations, typed views, and one thin method a function, sync and async."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ... import names
from ...ir import Api, Function, Group, Loss, Param, Type
from ...names import CLIENT_MODULE, Noun, Words
from ...text import Code, first_sentence, prose, python_docstring, python_literal, visible
from ..base import Derivation, Input, Page, Rendition, Surface
from ..cli import places
from ..shared import metadata, styles
from ..shared.deprecations import notice
from .changelog import changelog
from .credentials import credentials
from .operations import about, asked, held, operations, replaced, shape
from .owners import Owned
from .package import package
from .spelling import COMMON, imports, unlinked
from .synchronous import synchronous
from .types import Child, Types, optional, types_view, union

_FOLDER = "python/[package]/"
_RESOURCE_MODULES = (
    *COMMON,
    ("..", ("_operations",)),
    ("..", ("_types",)),
    ("..runtime.aio.calls", ("AsyncCalls",)),
    ("..runtime.aio.items", ("AsyncStream",)),
    ("..runtime.aio.pages", ("AsyncPage",)),
    ("..runtime.aio.resources", ("AsyncResource",)),
    ("..runtime.aio.webhooks", ("AsyncWebhookResource",)),
    ("..runtime.calls", ("Headers", "Options")),
    ("..runtime.files", ("FileInput",)),
    ("..runtime.objects", ("ObjectInput",)),
    ("..runtime.references", ("_routed",)),
    ("..runtime.requests", ("OMIT", "Omit")),
    ("..runtime.sse", ("Event",)),
    ("..runtime.sync.calls", ("Calls",)),
    ("..runtime.sync.items", ("Stream",)),
    ("..runtime.sync.pages", ("Page",)),
    ("..runtime.sync.resources", ("Resource",)),
    ("..runtime.sync.webhooks", ("WebhookResource",)),
    ("..runtime.transport", ("Timeout",)),
    ("..runtime.views", ("Items", "View")),
)
_BOUND_MODULES = (
    *((module, tuple(n for n in found if n not in ("TYPE_CHECKING", "cached_property"))) for module, found in COMMON),
    ("..", ("_operations",)),
    ("..", ("_types",)),
    ("..runtime.aio.items", ("AsyncStream",)),
    ("..runtime.aio.pages", ("AsyncPage",)),
    ("..runtime.aio.resources", ("AsyncBoundResource",)),
    ("..runtime.calls", ("Headers", "Options")),
    ("..runtime.files", ("FileInput",)),
    ("..runtime.objects", ("ObjectInput",)),
    ("..runtime.requests", ("OMIT", "Omit")),
    ("..runtime.sse", ("Event",)),
    ("..runtime.sync.items", ("Stream",)),
    ("..runtime.sync.pages", ("Page",)),
    ("..runtime.sync.resources", ("BoundResource",)),
    ("..runtime.transport", ("Timeout",)),
    ("..runtime.views", ("Items", "View")),
)
_TWINS = tuple(
    Derivation(f"{_FOLDER}{folder}/aio", f"{_FOLDER}{folder}/sync", synchronous) for folder in ("runtime", "extensions")
)
"""Of these modules the asynchronous one is written, and the synchronous one made from it."""
_PARAMS_MODULES = (
    *COMMON,
    (".", ("_types",)),
    (".runtime.files", ("FileInput",)),
    (".runtime.objects", ("ObjectInput",)),
)
_INCOMING_MODULES = (
    *COMMON,
    (".", ("_types",)),
    (".runtime", ("_incoming",)),
    (".runtime.webhooks", ("Headers", "Secret")),
)
_OBJECT, _JSON_OBJECT = Code("Mapping[str, Any]"), Code("ObjectInput")
"""A free-form object: anywhere, and where it is written as JSON, which takes a dataclass as well."""


@dataclass(frozen=True)
class Argument:
    """One argument of a method: how it is declared and where it goes."""

    name: Code
    key: Code
    type: Code
    declaration: Code


@dataclass(frozen=True)
class Overload:
    """What a method returns where one of its arguments has a certain value."""

    placed: tuple[Argument, ...]
    named: tuple[Argument, ...]
    returns: Code
    async_returns: Code


@dataclass(frozen=True)
class Method:
    """One function as a method."""

    name: Code
    operation: Code
    arguments: tuple[Argument, ...]
    placed: tuple[Argument, ...]
    """What may be given by its place: what the function is about, and where that is nothing, the page of a list."""
    named: tuple[Argument, ...]
    """What goes by its name alone."""
    instead: tuple[Argument, ...]
    """Those that make it call another function."""
    first: Code
    lines: tuple[Code, ...]
    options: tuple[Argument, ...]
    empty: bool
    returns: Code
    async_returns: Code
    overloads: tuple[Overload, ...] = ()


@dataclass(frozen=True)
class ResourceView:
    """A module of one resource."""

    cls: Code
    module: Code
    doc: Code
    sync_base: Code
    async_base: Code
    children: tuple[Child, ...]
    methods: tuple[Method, ...]
    imports: tuple[Code, ...]


@dataclass(frozen=True)
class RawView:
    """A module of one resource's functions that give whole answers."""

    resource: Code
    module: Code
    doc: Code
    methods: tuple[Method, ...]


@dataclass(frozen=True)
class BoundView:
    """A module of one resource's functions as an object has them, without the arguments that name the object."""

    cls: Code
    doc: Code
    methods: tuple[Method, ...]
    imports: tuple[Code, ...]


@dataclass(frozen=True)
class Params:
    """The arguments of one function as a TypedDict."""

    name: Code
    doc: Code
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class ParamsView:
    """The module of the dictionaries of arguments."""

    classes: tuple[Params, ...]
    imports: tuple[Code, ...]


@dataclass(frozen=True)
class WebhooksView:
    """The module that checks the requests of the API; `view` is the class of what they hold, or empty."""

    view: Code
    client: Code
    members: tuple[Code, ...]
    """What the client has under the same name: the module stands for both."""
    names: Code


@dataclass(frozen=True)
class ClientView:
    """The module of the two clients."""

    cls: Code
    doc: Code
    children: tuple[Child, ...]
    functions: bool
    extensions: bool


@dataclass(frozen=True)
class SourceView:
    """A module of ours that the package has as well."""

    source: Code


def render(api: Api) -> Rendition:
    """The Python client."""
    types = Types(api)
    children: dict[str, list[Group]] = {}
    for group in api.groups:
        children.setdefault(group.key.rpartition(".")[0], []).append(group)
    members: dict[str, list[Function]] = {}
    for function in api.functions:
        members.setdefault(function.group, []).append(function)
    nouns, own = names.nouns(api), names.package(api)
    pages = [
        Page(f"{_FOLDER}operations.py.jinja", operations(api, types)),
        Page(f"{_FOLDER}about.py.jinja", about(api)),
        Page(f"{_FOLDER}credentials.py.jinja", credentials(api)),
    ]
    owners: list[Group | None] = [*api.groups]
    for owner in owners + [None] * bool(members.get("")):
        key = owner.key if owner else ""
        base = _base(api, owner, types)
        resource = _resource(owner, members.get(key, []), children.get(key, []) if owner else [], types, base)
        at = {"group": str(resource.module)}
        pages.append(Page(f"{_FOLDER}resources/[group].py.jinja", resource, at))
        if resource.methods:
            raw = RawView(resource.cls, resource.module, resource.doc, resource.methods)
            pages.append(Page(f"{_FOLDER}raw/[group].py.jinja", raw, at))
    pages += _incoming(api, types)  # before the types: these are made when something first mentions them
    client = ClientView(
        cls=own.client,
        doc=python_docstring(prose(api.summary)),
        children=_children(api, children.get("", [])),
        functions=bool(members.get("")),
        extensions=bool(api.extensions),
    )
    pages += [
        Page(f"{_FOLDER}client.py.jinja", client),
        Page(f"{_FOLDER}params.py.jinja", _params(api, types)),
        Page(f"{_FOLDER}types.py.jinja", types_view(types)),
        *_checks(api, types),
        Page(f"{_FOLDER}runtime/styles.py.jinja", SourceView(Code(inspect.getsource(styles)))),
        Page(f"{_FOLDER}__init__.py.jinja", package(api)),
        Page(f"{_FOLDER}exceptions.py.jinja", package(api)),
        Page("python/pyproject.toml.jinja", package(api)),
        Page("python/README.md.jinja", package(api)),
        Page("python/CHANGELOG.md.jinja", changelog(api)),
    ]
    pages += _bound_pages(types)
    pages += metadata.pages(api)
    losses = (*types.losses, *_renamed(nouns))
    lays: Mapping[str, Input] = {"python/[package]/extensions": "extensions"}
    return Rendition(tuple(pages), losses, str(own.module), lays, _TWINS)


def _renamed(nouns: Mapping[str, Noun]) -> Iterable[Loss]:
    for noun in nouns.values():
        for why in noun.why:
            yield Loss(pointer="", surface="python", kind="degraded", reason=why)


@dataclass(frozen=True)
class EventView:
    """A request that the API makes, as the function that reads it."""

    name: Code
    doc: Code
    returns: Code
    view: Code
    signed: bool


@dataclass(frozen=True)
class IncomingView:
    """The module that reads the requests of the API."""

    events: tuple[EventView, ...]
    names: Code
    imports: tuple[Code, ...]


def _incoming(api: Api, types: Types) -> Iterable[Page]:
    """The module that reads the requests of the API, where its description says what they hold."""
    events = []
    for event in api.events:
        spec = types.result(event.type)[1]
        model = event.type.kind == "model" and bool(spec) and spec[0] not in "[{"
        view = Code(f"_types.{spec}") if model else Code("None")
        said = event.summary or first_sentence(event.description) or f"The body of {event.key}."
        doc = python_docstring(unlinked(prose(said)))
        events.append(
            EventView(names.PYTHON.spell(event.words), doc, view if model else Code("Any"), view, event.signed)
        )
    if events:
        listed = python_literal(sorted(str(event.name) for event in events))
        used = [
            *(event.returns for event in events),
            *("Headers Secret" for event in events if event.signed),
            "_incoming",
        ]
        lines = imports(used, _INCOMING_MODULES)
        yield Page(f"{_FOLDER}incoming.py.jinja", IncomingView(tuple(events), listed, lines))


def _checks(api: Api, types: Types) -> Iterable[Page]:
    """The module that checks the requests of the API, where it makes any."""
    if api.webhooks is not None:
        members = tuple(sorted({*_of_webhooks(api)} - {"TOLERANCE", "Delivery", "unwrap", "verify"}))
        view = WebhooksView(
            held(api, types)[0], names.package(api).client, members, python_literal([*map(str, members)])
        )
        yield Page(f"{_FOLDER}webhooks.py.jinja", view)


def _of_webhooks(api: Api) -> Iterable[Code]:
    """The resources and functions of a group that is called as the module is."""
    for group in api.groups:
        if ".".join(group.path[0]) == "webhooks" and len(group.path) == 2:
            yield names.nouns(api)[group.key].python
    for function in api.functions:
        if function.group == "webhooks":
            yield names.called(api)[function.name].method


def _method(function: Function, types: Types) -> Method:
    called = names.called(types.api)[function.name]
    result = shape(function, types)
    arguments = tuple(_argument(param, types, function) for param in function.params)
    lines: list[str] = []
    described = "" if visible(function.description).strip() == function.summary else visible(function.description)
    lines += _wrapped(described)
    lines += ["", notice(function)] if function.deprecated else []
    instead = tuple(_alternative(name, types) for name, _ in function.instead)
    left = replaced(types.api, function)
    arguments = tuple(
        (
            replace(a, declaration=Code(f"{a.name}: {optional(a.type, True)} = None"))
            if names.argument(p.words) in left
            else a
        )
        for p, a in zip(function.params, arguments, strict=True)
    )
    options = _options(function)
    placed = _placed(function, arguments)
    if not any(param.required for param in function.params):
        placed = tuple(option for option in options if option.name.startswith("cursor"))
    joined = (
        {python_literal(function.reference.parts[0][0]): prose(function.reference.shown)} if function.reference else {}
    )
    notes = [
        f"{argument.name}: {text}"
        for p, argument in zip(function.params, arguments, strict=True)
        if (text := _told(p, joined.get(argument.key, "")))
    ]
    for (_, target), argument in zip(function.instead, instead, strict=True):
        whole = types.api.function(target).reference
        notes += [f"{argument.name}: `{prose(whole.shown)}`, in place of {' and '.join(left)}."] if whole else []
    if notes:
        lines.append("")
        for note in notes:
            lines += textwrap.wrap(unlinked(note), 100, subsequent_indent="  ")
    first = prose(function.summary) or prose(function.title) or function.name
    named = tuple(a for a in (*arguments, *instead, *options) if a.name not in {each.name for each in placed})
    return Method(
        name=called.method,
        operation=called.constant,
        arguments=arguments,
        placed=placed,
        named=named,
        instead=instead,
        first=python_docstring(first),
        lines=tuple(python_docstring(line) for line in lines),
        options=options,
        empty=result.returns == "None",
        returns=result.returns,
        async_returns=result.async_returns,
        overloads=tuple(_overloads(function, types, placed, named)),
    )


def _overloads(
    function: Function, types: Types, placed: tuple[Argument, ...], named: tuple[Argument, ...]
) -> Iterator[Overload]:
    """The method as it is called for events, for the whole, and where only the call knows which."""
    key = python_literal(function.result.stream)
    asking = next((argument for argument in named if function.result.stream and argument.key == key), None)
    if asking is None or function.page:
        return
    result, (_, equals, default) = shape(function, types), asking.declaration.partition(" = ")
    rest = f" = {default}" if equals else ""
    also = "".join(f" | {part}" for part in ("None", "Omit") if re.search(rf"\| {part}\b", asking.declaration))
    whole, events = asked(function, types, events=False), asked(function, types, events=True)
    for declared, (returns, async_returns) in (
        (f"{asking.name}: Literal[True]", events),
        (f"{asking.name}: Literal[False]{also}{rest}", whole),
        (str(asking.declaration), (result.returns, result.async_returns)),
    ):
        told = tuple(replace(a, declaration=Code(declared)) if a is asking else a for a in named)
        yield Overload(placed, told, returns, async_returns)


def _options(function: Function) -> tuple[Argument, ...]:
    """What a call may set for itself; where the function has an argument of that name, the option gives way."""
    return tuple(
        Argument(spelled, Code(""), type_, Code(f"{spelled}: {type_} | None = None"))
        for name, spelled in names.options(function).items()
        for type_ in [_OPTIONS[name]]
    )


_OPTIONS = {"timeout": Code("Timeout"), "headers": Code("Headers"), "cursor": Code("str")}


def _alternative(name: str, types: Types) -> Argument:
    spelled, expression = names.keyword(names.words(name)), _or_view(Code("str"), types, names.words(name))
    return Argument(spelled, python_literal(name), expression, Code(f"{spelled}: {optional(expression, True)} = None"))


def _or_view(expression: Code, types: Types, name: Words) -> Code:
    """The annotation of a text, in whose place an object may be given that is called as the argument is."""
    view = types.standing(name)
    return union((expression, Code(f"_types.{view}"))) if view else expression


def _placed(function: Function, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """What may be given by its place, as on the command line. The first of a reference may hold all of it."""
    by_key = {argument.key: argument for argument in arguments}
    found = []
    for _, parts in places(function):
        for index, (name, _) in enumerate(parts):
            argument = by_key[python_literal(name)]
            if index:
                declared = Code(f"{argument.name}: {optional(argument.type, True)} = None")
                argument = replace(argument, declaration=declared)
            found.append(argument)
    # What has no default stands before what has one.
    return tuple(sorted(found, key=lambda argument: argument.declaration.endswith("= None")))


def _told(param: Param, shown: str = "") -> str:
    """What is said of an argument; of one that will go, that too, and of one that may hold others, how they are written."""
    whole = f"Or all in one: `{shown}`." if shown else ""
    return " ".join(part for part in (first_sentence(param.description), whole, notice(param)) if part)


def _wrapped(description: str) -> list[str]:
    """The paragraphs of a description, an empty line before each; fenced code keeps its lines."""
    lines: list[str] = []
    for index, block in enumerate(re.split(r"^[ \t]*```.*$", description, flags=re.MULTILINE)):
        if index % 2:
            lines += ["", *(f"    {line.rstrip()}" if line.strip() else "" for line in block.strip("\n").split("\n"))]
            continue
        for paragraph in re.split(r"\n[ \t]*\n", block):
            lines += ["", *textwrap.wrap(unlinked(prose(paragraph)), 100)] if paragraph.strip() else []
    return lines


def _argument(param: Param, types: Types, function: Function) -> Argument:
    name = names.keyword(param.words)
    as_json = function.body is not None and function.body.kind == "json" and param.location in ("field", "body")
    expression = _in_resources(types, param.type, _JSON_OBJECT if as_json else _OBJECT)
    if param.encoding == "duration":
        expression = Code("int | str")
    elif param.encoding == "wait":
        expression = Code("int")
    elif param.type.kind == "string" and expression.removesuffix(" | None") == "str":
        expression = _or_view(expression, types, param.words)
    if param.required:
        declared = expression
    elif param.type.nullable:
        declared = Code(f"{expression} | Omit = OMIT")
    else:
        declared = Code(f"{optional(expression, True)} = None" if expression != "Any" else "Any = None")
    return Argument(name, python_literal(names.argument(param.words)), expression, Code(f"{name}: {declared}"))


def _params(api: Api, types: Types) -> ParamsView:
    classes = []
    for function in api.functions:
        arguments = [_argument(param, types, function) for param in function.params]
        shown = [
            replace(a, type=Code(f"Required[{a.type}]")) if p.required else a
            for a, p in zip(arguments, function.params, strict=True)
        ]
        name = names.params_class(function)
        doc = python_docstring(f"Arguments of {function.name}: {prose(function.summary) or prose(function.title)}")
        if shown:
            classes.append(Params(name, doc, tuple(shown)))
    used = ["TypedDict", *(argument.type for cls in classes for argument in cls.arguments)]
    return ParamsView(tuple(classes), imports(used, _PARAMS_MODULES))


def _in_resources(types: Types, type_: Type, free: Code) -> Code:
    """The annotation of an argument, where classes of `types` are reached through their module; `free` is that of an
    object with no fields of its own."""
    if type_.name:
        expression = Code(f"_types.{types.argument(replace(type_, nullable=False))}")
    elif type_.kind == "model":
        found = types.typed_dict(type_.model)
        expression = Code(f"_types.{found}") if found else free
    elif type_.kind == "map" and (not type_.items or types.argument(type_.items) == "Any"):
        expression = free
    elif type_.kind in ("array", "map") and type_.items:
        head = "Sequence[" if type_.kind == "array" else "Mapping[str, "
        expression = Code(f"{head}{_in_resources(types, type_.items, free)}]")
    elif type_.kind == "union":
        expression = union(_in_resources(types, member, free) for member in type_.members)
    else:
        return types.argument(type_)
    return optional(expression, type_.nullable)


def _base(api: Api, group: Group | None, types: Types) -> tuple[Code, Code]:
    """What the classes of a noun extend."""
    if group is None:
        return Code("Calls"), Code("AsyncCalls")
    if api.webhooks is None or api.webhooks.group != group.key:
        return Code("Resource"), Code("AsyncResource")
    view, async_view = (f"_types.{name}" if name else "Mapping[str, Any]" for name in held(api, types))
    return Code(f"WebhookResource[{view}]"), Code(f"AsyncWebhookResource[{async_view}]")


def _resource(
    group: Group | None,
    functions: list[Function],
    nested: list[Group],
    types: Types,
    base: tuple[Code, Code],
) -> ResourceView:
    methods = tuple(_method(f, types) for f in functions)
    noun = names.nouns(types.api)[group.key] if group else None
    return ResourceView(
        cls=noun.resource if noun else Code("ClientFunctions"),
        module=noun.module if noun else Code(CLIENT_MODULE),
        doc=python_docstring((prose(group.summary) or prose(group.title)) if group else "Functions without a group."),
        sync_base=base[0],
        async_base=base[1],
        children=_children(types.api, nested),
        methods=methods,
        imports=imports(_mentioned(methods, bool(nested), base), _RESOURCE_MODULES),
    )


def _bound_pages(types: Types) -> Iterable[Page]:
    """The modules of the functions that objects have."""
    reached = {child.module for cls in types.classes() for child in cls.children}
    for key, found in types.owners.items():
        named = {argument for argument, _ in types.identities[key].arguments}
        for owned in found:
            if (module := names.nouns(types.api)[owned.group.key].module) in reached:
                yield Page(f"{_FOLDER}bound/[group].py.jinja", _bound(owned, named, types), {"group": str(module)})


def _bound(owned: Owned, named: set[str], types: Types) -> BoundView:
    """The functions of one object: its own arguments are gone, and what a reference made optional is not."""
    methods = []
    for function in owned.functions:
        method = _method(function, types)
        keys = {python_literal(name) for name in named}
        left = tuple(argument for argument in method.arguments if argument.key not in keys)
        by_name = {argument.name: argument for argument in left}
        placed = tuple(by_name[each.name] for each in method.placed if each.name in by_name)
        beside = tuple(each for each in method.named if each.key not in keys)
        overloads = tuple(
            replace(each, placed=placed, named=tuple(a for a in each.named if a.key not in keys))
            for each in method.overloads
        )
        methods.append(replace(method, arguments=left, placed=placed, named=beside, overloads=overloads))
    doc = python_docstring(prose(owned.group.summary) or prose(owned.group.title) or owned.group.key)
    used = imports(
        [*_mentioned(tuple(methods), False, (Code("BoundResource"), Code("AsyncBoundResource")))], _BOUND_MODULES
    )
    return BoundView(names.nouns(types.api)[owned.group.key].resource, doc, tuple(methods), used)


def _mentioned(methods: tuple[Method, ...], nested: bool, base: tuple[Code, Code]) -> Iterable[str]:
    yield " ".join(base) + (" cached_property TYPE_CHECKING" if nested or methods else "")
    for method in methods:
        yield f"{method.returns} {method.async_returns} _operations Options Timeout Headers"
        yield from (argument.declaration for argument in method.arguments)
        yield "overload Literal" if method.overloads else ""
        yield "_routed" if method.instead else ""


def _children(api: Api, groups: list[Group]) -> tuple[Child, ...]:
    nouns = names.nouns(api)
    found = [
        Child(
            name=nouns[group.key].python,
            module=nouns[group.key].module,
            cls=nouns[group.key].resource,
            doc=python_docstring(prose(group.summary) or prose(group.title) or group.key),
        )
        for group in groups
    ]
    return tuple(sorted(found, key=lambda child: child.module))  # they are imported in this order


SURFACE = Surface("python", render)
