"""The options that settings give to a surface, as they are: JSON, whether a program or a distribution makes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..errors import SpecError
from ..places import Place
from . import registry
from .guard import answered

if TYPE_CHECKING:
    from ..ir import Json
    from ..surfaces.base import Surface


@dataclass(frozen=True)
class Options:
    """The options of an installed surface."""

    surface: str
    value: Json
    place: Place | str = field(default="settings", compare=False)

    @property
    def written(self) -> str:
        """It as JSON."""
        return written(self.value, self.place, self.surface)


def declared(content: Any, where: Place | str) -> Options:
    """Options as settings declare them: `{name, options}`. SpecError, at `where`, for anything else."""
    hint = 'write {"name": "typescript", "options": {}}'
    if not isinstance(content, Mapping) or not content.keys() <= {"name", "options"}:
        raise SpecError(where, "is not a surface with options", hint)
    name, options = content.get("name"), content.get("options", {})
    if not isinstance(name, str) or not registry.valid(name):
        raise SpecError(where, f"{str(name)[:80]!r} is not a valid surface name: a-z, then a-z, 0-9, _ and -", hint)
    if name in registry.OURS:
        raise SpecError(where, f"{name!r} is a built-in surface, and takes no options", f"write {name} alone")
    if not isinstance(options, Mapping):
        raise SpecError(where, f"the options of {name} are not a mapping", hint)
    written(options, where, name)
    return Options(name, options, where)


def written(options: Json, where: Place | str, name: str = "") -> str:
    """Options as JSON, the same for the same. SpecError where they are none, such as a date of TOML."""
    try:
        return json.dumps(options, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        whose = f"the options of {name} are" if name else "its options are"
        raise SpecError(where, f"{whose} not JSON: {error}", "write JSON values") from None


def configured(entry: registry.Entry, surface: Surface, options: Options | None) -> Surface:
    """A surface with the options that settings give to it. SpecError where it takes none."""
    if options is None:
        return surface
    if surface.configure is None:
        raise SpecError(options.place, f"{entry.shown} takes no options", f"write {entry.name} alone")
    with answered(entry.shown):
        render = surface.configure(json.loads(options.written))  # a copy, which it may change
    if not callable(render):
        what = f"its `configure` returned {type(render).__name__}, which is not callable"
        raise SpecError(entry.shown, what, "report it to the author of the distribution")
    return replace(surface, render=render)
