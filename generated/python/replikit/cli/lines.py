"""The lines of a batch: read, and every one of them checked before anything is sent."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import inputs, values
from .failure import Failure, usage
from .session import Session, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from ..functions.runs import Run

_FORMS = "one JSON object per line, or a .csv with the input names in the first line"


def read(session: Session, info: FunctionInfo, arguments: dict[str, Any], run: Run | None) -> dict[int, dict[str, Any]]:
    """The arguments of each call by the number of its line, all of them checked. The paths of files are relative to the batch's own folder."""
    from .. import functions
    from ..functions import derived, failures, marks

    source = str(session.settings.batch)
    kept = marks.secrets_of(run.schema) if run is not None else frozenset()
    schema = run.schema if run is not None else info.input_schema
    calls = {}
    for number, row in _rows(source, schema):
        where = f"--batch: line {number} of {source}"
        call = {**arguments, **row}
        if run is not None:
            row = {name: derived.secret(value) if name in kept else value for name, value in row.items()}
            call = {**arguments, run.input: {**arguments[run.input], **row}}
            inputs.check(run, call[run.input], f"correct line {number}", f"{where}: ")
        problem = functions.check(call, info.input_schema)
        if problem is not None:
            error = failures.bad_arguments(info, problem)
            raise Failure({**error, "message": f"{where}: {error['message']}"})
        calls[number] = call
    if not calls:
        raise usage(f"--batch: {source} has no lines", _FORMS)
    return calls


def _rows(source: str, schema: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line number and the inputs of each line: of a table where the file is called .csv, else JSON."""
    folder = Path() if source == "-" else Path(source).parent
    try:
        text = values.content("@" + source, "--batch").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise usage(f"--batch: {source} is not UTF-8 text", _FORMS) from None
    if source.lower().endswith(".csv"):
        yield from _table(source, text, schema, folder)
        return
    for number, line in enumerate(io.StringIO(text, newline=None), 1):  # U+2028 may stand in a line of JSON
        if line.strip():
            where = f"--batch: line {number} of {source}"
            arguments = values.parse(line, where, _FORMS)
            if not isinstance(arguments, dict):
                raise usage(f"{where}: expected a JSON object, got {line.strip()[:40]!r}", _FORMS)
            yield number, inputs.with_files(schema, arguments, folder, f"{where}:")


def _table(source: str, text: str, schema: Mapping[str, Any], folder: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows below the head of a table, which names the inputs. An empty cell is an input that is not given.

    Where numbers have a decimal comma, spreadsheets put a semicolon between cells; some put a tab.
    """
    separator = next((each for each in ",;\t" if each in text.partition("\n")[0]), ",")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    known = schema.get("properties", {})
    head: list[str] = []
    try:
        for row in reader:
            where = f"--batch: line {reader.line_num} of {source}"
            if not head:
                head = [name.strip() for name in row]
                if len(set(head)) < len(head) or "" in head:
                    raise usage(f"{where}: a column has no name, or a duplicate one", "use each name once")
            elif len(row) > len(head):
                raise usage(
                    f"{where}: {len(row)} cells below {len(head)} names", f"quote cells that hold a {separator!r}"
                )
            elif any(row):
                yield reader.line_num, {
                    name: inputs.cell(known.get(name, {}), cell, f"{where} {name}", folder)
                    for name, cell in zip(head, row)
                    if cell
                }
    except csv.Error as error:
        raise usage(f"--batch: line {reader.line_num} of {source}: {error}", _FORMS) from None


def sent(client: Any, info: FunctionInfo, calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The calls with a URL in place of each file: one that lines have in common is uploaded once."""
    from ..operations import OPERATIONS
    from ..runtime import files
    from ..runtime.sync.uploads import placed

    places: dict[int, Any] = {}

    def note(_: str, file: Any) -> Any:
        return places.setdefault(id(file), file)

    operation = OPERATIONS[info.name]
    for call in calls:
        for name in operation.files:
            files.replaced(call.get(name), name, note)
    if not places:
        return calls
    name = operation.files[0]
    with translated(info):
        urls = dict(zip(places, placed(client, operation, {name: list(places.values())})[name], strict=True))
    return [
        {key: files.replaced(value, key, lambda _, file: urls[id(file)]) for key, value in c.items()} for c in calls
    ]
