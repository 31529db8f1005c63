"""The catalog's prompts, checked against the functions and arguments that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..errors import Finding
from ..ir import Function, Prompt, PromptArgument
from ..read.catalog_model import PromptArgumentEntry
from .context import Context

_GAP = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def prompts(context: Context, functions: Sequence[Function]) -> Iterator[Prompt]:
    """Every prompt, in the catalog's order."""
    for name, declared in context.catalog.prompts.items() if context.catalog else ():
        arguments = tuple(_argument(context, *pair, functions) for pair in declared.arguments.items())
        text = declared.text
        gaps = set(_GAP.findall(text))
        known = {argument.name for argument in arguments}
        for gap in sorted(gaps - known):
            context.unknown(declared.node("text"), "argument", gap, known)
        for argument in sorted(known - gaps):
            what = f"the text of the prompt {name!r} has no place for {argument!r}"
            context.findings.append(Finding(declared.at.place, what, f"write {{{argument}}} where it goes"))
        yield Prompt(name=name, title=declared.title, summary=declared.summary, text=text.strip(), arguments=arguments)


def _argument(
    context: Context, name: str, prompt_argument_entry: PromptArgumentEntry, functions: Sequence[Function]
) -> PromptArgument:
    values = prompt_argument_entry.values
    listing = {function.name for function in functions if function.access == "read"}
    if values is not None and values.function not in listing:
        context.unknown(values.node("function"), "reading function", values.function, listing)
    return PromptArgument(
        name=name,
        description=prompt_argument_entry.description,
        required=prompt_argument_entry.required,
        values=values.function if values else "",
        form=values.form if values else "",
    )
