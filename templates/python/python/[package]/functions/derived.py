"""Functions made of others: some arguments of the base are fixed, and one of free form has a schema of its own.

    problem ── request ── the base's call ── followed ── shaped
    its own    fixed + {argument: given}     the job     its output, as its own schema has it

A record is of functions.json, or was added by a user while the package is as it is; both are called alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from .info import FunctionInfo, find
from .validate import Problem, check

DISPLAY = "x-cog-array-display"
"""The keyword of an output whose pieces are one text: its value is then CONCATENATE."""
CONCATENATE = "concatenate"
TIMEOUT = "timeout"
"""The option of a call that says how many seconds its job is waited for."""


def base(info: FunctionInfo) -> FunctionInfo:
    """The function that is called."""
    return find(str(_facts(info)["base"]))


def argument(info: FunctionInfo) -> str:
    """The argument of the base that takes what is given."""
    return str(_facts(info)["argument"])


def follows(info: FunctionInfo) -> bool:
    """Whether the job that the base starts is waited for, and its output is the result."""
    return bool(_facts(info).get("follow"))


def _facts(info: FunctionInfo) -> Mapping[str, Any]:
    assert info.derived is not None, f"{info.name} is no derived function"
    return info.derived


def problem(info: FunctionInfo, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Problem | None:
    """What is wrong with the arguments, or with the options of the call; None where nothing is.

    A file may be given for what the schema says is a URL. What was given as a secret is not told.
    """
    from ..runtime.signatures import checked

    found = check(arguments, checked(info.input_schema))
    if found is not None:
        name = found.parameter.partition(".")[0].partition("[")[0]
        return replace(found, message="does not fit", expected=None) if name in secrets(info) else found
    return check({name: value for name, value in options.items() if name != TIMEOUT}, _of_options(info))


def options_of(info: FunctionInfo) -> tuple[str, ...]:
    """The arguments of the base that a call may be given beside its own: neither fixed nor the one that is refined."""
    gone = {*_facts(info)["fixed"], argument(info)}
    return tuple(name for name in base(info).arguments if name not in gone)


def _of_options(info: FunctionInfo) -> dict[str, Any]:
    known = base(info).input_schema
    properties = {name: known["properties"][name] for name in options_of(info)}
    return {**known, "properties": properties, "required": []}


def request(
    info: FunctionInfo, arguments: Mapping[str, Any], options: Mapping[str, Any], *, shown: bool = False
) -> tuple[FunctionInfo, dict[str, Any]]:
    """The function that is called and its arguments; any other function as it is.

    shown: nobody is called, and no secret stands in the arguments.
    """
    if info.derived is None:
        return info, dict(arguments)
    from ..runtime.secrets import SHOWN

    given = dict(arguments)
    for name in secrets(info) & given.keys():
        given[name] = SHOWN if shown else _secret(given[name])
    others = {name: value for name, value in options.items() if name != TIMEOUT}
    return base(info), {**_facts(info)["fixed"], argument(info): given, **others}


def secrets(info: FunctionInfo) -> frozenset[str]:
    """The arguments whose values are never shown: that are a password, or hold one."""
    properties = info.input_schema.get("properties", {})
    return frozenset(name for name, part in properties.items() if _is_secret(part))


def _is_secret(schema: Any) -> bool:
    if not isinstance(schema, Mapping):
        return False
    parts = [*schema.get("properties", {}).values(), schema.get("items"), schema.get("additionalProperties")]
    parts += [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
    return schema.get("format") == "password" or any(map(_is_secret, parts))


def _secret(value: Any) -> Any:
    from ..runtime.secrets import Secret

    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, Mapping):
        return {name: _secret(item) for name, item in value.items()}
    return [_secret(item) for item in value] if isinstance(value, (list, tuple)) else value


def masked(info: FunctionInfo, job: Any) -> Any:
    """A job as the API answers it, without the secrets that it was given, where it tells its inputs."""
    from ..runtime.secrets import SHOWN

    names, place = secrets(info), str((info.job or {}).get("input") or "")
    if not names or not place or "." in place or not isinstance(job, dict) or not isinstance(job.get(place), dict):
        return job
    return {**job, place: {name: SHOWN if name in names else value for name, value in job[place].items()}}


def told(info: FunctionInfo, error: dict[str, Any]) -> dict[str, Any]:
    """The error of a call, without the secrets that were given."""
    if info.derived is None or not secrets(info):
        return error
    found: dict[str, Any] = _hidden(error)
    return found


def _hidden(value: Any) -> Any:
    from ..runtime.secrets import hidden

    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, Mapping):
        return {name: _hidden(item) for name, item in value.items()}
    return [_hidden(item) for item in value] if isinstance(value, (list, tuple)) else value


def shaped(info: FunctionInfo, output: Any, file: Callable[[str], Any] = str) -> Any:
    """The output of the job as the function gives it: text that came in pieces as one, `file(url)` for a file."""
    from ..runtime.signatures import with_files

    schema = info.output_schema
    pieces = isinstance(output, list) and all(isinstance(piece, str) for piece in output)
    if pieces and schema.get(DISPLAY) == CONCATENATE:
        return "".join(output)
    return output if file is str else with_files(output, schema, file)
