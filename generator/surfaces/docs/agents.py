"""What agents read: catalog.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ... import text
from ...ir import Function
from ...text import Code
from .. import calls
from .site import Site


@dataclass(frozen=True)
class CatalogPage:
    """catalog.json."""

    document: Code


def catalog(site: Site) -> CatalogPage:
    """All functions: names, schemas, examples, classes, and how each surface spells them."""
    api = site.api
    document = {
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
        "auth": {"kind": api.auth.kind, "name": api.auth.name} if api.auth else None,
        "token_env": api.token_env,
        "base_url_env": api.base_url_env,
        "surfaces": ["python", "cli", "mcp", "lua", "docs", "mock"],
        "functions": [{**site.entries[f.name], "surfaces": _surfaces(site, f)} for f in api.functions],
    }
    return CatalogPage(text.json_literal(document))


def _surfaces(site: Site, function: Function) -> dict[str, Any]:
    """The function as each surface spells it."""
    api = site.api
    return {
        "python": f"client.{calls.python_method(api, function)}",
        "cli": calls.command(api, function),
        "mcp": function.name,
        "lua": calls.lua_path(api, function),
        "docs": f"functions/{site.slugs[function.name]}.md",
        "mock": f"{function.method} {function.path}",
    }
