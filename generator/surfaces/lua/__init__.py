"""The Lua surfaces: the table of operations for the plain module. Code mode needs nothing of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ... import names
from ...ir import Api, Function, Job, Json, Loss, Param, Scheme, Security, Type, holds_files, opened, takes_form
from ...ir import Page as ListPage
from ...text import Code, prose
from ..base import Page, Rendition, Surface, digest
from ..shared import answers as shared_answers
from ..shared.derivations import with_groups
from ..shared.header import header
from ..shared.licences import licence
from ..shared.luatables import layout
from ..shared.metadata import aliases, metadata
from ..shared.prose import plain
from . import checks, luacats

_MOST_ALTERNATIVES = 200
"""Of one argument, and of those."""

MODULES = (
    "answers",
    "checks",
    "cjson",
    "client",
    "credentials",
    "derived",
    "dkjson",
    "errors",
    "following",
    "json",
    "luasocket",
    "multipart",
    "openresty",
    "operations",
    "pages",
    "request",
    "sequences",
    "servers",
    "spelling",
    "streams",
)
DIGEST = ("digest", "hashes")
"""Of an API whose credential is HTTP Digest."""


@dataclass(frozen=True)
class OperationsView:
    """`operations.lua`: all that is known of the operations, as one table."""

    header: Code
    operations: Code


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
    licenses: tuple[str, ...]
    """The licence, if one is set."""
    modules: tuple[ModuleFile, ...]


@dataclass(frozen=True)
class ReadmeView:
    """The module's README."""

    title: Code
    summary: Code
    name: Code
    package: Code
    token: bool
    """Whether it is called with one."""
    pages: bool
    """Lists come a page at a time; then: results are streams, and jobs."""
    streams: bool
    jobs: bool
    first: Code
    rockspec: Code


@dataclass(frozen=True)
class PlainView:
    """A file with nothing to fill in."""


def _present(**fields: Json) -> dict[str, Json]:
    return {name: value for name, value in fields.items() if value is not None}


def _is_list(api: Api, type_: Type) -> bool:
    """Whether an empty table is meant as a list: one of the alternatives is, and none is an object."""
    kinds, todo = set(), [type_]
    for _ in range(_MOST_ALTERNATIVES):
        if not todo:
            break
        inner = opened(todo.pop(), api.types)
        kinds.add(inner.kind)
        todo += inner.members
    return "array" in kinds and not kinds & {"model", "map", "any"}


def param_of(api: Api, param: Param) -> dict[str, Json]:
    """One argument as request.lua reads it."""
    return _present(
        name=names.argument(param.words),
        wire=param.wire_name,
        location=param.location,
        kind=param.type.kind,
        empty="array" if param.type.kind == "union" and _is_list(api, param.type) else None,
        items="binary" if holds_files(param.type) else None,
        required=param.required or None,
        nullable=param.type.nullable or None,
        style=param.style,
        explode=param.explode or None,
        allow_reserved=param.allow_reserved or None,
        array_format=param.array_format or None,
        media=param.media_type,
        encoding=param.encoding,
        rest=param.rest or None,
        multipart=param.multipart or None,
        file_texts=param.file_texts or None,
        headers=[list(pair) for pair in param.headers] or None,
        minimum=param.type.minimum,
        maximum=param.type.maximum,
    )


def job_of(job: Job) -> dict[str, Json]:
    """How a job is followed."""
    return _present(
        key=job.key,
        id=job.id,
        status=job.status,
        terminal=dict.fromkeys(job.terminal, True),
        poll=job.poll,
        cancel=job.cancel or None,
        argument=job.argument,
        interval=job.interval,
    )


def page_of(page: ListPage) -> dict[str, Json]:
    """How a list goes on."""
    table: dict[str, Json] = {"items": page.items, "next": page.next}
    if page.by == "url":
        return table
    rest = {
        key: getattr(page, key)
        for key in ("by", "argument", "location", "number", "more", "end", "total", "current", "first")
    }
    return table | {key: value for key, value in rest.items() if value not in ("", 0, "query")}


def answers_of(api: Api, function: Function) -> list[Json]:
    """What it may answer, as answers.lua reads it."""
    return [
        _present(
            status=each.status,
            media=each.media_type,
            kind=shared_answers.kind(each),
            form=shared_answers.form(each) or None,
        )
        for each in shared_answers.answers(api, function)
    ]


def operation_of(api: Api, function: Function) -> dict[str, Json]:
    """One operation as client.lua and request.lua read it."""
    body, page = function.body, function.page
    return _present(
        name=function.name,
        short=str(names.called(api)[function.name].lua),
        method=function.method,
        path=function.path,
        server=function.server or None,
        headers=dict(function.headers) or None,
        timeout=function.timeout,
        retries=function.retries,
        body=(
            _present(
                kind=body.kind,
                media=body.media_type,
                flattened=body.flattened,
                required=body.required,
                multipart=takes_form(body) or None,
                positions=[param_of(api, each) for each in body.positions] or None,
            )
            if body
            else None
        ),
        result=function.result.kind,
        answers=None if shared_answers.plain(function) else answers_of(api, function),
        accept=None if shared_answers.plain(function) else shared_answers.accept(function),
        accept_events=shared_answers.accept_events(function) if function.result.stream else None,
        stream=function.result.stream or None,
        follows=function.result.follows or None,
        security=_security(function.security) or None,
        page=page_of(page) if page else None,
        job=job_of(api.jobs[function.job]) if function.job else None,
        params=[param_of(api, param) for param in function.params],
    )


def _security(requirements: Security) -> list[list[str]]:
    """The alternatives, each the keys of its schemes."""
    return [[need.scheme for need in requirement] for requirement in requirements]


def _scheme(scheme: Scheme, own: bool) -> dict[str, Json]:
    """A scheme as client.lua reads it."""
    return _present(
        kind=scheme.kind,
        location=scheme.location or None,
        name=scheme.name or None,
        prefix=scheme.prefix or None,
        argument=str(names.LUA.spell(scheme.words)),
        own=own or None,
    )


def tree_of(api: Api) -> dict[str, Json]:
    """The groups as nested tables: functions by verb, groups by name."""
    root: dict[str, Json] = {"functions": {}, "groups": {}}
    nodes: dict[str, dict[str, Json]] = {"": root}
    nouns, called = names.nouns(api), names.called(api)
    for group in api.groups:  # each after the one it belongs to
        nodes[group.key] = {"functions": {}, "groups": {}}
        nodes[group.key.rpartition(".")[0]]["groups"][str(nouns[group.key].lua)] = nodes[group.key]
    for function in api.functions:
        nodes[function.group]["functions"][str(called[function.name].in_group)] = function.name
    for function in api.derived:
        nodes[function.group]["functions"][str(names.call(api, function).in_group)] = function.name
    return root


def derived_of(api: Api, function: Function) -> dict[str, Json]:
    """A function that is made of another one, as derived.lua reads it."""
    how = function.derived
    assert how is not None, f"{function.name} is made of no other"
    made = metadata(api)
    entry = next(each for each in made.derived if each["name"] == function.name)
    schema = {"properties": {}, **made.closed(entry["input_schema"])}
    return _present(
        name=function.name,
        short=str(names.call(api, function).lua),
        base=how.base,
        fixed=dict(how.fixed),
        argument=how.argument,
        open=how.open or None,
        params=[
            _present(
                name=param.wire_name,
                required=param.required or None,
                list=_is_list(api, param.type) or None,
                secret=(param.wire_name in how.secrets) or None,
                schema=checks.of(schema["properties"].get(param.wire_name, {}), schema.get("$defs", {})),
            )
            for param in function.params
        ],
    )


def operations_of(api: Api) -> dict[str, Json]:
    """`operations.lua`."""
    return _present(
        base_url=api.servers[0].url if api.servers else "",
        servers=_servers(api),
        user_agent=f"{api.package}-lua/{api.version}",
        schemes={each.key: _scheme(each, each is api.schemes[0]) for each in api.schemes} or None,
        names=[function.name for function in (*api.functions, *api.derived)],
        operations={function.name: operation_of(api, function) for function in api.functions},
        derived={function.name: derived_of(api, function) for function in api.derived} or None,
        aliases={alias: name for name, alternatives in aliases(api).items() for alias in alternatives},
        tree=tree_of(api),
    )


def _servers(api: Api) -> list[Json] | None:
    """The servers that one may be chosen of; nothing where there is but one, and that as it is."""
    if len(api.servers) < 2 and not any(server.variables for server in api.servers):
        return None
    return [
        _present(
            name=server.name or None,
            url=server.template or server.url,
            variables=[
                _present(name=name, default=default, values=list(allowed) or None)
                for name, default, allowed in server.variables
            ]
            or None,
        )
        for server in api.servers
    ]


def first_of(api: Api) -> Code:
    """A function that can be called with no arguments and changes nothing, where there is one."""
    simple = (f for f in api.functions if f.access == "read" and not f.secret and not any(p.required for p in f.params))
    return next((names.called(api)[f.name].lua for f in (*simple, *api.functions)), Code("call"))


def render(api: Api) -> Rendition:
    """The plain module's generated files."""
    api = with_groups(api)
    operations = operations_of(api)
    module = ModuleView(header=header(api), summary=luacats.commented(prose(api.summary)), version=api.version)
    package = names.package(api).lua
    # luarocks takes fewer characters in a version than Python does, and the file's name holds it.
    version = re.sub(r"[^0-9A-Za-z.]", "", api.version).strip(".") or "0"
    readme = ReadmeView(
        title=plain(api.title),
        summary=plain(api.summary),
        name=names.package(api).script,
        package=package,
        token=bool(api.token_env),
        pages=any(function.page for function in api.functions),
        streams=any(function.result.kind == "events" or function.result.stream for function in api.functions),
        jobs=bool(api.jobs),
        first=first_of(api),
        rockspec=Code(f"{package}-{version}-1.rockspec"),
    )
    hashed = DIGEST if any(each.kind == "digest" for each in api.schemes) else ()
    rockspec = RockspecView(
        header=header(api),
        package=api.package,
        revision=f"{version}-1",
        source=api.homepage,
        summary=prose(api.summary),
        homepage=api.homepage,
        licenses=(api.license,) if api.license else (),
        modules=(
            ModuleFile(api.package, f"{api.package}.lua"),
            *(ModuleFile(f"{api.package}.{name}", f"{api.package}/{name}.lua") for name in sorted((*MODULES, *hashed))),
        ),
    )
    return Rendition(
        pages=(
            Page("lua/[package].lua.jinja", module),
            Page(
                "lua/[package]/operations.lua.jinja",
                lambda: OperationsView(header(api), layout(operations, before=len("return "))),
                made_of=lambda: digest(header(api), json.dumps(operations)),
            ),
            Page("lua/library/[package].lua.jinja", luacats.view(api, header(api))),
            Page("lua/README.md.jinja", readme),
            Page("lua/[package]-[version]-1.rockspec.jinja", rockspec, {"version": version}),
            Page("lua/.luacheckrc.jinja", PlainView()),
            *(Page("lua/LICENSE.jinja", each) for each in [licence(api)] if each),
            *(Page(f"lua/[package]/{name}.lua.jinja", PlainView()) for name in hashed),
            # The module's JSON is the sandbox's as well.
            Page("python/[package]/lua/inside/json.lua.jinja", PlainView()),
        ),
        losses=tuple(_losses(api)),
        package=api.package,
    )


def _losses(api: Api) -> Iterator[Loss]:
    """What the plain module does not do of what the others do."""
    for each in api.schemes:
        if any(part == "client_id" for part, _ in each.parts):
            reason = "the plain Lua module fetches no tokens: it takes one that is there"
        elif each.kind == "mutualTLS":
            reason = "the client certificate is a matter of the plain Lua module's transport"
        else:
            continue
        yield Loss(pointer=f"/components/securitySchemes/{each.key}", surface="lua", kind="degraded", reason=reason)


SURFACE = Surface("lua", render)
