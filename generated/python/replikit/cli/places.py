"""Positional arguments: `A/B:C` is three arguments in one word, or in two, or in three."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from .failure import Failure, usage
from .table import Place


def assign(places: Sequence[Place], texts: Sequence[str], taken: Collection[str], where: str) -> dict[str, str]:
    """The argument that each text is, or the arguments that it holds; those given by flag take no text.

    Raises Failure for a text too many.
    """
    name_: dict[str, str] = {}
    waiting = list(texts)
    for place in places:
        open_parts = [part for part in place.parts if part[0] not in taken]
        text: str | None = None
        for argument, separator in open_parts:
            if text is None:
                if not waiting:
                    break
                text = waiting.pop(0)
            before, cut, after = text.partition(separator) if separator else (text, "", "")
            name_[argument], text = before, after if cut else None
        separators = {separator for _, separator in place.parts if separator}
        last = name_.get(place.parts[-1][0], "")
        if open_parts and any(separator in last for separator in separators):
            raise usage(
                f"{last[:80]!r} has a {' or '.join(sorted(separators))} too many for {place.shown}", f"{where} --help"
            )
        if text is not None:
            # The last separator was followed by a part that a flag had given.
            raise usage(f"{place.shown}: passed both as an argument and as a flag", "pass it once")
    if waiting:
        raise usage(f"unexpected argument {waiting[0][:80]!r}", f"{where} --help")
    return name_


def missing(places: Sequence[Place], argument: str, where: str) -> Failure:
    """The failure of an argument that was given neither by place nor by flag."""
    for place in places:
        names = [name for name, _ in place.parts]
        if argument in names:
            part = "" if len(names) == 1 else f" of {place.shown}"
            label = place.shown if len(names) == 1 else argument
            return Failure.of("invalid_arguments", f"{label}{part} is missing", f"{where} --help", parameter=argument)
    flag = "--" + argument.replace("_", "-")
    return Failure.of("invalid_arguments", f"{flag} is required", f"{where} --help", parameter=argument)
