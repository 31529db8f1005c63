"""The catalog's prompts, held against the functions and arguments that they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..errors import Finding
from ..ir import Function, Prompt, PromptArgument
from ..read.source import Node
from .context import Context

_GAP = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def prompts(context: Context, functions: Sequence[Function]) -> Iterator[Prompt]:
    """Every prompt, in the catalog's order."""
    listed = context.section("prompts")
    for name, node in listed.items() if listed else ():
        taken = node.get("arguments")
        arguments = tuple(_argument(context, *pair, functions) for pair in (taken.items() if taken else ()))
        text = node.text("text")
        gaps = set(_GAP.findall(text))
        known = {argument.name for argument in arguments}
        for gap in sorted(gaps - known):
            context.unknown(node.get("text") or node, "argument", gap, known)
        for argument in sorted(known - gaps):
            what = f"the text of the prompt {name!r} has no place for {argument!r}"
            context.findings.append(Finding(node.place, what, f"write {{{argument}}} where it goes"))
        yield Prompt(
            name=name, title=node.text("title"), summary=node.text("summary"), text=text.strip(), arguments=arguments
        )


def _argument(context: Context, name: str, node: Node, functions: Sequence[Function]) -> PromptArgument:
    values = node.get("values")
    listing = {function.name for function in functions if function.access == "read"}
    if values is not None and values.text("function") not in listing:
        context.unknown(values.get("function") or values, "reading function", values.text("function"), listing)
    return PromptArgument(
        name=name,
        description=node.text("description"),
        required=bool(node.value.get("required")),
        values=values.text("function") if values else "",
        form=values.text("form") if values else "",
    )
