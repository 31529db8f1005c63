"""What the document says of the API as a whole: servers, security, groups, and what no surface can offer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from .. import names
from ..errors import Finding, GeneratorBug
from ..ir import Api, ExternalDocs, Function, Group, Server, Words
from ..names import words
from ..read import openapi, urls
from ..read.catalog_model import About
from ..read.openapi import Operation, methods, strange
from ..read.source import Node
from ..text import first_sentence, seen
from .context import Context

_VARIABLE = re.compile(r"\{([^{}]*)\}")


def servers(context: Context, node: Node | None) -> Iterator[Server]:
    """The servers with their variables filled in."""
    for server in node.elements() if node else ():
        variables = server.get("variables")
        if variables is not None:
            context.lose(variables, "kept", "the variables of the server have their defaults; a base URL replaces them")
        url = address(server)
        if not url:
            continue
        if problem := urls.server_problem(url):
            context.lose(server.get("url") or server, "dropped", f"the server's URL {problem[0]}: {problem[1]}")
            continue
        yield Server(url=url.rstrip("/"), description=server.text("description"))


def address(server: Node) -> str:
    """The URL of a server, each variable replaced by its default, once: what a default says is no variable again."""
    url, variables = server.text("url"), server.get("variables")
    if len(url) > urls.LONGEST:
        return url
    values = {key: str(each.value.get("default", "")) for key, each in variables.items()} if variables else {}
    # A default that is too long stays so when it is cut, and many of them have room.
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0])[: urls.LONGEST + 1], url)


def check_pages(context: Context, about: About | None) -> None:
    """The URLs that the catalog gives to people must be ones."""
    for key in ("homepage", "token_url"):
        node = about.at.get(key) if about else None
        if node is not None and node.value and (problem := urls.page_problem(node.value)):
            context.findings.append(Finding(node.place, f"{key} {problem[0]}", problem[1]))


def check_names(context: Context, about: About | None) -> None:
    """The names that the catalog gives to the package, the client and the API must be free on every surface."""
    for key, convention in (("package", names.PACKAGE), ("client", names.CLIENT), ("name", names.NAMESPACE)):
        node = about.at.get(key) if about else None
        if node is None:
            continue
        if len(node.value) > names.LONGEST:
            what = f"the {key} has {len(node.value)} characters; {names.LONGEST} are taken"
            context.findings.append(Finding(node.place, what, "give it a shorter one"))
        elif node.value in convention.reserved:
            what = f"the {key} {node.value!r} is taken by what it would stand beside"
            free = f"{node.value}{convention.suffix}"
            context.findings.append(Finding(node.place, what, f"give it another, such as {free!r}"))


def check_commands(api: Api) -> Iterator[Finding]:
    """Commands that a catalog leaves alike, where one has a word of ours."""
    for function, word, other in names.root_clashes(api):
        what = f"the command {word!r} would be that of {function.name} and of {other.name} at {other.place}"
        yield Finding(function.place, what, "give one of the operations another operationId in the document")


def groups(context: Context, functions: tuple[Function, ...]) -> tuple[Group, ...]:
    """The nouns, each after the one it belongs to."""
    listed = context.catalog.groups if context.catalog else {}
    keys: set[str] = set()
    for function in functions:
        steps = function.group.split(".") if function.group else []
        keys |= {".".join(steps[:n]) for n in range(1, len(steps) + 1)}
    tags = _tags(context)
    found = []
    for key in sorted(keys):
        said = listed.get(key)
        path = tuple(tuple(step.split("_")) for step in key.split("."))
        title = said.title if said else ""
        tag = tags.pop(path[0], None) if len(path) == 1 else None
        description = seen(tag.text("description")) if tag else ""
        found.append(
            Group(
                key=key,
                path=path,
                title=title or " ".join(w for step in path for w in step).capitalize(),
                summary=(said.summary if said else "") or first_sentence(description),
                description=description,
                external_docs=external_docs(context, tag) if tag else None,
            )
        )
    for key, entry in listed.items():
        if key not in keys:
            context.unknown(entry.at, "function in the group", key, keys)
    for tag in tags.values():
        if tag.text("description") or tag.get("externalDocs"):
            context.lose(tag, "dropped", f"the tag {tag.text('name')[:80]!r} is no group: what it says is not shown")
    return tuple(found)


def _tags(context: Context) -> dict[Words, Node]:
    """The tags that the document describes, by the words of their names; the first of those that are spelled alike."""
    listed = context.document.root.get("tags")
    found: dict[Words, Node] = {}
    for node in listed.elements() if listed else ():
        if node.text("name"):
            found.setdefault(words(node.text("name")), node)
    return found


def external_docs(context: Context, owner: Node) -> ExternalDocs | None:
    """The page that the document names for more about something."""
    node = owner.get("externalDocs")
    if node is None:
        return None
    url = node.text("url")
    if problem := urls.page_problem(url):
        context.lose(node, "dropped", f"the URL of externalDocs {problem[0]}: {problem[1]}")
        return None
    return ExternalDocs(url=url, description=seen(node.text("description")))


def note_unoffered(context: Context, operations: Iterable[Operation]) -> None:
    """What no surface offers: requests that the API makes, links to the next call, what stands among the methods."""
    document = context.document
    for node, reason in document.unread():
        context.lose(node, "dropped", reason)
    hooks = document.root.get("webhooks")
    for name, node in hooks.items() if hooks else ():
        _unoffered(context, node, f"the webhook {name!r}")
    for operation in operations:
        callbacks = operation.node.get("callbacks")
        for name, node in callbacks.items() if callbacks else ():
            for expression, item in document.joined(node).items() if not name.startswith("x-") else ():
                if not expression.startswith("x-"):
                    what = f"the callback {name!r} of {operation.method} {operation.path} at {expression}"
                    _unoffered(context, item, what)
        for _, response in operation.responses:
            links = response.get("links")
            for name, node in links.items() if links else ():
                context.lose(node, "dropped", f"the link {name!r} is not rendered")


def _unoffered(context: Context, node: Node, what: str) -> None:
    """Every request of a path item that the API makes and nobody calls."""
    item = context.document.joined(node)
    found = list(methods(item))
    for method, each in found:
        context.lose(each, "dropped", f"{method} of {what} is not rendered")
    if not found:
        context.lose(node, "dropped", f"{what} is not rendered")
    for each, reason in strange(item, f"of {what}"):
        context.lose(each, "dropped", reason)


def account(context: Context, operations: Iterable[Operation], made: Iterable[tuple[str, str]]) -> None:
    """Holds the operations of the document against the functions made of them, each (method, path), and the ledger.

    GeneratorBug names every operation that is neither, and every function that is of none.
    """
    declared = Counter(openapi.declared(context.document))
    functions = Counter(made)
    dropped = {loss.pointer for loss in context.losses if loss.kind == "dropped"}
    entered = Counter((o.method, o.path) for o in operations if context.document.pointer(o.at) in dropped)
    missing, invented = declared - functions - entered, functions + entered - declared
    if missing or invented:
        told = [f"{method} {path} is lost" for method, path in missing]
        told += [f"{method} {path} is counted twice" for method, path in invented]
        raise GeneratorBug(
            f"{declared.total()} operations, {functions.total()} functions and {entered.total()} entries of the ledger"
            f" for those that are none: {'; '.join(told)}"
        )
