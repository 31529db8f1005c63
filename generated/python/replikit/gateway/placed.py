"""A configuration as it is written, JSON or YAML, with line and column of every value, so that what is wrong is told there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .. import about
from ..runtime import disk

LARGEST = 1 << 20
"""Bytes of a file."""
DEEPEST = 20
MOST = 10_000
"""Values of a file, those that an alias repeats counted again."""
_SPACE = re.compile(r"[ \t\r\n]*")


class ConfigurationError(ValueError):
    """A configuration that is not understood: where, what, and how to mend it."""

    def __init__(self, where: str, what: str, hint: str = "") -> None:
        super().__init__(f"{where}: {what}" + (f"\n  fix: {hint}" if hint else ""))


@dataclass(frozen=True, slots=True)
class Placed:
    """A value and its place in the file."""

    value: Any
    """A text, a number, a truth value, None; of an object its members, of a list its items, each placed."""
    where: str
    keys: Mapping[str, str] = field(default_factory=dict)
    """The place of each key of an object."""

    def wrong(self, what: str, hint: str = "") -> ConfigurationError:
        """The error of this value."""
        return ConfigurationError(self.where, what, hint)

    def members(self, what: str, known: Iterable[str] = ()) -> Mapping[str, Placed]:
        """The members of an object; of null none. ConfigurationError where it is none, or has a key that is not known."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.wrong(f"{what} is an object")
        names = tuple(known)
        for key in self.value if names else ():
            if key not in names:
                raise self.unknown(key, names, f"{what} has no key")
        return self.value

    def unknown(self, key: str, names: Iterable[str], what: str) -> ConfigurationError:
        """The error of a key that there is not, with the nearest that there is."""
        near = get_close_matches(key, tuple(names), 1, 0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        return ConfigurationError(self.keys.get(key, self.where), f"{what} {key[:80]!r}", hint)

    def text(self, what: str) -> str:
        """The value as a string. Raises ConfigurationError if it is not one."""
        if not isinstance(self.value, str) or not self.value:
            raise self.wrong(f"{what} is a text")
        return self.value

    def choice(self, what: str, names: tuple[str, ...]) -> str:
        """The value as one of these strings. Raises ConfigurationError if it is not one."""
        if self.value not in names:
            near = get_close_matches(str(self.value), names, 1, 0.5)
            more = f"did you mean {near[0]}?" if near else ""
            raise self.wrong(f"{what} is {', '.join(names[:-1])} or {names[-1]}, not {str(self.value)[:80]!r}", more)
        return str(self.value)

    def texts(self, what: str) -> tuple[str, ...]:
        """The value as a list of strings. Raises ConfigurationError if it is not one."""
        if not isinstance(self.value, list):
            raise self.wrong(f"{what} is a list")
        return tuple(each.text(f"each of {what}") for each in self.value)


def read(path: Path) -> Placed:
    """Read the configuration of a file. Raises ConfigurationError if it is invalid."""
    try:
        text = disk.read(path, LARGEST)[0].decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(str(path), str(error.strerror or error)) from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(str(path), f"it is not UTF-8: byte {error.start}") from None
    return (_Json(str(path), text) if path.suffix == ".json" else _Yaml(str(path), text)).read()


class _Json:
    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._count = 0
        self._decoder = json.JSONDecoder()

    def read(self) -> Placed:
        value, end = self._value(0, DEEPEST)
        if (end := self._after(end)) < len(self._text):
            raise ConfigurationError(self._where(end), "there is extra data after the end of the JSON")
        return value

    def _where(self, at: int) -> str:
        line = self._text.count("\n", 0, at)
        return f"{self._path}:{line + 1}:{at - self._text.rfind(chr(10), 0, at)}"

    def _after(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _value(self, at: int, levels: int) -> tuple[Placed, int]:
        at = self._after(at)
        where, char = self._where(at), self._text[at : at + 1]
        self._count += 1
        if not levels or self._count > MOST:
            raise ConfigurationError(
                where, f"it is nested more deeply than {DEEPEST} levels, or has more than {MOST} values"
            )
        if char == "{":
            return self._object(at, where, levels)
        if char == "[":
            items: list[Placed] = []
            at = self._after(at + 1)
            while self._text[at : at + 1] != "]":
                value, at = self._value(at, levels - 1)
                items.append(value)
                at = self._next(at, "]")
            return Placed(items, where), at + 1
        return self._scalar(at, where)

    def _object(self, at: int, where: str, levels: int) -> tuple[Placed, int]:
        members: dict[str, Placed] = {}
        keys: dict[str, str] = {}
        at = self._after(at + 1)
        while self._text[at : at + 1] != "}":
            key, end = self._scalar(at, self._where(at))
            if not isinstance(key.value, str):
                raise ConfigurationError(self._where(at), "a key must be a string")
            if key.value in members:
                raise ConfigurationError(self._where(at), f"the key {key.value[:80]!r} is a duplicate")
            end = self._after(end)
            if self._text[end : end + 1] != ":":
                raise ConfigurationError(self._where(end), "a colon is missing")
            keys[key.value] = self._where(at)
            members[key.value], at = self._value(end + 1, levels - 1)
            at = self._next(at, "}")
        return Placed(members, where, keys), at + 1

    def _next(self, at: int, end: str) -> int:
        """Where the next member is, or the end."""
        at = self._after(at)
        if self._text[at : at + 1] == ",":
            following = self._after(at + 1)
            if self._text[following : following + 1] == end:
                raise ConfigurationError(self._where(following), "a value is missing after the comma")
            return following
        if self._text[at : at + 1] != end:
            raise ConfigurationError(self._where(at), f"a comma or {end} is missing")
        return at

    def _scalar(self, at: int, where: str) -> tuple[Placed, int]:
        if self._text[at : at + 1] in ("{", "["):
            raise ConfigurationError(where, "a key must be a string")
        try:
            value, end = self._decoder.raw_decode(self._text, at)
        except ValueError as error:
            raise ConfigurationError(where, f"this is not JSON: {getattr(error, 'msg', error)}") from None
        return Placed(value, where), end


class _Yaml:
    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._count = 0

    def read(self) -> Placed:
        try:
            import yaml
        except ModuleNotFoundError:
            remedy = f"pip install '{about.PACKAGE}[gateway]', or write it as JSON, in a file that ends in .json"
            raise ConfigurationError(self._path, "YAML needs an additional package", remedy) from None
        self._constructor = yaml.constructor.SafeConstructor()
        try:
            node = yaml.compose(self._text, Loader=yaml.SafeLoader)
            return self._placed(node, DEEPEST) if node is not None else Placed(None, f"{self._path}:1:1")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f"{self._path}:{mark.line + 1}:{mark.column + 1}" if mark is not None else self._path
            raise ConfigurationError(where, f"this is not YAML: {error.problem}") from None
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            if isinstance(error, ConfigurationError):
                raise
            raise ConfigurationError(self._path, f"this is not YAML: {str(error)[:200]}") from None

    def _where(self, node: Any) -> str:
        return f"{self._path}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"

    def _placed(self, node: Any, levels: int) -> Placed:
        where = self._where(node)
        self._count += 1
        if not levels or self._count > MOST:
            raise ConfigurationError(
                where, f"it is nested more deeply than {DEEPEST} levels, or has more than {MOST} values"
            )
        if node.id == "sequence":
            return Placed([self._placed(each, levels - 1) for each in node.value], where)
        if node.id != "mapping":
            return Placed(self._constructor.construct_object(node), where)
        members: dict[str, Placed] = {}
        keys: dict[str, str] = {}
        for key, value in node.value:
            if key.id != "scalar" or not key.value:
                raise ConfigurationError(self._where(key), "a key must be a string")
            if key.value in members:
                raise ConfigurationError(self._where(key), f"the key {key.value[:80]!r} is a duplicate")
            keys[key.value] = self._where(key)
            members[key.value] = self._placed(value, levels - 1)
        return Placed(members, where, keys)
