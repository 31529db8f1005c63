"""Flags of the command line that are called otherwise than their arguments."""

from __future__ import annotations

from .. import names
from ..errors import Finding
from ..ir import Param
from ..read.catalog_model import FunctionEntry
from .context import Context


def flags(
    context: Context, function_entry: FunctionEntry | None, params: tuple[Param, ...]
) -> tuple[tuple[str, str], ...]:
    """(argument, flag without its dashes) of those that the catalog names, by what each of them is on the wire."""
    if function_entry is None or not function_entry.flags:
        return ()
    node, result = function_entry.node("flags"), dict[str, str]()
    known = {p.wire_name: p for p in params} | {names.argument(p.words): p for p in params}
    for key, flag in function_entry.flags.items():
        at, param = node.get(key) or node, known.get(key)
        if param is None:
            context.unknown(at, "argument", key, known)
        elif flag in names.ARGUMENT_FLAG.reserved:
            what = f"the flag --{flag} belongs to every command"
            context.findings.append(
                Finding(at.place, what, f"use another, such as `{flag}{names.ARGUMENT_FLAG.suffix}`")
            )
        else:
            result[names.argument(param.words)] = flag
    message = names.flags_of(params, result)
    owners: dict[str, str] = {}
    for name, flag in sorted(message.of.items(), key=lambda each: each[0] in result):
        owner = owners.setdefault(flag, name)
        if owner != name:
            what = f"the flag --{flag} of {name!r} already belongs to {owner!r}"
            context.findings.append(Finding(node.place, what, "use another"))
    for param, flag, other in message.clashes:
        if {names.argument(param.words), names.argument(other.words)} & result.keys():
            what = f"the flag --{flag} would belong to {param.wire_name!r} and to {other.wire_name!r}"
            context.findings.append(Finding(node.place, what, "give one of them another"))
    return tuple(sorted(result.items()))
