"""`surfacegen init`: settings and a catalog for a document, with all that can be found out already written.

sources     the document: named, fetched, or looked for in the folder
settings    the text of a new surfacegen.yaml
catalog     the text of a catalog: each function as it is derived, commented out until its owner wants it otherwise
offered     which functions the catalog has named, so that what its owner takes out of it is not put back
workflow    the text of a workflow that builds what is published
review      the text of a workflow that says what a pull request changes

What stands there is never written again: a second run adds the functions that are new to the catalog, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import loading
from .. import settings as configuration
from ..errors import SpecError
from ..inputs import Inputs
from ..read.files import text
from ..settings import Settings, project_folder
from ..write.together import write
from . import catalog, offered, review, settings, sources, workflow

CATALOG = "catalog.yaml"


@dataclass(frozen=True)
class Begun:
    """What a run of `init` did."""

    document: str
    """The path of the document, or its URL where the settings name one."""
    notes: tuple[str, ...]
    """What its reader has to know beside that."""
    written: tuple[Path, ...]
    added: int
    """Functions that the catalog names now, and did not name before."""
    guesses: int
    """Of those: what was derived by a guess."""


def init(named: str, existing: Settings, *, with_workflow: bool = False) -> Begun:
    """Writes what is missing, into the folder of the settings or else the working directory.

    named: the document, a path or a URL; empty where it is to be looked for. existing: the settings, where there are some.
    SpecError where the document cannot be read or something cannot be written; then nothing was.
    """
    folder = existing.file.parent if existing.file is not None else Path()
    result = sources.find(named, existing, folder)
    place = existing.catalog or folder / CATALOG
    inputs = Inputs(
        result.document, root=existing.root or result.root, url=result.url, auth=existing.auth, project=existing.project
    )
    api = loading.load(inputs)
    notes = list(result.notes)
    files: dict[Path, str] = dict(result.files)
    if not api.functions:
        raise SpecError(result.shown, "has no operation", "use the API's OpenAPI document")
    if existing.file is None:
        files[folder / configuration.YAML] = settings.text(api, result.shown, place.name, settings.surroundings(folder))
    elif existing.catalog is None:
        notes.append(
            f"{existing.file} does not name a catalog: add `catalog: {place.name}` to it, so that {place} is read"
        )
    before = text(place) if place.is_file() else ""
    after, added = catalog.extended(before, api, offered.read(place))
    if after != before:
        files[place] = after
    if with_workflow:
        texts = {workflow.PLACE: workflow.text(folder, existing)}
        if "://" not in result.shown:  # what is fetched has no older state in the repository
            texts[review.PLACE] = review.text(folder, result.document, place)
        for route, written in texts.items():
            if not (project_folder(folder) / route).is_file():
                files[project_folder(folder) / route] = written
    files |= offered.written(place, api)
    write(files)
    guesses = sum(len(catalog.guesses(function)) for function in added)
    return Begun(result.shown, tuple(notes), tuple(files), len(added), guesses)
