"""The API as a whole: servers, security, groups, and the parts that no surface can offer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urljoin

from .. import names
from ..errors import Finding, GeneratorBug
from ..ir import AboutLabel, Api, ExternalDocs, Function, Group, Server, Words
from ..names import words
from ..read import openapi, urls
from ..read.catalog_model import About
from ..read.openapi import Operation
from ..read.project import Project
from ..read.source import Node
from ..text import first_sentence, seen
from .context import Context

_Variable = tuple[str, str, tuple[str, ...]]
_VARIABLE = re.compile(r"\{([^{}]*)\}")


def servers(context: Context, node: Node | None) -> Iterator[Server]:
    """The servers with their variables filled in."""
    for server in node.elements() if node else ():
        url = located(context, address(server))
        if not url:
            continue
        if problem := urls.server_problem(url):
            context.lose(server.get("url") or server, "dropped", f"the server's URL {problem[0]}: {problem[1]}")
            continue
        url = urls.without_slash(url) or default_server(context).url
        template, variables = _template(context, server)
        if template and (wrong := _unfillable(variables)):
            context.lose(server.get("variables") or server, "degraded", wrong)
            template, variables = "", ()
        yield Server(
            url=url,
            description=server.text("description"),
            name=server.text("name"),
            template=template,
            variables=variables,
        )


def named_servers(project: Project) -> tuple[Server, ...]:
    """The servers that the settings name."""
    return tuple(Server(url=urls.without_slash(url)) for url in project.servers)


def _template(context: Context, server: Node) -> tuple[str, tuple[_Variable, ...]]:
    """The URL of a server with its variables, and what each of those in it may be; nothing where it has none."""
    declared = server.get("variables")
    described = dict(declared.items()) if declared else {}
    named = [name for name in dict.fromkeys(_VARIABLE.findall(server.text("url"))) if name in described]
    if not named:
        return "", ()
    results = []
    for name in named:
        listed = described[name].value.get("enum")
        allowed = tuple(each for each in listed if isinstance(each, str)) if isinstance(listed, list) else ()
        results.append((name, described[name].text("default"), allowed))
    return urls.without_slash(located(context, server.text("url"))), tuple(results)


def _unfillable(variables: tuple[_Variable, ...]) -> str:
    """Why the variables of a server cannot be chosen; empty where they can."""
    for name, default, allowed in variables:
        if allowed and default not in allowed:
            return f"the default {default[:80]!r} of the variable {name[:80]!r} is not an allowed value"
        if any(
            "?" in each or urls.server_problem(f"https://x/{each}")
            for each in (*allowed, "x" if not default else default)
        ):
            return f"the variable {name[:80]!r} allows values that a URL cannot contain"
    return ""


def default_server(context: Context) -> Server:
    """The server of a document that names none: the root of where it is published (OpenAPI 3.1.1, 4.8.1)."""
    return Server(url=located(context, "/").rstrip("/") if context.document.base else "http://localhost")


def located(context: Context, url: str) -> str:
    """A relative URL against that of the document, where this is known (OpenAPI 3.2.0, 4.5.1)."""
    if not url or not context.document.base or len(url) > urls.LONGEST:
        return url
    try:
        return urljoin(context.document.base, url)
    except ValueError:
        return url


def address(server: Node) -> str:
    """The URL of a server, each variable replaced by its default, once: what a default says is no variable again."""
    url, variables = server.text("url"), server.get("variables")
    if len(url) > urls.LONGEST:
        return url
    values = {key: str(each.value.get("default", "")) for key, each in variables.items()} if variables else {}
    # A default that is too long stays so when it is cut, and many of them have room.
    return _VARIABLE.sub(lambda result: values.get(result[1], result[0])[: urls.LONGEST + 1], url)


def check_pages(context: Context, about: About | None) -> None:
    """The URLs that the catalog gives to people must be ones."""
    for key in ("homepage", "token_url"):
        node = about.at.get(key) if about else None
        if node is not None and node.value and (problem := urls.page_problem(node.value)):
            context.findings.append(Finding(node.place, f"{key} {problem[0]}", problem[1]))


def check_names(context: Context, about: About | None, project: Project) -> None:
    """The names that settings and catalog give to the package, the client and the API must be free on every surface."""
    for key, convention in (("package", names.PACKAGE), ("client", names.CLIENT), ("name", names.NAMESPACE)):
        node = about.at.get(key) if about else None
        value: str = getattr(project, key) or (node.value if node else "")
        if not value:
            continue
        place = project.where(key) if getattr(project, key) or node is None else node.place
        if len(value) > names.LONGEST:
            what = f"the {key} has {len(value)} characters; the limit is {names.LONGEST}"
            context.findings.append(Finding(place, what, "use a shorter one"))
        elif value in convention.reserved:
            what = f"the {key} {value!r} is already taken"
            free = f"{value}{convention.suffix}"
            context.findings.append(Finding(place, what, f"use another, such as {free!r}"))


def check_commands(api: Api, named: Collection[str]) -> Iterator[Finding]:
    """Commands that a catalog makes alike, where one has a word of ours. named: functions whose place it says."""
    for function, word, other in names.root_clashes(api):
        if not {function.name, other.name} & set(named):
            continue
        what = f"the command {word!r} would belong to {function.name} and to {other.name} at {other.place}"
        yield Finding(function.place, what, "give one of the operations another operationId in the document")


def groups(context: Context, functions: tuple[Function, ...]) -> tuple[Group, ...]:
    """The nouns, each after the one it belongs to."""
    listed = context.catalog.groups if context.catalog else {}
    keys: set[str] = set()
    for function in functions:
        steps = function.group.split(".") if function.group else []
        keys |= {".".join(steps[:n]) for n in range(1, len(steps) + 1)}
    tags = _tags(context)
    results = []
    for key in sorted(keys):
        lines = [entry for name, entry in listed.items() if (entry.name or name) == key]
        path = tuple(tuple(step.split("_")) for step in key.split("."))
        derived = tuple(tuple(step.split("_")) for step in context.groups.get(key, key).split("."))
        tag = tags.pop(derived, None)
        description = next((seen(each.description) for each in lines if each.description), "")
        description = description or (seen(tag.text("description")) if tag else "")
        for part in ("parent", "kind") if tag else ():
            if tag is not None and (written := tag.get(part)) is not None:
                context.lose(written, "kept", f"the {part} of a tag is not read: groups come from the operations")
        results.append(
            Group(
                key=key,
                path=path,
                title=next((each.title for each in lines if each.title), "")
                or (seen(tag.text("summary")) if tag else "")
                or " ".join(w for step in path for w in step).capitalize(),
                summary=next((each.summary for each in lines if each.summary), "") or first_sentence(description),
                description=description,
                external_docs=external_docs(context, tag) if tag else None,
            )
        )
    for key, entry in listed.items():
        if entry.name and key not in context.groups.values():
            context.unknown(entry.at, "function in the group", key, keys - context.groups.keys())
        elif (entry.name or key) not in keys:
            context.unknown(entry.at, "function in the group", key, keys)
    for tag in tags.values():
        if tag.text("description") or tag.get("externalDocs"):
            context.lose(tag, "dropped", f"the tag {tag.text('name')[:80]!r} is not a group: its text is not shown")
    return tuple(results)


def _tags(context: Context) -> dict[tuple[Words, ...], Node]:
    """The tags that the document describes, by the groups that are called after them; the first of those that are
    spelled alike.
    """
    listed = context.document.root.get("tags")
    result: dict[tuple[Words, ...], Node] = {}
    for node in listed.elements() if listed else ():
        if name := node.text("name"):
            result.setdefault((context.tags or {}).get(name, (words(name),)), node)
    return result


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


def about(context: Context, info: Node | None) -> Iterator[tuple[AboutLabel, ExternalDocs]]:
    """The terms of service, the contact and the licence in `info`."""
    contact, licence = (info.get(key) if info else None for key in ("contact", "license"))
    written: list[tuple[AboutLabel, Node | None, str, tuple[str, ...]]] = [
        ("terms of service", info.get("termsOfService") if info else None, "", ()),
        ("contact", contact, "url", ("name", "email")),
        ("licence", licence, "url", ("name", "identifier")),
    ]
    for label, node, key, keys in written:
        if node is None:
            continue
        url = node.text(key) if key else str(node.value)
        described = seen(", ".join(dict.fromkeys(filter(None, map(node.text, keys)))))
        if url and (problem := urls.page_problem(url)):
            context.lose(node, "degraded", f"the URL of the API's {label} {problem[0]}: {problem[1]}")
            url = ""
        if url or described:
            yield label, ExternalDocs(url=url, description=described)


def note_unread(context: Context) -> None:
    """What stands among the methods of the paths and is none."""
    for node, reason in context.document.unread():
        context.lose(node, "dropped", reason)


def account(context: Context, operations: Iterable[Operation], made: Iterable[tuple[str, str]]) -> None:
    """Holds the operations of the document against the functions made of them, each (method, path), and the ledger.

    GeneratorBug names every operation that is neither, and every function that is of none.
    """
    declared = Counter(openapi.declared(context.document))
    functions = Counter(made)
    gone = (loss for loss in context.losses if loss.kind == "dropped" or (loss.kind, loss.surface) == ("chosen", "*"))
    dropped = {loss.pointer for loss in gone}
    entered = Counter((o.method, o.path) for o in operations if context.document.pointer(o.at) in dropped)
    missing, invented = declared - functions - entered, functions + entered - declared
    if missing or invented:
        messages = [f"{method} {path} is lost" for method, path in missing]
        messages += [f"{method} {path} is counted more than once" for method, path in invented]
        raise GeneratorBug(
            f"{declared.total()} operations, {functions.total()} functions and {entered.total()} ledger entries for the "
            f"others: {'; '.join(messages)}"
        )
