"""The Lua surfaces: the table of operations for the plain module. Code mode needs nothing of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .. import names
from ..ir import Api, Auth, Function, Job, Json, Param, Type
from ..ir import Page as Pages
from ..text import Code, first_sentence, lua_literal, markdown, prose
from .base import Page, Rendition, Surface
from .metadata import aliases

HEADER = Code("Made by surfacegen from the API's description. Do not edit: run `make generate`.")

MODULES = ("cjson", "client", "dkjson", "json", "luasocket", "multipart", "operations", "request", "spelling")


@dataclass(frozen=True)
class Alias:
    """Another name of a function."""

    name: str
    target: str


@dataclass(frozen=True)
class OperationView:
    """One operation; strings are escaped by the template, what is Code is Lua already."""

    name: str
    short: str
    method: str
    path: str
    server: str
    body_kind: str
    media_type: str
    flattened: bool
    body_required: bool
    result: str
    authenticated: bool
    page: Code
    job: Code
    params: tuple[Code, ...]


@dataclass(frozen=True)
class OperationsView:
    """`operations.lua`."""

    header: Code
    base_url: str
    user_agent: str
    auth: Code
    operations: tuple[OperationView, ...]
    aliases: tuple[Alias, ...]
    tree: Code


@dataclass(frozen=True)
class ModuleView:
    """The module itself."""

    header: Code
    summary: Code
    version: str


@dataclass(frozen=True)
class ModuleFile:
    """One file of the module, as `require` and the disk name it."""

    name: str
    file: str


@dataclass(frozen=True)
class RockspecView:
    """What luarocks installs."""

    header: Code
    package: str
    revision: str
    source: str
    summary: str
    homepage: str
    modules: tuple[ModuleFile, ...]


@dataclass(frozen=True)
class ReadmeView:
    """The module's README."""

    title: Code
    summary: Code
    name: Code
    package: Code
    first: str


@dataclass(frozen=True)
class SharedView:
    """A file that stands in two places."""


@dataclass(frozen=True)
class MetaParam:
    """One argument as an editor shows it."""

    name: Code
    mark: Code
    type: Code
    description: Code


@dataclass(frozen=True)
class MetaFunction:
    """One function as an editor shows it."""

    name: Code
    short: Code
    mark: Code
    result: Code
    summary: Code
    params: tuple[MetaParam, ...]


@dataclass(frozen=True)
class MetaView:
    """The annotations for editors."""

    header: Code
    package: Code
    functions: tuple[MetaFunction, ...]


_META = {
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "string": "string",
    "binary": "string|table",
    "map": "table<string, any>",
    "model": "table",
}
_META_RESULTS = {"json": "any", "text": "string?", "binary": "string?", "events": "string?", "empty": "true?"}
_OPTIONAL = Code("?")
_NOTHING = Code("")


def meta_type(kind: Type) -> str:
    """The LuaCATS type of an argument."""
    if kind.kind == "array":
        return f"({meta_type(kind.items)})[]" if kind.items else "any[]"
    if kind.kind == "union":
        return "|".join(dict.fromkeys(meta_type(member) for member in kind.members))
    return _META.get(kind.kind, "any")


def meta_of(api: Api) -> MetaView:
    """The annotations of every function."""
    return MetaView(
        header=HEADER,
        package=names.SNAKE.spell(names.words(api.package)),
        functions=tuple(
            MetaFunction(
                name=names.SNAKE.spell(names.words(function.name)),
                short=names.LUA.spell(function.words),
                mark=_NOTHING if any(param.required for param in function.params) else _OPTIONAL,
                result=Code(_META_RESULTS[function.result.kind]),
                summary=Code(prose(function.summary)),
                params=tuple(
                    MetaParam(
                        name=names.SNAKE.spell(param.words),
                        mark=_NOTHING if param.required else _OPTIONAL,
                        type=Code(meta_type(param.type)),
                        description=Code(first_sentence(param.description)),
                    )
                    for param in function.params
                ),
            )
            for function in api.functions
        ),
    )


def table(fields: dict[str, Json]) -> Code:
    """A Lua table constructor of fields whose names are ours; what is None is left out."""
    inner = ", ".join(f"{name} = {lua_literal(value)}" for name, value in fields.items() if value is not None)
    return Code("{ " + inner + " }" if inner else "{}")


def param_of(param: Param) -> Code:
    """One argument as request.lua reads it."""
    return table(
        {
            "name": str(names.SNAKE.spell(param.words)),
            "wire": param.wire_name,
            "location": param.location,
            "kind": param.type.kind,
            "required": param.required or None,
            "nullable": param.type.nullable or None,
            "style": param.style,
            "explode": param.explode or None,
            "allow_reserved": param.allow_reserved or None,
            "media": param.media_type,
            "encoding": param.encoding,
            "minimum": param.type.minimum,
            "maximum": param.type.maximum,
        }
    )


def page_of(page: Pages | None) -> Code:
    """How a list goes on, or nil."""
    return table({"items": page.items, "next": page.next}) if page else Code("nil")


def job_of(job: Job | None) -> Code:
    """How a job is followed, or nil."""
    if job is None:
        return Code("nil")
    return table(
        {
            "id": job.id,
            "status": job.status,
            "terminal": dict.fromkeys(job.terminal, True),
            "poll": job.poll,
            "argument": job.argument,
            "interval": job.interval,
        }
    )


def auth_of(auth: Auth | None) -> Code:
    """How the token travels, or false."""
    return table({"kind": auth.kind, "name": auth.name}) if auth else Code("false")


def operation_of(api: Api, function: Function) -> OperationView:
    """One operation's view."""
    body = function.body
    return OperationView(
        name=function.name,
        short=str(names.LUA.spell(function.words)),
        method=function.method,
        path=function.path,
        server=function.server,
        body_kind=body.kind if body else "",
        media_type=body.media_type if body else "",
        flattened=bool(body and body.flattened),
        body_required=bool(body and body.required),
        result=function.result.kind,
        authenticated=function.authenticated,
        page=page_of(function.page),
        job=job_of(api.jobs[function.job] if function.job else None),
        params=tuple(param_of(param) for param in function.params),
    )


def tree_of(api: Api) -> Code:
    """The groups as nested tables: functions by verb, groups by name."""
    root: dict[str, Json] = {"functions": {}, "groups": {}}
    nodes: dict[str, dict[str, Json]] = {"": root}
    for group in api.groups:
        node = root
        for step in group.path:
            node = node["groups"].setdefault(str(names.LUA.spell(step)), {"functions": {}, "groups": {}})
        nodes[group.key] = node
    for function in api.functions:
        nodes[function.group]["functions"][str(names.LUA.spell(function.verb))] = function.name
    return lua_literal(root)


def aliases_of(api: Api) -> tuple[Alias, ...]:
    """Every other name of every function."""
    return tuple(Alias(alias, name) for name, given in aliases(api).items() for alias in given)


def first_of(api: Api) -> str:
    """A function that can be called with no arguments and changes nothing, where there is one."""
    simple = (f for f in api.functions if f.access == "read" and not f.secret and not any(p.required for p in f.params))
    return next((f.name for f in (*simple, *api.functions)), "")


def render(api: Api) -> Rendition:
    """The plain module's generated files."""
    operations = OperationsView(
        header=HEADER,
        base_url=api.servers[0].url if api.servers else "",
        user_agent=f"{api.package}-lua/{api.version}",
        auth=auth_of(api.auth),
        operations=tuple(operation_of(api, function) for function in api.functions),
        aliases=aliases_of(api),
        tree=tree_of(api),
    )
    module = ModuleView(header=HEADER, summary=Code(prose(api.summary)), version=api.version)
    package = names.SNAKE.spell(names.words(api.package))
    # luarocks takes fewer characters in a version than Python does, and the file's name holds it.
    version = re.sub(r"[^0-9A-Za-z.]", "", api.version).strip(".") or "0"
    readme = ReadmeView(
        title=markdown(prose(api.title)),
        summary=markdown(prose(api.summary)),
        name=names.LUA.spell(names.words(api.name)),
        package=package,
        first=first_of(api),
    )
    rockspec = RockspecView(
        header=HEADER,
        package=api.package,
        revision=f"{version}-1",
        source=api.homepage,
        summary=prose(api.summary),
        homepage=api.homepage,
        modules=(
            ModuleFile(api.package, f"{api.package}.lua"),
            *(ModuleFile(f"{api.package}.{name}", f"{api.package}/{name}.lua") for name in MODULES),
        ),
    )
    return Rendition(
        pages=(
            Page("lua/[package].lua.jinja", module),
            Page("lua/[package]/operations.lua.jinja", operations),
            Page("lua/library/[package].lua.jinja", meta_of(api)),
            Page("lua/README.md.jinja", readme),
            Page("lua/[package]-[version]-1.rockspec.jinja", rockspec, {"version": version}),
            # The module's JSON is the sandbox's as well.
            Page("python/[package]/lua/inside/json.lua.jinja", SharedView()),
        ),
        package=api.package,
    )


SURFACE = Surface("lua", render)
