"""One call, spelled for every surface: what a reader pastes, from an example's arguments."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ... import names, text
from ...ir import Api, Function, Param
from ...text import Code
from . import curl as wire
from .luatables import layout
from .placing import kind_of, places

WIDTH, AROUND = 88, "async for item in await :"
"""Of a line of Python, and what may stand around the call on it."""
_CALL = "\0"
"""Stands for the call where only what is around it is asked for; no text of a document has it."""


@dataclass(frozen=True)
class Call:
    """A call in one surface."""

    surface: Code
    language: Code
    code: str


def calls(api: Api, function: Function, arguments: Mapping[str, Any]) -> tuple[Call, ...]:
    """The same call in all surfaces, in the order they are shown."""
    return (
        Call(Code("Python"), Code("python"), python(api, function, arguments)),
        Call(Code("Python async"), Code("python"), python_async(api, function, arguments)),
        Call(Code("CLI"), Code("bash"), cli(api, function, arguments)),
        Call(Code("MCP"), Code("json"), mcp(function, arguments)),
        Call(Code("Lua"), Code("lua"), lua(api, function, arguments)),
        Call(Code("curl"), Code("bash"), curl(api, function, arguments, movable=True)),
    )


def argument(param: Param) -> str:
    """The name of an argument in JSON, which is the key of an example's arguments."""
    return names.argument(param.words)


def assigned(function: Function, arguments: Mapping[str, Any]) -> list[tuple[Param, Any]]:
    """The arguments that are there, in the order of the parameters."""
    return [(param, arguments[argument(param)]) for param in function.params if argument(param) in arguments]


def python_method(api: Api, function: Function) -> str:
    """`predictions.create`, as Python spells it."""
    return names.call(api, function).python


def command(api: Api, function: Function) -> str:
    """The words of its command: `replikit predictions create`."""
    return " ".join([api.command, *names.call(api, function).command])


def lua_path(api: Api, function: Function) -> str:
    """Its place in code mode: `app.integrations.replicate.create_prediction`."""
    return names.call(api, function).script


def first(api: Api) -> tuple[Function, Mapping[str, Any]] | None:
    """The call that a reader tries first, and its arguments; None where nothing reads that can be called as it is.

    One that answers something; the one that says who the caller is, where the catalog names one. Else it needs no argument, answers a JSON body, is
    shown everywhere, and stands in the group that has most functions: what it lists is what the API is about.
    """
    sizes = Counter(function.group for function in api.functions)

    def rank(function: Function) -> tuple[Any, ...]:
        result, required = function.result, sum(param.required for param in function.params)
        return (
            result.kind == "empty",
            required,
            function.name != api.whoami,
            result.kind != "json" or result.type is None,
            result.may_be_empty or function.deprecated,
            bool(function.hidden) or bool(function.server),
            -sizes[function.group] if function.group else 0,
            len(function.verb),
            len(function.words),
            function.name,
        )

    for function in sorted((each for each in api.functions if each.classes == ("read",)), key=rank):
        if not any(param.required for param in function.params):
            return function, {}
        if function.examples:
            return function, function.examples[0].arguments
    return None


def python_call(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The call of the method alone, on one line or one argument a line."""
    passed = [
        f"{names.keyword(param.words)}={text.python_literal(value)}" for param, value in assigned(function, arguments)
    ]
    head = f"client.{python_method(api, function)}("
    flat = head + ", ".join(passed) + ")"
    if len(flat) + len(AROUND) <= WIDTH:
        return flat
    return head + "\n" + "".join(f"    {item},\n" for item in passed) + ")"


def _shown(function: Function, call: str, loop: str = "for") -> str:
    if function.result.kind == "empty":
        return call
    if function.page or function.result.kind == "events":
        return f"{loop} item in {call}:\n    print(item)"
    shown = "print(len(result))" if function.result.kind == "binary" else "print(result)"
    return f"result = {call}\n{shown}"


def python(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The call by the synchronous client."""
    return _python(api, function, python_call(api, function, arguments))


def _python(api: Api, function: Function, call: str) -> str:
    body = _shown(function, call)
    return f"from {names.package(api).module} import {api.client}\n\nclient = {api.client}()\n{body}"


def python_first(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The same, which shows what came also where the document describes no content: a reader sees that it was answered."""
    group, _, method = python_method(api, function).rpartition(".")
    if function.result.kind != "empty" or not group:
        return python(api, function, arguments)
    called = python_call(api, function, arguments).replace(
        f"{group}.{method}(", f"{group}.with_raw_response.{method}(", 1
    )
    body = f"answer = {called}\nprint(answer.status, answer.text)"
    return f"from {names.package(api).module} import {api.client}\n\nclient = {api.client}()\n{body}"


def lua_first(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The call in code mode as one line, which gives a value also where the document describes no content."""
    called = lua_call(api, function, arguments)
    return f'{called} return "answered"' if function.result.kind == "empty" else f"return {called}"


def python_sample(api: Api, most: int = 400) -> str:
    """The first call on a client that is open, with what it gives; the client alone where there is none that is short."""
    tried = first(api)
    if tried is None:
        return "print(client)"
    call = python_call(api, *tried)
    plain = tried[0].result.kind == "json" and not tried[0].page and "\n" not in call
    sample = f"print({call})" if plain else _shown(tried[0], call)
    return sample if len(sample) <= most else "print(client)"


def python_async(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The call by the asynchronous client."""
    return _python_async(api, function, python_call(api, function, arguments))


def _python_async(api: Api, function: Function, call: str) -> str:
    body = _shown(function, f"await {call}", "async for")
    indented = "\n".join("        " + part for part in body.split("\n"))
    return (
        f"import asyncio\n\nfrom {names.package(api).module} import Async{api.client}\n\n\nasync def main():\n"
        f"    async with Async{api.client}() as client:\n{indented}\n\n\nasyncio.run(main())"
    )


def cli(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The command: its words, the path's arguments by place, a flag for every other."""
    parts = [command(api, function)]
    values = {argument(param): (param, value) for param, value in assigned(function, arguments)}
    by_place, flags = _placed(function, values), names.flags(function)
    for word, names_ in by_place:
        parts[0] += " " + text.shell_literal(word)
        for name in names_:
            del values[name]
    for param, value in values.values():
        flag = f"--{flags[argument(param)]}"
        if isinstance(value, bool):
            parts.append(flag if value else f"--no-{flag[2:]}")
        else:
            parts.append(f"{flag} {text.shell_literal(_flag_value(param, value))}")
    if function.destructive and all(argument(param) != "yes" for param in function.params):
        parts.append("--yes")
    return _wrapped(parts)


def _placed(function: Function, values: Mapping[str, tuple[Param, Any]]) -> list[tuple[str, list[str]]]:
    """The words that stand by their place, each with the arguments it holds; none where a flag is plainer.

    One that looks like a flag, comes after one that is missing, or holds a separator is given by its name.
    """
    results: list[tuple[str, list[str]]] = []
    for _, parts in places(function):
        word = ""
        for name, separator in parts:
            if name not in values or not isinstance(values[name][1], (str, int, float)):
                return results
            value = _flag_value(*values[name])
            if not value or (separator and separator in value):
                return results
            word += value + separator
        if word.startswith("-") or len(word) > 200:
            return results
        results.append((word, [name for name, _ in parts]))
    return results


def _flag_value(param: Param, value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if kind_of(param.type) == "any" and _is_json(value):
        return json.dumps(value)  # the text "5", where a number would do as well
    return "@" + value if value.startswith("@") else value


def _is_json(value: str) -> bool:
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def mcp(function: Function, arguments: Mapping[str, Any]) -> str:
    """The params of `tools/call`."""
    shown = {argument(param): value for param, value in assigned(function, arguments)}
    return text.json_literal({"name": function.name, "arguments": shown})


def lua_call(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The call in code mode, as an expression."""
    table = layout({argument(param): value for param, value in assigned(function, arguments)}, width=60)
    return f"{lua_path(api, function)}({table})"


def lua(api: Api, function: Function, arguments: Mapping[str, Any]) -> str:
    """The call in code mode."""
    return _lua(function, lua_call(api, function, arguments))


def _lua(function: Function, called: str) -> str:
    return called if function.result.kind == "empty" else f"local result = {called}\nreturn result"


def around(api: Api, function: Function) -> dict[str, tuple[str, str]]:
    """What stands before and after the call, in the languages in which that depends on the function."""
    written = {
        "Python": _python(api, function, _CALL),
        "Python async": _python_async(api, function, _CALL),
        "Lua": _lua(function, _CALL),
    }
    return {surface: (code.partition(_CALL)[0], code.partition(_CALL)[2]) for surface, code in written.items()}


def curl(api: Api, function: Function, arguments: Mapping[str, Any], movable: bool = False) -> str:
    """The request on the wire, by curl; movable: to the base URL of the environment, where it has one."""
    piped, parts = wire.request(api, function, assigned(function, arguments), movable)
    return piped + _wrapped(parts)


def _wrapped(parts: list[str]) -> str:
    flat = " ".join(parts)
    return flat if len(flat) <= WIDTH and "\n" not in flat else " \\\n  ".join(parts)
