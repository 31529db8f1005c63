"""A request as a curl command. The secret is not in it: the shell puts it in from the environment."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from .. import about


def command(request: Mapping[str, Any], parts_sent: Sequence[Any] | None) -> str:
    """The command that sends a request as `--dry-run` shows it; what is in files comes with the parts of its form."""
    parts = ["curl --silent --show-error --fail-with-body", f"--request {shlex.quote(request['method'])}"]
    piped = ""
    for name, value in request["headers"].items():
        if name.lower() == "content-type" and parts_sent is not None:
            continue  # curl writes the boundary
        parts.append(f"--header {quoted(f'{name}: {value}')}")
    body = request["body"]
    if parts_sent is not None:
        for part in parts_sent:
            pipe, option = _part(part)
            piped = pipe or piped
            parts.append(option)
    elif isinstance(body, dict) and set(body) == {"size", "data"}:
        piped, option = _pipe(body["data"]), "--data-binary @-"
        parts.append(option)
    elif body is not None:
        typed = next((v for k, v in request["headers"].items() if k.lower() == "content-type"), "")
        text = body if isinstance(body, str) and "json" not in typed else json.dumps(body)
        parts.append(f"--data-raw {shlex.quote(text)}")
    parts.append(quoted(request["url"]))
    return piped + " \\\n  ".join(parts)


def quoted(text: str) -> str:
    """The text for a shell, with the variable of the secret left to be filled in."""
    variable = f"${about.TOKEN_ENV}"
    before, found, after = text.partition(variable)
    if not found:
        return shlex.quote(text)
    return (shlex.quote(before) if before else "") + f'"{variable}"' + (shlex.quote(after) if after else "")


def _part(part: Any) -> tuple[str, str]:
    """What is piped in, and the option for one part of a form."""
    media = f";type={part.content_type}" if part.content_type else ""
    content: bytes = part.content if isinstance(part.content, bytes) else part.content.read()
    if part.filename is not None:
        label = part.filename.replace("\\", "\\\\").replace('"', '\\"')
        data = base64.b64encode(content).decode()
        return _pipe(data), "--form " + shlex.quote(f'{part.name}=@-;filename="{label}"{media}')
    value = content.decode("utf-8", "replace").replace("\\", "\\\\").replace('"', '\\"')
    return "", "--form " + shlex.quote(f'{part.name}="{value}"{media}')


def _pipe(data: str) -> str:
    return f"printf %s {shlex.quote(data)} | base64 --decode | "
