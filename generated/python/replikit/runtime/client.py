"""What both clients share: their options, and the preparation and interpretation of calls."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from . import bounds as _bounds
from . import config as _config
from . import logs as _logs
from .bodies import problem
from .calls import DEFAULTS, Arguments, Headers, Options
from .config import origin
from .connections import Connections
from .credentials import BY_KEY
from .deadlines import Deadline
from .errors import ArgumentError, ConfigError, ResponseError
from .exchange import Heard, Steps, judge, steps
from .jobs import lacks
from .operation import Answer, Operation
from .pages import AnyPage
from .requests import Prepared, prepare
from .response import answered, read
from .retries import RetryPolicy
from .schemes import Requirement, Security
from .secrets import without
from .transport import ANYWHERE, MARGIN, Builder, Timeout
from .turning import onward, opened, placed, sealed, sealing
from .views import SCALARS, Items, reader, view_of

if TYPE_CHECKING:
    from decimal import Decimal
    from typing import Self, Unpack

    from ..credentials import Credentials
    from .jobviews import AnyJob
    from .pace import Pace
    from .prices import Prices

_MOST_CURSORS = 1_000
"""Cursors that are remembered; see `_gave`."""
STREAM = "stream"
"""In place of the kind of a result: the body is read later, piece by piece."""
ANSWER = "answer"
"""The same where the answer is a stream of items; any other is read as what it is."""
_ONE_POLICY = "max_retries is part of the policy: RetryPolicy(max_retries=…)"


@cache
def view_named(spec: str) -> Any:
    """The class in `types` that a spec names, or a Reader of the spec; None without one."""
    if not spec:
        return None
    types = import_module("..types", __package__)
    view = getattr(types, spec, None)
    if isinstance(view, type) and spec not in SCALARS:
        return view
    return reader(types.__name__, spec)


class AnyClient(ABC):
    """A client, synchronous or not."""

    _Connections: type[Connections]
    _Page: type[AnyPage[Any]]
    _on_answer: Heard | None = None
    _prices: Prices | None = None

    def __init__(
        self,
        token: str | None = None,
        *,
        api_token: str | None = None,
        bearer_token: str | None = None,
        account: str | None = None,
        base_url: str | None = None,
        http_client: Any = None,
        transport: Any = None,
        proxy: Any = None,
        timeout: Timeout | None = None,
        headers: Headers | None = None,
        max_retries: int | None = None,
        retries: RetryPolicy | None = None,
        deadline: float | None = None,
        max_response_bytes: int | None = None,
        max_depth: int | None = None,
        max_pages: int | None = None,
        max_empty_pages: int | None = None,
        **credentials: Unpack[Credentials],
    ) -> None:
        """Creates a client. It connects, and builds a TLS context, on the first call only.

        token: the API token; without it, the account's or the environment's.
        api_token, bearer_token: aliases of `token`.
        account: the name of an account in the accounts file; see `runtime.accounts`.
        base_url: another server than the API's own, such as a mock.
        http_client: an httpx (or httpx2) client to use; it stays yours to close.
        transport: an httpx transport for the client's own httpx client.
        proxy: the URL of a proxy, or an httpx.Proxy; without it, those of the environment are used.
        timeout: seconds, or an httpx.Timeout. A call that asks the server to wait gets the time to do so on top.
        headers: sent with every request to the API.
        max_retries: retries of a request that is safe to repeat; short for a RetryPolicy with that number.
        retries: the policy on when to retry.
        deadline: seconds for a whole call, including its retries and the reading of its answer; 600 unless set here or
        in the environment. For a stream or a download it bounds only the time until the first byte of the body.
        max_response_bytes: bytes of an answer after decompression, and of one event or line of a stream; 64 MiB, and
          1 GiB for a file that is read into memory. `download` has a bound of its own.
        max_depth: levels of arrays and objects in an answer; by default as many as Python's parser takes.
        max_pages, max_empty_pages: pages of one list, and pages in a row without items; 100,000 and 100.
        credentials: for the API's other security schemes; see `credentials.Credentials`.
        Raises ConfigError where one of them is not valid.
        """
        if http_client is not None and not (transport is None and proxy is None):
            raise ConfigError("http_client brings its own transport and proxy: pass them to it")
        if transport is not None and proxy is not None:
            raise ConfigError("a transport decides itself about proxies: pass one of the two")
        if retries is not None and max_retries is not None:
            raise ConfigError(_ONE_POLICY)
        _logs.configure()
        tokens = [each for each in (token, api_token, bearer_token) if each is not None]
        if len(tokens) > 1:
            raise ConfigError("token, api_token and bearer_token are one: pass it once")
        self._config = _config.load(tokens[0] if tokens else None, base_url, account, credentials, _arguments())
        self._config.credentials.tls = http_client is not None or transport is not None
        self._owned = True
        self._cursors: dict[tuple[str, str], None] = {}
        self._retries = retries or (
            RetryPolicy(as_described=True) if max_retries is None else RetryPolicy(max_retries=max_retries)
        )
        self._bounds = _bounds.from_environment().changed(
            deadline, max_response_bytes, max_depth, max_pages, max_empty_pages
        )
        self._connections = self._Connections(http_client, transport, proxy)
        self._builder = Builder(self._config, self._connections, timeout, headers)

    @property
    def base_url(self) -> str:
        """The URL that the paths of the API are relative to."""
        return self._config.base_url

    @property
    def retries(self) -> RetryPolicy:
        """The policy on when its calls are retried."""
        return self._retries

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    def with_options(
        self,
        *,
        timeout: Timeout | None = None,
        headers: Headers | None = None,
        retries: RetryPolicy | None = None,
        max_retries: int | None = None,
        on_answer: Heard | None = None,
        deadline: float | None = None,
        max_response_bytes: int | None = None,
        max_depth: int | None = None,
        max_pages: int | None = None,
        max_empty_pages: int | None = None,
    ) -> Self:
        """A copy of the client with other options. It shares the connections, and closing it does nothing.

        max_retries: retries of a request that is safe to repeat; the rest of the policy stays.
        on_answer: called with the status and the headers of each answer, including those that are retried.
        """
        if retries is not None and max_retries is not None:
            raise ConfigError(_ONE_POLICY)
        made = copy(self)
        # Resources are cached on the client that made them.
        for name in [name for name in vars(made) if not name.startswith("_")]:
            del vars(made)[name]
        made._owned = False
        made._retries = retries or self._retries
        if max_retries is not None:
            made._retries = replace(self._retries, max_retries=max_retries, as_described=False)
        made._on_answer = on_answer or self._on_answer
        made._bounds = self._bounds.changed(deadline, max_response_bytes, max_depth, max_pages, max_empty_pages)
        made._builder = self._builder.changed(timeout, headers)
        return made

    def hide(self, text: str) -> str:
        """The text with the client's credentials removed, for logs and the like."""
        return without(text, self._config.credentials.secrets)

    def prepare(self, operation: Operation, arguments: Arguments) -> Prepared:
        """The request that a call would send, without credentials."""
        return prepare(operation, arguments, self._server(operation))

    def cost(self, job: AnyJob) -> Decimal | None:
        """The cost of a job, by the prices that the user has set; None where its price or its seconds are not known.

        job: as a call returned it, ended or not. The prices are read once per client. It makes no request, so it is
        never awaited.
        Raises ConfigError where the file of prices cannot be read.
        """
        from . import prices

        if self._prices is None:
            self._prices = prices.read()
        return self._prices.cost(job._info(), job.to_dict())

    def _server(self, operation: Operation) -> str:
        if operation.server and not self._config.base_url_set:
            return urljoin(self._config.base_url.partition("?")[0] + "/", operation.server)
        return self._config.base_url

    def _prepared(self, operation: Operation, arguments: Arguments, options: Options) -> Prepared:
        prepared, cursor = self.prepare(operation, arguments), options.cursor
        if not cursor:
            return prepared
        whole = urljoin(prepared.url, cursor)
        url, genuine = opened(whole, operation, self._sealing(options))
        known = genuine or (operation.name, url) in self._cursors
        if origin(url) != origin(prepared.url) or not (known or _logs.place(url) == _logs.place(prepared.url)):
            raise ArgumentError("cursor", f"is no page of {operation.name}, or one that another caller was given")
        return onward(operation, prepared, url)

    def _steps(
        self, operation: Operation, prepared: Prepared, options: Options, retries: RetryPolicy | None = None
    ) -> Steps:
        server, timeout, policy = self._server(operation), options.timeout, retries or self._retries
        security = operation.security
        requirement = self._requirement(security, prepared.url, server, options.headers)
        # Made before the clock starts, as it imports modules.
        self._connections.client(prepared.url, self._builder.certificate(requirement))
        patient = max(prepared.wait, prepared.timeout or 0.0 if options.timeout is None else 0.0)
        patience = patient + MARGIN if patient and options.deadline is None else 0.0
        deadline = Deadline(options.deadline or self._bounds.deadline, patience, whole=options.deadline is not None)
        return steps(
            operation,
            prepared.method,
            prepared.url,
            lambda: self._builder.request(prepared, server, timeout, options.headers, security, deadline),
            self._onwards(operation, prepared, server, options, deadline),
            policy,
            deadline,
            self._config.credentials.secrets,
            self._on_answer,
            self._pace() if policy.paces(operation) else None,
            options.patience,
            self._fetching(requirement, deadline),
        )

    def _onwards(
        self, operation: Operation, prepared: Prepared, server: str, options: Options, deadline: Deadline
    ) -> Callable[[str, str], Any]:
        """A function that makes the requests for redirects. Once they have left the origin, even if they come back,
        they carry no credentials, and only such headers of the call as any server may see."""
        last, trusted, own_headers = prepared, True, options.headers

        def redirected(method: str, url: str) -> Any:
            nonlocal last, trusted, own_headers
            if trusted and origin(url) != origin(last.url):
                trusted, own_headers = False, {k: v for k, v in (own_headers or {}).items() if k.lower() in ANYWHERE}
            last = last._replace(url=url)
            if method != last.method:  # the body has arrived, and is not sent again
                headers = [pair for pair in last.headers if pair[0].lower() != "content-type"]
                last = last._replace(method=method, headers=headers, content=None, parts=None)
            return self._builder.request(
                last, server, options.timeout, own_headers, operation.security, deadline, trusted
            )

        return redirected

    def _requirement(self, security: Security, url: str, server: str, headers: Headers | None) -> Requirement:
        if not security or not self._builder.owns(url, server):
            return ()
        return self._builder.requirement(security, headers)

    def _fetching(self, requirement: Requirement, deadline: Deadline) -> Callable[[bool], Steps] | None:
        """The steps that fetch tokens for a requirement; None where none has to be fetched."""
        schemes = [(BY_KEY[key], scopes) for key, scopes in requirement if BY_KEY[key].fetches]
        wanted = [
            (scheme, scopes) for scheme, scopes in schemes if not self._config.credentials.of(scheme).get("token")
        ]
        if not wanted:
            return None
        used: dict[tuple[str, tuple[str, ...]], str] = {}
        return lambda anew: self._builder.tokens.ready(wanted, self._builder, deadline, used, anew)

    def _pace(self) -> Pace:
        """The pace of starts with this client's token."""
        shared_pace = self._connections.pace
        if shared_pace is None:
            from .pace import shared

            shared_pace = self._connections.pace = shared(self._config)
        return shared_pace

    def _onward(self, operation: Operation, url: str, first: Prepared | None) -> Prepared:
        if origin(url) != origin(self._server(operation)):
            raise ResponseError(f"{_logs.place(url)} is on another server and was not asked for")
        bare = Prepared("GET", url, [("Accept", "application/json")], timeout=operation.timeout)
        return onward(operation, first or bare, url)

    def _sealing(self, options: Options) -> bytes:
        return sealing(self._config.credentials, self._builder.caller_headers(options.headers))

    def _gave(self, operation: Operation, url: str, first: str, options: Options) -> str:
        """The cursor of a page that an answer links to, whose path may differ from that of the list, `first`."""
        self._cursors[operation.name, url] = None
        while len(self._cursors) > _MOST_CURSORS:
            self._cursors.pop(next(iter(self._cursors)), None)
        return sealed(url, first, operation, self._sealing(options))

    def page_after(self, operation: Operation, answer: Any) -> str | None:
        """The URL of the page after a whole answer of a list, see `answer`: pass it there as `cursor`."""
        page = self._paged(operation, self._decoded(operation, answer.http), answer.http, None, DEFAULTS)
        return page.next

    def _paged(self, operation: Operation, data: Any, response: Any, view: Any, options: Options) -> AnyPage[Any]:
        prepared: Prepared | None = response.request.extensions.get("prepared")
        url = placed(operation, prepared) if prepared is not None else str(response.url)
        first = (prepared.first or prepared) if prepared is not None else None
        return self._Page(data, operation, view, url, self, options, response.headers.get("link", ""), first)

    @abstractmethod
    def _view_name(self, answer: Answer) -> str:
        """The class in `types` for an answer, or the spec of a Reader."""

    @abstractmethod
    def _items(self, operation: Operation, answer: Answer, response: Any, options: Options, raw: bool) -> Any:
        """The items of an answer that is a stream."""

    def _decoded(self, operation: Operation, response: Any, options: Options = DEFAULTS) -> Any:
        """The decoded content of an answer, without a view."""
        answer = answered(operation, response)
        if answer.kind == "events" and not response.is_stream_consumed:
            return self._items(operation, answer, response, options, True)
        return self._read_as(operation, answer, response)

    def _read_as(self, operation: Operation, answer: Answer, response: Any) -> Any:
        try:
            data = read(answer, response, self._bounds.max_depth)
            job = operation.job if operation.starts and answer.kind == "json" else None
            if job is not None and (missing := lacks(job, data)):
                raise problem(response, f"holds {missing}")
            return data
        except ResponseError as error:
            judge(operation, error)
            raise

    def _shaped(self, operation: Operation, response: Any, options: Options) -> Any:
        """The content of an answer, as the declared type of the operation."""
        answer = answered(operation, response)
        if answer.kind == "events" and not response.is_stream_consumed:
            return self._items(operation, answer, response, options, False)
        data = self._read_as(operation, answer, response)
        view = view_named(self._view_name(answer))
        if operation.page and answer.kind == "json":
            return self._paged(operation, data, response, view, options)
        return Items(view, data or [], self) if answer.array else view_of(view, data, self)


def _arguments() -> tuple[str, ...]:
    """The names of a client's arguments, apart from credentials."""
    return ("token", *(AnyClient.__init__.__kwdefaults__ or ()))
