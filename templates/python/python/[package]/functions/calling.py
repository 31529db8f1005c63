"""Calls a function by name and returns an envelope, whatever happens.

    find -> validate -> policy -> dry run, or the client -> envelope

Nothing that a server, a user or a policy does raises here: only a bug in the program does.
"""

from __future__ import annotations

import base64
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import about
from . import derived, failures, paths, waiting
from .compiled import problem as problem_of
from .finding import UnknownFunctionError, find
from .info import FunctionInfo
from .policy import Policy, PolicyError

if TYPE_CHECKING:
    from .streaming import Part

Envelope = dict[str, Any]


def call(
    client: Any,
    name: str,
    arguments: Mapping[str, Any],
    *,
    options: Mapping[str, Any] | None = None,
    policy: Policy | None = None,
    dry_run: bool = False,
    cursor: str = "",
    on_update: Callable[[Any], object] | None = None,
    part: Part | None = None,
) -> Envelope:
    """The envelope of one call.

    client: may be None for a dry run.
    options: for a derived function, further arguments of its base, and the `timeout` of its job in seconds.
    dry_run: the data is the request that would be sent, with variables in place of its credentials.
    cursor: the page of a list to get: `next` of the page before.
    on_update: called with each state of the job that a call starts and waits for. The job is then polled, in place of
    one request that is held open; the total wait is the same.
    part: how much of a stream to read; the data is then its `items`, and whether there is `more`.
    """
    started = time.monotonic()
    info = _admit(name, arguments, options or {}, policy or Policy(), dry_run, started)
    if isinstance(info, dict):
        return info
    try:
        target, sent = derived.request(info, arguments, options or {}, shown=dry_run)
        if dry_run:
            return _envelope(info.name, started, data=_request(client, target, sent), meta=_meta(info, True, arguments))
        operation, seconds, meta = _operation(target), _waited(target, sent), _meta(info, False, arguments)
        request = sent if on_update is None else _without_wait(target, sent)
        answer = client.answer(operation, request, cursor=cursor)
        result, meta["status"] = answer.parse(), answer.status
        meta |= _onward(client, target, operation, answer)
        if info.derived is not None:
            seconds = (options or {}).get(derived.TIMEOUT)
            if derived.follows(info) and operation.job is not None:
                result = waiting.followed(client, operation, result, seconds, on_update)
            return _output(info, operation, result, started, meta)
        if on_update is not None and seconds is not None:
            result = waiting.followed(client, operation, result, seconds, on_update)
        if _is_stream(result):
            from .streaming import taken

            return _envelope(info.name, started, data=taken(result, part), meta={**meta, "kind": "events"})
    except failures.caught() as error:
        return _failed(info, started, error, dry_run, arguments)
    return _envelope(info.name, started, data=_plain(info, result, answer), meta=_kind(info, result, answer, meta))


async def acall(
    client: Any,
    name: str,
    arguments: Mapping[str, Any],
    *,
    options: Mapping[str, Any] | None = None,
    policy: Policy | None = None,
    dry_run: bool = False,
    cursor: str = "",
    on_update: Callable[[Any], Awaitable[object] | object] | None = None,
    part: Part | None = None,
    on_item: Callable[[int], Awaitable[object]] | None = None,
    wait: float = 0,
) -> Envelope:
    """As `call`, with an asynchronous client. Cancelling the call cancels the job that it waits for.

    on_item: called with the number of items of a stream so far. wait: seconds to wait for a job that is read.
    """
    started = time.monotonic()
    info = _admit(name, arguments, options or {}, policy or Policy(), dry_run, started)
    if isinstance(info, dict):
        return info
    try:
        target, sent = derived.request(info, arguments, options or {}, shown=dry_run)
        if dry_run:
            return _envelope(info.name, started, data=_request(client, target, sent), meta=_meta(info, True, arguments))
        operation, seconds, meta = _operation(target), _waited(target, sent), _meta(info, False, arguments)
        request = sent if on_update is None else _without_wait(target, sent)
        if seconds is None and info.derived is None:
            answer = await client.answer(operation, request, cursor=cursor)
        else:
            answer = await waiting.aheld(client, operation, request)
        result, meta["status"] = answer.parse(), answer.status
        meta |= _onward(client, target, operation, answer)
        if info.derived is not None:
            seconds = (options or {}).get(derived.TIMEOUT)
            if derived.follows(info) and operation.job is not None:
                result = await waiting.afollowed(client, operation, result, seconds, on_update)
            return _output(info, operation, result, started, meta)
        if on_update is not None and seconds is not None:
            result = await waiting.afollowed(client, operation, result, seconds, on_update)
        if wait and info.type == "read" and operation.job is not None:
            result = await waiting.ended(client, operation, result, wait, on_update)
        if _is_stream(result):
            from .streaming import ataken

            data = await ataken(result, part, on_item)
            return _envelope(info.name, started, data=data, meta={**meta, "kind": "events"})
    except failures.caught() as error:
        return _failed(info, started, error, dry_run, arguments)
    return _envelope(info.name, started, data=_plain(info, result, answer), meta=_kind(info, result, answer, meta))


def _output(info: FunctionInfo, operation: Any, job: Any, started: float, meta: dict[str, Any]) -> Envelope:
    """The envelope of a derived function: the output of its job, or the job itself where it has not ended."""
    from ..runtime import jobs
    from ..runtime.views import at

    if not derived.follows(info) or operation.job is None:
        return _envelope(info.name, started, data=job, meta=meta)
    meta["job"] = {"id": at(job, operation.job.id), "status": at(job, operation.job.status)}
    if not jobs.ended(operation.job, job):
        return _envelope(info.name, started, data=derived.masked(info, job), meta={**meta, "kind": "json"})
    if not jobs.succeeded(operation.job, job):
        error = derived.masked(info, failures.job_failed(info, jobs.failure(operation.job, job)))
        return _envelope(info.name, started, error=error, meta=meta)
    data = derived.shaped(info, at(job, operation.job.output))
    return _envelope(info.name, started, data=data, meta=_kind(info, data, None, meta))


def _admit(
    name: str,
    arguments: Mapping[str, Any],
    options: Mapping[str, Any],
    policy: Policy,
    dry_run: bool,
    started: float,
) -> FunctionInfo | Envelope:
    try:
        info = find(name)
    except UnknownFunctionError as unknown:
        return _envelope(name, started, error=failures.unknown_function(unknown), meta={"dry_run": dry_run})
    try:
        policy.check(info)
    except PolicyError as refused:
        return _failed(info, started, refused, dry_run, {})
    problem = problem_of(info, arguments) if info.derived is None else derived.problem(info, arguments, options)
    if problem is not None:
        return _envelope(info.name, started, error=failures.bad_arguments(info, problem), meta=_meta(info, dry_run, {}))
    return info


def _waited(info: FunctionInfo, arguments: Mapping[str, Any]) -> float | None:
    """The seconds that a call waits for the job it starts; None where it does not."""
    if info.job is None:
        return None
    seconds = next((arguments.get(param.name) for param in _operation(info).params if param.encoding == "wait"), None)
    return float(seconds) if isinstance(seconds, (int, float)) else None


def _without_wait(info: FunctionInfo, arguments: Mapping[str, Any]) -> dict[str, Any]:
    waits = {param.name for param in _operation(info).params if param.encoding == "wait"}
    return {name: value for name, value in arguments.items() if name not in waits}


def _operation(info: FunctionInfo) -> Any:
    from ..operations import OPERATIONS

    return OPERATIONS[info.name]


def _onward(client: Any, info: FunctionInfo, operation: Any, answer: Any) -> dict[str, Any]:
    """The cursor of the next page, where the result does not hold it as `next`, or holds a URL without its seal; None
    where the result names a page as the next one and the list has ended.
    """
    if info.page is None:
        return {}
    from ..runtime.turning import SEAL

    cursor = client.page_after(operation, answer)
    by, path = info.page.get("by", "url"), info.page["next"]
    if cursor is None:
        from ..runtime.views import at

        return {"next": None} if by == "url" and at(answer.parse(), path) else {}
    is_next = (by, path) == ("url", "next")
    return {"next": cursor} if cursor and not (is_next and SEAL not in cursor) else {}


def _request(client: Any, info: FunctionInfo, arguments: Mapping[str, Any]) -> dict[str, Any]:
    from ..runtime.placeholders import shown
    from ..runtime.requests import prepare

    base_url = str(getattr(client, "base_url", None) or os.environ.get(about.BASE_URL_ENV) or about.BASE_URL)
    if hasattr(about, "SERVERS"):
        from ..runtime import servers

        base_url = servers.chosen(base_url, "base_url") or base_url
    operation = _operation(info)
    prepared = prepare(operation, arguments, base_url)
    headers = {name: value for name, value in prepared.headers}
    url = prepared.url
    credentials = shown(operation.security)
    headers |= credentials.headers
    if credentials.cookies:
        headers["Cookie"] = "; ".join([*([headers["Cookie"]] if "Cookie" in headers else []), *credentials.cookies])
    for pair in credentials.query:
        url += ("&" if "?" in url else "?") + pair
    request = {"method": prepared.method, "url": url, "headers": headers, "body": _body(prepared)}
    return {**request, "certificate": list(credentials.certificate)} if credentials.certificate else request


def _body(prepared: Any) -> Any:
    import json

    if prepared.parts:
        return {"parts": [_printable(part) for part in prepared.parts]}
    if prepared.content is None:
        return None
    try:
        text = prepared.content.decode("utf-8")
    except UnicodeDecodeError:
        return {"size": len(prepared.content), "data": base64.b64encode(prepared.content).decode()}
    try:
        return json.loads(text)
    except ValueError:
        return text


def _printable(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            return {"size": len(value), "data": base64.b64encode(value).decode()}
    if isinstance(value, Mapping):
        return {str(key): _printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item) for item in value]
    names = getattr(type(value), "__slots__", None) or getattr(value, "__dict__", {})
    return {name: _printable(getattr(value, name)) for name in names if not name.startswith("_")}


def _is_stream(result: Any) -> bool:
    """Whether a result is a stream of items."""
    return hasattr(result, "__next__") or hasattr(result, "__anext__")


def _plain(info: FunctionInfo, result: Any, answer: Any) -> Any:
    if isinstance(result, (bytes, bytearray)):
        declared = "" if "*" in info.result_media_type else info.result_media_type
        return {
            "content_type": _media_type(answer) or declared or "application/octet-stream",
            "size": len(result),
            "data": base64.b64encode(result).decode(),
        }
    return result


def _media_type(answer: Any) -> str:
    """The media type of an answer, without its parameters; empty where it names none."""
    from ..runtime.mediatypes import media_of

    media_type = media_of(getattr(answer, "headers", {}).get("content-type", ""))
    return media_type.name if media_type else ""


def _kind(info: FunctionInfo, result: Any, answer: Any, meta: dict[str, Any]) -> dict[str, Any]:
    """The meta of a call, with the kind of its result where that is not the usual one of the function."""
    if isinstance(result, (bytes, bytearray)):
        kind = "binary"
    elif result is None:
        return meta
    elif isinstance(result, str) and info.result_kind != "text":
        from ..runtime.mediatypes import kind_of

        kind = "text" if kind_of(_media_type(answer) or "application/json") == "text" else "json"
    else:
        kind = info.result_kind if isinstance(result, str) else "json"
    return meta if kind == info.result_kind else {**meta, "kind": kind}


def _meta(info: FunctionInfo, dry_run: bool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Facts about the call itself; `notes` where an argument was perhaps not meant as it was read."""
    notes = paths.notes(info, arguments)
    meta = {"dry_run": dry_run, "operation": info.type, "classes": list(info.classes)}
    return {**meta, "notes": notes} if notes else meta


def _failed(
    info: FunctionInfo, started: float, error: BaseException, dry_run: bool, arguments: Mapping[str, Any]
) -> Envelope:
    meta = _meta(info, dry_run, arguments)
    return _envelope(info.name, started, error=derived.masked(info, failures.describe(error, info)), meta=meta)


def _envelope(
    function: str,
    started: float,
    *,
    data: Any = None,
    error: dict[str, Any] | None = None,
    meta: dict[str, Any] | None = None,
) -> Envelope:
    return {
        "function": function,
        "success": error is None,
        "data": data,
        "error": error,
        "meta": meta or {},
        "duration_ms": round((time.monotonic() - started) * 1000, 1),
    }
