"""A page for each function that is made of another: how it is called, what it takes, and what it comes to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ... import names, text
from ...ir import Function, Param
from ...names import FLAG, words
from ...text import Code
from ..shared import calls, prose
from ..shared.luatables import layout
from .fields import FieldView, Tree, flags, indented, results
from .functions import Tab
from .site import Link, Site, front

CURL = "curl"
_WIDTH = 88


@dataclass(frozen=True)
class DerivedPage:
    """One function."""

    header: Code
    meta_title: Code
    meta_description: Code
    title: Code
    badges: Code
    summary: Code
    description: Code
    base: Link
    fixed: tuple[tuple[Code, Code], ...]
    argument: Code
    version: Code
    tabs: tuple[Tab, ...]
    arguments: tuple[FieldView, ...]
    free: bool
    """Whether it takes what no schema names."""
    result: Code
    results: tuple[FieldView, ...]


@dataclass(frozen=True)
class IndexView:
    """All of them."""

    header: Code
    links: tuple[Link, ...]


def slugs(site: Site) -> dict[str, str]:
    """The names of the pages, by the function's."""
    spelled = {each.name: str(names.SLUG.spell(each.words)) for each in site.api.derived}
    return {key: str(name) for key, name in names.file_names(spelled, ("index", "readme")).of.items()}


def index(site: Site, pages: Mapping[str, str]) -> IndexView:
    """The list of them."""
    links = tuple(
        Link(
            label=prose.plain(each.title or each.name),
            href=Code(f"derived/{pages[each.name]}.md"),
            summary=site.line(each.summary, ""),
            badges=site.badges(each, ""),
        )
        for each in site.api.derived
    )
    return IndexView(site.header, links)


def page(site: Site, function: Function) -> DerivedPage:
    """All that is known of one."""
    how = function.derived
    assert how is not None
    tree = Tree(site, "../", request=True)
    arguments: list[FieldView] = []
    for param in function.params:
        anchor = f"argument-{names.argument(param.words)}"
        arguments += tree.field(param.wire_name, anchor, param.type, flags(param), param.description, 0, ())
    type_name = site.type("../").name(function.result.type) if function.result.type else Code("any JSON value")
    result = "one text" if how.joined else str(type_name)
    waited = " Its job is waited for." if how.follow else ""
    return DerivedPage(
        header=site.header,
        meta_title=front(function.title or function.name),
        meta_description=front(function.summary),
        title=prose.plain(function.title or function.name),
        badges=site.badges(function, "../"),
        summary=site.line(function.summary, "../"),
        description=site.paragraphs(function.description.removeprefix(function.summary).strip(), "../"),
        base=site.function_link(site.api.function(how.base), "../"),
        fixed=tuple(
            (prose.inline_code(key), prose.inline_code(json.dumps(value, ensure_ascii=False)))
            for key, value in how.fixed.items()
        ),
        argument=prose.inline_code(how.argument),
        version=prose.inline_code(how.version) if how.version else Code(""),
        tabs=tuple(_tabs(site, function)),
        arguments=tuple(arguments),
        free=how.open,
        result=Code(result[:1].upper() + result[1:] + "." + waited),
        results=() if how.joined else results(site, function)[0],
    )


def _tabs(site: Site, function: Function) -> Iterator[Tab]:
    """The same call on every surface; on the wire it is that of the base."""
    api, how = site.api, function.derived
    assert how is not None
    values = dict(function.examples[0].arguments) if function.examples else {}
    params = {param.wire_name: param for param in function.params}
    call = _python(function, params, values)
    module = names.package(api).module
    sync = f"from {module} import {api.client}\n\nclient = {api.client}()\noutput = {call}\nprint(output)"
    body = f"    async with Async{api.client}() as client:\n" + _indented(f"output = await {call}\nprint(output)", 8)
    waited = f"import asyncio\n\nfrom {module} import Async{api.client}\n\n\nasync def main():\n{body}\n\n\nasyncio.run(main())"
    shown = text.json_literal({"name": function.name, "arguments": values})
    script = f"{names.call(api, function).script}({layout(values, width=60)})"
    for label, code, language in (
        ("Python", sync, "python"),
        ("Python (async)", waited, "python"),
        ("CLI", _command(api.command, function, params, values), "bash"),
        ("MCP", shown, "json"),
        ("Lua", f"local output = {script}\nreturn output", "lua"),
    ):
        yield Tab(Code(label), indented(text.markdown_fence(code, language)))
    base = api.function(how.base)
    wire = calls.curl(api, base, {**how.fixed, how.argument: values}, movable=True)
    yield Tab(Code(CURL), indented(text.markdown_fence(wire, "bash")))


def _python(function: Function, params: Mapping[str, Param], values: Mapping[str, Any]) -> str:
    passed = [
        f"{names.keyword(params[key].words)}={text.python_literal(values[key])}" for key in values if key in params
    ]
    path = tuple(tuple(step.split("_")) for step in function.group.split(".")) if function.group else ()
    head = f"client.{names.attributes(path, function.verb)}("
    flat = head + ", ".join(passed) + ")"
    return flat if len(flat) <= _WIDTH else head + "\n" + "".join(f"    {item},\n" for item in passed) + ")"


def _command(command: str, function: Function, params: Mapping[str, Param], values: Mapping[str, Any]) -> str:
    parts = [f"{command} {FLAG.spell(function.words)}"]
    for key, value in values.items():
        kind = params[key].type.kind if key in params else "any"
        if kind == "boolean":
            parts.append(f"--{'' if value else 'no-'}{FLAG.spell(words(key))}")
        elif kind in ("string", "integer", "number"):
            parts.append(
                f"--{FLAG.spell(words(key))} {text.shell_literal(value if isinstance(value, str) else json.dumps(value))}"
            )
        else:
            parts.append(text.shell_literal(f"{key}:={json.dumps(value)}"))
    return " ".join(parts)


def _indented(block: str, by: int) -> str:
    return "\n".join(" " * by + line if line else "" for line in block.split("\n"))
