"""The text of flags and inputs, read as JSON values."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from ..runtime import bounds
from . import options
from .failure import usage
from .table import Flag

_PIECE = 1 << 20
_STDIN = f"{__name__}.stdin"
"""The key of click's context for the argument that standard input was read for."""


def parse(text: str, where: str, hint: str = "quote the whole value for the shell: '{\"a\": 1}'") -> Any:
    """Parse a JSON text; raises a failure that names the place of the error."""

    def refuse(word: str) -> Any:
        raise ValueError(f"{word} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError:
        raise usage(f"{where}: nested too deeply", "use fewer levels") from None
    except ValueError as error:
        raise usage(f"{where}: not valid JSON: {error}", hint) from None


def content(reference: str, where: str) -> bytes:
    """The bytes of `@file`; `@-` is stdin. Raises Failure where they cannot be read, or are too many."""
    content_ = _read(reference, where)
    if content_ is None:
        name = "stdin" if reference == "@-" else reference[1:]
        raise usage(
            f"{where}: {name} has more than {_most():,} bytes, the bound of --max-input-bytes "
            f"(in the environment {bounds.variable('max_input_bytes')})",
            "raise the bound; uploaded files have none: @FILE for a file argument",
        )
    return content_


def _read(reference: str, where: str) -> bytes | None:
    """All bytes; None where they are more than are taken."""
    most, data = _most(), bytearray()
    if reference == "@-" and (ctx := click.get_current_context(silent=True)):
        if first := ctx.meta.get(_STDIN):  # a second time it is empty, and a run of that is billed
            raise usage(f"{where}: standard input was already read for {first}", "pass it once; @FILE may be repeated")
        ctx.meta[_STDIN] = where
    try:
        with nullcontext(sys.stdin.buffer) if reference == "@-" else Path(reference[1:]).open("rb") as file:
            while piece := file.read(min(_PIECE, most + 1 - len(data))):
                data += piece
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise usage(f"{where}: cannot read {reference[1:]}: {reason}", "@@ begins a text with an @") from None
    return None if len(data) > most else bytes(data)


def _most() -> int:
    """Bytes that are held in memory of one file, or of stdin."""
    ctx = click.get_current_context(silent=True)
    return (options.settings(ctx).max_input_bytes if ctx else None) or bounds.input_bytes()


def text_of(value: str, where: str) -> str:
    """The text of an argument: `@file` reads the file, `@@text` is `@text`."""
    if value.startswith("@@"):
        return value[1:]
    if not value.startswith("@") or value == "@":
        return value
    try:
        return content(value, where).decode("utf-8")
    except UnicodeDecodeError:
        raise usage(f"{where}: {value[1:]} is not UTF-8 text", "give text, or a file where a file is taken") from None


def _file(value: str, where: str) -> Any:
    if value.startswith("@@"):
        return value[1:]
    if value == "@-":
        return content(value, where)
    if value.startswith("@"):
        path = Path(value[1:])
        if not is_path(path):
            raise usage(f"{where}: there is no file {value[1:]}", "check the path; @@ starts text that begins with @")
        return path
    no_name(value, where)
    return value


def no_name(value: str, where: str, folder: Path = Path()) -> None:
    """Raises Failure for the name of a file, and for that of standard input: sent as it is, it would be the content."""
    if value == "-":
        raise usage(f"{where}: - is one character; standard input is @-", "@-")
    if is_path(folder / value):
        raise usage(f"{where}: {value} is a file here; its content is @{value}", f"@{value}")


def is_path(path: Path) -> bool:
    """Whether there is a file of that name."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # no name of a file: too long, or with a NUL in it
        return False


def pair(text: str, where: str) -> tuple[str, Any]:
    """Parse `key=text`, `key=@file` (its text, or the file itself if it is binary) or `key:=json`."""
    key, equals, value = text.partition("=")
    if not equals or not key.rstrip(":"):
        raise usage(f"{where}: {text[:60]!r} is neither JSON nor key=value", 'key=text, key:=json or {"key": …}')
    if key.endswith(":"):
        return key[:-1], parse(text_of(value, where), f"{where} {key[:-1]}")
    return key, _text_or_file(value, f"{where} {key}")


def _text_or_file(value: str, where: str) -> Any:
    """As `text_of`, except that a binary file is returned as a path, which the client uploads."""
    if not value.startswith("@") or value == "@" or value.startswith("@@"):
        return text_of(value, where)
    if value == "@-":
        piped = content(value, where)
        try:
            return piped.decode("utf-8")
        except UnicodeDecodeError:
            return piped
    content_ = _read(value, where)
    try:
        # What is too large to be held in memory is a file to be uploaded as well.
        return Path(value[1:]) if content_ is None else content_.decode("utf-8")
    except UnicodeDecodeError:
        return Path(value[1:])


def put(whole: dict[str, Any], key: str, value: Any, where: str) -> None:
    """Set what a key names: `a`, `a[b]` inside an object, `a[]` at the end of an array."""
    name, bracket, rest = key.partition("[")
    if not bracket or not key.endswith("]") or not name:
        whole[key] = value
        return
    steps: list[str] = [name, *rest[:-1].split("][")]
    here: Any = whole
    for step, following in zip(steps, [*steps[1:], None]):
        fresh: Any = value if following is None else [] if following == "" else {}
        if isinstance(here, list):
            if step:
                raise usage(f"{where}: {key[:80]!r}: an array takes [] and no key", "give the value as JSON: key:=[…]")
            here.append(fresh)
            here = here[-1]
        elif isinstance(here, dict):
            if following is None:
                here[step] = value
                return
            here = here.setdefault(step, fresh)
        else:
            raise usage(f"{where}: {key[:80]!r} goes into what is no object", "give the value as JSON: key:={…}")


def objects(texts: tuple[str, ...], where: str) -> Any:
    """One object from JSON and pairs; what comes later wins. `-` and `@-` are JSON on stdin."""
    whole: dict[str, Any] = {}
    for text in texts:
        text = "@-" if text == "-" else text
        if text.startswith("@") or text.lstrip()[:1] in ("{", "["):
            value = parse(text_of(text, where), where)
            if not isinstance(value, dict):
                return value
            whole.update(value)
        elif text == "null" and len(texts) == 1:
            return None
        else:
            put(whole, *pair(text, where), where)
    return whole


def _one(flag: Flag, text: str, where: str) -> Any:
    match flag.kind:
        case "string":
            return text_of(text, where)
        case "binary":
            return _file(text, where)
        case "upload" if text.startswith("@") and not text.startswith("@@"):
            return _file(text, where)
        case "integer" | "number" | "boolean":
            try:
                return json.loads(text, parse_constant=str)
            except (ValueError, RecursionError):
                return text  # not a number: the schema says so, and names what is expected
        case "object":
            return objects((text,), where)
        case _:
            value = text_of(text, where)
            try:
                return json.loads(value, parse_constant=str)
            except RecursionError:
                raise usage(f"{where}: nested too deeply", "use fewer levels") from None
            except ValueError:
                return value


def read(flag: Flag, texts: tuple[str, ...]) -> Any:
    """The value of an argument from all the texts it was given."""
    where = f"--{flag.flag}"
    if flag.repeat:
        if len(texts) == 1 and (
            texts[0].lstrip()[:1] == "[" or (flag.kind not in ("binary", "upload") and _is_file(texts[0]))
        ):
            return parse(text_of(texts[0], where), where)
        return [_one(flag, text, where) for text in texts]
    if flag.kind == "object":
        return objects(texts, where)
    text, *more = texts
    if more:
        raise usage(f"{where}: given {len(texts)} times, takes one value", "pass it once")
    return _one(flag, text, where)


def _is_file(text: str) -> bool:
    return text.startswith("@") and not text.startswith("@@") and text != "@"


def arguments(text: str, where: str = "input") -> dict[str, Any]:
    """An object of arguments: JSON, `@file`, or `-` for stdin."""
    source = text_of("@-" if text == "-" else text, where)
    value = parse(source, where)
    if not isinstance(value, dict):
        raise usage(f"{where}: expected a JSON object of arguments, got {source.strip()[:40]!r}", '{"name": "value"}')
    return value
