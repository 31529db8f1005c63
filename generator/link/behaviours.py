"""Behaviours that the catalog declares, held against the functions that have them; and the examples."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

from .. import names
from ..errors import Finding
from ..ir import (
    Alias,
    Body,
    Example,
    Function,
    Job,
    Page,
    Param,
    Reference,
    Response,
    Result,
    Runner,
    Uploads,
    Webhooks,
)
from ..read.source import Node
from .context import Context
from .samples import sample

_MOST_EXAMPLES = 10
"""Of one function, where the document has more: each is shown in every surface."""


def page(context: Context, node: Node | None, result: Result) -> Page | None:
    """How a function's list goes on, as the catalog says or, without one, as its result looks."""
    if context.catalog is None:
        return _likely_page(context, result)
    wanted = node.text("page") if node else ""
    if not node or not wanted:
        return None
    listed = context.section("pages")
    said = listed.get(wanted) if listed else None
    behaviour = node.get("page") or node
    if said is None:
        context.unknown(behaviour, "page behaviour", wanted, listed.value if listed else {})
        return None
    model = context.schemas.models.get(result.type.model) if result.type else None
    items = next((f for f in model.fields if f.wire_name == said.text("items")), None) if model else None
    listed_type = context.schemas.opened(items.type) if items else None
    if listed_type is None or listed_type.items is None:
        context.findings.append(
            Finding(
                behaviour.place,
                f"the result has no list {said.text('items')!r}",
                "remove `page`, or mend the behaviour",
            )
        )
        return None
    return Page(
        items=said.text("items"),
        next=said.text("next"),
        previous=said.text("previous"),
        item=context.schemas.opened(listed_type.items),
    )


def _likely_page(context: Context, result: Result) -> Page | None:
    """One list beside a field `next` that holds text or null: the usual look of a page."""
    model = context.schemas.models.get(result.type.model) if result.type else None
    fields = {f.wire_name: context.schemas.opened(f.type) for f in model.fields} if model else {}
    lists = [(name, found.items) for name, found in fields.items() if found.kind == "array" and found.items]
    if len(lists) != 1 or "next" not in fields or fields["next"].kind != "string":
        return None
    return Page(items=lists[0][0], next="next", previous="previous" if "previous" in fields else "", item=lists[0][1])


def jobs(context: Context, known: set[str]) -> Iterator[tuple[str, Job]]:
    """The job behaviours by key."""
    listed = context.section("jobs")
    for key, node in listed.items() if listed else ():
        for step in ("poll", "cancel", "list"):
            named(context, node, step, known)
        said: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in node.value.items()}
        said["events"] = tuple(said.get("events", {}).items())
        yield key, Job(**{"key": key, "interval": 1.0, **said})


def uploads(context: Context, made: tuple[Function, ...]) -> Uploads | None:
    """How files inside JSON arguments travel; None where the catalog says nothing of it."""
    node = context.section("uploads")
    if node is None:
        return None
    name = node.get("function") or node
    function = next((f for f in made if f.name == name.value), None)
    if function is None:
        context.unknown(name, "function", node.text("function"), [f.name for f in made])
    else:
        arguments = [names.argument(p.words) for p in function.params]
        if node.text("argument") not in arguments:
            context.unknown(node.get("argument") or node, "argument", node.text("argument"), arguments)
    return Uploads(**{"inline": 0, **node.value})


def webhooks(context: Context, made: tuple[Function, ...]) -> Webhooks | None:
    """How requests of the API are checked; None where the catalog says nothing of it."""
    node = context.section("webhooks")
    if node is None:
        return None
    jobs = context.section("jobs")
    groups = {f.group.rsplit(".", depth)[0] for f in made for depth in range(f.group.count(".") + 1)}
    known = {"secret": ("function", {f.name for f in made}), "group": ("group", groups)}
    known["job"] = ("job behaviour", set(jobs.value) if jobs else set())
    for key, (kind, every) in known.items():
        if node.text(key) and node.text(key) not in every:
            context.unknown(node.get(key) or node, kind, node.text(key), every)
    said: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in node.value.items()}
    return Webhooks(**said)


def named(context: Context, node: Node | None, key: str, known: set[str]) -> str:
    """The function that a key of the catalog names; empty where it names none."""
    name = node.text(key) if node else ""
    if node and node.get(key) and name not in known:
        context.unknown(node.get(key) or node, "function", name, known)
    return name


def runners(context: Context, known: set[str]) -> Iterator[Runner]:
    """The commands that an extension resolves, in the catalog's order."""
    listed = context.section("runners")
    for key, node in listed.items() if listed else ():
        named(context, node, "function", known)
        said: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in node.value.items()}
        yield Runner(**{"key": key, "description": said["summary"], **said})


def aliases(context: Context, made: tuple[Function, ...]) -> Iterator[Alias]:
    """Other words for commands, in the catalog's order."""
    listed, ran = context.section("aliases"), context.section("runners")
    known = {" ".join("-".join(step) for step in (*_path(f.group), f.verb)) for f in made}
    known |= set(ran.value) if ran else set()
    for key, node in listed.items() if listed else ():
        command = tuple(str(node.value).split())
        plain = " ".join(itertools.takewhile(lambda word: not word.startswith("-"), command))
        if plain not in known:
            context.unknown(node, "command", plain, known)
        yield Alias(words=tuple(key.split()), command=command)


def _path(group: str) -> list[list[str]]:
    return [step.split("_") for step in group.split(".")] if group else []


_WEB = ("html_url", "web_url", "urls.web")
"""Where APIs put the URL of a page for people, beside the one for programs."""


def web(context: Context, node: Node | None, result: Result) -> str:
    """Where in a result the URL of its page for people is, as the catalog says or as its fields are called."""
    wanted = node.text("web") if node else ""
    for path in (wanted,) if wanted else _WEB:
        model, found = context.schemas.models.get(result.type.model) if result.type else None, None
        for step in path.split("."):
            found = next((f.type for f in model.fields if f.wire_name == step), None) if model else None
            model = context.schemas.models.get(found.model) if found else None
        if found is not None and found.kind == "string":
            return path
    if node and wanted:
        where = (node.get("web") or node).place
        context.findings.append(
            Finding(where, f"the result has no text {wanted!r}", "name a field, such as `html_url`")
        )
    return ""


def reference(context: Context, params: tuple[Param, ...]) -> Reference | None:
    """The longest way of the catalog to write the arguments of this path as one."""
    listed = context.section("references")
    placed = [names.argument(p.words) for p in params if p.location == "path"]
    found = None
    for key, node in listed.items() if listed else ():
        parts = tuple(re.findall(r"\{(\w+)\}([^{]*)", node.text("form")))
        longer = found is None or len(parts) > len(found.parts)
        if longer and [name for name in placed if name in dict(parts)] == [name for name, _ in parts]:
            found = Reference(key=key, shown=node.text("shown"), parts=parts)
    return found


def check_instead(context: Context, made: tuple[Function, ...]) -> None:
    """What is called in place of a function takes its arguments, those apart that a reference stands for."""
    by_name = {function.name: function for function in made}
    listed = context.section("functions")
    for function in made:
        own = {names.argument(param.words) for param in function.params}
        for argument, target in function.instead:
            node = listed.get(function.name) if listed else None
            place = node.get("instead") if node else None
            assert place is not None, "it was read from there"
            other = by_name.get(named(context, place, argument, set(by_name)))
            if other is None:
                continue
            whole = {name for name, _ in other.reference.parts} if other.reference else set()
            more = {names.argument(param.words) for param in other.params} - own - whole
            if not whole or more or argument in own or other.result.type != function.result.type:
                what = f"{target} cannot be called for the argument {argument!r}"
                hint = "it must have a reference, give the same result, and take no argument that this one has not"
                context.findings.append(Finding((place.get(argument) or place).place, what, hint))


def check_names(context: Context, node: Node, params: tuple[Param, ...]) -> None:
    """What the catalog says of a function by name must have that name."""
    jobs = context.section("jobs")
    job = node.get("job")
    if job is not None and (jobs is None or jobs.get(job.value) is None):
        context.unknown(job, "job behaviour", job.value, jobs.value if jobs else ())
    arguments = {names.argument(p.words) for p in params}
    files, examples = node.get("files"), node.get("examples")
    taken = files.get("input") if files else None
    for argument in taken.elements() if taken else ():
        if argument.value not in arguments:
            context.unknown(argument, "argument", argument.value, arguments)
    for example in examples.elements() if examples else ():
        given = example.get("arguments")
        for name, value in given.items() if given else ():
            if name not in arguments:
                context.unknown(value, "argument", name, arguments)
        for p in params:
            if given is not None and p.required and names.argument(p.words) not in given.value:
                what = f"the example lacks the required argument {'_'.join(p.words)!r}"
                context.findings.append(Finding(given.place, what, "give it a value"))


def examples(
    context: Context,
    said: dict[str, Any],
    params: tuple[Param, ...],
    body: Body | None,
    responses: tuple[Response, ...],
) -> tuple[Example, ...]:
    """The catalog's examples; without them, those of the document, or one from the types."""
    listed = said.get("examples")
    answers = [c for r in responses if r.status.startswith("2") for c in r.contents if c.examples]
    first = answers[0].examples[:1] if answers else ()
    if listed is not None:
        return tuple(
            Example(
                title=e["title"],
                arguments=e["arguments"],
                has_result="result" in e or bool(first),
                result=e["result"] if "result" in e else first[0] if first else None,
            )
            for e in listed
        )
    # An answer that is called as a request is what comes of it.
    named = {title: value for c in answers for title, value in zip(c.example_titles, c.examples, strict=False) if title}
    bodies = [*itertools.zip_longest(body.example_titles, body.examples, fillvalue="")] if body else []
    found: list[Example] = []
    for title, whole in bodies[:_MOST_EXAMPLES] or [("", None)]:
        arguments, shown = _shown(context, params, body, whole)
        result = (named[title],) if title in named else () if found else first
        found.append(
            Example(
                title=title or ("As the document shows it" if shown else "With values made from the types"),
                arguments=arguments,
                has_result=bool(result),
                result=result[0] if result else None,
            )
        )
    return tuple(found)


def _shown(context: Context, params: tuple[Param, ...], body: Body | None, whole: Any) -> tuple[dict[str, Any], bool]:
    """The arguments of an example of the body, and whether the document has all of their values."""
    arguments: dict[str, Any] = {}
    shown = True
    fields = whole if isinstance(whole, dict) and body and body.flattened else {}
    for p in params:
        name = names.argument(p.words)
        if p.location == "field" and p.wire_name in fields:
            arguments[name] = fields[p.wire_name]
        elif p.location == "body" and p.examples:
            arguments[name] = whole
        elif p.examples:
            arguments[name] = p.examples[0]
        elif p.required:
            arguments[name], shown = sample(p.type, context.schemas.models, context.schemas.types, name), False
    return arguments, shown
