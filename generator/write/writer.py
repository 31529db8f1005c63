"""Files -> disk: written all or not at all.

    recover ── staging ──┬─ take      new content beside its place, a file at a time as they are made
                         ├─ plan      what differs, and what is made no longer
                         └─ commit ──┬─ journal   what it will do, and how it is undone
                                     ├─ renames   one a file, undone in reverse if one fails
                                     └─ manifest  last: what we made, and from what

A file that no manifest of ours names is never changed and never removed. A run that is killed in the middle of its
commit is undone by the next one, before that one looks at the folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import Finding
from ..read import files
from .folder import File, OutputError, contents_of, inside, linked
from .manifest import MANIFEST, Made, Manifest, read_manifest, sha256, untouched

_STAGE = ".surfacegen-"
_JOURNAL = "journal.json"


@dataclass(frozen=True)
class Plan:
    """What a run would change."""

    write: tuple[Taken, ...]
    unchanged: tuple[Taken, ...]
    prune: tuple[tuple[str, str], ...]
    """(surface, path)"""
    edited: tuple[str, ...]
    """Made by a former run and not by this one, but changed since: left where they are."""
    manifest: Manifest


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that was made. Its content stands in the folder already, or in the stage."""

    path: str
    surface: str
    sha: str
    staged: Path | None
    made_of: tuple[str, ...] = ()


class Stage:
    """What a run has made so far, and which of it the folder does not hold; no content is kept in memory."""

    def __init__(self, out: Path, folder: Path) -> None:
        self.out, self.folder = out, folder
        self.committed = False
        self._former = read_manifest(out)
        self._ours = self._former.files
        self._staged = "made"
        """What the names of staged files begin with."""
        self._taken: list[Taken] = []
        self._findings: list[Finding] = []
        self._folders: dict[str, bool | Path] = {"": True}
        """The folders that files were taken for, and whether they are there; of one that is none, what is in the way."""

    def take(self, file: File) -> None:
        """Writes a file beside its place, unless the place holds it already."""
        if file.stands:
            self._taken.append(Taken(file.path, file.surface, file.stands, None, file.made_of))
            return
        with _reporting(self.out):
            there = self._there(file)
            staged = None
            # Where something is in the way the run will end: more of it is looked for, and nothing is staged.
            if not self._findings and there != file.content:
                staged = self.folder / f"{self._staged}-{len(self._taken)}"
                staged.write_bytes(file.content)
            self._taken.append(Taken(file.path, file.surface, sha256(file.content), staged, file.made_of))

    def apart(self) -> Stage:
        """Another one over the same folder, for a second process: what it takes can be added to this one's."""
        stage = copy(self)
        stage._staged, stage._taken, stage._findings = f"{self._staged}-apart", [], []
        return stage

    @property
    def taken(self) -> tuple[Taken, ...]:
        """What was taken so far. OutputError where something is in the way of it."""
        if self._findings:
            raise OutputError(set(self._findings))
        return tuple(self._taken)

    def add(self, taken: Iterable[Taken]) -> None:
        """Adds what was taken apart."""
        self._taken += taken

    def stands(self, path: str, sha: str) -> bool:
        """Whether a file of a former run stands in its place as it was made."""
        there = self._ours.get(path) == sha and self._folder(path.rpartition("/")[0]) is True
        return there and not (self.out / path).is_symlink() and untouched(self.out, {path: sha})

    def _there(self, file: File) -> bytes | None:
        """What stands in the place of a file; a finding where that, or what stands on the way, is in the way."""
        hint = "move it, or choose another folder with --out"
        parent = self._folder(file.path.rpartition("/")[0])
        if isinstance(parent, Path):
            self._findings.append(Finding(str(parent), "is not a folder, but this run would write files into it", hint))
        if parent is not True:
            return None
        place = self.out / file.path
        if place.is_symlink() or place.is_dir():
            self._findings.append(Finding(str(place), "is not a file, and this run would write it", hint))
            return None
        there = contents_of(place)
        if there is not None and there != file.content and file.path not in self._ours:
            what = "was not generated by surfacegen, and this run would overwrite it"
            self._findings.append(Finding(str(place), what, hint))
        return there

    def _folder(self, path: str) -> bool | Path:
        """Whether a folder of the output is there; what stands on the way and is none."""
        if path in self._folders:
            return self._folders[path]
        result = self._folder(path.rpartition("/")[0])
        if result is True:
            place = self.out / path
            result = place.is_dir() and not place.is_symlink()
            if not result and os.path.lexists(place):
                result = place
        self._folders[path] = result
        return result

    def plan(self, inputs: Mapping[str, Mapping[str, str]], validated: str = "") -> Plan:
        """What would change for these surfaces, all of whose files were taken. OutputError where something foreign is in the way.

        inputs: of each surface, the digests of what it was made from.
        """
        taken = sorted(self.taken, key=lambda each: each.path)
        current = {
            name: Made(parts, {each.path: each.sha for each in taken if each.surface == name})
            for name, parts in inputs.items()
        }
        now = {**self._former.surfaces, **current}
        kept = {path for each in now.values() for path in each.files}
        prune, edited = [], []
        for name in current:
            for path, sha in self._former.surfaces[name].files.items() if name in self._former.surfaces else ():
                if path in kept or (content := contents_of(self.out / path)) is None:
                    continue
                if sha256(content) == sha and not linked(self.out, path):
                    prune.append((name, path))
                else:
                    edited.append(path)
        write = tuple(each for each in taken if each.staged is not None)
        unchanged = tuple(each for each in taken if each.staged is None)
        return Plan(
            write,
            unchanged,
            tuple(sorted(prune)),
            tuple(sorted(edited)),
            Manifest(now, validated),
        )

    def commit(self, todo: Plan) -> None:
        """Carries out a plan: all of it, or, when it fails or is interrupted, nothing."""
        manifest = todo.manifest.dump()
        if not todo.write and not todo.prune and contents_of(self.out / MANIFEST) == manifest:
            return
        with _reporting(self.out):
            prune = [path for _, path in todo.prune]
            paths = [*(each.path for each in todo.write), MANIFEST]  # the last: it never claims what is not there yet
            for number, each in enumerate(todo.write, len(prune)):
                if each.staged is not None:
                    each.staged.rename(self.folder / f"new-{number}")
            (self.folder / f"new-{len(prune) + len(todo.write)}").write_bytes(manifest)
            steps = {path: (self.out / path).exists() for path in (*prune, *paths)}
            _journal(self.folder, steps)
            with _undisturbed():
                _commit(self.out, self.folder, steps, prune)
            self.committed = True


@contextlib.contextmanager
def staging(out: Path) -> Iterator[Stage]:
    """The folder, held for one run. What it was is what it is afterwards, unless the stage was committed."""
    created = next((p for p in (*reversed(out.parents), out) if not p.exists()), None)
    stage = None
    try:
        with _reporting(out):
            out.mkdir(parents=True, exist_ok=True)
        with _alone(out):
            import tempfile  # slow for a run that has nothing to do

            with _reporting(out):
                folder = Path(tempfile.mkdtemp(prefix=_STAGE, dir=out))
            try:
                stage = Stage(out, folder)
                yield stage
            finally:
                _swept(folder)
    finally:
        if created is not None and not (stage and stage.committed):
            _remove_empty(out, created)


@contextlib.contextmanager
def _reporting(out: Path) -> Iterator[None]:
    """What the system refuses, as an OutputError."""
    try:
        yield
    except OSError as error:
        where = str(error.filename2 or error.filename or out)
        raise OutputError(
            [Finding(str(out), f"cannot be written: {error.strerror} ({where})", "choose another folder with --out")]
        ) from error


def recover(out: Path) -> None:
    """Undoes what a killed run had begun to change. OutputError where another run is at work, or it cannot be undone."""
    try:
        if any(out.glob(f"{_STAGE}*/{_JOURNAL}")):
            with _alone(out):  # which does it
                pass
    except OSError as error:
        what = f"cannot be restored after an interrupted run: {error.strerror}"
        raise OutputError([Finding(str(out), what, "make the folder writable, and run it again")]) from error


def _journal(stage: Path, steps: Mapping[str, bool]) -> None:
    """Notes the files that a commit changes, in its order, and whether there was one before."""
    (stage / "journal").write_text(json.dumps(steps), "utf-8")
    os.replace(stage / "journal", stage / _JOURNAL)  # whole, or not there


def _undo(out: Path, stage: Path) -> None:
    """Puts back what the commit of a killed run has changed so far."""
    try:
        steps = json.loads(files.read(stage / _JOURNAL))
        listed = [(inside(path), there) for path, there in steps.items()]
    except (FileNotFoundError, ValueError, AttributeError, TypeError, RecursionError):
        return  # it was killed before it changed anything, or it is no journal of ours
    for number, (path, there) in enumerate(listed):
        saved, place = stage / f"old-{number}", out / path
        if linked(out, path):
            continue
        if saved.exists():
            os.replace(saved, place)
        elif there is False and not (stage / f"new-{number}").exists():  # nothing stood here: what does now is new
            place.unlink(missing_ok=True)
            for parent in place.relative_to(out).parents[:-1]:
                with contextlib.suppress(OSError):
                    (out / parent).rmdir()


def _swept(stage: Path) -> None:
    """Removes a stage, its journal first: half a stage undoes nothing."""
    with contextlib.suppress(OSError):
        (stage / _JOURNAL).unlink()
    import shutil

    shutil.rmtree(stage, ignore_errors=True)


def _commit(out: Path, stage: Path, steps: Mapping[str, bool], prune: list[str]) -> None:
    """steps: the files in their order, and whether each is there; the first are those of `prune`."""
    undo: list[tuple[Path, Path | None]] = []
    folders: list[Path] = []
    ready: set[Path] = set()
    try:
        for number, (path, there) in enumerate(steps.items()):
            place, saved = out / path, stage / f"old-{number}"
            if place.parent not in ready:
                for above in reversed(PurePosixPath(path).parents[:-1]):
                    if not (out / above).exists():
                        (out / above).mkdir()
                        folders.append(out / above)
                ready.add(place.parent)
            if there:
                _keep(place, saved)
                undo.append((place, saved))
            else:
                undo.append((place, None))
            if number < len(prune):
                place.unlink()
            else:
                os.replace(stage / f"new-{number}", place)
    except BaseException:
        for place, saved_file in reversed(undo):
            with contextlib.suppress(OSError):
                if saved_file is None:
                    place.unlink(missing_ok=True)
                else:
                    os.replace(saved_file, place)
        for folder in reversed(folders):
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise
    for path in prune:
        for parent in (out / path).relative_to(out).parents[:-1]:
            with contextlib.suppress(OSError):  # a folder that still holds something stays
                (out / parent).rmdir()


def _keep(place: Path, saved: Path) -> None:
    try:
        os.link(place, saved)
    except OSError:  # a file system without hard links
        import shutil

        shutil.copy2(place, saved)


@contextlib.contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Holds the folder: two runs at once would each undo the other. Removes what a killed run left behind."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError([Finding(str(out), "is in use by another run", "wait for it to end")]) from error
        for left in out.glob(_STAGE + "*"):
            _undo(out, left)
            _swept(left)
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Puts SIGINT and SIGTERM off until the renames, a few milliseconds, are done."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    former = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


def _remove_empty(folder: Path, until: Path) -> None:
    for place in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            place.rmdir()
        if place == until:
            return
