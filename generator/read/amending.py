"""Applies overlays to a document; every part of the result keeps the file that it comes from.

    amended     document + overlays -> document, and the actions without effect
    _Amending   one document and the places of its parts, as they are changed

Merging is as the Overlay Specification 1.1.0 has it ("Action Object"): objects recursively, arrays concatenated,
primitives replaced; anything else is an error. Where 1.0 says otherwise (an array takes the whole `update` as one entry,
a primitive cannot be updated by itself) a file of 1.0 is read by 1.0; that it cannot remove a primitive either is not
held against it, since 1.1 has taken that back and everybody's 1.0 does it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..errors import SpecError
from . import bounds
from .overlay import Action, Overlay, read
from .reading import Places
from .source import Node, Source

if TYPE_CHECKING:
    from .jsonpath import Location


@dataclass(frozen=True)
class Amended:
    """A document with its overlays."""

    source: Source
    idle: tuple[tuple[Node, str], ...]
    """What of the overlays had no effect, and why."""


def amended(source: Source, overlays: Sequence[Path], fetched: str = "") -> Amended:
    """A document with the overlays at these paths, in order. SpecError where one is wrong or does not fit.

    fetched: the URL that the document came from.
    """
    if not overlays:
        return Amended(source, ())
    if len(overlays) > bounds.FILES.value:
        raise SpecError(
            "--overlay", f"is passed more than {bounds.FILES.value:,} times", bounds.FILES.hint("name fewer")
        )
    loaded, size = [], len(source.data)
    for path in overlays:
        loaded.append(read(path))
        size += len(loaded[-1].source.data)
        if size > bounds.BYTES.value:
            what = f"with it the document is larger than {bounds.BYTES.value:,} bytes"
            raise SpecError(loaded[-1].source.file, what, bounds.BYTES.hint("remove unneeded parts"))
    return laid(source, loaded, fetched)


def laid(source: Source, overlays: Iterable[Overlay], fetched: str = "") -> Amended:
    """A document with these overlays, see `amended`."""
    amending = _Amending(source)
    for overlay in overlays:
        amending.lay(overlay)
        if not _meant(overlay, source, fetched):
            extends = overlay.extends
            assert extends is not None
            amending.idle.append((extends, f"it is for {extends.value!r}, not for {source.file}"))
    return Amended(amending.source(), tuple(amending.idle))


def _meant(overlay: Overlay, source: Source, fetched: str) -> bool:
    """Whether the document is the one that an overlay extends, as far as it can be known."""
    if overlay.extends is None:
        return True
    written: str = overlay.extends.value
    try:
        parts = urlsplit(written)
    except ValueError:
        return False
    if parts.scheme in ("http", "https"):
        return not fetched or written == fetched
    if fetched or parts.scheme not in ("", "file"):
        return not parts.scheme  # relative to wherever the overlay was published
    named = unquote(parts.path)
    try:
        place = (Path(named) if parts.scheme else overlay.source.path.parent / named).resolve()
    except (OSError, ValueError, RuntimeError):
        return False
    return place == source.path.resolve()


class _Amending:
    def __init__(self, source: Source) -> None:
        self.idle: list[tuple[Node, str]] = []
        self._source = source
        self._value, self._places = source.value, source.reading.places
        self._start = source.reading.start
        self._laid = [*source.laid]
        self._end = len(source.text) + 1
        """The first offset that no text so far uses: those of the next file begin here."""
        self._copied: dict[int, Places] = {}
        """Places that are this document's alone: an alias of YAML shares them with what it stands for."""
        self._left = bounds.VALUES.value - _measure(self._value)[0]
        from .jsonpath import Selector  # slow, and most documents have no overlay

        self._select = Selector()

    def source(self) -> Source:
        """The document after the actions so far."""
        reading = replace(self._source.reading, value=self._value, places=self._places, start=self._start)
        return replace(self._source, reading=reading, laid=tuple(self._laid))

    def lay(self, overlay: Overlay) -> None:
        """Carries out the actions of a file, one after the other."""
        base = self._end
        self._laid.append((base, overlay.source))
        self._end += len(overlay.source.text) + 1
        for action in overlay.actions:
            self._apply(action, overlay.minor, base)

    def _apply(self, action: Action, minor: int, base: int) -> None:
        targets = self._selected(action, "target", action.target)
        if not targets:
            self.idle.append((action.at, f"the target {action.target!r} selects nothing"))
        elif action.remove:
            self._remove(action, targets)
        elif action.copy:
            copied = self._selected(action, "copy", action.copy)
            if len(copied) != 1:
                what = f"`copy` selects {len(copied) or 'no'} node{'s' * (len(copied) != 1)}, but must select one"
                raise _at(action, "copy").error(what, "select exactly one")
            value, (at, places) = self._at(copied[0])
            # A twin: what is copied may be changed by the copying.
            self._update(action, "copy", targets, _Part(_twin(value), at, self._shifted(places, 0), 0), minor)
        elif action.update is not None:
            at, places = _entry(action.update)
            self._update(action, "update", targets, _Part(action.update.value, at + base, places, base), minor)

    def _selected(self, action: Action, key: str, query: str) -> list[Location]:
        from .jsonpath import NotRead

        try:
            return self._select.find(query, self._value)
        except NotRead as error:
            raise _at(action, key).error(f"`{key}` {error.what}", error.hint) from None

    def _update(self, action: Action, key: str, targets: list[Location], part: _Part, minor: int) -> None:
        kinds = {_kind(self._at(each)[0]) for each in targets}
        if len(kinds) > 1:
            what = f"the target {action.target!r} selects {' and '.join(sorted(kinds))} at once"
            raise _at(action, "target").error(what, "use one action for each")
        [kind] = kinds
        if kind == "primitive values" and minor == 0:
            what = f"the target {action.target!r} selects a primitive value, which Overlay 1.0 does not update"
            raise _at(action, "target").error(what, "select the object that holds it, or write overlay: 1.1.0")
        if kind != "arrays" and _kind(part.value) != kind:
            what = f"`{key}` has another kind than the target: {kind}"
            raise _at(action, key).error(what, "use a value of that kind, or remove the target first")
        size, height = _measure(part.value)
        whole = kind == "arrays" and minor == 1 and isinstance(part.value, list)
        for location in targets:
            self._spend(action, size, len(location) + height)
            if kind == "objects":
                self._merge(action, key, self._at(location)[0], self._own(location), part)
            elif kind == "arrays":
                value, places = self._at(location)[0], self._own(location)
                for each in part.elements() if whole else (part,):
                    value.append(_twin(each.value))
                    places.append((each.at, self._shifted(each.places, each.base)))
            else:
                holder, places, step = self._at(location[:-1])[0], self._own(location[:-1]), location[-1]
                holder[step] = part.value
                places[step] = (part.at, None)

    def _merge(self, action: Action, key: str, value: dict[str, Any], places: Any, part: _Part) -> None:
        todo = [(value, places, part)]
        while todo:
            value, places, part = todo.pop()
            for name, each in part.items():
                if name not in value:
                    value[name] = _twin(each.value)
                    places[name] = (each.at, self._shifted(each.places, each.base))
                    continue
                kind = _kind(value[name])
                if kind != _kind(each.value):
                    where = self.source().place_of(each.at)
                    what = f"`{key}` has {_kind(each.value)} for {name[:80]!r}, where the document has {kind}"
                    raise SpecError(where, what, "use a value of that kind, or remove the existing value first")
                if kind == "objects":
                    todo.append((value[name], self._inner(places, name, value[name]), each))
                elif kind == "arrays":
                    inner = self._inner(places, name, value[name])
                    for one in each.elements():
                        value[name].append(_twin(one.value))
                        inner.append((one.at, self._shifted(one.places, one.base)))
                else:
                    value[name] = each.value
                    places[name] = (each.at, None)

    def _remove(self, action: Action, targets: list[Location]) -> None:
        if () in targets:
            raise _at(action, "target").error("the root of the document cannot be removed", "select a part of it")
        below: dict[Location, list[str | int]] = {}
        for each in targets:
            below.setdefault(each[:-1], []).append(each[-1])
        # The deepest first, and of a list the last: until its turn comes, each stands where it was found.
        for parent in sorted(below, key=len, reverse=True):
            value, places = self._at(parent)[0], self._own(parent)
            steps = below[parent]
            for step in sorted(steps, reverse=True, key=int) if isinstance(value, list) else steps:
                del value[step]
                del places[step]

    def _at(self, location: Location) -> tuple[Any, tuple[int, Places | None]]:
        """The value of a location, and its entry in the places."""
        value, at, places = self._value, self._start, self._places
        for step in location:
            value = value[step]
            at, places = places[step] if places else (at, None)  # type: ignore[index]
        return value, (at, places)

    def _own(self, location: Location) -> Any:
        """The places of what is inside a location, which may be changed."""
        if id(self._places) not in self._copied:
            self._places = self._keep(_plain(self._places, self._value, self._start))
        places, value = self._places, self._value
        for step in location:
            value = value[step]
            places = self._inner(places, step, value)
        return places

    def _inner(self, places: Any, step: str | int, value: Any) -> Any:
        at, inner = places[step]
        if id(inner) not in self._copied:
            inner = self._keep(_plain(inner, value, at))
            places[step] = (at, inner)
        return inner

    def _keep(self, places: Places) -> Places:
        self._copied[id(places)] = places
        return places

    def _shifted(self, places: Places | None, base: int) -> Places | None:
        """Places of an overlay as those of the document; for each use anew."""
        if isinstance(places, dict):
            return self._keep({key: (at + base, self._shifted(inner, base)) for key, (at, inner) in places.items()})
        if isinstance(places, list):
            return self._keep([(at + base, self._shifted(inner, base)) for at, inner in places])
        return None

    def _spend(self, action: Action, size: int, depth: int) -> None:
        self._left -= size
        if self._left < 0:
            what = f"with this action the document has more than {bounds.VALUES.value:,} values"
            raise action.at.error(what, bounds.VALUES.hint("select fewer nodes"))
        if depth > bounds.DEPTH.value:
            what = f"with this action the document is nested deeper than {bounds.DEPTH.value} levels"
            raise action.at.error(what, bounds.DEPTH.hint("flatten it"))


@dataclass(frozen=True, slots=True)
class _Part:
    """A value that is laid: where it stands, and the places in it, which are counted from `base`."""

    value: Any
    at: int
    places: Any
    base: int

    def items(self) -> Iterable[tuple[str, _Part]]:
        for key, value in self.value.items():
            at, inner = self.places[key] if self.places else (self.at - self.base, None)
            yield key, _Part(value, at + self.base, inner, self.base)

    def elements(self) -> Iterable[_Part]:
        for index, value in enumerate(self.value):
            at, inner = self.places[index] if self.places else (self.at - self.base, None)
            yield _Part(value, at + self.base, inner, self.base)


def _at(action: Action, key: str) -> Node:
    return action.at.get(key) or action.at


def _entry(node: Node) -> tuple[int, Places | None]:
    """Where a node of an overlay stands, and the places in it."""
    places: Any = node.source.reading.places
    at, inner = node.source.reading.start, places
    for step in node.pointer.split("/")[1:]:  # `actions`, a number, `update`: nothing that is escaped
        at, inner = inner[int(step) if isinstance(inner, list) else step]
    return at, inner


def _kind(value: Any) -> str:
    return "objects" if isinstance(value, dict) else "arrays" if isinstance(value, list) else "primitive values"


def _plain(places: Places | None, value: Any, at: int) -> Any:
    """A copy of the places of one object or list, as many as it has parts."""
    if isinstance(value, dict):
        known = places if isinstance(places, dict) else {}
        return {key: known.get(key, (at, None)) for key in value}
    return list(places) if isinstance(places, list) else [(at, None)] * len(value)


def _twin(value: Any) -> Any:
    """A copy as deep as the value, whose depth is known."""
    if isinstance(value, dict):
        return {key: _twin(each) for key, each in value.items()}
    return [_twin(each) for each in value] if isinstance(value, list) else value


def _measure(value: Any) -> tuple[int, int]:
    """How many values a value is, and how deep."""
    size, height, level = 0, -1, [value]
    while level:
        size, height = size + len(level), height + 1
        level = [
            inner
            for each in level
            if isinstance(each, (dict, list))
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return size, height
