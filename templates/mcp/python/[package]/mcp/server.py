"""The server on no transport yet: what it lists, and who answers what.

Everything a tool does is done by the functions layer: validation, policy, the request, the envelope. Here it is only
put into the protocol's words. An unknown tool is an error of the protocol; whatever else goes wrong is a result that
a model can read and act upon.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import wraps
from typing import Any, TypeAlias, TypeVar

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from .. import about
from ..functions import (
    PolicyError,
    Problem,
    UnknownFunctionError,
    all_functions,
    failures,
    find,
    nearest,
)
from ..functions.finding import added_state
from ..functions.info import ADDED
from ..runtime import logs
from . import asking, gateway, paging, results
from . import tools as by_function
from .calls import Calls
from .capable import CapableServer
from .clients import Caller
from .hostlog import HostLog
from .limits import option
from .listed import Listed
from .metrics import Metrics, observed
from .options import Options
from .progress import Tell
from .shape import deeper
from .task import telling
from .tasks import Tasks

Context: TypeAlias = ServerRequestContext[Any]
P = TypeVar("P")
R = TypeVar("R")


def tools(options: Options) -> list[dict[str, Any]]:
    """What the server lists in its mode."""
    return by_function.tools(options) if options.mode == "tools" else gateway.tools(options)


def counted(options: Options) -> list[str]:
    """The names that calls are counted by, the same in each process of a server."""
    if options.gateway is not None:
        from ..gateway import server as many

        return many.counted(options.mode, options.gateway)
    return [each["name"] for each in tools(options)]


def make(options: Options, metrics: Metrics | None = None) -> CapableServer:
    """The server. Raises OptionError if the options name something that does not exist."""
    if options.gateway is not None:
        from ..gateway import server as many

        return many.make(options, options.gateway.host(), metrics)
    changing = options.added and options.mode == "tools"
    # What was added since is read anew: options keep what they have read.
    listed = Listed(lambda: tools(replace(options)), options.page, added_state if changing else None)
    # A function that is not listed says why when it is called: that is how a model learns of the flag.
    unlisted = set(all_functions("mcp")) if options.mode == "tools" else set()
    calls = Calls(options)
    general = gateway.Gateway(calls)

    def caller_of(context: Context) -> Caller:
        """The caller of a request: the one that the guard authenticated, else the configured one."""
        # Without a request there is one host, at the other end of a pipe. A request without a caller is a mistake of
        # ours, and is served with nobody's token.
        known_caller: Caller = context.request.scope["state"]["caller"] if context.request is not None else Caller()
        return (
            known_caller
            if known_caller.token
            else replace(known_caller, account=known_caller.account or options.account)
        )

    log = HostLog()
    tasks = Tasks(
        lambda context: caller_of(context).who,
        listed.long,
        options.limits.tasks,
        patience=options.limits.task,
        lists=options.apart,
    )

    async def call_tool(
        context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        return await observed(params.name, answered(context, params), metrics, structured=options.structured)

    async def answered(
        context: Context, params: types.CallToolRequestParams
    ) -> types.CallToolResult | types.InputRequiredResult:
        if params.name not in listed.names | unlisted:
            near = nearest(params.name, listed.names | unlisted)
            hint = f"; the nearest are {', '.join(near)}" if near else ""
            hint = _instead(params.name, options) or hint
            message = f"Unknown tool: {params.name[:200]}{hint}"
            raise MCPError(types.INVALID_PARAMS, message, {"nearest": list(near)})
        try:
            caller = caller_of(context)
            ask = asking.Host(context, params, options.key, caller.who)
            answer = await answer_of(params.name, params.arguments or {}, caller, telling(context), ask)
        except asking.AskedError as asked:
            return asked.result
        except Exception as error:  # noqa: BLE001 - its text stays here
            answer = _failed(params.name, failures.unforeseen(error, params.name))
        return results.spelled(answer, context.protocol_version)

    async def answer_of(
        name: str, arguments: Mapping[str, Any], caller: Caller, tell: Tell | None, ask: asking.Ask
    ) -> types.CallToolResult:
        levels = options.limits.depth
        if deeper(arguments, levels):
            problem = Problem("", f"arguments are nested more deeply than {levels} levels: {option('depth')}", {})
            return _failed(name, failures.bad_tool_arguments(problem))
        if options.mode == "tools":
            return await calls.function(find(name, "mcp"), arguments, caller, tell, ask)
        return await general.call(name, arguments, caller, tell, ask)

    async def list_resources(
        _context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        from . import resources

        known = resources.listed(options)
        page, cursor = paging.page(
            known, paging.sizes(known), lambda each: str(each.uri), _cursor(params), options.page
        )
        return types.ListResourcesResult(resources=page, next_cursor=cursor)

    async def list_templates(
        _context: Context, params: types.PaginatedRequestParams | None
    ) -> types.ListResourceTemplatesResult:
        from . import resources

        known = resources.templates(options)
        rows, cursor = paging.page(known, paging.sizes(known), lambda each: each.name, _cursor(params), options.page)
        return types.ListResourceTemplatesResult(resource_templates=rows, next_cursor=cursor)

    async def read_resource(context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        from . import resources

        return await resources.read(str(params.uri), calls, caller_of(context))

    async def list_prompts(_context: Context, _params: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        from . import prompts

        return types.ListPromptsResult(prompts=prompts.listed())

    async def get_prompt(_context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
        from . import prompts

        return prompts.filled(params.name, params.arguments or {}, options)

    async def complete(context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
        from . import completion

        context_arguments = (params.context.arguments if params.context else None) or {}
        completion_ = await completion.complete(
            params.ref, params.argument, context_arguments, calls, caller_of(context)
        )
        return types.CompleteResult(completion=completion_)

    @asynccontextmanager
    async def lifespan(_server: Server[Any]) -> AsyncIterator[None]:
        async with calls.clients.serving(), tasks.serving(), listed.watched(), log.serving():
            yield None

    server = CapableServer(
        about.PACKAGE,
        version=about.VERSION,
        title=about.TITLE,
        instructions=by_function.instructions(options),
        website_url=about.HOMEPAGE or None,
        cache_hints={
            **({} if changing else {"tools/list": paging.UNCHANGED}),
            "prompts/list": paging.UNCHANGED,
            "resources/list": paging.UNCHANGED,
            "resources/templates/list": paging.UNCHANGED,
        },
        lifespan=lifespan,
        on_list_tools=_contained(listed.page),
        on_call_tool=_contained(call_tool),
        on_list_resources=_contained(list_resources),
        on_list_resource_templates=_contained(list_templates),
        on_read_resource=_contained(read_resource),
        on_list_prompts=_contained(list_prompts),
        on_get_prompt=_contained(get_prompt),
        on_completion=_contained(complete),
    )
    server.tells_changes = listed.changes and options.piped
    listed.join(server)
    if options.tasks:
        server.serve_tasks(tasks)
    log.join(server, piped=options.piped)
    return server


def _instead(name: str, options: Options) -> str:
    """How to call a function that was mistaken for a tool; empty if there is none."""
    try:
        info = find(name, "mcp")
        options.reachable.check(info)
    except UnknownFunctionError:
        return ""
    except PolicyError as refused:
        return f"; {refused}"
    if options.mode != "tools":
        return f"; it is a function: call_{info.type} calls it, with function={info.name}"
    return f"; it was added: start the server with --{ADDED}" if info.own_schemas is not None else ""


def _contained(handler: Callable[[Context, P], Awaitable[R]]) -> Callable[[Context, P], Awaitable[R]]:
    """The handler. What it raises unforeseen stays in this process: the SDK would send the text of some of it."""

    @wraps(handler)
    async def call(context: Context, params: P) -> R:
        try:
            return await handler(context, params)
        except MCPError:
            raise
        except Exception as error:  # noqa: BLE001
            problem = failures.unforeseen(error, handler.__name__)
            raise MCPError(types.INTERNAL_ERROR, problem["message"], {"reference": problem["reference"]}) from None

    return call


def _cursor(params: types.PaginatedRequestParams | None) -> str | None:
    return params.cursor if params is not None else None


def _failed(name: str, error: dict[str, Any]) -> types.CallToolResult:
    return results.failed({"function": name, "success": False, "error": error})


async def serve(options: Options) -> None:
    """Serve one host over stdin and stdout until it hangs up."""
    from mcp.server.stdio import stdio_server

    logs.show(options.structured)
    server = make(options)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
