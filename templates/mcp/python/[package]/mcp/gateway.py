"""The modes with a handful of tools for all functions: search, describe, call, and scripts that call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
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
)
from ..functions.derived import word
from ..functions.info import ADDED
from . import results
from .calls import Calls
from .clients import Caller
from .derived import option_schema
from .options import Options
from .progress import Tell, told
from .text import as_it_is, encode

if TYPE_CHECKING:
    from .scripts import Scripts

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_CALL = {"function": _TEXT, "arguments": {"type": "object"}}
_READ = {**_CALL, "fields": _TEXT, "limit": {"type": "integer"}, "cursor": _TEXT, "images": _FLAG}
_WRITE = {**_CALL, "dry_run": _FLAG}


def tools(options: Options) -> list[dict[str, Any]]:
    """What is listed."""
    destroys = options.writes and "destructive" in options.policy.allowed
    found = [
        _tool("search", "Find functions", {"text": _TEXT}, (), "Search", False),
        _tool("describe", "What a function takes", {"function": _TEXT}, ("function",), "Describe", False),
        _tool("call_read", "Call what reads", _account(_READ, options), ("function",), "Read"),
    ]
    if options.writes:
        what = "Call what writes"
        found.append(
            _tool("call_write", what, _account(_WRITE, options), ("function",), "Write", writes=True, destroys=destroys)
        )
    if options.mode == "code":
        api = f"app.integrations.{about.NAME}"
        what = (
            f"Run Lua 5.4. {api}.FUNCTION{{…}} gives data or raises; {api}.pages(FUNCTION, {{…}}) iterates the items of "
            f"all pages; {api}.wait(job) gives a job that has ended. docs.search(text), docs.read(name), "
            "json.encode/decode. return, print and dump(table) show results. No files, no network"
        )
        found.append(
            _tool("execute_lua", what, {"code": _TEXT}, ("code",), "Run Lua", writes=options.writes, destroys=destroys)
        )
    return found


def _account(properties: dict[str, Any], options: Options) -> dict[str, Any]:
    return {**properties, "account": {**_TEXT, "enum": list(options.accounts)}} if options.accounts else properties


def _tool(
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
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {
        "name": name,
        "description": description,
        "inputSchema": {**schema, "required": list(required)} if required else schema,
        "annotations": {
            "title": title,
            "readOnlyHint": not writes,
            "destructiveHint": destroys,
            "idempotentHint": not writes,
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
            "call_read": self._call,
            "call_write": self._call,
            "execute_lua": self._lua,
        }

    async def call(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        """The answer to a tool call."""
        problem = functions.check(arguments, self._schemas[name])
        if problem is not None:
            return self._failed(name, failures.bad_tool_arguments(problem))
        return await self._tools[name](name, arguments, caller, tell)

    async def _search(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        try:
            found = functions.search(arguments.get("text", ""), self.options.searched.values(), self.options.query)
        except functions.QueryError as error:
            problem = Problem("text", f"{error} (--limit query=NUMBER)", _TEXT)
            return self._failed(name, failures.bad_tool_arguments(problem))
        if not found:
            more = f" `{about.COMMAND} {ADDED} add` adds one of the {ADDED} as a function." if ADDED else ""
            return _text(f"Nothing was found. Search with fewer words, or without text for all functions.{more}")
        return _text(document.index(found))

    async def _describe(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        info = self._found(arguments["function"])
        if not isinstance(info, FunctionInfo):
            return self._failed(name, info)
        return _text(encode(_described(info)))

    async def _call(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        info = self._found(arguments["function"])
        if not isinstance(info, FunctionInfo):
            return self._failed(name, info)
        right = f"call_{info.type}"
        if right != name:
            problem = Problem("function", f"{info.name} {info.type}s: call it with {right}", {"tool": right}, (right,))
            return self._failed(name, failures.bad_tool_arguments(problem))
        given, names = arguments.get("arguments", {}), self._schemas[name]["properties"].keys() - _CALL.keys()
        for misplaced in sorted(names & given.keys() - {*info.arguments}):
            told = f"stands beside `arguments`, not in it: {name} takes it"
            problem = Problem(misplaced, told, self._schemas[name]["properties"][misplaced])
            return self._failed(name, failures.bad_tool_arguments(problem))
        own = {key: value for key, value in arguments.items() if key in names}
        if info.derived is not None and (options := word(info)) in given:
            own, given = {**own, options: given[options]}, {n: v for n, v in given.items() if n != options}
        return await self.calls.wished(info, own, given, names, caller, tell)

    async def _lua(
        self, name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None
    ) -> types.CallToolResult:
        if self._scripts is None:
            from .scripts import Scripts

            self._scripts = Scripts(self.options)
        async with told(tell, as_it_is) as progress:
            envelope = await self._scripts.run(arguments["code"], caller, progress)
        return results.plain(envelope, "print or return less of it", is_error=not envelope["success"])

    def _found(self, name: str) -> FunctionInfo | dict[str, Any]:
        """The function of a name, or the error of a name that none has, or of one that may not be called."""
        try:
            info = functions.find(name, "mcp")
            self.options.policy.check(info)
        except UnknownFunctionError as unknown:
            return failures.unknown_function(unknown)
        except PolicyError as refused:
            return failures.describe(refused, functions.find(name))
        return info

    def _failed(self, name: str, error: dict[str, Any]) -> types.CallToolResult:
        return results.failed({"function": name, "success": False, "error": error})


def _described(info: FunctionInfo) -> dict[str, Any]:
    """What a model must know to call a function; the options of one that is made of another stand among its arguments."""
    found = document.brief(info)
    if info.derived is not None and (name := word(info)):
        schema = found["arguments"]
        more = {name: option_schema(info)}
        found["arguments"] = {**schema, "properties": {**schema.get("properties", {}), **more}}
    return found


def _text(text: str) -> types.CallToolResult:
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)])
