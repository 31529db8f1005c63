"""Rules for the document as a whole: info, servers, tags."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...read.source import Node
from ..advised import Advice
from .parts import Parts, advice

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_SCRIPT = "<script"


def rules(parts: Parts) -> Iterator[Advice]:
    """What there is to say of it."""
    yield from _info(parts)
    yield from _servers(parts)
    yield from _tags(parts)
    for kind in ("info", "tag", "operation", "schema", "parameter", "response"):
        for node in parts.of.get(kind, ()):
            if _SCRIPT in node.text("description").lower():
                what = "the description contains a script, which Markdown renderers remove"
                yield advice("no-script-tags-in-markdown", node.get("description") or node, what, "remove it")


def _info(parts: Parts) -> Iterator[Advice]:
    root = parts.document.root
    info = root.get("info") or root
    for key in ("contact", "description", "license"):
        if info.get(key) is None:
            yield advice(f"info-{key}", info, f"`info` has no `{key}`", "write it, or add it with an overlay")
    for license_ in parts.of.get("license", ()):
        if not license_.text("url") and not license_.text("identifier"):
            yield advice("license-url", license_, "the license has no `url` and no `identifier`", "write one of them")


def _servers(parts: Parts) -> Iterator[Advice]:
    root = parts.document.root
    served = root.get("servers")
    if not (served and served.value):
        yield advice("oas3-api-servers", served or root, "the document declares no server", "write `servers`")
    for server in parts.of.get("server", ()):
        url = server.text("url")
        at = server.get("url") or server
        plain = url.rstrip("/")
        if plain and plain != url:
            fix = parts.fixed(server, update={"url": plain})
            hint = f"write {plain!r}: every path begins with a slash"
            yield advice("oas3-server-trailing-slash", at, f"the server {url!r} ends with a slash", hint, fix)
        host = url.partition("://")[2].partition("/")[0].partition(":")[0].lower()
        if host in ("example.com", "localhost") or host.endswith(".example.com"):
            yield advice("oas3-server-not-example.com", at, f"the server is at {host}", "use the real host")
        yield from _variables(server, at, url)


def _variables(server: Node, at: Node, url: str) -> Iterator[Advice]:
    declared = server.get("variables")
    known = dict(declared.items()) if declared else {}
    used = set(_VARIABLE.findall(url))
    rule = "oas3-server-variables"
    for name in sorted(used - known.keys()):
        yield advice(rule, at, f"the variable {name!r} of the server is not declared", "declare it in `variables`")
    for name, variable in known.items():
        if name not in used:
            yield advice(rule, variable, f"the variable {name!r} is not in the server's URL", "remove it, or use it")
        values = variable.value.get("enum") if isinstance(variable.value, dict) else None
        if isinstance(values, list) and variable.text("default") not in values:
            what = f"the default of {name!r} is not one of its values"
            yield advice(rule, variable.get("default") or variable, what, "use one of `enum`")


def _tags(parts: Parts) -> Iterator[Advice]:
    seen: dict[str, Node] = {}
    for tag in sorted(parts.of.get("tag", ()), key=lambda node: int(node.pointer.rpartition("/")[2])):
        name = tag.text("name")
        if seen.setdefault(name, tag) is not tag:
            what = f"the tag {name!r} is also declared at {seen[name].place}"
            yield advice("openapi-tags-uniqueness", tag, what, "keep one of the two")
        if not tag.text("description"):
            yield advice("tag-description", tag, f"the tag {name!r} has no description", "describe the group")
