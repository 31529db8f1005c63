"""A yes from the host's user to one call, before it costs or destroys anything.

    handshake era     the server asks while the call waits (`elicitation/create`)
    current era       the call is answered with the question; the host sends it again with the answer (SEP-2322)

In the second the question travels with a seal over the call that it was asked for: a yes to one call is none to another.
A host that cannot ask its user gets the refusal, with what would let it call all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

from .. import about
from ..functions import FunctionInfo, PolicyError
from .shape import fit
from .text import encode, visible

ANSWERED_SINCE = "2026-07-28"
"""The protocol's revision in which servers ask by answering."""
TTL = 600
"""Seconds that a question may be answered in."""
SHOWN = 600
"""Longest preview of the request, in characters."""
_KEY = "proceed"
_FORM: dict[str, Any] = {
    "type": "object",
    "properties": {_KEY: {"type": "boolean", "title": "Proceed", "description": "Make this call, once"}},
    "required": [_KEY],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What somebody is to say yes to."""

    title: str = about.TITLE
    """Whose function it is."""
    function: str
    classes: tuple[str, ...]
    """Those that were to be asked for."""
    method: str
    url: str
    body: Any = None
    cost: str = ""
    """The cost, if known."""

    @property
    def message(self) -> str:
        """The question in words: the function, the request and its cost."""
        does = " and ".join(_DOES.get(each, f"is {each}") for each in self.classes)
        parts = [f"{self.title}: call {self.function}? It {does}."]
        if self.cost:
            parts.append(f"It costs {self.cost}.")
        parts.append(f"It would send: {self.method} {self.url[:SHOWN]}")
        if self.body is not None:
            parts.append(encode(fit({"body": self.body}, limit=SHOWN))[:SHOWN])
        return visible("\n".join(parts))


_DOES = {
    "write": "changes something",
    "billed": "costs money",
    "destructive": "destroys something",
    "secret": "shows a secret",
    "read": "reads",
}


class Ask(Protocol):
    """What asks the user of one host about one of its calls."""

    async def __call__(self, question: Question) -> bool:
        """Whether the user consented. CannotAskError if the host cannot ask; AskedError if its answer comes later."""
        ...


class CannotAskError(Exception):
    """The host cannot ask its user."""


class AskedError(Exception):
    """The question was put; the call ends here, and is sent again with the answer."""

    def __init__(self, result: types.InputRequiredResult) -> None:
        super().__init__("asked")
        self.result = result


def refused(info: FunctionInfo, classes: tuple[str, ...]) -> PolicyError:
    """The refusal of a host that cannot ask."""
    flags = [f"--{flag}" for flag in ("write=allow",) if "write" in classes]
    named = ",".join(each for each in classes if each not in ("read", "write"))
    allowed = " ".join([*flags, *([f"--allow {named}"] if named else [])])
    return PolicyError(
        info.name,
        classes[0],
        f"it needs the user's confirmation, and this host cannot ask: start the server with {allowed}",
    )


def declined(name: str) -> dict[str, Any]:
    """The error of a call that the user declined."""
    return {
        "type": "declined",
        "message": f"the user declined this call of {name}; nothing was sent",
        "retryable": False,
        "hint": "ask the user what to do instead",
    }


class Host:
    """Asks the user of the host that a request comes from."""

    def __init__(
        self, context: ServerRequestContext[Any], params: types.CallToolRequestParams, key: bytes, caller: str = ""
    ) -> None:
        """key: of the seals. caller: the caller of the function; another caller's answer does not match."""
        self._context = context
        self._params = params
        self._key = key
        self._caller = caller

    async def __call__(self, question: Question) -> bool:
        form = types.ElicitRequestFormParams(message=question.message, requested_schema=_FORM)
        if not _asks(self._context):
            raise CannotAskError
        if self._context.protocol_version >= ANSWERED_SINCE:
            return self._answered(form)
        try:
            answer = await self._context.session.elicit_form(form.message, _FORM, self._context.request_id)
        except MCPError as error:  # no way back to the host, or it does not know the method
            raise CannotAskError from error
        return _is_yes(answer)

    def _answered(self, form: types.ElicitRequestFormParams) -> bool:
        response = (self._params.input_responses or {}).get(_KEY)
        state = self._params.request_state or ""
        if isinstance(response, types.ElicitResult) and self._is_sealed(state, form.message):
            return _is_yes(response)
        until = str(int(time.time()) + TTL)
        raise AskedError(
            types.InputRequiredResult(
                input_requests={_KEY: types.ElicitRequest(params=form)},
                request_state=f"{until}.{self._seal(until, form.message)}",
            )
        )

    def _is_sealed(self, state: str, message: str) -> bool:
        until, _, seal = state.partition(".")
        fits = hmac.compare_digest(seal.encode(), self._seal(until, message).encode())
        return fits and until.isascii() and until.isdigit() and int(until[:12]) >= time.time()

    def _seal(self, until: str, message: str) -> str:
        call = [self._params.name, self._params.arguments or {}, self._caller, message, until]
        text = json.dumps(call, sort_keys=True, separators=(",", ":"))
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


def _asks(context: ServerRequestContext[Any]) -> bool:
    """Whether the host says that it can show its user a form. `{}` means forms, too: before there was anything else."""
    capabilities = context.session.client_capabilities
    can = capabilities.elicitation if capabilities is not None else None
    return can is not None and (can.form is not None or can.url is None)


def _is_yes(answer: types.ElicitResult) -> bool:
    return answer.action == "accept" and (answer.content or {}).get(_KEY) is True


def question(info: FunctionInfo, classes: tuple[str, ...], request: Mapping[str, Any], cost: str) -> Question:
    """The question of a call, from what a dry run of it says; the credentials in that are placeholders."""
    return Question(
        function=info.name,
        classes=classes,
        method=str(request.get("method", info.method)),
        url=str(request.get("url", info.path)),
        body=request.get("body"),
        cost=cost,
    )
