"""A scenario: which calls are answered otherwise than usual, in which order, how often and how likely.

    rules:
      - function: create_prediction      or `method` and `path`; neither: every call
        answers:                         one for each call, the last one for all that follow
          - {code: 429, headers: {Retry-After: "1"}}
          - {fault: reset}
          - {}                           as usual
      - method: GET
        path: /things/{id}               or one path as it is called
        probability: 0.1                 of a call to be answered so, drawn by the seed
        times: 3                         calls that it answers; without it, all
        answers: [{code: 503, body: {detail: "busy"}, delay: 2}]

The first rule that fits a call and is not used up answers it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..runtime import disk, paths
from .overrides import (
    USUAL,
    Override,
    OverrideError,
    checked,
    merged,
    names,
    nearest,
    shown,
)
from .routes import Route, Routes

if TYPE_CHECKING:
    from random import Random

LARGEST = 4 * 1024 * 1024
"""Bytes of a scenario's file."""
MOST = 1_000
"""Rules of a scenario, and answers of a rule."""
_ANSWER = (*names(), "headers", "body")
_RULE = ("function", "method", "path", "probability", "times", "answers")


class ScenarioError(ValueError):
    """An invalid scenario: the place, the problem, and the valid values."""


@dataclass(frozen=True)
class Rule:
    """What some calls are answered with."""

    functions: frozenset[str]
    """Names of functions; none: of all."""
    path: str
    """One path as it is called; empty: any of the functions'."""
    probability: float
    times: int | None
    answers: tuple[Override, ...]


class Scenario:
    """Rules, and how often each was used."""

    def __init__(self, rules: Iterable[Rule] = (), seed: int | None = None) -> None:
        self._initial = tuple(rules)
        self._seed = seed
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """As it was at the start."""
        with self._lock:
            self._rules = list(self._initial)
            self._used = [0] * len(self._rules)
            self._random: Random | None = None

    def add(self, rule: Rule) -> None:
        """One more rule, before all others; gone again after `reset`."""
        with self._lock:
            self._rules.insert(0, rule)
            self._used.insert(0, 0)

    def choose(self, route: Route, path: str) -> Override:
        """What a call is answered with."""
        with self._lock:
            for index, rule in enumerate(self._rules):
                if not _fits(rule, route, path) or (rule.times is not None and self._used[index] >= rule.times):
                    continue
                if rule.probability < 1 and self._drawn() >= rule.probability:
                    continue
                self._used[index] += 1
                return rule.answers[min(self._used[index], len(rule.answers)) - 1]
        return USUAL

    def _drawn(self) -> float:
        if self._random is None:
            from random import Random

            self._random = Random(self._seed or 0)
        return self._random.random()


def _fits(rule: Rule, route: Route, path: str) -> bool:
    return (not rule.functions or route["name"] in rule.functions) and rule.path in ("", path)


def read(file: Path, routes: Routes) -> list[Rule]:
    """The rules of a file of JSON or YAML. ScenarioError names the file and the place in it."""
    try:
        text = disk.read(file, LARGEST)[0].decode()
    except (OSError, ValueError) as error:
        raise ScenarioError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    try:
        return parsed(_yaml(text) if file.suffix in (".yaml", ".yml") else _json(text), routes)
    except ScenarioError as error:
        raise ScenarioError(f"{file}:{error}" if str(error)[:1].isdigit() else f"{file}: {error}") from None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ScenarioError(f"{error.lineno}:{error.colno}: this is not JSON: {error.msg}") from None
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"this is not JSON that can be read: {error}") from None


def _yaml(text: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError:
        hint = "pip install pyyaml, or write the scenario as JSON in a file that ends in .json"
        raise ScenarioError(f"YAML is read by PyYAML, which is not installed: {hint}") from None
    try:
        # Before anything is made of it: an alias could stand for more than there is memory.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.SafeLoader)):
            raise ScenarioError("aliases (*name) are not supported in a scenario: write out their values")
        return yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{mark.line + 1}:{mark.column + 1}: " if mark else ""
        raise ScenarioError(f"{where}this is not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ScenarioError(f"this is not YAML that can be read: {error}") from None


def parsed(value: Any, routes: Routes) -> list[Rule]:
    """The rules of a document: a list of them, or an object that has one under `rules`."""
    if isinstance(value, Mapping):
        _known(value, ("rules",), "")
        value = value.get("rules")
    if not isinstance(value, (list, tuple)):
        raise ScenarioError('expected a list of rules, such as {"rules": [{"function": …, "answers": […]}]}')
    _bounded(value, "rules")
    return [rule(each, routes, f"rules.{index}") for index, each in enumerate(value)]


def rule(value: Any, routes: Routes, at: str) -> Rule:
    """One rule. `at` is its place, for the errors."""
    if not isinstance(value, Mapping):
        raise ScenarioError(f"{at}: expected a rule, an object with {', '.join(_RULE)}")
    _known(value, _RULE, at)
    functions, path = _called(value, routes, at)
    probability = value.get("probability", 1)
    if isinstance(probability, bool) or not isinstance(probability, (int, float)) or not 0 <= probability <= 1:
        raise ScenarioError(f"{at}.probability: must be a number from 0 to 1, not {shown(probability)}")
    times = value.get("times")
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise ScenarioError(f"{at}.times: must be a number of calls, 1 or more, not {shown(times)}")
    answers = value.get("answers")
    if not isinstance(answers, (list, tuple)) or not answers:
        raise ScenarioError(f"{at}.answers: expected a list of answers, such as [{{code: 503}}]")
    _bounded(answers, f"{at}.answers")
    answers_ = tuple(answer(each, f"{at}.answers.{index}") for index, each in enumerate(answers))
    return Rule(functions, path, float(probability), times, answers_)


def answer(value: Any, at: str) -> Override:
    """One answer; fields that are absent keep their usual values."""
    if not isinstance(value, Mapping):
        raise ScenarioError(f"{at}: expected an answer, an object with some of {', '.join(_ANSWER)}")
    _known(value, _ANSWER, at)
    fields: dict[str, Any] = {}
    for name, item in value.items():
        try:
            if name == "headers":
                fields[name] = _headers(item)
            elif name == "body":
                fields[name] = item.encode() if isinstance(item, str) else json.dumps(item, allow_nan=False).encode()
            else:
                fields[name] = checked(name, item)
        except (OverrideError, TypeError, ValueError) as error:
            raise ScenarioError(f"{at}.{name}: {error}") from None
    if "body" in fields and (other := next((name for name in ("example", "dynamic") if fields.get(name)), "")):
        raise ScenarioError(f"{at}: body and {other} cannot be used together: both set the body of the response")
    if isinstance(value.get("body"), str) and not any(
        name.lower() == "content-type" for name in value.get("headers", ())
    ):
        fields["headers"] = (*fields.get("headers", ()), ("Content-Type", "text/plain; charset=utf-8"))
    return merged(USUAL, fields)


def _called(value: Mapping[str, Any], routes: Routes, at: str) -> tuple[frozenset[str], str]:
    """The functions that a rule is about, and the one path where it names one."""
    wanted = value.get("function")
    if wanted is not None:
        if "method" in value or "path" in value:
            raise ScenarioError(f"{at}: name a function, or a method and a path, not both")
        return frozenset([_function(wanted, routes, at)]), ""
    method, path = value.get("method"), value.get("path")
    methods = sorted({route["method"] for route in routes.routes})
    if method is not None and (not isinstance(method, str) or method.upper() not in methods):
        near = nearest(method.upper(), methods) if isinstance(method, str) else ""
        raise ScenarioError(f"{at}.method: must be one of {', '.join(methods)}, not {shown(method)}.{near}")
    fitting = [route for route in routes.routes if method is None or route["method"] == method.upper()]
    if path is None:
        return frozenset(route["name"] for route in fitting) if method is not None else frozenset(), ""
    if not isinstance(path, str):
        raise ScenarioError(f"{at}.path: must be a string, not {shown(path)}")
    named = {route["name"] for route in fitting if route["path"] == path}
    if named:
        return frozenset(named), ""
    if "{" not in path:
        named = {
            route["name"]
            for route in fitting
            if paths.match(route["path"].partition("?")[0], paths.escaped(path)) is not None
        }
    if not named:
        near = nearest(path, [route["path"] for route in fitting])
        raise ScenarioError(f"{at}.path: the API has no {method or 'call'} at {shown(path)}.{near}")
    return frozenset(named), path


def _function(wanted: Any, routes: Routes, at: str) -> str:
    """The function of a name: its own, that without the API's prefix, or the operationId."""
    known = routes.aliases
    name_ = known.get(wanted) if isinstance(wanted, str) and wanted else None
    if name_ is None:
        near = nearest(wanted, known) if isinstance(wanted, str) else ""
        raise ScenarioError(f"{at}.function: the API has no function {shown(wanted)}.{near}")
    return name_


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, Mapping):
        raise OverrideError("must be an object of strings.")
    for name, text in value.items():
        plain = isinstance(name, str) and name.isascii() and all(c.isalnum() or c in "-_" for c in name) and name
        if not plain or not isinstance(text, str) or not text.isprintable() or not text.isascii():
            raise OverrideError(f"{shown(name)} must be a header name, with a value of one line in ASCII.")
        if name.lower() in ("content-length", "transfer-encoding", "connection"):
            raise OverrideError(f"{name} is set by the server: see fault for truncated responses.")
    return tuple(value.items())


def _known(value: Mapping[Any, Any], allowed: tuple[str, ...], at: str) -> None:
    for name in value:
        if name not in allowed:
            near = nearest(name, allowed) if isinstance(name, str) else ""
            place = f"{at}.{name}" if at else str(name)[:200]
            raise ScenarioError(f"{place}: unknown key; the keys are {', '.join(allowed)}.{near}")


def _bounded(value: Any, at: str) -> None:
    if len(value) > MOST:
        raise ScenarioError(f"{at}: more than {MOST:,}, the limit")
