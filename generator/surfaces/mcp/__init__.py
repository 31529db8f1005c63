"""The lists of the MCP server: a tool for each function, prompts, and the manifest for registries.

The server lists what is written here and nothing else: `tools.json` and `prompts.json` lie beside its code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from ...errors import Finding
from ...ir import Api, Loss, Place
from ...text import Code, json_document, json_literal, prose, visible
from ..base import Page, Rendition, Surface
from ..shared import policy, security
from ..shared.jsonschema import INPUT, hosted
from ..shared.metadata import Metadata, metadata
from . import tools

MANIFEST_SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"
MAX_MANIFEST_DESCRIPTION = 100


@dataclass(frozen=True)
class DocumentView:
    """A file that is one JSON document."""

    document: Code


@dataclass(frozen=True)
class MembersView:
    """A file that is one JSON object, to which a template of the user may add members."""

    members: Code


def listed(api: Api) -> list[tools.Tool]:
    """Every tool of the API, in the order of its functions."""
    return _made(metadata(api)).tools


@dataclass(frozen=True)
class _Made:
    functions: list[dict[str, Any]]
    """The entries of functions.json, with what their arguments referred to in place."""
    tools: list[tools.Tool]
    cut: dict[str, list[str]]
    """The definitions that had no room in some tools, and the names of these."""


@lru_cache(maxsize=1)
def _made(known: Metadata) -> _Made:
    functions = []
    cut: dict[str, list[str]] = {}
    names = {
        f"`{alias}`": f"`{entry['name']}`" for entry in known.entries for alias in entry["aliases"] if "." in alias
    }
    definitions = {key: tools.renamed(hosted(schema), names) for key, schema in known.definitions.items()}
    for entry in known.entries:
        function, keys = tools.alone(tools.renamed(entry, names), definitions)
        functions.append({**function, "brief": known.briefs[entry["name"]]})
        for key in keys:
            cut.setdefault(key, []).append(entry["name"])
    return _Made(functions, tools.listed(functions, known.definitions), cut)


def lint(api: Api) -> list[Finding]:
    """What a host would refuse, cut or pay too much for; each finding at the function it is about."""
    places = {function.name: function.place for function in api.functions}
    return tools.lint(listed(api), places)


def manifest(api: Api) -> dict[str, Any]:
    """The registry's description of the server: how a host installs, starts and configures it."""
    document: dict[str, Any] = {
        "$schema": MANIFEST_SCHEMA,
        "name": f"{_namespace(api.homepage)}/{api.package}",
        "title": prose(api.title)[:MAX_MANIFEST_DESCRIPTION],
        "description": _clipped(prose(api.summary) or prose(api.title), MAX_MANIFEST_DESCRIPTION),
        "version": api.version,
    }
    if urlsplit(api.homepage).scheme in ("http", "https"):
        document["websiteUrl"] = visible(api.homepage)
    document["packages"] = [
        {
            "registryType": "pypi",
            "identifier": api.package,
            "version": api.version,
            "runtimeHint": "uvx",
            "runtimeArguments": [{"type": "named", "name": "--with", "value": f"{api.package}[lua,mcp]"}],
            "packageArguments": [
                {"type": "positional", "value": "mcp"},
                {"type": "positional", "value": "serve"},
                *_flags(api),
            ],
            "environmentVariables": list(_variables(api)),
            "transport": {"type": "stdio"},
        }
    ]
    return document


def _flags(api: Api) -> Iterator[dict[str, Any]]:
    """Settings that a host may ask its user for; each becomes `--flag=value`."""
    modes = "One tool for each function; or a few that search, describe and call; or these and Lua scripts."
    yield _flag("--mode", modes, choices=["tools", "meta", "code"])
    writes = "Whether what changes something is offered; ask: once the user says yes to a call."
    yield _flag("--write", writes, default="deny", choices=["deny", "ask", "allow"])
    if extra := policy.extra(api):
        for flag, message in (("--allow", "Also allow what"), ("--ask", "Ask the user before each call of what")):
            yield _flag(flag, f"{message} {policy.does(extra)}.", choices=[*extra, "all"], isRepeated=True)
    largest = Counter(function.group for function in api.functions if function.group).most_common(1)
    group = largest[0][0] if largest else ""
    verb = next(("_".join(function.verb) for function in api.functions if function.destructive), "")
    shown = [("--functions", "Only functions with these names.", f"{group}.*" if group else "")]
    shown += [("--groups", "Only functions of this group.", group)] if group else []
    shown += [("--exclude", "Exclude functions with these names.", f"*{verb}*" if verb else "")]
    for name, message, example in shown:
        yield _flag(name, message, **({"placeholder": example} if example else {}), isRepeated=True)
    yield _flag("--account", "The only account to call with; else the model chooses among several.")


def _flag(name: str, description: str, **more: Any) -> dict[str, Any]:
    return {"type": "named", "name": name, "description": description, "format": "string", "isRequired": False, **more}


def _variables(api: Api) -> Iterator[dict[str, Any]]:
    """The environment that the server reads."""

    def variable(name: str, description: str, **more: Any) -> dict[str, Any]:
        known = {"isRequired": False, "isSecret": False, "format": "string"}
        return {"name": name, "description": description, **known, **more}

    package = api.package.upper()
    where = f" Get one at {api.token_url}" if api.token_url else ""
    needed = {need.scheme for function in api.functions for each in function.security for need in each}
    lone = len(api.schemes) == 1 and not any(function.anonymous for function in api.functions if function.authenticated)
    for scheme, part, name in security.variables(api):
        if scheme.key in needed:
            reported = security.part_told(scheme, part) + "." + (where if part == "token" else "")
            required = lone and len(scheme.parts) == 1
            yield variable(name, reported, isRequired=required, isSecret=part not in security.PUBLIC)
    if api.base_url_env:
        yield variable(api.base_url_env, "Base URL of the API, where it is not the usual one.")
    yield variable(f"{package}_CONFIG", "The file of accounts, where it is not the usual one.", format="filepath")
    yield variable(f"{package}_ACCOUNT", "The account that is the default one.")
    yield variable(f"{package}_LOG", "What is logged on stderr.", choices=["debug", "info", "warning"])


def _namespace(homepage: str) -> str:
    """The host of a URL read backwards, which is how the registry names publishers: com.example."""
    host = urlsplit(homepage).hostname or ""
    labels = [label for label in host.removeprefix("www.").split(".") if re.fullmatch(r"[a-z0-9-]+", label)]
    return ".".join(reversed(labels)) or "local"


def _clipped(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(",;: ") + "…"


def prompts(api: Api) -> list[dict[str, Any]]:
    """The catalog's prompts, as the server takes them."""
    return [
        {
            **asdict(prompt),
            "title": prose(prompt.title),
            "summary": prose(prompt.summary),
            "text": prose(prompt.text),
            "arguments": [{**asdict(each), "description": prose(each.description)} for each in prompt.arguments],
        }
        for prompt in api.prompts
    ]


def render(api: Api) -> Rendition:
    """The pages; what the lint finds goes into the ledger too, so that no run is silent about it."""
    results = tuple(
        Loss(pointer=at.pointer if isinstance(at, Place) else "", surface="mcp", kind="degraded", reason=finding.what)
        for finding in lint(api)
        for at in [finding.where]
    )
    return Rendition(
        pages=tuple(_pages(api)),
        losses=(*results, *_cut(api), *_shortened(api)),
        package=api.package,
    )


def _cut(api: Api) -> Iterator[Loss]:
    """The types that tools have no room for: one loss a type, however many tools take it."""
    for key, names in _made(metadata(api)).cut.items():
        named = api.named[key.removeprefix(INPUT)]
        where = names[0] if len(names) == 1 else f"{len(names)} tools, such as {names[0]}"
        what = "any object" if named.key in api.models else "any value of its kind"
        reason = f"{named.key} is cut to {what} in {where}: `schema` shows all of it"
        yield Loss(pointer=named.place.pointer, surface="mcp", kind="degraded", reason=reason)


def _shortened(api: Api) -> Iterator[Loss]:
    """The tools that have no room for all of their arguments."""
    known = metadata(api)
    made = _made(known)
    pointers = {function.name: function.place.pointer for function in api.functions}
    for tool, function in zip(made.tools, made.functions, strict=True):
        if cut := tools.shortened(tool, function, known.definitions):
            named = ", ".join(cut[:5]) + (f" and {len(cut) - 5} more" if len(cut) > 5 else "")
            reason = f"tool {tool['name']}: there is no room for all of {named}: `schema` shows it"
            yield Loss(pointer=pointers[tool["name"]], surface="mcp", kind="degraded", reason=reason)


def _pages(api: Api) -> Iterator[Page]:
    every = DocumentView(json_document({"tools": listed(api)}))
    yield Page("mcp/tools.json.jinja", every)
    yield Page("mcp/server.json.jinja", MembersView(Code(json_literal(manifest(api))[len("{\n") : -len("\n}")])))
    yield Page("python/[package]/mcp/tools.json.jinja", every)
    yield Page("python/[package]/mcp/prompts.json.jinja", DocumentView(json_literal({"prompts": prompts(api)})))


SURFACE = Surface("mcp", render)
