"""Schemas of derived functions: fetched by the client that is made, and kept beside the catalog.

add      a source -> its schema's file and an entry of the catalog
update   all schemas anew -> what that changes on every surface, with the verdicts of `diff`

What is called, and where in the answer the schema is, the catalog says as data (`fetch` of a derivation). Nothing is
written unless all of it links.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import link, loading, names
from ..errors import SpecError
from ..inputs import Inputs
from ..ir import Api, Function, Loss
from ..link.derived import filled, parts
from ..read import bounds, documents, snapshots
from ..read import catalog as catalogs
from ..read.catalog_model import Catalog, DerivationEntry, FetchEntry
from ..read.files import SCHEMAS, plain_below, text
from ..read.openapi import Document
from ..read.snapshots import NOTE, Snapshot
from ..read.source import Node, load, parse
from ..write.together import write
from .diff import Diff, diff
from .rewrite import rewritten

_TOLD = 2_000
"""Characters that are shown of the client's error."""


@dataclass(frozen=True)
class Added:
    """What an addition does, or would do."""

    function: Function
    losses: tuple[Loss, ...]
    """What of its schema could not be read."""
    written: tuple[Path, ...]


@dataclass(frozen=True)
class Updated:
    """What an update does, or would do."""

    old: Api
    new: Api
    diff: Diff
    written: tuple[Path, ...]
    pinned: tuple[str, ...]
    """Functions that stay at their version."""


def add(
    inputs: Inputs,
    out: Path,
    reference: str,
    *,
    name: str = "",
    derivation: str = "",
    fixed: Mapping[str, str] | None = None,
    dry_run: bool = False,
) -> Added:
    """Adds the function of a source to the catalog. SpecError, and then nothing was written.

    out: the folder with the client. reference: a source in the derivation's form, with `:VERSION` where it is to stay at
    that one. name: of the function, where it is not to be called after the source. fixed: other arguments of the function
    that it calls, and what each always is.
    """
    place, catalog = _catalog(inputs)
    key, route, argument, version = _derivation(catalog, reference, derivation)
    source = reference.removesuffix(f":{version}") if version else reference
    api = loading.load(inputs)
    name = name or _name(api, argument)
    if name in catalog.derived or name in {function.name for function in api.functions}:
        raise SpecError(reference, f"there is a function {name!r} already", "use another name with --as")
    fetched = _fetched(api, _fetch(route, key, version), {**argument, "version": version}, out, reference)
    entry: dict[str, Any] = {"derivation": key} if len(catalog.derivations) > 1 else {}
    entry |= {"source": source, **({"version": version} if version else {}), **({"fixed": {**fixed}} if fixed else {})}
    file = f"{SCHEMAS}/{source}.json"
    if version:  # others may be of another version of the same source
        entry["schema"] = file = f"{SCHEMAS}/{source}/{version}.json"
    value = load(place).value
    became = rewritten(text(place), {**value, "derived": {**(value.get("derived") or {}), name: entry}})
    if plain_below(place.parent / SCHEMAS, place.parent / file) is None:
        raise SpecError(reference, f"would be kept as {file!r}, which is no file below {SCHEMAS!r}", "name another")
    written = _text(source, fetched)
    new = _linked(inputs, became, {file: written}, catalog)
    function = next(each for each in new.derived if each.name == name)
    changed = {place: became, place.parent / file: written}
    if not dry_run:
        write(changed)
    lost = tuple(loss for loss in new.losses if loss.pointer.startswith(f"{file}#"))
    return Added(function, lost, tuple(changed))


def update(inputs: Inputs, out: Path, wanted: tuple[str, ...] = (), *, dry_run: bool = False) -> Updated:
    """Fetches the schemas anew, of these functions or of all that do not stay at a version."""
    place, catalog = _catalog(inputs)
    for each in wanted:
        if each not in catalog.derived:
            raise SpecError(each, "is no derived function", catalogs.nearest(each, catalog.derived))
    old = loading.load(inputs)
    pinned = tuple(name for name, entry in catalog.derived.items() if entry.version)
    changed: dict[str, str] = {}
    for name, entry in catalog.derived.items():
        file = snapshots.file_of(entry)
        if (wanted and name not in wanted) or name in pinned or not entry.source or file in changed:
            continue
        key, route, value, _ = _derivation(catalog, entry.source, entry.derivation)
        if route.fetch is not None:
            changed[file] = _text(entry.source, _fetched(old, _fetch(route, key, ""), value, out, name))
    changed = {file: now for file, now in changed.items() if text(place.parent / file) != now}
    new = _linked(inputs, text(place), changed, catalog) if changed else old
    files = {place.parent / file: now for file, now in changed.items()}
    if files and not dry_run:
        write(files)
    return Updated(old, new, diff(old, new) if changed else Diff(), tuple(files), pinned)


def _catalog(inputs: Inputs) -> tuple[Path, Catalog]:
    if inputs.catalog is None:
        raise SpecError("--catalog", "there is none to write the function into", "name one, or begin with `init`")
    source = load(inputs.catalog)
    written = None if catalogs.is_empty(source) else catalogs.of(source)
    if written is None or not written.derivations:
        hint = "write under `derivations` which function is called, what is fixed of it and where schemas come from"
        raise SpecError(str(inputs.catalog), "says of no way in which functions are derived", hint)
    return inputs.catalog, written


def _derivation(catalog: Catalog, reference: str, wanted: str) -> tuple[str, DerivationEntry, dict[str, str], str]:
    """The derivation of a reference; its parts, and the version that it names."""
    ways = catalog.derivations
    if wanted and wanted not in ways:
        raise SpecError("--derivation", f"there is no derivation {wanted!r}", catalogs.nearest(wanted, ways))
    forms = []
    for key, route in ways.items():
        if wanted and key != wanted:
            continue
        source, _, version = reference.partition(":") if ":" not in route.form else (reference, "", "")
        value = parts(route.form, source)
        if value is not None and not any(each in (".", "..") for each in value.values()):
            return key, route, value, version
        forms.append(f"{route.form}[:VERSION]")
    raise SpecError(reference, "is written as no derivation has it", f"write it as {' or '.join(dict.fromkeys(forms))}")


def _name(api: Api, inputs: Mapping[str, str]) -> str:
    """The function's: after the last part of the source; with those before it where that is another one's."""
    taken = {function.name for function in (*api.functions, *api.derived)}
    parts = list(inputs.values())
    for first in range(len(parts) - 1, -1, -1):
        result = "_".join((api.name, *(word for part in parts[first:] for word in names.words(part))))
        if result not in taken:
            break
    return result


def _fetch(derivation_entry: DerivationEntry, key: str, version: str) -> FetchEntry:
    result = derivation_entry.fetch_version if version else derivation_entry.fetch
    if result is None:
        what = (
            "does not say where the schema of a version comes from"
            if version
            else "does not say where schemas come from"
        )
        hint = f"write `{'fetch_version' if version else 'fetch'}:` in it, or the schema's file by hand"
        raise SpecError(derivation_entry.at.place, f"the derivation {key!r} {what}", hint)
    return result


# ── the call ────────────────────────────────────────────────────────────────────────────────────────────


def _fetched(api: Api, fetch: FetchEntry, values: Mapping[str, str], out: Path, shown: str) -> dict[str, Any]:
    """The document of a schema, with what belongs to it under its note."""
    if fetch.function not in {function.name for function in api.functions}:
        known = [function.name for function in api.functions]
        what = f"there is no function {fetch.function!r}"
        raise SpecError(fetch.node("function").place, what, catalogs.nearest(fetch.function, known))
    answer = _called(api, fetch.function, filled(dict(fetch.arguments), values), out, shown)
    document = _at(answer, fetch.schema)
    if not isinstance(document, dict):
        what = f"the answer of {fetch.function} has no schema at {fetch.schema!r}"
        raise SpecError(shown, what, "name another source, or write its schema's file by hand")
    version, description = _at(answer, fetch.version), _at(answer, fetch.description)
    note = {
        "version": version if isinstance(version, str) else "",
        "description": description if isinstance(description, str) else "",
        "named": _at(answer, fetch.named) is True,
    }
    return {NOTE: note, **{key: value for key, value in document.items() if key != NOTE}}


def _at(value: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value if path else None


def _called(api: Api, function: str, arguments: Mapping[str, Any], out: Path, shown: str) -> Any:
    """What the client that is made answers, which runs in a process of its own. SpecError where it fails."""
    folder = out / "python"
    if not (folder / api.package / "__main__.py").is_file():
        raise SpecError(str(folder), "holds no client that could fetch a schema", "run `generate` first")
    command = [sys.executable, "-m", api.package, "call", function, json.dumps(arguments)]
    environment = {**os.environ, "PYTHONPATH": str(folder.resolve()), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=bounds.SECONDS.value,
        )
    except subprocess.TimeoutExpired:
        hint = bounds.SECONDS.hint("try it again")
        raise SpecError(shown, f"its schema did not come within {bounds.SECONDS.value:,} seconds", hint) from None
    if len(done.stdout) > bounds.BYTES.value:
        raise SpecError(
            shown, f"the answer is larger than {bounds.BYTES.value:,} bytes", bounds.BYTES.hint("name another")
        )
    if done.returncode:
        raise SpecError(shown, f"{function} failed: {_problem(done.stderr)}", _remedy(done.stderr))
    try:
        return json.loads(done.stdout)
    except (ValueError, RecursionError):
        raise SpecError(shown, f"{function} answered no JSON", "look at it with `call` of the client") from None


def _failure(output: bytes) -> dict[str, Any]:
    try:
        result = json.loads(output)
    except (ValueError, RecursionError):
        return {}
    error = result.get("error") if isinstance(result, dict) else None
    return error if isinstance(error, dict) else {}


def _problem(output: bytes) -> str:
    message = str(_failure(output).get("message") or output.decode("utf-8", "replace").strip())
    return " ".join(message[-_TOLD:].split())


def _remedy(output: bytes) -> str:
    return str(_failure(output).get("hint") or "try it with `call` of the client that is made")


# ── what it comes to ────────────────────────────────────────────────────────────────────────────────────


def _text(source: str, fetched: Mapping[str, Any]) -> str:
    note = {"source": source, **fetched[NOTE]}
    return json.dumps({**fetched, NOTE: note}, indent=1, ensure_ascii=False) + "\n"


def _linked(inputs: Inputs, catalog: str, schemas: Mapping[str, str], former: Catalog) -> Api:
    """The API with these texts in the place of what stands there. SpecError where it does not link."""
    assert inputs.catalog is not None
    place = inputs.catalog
    written = catalogs.of(parse(catalog, str(place), place))
    kept = snapshots.read(former)
    result: dict[str, Snapshot] = {}
    for name, each in written.derived.items():
        file = snapshots.file_of(each)
        result[name] = _snapshot(place.parent / file, file, schemas[file]) if file in schemas else kept[name]
    whole = documents.read(inputs.openapi, None, inputs.extensions, inputs.root, inputs.url, inputs.overlays)
    made = documents.Documents(whole.document, written, whole.extensions, catalog.encode(), result)
    with loading.deep():
        return loading.finished(link.load(made, inputs.auth, inputs.project), inputs)


def _snapshot(path: Path, file: str, written: str) -> Snapshot:
    source = parse(written, file, path, written.encode())
    return Snapshot(file, Document(Node(source, "", source.value), {path: source}))


def review(function: Function) -> tuple[str, ...]:
    """What of an addition was decided for whoever added it, and how to decide otherwise."""
    how = function.derived
    assert how is not None
    fixed = ", ".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in how.fixed.items())
    gives = "the output of its job, which is waited for" if how.follow else f"what {how.base} gives"
    return (
        f"calls {how.base} with {fixed or 'nothing fixed'} (`base`, `fixed`)",
        (
            f"takes {len(function.params)} arguments of {how.schema}"
            if not how.open
            else "takes anything: it has no schema"
        ),
        f"gives {gives} (`follow`)",
        f"is called {'.'.join(filter(None, (function.group, '_'.join(function.verb))))} (`group`, `verb`)",
        f"says of itself: {function.summary} (`summary`, `description`)",
    )
