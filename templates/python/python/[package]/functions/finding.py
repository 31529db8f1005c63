"""Looks functions up by any of their names: those of the package first, then those that the user added."""

from __future__ import annotations

from functools import cache

from .info import ADDED, FunctionInfo, all_functions


class UnknownFunctionError(LookupError):
    """No function has this name; `nearest` holds the names that look like it."""

    def __init__(self, name: str, near: tuple[str, ...], problem: str = "") -> None:
        """problem: why the added functions could not be searched."""
        self.name = name
        self.nearest = near
        self.problem = problem
        more = f"; {problem}" if problem else f"; did you mean {near[0]}?" if near else ""
        super().__init__(f"no function is named {name[:80]!r}{more}")


@cache
def _by_any_name() -> dict[str, FunctionInfo]:
    known = {alias: info for info in all_functions().values() for alias in info.aliases}
    return known | all_functions()


def everything(surface: str = "") -> dict[str, FunctionInfo]:
    """Every function by its name, the package's own before the added ones. ConfigError where they cannot be read."""
    if not ADDED:
        return all_functions(surface)
    from . import added

    return {**all_functions(surface), **added.functions()}


def added_state() -> tuple[object, ...]:
    """A value that changes whenever functions are added or removed."""
    if not ADDED:
        return ()
    from . import added

    return added.state()


def find(name: str, surface: str = "") -> FunctionInfo:
    """The function with this name or alias. UnknownFunctionError where there is none, or where it is hidden on the
    surface."""
    known = _by_any_name()
    info, problem = known.get(name), ""
    also: dict[str, str] = {}
    if info is None and ADDED:
        from . import added

        info, also, problem = added.looked_up(name)
    if info is None or surface in info.hidden:
        from .wording import nearest

        names = {each: one.name for each, one in known.items() if surface not in one.hidden} | also
        near = nearest(name, names, 6)
        raise UnknownFunctionError(name, tuple(dict.fromkeys(names[match] for match in near))[:3], problem)
    return info
