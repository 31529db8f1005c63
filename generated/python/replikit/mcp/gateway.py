"""The modes with a handful of tools for all functions: search, describe, call, and scripts that call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import mcp_types as types

from .. import about, functions
from ..functions import (
    FunctionInfo,
    PolicyError,
    Problem,
    UnknownFunctionError,
    document,
    failures,
    parts,
)
from ..functions.derived import word
from ..functions.info import ADDED
from . import results
from .asking import Ask
from .calls import Calls
from .clients import Caller
from .derived import option_schema
from .options import Options
from .progress import Tell, told
from .shape import LIMIT, fit
from .text import as_it_is, encode
from .tools import LONG

if TYPE_CHECKING:
    from .scripts import Scripts

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_CALL = {"function": _TEXT, "arguments": {"type": "object"}}
_READ = {**_CALL, "fields": _TEXT, "limit": {"type": "integer"}, "cursor": _TEXT, "images": _FLAG}
_WRITE = {**_CALL, "dry_run": _FLAG}
_FOUND = 8_000
"""Longest result of a search, in bytes."""
_PART = 8_000
"""Bytes of one part of a function that is described by itself."""
_EXAMPLE = 2_000
_LONG = ("call_read", "call_write", "execute_lua")
_FEW = 100
"""Functions of an API of which it is looked up whether all can be described whole."""


def tools(options: Options) -> list[dict[str, Any]]:
    """The listed tools."""
    destroys = options.writes and "destructive" in options.reachable.allowed
    large, named = is_large(options), {"function": _TEXT}
    jobs = any(info.job for info in options.listed.values() if info.type == "read")
    reading = {**_READ, "wait": {"type": "integer"}} if jobs else _READ
    tools_ = [
        tool("search", "Find functions", _onward({"text": _TEXT}, "cursor", large), (), "Search", False),
        tool(
            "describe",
            "Describe a function's arguments",
            _onward(named, "part", large),
            ("function",),
            "Describe",
            False,
        ),
        tool("call_read", "Call a read function", _account(reading, options), ("function",), "Read"),
    ]
    if options.writes:
        what = "Call a write function"
        tools_.append(
            tool("call_write", what, _account(_WRITE, options), ("function",), "Write", writes=True, destroys=destroys)
        )
    if options.mode == "code":
        api = f"app.integrations.{about.NAME}"
        what = (
            f"Run Lua 5.4. {api}.FUNCTION{{…}} gives data or raises; {api}.pages(FUNCTION, {{…}}) iterates the items of "
            f"all pages; {api}.wait(job) gives a job that has ended. docs.search(text), docs.read(name), "
            "json.encode/decode. return, print and dump(table) show results. No files, no network"
        )
        tools_.append(
            tool("execute_lua", what, {"code": _TEXT}, ("code",), "Run Lua", writes=options.writes, destroys=destroys)
        )
    return with_tasks(tools_) if options.tasks else tools_


def with_tasks(tools: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """These tools, of which those that call may take long."""
    return [{**each, **LONG} if each["name"] in _LONG else each for each in tools]


def is_large(options: Options) -> bool:
    """Whether some search or description does not fit into one answer: then tools take a cursor."""
    infos = options.listed.values()
    return len(infos) > _FEW or _lines(infos) > _FOUND or any(parts.NOTE in encode(document.brief(i)) for i in infos)


def _lines(infos: Iterable[FunctionInfo]) -> int:
    return sum(len(document.line(info).encode()) + 1 for info in infos)


def _onward(properties: dict[str, Any], name: str, large: bool) -> dict[str, Any]:
    return {**properties, name: _TEXT} if large else properties


def _account(properties: dict[str, Any], options: Options) -> dict[str, Any]:
    return {**properties, "account": {**_TEXT, "enum": list(options.accounts)}} if options.accounts else properties


def tool(
    name: str,
    description: str,
    properties: dict[str, Any],
    required: tuple[str, ...],
    title: str,
    open_world: bool = True,
    *,
    writes: bool = False,
    destroys: bool = False,
) -> dict[str, Any]:
    """A tool as it is listed. open_world: whether it reaches beyond this process."""
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    # What only reads destroys nothing and may be repeated: the specification gives both a meaning for the rest alone.
    changes = {"destructiveHint": destroys, "idempotentHint": False} if writes else {}
    return {
        "name": name,
        "description": description,
        "inputSchema": {**schema, "required": list(required)} if required else schema,
        "annotations": {
            "title": title,
            "readOnlyHint": not writes,
            **changes,
            "openWorldHint": open_world,
        },
    }


class Gateway:
    """Answers the calls of these tools."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.options = calls.options
        self._schemas = {each["name"]: each["inputSchema"] for each in tools(self.options)}
        self._scripts: Scripts | None = None
        self._tools: dict[str, Callable[..., Awaitable[types.CallToolResult]]] = {
            "search": self._search,
            "describe": self._describe,
            "execute_lua": self._lua,
        }

    async def call(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None, ask: Ask | None = None
    ) -> types.CallToolResult:
        """The answer to a tool call."""
        problem = functions.check(arguments, self._schemas[name])
        if problem is not None:
            return self._failed(name, failures.bad_tool_arguments(problem))
        if name in ("call_read", "call_write"):
            return await self._call(name, arguments, caller, tell, ask)
        return await self._tools[name](name, arguments, caller, tell)

    async def _search(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        try:
            hits = functions.search(arguments.get("text", ""), self.options.searched.values(), self.options.query)
        except functions.QueryError as error:
            problem = Problem("text", f"{error} (--limit query=NUMBER)", _TEXT)
            return self._failed(name, failures.bad_tool_arguments(problem))
        cursor = arguments.get("cursor", "0")
        if not cursor.isascii() or not cursor.isdigit() or int(cursor[:9]) > len(hits):
            problem = Problem("cursor", "is not from a search with this text", _TEXT)
            return self._failed(name, failures.bad_tool_arguments(problem))
        if not hits:
            more = f" `{about.COMMAND} {ADDED} add` adds one of the {ADDED} as a function." if ADDED else ""
            return _text(f"No matches. Search with fewer words, or without text for all functions.{more}")
        return _text(_lines_from(hits, int(cursor)))

    async def _describe(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        info = self._function(arguments["function"])
        if not isinstance(info, FunctionInfo):
            return self._failed(name, info)
        path = arguments.get("part", "")
        if not path:
            result = _described(info)
        elif path == "example":
            result = {"function": info.name, "examples": [example["arguments"] for example in info.examples]}
        else:
            schema = parts.part(info, path)
            if isinstance(schema, Problem):
                return self._failed(name, failures.bad_tool_arguments(schema))
            result = {"function": info.name, "part": path, "schema": parts.bounded(schema, _PART)}
        if "example" in result:
            result["example"] = fit(result["example"], "describe it with part=example", _EXAMPLE)
        if parts.NOTE in (text := encode(result)) and "part" in self._schemas[name]["properties"]:
            result["more"] = f"{parts.NOTE!r} stands for it: part=arguments.NAME.NAME, or result.NAME, shows it"
            text = encode(result)
        elif len(text) > LIMIT:
            text = encode(fit(result, f"read the resource docs/schemas/{info.name}"))
        return _text(text)

    async def _call(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None, ask: Ask | None
    ) -> types.CallToolResult:
        info = self._function(arguments["function"])
        if not isinstance(info, FunctionInfo):
            return self._failed(name, info)
        right = f"call_{info.type}"
        if right != name:
            problem = Problem("function", f"{info.name} {info.type}s: call it with {right}", {"tool": right}, (right,))
            return self._failed(name, failures.bad_tool_arguments(problem))
        arguments_, names = arguments.get("arguments", {}), self._schemas[name]["properties"].keys() - _CALL.keys()
        for misplaced in sorted(names & arguments_.keys() - {*info.arguments}):
            message = f"belongs next to `arguments`, not in it: {name} takes it"
            problem = Problem(misplaced, message, self._schemas[name]["properties"][misplaced])
            return self._failed(name, failures.bad_tool_arguments(problem))
        own = {key: value for key, value in arguments.items() if key in names}
        if info.derived is not None and (options := word(info)) in arguments_:
            own, arguments_ = {**own, options: arguments_[options]}, {
                n: v for n, v in arguments_.items() if n != options
            }
        return await self.calls.wished(info, own, arguments_, names, caller, tell, ask=ask)

    async def _lua(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        from .scripts import Scripts, brief

        if self._scripts is None:
            self._scripts = Scripts(self.options)
        async with told(tell, as_it_is) as progress:
            envelope = await self._scripts.run(arguments["code"], caller, progress)
        return results.plain(brief(envelope), "print or return less of it", is_error=not envelope["success"])

    def _function(self, name: str) -> FunctionInfo | dict[str, Any]:
        """The function of a name, or the error of a name that is unknown or may not be called."""
        try:
            info = functions.find(name, "mcp")
            self.options.reachable.check(info)
        except UnknownFunctionError as unknown:
            return failures.unknown_function(unknown)
        except PolicyError as refused:
            return failures.describe(refused, functions.find(name))
        return info

    def _failed(self, name: str, error: dict[str, Any]) -> types.CallToolResult:
        return results.failed({"function": name, "success": False, "error": error})


def _lines_from(infos: Sequence[FunctionInfo], start: int) -> str:
    """One line per function from a position on, as many as fit, and the position to continue at."""
    lines: list[str] = []
    left = _FOUND
    for info in infos[start:]:
        line = document.line(info)
        left -= len(line.encode()) + 1
        if left < 0 and lines:
            break
        lines.append(line)
    if rest := len(infos) - start - len(lines):
        lines.append(f"{rest:,} more: search for more words, or continue with cursor={start + len(lines)}")
    return "\n".join(lines)


def _described(info: FunctionInfo) -> dict[str, Any]:
    """The description of a function for a model; the options of a derived one are among its arguments."""
    summary = document.brief(info)
    if info.derived is not None and (name := word(info)):
        schema = summary["arguments"]
        more = {name: option_schema(info)}
        summary["arguments"] = {**schema, "properties": {**schema.get("properties", {}), **more}}
    return summary


def _text(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)])
