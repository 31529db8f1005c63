"""Single calls of a client: sends requests and reads answers, step by step."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from ..calls import DEFAULTS, Arguments, Headers, Options
from ..client import ANSWER, STREAM, AnyClient
from ..connections import AsyncConnections
from ..digest import again, begun
from ..exchange import Steps, unanswered
from ..operation import Answer, AsyncOperation, Operation
from ..requests import Prepared, described
from ..response import RawResponse, answered
from ..transport import Timeout
from . import bodies
from .calls import AsyncCalls
from .pages import AsyncPage
from .primitives import sleep, view_name
from .response import AsyncStreamedResponse

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")


class AsyncCore(AnyClient, AsyncCalls):
    """Calls the operations of the API, and sends other requests to it."""

    _Connections = AsyncConnections
    _Page = AsyncPage

    async def call(
        self,
        operation: Operation,
        arguments: Arguments,
        *,
        raw: bool = True,
        timeout: Timeout | None = None,
        headers: Headers | None = None,
        deadline: float | None = None,
        cursor: str = "",
    ) -> Any:
        """The result of an operation: decoded JSON, str, bytes or None; with raw=False the typed view of it.

        cursor: the page of a list to begin with; see `answer`.
        """
        give = self._call if raw else self._result
        return await give(operation, arguments, Options(timeout, headers, cursor, deadline))

    async def answer(self, operation: Operation, arguments: Arguments, *, cursor: str = "") -> RawResponse[Any]:
        """The whole answer of an operation: its status and headers; `parse()` gives what `call` would.

        cursor: `next` or `previous` of a page of this list, to get that page; any other raises ArgumentError.
        """
        response = await self._send(operation, arguments, Options(cursor=cursor))
        return RawResponse(response, lambda answer: self._decoded(operation, answer))

    @asynccontextmanager
    async def answer_stream(
        self, operation: Operation, arguments: Arguments
    ) -> AsyncIterator[AsyncStreamedResponse[Any]]:
        """As `answer`, but the body is read as it arrives, inside an `async with`."""
        response = await self._opened(operation, arguments, DEFAULTS)
        try:
            yield response
        finally:
            await response.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Headers | None = None,
        timeout: Timeout | None = None,
    ) -> RawResponse[Any]:
        """The answer to a request that is not in the API's description.

        path: after the base URL, or a whole URL; the token goes to the API's own origin only.
        query: its values are escaped. json: the body, encoded here; content: the body as it is.
        Raises ApiError where the answer is not a success, ArgumentError where the request cannot be sent.
        """
        operation, prepared = described(self.base_url, method, path, query, json, content)
        response = await self._run(self._steps(operation, prepared, Options(timeout, headers)))
        return RawResponse(response, lambda answer: self._decoded(operation, answer))

    @asynccontextmanager
    async def open(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Headers | None = None,
        timeout: Timeout | None = None,
    ) -> AsyncIterator[AsyncStreamedResponse[Any]]:
        """As `request`, but the body is read as it arrives, inside an `async with`; a GET follows redirects."""
        operation, prepared = described(self.base_url, method, path, query, json, content, result="binary")
        response = await self._run(self._steps(operation, prepared, Options(timeout, headers)), STREAM)
        try:
            yield AsyncStreamedResponse(
                response, lambda answer: self._decoded(operation, answer), self._bounds, operation.result
            )
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Closes the connections; a client that was passed in stays open. A later call opens new ones."""
        if self._owned:
            for http in self._connections.taken():
                await http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _view_name(self, answer: Answer) -> str:
        return view_name(answer)

    async def _send(self, operation: Operation, arguments: Arguments, options: Options, result: str = ANSWER) -> Any:
        if operation.files:
            from .uploads import placed

            arguments = await placed(self, operation, arguments)
        prepared = self._prepared(operation, arguments, options)
        try:
            return await self._run(self._steps(operation, prepared, options), result, operation)
        except BaseException as stopped:
            if not isinstance(stopped, Exception):
                unanswered(operation, stopped)
            raise

    async def _call(self, operation: Operation, arguments: Arguments, options: Options = DEFAULTS) -> Any:
        """The decoded answer, in no view."""
        return self._decoded(operation, await self._send(operation, arguments, options), options)

    async def _result(self, operation: AsyncOperation[T], arguments: Arguments, options: Options = DEFAULTS) -> T:
        shaped: T = self._shaped(operation, await self._send(operation, arguments, options), options)
        return shaped

    async def _whole(self, operation: AsyncOperation[T], arguments: Arguments, options: Options) -> RawResponse[T]:
        response = await self._send(operation, arguments, options)
        return RawResponse(response, lambda answer: self._shaped(operation, answer, options))

    async def _opened(
        self, operation: AsyncOperation[T], arguments: Arguments, options: Options
    ) -> AsyncStreamedResponse[T]:
        response = await self._send(operation, arguments, options, STREAM)
        return AsyncStreamedResponse(
            response, lambda answer: self._shaped(operation, answer, options), self._bounds, operation.result
        )

    async def _page(self, operation: Operation, url: str, options: Options, first: Prepared | None = None) -> Any:
        response = await self._run(self._steps(operation, self._onward(operation, url, first), options))
        return self._shaped(operation, response, options)

    async def _run(self, steps: Steps, result: str = "json", operation: Operation | None = None) -> Any:
        """Executes the steps of a call. Does not read the body of a `stream`, nor that of an `answer` that is a
        stream."""
        try:
            step = next(steps)
            while True:
                try:
                    outcome = None
                    if isinstance(step, float):
                        await sleep(step)
                    else:
                        http = self._connections.client(step.url.scheme + ":", step.extensions.get("certificate"))
                        flow = begun(step.extensions.get("digest"), step)
                        answer = await http.send(step, stream=True, auth=None, follow_redirects=False)
                        if (answered_anew := again(flow, answer)) is not None:
                            await answer.aclose()
                            answer = await http.send(answered_anew, stream=True, auth=None, follow_redirects=False)
                        outcome = answer, await self._read(answer, result, operation)
                except Exception as error:  # noqa: BLE001 - the steps raise what they cannot use
                    step = steps.throw(error)
                else:
                    step = steps.send(outcome)
        except StopIteration as end:
            return end.value

    async def _read(self, answer: Any, result: str, operation: Operation | None) -> str:
        """Reads the body, unless it is a stream; returns the reason where the body of a failure was cut."""
        extensions = answer.request.extensions
        deadline = extensions["deadline"]
        if result == ANSWER and operation is not None:
            result = answered(operation, answer).kind
        stream = result in (STREAM, "events") and 200 <= answer.status_code < 300 and "whole" not in extensions
        deadline.answered(stream)
        if stream:
            return ""
        try:
            kind = "json" if "whole" in extensions else result
            return await bodies.read(answer, self._bounds.response_bytes(kind), deadline)
        except BaseException:
            await answer.aclose()
            raise
