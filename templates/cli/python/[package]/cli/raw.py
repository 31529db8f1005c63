"""`api`: any request to the API, by method and path, with the client's credentials and retries."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from .. import about
from . import options, values
from .failure import usage
from .options import COMMON
from .session import Session, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo

_READING = ("GET", "HEAD", "OPTIONS", "QUERY")
_BARE = ("GET", "HEAD", "OPTIONS", "DELETE")
"""Methods that send no body unless they are given one: their fields go into the query."""
_METHODS = (*_READING, "POST", "PUT", "PATCH", "DELETE")


def _api(method: str, path: str, input: str | None, pairs: tuple[str, ...], **_: Any) -> None:
    settings = options.settings(click.get_current_context())
    method = method.upper()
    if method not in _METHODS:
        raise usage(f"{method[:40]!r} is not a method", f"one of {', '.join(_METHODS)}")
    if "://" in path or not re.fullmatch(r"/?[!-~]*", path):
        raise usage(f"{path[:80]!r} is not a path of the API", "pass the part after the base URL: /account")
    if input is None and method in _BARE:
        path, pairs = _with_query(path, pairs), ()
    body = _body(input, pairs)
    with Session(settings) as session:
        info = _meant(method, "/" + path.lstrip("/"))
        session.permit(info, {"path": path})
        session.printer.write(*_answer(session, info, path, body))


def _with_query(path: str, pairs: tuple[str, ...]) -> str:
    """The path with the fields in its query."""
    from urllib.parse import urlencode

    arguments = [values.pair(text, "--arg") for text in pairs]
    if not arguments:
        return path
    text = urlencode([(key, value if isinstance(value, str) else json.dumps(value)) for key, value in arguments])
    return f"{path}{'&' if '?' in path else '?'}{text}"


def _body(input: str | None, pairs: tuple[str, ...]) -> Any:
    if input is None and not pairs:
        return None
    whole = values.parse(values.text_of("@-" if input == "-" else input, "input"), "input") if input is not None else {}
    if pairs and not isinstance(whole, dict):
        raise usage("--arg: the body is not an object", "pass all of it as JSON")
    for text in pairs:
        values.put(whole, *values.pair(text, "--arg"), "--arg")
    return whole


def _meant(method: str, path: str) -> FunctionInfo:
    """The function that this request matches, which decides whether it may be made; else one made up for it."""
    from dataclasses import MISSING, fields

    from ..functions import FunctionInfo, all_functions
    from ..runtime import paths

    plain = path.partition("?")[0]
    for info in all_functions().values():
        if info.method == method and paths.match(info.path, paths.escaped(plain)) is not None:
            return info
    kind = "read" if method in _READING else "write"
    made: dict[str, Any] = {item.name: "" for item in fields(FunctionInfo) if item.default is MISSING}
    classes = (kind, "destructive") if method == "DELETE" else (kind,)
    made |= {"name": f"{method} {plain}", "type": kind, "classes": classes, "idempotent": kind == "read"}
    made |= {"arguments": (), "required": (), "page": None, "job": None}
    return FunctionInfo(**made)


def _answer(session: Session, info: FunctionInfo, path: str, body: Any) -> tuple[Any, str]:
    """The decoded answer and its kind."""
    import base64

    from ..runtime.decoding import SHOWN_DEPTH, json_of
    from ..runtime.operation import Operation, Param

    method = info.method or info.name.partition(" ")[0]
    sent: dict[str, Any] = {}
    if body is not None:
        kind = "text" if isinstance(body, str) else "json"
        media = "text/plain" if kind == "text" else "application/json"
        sent = {"params": (Param("body", "body", "body", True),), "body_kind": kind, "media_type": media}
    operation = Operation("api", "api", method, "/" + path.lstrip("/"), result="binary", access=info.type, **sent)
    with translated(info):
        content: bytes = session.client.answer(operation, {} if body is None else {"body": body}).content
    try:
        return json_of(content, SHOWN_DEPTH), "json"
    except ValueError:
        pass
    try:
        text = content.decode("utf-8")
        return text, "text" if text else "empty"
    except UnicodeDecodeError:
        return {"data": base64.b64encode(content).decode()}, "binary"


def command(name: str) -> click.Command:
    """The command."""
    return click.Command(
        name,
        callback=_api,
        help="Send a request to any PATH of the API. INPUT is its JSON body, @FILE, or - for stdin.",
        params=[
            click.Argument(["method"]),
            click.Argument(["path"]),
            click.Argument(["input"], required=False),
            click.Option(
                ["pairs", "--arg"],
                multiple=True,
                metavar="K=V",
                help="A field of the body, or of the query where there is no body: k=text or k:=json.",
            ),
            *options.declared((COMMON,), hidden=(COMMON,)),
        ],
        epilog=f"{about.COMMAND} api GET /… --arg limit=1; permissions are those of the matching function.",
    )
