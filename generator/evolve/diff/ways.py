"""The other ways to make the same call: arguments given by their place, other names, one argument in place of several."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from ... import names
from ...ir import Api, Function, Param
from ...surfaces.shared.metadata import aliases
from ...surfaces.shared.placing import places
from .change import Action
from .facts import Fact, label, of_function

Pairs = Iterable[tuple[Param, Param]]


def placed(function: Function) -> dict[str, int]:
    """The arguments that Python and the command line take by their place, and which place that is."""
    results = (name for _, parts in places(function) for name, _ in parts)
    return {name: index for index, name in enumerate(results)}


def positional(old: Function, new: Function, both: Pairs) -> Iterator[Fact]:
    """What stayed where it travels, and is given by another place, or only by its name now; or by its place as well."""
    before, after = placed(old), placed(new)
    kept = []
    for one, other in both:
        was, now = before.get(names.argument(one.words)), after.get(names.argument(other.words))
        if one.location != other.location or was == now is None:
            continue
        if was is not None and now is not None:
            kept.append((was, now, one, other))
            continue
        kind = "positional argument added" if was is None else "positional argument removed"
        yield Fact(
            kind=kind, action="added" if was is None else "removed", subject=label(old),
            name=names.argument(one.words), place=other.place, old=old, new=new, old_param=one, new_param=other,
        )  # fmt: skip
    first, second = sorted(kept, key=lambda each: each[0]), sorted(kept, key=lambda each: each[1])
    if first != second:
        shown = (", ".join(names.argument(each[2].words) for each in order) for order in (first, second))
        yield of_function("positional order changed", "changed", old, new, *shown)


def alternatives(old: Function, new: Function) -> Iterator[Fact]:
    """The arguments in place of others, which make it the call of another function."""
    before, after = dict(old.instead), dict(new.instead)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) == after.get(name):
            continue
        action = _action(name, before, after)
        yield Fact(
            kind=f"alternative {action}", action=action, subject=label(old), name=name, before=before.get(name, ""),
            after=after.get(name, ""), place=new.place, old=old, new=new,
        )  # fmt: skip


def other_names(old: Api, new: Api, both: Iterable[tuple[Function, Function]]) -> Iterator[Fact]:
    """Names that a function answers to beside its own. Where it is called otherwise, that says so of all of them."""
    if old.name != new.name:
        return
    mine, theirs = aliases(old), aliases(new)
    for one, other in both:
        if (one.name, one.group, one.verb) != (other.name, other.group, other.verb):
            continue
        before, after = set(mine[one.name]), set(theirs[other.name])
        for name in sorted(before ^ after):
            action: Action = "removed" if name in before else "added"
            yield Fact(
                kind=f"alias {action}", action=action, subject=label(one), name=name, place=other.place, old=one,
                new=other,
            )  # fmt: skip


def commands(old: Api, new: Api) -> Iterator[Fact]:
    """Other words for commands."""
    before, after = ({" ".join(each.words): " ".join(each.command) for each in api.aliases} for api in (old, new))
    for words in sorted(before.keys() | after.keys()):
        if before.get(words) == after.get(words):
            continue
        action = _action(words, before, after)
        yield Fact(
            kind=f"command alias {action}", action=action, subject=old.name, name=words, before=before.get(words, ""),
            after=after.get(words, ""),
        )  # fmt: skip


def _action(name: str, before: Container[str], after: Container[str]) -> Action:
    if name in before:
        return "changed" if name in after else "removed"
    return "added"
