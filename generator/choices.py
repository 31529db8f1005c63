"""What a command line and the settings of a project choose together: a flag goes before the settings, these before what
there is by default.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from . import settings as configuration
from .errors import SpecError
from .inputs import Inputs
from .places import Place
from .plugins import registry
from .plugins.program import Program
from .read import urls
from .settings import Settings, repository


def settings_of(options: argparse.Namespace) -> Settings:
    """The settings of a run; but for what belongs to their document, where the command line names another."""
    result = configuration.load(options.settings)
    return result if options.openapi is None else result.of_another_document


def inputs_of(options: argparse.Namespace, settings: Settings | None = None) -> Inputs:
    """What a run reads."""
    settings = settings or settings_of(options)
    named = options.openapi or settings.document
    if not named:
        what = (
            "does not name a document"
            if settings.file
            else f"there is no {configuration.YAML} in this folder or above it"
        )
        raise SpecError(
            str(settings.file or "settings"), what, "create one with `init DOCUMENT`, or pass a document with --openapi"
        )
    url, root = "", options.root or settings.root
    if urls.is_url(named):
        from .read import remote

        result = remote.fetched(named, _folder())
        document, url, root = result.path, result.url, None
    else:
        document = Path(named)
        if root is None:
            root = repository(document.parent)
        elif not document.resolve().is_relative_to(root.resolve()):
            where: Place | str = settings.places["root"] if options.root is None else "--root"
            raise SpecError(where, f"{root} is not above the document", "use a folder that contains the document")
    catalog, history = options.catalog or settings.catalog, settings.history
    extensions = options.extensions or settings.extensions
    if extensions is not None and not extensions.is_dir():
        raise SpecError("--extensions", f"{extensions} is not a folder", "use a folder of hand-written files")
    if extensions is None and options.catalog is not None and (options.catalog.parent / "extensions").is_dir():
        extensions = options.catalog.parent / "extensions"
    beside = catalog if catalog is not None else Path(settings.document) if settings.document and not url else None
    if history is None and beside is not None:
        history = beside.parent / "history"
    return Inputs(
        document,
        catalog,
        extensions,
        history=history,
        root=root,
        url=url,
        overlays=(*settings.overlays, *options.overlay),
        auth=options.auth or settings.auth,
        project=settings.project,
        layers=(*getattr(options, "templates", ()), *settings.templates),
        programs=(*_commands(options, settings), *settings.programs),
        options=settings.options,
        validate=settings.validate is not False and not getattr(options, "no_validate", False),
    )


def _commands(options: argparse.Namespace, settings: Settings) -> Iterator[Program]:
    """The programs that the command line names, with the options that the settings give to a surface of that name."""
    values = {each.surface: each.value for each in settings.options}
    for each in getattr(options, "surface_command", ()):
        yield replace(each, options=values.get(each.name, each.options))


def _folder() -> Path:
    """A folder for what is fetched, until this process ends."""
    import atexit
    import tempfile

    folder = tempfile.TemporaryDirectory(prefix="surfacegen-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def output_of(options: argparse.Namespace, settings: Settings) -> Path:
    """The folder that is written."""
    result: Path | None = options.out
    return result or settings.output or Path(configuration.OUTPUT)


def surfaces_of(options: argparse.Namespace, settings: Settings, inputs: Inputs) -> tuple[str, ...]:
    """Those of the run: the chosen ones, else those of the settings, else ours; with the programs; ours first."""
    programs = [each.name for each in inputs.programs]
    if twice := [name for name, count in Counter(programs).items() if count > 1]:
        raise SpecError("--surface-command", f"{twice[0]} is used twice", "give each program a different name")
    more = [each.name for each in getattr(options, "surface_command", ())]
    chosen = dict.fromkeys(options.surface or (*(settings.surfaces or registry.OURS), *more))
    for name in chosen:
        if name not in registry.OURS and name not in programs:
            try:
                registry.entry(name)  # reported before anything is read
            except SpecError as error:
                if options.surface:
                    raise
                what = f"there is no surface {name!r}: it {error.findings[0].what}"
                raise SpecError(settings.places["surfaces"], what, error.findings[0].hint) from None
    return (*(name for name in registry.OURS if name in chosen), *(n for n in chosen if n not in registry.OURS))
