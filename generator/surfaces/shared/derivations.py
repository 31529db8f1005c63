"""Functions that are made of others, as every surface sees them."""

from __future__ import annotations

from dataclasses import replace

from ...ir import Api, Group


def with_groups(api: Api) -> Api:
    """The API with the groups that only derived functions are in."""
    known = {group.key for group in api.groups}
    results = []
    for function in api.derived:
        steps = function.group.split(".") if function.group else []
        for key in (".".join(steps[:n]) for n in range(1, len(steps) + 1)):
            if key not in known:
                known.add(key)
                path = tuple(tuple(step.split("_")) for step in key.split("."))
                title = " ".join(path[-1]).capitalize()
                results.append(
                    Group(key=key, path=path, title=title, summary=f"{title}: functions that are made of others.")
                )
    return replace(api, groups=tuple(sorted((*api.groups, *results), key=lambda group: group.key))) if results else api
