"""Renditions -> files: pages rendered and laid out, what is copied, what is laid as it is, and what is made from these.

The one place that knows which folder a template comes from, and who gets the error if it is wrong: the user, whose
template it is; the author of a plug-in; or we.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from .errors import GeneratorBug, SpecError
from .inputs import Inputs, beside, source_files
from .ir import Api, Loss
from .layers import Layers, Source
from .plugins import guard, paths, registry
from .read import files
from .read.amending import amended
from .read.source import load
from .remaking import Remaking
from .surfaces.base import Page, Ready, Rendition, Surface, digest
from .surfaces.shared.header import header
from .surfaces.shared.project import ProjectView, project
from .surfaces.shared.shown import shown
from .write.folder import File
from .write.layout import Python
from .write.manifest import SURFACE
from .write.rendering import SUFFIX, Renderer, fill

T = TypeVar("T")
_ORIGINS = {"documents": "openapi", "extensions": "extensions"}
"""Where files that are laid as they are come from, as messages name it."""
_GUIDES = "docs/"
"""Of the extensions: the folder whose pages belong to the docs, not to the client."""


@dataclass
class Assembly:
    """One run over all its surfaces."""

    inputs: Inputs
    api: Api
    foreign: Mapping[str, str]
    """Each surface that is not ours, as messages name it."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Paths of the output folder that surfaces have made which are not part of this run, and which surface."""
    losses: set[Loss] = field(default_factory=set)
    kept: Mapping[str, str] = field(default_factory=dict)
    """As `elsewhere`, of surfaces that are part of this run and stand there as it would make them."""
    former: Remaking | None = None
    """The pages that former runs made; None where all are made."""
    folders: dict[str, frozenset[str]] = field(default_factory=dict)
    """Of each surface that was made: the template folders that it looked into, beside its own."""
    notes: list[str] = field(default_factory=list)
    _laid: dict[str, File] = field(default_factory=dict)
    """By their paths in lower case, and without what they hold."""
    _folders: dict[str, File] = field(default_factory=dict)
    """The folders that these stand in, each with the first file of it."""

    def _api(self, name: str) -> Api:
        """What a surface is made of: without what the catalog hides from it."""
        # A surface that calls another one goes through the client, which has all functions and hides only the methods.
        return self.api if name == "python" else shown(self.api, name)

    def files(self, surface: Surface) -> Iterator[File]:
        """The files of one surface."""
        if surface.name not in self.foreign:
            yield from self._distinct(_One(self, surface).files(surface.render(self._api(surface.name))))
            return
        who = self.foreign[surface.name]
        with guard.answered(who):
            rendition = _one(surface.render(self._api(surface.name)), Rendition, "render gives")
            rendition = replace(
                rendition,
                pages=(_one(page, Page, "its pages hold") for page in guard.each(who, rendition.pages)),
                files=(_one(file, Ready, "its files hold") for file in guard.each(who, rendition.files)),
                losses=tuple(_loss(surface.name, loss) for loss in rendition.losses),
            )
        yield from self._distinct(guard.each(who, _One(self, surface).files(rendition)))

    def made_apart(self, surface: str, paths: Iterable[str], losses: Iterable[Loss], folders: frozenset[str]) -> None:
        """Takes up what a second process has made of a surface of ours."""
        for _ in self._distinct(File(path, b"", surface, f"{surface}/") for path in paths):
            pass
        self.losses.update(losses)
        self.folders[surface] = folders

    def __post_init__(self) -> None:
        for path, owner in self.kept.items():
            self._lay(File(path, b"", owner, f"{owner}/"))

    def _lay(self, file: File) -> None:
        """Takes up where a file stands."""
        place = replace(file, content=b"")  # of a large document, all contents together are most of the memory
        self._laid[file.path.casefold()] = place
        for parent in _parents(file.path):
            self._folders.setdefault(parent.casefold(), place)

    def _distinct(self, made: Iterable[File]) -> Iterator[File]:
        """The same files. No two may have one path, nor one stand where another has its folder."""
        for file in made:
            if (other := self._in_the_way(file)) is not None:
                raise self._both(file, other)
            owner = self.elsewhere.get(file.path)
            if owner is not None and (file.surface in self.foreign or owner not in registry.OURS):
                who = self.foreign.get(file.surface, f"surface {file.surface}")
                what = f"writes {file.path}, which the surface {owner} also writes"
                raise SpecError(who, what, "omit one of the two, or choose another folder with --out")
            self._lay(file)
            yield file

    def _in_the_way(self, file: File) -> File | None:
        """The files at a file's path, below it, or where it has a folder. Our own names never collide; with
        those of others, names that differ in case alone are one, as they are in many file systems.
        """
        parents = _parents(file.path)
        results = [self._laid.get(file.path.casefold()), self._folders.get(file.path.casefold())]
        results += [self._laid.get(parent.casefold()) for parent in parents]
        for other in filter(None, results):
            exact = other.path in (file.path, *parents) or other.path.startswith(f"{file.path}/")
            if exact or self._foreign(file) or self._foreign(other):
                return other
        return None

    def _foreign(self, file: File) -> bool:
        return file.surface in self.foreign or file.origin.startswith("layers/")

    def _both(self, file: File, other: File) -> Exception:
        others = {each.surface for each in (file, other)} & self.foreign.keys()
        mine = any(each.origin.startswith("layers/") for each in (file, other))
        what = f"writes {file.path}, a path that {_shown(other)} also needs"
        if others:
            who = self.foreign.get(file.surface, f"surface {file.surface}")
            return SpecError(who, what, "omit one of the two with --surface, or report it to the author")
        if mine:
            return SpecError("--templates", f"{_shown(file)} {what}", "use another name")
        return GeneratorBug(f"{_shown(file)} and {_shown(other)} both write {file.path}")


def _parents(path: str) -> list[str]:
    return [path[:end] for end, char in enumerate(path) if char == "/"]


def _one(result: T, kind: type[T], text: str) -> T:
    if not isinstance(result, kind):
        raise GeneratorBug(f"{text} a {type(result).__name__}, and no {kind.__name__}")
    return result


def _loss(name: str, loss: Loss) -> Loss:
    """An entry as a plug-in gives it, on its own account."""
    result = Loss(pointer=str(loss.pointer), surface=name, kind=loss.kind, reason=str(loss.reason))
    if result.kind not in ("chosen", "kept", "degraded", "dropped"):
        raise ValueError(f"the kind of a loss is chosen, kept, degraded or dropped, not {result.kind!r}")
    return result


def _shown(file: File) -> str:
    """Where a file comes from, for a person."""
    if file.origin.startswith("layers/"):
        return f"your template {file.origin.removeprefix('layers/')}"
    return file.origin.removeprefix(SURFACE) if file.origin.startswith(SURFACE) else f"templates/{file.origin}"


class _One:
    """One surface of a run."""

    def __init__(self, run: Assembly, surface: Surface) -> None:
        self._run, self._surface, self._name = run, surface, surface.name
        self._foreign = surface.name in run.foreign
        own = surface.templates if self._foreign else run.inputs.templates / surface.name
        self._layers = Layers.of(surface.name, own, run.inputs.layers)
        brought = {surface.name: surface.templates} if self._foreign and surface.templates else {}
        self._renderer = Renderer(run.inputs.templates, run.inputs.layers, brought)
        self._renderer.made = header(run.api)
        self._python = Python()
        self._package: dict[str, str] = {}
        self._project: ProjectView | None = None
        self._derived: tuple[str, ...] = ()
        """The folders of which other modules are made: of their files the text is needed."""

    def files(self, rendition: Rendition) -> Iterator[File]:
        """Those that are its own, and what is made from them."""
        self._run.losses.update(rendition.losses)
        self._package = {"package": rendition.package} if rendition.package else {}
        folders = [
            (f"{fill(each.source, self._package)}/", f"{fill(each.target, self._package)}/", each)
            for each in rendition.derives
        ]
        self._derived = tuple(source for source, _, _ in folders)
        laid: set[str] = set()
        sources: list[File] = []
        for file in self._own(rendition):
            yield file
            laid.add(file.path)
            if file.path.endswith(".py") and file.path.startswith(self._derived):
                sources.append(file)
        for source, target, each in folders:
            for file in sources:
                made = target + file.path.removeprefix(source)
                if file.path.startswith(source) and made not in laid:
                    content = each.make(file.content.decode("utf-8", "replace"), file.origin)
                    yield File(made, content.encode(), self._name, file.origin)
        self._run.notes += self._layers.notes()
        self._run.folders[self._name] = self._renderer.folders

    def _own(self, rendition: Rendition) -> Iterator[File]:
        for page in rendition.pages:
            yield self._page(page, rendition)
        for template, place in self._layers.copied():
            over = self._layers.over_it(template)
            yield self._added(over) if over else self._file(self._path(template), files.content(place), template)
        for source in self._layers.added():
            yield self._added(source)
        for folder, kind in rendition.lays.items():
            listed = (
                _documents(self._run.inputs, self._run.api) if kind == "documents" else _extensions(self._run.inputs)
            )
            for path, content in listed:
                yield File(f"{self._path(folder)}/{path}", content, self._name, f"{_ORIGINS[kind]}/{path}")
        for ready in rendition.files:
            yield self._file(ready.path, ready.content, ready.path)

    def _page(self, page: Page, rendition: Rendition) -> File:
        path = fill(page.template, {**self._package, **page.fill})
        over = self._layers.over_it(page.template)
        if over is None:
            known = self._known(page, path, rendition.layout)
            if known is not None and known.stands:
                return known
            made = self._rendered(page, page.template, path, rendition.layout, ours=not self._foreign)
            return made if known is None else replace(known, content=made.content)
        if over.template.endswith(SUFFIX):
            return self._rendered(page, over.template, path, rendition.layout, ours=False, place=over.place)
        return File(path, files.content(over.place), self._name, f"layers/{self._name}/{over.template}")

    def _known(self, page: Page, path: str, layout: bool) -> File | None:
        """The digest of the inputs of one of our pages; None if it is unknown, or the page's text is needed."""
        if self._run.former is None or self._foreign or path.startswith(self._derived):
            return None
        origin = f"{self._name}/{page.template}"
        if not (template := self._renderer.source(origin)):
            return None
        common = digest(template, self._renderer.made, sorted(self._package.items()), layout)
        return self._run.former.page(path, self._name, origin, common, page)

    def _rendered(
        self, page: Page, template: str, path: str, layout: bool, *, ours: bool, place: Path | None = None
    ) -> File:
        """place: where the template stands, if it is the user's."""
        origin = f"{self._name}/{template}"
        rendered = self._renderer.render(self._name, page, template)
        try:
            if layout and path.endswith(".py"):
                rendered = self._python.laid_out(rendered, path, origin, ours=ours)
            try:
                content = rendered.encode()
            except UnicodeEncodeError as error:
                raise GeneratorBug(f"templates/{origin}: {error}") from error
        except GeneratorBug as error:
            if place is None:
                raise
            raise SpecError(str(place), str(error), "correct the template") from error
        return (
            self._file(path, content, template)
            if place is None
            else File(path, content, self._name, f"layers/{origin}")
        )

    def _added(self, source: Source) -> File:
        """A file of the user that no view of ours is for."""
        try:
            path = self._path(source.template)
        except GeneratorBug:
            what = "its name has an unknown placeholder in brackets, or a character that is not allowed in file names"
            raise SpecError(str(source.place), what, "use [package], or override one of our templates") from None
        if not source.template.endswith(SUFFIX):
            return File(path, files.content(source.place), self._name, f"layers/{self._name}/{source.template}")
        if self._project is None:
            self._project = project(self._run.api)
        page = Page(source.template, self._project)
        return self._rendered(page, source.template, path, True, ours=False, place=source.place)

    def _file(self, path: str, content: bytes, template: str) -> File:
        """A file of the surface's own."""
        if self._foreign and (wrong := paths.problem(path)):
            what = f"writes {path[:200]!r}, which {wrong}"
            raise SpecError(self._run.foreign[self._name], what, "report it to its author, or omit it with --surface")
        origin = f"{self._name}/{template}"
        return File(path, content, self._name, SURFACE + origin if self._foreign else origin)

    def _path(self, template: str) -> str:
        return fill(template, self._package)


def _documents(inputs: Inputs, api: Api) -> Iterator[tuple[str, bytes]]:
    for path in api.documents:
        if inputs.overlays and path == api.documents[0]:  # the API is that of the amended document
            result = amended(load(inputs.openapi), inputs.overlays, inputs.url).source.value
            yield path, (json.dumps(result, indent=1, ensure_ascii=False) + "\n").encode()  # JSON is YAML as well
        else:
            yield path, beside(inputs, path, api.documents[0]) or b""


def _extensions(inputs: Inputs) -> Iterator[tuple[str, bytes]]:
    for path, source in source_files(inputs.extensions).items() if inputs.extensions else ():
        if not path.startswith(_GUIDES):
            yield path, files.content(source)
