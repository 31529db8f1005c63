"""Prepared requests -> httpx requests: timeouts, headers, and credentials, which go to the API's own origin only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from .. import about
from .config import Config, origin
from .connections import Certificate, Connections
from .credentials import BY_KEY
from .deadlines import Deadline
from .encodings import accepted
from .errors import ConfigError
from .requests import Prepared, checked_headers
from .schemes import Requirement, Scheme, Security

if TYPE_CHECKING:
    from .oauth import Tokens

_AGENT = ("User-Agent", f"{about.PACKAGE}/{about.VERSION}")
ANYWHERE = frozenset(("accept", "cache-control", "content-type", "if-range", "last-event-id", "range"))
"""Headers that any server may see."""


class Timeouts(Protocol):
    """Such as httpx.Timeout: seconds to connect, read, write and to wait for a connection; None for no limit."""

    def as_dict(self) -> dict[str, float | None]:
        """The four by name."""
        ...


Timeout = float | Timeouts | Mapping[str, float | None]

DEFAULT: Mapping[str, float | None] = {"connect": 10.0, "read": 60.0, "write": 60.0, "pool": None}
"""To wait for a free connection of one's own pool is no failure of the network, and has no limit."""
_BOUNDARY = "no-parts"
_CHALLENGED = any(scheme.kind == "digest" for scheme in BY_KEY.values())
MARGIN = 15.0
"""Seconds to read beyond those that the server was asked to hold its answer back."""


def seconds(timeout: Timeout) -> Mapping[str, float | None]:
    """The limits of one timeout. ConfigError where it is none."""
    if isinstance(timeout, (int, float)):
        if timeout <= 0:
            raise ConfigError(f"a timeout must be more than 0 seconds, not {timeout!r}")
        return dict.fromkeys(DEFAULT, float(timeout))
    if isinstance(timeout, Mapping):
        if not timeout.keys() <= DEFAULT.keys():
            raise ConfigError(f"a timeout has the parts {', '.join(DEFAULT)}, not {', '.join(map(str, timeout))}")
        return {**DEFAULT, **timeout}
    if not hasattr(timeout, "as_dict"):
        raise ConfigError(f"a timeout is a number of seconds or an httpx.Timeout, not {timeout!r}")
    return timeout.as_dict()


class Builder:
    """Makes the httpx requests of one client."""

    def __init__(
        self, config: Config, connections: Connections, timeout: Timeout | None, headers: Mapping[str, str] | None
    ) -> None:
        self.config = config
        self.connections = connections
        self._timeout = None if timeout is None else seconds(timeout)
        self._headers = checked_headers(headers)
        self._prefix = config.base_url + "/"

    def changed(self, timeout: Timeout | None, headers: Mapping[str, str] | None) -> Builder:
        """A builder with other limits and with more headers."""
        made = copy(self)
        made._timeout = self._timeout if timeout is None else seconds(timeout)
        made._headers = {**self._headers, **checked_headers(headers)}
        return made

    def request(
        self,
        prepared: Prepared,
        server: str,
        timeout: Timeout | None,
        headers: Mapping[str, str] | None,
        security: Security,
        deadline: Deadline,
        trusted: bool = True,
    ) -> Any:
        """The request. To another origin than that of `server` goes nothing but what any server may see, and `headers`,
        which the caller gave for this very request. trusted: a redirect through another origin has not led to it."""
        url = prepared.url
        own = trusted and self.owns(url, server)
        passed = self.connections.http_client if own else None
        sent = self._common if passed is None else [_AGENT]
        sent = sent + [pair for pair in prepared.headers if own or pair[0].lower() in ANYWHERE]
        caller_headers = self._headers if own else {}
        if headers:
            caller_headers = {**caller_headers, **checked_headers(headers)}
        requirement = self.requirement(security, caller_headers) if own and security else ()
        if requirement:
            url = self._authorize(url, sent, caller_headers, requirement)
        if caller_headers:
            replaced = {name.lower() for name in caller_headers}
            sent = [pair for pair in sent if pair[0].lower() not in replaced] + list(caller_headers.items())
        limits = deadline.limits(self.limits(prepared.wait, timeout, prepared.timeout))
        more: dict[str, Any] = {"extensions": {"timeout": limits, "deadline": deadline, "prepared": prepared}}
        if requirement and (auth := self._digest(requirement, caller_headers)):
            more["extensions"]["digest"] = auth
        if certificate := self.certificate(requirement):
            more["extensions"]["certificate"] = certificate
        if prepared.parts == ():
            # A form without fields is one all the same, and httpx would send nothing.
            sent.append(("Content-Type", f"multipart/form-data; boundary={_BOUNDARY}"))
            more["content"] = f"--{_BOUNDARY}--\r\n".encode()
        elif prepared.parts is not None:
            more["files"] = [(p.name, (p.filename, p.content, p.content_type, dict(p.headers))) for p in prepared.parts]
        elif prepared.content is not None:
            more["content"] = prepared.content
        # A client that was passed in adds what its owner has set it to add, and that is meant for the API alone. On a
        # client of ours nothing is set that had to be merged, and merging is half the cost of a call.
        make = self.connections.library.Request if passed is None else passed.build_request
        return make(prepared.method, url if "?" in url else self._parsed(url), headers=sent, **more)

    def owns(self, url: str, server: str) -> bool:
        """Whether a URL has the origin of a server, and credentials may go there."""
        return url.startswith(self._prefix) or origin(url) == origin(server)

    def caller_headers(self, headers: Mapping[str, str] | None = None) -> Mapping[str, str]:
        """The headers that the caller sets itself: for all requests, and these."""
        return {**self._headers, **(headers or {})}

    def requirement(self, security: Security, headers: Mapping[str, str] | None = None) -> Requirement:
        """The alternative that a request with these headers is made with. NoTokenError where there is none."""
        names = {name.lower() for name in (*self._headers, *(headers or ()))}
        return self.config.credentials.chosen(security, names)

    def certificate(self, requirement: Requirement) -> Certificate | None:
        """The client certificate that a requirement asks for."""
        for key, _ in requirement:
            if BY_KEY[key].kind == "mutualTLS" and (parts := self.config.credentials.of(BY_KEY[key])):
                return parts["certificate"], parts.get("key"), parts.get("key_password")
        return None

    def _authorize(
        self, url: str, sent: list[tuple[str, str]], headers: Mapping[str, str], requirement: Requirement
    ) -> str:
        """Adds what is required, but for headers that the caller has set; gives the URL."""
        replaced = {name.lower() for name in headers}
        for place, name, value in self.config.credentials.sent(requirement, self.fetched):
            if place == "query":
                url += ("&" if "?" in url else "?") + f"{quote(name, safe='')}={value}"
            elif place == "cookie":
                earlier = [text for key, text in sent if key == "Cookie"]
                sent[:] = [pair for pair in sent if pair[0] != "Cookie"]
                sent.append(("Cookie", "; ".join([*earlier, f"{name}={value}"])))
            elif name.lower() not in replaced:
                sent[:] = [pair for pair in sent if pair[0].lower() != name.lower()]
                sent.append((name, value))
        return url

    def _digest(self, requirement: Requirement, headers: Mapping[str, str]) -> Any:
        """What answers the challenge of a server, where a requirement asks for that and the caller sets no header."""
        if not _CHALLENGED or any(name.lower() == "authorization" for name in headers):
            return None
        pair = self.config.credentials.pair(requirement)
        if pair is None:
            return None
        if pair not in self._answering:
            from .digest import answering

            self._answering[pair] = answering(self.connections.library, *pair)
        return self._answering[pair]

    @cached_property
    def _answering(self) -> dict[tuple[str, str], Any]:
        return {}

    def fetched(self, scheme: Scheme, scopes: tuple[str, ...]) -> str:
        """The token that was fetched for a scheme. There is one: it is fetched before a request is made."""
        return self.tokens.current(scheme, scopes)

    @cached_property
    def tokens(self) -> Tokens:
        """What is fetched from authorization servers; all clients that were made from one another share it."""
        from .oauth import Tokens

        return Tokens(self.config)

    def limits(
        self, wait: float = 0.0, timeout: Timeout | None = None, usual: float | None = None
    ) -> Mapping[str, float | None]:
        """How long each part of a call may take; a call that asks the server to wait is given the time to do so.

        timeout: the call's own. usual: seconds that are waited for the server where the caller says nothing at all.
        """
        if timeout is not None:
            return seconds(timeout)
        limits = self._timeout
        if limits is None:
            http_client = self.connections.http_client
            limits = DEFAULT if http_client is None else http_client.timeout.as_dict()
            if usual is not None and http_client is None:
                limits = {**limits, "read": usual}
        read = limits["read"]
        return {**limits, "read": wait + MARGIN} if wait and read is not None and read < wait + MARGIN else limits

    @cached_property
    def _parsed(self) -> Callable[[str], Any]:
        # Most calls go to few URLs, and taking one apart costs as much as all the rest of a request.
        return lru_cache(maxsize=128)(self.connections.library.URL)

    @cached_property
    def _common(self) -> list[tuple[str, str]]:
        return [_AGENT, ("Accept-Encoding", accepted())]
