"""Fetches a document: over https, from this machine, or from a file; bounded in bytes, time and redirects.

What comes back is bytes that nobody has looked into yet.
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from ..errors import SpecError
from . import bounds, files

if TYPE_CHECKING:
    import httpx

MAX_SECONDS = 60.0
MAX_REDIRECTS = 5
_MOVED = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Fetched:
    """What came, or that nothing has changed since."""

    url: str
    """Where it came from in the end."""
    content: bytes = b""
    etag: str = ""
    unchanged: bool = False


def fetch(
    source: str, etag: str = "", *, seconds: float = MAX_SECONDS, most: int | None = None,
    say: Callable[[str], None] = print,
) -> Fetched:  # fmt: skip
    """The bytes at an https URL or in a file. Raises SpecError where they cannot be had whole and in time.

    etag: of the copy we have; the server then answers that nothing changed, without sending it.
    seconds: for all of it. most: bytes; the bound of the run where none is given. say: is told of a redirect to another host before it is followed.
    """
    most = bounds.BYTES.value if most is None else most
    if "://" not in source:
        return Fetched(source, files.content(Path(source), source, most))
    if source.startswith("file://"):
        path = unquote(urlsplit(source).path)
        return Fetched(path, files.content(Path(path), path, most))
    try:
        import httpx  # noqa: F401
    except ModuleNotFoundError:
        hint = "pip install 'surfacegen[update]'"
        raise SpecError(source, "cannot be fetched: httpx is not installed", hint) from None
    # The client's own time-outs begin anew with each byte, so that a slow drip would never end: in headers as in
    # the body. Whoever still waits when the time is over is left behind, and ends with this process at the latest.
    found: list[Fetched | BaseException] = []
    thread = threading.Thread(
        target=_run, args=(found, source, etag, time.monotonic() + seconds, most, say), daemon=True
    )
    thread.start()
    thread.join(seconds)
    result = found[0] if found else _too_late(source)
    if isinstance(result, BaseException):
        raise result
    return result


def _run(found: list[Fetched | BaseException], *arguments: Any) -> None:
    try:
        found.append(_web(*arguments))
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        found.append(error)


def _web(source: str, etag: str, deadline: float, most: int, say: Callable[[str], None]) -> Fetched:
    import httpx

    url = source
    try:
        with httpx.Client(follow_redirects=False, timeout=20.0) as client:
            for _ in range(MAX_REDIRECTS + 1):
                _refuse(url)
                headers = {"Accept": "application/json, application/yaml, text/yaml, */*;q=0.1"}
                if etag and url == source:
                    headers["If-None-Match"] = etag
                with client.stream("GET", url, headers=headers) as response:
                    if response.status_code in _MOVED and "location" in response.headers:
                        url = _onward(url, response.headers["location"], say)
                        continue
                    if response.status_code == 304 and etag:
                        return Fetched(url, etag=etag, unchanged=True)
                    if response.status_code != 200:
                        raise SpecError(url, f"answers {response.status_code}", "mend the address, or try again later")
                    return Fetched(url, _body(response, url, deadline, most), response.headers.get("etag", ""))
    except (httpx.InvalidURL, ValueError) as error:
        raise SpecError(url, f"is not an address: {error}", "write https://…") from None
    except httpx.HTTPError as error:
        what = str(error) or type(error).__name__
        raise SpecError(url, f"cannot be fetched: {what}", "check the address and the network") from None
    raise SpecError(source, f"redirects more than {MAX_REDIRECTS} times", "name the address it ends at")


def _body(response: httpx.Response, url: str, deadline: float, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_bytes():
        size += len(part)
        if size > most:
            raise _too_large(url, most)
        if time.monotonic() > deadline:
            raise _too_late(url)
        parts.append(part)
    return b"".join(parts)


def _too_late(where: str) -> SpecError:
    return SpecError(where, "did not come in time", "try again later")


def _too_large(where: str, most: int) -> SpecError:
    return SpecError(where, f"is larger than {most:,} bytes", bounds.BYTES.hint("check the address"))


def _refuse(url: str) -> None:
    """Only https, but for this machine itself: what is fetched becomes code."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        shown = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
        raise SpecError(
            shown, "is given with a name or password, which would be kept", "fetch it yourself, and name the file"
        )
    if parts.scheme == "https" or (parts.scheme == "http" and _loopback(parts.hostname or "")):
        return
    raise SpecError(url, "is neither an https address nor a file", "write https://…, or the path of a file")


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _onward(url: str, location: str, say: Callable[[str], None]) -> str:
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    if here.scheme == "https" and there.scheme != "https":
        raise SpecError(url, f"redirects to {target}, which is not https", "name an address that stays on https")
    if (here.hostname, here.port) != (there.hostname, there.port):
        say(f"{here.netloc} redirects to another host: {there.netloc}")
    return target
