"""Values of arguments as they are typed: what the API lists, for prompts and for resources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import mcp_types as types

from ..functions import FunctionInfo, all_functions
from ..functions.schemas import resolved
from . import addresses, prompts

if TYPE_CHECKING:
    from .calls import Calls
    from .clients import Caller

MOST = 100
"""Values that the protocol takes."""
_GAP = re.compile(r"\{([a-z][a-z0-9_]*)\}")


async def complete(
    reference: Any, argument: types.CompletionArgument, context: Mapping[str, str], calls: Calls, caller: Caller
) -> types.Completion:
    """The values that complete the typed text; none if the API cannot list them."""
    source = (
        _of_prompt(reference.name, argument.name)
        if isinstance(reference, types.PromptReference)
        else _of_template(reference.uri, argument.name, context, calls)
    )
    if source is None:
        return types.Completion(values=[], has_more=False)
    info, form, arguments = source
    envelope = await calls.envelope(info, arguments, caller)
    chosen = {name.rpartition("_")[2]: value for name, value in context.items()}
    known_values = list(dict.fromkeys(_values(envelope["data"], info, form, chosen))) if envelope["success"] else []
    typed = argument.value.lower()
    begun = [value for value in known_values if value.lower().startswith(typed)]
    matches = [value for value in known_values if typed in value.lower() and value not in begun]
    values = [*begun, *matches]
    return types.Completion(values=values[:MOST], total=len(values), has_more=len(values) > MOST)


def _of_prompt(name: str, argument: str) -> tuple[FunctionInfo, str, dict[str, str]] | None:
    prompt = prompts.known().get(name)
    for each in prompt["arguments"] if prompt else ():
        if each["name"] == argument and each["values"]:
            return all_functions()[each["values"]], each["form"], {}
    return None


def _of_template(
    uri: str, argument: str, arguments: Mapping[str, str], calls: Calls
) -> tuple[FunctionInfo, str, dict[str, str]] | None:
    """The list beside what a template shows, and the field of its items that the argument is called after."""
    shown = addresses.templated(uri, calls.options)
    if shown is None:
        return None
    field = argument.rpartition("_")[2]
    for info in calls.options.listed.values():
        needed = info.required
        same = info.group == shown.group or shown.path.startswith(f"{info.path}/")
        listing = info.page and info.type == "read" and same and all(name in arguments for name in needed)
        if listing and field in _of_items(info):
            return info, f"{{{field}}}", {name: arguments[name] for name in needed}
    return None


def _of_items(info: FunctionInfo) -> Mapping[str, Any]:
    """The fields of a list's items, as far as its schema has them."""
    root = info.output_schema
    of_list = resolved(resolved(root, root).get("properties", {}).get(info.page["items"] if info.page else ""), root)
    properties: Mapping[str, Any] = resolved(of_list.get("items"), root).get("properties", {})
    return properties


def _values(data: Any, info: FunctionInfo, form: str, chosen: Mapping[str, str]) -> Iterator[str]:
    """What the items of a list make, those left out that are not of what was chosen before, such as an owner."""
    items = data.get(info.page["items"]) if info.page and isinstance(data, dict) else data
    names = _GAP.findall(form)
    for item in items if isinstance(items, list) else ():
        values = {name: item.get(name) for name in names} if isinstance(item, dict) else {"": None}
        whole = all(isinstance(value, (str, int)) for value in values.values())
        if whole and all(item.get(field, value) == value for field, value in chosen.items()):
            yield form.format_map(values)
