"""A function that is made of another, called: its inputs checked by its own schema, its secrets shown nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from .. import about
from . import options
from .failure import Failure, usage
from .perform import perform
from .session import Session

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from ..functions.runs import Run


def run_of(info: FunctionInfo) -> Run:
    """A run: the call that starts it, and the schema of its inputs."""
    from ..functions.runs import Run

    derived = info.derived or {}
    schema = info.input_schema if "properties" in info.input_schema else {}
    source = str(derived.get("source", "")).partition(":")[0]
    return Run(
        derived["base"], derived["fixed"], schema, info.output_schema, derived["argument"], source, derived["version"]
    )


def call(info: FunctionInfo, parsed: dict[str, Any], more: Mapping[str, Any], settings: options.Settings) -> None:
    """Runs it on these inputs and writes its output. more: arguments of the base. Raises Failure."""
    from ..functions import derived, find

    run, base = run_of(info), derived.base(info)
    detached = settings.no_wait or settings.dry_run or settings.curl
    if settings.batch is not None and settings.no_wait:
        raise usage(
            "--batch: it waits for the jobs that it starts",
            "omit --no-wait; interrupt it, and repeat the command to continue",
        )
    if not detached and settings.wait is None:
        settings = settings._replace(wait=0.0)
    with Session(settings, info) as session:
        if settings.batch is None:
            _check(info, parsed)
        parsed = guarded(session, base, run, parsed)
        arguments = {**run.arguments, run.input: parsed, **more}
        perform(session, find(base.name), arguments, starts=True, run=run, output=not detached, of=info)


def guarded(session: Session, base: FunctionInfo, run: Run, parsed: dict[str, Any]) -> dict[str, Any]:
    """The inputs, of which the command shows none that is a secret from now on; of a call that is shown they are gone."""
    from ..functions import derived, marks

    names = marks.secrets_of(run.schema)
    if not names:
        return parsed
    from ..runtime.secrets import SHOWN

    place = str((base.job or {}).get("input") or "")
    session.printer.hide = lambda value: derived.without_secrets(value, names, place)
    shown = session.settings.dry_run or session.settings.curl
    return {
        name: value if name not in names else SHOWN if shown else derived.secret(value)
        for name, value in parsed.items()
    }


def _check(info: FunctionInfo, parsed: Mapping[str, Any]) -> None:
    """Raises Failure for the first input that the function's own schema refuses."""
    from ..functions import derived, failures

    problem = derived.problem(info, parsed, {})
    if problem is None:
        return
    error = failures.bad_arguments(info, problem)
    near = f"nearest: {', '.join(problem.nearest)}; " if problem.nearest else ""
    hint = f"{near}{about.COMMAND} {click.get_current_context().info_name} --help"
    raise Failure({**error, "hint": hint, "example": None})
