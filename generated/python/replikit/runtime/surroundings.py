"""What the environment says of certificates and proxies, checked: what is wrong is told by the name of its variable."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from .errors import ConfigError

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_SCHEMES = ("http", "https", "socks5", "socks5h")
_HOST = re.compile(r"[\w.\-]+|[0-9A-Fa-f:.]+(%[\w.\-]+)?")


@contextmanager
def tls(*, certificates: bool = True) -> Iterator[None]:
    """Raises ConfigError where TLS cannot be set up, as by `certificates` that the environment names wrongly."""
    file = os.environ.get("SSL_CERT_FILE") if certificates else None
    folder = os.environ.get("SSL_CERT_DIR") if certificates else None
    if file:
        _plain_file(file)
    elif folder and not any(map(os.path.isdir, folder.split(os.pathsep))):
        raise ConfigError(f"SSL_CERT_DIR: there is no folder {folder}: {_UNSET}")
    try:
        yield
    except (OSError, ValueError, ImportError) as error:
        reason = getattr(error, "strerror", None) or error
        if file and not os.environ.get("SSLKEYLOGFILE"):
            raise ConfigError(f"SSL_CERT_FILE: {file} holds no certificates in PEM ({reason}): {_UNSET}") from error
        known = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", "OPENSSL_CONF")
        named = ", ".join(name for name in known if os.environ.get(name)) or "Python's ssl module"
        raise ConfigError(f"TLS cannot be set up: {reason}; see {named}") from error


_UNSET = "put it right, or unset it"


def _plain_file(path: str) -> None:
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISREG(mode):
            with open(path, "rb"):
                return
        reason = "it is no plain file"  # opening a FIFO would wait for somebody to write into it
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error)
    raise ConfigError(f"SSL_CERT_FILE: cannot read {path}: {reason}: {_UNSET}")


def untrusted(message: str) -> str:
    """What to add to the message of a connection: where the certificates come from, if that is what failed."""
    if "CERTIFICATE_VERIFY_FAILED" not in message:
        return ""
    named = next((name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)), "")
    return f"; {named} says whom to trust" if named else "; SSL_CERT_FILE can name a file of whom to trust"


def proxies() -> None:
    """Raises ConfigError for a proxy of the environment that cannot be one. A password in it is not shown."""
    for name, value in _set(*_PROXIES):
        if not _is_proxy(value if "://" in value else f"http://{value}"):
            raise ConfigError(f"{name} is not the address of a proxy, such as http://proxy.example:8080: {_UNSET}")
        if value.lower().startswith("socks5") and not _installed("socksio"):
            raise ConfigError(
                f"{name} names a SOCKS proxy, which needs a package: pip install socksio, or unset {name}"
            )


def _installed(module: str) -> bool:
    from importlib.util import find_spec

    return find_spec(module) is not None


def exceptions() -> str:
    """The variable of the hosts that no proxy is for, where it is set: all that can be wrong once the proxies are well."""
    return next((name for name, _ in _set("no_proxy")), "")


def _set(*names: str) -> Iterator[tuple[str, str]]:
    """Those of the variables that are set, as they are spelled, with their values."""
    yield from ((name, value) for name, value in os.environ.items() if name.lower() in names and value)


def _is_proxy(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme.lower() in _SCHEMES and bool(_HOST.fullmatch(host)) and port != 0
