"""The texts that are read: a function's page, an overview, and the manual page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .. import about
from .table import Command

if TYPE_CHECKING:
    from ..functions import FunctionInfo

CODES = {
    0: "success",
    1: "the API answered with an error, or something else went wrong",
    2: "the command or its arguments are wrong",
    **({3: "the job ended without success"} if about.JOBS else {}),
    4: "no valid token, or not permitted",
    5: "not found",
    6: "too many requests",
    7: "the network or the server failed",
    8: "waited too long",
    130: "interrupted",
}


def _variables() -> dict[str, str]:
    from ..runtime.placeholders import variables
    from .commands import JOB_COMMANDS

    prefix = about.PACKAGE.upper()
    secret = f"{prefix}_WEBHOOK_SECRET" if "listen" in JOB_COMMANDS else ""
    variables_ = {
        **dict.fromkeys(variables(), "of a credential; takes precedence over the default account's"),
        about.TOKEN_ENV: f"the {about.CREDENTIAL}; takes precedence over the default account's",
        about.BASE_URL_ENV: "the base URL of the API",
        f"{prefix}_ACCOUNT": f"the account to use if no {about.CREDENTIAL} is set",
        f"{prefix}_CONFIG": "the accounts file",
        secret: "the secret that listen signs webhooks with, instead of the account's own",
        "NO_COLOR": "no colours",
        "PAGER": "the pager for long results on a terminal; cat for none",
    }
    return {name: text for name, text in variables_.items() if name}


_TOPICS = {
    "Arguments": (
        "A function takes its arguments as flags, or as one JSON object by `call` and --body. Any text may be @FILE, "
        "@- is stdin and @@ starts text that begins with @. Objects are JSON, key=text, key:=json, key=@FILE or key[inner]=text."
    ),
    "Output": (
        "Only results are written to stdout: formatted on a terminal, JSON in a pipe; --format, --fields and --jq change "
        "that. Errors are written to stderr, as a JSON object if the output is JSON."
    ),
    "Permissions": (
        f"Functions are of the classes {', '.join(('read', 'write', *about.CLASSES))}. An account allows, asks or denies "
        f"each class: `config set permissions.{(*about.CLASSES, 'write')[0]} ask`. --yes confirms, --force ignores the "
        "permissions."
    ),
}


def spelled(info: FunctionInfo) -> Command | None:
    """The command of a function; None where it is reached by `call` alone."""
    from .commands import of_function

    return of_function(info.name)


def overview() -> str:
    """What the command line can do, in short."""
    rows = list(_rows())

    lines = [f"{about.COMMAND} {about.VERSION}: {about.SUMMARY}", ""]
    for title, text in _TOPICS.items():
        lines += [f"{title}: {text}", ""]
    lines.append(f"Exit codes: {'; '.join(f'{code} {text}' for code, text in CODES.items())}.")
    lines += ["", "Commands:"]
    width = max(len(words) for words, _, _ in rows)
    lines += [f"  {words:{width}}  {summary}" for words, _, summary in rows]
    return "\n".join([*lines, "", f"{about.COMMAND} docs FUNCTION shows the details of one."])


def _rows() -> Iterator[tuple[str, str, str]]:
    """Every command: its words, its words with their arguments, its summary."""
    from .app import root
    from .commands import COMMANDS, RUNNERS, command

    rows = {" ".join(row.words): (_usage(command(row)), row.summary) for row in COMMANDS}
    rows |= {run.word: (f"{run.word} {run.shown} [INPUT=VALUE]...", run.summary) for run in RUNNERS}
    nouns = {row.words[0] for row in COMMANDS}
    rows |= {word: (word, text) for word, text in root.summaries().items() if word not in rows and word not in nouns}
    for words, (usage, summary) in sorted(rows.items()):
        yield words, usage, summary


def page(info: FunctionInfo) -> str:
    """All about one function."""
    import shlex

    from ..functions.schemas import resolved
    from .paint import dumps

    command = spelled(info)
    lines = [f"# {info.name}", "", info.title, "", info.description or info.summary, ""]
    lines.append(f"    {info.method} {info.path}   ({', '.join(info.classes)})")
    if command:
        lines += ["", f"    {about.COMMAND} {_usage(command)}"]
    lines += ["", "## Arguments", ""]
    for name, schema in info.input_schema.get("properties", {}).items():
        if "$ref" in schema:
            schema = {**resolved(schema, info.input_schema), **schema}
        kind = (
            schema.get("type")
            or " or ".join(str(o.get("type", "any")) for o in schema.get("anyOf", schema.get("oneOf", ())))
            or "any"
        )
        limits = ", ".join(dict.fromkeys(_facts(schema)))
        head = f"- {name} ({kind}{', required' if name in info.required else ''}{'; ' + limits if limits else ''})"
        lines.append(f"{head}: {schema.get('description', '')}".rstrip(": "))
    if not info.arguments:
        lines.append("None.")
    lines += ["", "## Examples", ""]
    for example in info.examples:
        arguments = shlex.quote(dumps(example["arguments"]))
        lines += [f"{example['title']}:", "", f"    {about.COMMAND} call {info.name} {arguments}", ""]
    return "\n".join(lines)


def _facts(schema: Any) -> Iterator[str]:
    if "enum" in schema:
        yield "one of " + ", ".join(map(str, schema["enum"]))
    if "minimum" in schema:
        yield f"at least {schema['minimum']}"
    if "maximum" in schema:
        yield f"at most {schema['maximum']}"
    if "maxLength" in schema:
        yield f"at most {schema['maxLength']} characters"
    if "default" in schema:
        yield f"default {schema['default']}"


def _usage(command: Command) -> str:
    parts = [" ".join(command.words), *(place.shown for place in command.places)]
    placed = {name for place in command.places for name, _ in place.parts}
    parts += [f"--{flag.flag} …" for flag in command.flags if flag.required and flag.name not in placed]
    return " ".join(parts)


# ── The manual page ───────────────────────────────────────────────────────────────────────────────────


def roff() -> str:
    """The manual page, as man(7) has it."""
    from .options import OPTIONS

    name = about.COMMAND
    lines = [f'.TH {_text(name.upper())} 1 "" "{_text(name)} {about.VERSION}"', ".SH NAME"]
    lines += [
        f"{_text(name)} \\- {_text(about.SUMMARY)}",
        ".SH SYNOPSIS",
        f".B {_text(name)}",
        "COMMAND [OPTIONS] [ARGUMENTS]",
    ]
    lines.append(".SH DESCRIPTION")
    for title, text in _TOPICS.items():
        lines += [".TP", f".B {title}", _text(text)]
    lines.append(".SH COMMANDS")
    for _, usage, summary in _rows():
        lines += [".TP", f".B {_text(usage)}", _text(summary)]
    lines.append(".SH OPTIONS")
    for option, _, more in OPTIONS:
        lines += [".TP", f".B \\-\\-{_text(option)}", _text(more["help"])]
    lines.append(".SH ENVIRONMENT")
    for variable, text in _variables().items():
        lines += [".TP", f".B {variable}", _text(text)]
    lines.append(".SH EXIT STATUS")
    for code, text in CODES.items():
        lines += [".TP", f".B {code}", _text(text)]
    return "\n".join(lines)


def _text(text: str) -> str:
    """Text that troff takes for nothing but text."""
    plain = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in plain.splitlines())
