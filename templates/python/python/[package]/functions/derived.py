"""Functions made of others: some arguments of the base are fixed, and one of free form has a schema of its own.

    problem ── request ── the base's call ── followed ── shaped
    its own    fixed + {argument: given}     the job     its output, as its own schema has it

A record comes from functions.json or from a file of the user; both are called alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from .finding import find
from .info import FunctionInfo
from .marks import is_joined, secrets_of, unsaid

if TYPE_CHECKING:
    from .validate import Problem

TIMEOUT = "timeout"
"""The option of a call for the seconds to wait for its job."""


WORDS = ("options", "run_options", "options_of_the_run")
"""Names for the options of a call: a surface uses the first that is not an argument of the function itself."""


def word(info: FunctionInfo) -> str:
    """The name of the options of a call, beside the arguments of this function."""
    return free_word(info.arguments)


def free_word(arguments: Collection[str]) -> str:
    """The same beside arguments of these names; empty where all names are taken."""
    return next((name for name in WORDS if name not in arguments), "")


def base(info: FunctionInfo) -> FunctionInfo:
    """The function that is called."""
    return find(str(_facts(info)["base"]))


def argument(info: FunctionInfo) -> str:
    """The argument of the base that takes the inputs."""
    return str(_facts(info)["argument"])


def follows(info: FunctionInfo) -> bool:
    """Whether a call waits for the job that the base starts, and returns its output."""
    return bool(_facts(info).get("follow"))


def _facts(info: FunctionInfo) -> Mapping[str, Any]:
    assert info.derived is not None, f"{info.name} is no derived function"
    return info.derived


def problem(info: FunctionInfo, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Problem | None:
    """The first problem of the arguments, or of the options of the call; None where they are valid.

    A file may be given for what the schema says is a URL. The message never shows the value of a secret.
    """
    from ..runtime.signatures import checked
    from .validate import check

    # Its record says itself whether it takes others; of what is nested, JSON Schema's own rule holds.
    error = check(arguments, checked(info.input_schema, closed=False))
    if error is not None:
        return unsaid(error, info.input_schema)
    return check({name: value for name, value in options.items() if name != TIMEOUT}, _of_options(info))


def options_of(info: FunctionInfo) -> tuple[str, ...]:
    """The arguments of the base that a call may set too: neither fixed nor the refined one."""
    gone = {*_facts(info)["fixed"], argument(info)}
    return tuple(name for name in base(info).arguments if name not in gone)


def taken_options(info: FunctionInfo) -> list[str]:
    """The options to document: arguments of the base that a call may set, and the timeout of its job."""
    known = base(info).input_schema["properties"]
    names = [name for name in options_of(info) if not known[name].get("deprecated")]
    return [*names, *([TIMEOUT] if follows(info) else [])]


def _of_options(info: FunctionInfo) -> dict[str, Any]:
    known = base(info).input_schema
    properties = {name: known["properties"][name] for name in options_of(info)}
    return {**known, "properties": properties, "required": []}


def request(
    info: FunctionInfo, arguments: Mapping[str, Any], options: Mapping[str, Any], *, shown: bool = False
) -> tuple[FunctionInfo, dict[str, Any]]:
    """The base and its arguments, for a call of this function; a function that is not derived stays as it is.

    shown: the request is only shown, and placeholders stand in the place of secrets.
    """
    if info.derived is None:
        return info, dict(arguments)
    from ..runtime.secrets import SHOWN

    inputs = dict(arguments)
    for name in secrets(info) & inputs.keys():
        inputs[name] = SHOWN if shown else secret(inputs[name])
    others = {name: value for name, value in options.items() if name != TIMEOUT}
    return base(info), {**_facts(info)["fixed"], argument(info): inputs, **others}


# ── Secrets ───────────────────────────────────────────────────────────────────────────────────────────


def secrets(info: FunctionInfo) -> frozenset[str]:
    """The arguments whose values are never shown."""
    return secrets_of(info.input_schema)


def secret(value: Any) -> Any:
    """The value to send, marked so that logs and errors do not show it."""
    from ..runtime.secrets import Secret

    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, Mapping):
        return {name: secret(item) for name, item in value.items()}
    return [secret(item) for item in value] if isinstance(value, (list, tuple)) else value


def without_secrets(value: Any, names: Collection[str], place: str) -> Any:
    """A JSON value with secrets removed from every text, and from the inputs that a job repeats.

    place: the field of a job that holds them.
    """
    from ..runtime.secrets import SHOWN, hidden

    if isinstance(value, str):
        return hidden(value)
    if isinstance(value, (list, tuple)):
        return [without_secrets(item, names, place) for item in value]
    if not isinstance(value, Mapping):
        return value
    members = {name: without_secrets(item, names, place) for name, item in value.items()}
    if isinstance(members.get(place), dict):
        members[place] = {name: SHOWN if name in names else item for name, item in members[place].items()}
    return members


def masked(info: FunctionInfo, value: Any) -> Any:
    """The result of a call, a job or an error, without the secrets among its arguments."""
    if info.derived is None or not (names := secrets(info)):
        return value
    return without_secrets(value, names, str((info.job or {}).get("input") or ""))


# ── The output ────────────────────────────────────────────────────────────────────────────────────────


def shaped(info: FunctionInfo, output: Any, file: Callable[[str], Any] = str) -> Any:
    """The output of the job as the function gives it: text that came in pieces as one, `file(url)` for a file."""
    from ..runtime.signatures import with_files

    schema = info.output_schema
    pieces = isinstance(output, list) and all(isinstance(piece, str) for piece in output)
    if pieces and is_joined(schema):
        return "".join(output)
    return output if file is str else with_files(output, schema, file)
