"""What agents read: catalog.json, llms.txt, AGENTS.md, SKILL.md."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from ... import names, text
from ...ir import Api, Function, Param
from ...text import Code
from ..shared import calls, policy, prose, security
from . import guides
from .guides import Sample
from .site import Link, Site, front

MAX_ABOUT = 1024
"""Characters of a skill's description that hosts read."""


@dataclass(frozen=True)
class CatalogPage:
    """catalog.json."""

    document: Code


@dataclass(frozen=True)
class Row:
    """A function on one line."""

    name: Code
    title: Code
    href: Code
    classes: Code
    summary: Code


@dataclass(frozen=True)
class ClassRow:
    """A policy class to be careful with, and the names of its functions."""

    name: Code
    functions: Code


@dataclass(frozen=True)
class AgentView:
    """llms.txt, AGENTS.md and SKILL.md."""

    title: Code
    summary: Code
    package: Code
    command: Code
    client: Code
    token_env: Code
    credential: Code
    """Where a client has it from; empty where it takes none."""
    lua_short: Code
    count: int
    document: Code
    digest: Code
    document_file: Code
    skill: Code
    about: Code
    first: Sample | None
    listing: Sample | None
    jobs: bool
    types: bool
    careful: tuple[ClassRow, ...]
    marked: Code
    """The classes of these, as a sentence lists them; and what they do, one or the other."""
    does: Code
    billed: bool
    functions: tuple[Row, ...]
    guides: tuple[Link, ...]


def view(site: Site, guide: guides.GuideView) -> AgentView:
    """What the files for agents are rendered from."""
    api = site.api
    extra = policy.extra(api)
    about = (
        f"{text.prose(api.summary)} Use it to call any of the {len(api.functions)} functions of {text.prose(api.title)} "
        f"with {api.package}, from the command line, Python, MCP or Lua."
    )
    return AgentView(
        title=prose.plain(api.title),
        summary=site.line(api.summary, ""),
        package=guide.package,
        command=guide.command,
        client=guide.client,
        token_env=guide.token_env,
        credential=Code(security.source(api)),
        lua_short=guide.lua_short,
        count=len(api.functions),
        document=guide.document,
        digest=guide.digest,
        document_file=guide.document_file,
        skill=names.package(api).skill,
        about=front(about[:MAX_ABOUT]),
        first=guide.first,
        listing=guide.listing,
        jobs=bool(api.jobs),
        types=bool(site.types),
        careful=tuple(ClassRow(Code(name), _named(site, name)) for name in extra),
        marked=Code(policy.listed(extra, "or")),
        does=Code(policy.does(extra)),
        billed="billed" in extra,
        functions=tuple(_row(site, function) for function in api.functions),
        guides=guide.guides,
    )


def _named(site: Site, of: str) -> Code:
    return Code(", ".join(prose.inline_code(f.name) for f in site.api.functions if of in f.classes))


def _row(site: Site, function: Function) -> Row:
    link = site.function_link(function, "")
    classes = Code(", ".join(function.classes))
    return Row(prose.inline_code(function.name), link.label, link.href, classes, link.summary)


def catalog(site: Site) -> CatalogPage:
    """All functions: names, schemas, examples, classes, and how each surface spells them."""
    api = site.api
    document: dict[str, Any] = {
        "$schema": "catalog.schema.json",
        "name": api.name,
        "title": text.prose(api.title),
        "summary": text.prose(api.summary),
        "package": api.package,
        "command": api.command,
        "client": api.client,
        "version": api.version,
        "document": {"title": text.prose(api.document_title), "version": api.document_version, "sha256": api.digest},
        "base_url": api.servers[0].url if api.servers else "",
        "schemes": [
            {**security.scheme(each), "variables": {part: variable for part, variable in each.parts if variable}}
            for each in api.schemes
        ],
        "token_env": api.token_env,
        "base_url_env": api.base_url_env,
        "surfaces": ["python", "cli", "mcp", "lua", "docs", "mock"],
        "groups": {
            group.key: {"title": text.prose(group.title), "summary": text.prose(group.summary)} for group in api.groups
        },
        "functions": [
            {
                **site.entries[f.name],
                # As they are written: paragraphs that are folded could not be given back.
                **{key: text.visible(getattr(f, key)) for key in ("title", "summary", "description")},
                **({"brief": text.prose(f.brief)} if f.brief else {}),
                "parameters": {names.argument(p.words): _parameter(p) for p in f.params},
                "defaults": _defaults(f),
                "page": _page(f),
                "security": security.requirement(f.security),
                "surfaces": _surfaces(site, f),
            }
            for f in api.functions
        ],
    }
    if api.derived:
        document["derived"] = [{**entry, "surfaces": _spelled(site, entry["name"])} for entry in site.metadata.derived]
    if hidden := _hidden(api):
        document["hidden"] = hidden
    if types := site.metadata.definitions:
        document["$defs"] = types
    return CatalogPage(text.json_document(document))


def _spelled(site: Site, name: str) -> dict[str, str]:
    """A function that is made of another as each surface spells it."""
    function = next(each for each in site.api.derived if each.name == name)
    called = names.call(site.api, function)
    command = f"{site.api.command} {names.FLAG.spell(function.words)}"
    return {"python": f"client.{called.python}", "cli": command, "mcp": name, "lua": called.script}


def _hidden(api: Api) -> dict[str, Any]:
    """The operations that are no function here, by method and path: true where no surface has them."""
    known = {f"{function.method} {function.path}" for function in api.functions}
    result: dict[str, Any] = {}
    for loss in api.losses:
        if loss.kind == "chosen" and loss.surface in ("*", "docs") and loss.pointer.startswith("/paths/"):
            path, *_, method = (step.replace("~1", "/").replace("~0", "~") for step in loss.pointer.split("/")[2:])
            if (route := f"{method.upper()} {path}") not in known:
                result[route] = True if loss.surface == "*" or result.get(route) is True else ["docs"]
    return dict(sorted(result.items()))


def _parameter(param: Param) -> dict[str, Any]:
    """Where an argument travels, and what it is called there."""
    result: dict[str, Any] = {"in": param.location, "name": param.wire_name}
    if param.encoding:
        limits = {"minimum": param.type.minimum, "maximum": param.type.maximum}
        result |= {"encoding": param.encoding, **{key: value for key, value in limits.items() if value is not None}}
    return result


def _defaults(function: Function) -> dict[str, Any]:
    """The defaults of a call."""
    result = {"timeout": function.timeout, "retries": function.retries, "headers": dict(function.headers) or None}
    return {key: value for key, value in result.items() if value is not None}


def _page(function: Function) -> dict[str, Any] | None:
    """The pagination of a list, with the fields that mark its end."""
    page = function.page
    if page is None:
        return None
    result = {each.name: getattr(page, each.name) for each in fields(page) if each.name != "item"}
    needed = {"items": page.items, "next": page.next, "previous": page.previous}
    return needed | {key: value for key, value in result.items() if value not in ("", 0, "query") or key == "by"}


def _surfaces(site: Site, function: Function) -> dict[str, Any]:
    """The function as each surface spells it."""
    api = site.api
    result = {
        "python": f"client.{calls.python_method(api, function)}",
        "cli": calls.command(api, function),
        "mcp": function.name,
        "lua": calls.lua_path(api, function),
        "docs": f"functions/{site.slugs[function.name]}.md",
        "mock": f"{function.method} {function.path}",
    }
    return {surface: spelled for surface, spelled in result.items() if surface not in function.hidden}
