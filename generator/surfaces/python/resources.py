"""A module of methods for each noun: on the client, with whole answers, and on the objects that have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ... import names
from ...ir import Api, Function, Group
from ...names import CLIENT_MODULE
from ...text import Code, prose, python_docstring, python_literal
from ..base import Page
from .derived import attributes
from .methods import Method, method_of
from .operations import payload_views
from .owners import Owned
from .spelling import COMMON, FOLDER, import_order, imports
from .types import Child, Types

_RESOURCE_MODULES = (
    *COMMON,
    ("..", ("_operations",)),
    ("..", ("_types",)),
    ("..extensions.added", ("AddedResource", "AsyncAddedResource")),
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
    *((module, tuple(n for n in result if n not in ("TYPE_CHECKING", "cached_property"))) for module, result in COMMON),
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
    derived: tuple[Child, ...] = ()
    """The functions that are made of others, each an object that is called."""


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


def base(api: Api, group: Group | None, types: Types) -> tuple[Code, Code]:
    """What the classes of a noun extend."""
    if group is None:
        return Code("Calls"), Code("AsyncCalls")
    if api.extensions and any(runner.adds == group.key for runner in api.runners):
        return Code("AddedResource"), Code("AsyncAddedResource")
    if api.webhooks is None or api.webhooks.group != group.key:
        return Code("Resource"), Code("AsyncResource")
    view, async_view = (f"_types.{name}" if name else "Mapping[str, Any]" for name in payload_views(api, types))
    return Code(f"WebhookResource[{view}]"), Code(f"AsyncWebhookResource[{async_view}]")


def resource(
    group: Group | None,
    functions: list[Function],
    nested: list[Group],
    types: Types,
    base: tuple[Code, Code],
) -> ResourceView:
    """The module of the functions of one noun, or of those without a noun."""
    methods = tuple(method_of(f, types) for f in functions)
    noun = names.nouns(types.api)[group.key] if group else None
    made = attributes(types.api, group.key) if group else ()
    return ResourceView(
        cls=noun.resource if noun else Code("ClientFunctions"),
        module=noun.module if noun else Code(CLIENT_MODULE),
        doc=python_docstring((prose(group.summary) or prose(group.title)) if group else "Functions without a group."),
        sync_base=base[0],
        async_base=base[1],
        children=children(types.api, nested),
        methods=methods,
        imports=imports(_mentioned(methods, bool(nested or made), base), _RESOURCE_MODULES),
        derived=made,
    )


def bound_pages(types: Types) -> Iterable[Page]:
    """The modules of the functions that objects have."""
    reached = {child.module for cls in types.classes() for child in cls.children}
    for key, result in types.owners.items():
        named = {argument for argument, _ in types.identities[key].arguments}
        for owned in result:
            if (module := names.nouns(types.api)[owned.group.key].module) in reached:
                yield Page(f"{FOLDER}bound/[group].py.jinja", _bound(owned, named, types), {"group": str(module)})


def _bound(owned: Owned, named: set[str], types: Types) -> BoundView:
    """The functions of one object: its own arguments are gone, and what a reference made optional is not."""
    methods = []
    for function in owned.functions:
        method = method_of(function, types)
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
        # What an argument is called is no use of what is imported: a `date` that is a time needs no `date`.
        yield from (argument.declaration.partition(": ")[2] for argument in method.arguments)
        yield "overload Literal" if method.overloads else ""
        yield "_routed" if method.instead else ""


def children(api: Api, groups: list[Group]) -> tuple[Child, ...]:
    """What the nouns below another, or below the client, are called there."""
    nouns = names.nouns(api)
    results = [
        Child(
            name=nouns[group.key].python,
            module=nouns[group.key].module,
            cls=nouns[group.key].resource,
            doc=python_docstring(prose(group.summary) or prose(group.title) or group.key),
        )
        for group in groups
    ]
    return tuple(sorted(results, key=lambda child: import_order(child.module)))  # they are imported in this order
