"""A request as a curl command. No secret is in it: the shell puts them in from the environment."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from ..runtime.placeholders import variables
from ..runtime.styles import is_json


def command(request: Mapping[str, Any], parts_sent: Sequence[Any] | None) -> str:
    """The command that sends a request as `--dry-run` shows it; what is in files comes with the parts of its form."""
    # `--request HEAD` would wait for a body that never comes.
    method = "--head" if request["method"] == "HEAD" else f"--request {shlex.quote(request['method'])}"
    parts = ["curl --silent --show-error --fail-with-body", method]
    piped = ""
    for name, value in request["headers"].items():
        if name.lower() == "content-type" and parts_sent is not None:
            continue  # curl writes the boundary
        scheme, _, pair = value.partition(" ")
        if name == "Authorization" and scheme.lower() in ("basic", "digest") and pair.startswith("$"):
            parts += ["--digest"] * (scheme.lower() == "digest") + [f"--user {quoted(pair)}"]
            continue
        parts.append(f"--header {quoted(f'{name}: {value}')}")
    for option, variable in zip(("--cert", "--key"), request.get("certificate", ()), strict=False):
        parts.append(f"{option} {quoted(variable)}")
    body = request["body"]
    if parts_sent is not None and not _spelled(parts_sent):
        piped, options = _written(parts_sent)
        parts += options
    elif parts_sent is not None:
        for part in parts_sent:
            pipe, option = _part(part)
            piped = pipe or piped
            parts.append(option)
    elif isinstance(body, dict) and set(body) == {"size", "data"}:
        piped, option = _pipe(body["data"]), "--data-binary @-"
        parts.append(option)
    elif body is not None:
        typed = next((v for k, v in request["headers"].items() if k.lower() == "content-type"), "")
        text = body if isinstance(body, str) and not is_json(typed) else json.dumps(body)
        parts.append(f"--data-raw {word(text)}")
    url, secrets = _apart(request["url"])
    parts += [f"--url-query {quoted(pair)}" for pair in secrets]
    # Of brackets and braces curl would make a list of addresses.
    parts.append(("--globoff " if set("[]{}") & set(url) else "") + quoted(url))
    return piped + " \\\n  ".join(parts)


def _spelled(parts: Sequence[Any]) -> bool:
    """Whether options of curl can say the parts: they end a name at `=`, have one pipe for one file, and make no form
    without parts."""
    files = sum(part.filename is not None for part in parts)
    return bool(parts) and files < 2 and all("=" not in part.name for part in parts)


def _apart(url: str) -> tuple[str, list[str]]:
    """The URL without the secrets in its query, and those: curl escapes what the shell puts in."""
    path, mark, query = url.partition("?")
    known = tuple(f"=${name}" for name in variables())
    pairs = query.split("&") if mark else []
    secrets = [pair for pair in pairs if pair.endswith(known) and pair.count("$") == 1]
    rest = "&".join(pair for pair in pairs if pair not in secrets)
    return path + (f"?{rest}" if rest else ""), secrets


def word(text: str) -> str:
    """One word of a command in bash or zsh, on one line, in which nothing is hidden."""
    if text.isprintable():
        return shlex.quote(text)
    return "$'" + "".join(_char(char) for char in text) + "'"


def _char(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if char.isprintable():
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def quoted(text: str) -> str:
    """The text for a shell, with the variables of secrets left to be filled in."""
    known = variables()
    if not known:
        return word(text)
    pieces = re.split("(" + "|".join(re.escape(f"${name}") + r"(?![A-Za-z0-9_])" for name in known) + ")", text)
    if len(pieces) == 1:
        return word(text)
    return "".join(f'"{piece}"' if number % 2 else word(piece) for number, piece in enumerate(pieces) if piece)


_MEDIA = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?:; *charset=[A-Za-z0-9_-]+)?")


def _media(part: Any) -> str:
    """Its media type as an option of curl has it: what follows another `;` would be an option of its own."""
    match = _MEDIA.match(part.content_type or "")
    return f";type={match.group()}" if match else ""


def _part(part: Any) -> tuple[str, str]:
    """The piped content, and the curl option for one part of a form."""
    content = _bytes(part)
    if part.filename is not None:
        data = base64.b64encode(content).decode()
        filename = _in_quotes(part.filename)
        return _pipe(data), "--form " + word(f'{part.name}=@-;filename="{filename}"{_media(part)}{_headers(part)}')
    value = content.decode("utf-8", "replace")
    if not part.content_type and not part.headers:
        return "", "--form-string " + word(f"{part.name}={value}")
    return "", "--form " + word(f'{part.name}="{_in_quotes(value)}"{_media(part)}{_headers(part)}')


def _headers(part: Any) -> str:
    return "".join(f';headers="{_in_quotes(f"{name}: {text}")}"' for name, text in part.headers)


def _in_quotes(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _bytes(part: Any) -> bytes:
    content: bytes = part.content if isinstance(part.content, bytes) else part.content.read()
    return content


def _written(parts: Sequence[Any]) -> tuple[str, list[str]]:
    """A form that no options of curl can say: its bytes come through the pipe."""
    boundary = "b0undary"
    body = b""
    for part in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{_escaped(part.name)}"'
        head += f'; filename="{_escaped(part.filename)}"' if part.filename is not None else ""
        head += f"\r\nContent-Type: {_media(part).removeprefix(';type=')}" if _media(part) else ""
        head += "".join(f"\r\n{name}: {text}" for name, text in part.headers)
        body += head.encode() + b"\r\n\r\n" + _bytes(part) + b"\r\n"
    piped = _pipe(base64.b64encode(body + f"--{boundary}--\r\n".encode()).decode())
    return piped, [f"--header 'Content-Type: multipart/form-data; boundary={boundary}'", "--data-binary @-"]


def _escaped(name: str) -> str:
    return re.sub(r'["\r\n]', lambda match: f"%{ord(match.group()):02X}", name)


def _pipe(data: str) -> str:
    return f"printf %s {shlex.quote(data)} | base64 --decode | "
