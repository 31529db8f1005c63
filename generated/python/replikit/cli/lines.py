"""The lines of a batch: read, and every one of them checked before anything is sent."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from . import inputs, values
from .failure import Failure, usage
from .session import Session, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from ..functions.runs import Run


def read(session: Session, info: FunctionInfo, arguments: dict[str, Any], run: Run | None) -> list[dict[str, Any]]:
    """The arguments of each call, all of them checked."""
    from .. import functions
    from ..functions import failures

    source = str(session.settings.batch)
    content = values.content("@" + source, "--batch")
    try:
        rows = [(n, text) for n, text in enumerate(content.decode("utf-8").splitlines(), 1) if text.strip()]
    except UnicodeDecodeError:
        raise usage(f"--batch: {source} is not UTF-8 text", "one JSON object a line") from None
    if not rows:
        raise usage(f"--batch: {source} has no lines", "one JSON object a line")
    calls = []
    for number, text in rows:
        where = f"--batch: line {number} of {source}"
        given = values.arguments(text, where)
        call = {**arguments, **given}
        if run is not None:
            call = {**arguments, run.input: {**arguments[run.input], **given}}
            inputs.check(run, call[run.input], f"mend line {number}", f"{where}: ")
        problem = functions.check(call, info.input_schema)
        if problem is not None:
            error = failures.bad_arguments(info, problem)
            raise Failure({**error, "message": f"{where}: {error['message']}"})
        calls.append(call)
    return calls


def sent(client: Any, info: FunctionInfo, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls with a URL in place of each file: one that lines have in common is uploaded once."""
    from ..operations import OPERATIONS
    from ..runtime import files
    from ..runtime.uploads import placed

    found: dict[int, Any] = {}

    def note(_: str, file: Any) -> Any:
        return found.setdefault(id(file), file)

    operation = OPERATIONS[info.name]
    for call in calls:
        for name in operation.files:
            files.replaced(call.get(name), name, note)
    if not found:
        return calls
    name = operation.files[0]
    with translated(info):
        urls = dict(zip(found, placed(client, operation, {name: list(found.values())})[name], strict=True))
    return [
        {key: files.replaced(value, key, lambda _, file: urls[id(file)]) for key, value in c.items()} for c in calls
    ]


def digest(calls: list[dict[str, Any]]) -> str:
    """What tells one batch from another."""
    return hashlib.sha256(json.dumps(calls, sort_keys=True, default=str).encode()).hexdigest()
