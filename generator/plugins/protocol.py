"""A surface that is a program, in any language: it reads one JSON document and writes another.

    standard input    {"surfacegen": VERSION, "protocol": 1, "ir": 1, "api": {…}, "names": {…}, "options": {…}}
    standard output   {"files": [{"path": "a/b.ts", "content": "…"}, {"path": "c.png", "base64": "…"}],
                       "losses": [{"pointer": "#/…", "kind": "degraded", "reason": "…"}]}

`api` is as `surfacegen ir --schema` says, `names` as `spelling` does. The program is started without a shell, in the
folder that the settings stand in, and ends with 0; what it writes to standard error is shown where it does not. It is
run by whoever runs surfacegen, with their rights and environment, as a step of a Makefile is; what it answers is data.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Any

from .. import ir_json
from ..errors import SpecError
from ..ir import Api, Loss
from ..read import bounds
from ..surfaces.base import Ready, Rendition, Surface
from . import paths, process, spelling
from .program import Program
from .registry import version

PROTOCOL = 1
_KINDS = ("chosen", "kept", "degraded", "dropped")
_MOST_LOSSES = 100_000


def surface(program: Program) -> Surface:
    """The surface that runs it."""
    return Surface(program.name, lambda api: _rendition(program, api))


def _rendition(program: Program, api: Api) -> Rendition:
    request = {
        "surfacegen": version(),
        "protocol": PROTOCOL,
        "ir": ir_json.VERSION,
        "api": ir_json.plain(api),
        "names": spelling.spelled(api),
        "options": program.options,
    }
    answer = _decoded(
        program, process.run(program, json.dumps(request, separators=(",", ":"), allow_nan=False).encode())
    )
    unknown = sorted(answer.keys() - {"files", "losses"})
    if unknown:
        raise _wrong(
            program, f"its response has the unknown key {unknown[0][:40]!r}", 'write {"files": […], "losses": […]}'
        )
    listed = answer.get("files")
    if not isinstance(listed, list):
        raise _wrong(program, "its response has no list of files", 'write {"files": [{"path": …, "content": …}]}')
    if len(listed) > bounds.ANSWERED.value:
        raise _wrong(program, f"wrote {len(listed):,} files", bounds.ANSWERED.hint("write fewer"))
    ready = tuple(_file(program, number, each) for number, each in enumerate(listed))
    return Rendition((), tuple(_losses(program, answer.get("losses", []))), files=ready)


def _decoded(program: Program, output: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(output)
    except (ValueError, RecursionError) as error:
        start = output[:60].decode("utf-8", "replace")
        what = f"its response is not JSON: {error}; it begins {start!r}" if output else "it wrote nothing"
        raise _wrong(program, what, "write one JSON document to standard output, and notes to standard error") from None
    if not isinstance(answer, dict):
        raise _wrong(program, "its response is not a JSON object", 'write {"files": […], "losses": […]}')
    return answer


def _file(program: Program, number: int, content: Any) -> Ready:
    where = f"files[{number}]"
    if not isinstance(content, dict) or not isinstance(content.get("path"), str):
        raise _wrong(program, f"{where} has no path", 'write {"path": "a/b.ts", "content": "…"}')
    path = content["path"]
    if wrong := paths.problem(path):
        raise _wrong(program, f"{where}: the path {path[:200]!r} {wrong}", "name a file below the output folder")
    ways = content.keys() - {"path"}
    if ways == {"content"} and isinstance(content["content"], str):
        try:
            return Ready(path, content["content"].encode())
        except UnicodeEncodeError:
            raise _wrong(program, f"{where}: its content is not valid Unicode", "encode it in base64") from None
    if ways == {"base64"} and isinstance(content["base64"], str):
        try:
            return Ready(path, base64.b64decode(content["base64"], validate=True))
        except (binascii.Error, ValueError):
            raise _wrong(
                program, f"{where}: base64 is not valid base64", "encode it as in RFC 4648, section 4"
            ) from None
    raise _wrong(program, f"{where} must have either content or base64", "set one of the two, as a string")


def _losses(program: Program, listed: Any) -> Iterator[Loss]:
    hint = 'write {"pointer": "#/…", "kind": "degraded", "reason": "…"}'
    if not isinstance(listed, list) or len(listed) > _MOST_LOSSES:
        raise _wrong(program, "its losses are not a list, or are too many", hint)
    for number, content in enumerate(listed):
        right = isinstance(content, dict) and content.keys() == {"pointer", "kind", "reason"}
        if not right or not all(isinstance(text, str) for text in content.values()) or content["kind"] not in _KINDS:
            raise _wrong(program, f"losses[{number}] is not a loss", hint)
        yield Loss(pointer=content["pointer"], surface=program.name, kind=content["kind"], reason=content["reason"])


def _wrong(program: Program, what: str, hint: str) -> SpecError:
    return SpecError(program.shown, what, hint)
