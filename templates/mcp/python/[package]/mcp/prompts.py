"""Prompts: what people ask of an agent again and again, as the catalog words it; and the values of their gaps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError

from ..functions import PolicyError, all_functions, nearest
from .options import Options
from .text import visible

_GAP = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_NAME = re.compile(r"\w+")
LONGEST = 4_000
"""Characters of an argument."""


@cache
def known() -> dict[str, dict[str, Any]]:
    """The prompts by name, in the catalog's order."""
    text = files(__package__ or "").joinpath("prompts.json").read_text("utf-8")
    return {each["name"]: each for each in json.loads(text)["prompts"]}


def listed() -> list[types.Prompt]:
    """The prompts as a host shows them."""
    return [
        types.Prompt(
            name=each["name"],
            title=each["title"],
            description=each["summary"],
            arguments=[
                types.PromptArgument(
                    name=argument["name"], description=argument["description"], required=argument["required"]
                )
                for argument in each["arguments"]
            ],
        )
        for each in known().values()
    ]


def filled(name: str, arguments: dict[str, str], options: Options) -> types.GetPromptResult:
    """The prompt with its gaps filled in. MCPError where an argument is missing, unknown or too long."""
    prompt = known().get(name)
    if prompt is None:
        raise _wrong(f"There is no prompt {name[:80]!r}", nearest(name, known()))
    names = {argument["name"]: argument["required"] for argument in prompt["arguments"]}
    for key, value in arguments.items():
        if key not in names:
            raise _wrong(f"{name} has no argument {key[:80]!r}", nearest(key, names) or tuple(names))
        if len(value) > LONGEST:
            raise _wrong(f"{key} has {len(value)} characters, {LONGEST} are allowed", (key,))
    for needed, required in names.items():
        if required and not arguments.get(needed, "").strip():
            raise _wrong(f"{name} needs the argument {needed}", (needed,))
    text = _GAP.sub(lambda gap: visible(arguments.get(gap[1], "")).strip() or "not said", prompt["text"])
    text = " ".join([text, *_notes(prompt["text"], options)])
    message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
    return types.GetPromptResult(description=prompt["summary"], messages=[message])


def _notes(text: str, options: Options) -> Iterator[str]:
    """What a model has to know of this server to do what a prompt asks."""
    called = [info for name, info in all_functions().items() if name in set(_NAME.findall(text))]
    if options.mode != "tools":
        yield "Functions are called by `call_read` and `call_write`."
    for info in called:
        try:
            options.policy.check(info)
        except PolicyError as refused:
            yield f"First tell the user that this server is not allowed to call {info.name}: {refused.remedy}."


def _wrong(message: str, near: tuple[str, ...]) -> MCPError:
    hint = f"; nearest: {', '.join(near)}" if near else ""
    return MCPError(types.INVALID_PARAMS, message + hint, {"nearest": list(near)})
