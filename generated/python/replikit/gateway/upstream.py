"""An MCP server of somebody else as a member: a process that speaks the contract on one side and MCP on the other.

    host ── JSON lines ── this process ── the SDK's client ── the server, over stdio or HTTP

It is a process of its own for the host's sake: whatever a server sends is read here, within this process's memory. How
the server is started is told by a variable of the environment, for it may hold what is secret.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import anyio
import mcp_types as types

from ..functions.document import outline
from ..mcp.asking import ANSWERED_SINCE
from .contract import CONTRACT, PAGE, Call, Hello, Record, plain, read
from .reaching import Reached, RefusedError, end, first, reached
from .serving import AnswerError, Params, Serving, Tell, start

LAUNCH = "SURFACEGEN_UPSTREAM"
"""The variable that holds how the server is started, as JSON."""
METHODS = ("hello", "list", "tools", "describe", "call", "cancel", "health")
MEMORY = 2 << 30
"""Bytes of address space that this process may have."""
MOST_TOOLS = 2_000
_LISTING = 20.0
"""Seconds that a server has to list its tools."""
_PAUSE = 1.0
"""Seconds between two listings of a server that says that it has changed."""
_LONGEST_TEXT = 4_000
"""Characters of a description."""
_LONGEST_ANSWER = 8 << 20
"""Longest result of a tool, in bytes."""
_SESSION_LOST = "Session terminated"
"""What the SDK says where a server over HTTP was started anew."""
_SUMMARY = re.compile(r"[^\n]{1,300}?(?=[.\n]|$)")


def main() -> None:
    """Serve the host until it hangs up."""
    launch = json.loads(os.environ.pop(LAUNCH))
    try:
        anyio.run(_serve, launch)
    except BaseExceptionGroup as group:
        raise SystemExit(f"{first(group)}") from None
    except (RefusedError, ValueError) as error:
        raise SystemExit(str(error)) from None
    except (OSError, TimeoutError) as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None


def _bound() -> None:
    try:
        import resource
    except ImportError:  # no such bound on this platform
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


async def _serve(launch: Mapping[str, Any]) -> None:
    changed = anyio.Event()

    def hear() -> None:
        nonlocal changed
        changed.set()

    async with reached(launch, hear) as server:
        _bound()  # this process; its server is without: to fetch anything Node alone reserves more than that
        upstream = Upstream(server, launch)
        await upstream.fetch()

        async def follow() -> None:
            nonlocal changed
            while True:
                await changed.wait()
                changed = anyio.Event()
                await upstream.again()
                # A server that speaks of changes without end is listed no oftener than this.
                await anyio.sleep(_PAUSE)

        async with anyio.create_task_group() as group:
            group.start_soon(follow)
            group.start_soon(upstream.listen, hear)
            await upstream.serving.serve()
            group.cancel_scope.cancel()


class Upstream:
    """Answers the host by what the server lists and does."""

    def __init__(self, server: Reached, launch: Mapping[str, Any]) -> None:
        self._server = server
        self._client: Any = server.client
        self._name = str(launch["name"])
        self._prefix = str(launch.get("prefix") or "")
        self._tools: dict[str, dict[str, Any]] = {}
        self.serving = Serving(
            {
                "hello": self._hello,
                "list": self._list,
                "tools": self._listed,
                "describe": self._describe,
                "call": self._call,
                "health": self._health,
            }
        )

    async def fetch(self) -> None:
        """Reads what the server lists, page by page. Of a list that has no end, or is slow, it has as much as came."""
        cursor, seen = None, set()
        tools: dict[str, dict[str, Any]] = {}
        with anyio.move_on_after(_LISTING):
            while True:
                page = await self._client.list_tools(cursor=cursor)
                for tool in page.tools[: MOST_TOOLS - len(tools)]:
                    document = tool.model_dump(by_alias=True, exclude_none=True, mode="json")
                    tools.setdefault(tool.name, document)
                cursor = page.next_cursor
                if cursor is None or cursor in seen or len(tools) >= MOST_TOOLS:
                    self._tools = tools
                    return
                seen.add(cursor)
        if not tools:
            raise TimeoutError(f"it has not listed its tools in {_LISTING:g} s")
        self._tools = tools

    async def again(self) -> None:
        """Reads the list again and notifies the host. The former list stays if that fails."""
        with suppress(Exception):
            await self.fetch()
            self.serving.changed()

    async def listen(self, changed: Callable[[], object]) -> None:
        """Hears of changes by a subscription, where the server is of the current era and offers one."""
        offered = getattr(self._client.server_capabilities, "tools", None)
        if self._client.protocol_version < ANSWERED_SINCE or offered is None or not offered.list_changed:
            return
        with suppress(Exception):  # it has none after all, or has ended it: its list stays as it was
            async with self._client.listen(tools_list_changed=True) as changes:
                async for _ in changes:
                    changed()

    async def _hello(self, _: Params, __: Tell) -> Any:
        server = self._client.server_info
        title = str(getattr(server, "title", None) or getattr(server, "name", None) or self._name)[:100]
        version = str(getattr(server, "version", None) or "")[:40]
        return plain(Hello(contract=CONTRACT, api=self._name, title=title, version=version, methods=METHODS))

    async def _list(self, params: Params, _: Tell) -> Any:
        rows = [plain(record(tool, self._prefix)) for tool in self._tools.values()]
        return _page("functions", rows, start(params))

    async def _listed(self, params: Params, _: Tell) -> Any:
        kept = ("name", "title", "description", "inputSchema", "annotations")
        rows = [{key: tool[key] for key in kept if key in tool} for tool in self._tools.values()]
        for row in rows:
            row["description"] = str(row.get("description") or "")[:_LONGEST_TEXT]
        return _page("tools", rows, start(params))

    async def _describe(self, params: Params, _: Tell) -> Any:
        tool = self._named(params.get("name"))
        known = record(tool, self._prefix)
        schema, described = tool.get("inputSchema") or {}, str(tool.get("description") or "")[:_LONGEST_TEXT]
        if params.get("part") == "schema":
            return {"name": known.name, "document": schema}
        if params.get("part") == "all":
            whole: dict[str, Any] = {"description": described, "input_schema": schema, "examples": []}
            if gives := tool.get("outputSchema"):
                whole["output_schema"] = gives
            return {"name": known.name, "document": {**plain(known), **whole}}
        facts: dict[str, Any] = {"function": known.name, "summary": described or known.title}
        facts |= {"classes": list(known.classes), "arguments": schema}
        if gives := tool.get("outputSchema"):
            facts["result"] = outline(gives)[:_LONGEST_TEXT]
        return {"name": known.name, "document": facts}

    async def _call(self, params: Params, tell: Tell) -> Any:
        call = read(Call, params)
        tool = self._named(call.name)
        missing = [each for each in record(tool, self._prefix).classes if each not in call.allowed]
        if missing:
            return _failure(call.name, "policy", f"{call.name} is {missing[0]}, which is not allowed")
        if call.dry_run:
            return _answer(call.name, {"tool": call.name, "arguments": dict(call.arguments)}, dry_run=True)

        async def progress(done: float, total: float | None, text: str | None) -> None:
            await tell(text or "", done / total if total else None)

        from mcp.shared.exceptions import MCPError

        arguments = dict(call.arguments)
        if call.lua:
            from ..lua.bridge import fit

            arguments = fit(arguments, tool.get("inputSchema") or {})
        try:
            result = await self._client.call_tool(
                call.name, arguments, read_timeout_seconds=call.seconds, progress_callback=progress
            )
        except MCPError as error:
            if error.error.code == types.CONNECTION_CLOSED:
                end("the server closed the connection")
            if str(error) == _SESSION_LOST:
                end("the session has expired, and nothing was done: call again")
            return _failure(call.name, "tool", self._server.told(error)[:_LONGEST_TEXT])
        except (anyio.ClosedResourceError, anyio.BrokenResourceError):
            end("the server closed the connection")
        blocks = [each.model_dump(by_alias=True, exclude_none=True, mode="json") for each in result.content]
        data = result.structured_content
        if data is None:
            data = _data(blocks)
        if len(json.dumps(data)) > _LONGEST_ANSWER:
            return _failure(
                call.name, "too_large", f"{call.name} returned more than {_LONGEST_ANSWER:,} bytes: ask for less"
            )
        if result.is_error:
            return _failure(call.name, "tool", (data if isinstance(data, str) else json.dumps(data))[:_LONGEST_TEXT])
        # Scripts have them in the data.
        content = [] if call.lua else [each for each in blocks if each["type"] != "text"]
        return {**_answer(call.name, data), "content": content}

    async def _health(self, _: Params, __: Tell) -> Any:
        known = self._client.server_capabilities
        others = [name for name in ("prompts", "resources") if getattr(known, name) is not None]
        more = f"; its {' and '.join(others)} are not forwarded" if others else ""
        return {"ok": True, "found": f"responds, with {len(self._tools)} tools{more}"}

    def _named(self, name: Any) -> dict[str, Any]:
        tool = self._tools.get(str(name))
        if tool is None:
            raise AnswerError("unknown_function", f"{self._name} has no tool {str(name)[:80]!r}")
        return tool


def record(tool: Mapping[str, Any], prefix: str) -> Record:
    """A tool as hosts list a function. What does not say that it only reads writes; and destroys, unless it says not."""
    hints = tool.get("annotations") or {}
    if hints.get("readOnlyHint") is True:
        classes: tuple[str, ...] = ("read",)
    else:
        classes = ("write",) if hints.get("destructiveHint") is False else ("write", "destructive")
    name, schema = str(tool["name"]), tool.get("inputSchema") or {}
    described = str(tool.get("description") or "").strip()
    first = _SUMMARY.match(described)
    return Record(
        name=name,
        short=re.sub(r"\W", "_", name.removeprefix(prefix), flags=re.ASCII),
        title=str(tool.get("title") or hints.get("title") or "")[:100],
        summary=first[0] if first else "",
        type=classes[0],
        classes=classes,
        arguments=tuple(map(str, schema.get("properties") or ())),
    )


def _page(key: str, rows: list[dict[str, Any]], first: int) -> dict[str, Any]:
    return {key: rows[first : first + PAGE], "next": first + PAGE if first + PAGE < len(rows) else None}


def _data(blocks: Sequence[Mapping[str, Any]]) -> Any:
    """What a tool gave without structure: its text, or its blocks where they are more than text."""
    if any(block["type"] != "text" for block in blocks):
        return blocks
    text = "\n".join(str(block["text"]) for block in blocks)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, (dict, list)) else text


def _answer(name: str, data: Any, *, dry_run: bool = False) -> dict[str, Any]:
    meta = {"dry_run": dry_run}
    return {"envelope": {"function": name, "success": True, "data": data, "error": None, "meta": meta}}


def _failure(name: str, type_: str, text: str) -> dict[str, Any]:
    error = {"type": type_, "message": text, "retryable": False}
    return {"envelope": {"function": name, "success": False, "data": None, "error": error, "meta": {}}}


if __name__ == "__main__":
    main()
