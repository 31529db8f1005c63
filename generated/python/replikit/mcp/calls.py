"""One call of a function for a host: bounded, told of while it runs, taken back when the host takes it back.

Calls.function ── arguments ── functions.acall ── results
                    own         the API's          in the protocol's words
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import anyio
import mcp_types as types

from .. import functions
from ..functions import FunctionInfo, Problem, failures
from ..functions.cursors import Cursor
from ..functions.derived import TIMEOUT
from ..functions.streaming import Part
from . import asking, costs, results
from .addresses import api_uri
from .arguments import Own, accepted, read
from .asking import Ask
from .clients import Caller, Clients, owner
from .excerpt import items_at, structured, unknown
from .limits import option
from .options import Options
from .progress import Progress, Tell, counted, told, updates
from .queue import CallQueue
from .rest import Rest, rest
from .shape import LIMIT
from .text import as_it_is, clean

_SHARE = 0.9
"""Of the time that a call has, what a job is waited for."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A finished call: its envelope, and the pictures among its files if requested."""

    envelope: dict[str, Any]
    images: tuple[results.Image, ...] = ()
    hide: Callable[[str], str] = as_it_is
    """Takes the token that it was made with out of a text."""


class Calls:
    """The calls of one server process."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.clients = Clients(options.limits.idle, options.bounds)
        self._queue = CallQueue(options.limits)

    async def function(
        self,
        info: FunctionInfo,
        arguments: Mapping[str, Any],
        caller: Caller,
        tell: Tell | None = None,
        ask: Ask | None = None,
    ) -> types.CallToolResult:
        """The answer to a call of a function's own tool."""
        names = accepted(info, self.options)
        own = {name: value for name, value in arguments.items() if name in names}
        arguments_ = {name: value for name, value in arguments.items() if name not in names}
        return await self.wished(info, own, arguments_, names, caller, tell, ask=ask)

    async def wished(
        self,
        info: FunctionInfo,
        wishes: Mapping[str, Any],
        arguments: Mapping[str, Any],
        names: Collection[str],
        caller: Caller,
        tell: Tell | None = None,
        most: int = LIMIT,
        ask: Ask | None = None,
    ) -> types.CallToolResult:
        """The answer to a call with these wishes to the server itself; `names` are those that a caller may have.

        most: characters of the answer. ask: asks the user for what may not be called without.
        """
        arguments = _searched(info, arguments)
        own = read(wishes, self.options)
        if isinstance(own, Problem):
            return results.failed(_envelope(info.name, failures.bad_arguments(info, own)))
        if problem := _wrong_options(info, own.options) or _wrong_wait(info, own.wait):
            return results.failed(_envelope(info.name, failures.bad_arguments(info, problem)))
        caller = replace(caller, account=own.account or caller.account)
        try:
            cursor = Cursor.read(own.cursor)
        except ValueError:
            problem = Problem("cursor", "is not from a result", {"type": "string"})
            return results.failed(_envelope(info.name, failures.bad_arguments(info, problem)))
        asks = self.options.policy.asks(info)
        if asks and not own.dry_run and (refusal := await self._consent(info, arguments, caller, asks, ask)):
            return results.failed(_with_own_names(refusal, names))
        made = await self._made(info, arguments, own, cursor.url, caller, tell, asks)
        if not made.envelope["success"]:
            return results.failed(_with_own_names(made.envelope, names))
        if nothing := _picks_nothing(info, own, made.envelope["data"]):
            return results.failed(_envelope(info.name, failures.bad_arguments(info, nothing)))
        return results.succeeded(
            info,
            made.envelope["data"],
            own,
            made.hide,
            Rest() if own.dry_run else rest(info, arguments, names, self.options),
            link=api_uri(info, arguments),
            most=most,
            images=made.images,
            kind=made.envelope["meta"].get("kind", ""),
            notes=made.envelope["meta"].get("notes", ()),
            following=made.envelope["meta"].get("next") or "",
            ended=made.envelope["meta"].get("next", "") is None,
        )

    async def envelope(self, info: FunctionInfo, arguments: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """The envelope of a call without any wishes, as it may be shown."""
        made = await self._made(info, arguments, Own(), "", caller, None)
        envelope_: dict[str, Any] = clean(made.envelope, made.hide)
        return envelope_

    async def _consent(
        self,
        info: FunctionInfo,
        arguments: Mapping[str, Any],
        caller: Caller,
        classes: tuple[str, ...],
        ask: Ask | None,
    ) -> dict[str, Any] | None:
        """None if the user consented to the call; else the envelope that gives the reason."""
        if ask is None:
            return _envelope(info.name, failures.describe(asking.refused(info, classes), info))
        # What is wrong is told before anybody is asked for it.
        tried = await self._made(info, arguments, Own(dry_run=True), "", caller, None, classes)
        if not tried.envelope["success"]:
            return tried.envelope
        price = costs.cost(info, arguments, tried.hide)
        request = clean(tried.envelope["data"], tried.hide)
        try:
            if await ask(asking.question(info, classes, request, price)):
                return None
        except asking.CannotAskError:
            return _envelope(info.name, failures.describe(asking.refused(info, classes), info))
        return _envelope(info.name, asking.declined(info.name))

    async def _made(
        self,
        info: FunctionInfo,
        arguments: Mapping[str, Any],
        own: Own,
        cursor: str,
        caller: Caller,
        tell: Tell | None,
        granted: Collection[str] = (),
    ) -> _Made:
        """granted: classes that the user has consented to."""
        limits = self.options.limits
        if (busy := self._queue.busy()) is not None:
            return _Made(_envelope(info.name, busy))
        made: _Made | None = None
        async with self._queue.turn():
            try:
                with anyio.move_on_after(limits.call):
                    if (permitted := owner(caller)) is not None:
                        permitted.check(info)
                    async with self.clients.of(caller) as client, told(tell, client.hide) as progress:
                        made = await self._answered(client, info, arguments, own, cursor, progress, granted)
                        if own.images and made.envelope["success"] and info.result_kind == "json":
                            made = replace(made, images=await _images(client, info, made.envelope["data"]))
            except Exception as error:  # noqa: BLE001
                # The functions layer answers what can be foreseen; this is the last resort that keeps serving. What was
                # answered before is given all the same: it may have been paid for.
                problem = failures.describe(error, info)
                made = made or _Made(_envelope(info.name, problem))
        return made or _Made(_envelope(info.name, failures.too_long(info, limits.call, option("call"))))

    async def _answered(
        self,
        client: Any,
        info: FunctionInfo,
        arguments: Mapping[str, Any],
        own: Own,
        cursor: str,
        progress: Progress | None,
        granted: Collection[str],
    ) -> _Made:
        envelope = await functions.acall(
            client,
            info.name,
            arguments,
            policy=self.options.policy.granting(granted),
            dry_run=own.dry_run,
            cursor=cursor,
            options=self._options(info, own.options),
            on_update=updates(info.job, progress) if info.job and progress else None,
            part=self._part(),
            on_item=counted(progress, self.options.limits.items) if progress else None,
            wait=min(own.wait, self.options.limits.call * _SHARE),
        )
        return _Made(envelope, hide=client.hide)

    def _options(self, info: FunctionInfo, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What a function that follows a job is told: to give the job while there is time to, for it is billed."""
        if info.derived is None:
            return {}
        most = self.options.limits.call * _SHARE
        return {**arguments, TIMEOUT: min(most, arguments.get(TIMEOUT, most))}

    def _part(self) -> Part:
        """As much of a stream as a call is answered with."""
        limits = self.options.limits
        return Part(limits.items, limits.item_bytes, limits.stream)


def _wrong_options(info: FunctionInfo, options: Mapping[str, Any]) -> Problem | None:
    """The problem with the options of a call; their values are checked with the arguments."""
    if options and info.derived is None:
        message = f"{info.name} has no options: it takes only arguments"
        return Problem("options", message, {"properties": list(info.arguments)})
    schema = {"type": "number", "minimum": 0}
    problem = functions.check(options, {"properties": {TIMEOUT: schema}})
    return replace(problem, parameter=f"options.{problem.parameter}") if problem else None


def _wrong_wait(info: FunctionInfo, seconds: int) -> Problem | None:
    """The problem with waiting for the result of a function."""
    if not seconds or (info.type == "read" and info.job):
        return None
    return Problem("wait", f"{info.name} does not return a job", {"type": "integer"})


def _searched(info: FunctionInfo, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments; for a search that takes its text as body, `query` is accepted as its name."""
    if info.type != "read" or "query" not in arguments or "body" in arguments:
        return arguments
    if "body" not in info.arguments or "query" in info.arguments:
        return arguments
    return {"body" if name == "query" else name: value for name, value in arguments.items()}


def _picks_nothing(info: FunctionInfo, own: Own, data: Any) -> Problem | None:
    """The problem with `fields` that select nothing: a misspelt name would look like an empty result."""
    document = structured(data)
    there = unknown(document, own.fields, items_at(info.page, document))
    if not there:
        return None
    near = functions.nearest(own.fields.partition(",")[0].partition(".")[0], there)
    return Problem(
        "fields", "the result has no field with that name", {"type": "string", "properties": list(there)}, near
    )


def _with_own_names(envelope: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """The envelope; where an argument is unknown, with the server's own arguments among the nearest names."""
    error = envelope["error"]
    if error["type"] != "invalid_arguments" or error.get("nearest") or not error["parameter"]:
        return envelope
    near = functions.nearest(error["parameter"], names)
    if not near:
        return envelope
    return {**envelope, "error": {**error, "nearest": list(near), "hint": f"nearest: {', '.join(near)}"}}


async def _images(client: Any, info: FunctionInfo, data: Any) -> tuple[results.Image, ...]:
    """The pictures among a result's files, as far as they are small; the others stay links."""
    from .pictures import picture

    # A model's output may name any address: only what is as safe as the API itself is fetched.
    scheme = client.base_url.partition(":")[0]
    urls = [url for url in results.output_files(info, data) if url.startswith(("https://", f"{scheme}://"))]
    urls = [url for url in urls if (results.media_type(url) or "").startswith("image/")]
    images = [await picture(client, url, results.LARGEST_IMAGE) for url in urls[: results.MOST_IMAGES]]
    return tuple(each for each in images if each is not None)


def _envelope(name: str, error: dict[str, Any]) -> dict[str, Any]:
    return {"function": name, "success": False, "data": None, "error": error, "meta": {}, "duration_ms": 0}
