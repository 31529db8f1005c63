"""Files -> disk: formatted, compared, and written all or not at all.

    recover ── format ── plan ── write ──┬─ stage     new content beside its place
                                         ├─ journal   what the commit will do, and how it is undone
                                         ├─ commit    one rename a file, undone in reverse if one fails
                                         └─ manifest  last: what we made, and from what

A file that no manifest of ours names is never changed and never removed. A run that is killed in the middle of its
commit is undone by the next one, before that one looks at the folder.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from . import files
from .errors import Finding, GeneratorBug, listed

MANIFEST = "manifest.json"
DOCUMENT = "document/"
"""What the names of those inputs begin with that are files to which the document refers."""
LINE_LENGTH = 120
_STAGE = ".surfacegen-"
_JOURNAL = "journal.json"
_LEFT_BY_TOOLS = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", "site", "dist", "build", ".cache"}


class OutputError(Exception):
    """The output folder cannot take the files. Nothing was changed; exit code 1."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__(listed(self.findings))


@dataclass(frozen=True, slots=True)
class File:
    """One file to be written."""

    path: str
    """Relative to the output folder, with `/`."""
    content: bytes
    surface: str
    origin: str
    """The template it came from, for messages."""


# ── formatting ──────────────────────────────────────────────────────────────────────────────────────────


def _black(source: str) -> tuple[str, float]:
    """Formatted Python and the seconds it took."""
    import black
    from black.mode import Mode, TargetVersion

    start = time.perf_counter()
    mode = Mode(line_length=LINE_LENGTH, target_versions={TargetVersion.PY311})
    # format_str goes over its own output once more, for input with commas that change its mind. Templates have none
    # (tests hold that what we write is stable), and that second pass is half of the time of a whole run.
    return black._format_str_once(source, mode=mode), time.perf_counter() - start


def _worker(alive: int, parent: int) -> None:
    """Begins a worker. alive, parent: the ends of a pipe whose writing end only the parent keeps open."""
    os.close(parent)
    threading.Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
    # Whoever reads what the parent prints waits for the last process that could print.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in {0, 1, 2} - {alive}:
        os.dup2(nowhere, stream)
    # The parent decides when to stop: Ctrl-C reaches the whole process group, and a worker has nothing to tidy up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.disable()  # as the parent does
    import black  # noqa: F401


def _end_with_parent(alive: int) -> None:
    """Ends this process when its parent has ended, whatever ended it: nothing but the end comes through the pipe."""
    os.read(alive, 1)
    os._exit(1)


class Formatter:
    """Lays out Python in worker processes while the caller goes on rendering.

    The workers are forked on entering, before there is anything to format: black takes longer to import
    than the spec to read, and both happen at once.
    """

    def __init__(self, workers: int | None = None) -> None:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._workers = cores if workers is None else workers
        self._pool: Executor | None = None
        self._pipe: tuple[int, int] | None = None
        self._waiting: dict[str, tuple[str, Future[tuple[str, float]] | None, str]] = {}

    def __enter__(self) -> Self:
        if self._workers > 1 and sys.platform != "win32":
            import multiprocessing
            from concurrent.futures import ProcessPoolExecutor

            self._pipe = os.pipe()
            context = multiprocessing.get_context("fork")
            # Where nothing can be shared (no /dev/shm, or no room in it) there are no workers: it takes longer.
            with contextlib.suppress(OSError, NotImplementedError):
                pool = ProcessPoolExecutor(self._workers, context, initializer=_worker, initargs=self._pipe)
                pool.submit(int)  # the first task forks them all
                self._pool = pool
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=kind is None or issubclass(kind, Exception), cancel_futures=True)
        for end in self._pipe or ():
            os.close(end)

    def submit(self, path: str, source: str, origin: str) -> None:
        """Begins to format one file."""
        future = None
        if self._pool is not None:
            with contextlib.suppress(BrokenExecutor):
                future = self._pool.submit(_black, source)
        self._waiting[path] = (origin, future, source)

    def results(self) -> Iterator[tuple[str, str, float]]:
        """(path, formatted text, seconds) of each file submitted. GeneratorBug for what is not Python."""
        for path, (origin, future, source) in self._waiting.items():
            try:
                text, seconds = self._formatted(source, future)
            except Exception as error:
                raise GeneratorBug(f"templates/{origin} gives no valid Python for {path}: {error}") from error
            yield path, text, seconds
        self._waiting = {}

    @staticmethod
    def _formatted(source: str, future: Future[tuple[str, float]] | None) -> tuple[str, float]:
        if future is not None:
            with contextlib.suppress(BrokenExecutor):  # a worker was killed, by whoever needed its memory: do it here
                return future.result()
        return _black(source)


# ── manifest ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Made:
    """What one surface made, and from what."""

    inputs: Mapping[str, str]
    """part -> digest or version; empty where an older manifest does not say."""
    files: Mapping[str, str]
    """path -> sha256"""


@dataclass(frozen=True)
class Manifest:
    """What we made in a folder. Holds no clock and no path outside the folder."""

    surfaces: Mapping[str, Made] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, str]:
        """path -> sha256, over all surfaces."""
        return {path: sha for made in self.surfaces.values() for path, sha in made.files.items()}

    @property
    def referred(self) -> tuple[str, ...]:
        """The files that the document referred to when it was read, relative to its folder."""
        parts = {part for made in self.surfaces.values() for part in made.inputs if part.startswith(DOCUMENT)}
        return tuple(sorted(part.removeprefix(DOCUMENT) for part in parts))

    def dump(self) -> bytes:
        """The manifest as it is written."""
        document = {
            "generator": "surfacegen",
            "surfaces": {
                name: {"inputs": dict(made.inputs), "files": dict(sorted(made.files.items()))}
                for name, made in sorted(self.surfaces.items())
            },
        }
        return (json.dumps(document, indent=1) + "\n").encode()


def read_manifest(out: Path) -> Manifest:
    """The manifest of a folder; an empty one where there is none. OutputError for a file that is not a manifest."""
    path = out / MANIFEST
    try:
        document: Any = json.loads(files.read(path))
        surfaces = {
            str(name): Made(_parts(made["inputs"]), {_inside(p): str(sha) for p, sha in made["files"].items()})
            for name, made in document["surfaces"].items()
        }
    except (FileNotFoundError, NotADirectoryError):
        return Manifest()
    except OSError as error:
        raise OutputError([Finding(str(path), f"cannot be read: {error.strerror}")]) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise OutputError(
            [Finding(str(path), "is not a manifest of surfacegen", "move it away, or name another folder with --out")]
        ) from error
    return Manifest(surfaces)


def _parts(inputs: Any) -> dict[str, str]:
    return {str(part): str(value) for part, value in inputs.items()} if isinstance(inputs, dict) else {}


def _inside(path: str) -> str:
    """The path, if it stays inside the folder: the manifest is a file anyone may have edited."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or "\\" in path or "\0" in path:
        raise ValueError(path)
    return path


def sha256(content: bytes) -> str:
    """The digest that the manifest holds."""
    return hashlib.sha256(content).hexdigest()


def untouched(out: Path, made: Mapping[str, str]) -> bool:
    """Whether each of these files stands in the folder exactly as it was made."""
    try:
        return all(sha256(files.read(out / path)) == sha for path, sha in made.items())
    except OSError:
        return False


# ── compare and write ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Plan:
    """What a run would change."""

    out: Path
    write: tuple[File, ...]
    unchanged: tuple[File, ...]
    prune: tuple[tuple[str, str], ...]
    """(surface, path)"""
    edited: tuple[str, ...]
    """Made by a former run and not by this one, but changed since: left where they are."""
    manifest: Manifest


def plan(out: Path, made: Iterable[File], inputs: Mapping[str, str], surfaces: Iterable[str]) -> Plan:
    """Compares the files of these surfaces with the folder. OutputError when something foreign is in the way."""
    wanted = tuple(made)
    former = read_manifest(out)
    ours = former.files
    findings = [finding for file in wanted for finding in _in_the_way(out, file.path, file.content, ours)]
    if findings:
        raise OutputError(set(findings))
    write: list[File] = []
    unchanged: list[File] = []
    for file in wanted:
        (unchanged if _read(out / file.path) == file.content else write).append(file)
    current = {
        name: Made(inputs, {file.path: sha256(file.content) for file in wanted if file.surface == name})
        for name in surfaces
    }
    now = {**former.surfaces, **current}
    kept = {path for each in now.values() for path in each.files}
    prune, edited = [], []
    for name in current:
        for path, sha in former.surfaces[name].files.items() if name in former.surfaces else ():
            content = _read(out / path)
            if path in kept or content is None:
                continue
            if sha256(content) == sha and not _linked(out, path):
                prune.append((name, path))
            else:
                edited.append(path)
    return Plan(out, tuple(write), tuple(unchanged), tuple(sorted(prune)), tuple(sorted(edited)), Manifest(now))


def _in_the_way(out: Path, path: str, content: bytes, ours: Mapping[str, str]) -> Iterator[Finding]:
    hint = "move it away, or name another folder with --out"
    for parent in reversed(PurePosixPath(path).parents[:-1]):
        place = out / parent
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            yield Finding(str(place), "is not a folder, and this run would write into it", hint)
            return
    place = out / path
    if place.is_symlink() or place.is_dir():
        yield Finding(str(place), "is not a file, and this run would write it", hint)
    elif path not in ours and (there := _read(place)) is not None and there != content:
        yield Finding(str(place), "was not made by surfacegen, and this run would overwrite it", hint)


def _linked(out: Path, path: str) -> bool:
    return any((out / part).is_symlink() for part in (PurePosixPath(path), *PurePosixPath(path).parents[:-1]))


def _read(path: Path) -> bytes | None:
    """What stands in a place; None where no file does. OutputError where it cannot be read."""
    try:
        return files.read(path, sys.maxsize)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise OutputError([Finding(str(path), what, "move it away, or name another folder with --out")]) from error


def write(todo: Plan) -> None:
    """Carries out a plan: all of it, or, when it fails or is interrupted, nothing."""
    manifest = todo.manifest.dump()
    if not todo.write and not todo.prune and _read(todo.out / MANIFEST) == manifest:
        return
    created = next((p for p in (*reversed(todo.out.parents), todo.out) if not p.exists()), None)
    try:
        todo.out.mkdir(parents=True, exist_ok=True)
        with _alone(todo.out):
            stage = Path(tempfile.mkdtemp(prefix=_STAGE, dir=todo.out))
            try:
                staged = {file.path: file.content for file in todo.write}
                staged[MANIFEST] = manifest  # renamed last: it never claims what is not there yet
                steps = [*(path for _, path in todo.prune), *staged]
                for number, content in enumerate(staged.values(), len(todo.prune)):
                    (stage / f"new-{number}").write_bytes(content)
                _journal(stage, {path: (todo.out / path).exists() for path in steps})
                with _undisturbed():
                    _commit(todo.out, stage, list(staged), [path for _, path in todo.prune])
                created = None
            finally:
                _swept(stage)
    except OSError as error:
        where = str(error.filename2 or error.filename or todo.out)
        raise OutputError(
            [Finding(str(todo.out), f"cannot be written: {error.strerror} ({where})", "name another with --out")]
        ) from error
    finally:
        if created is not None:
            _remove_empty(todo.out, created)


def recover(out: Path) -> None:
    """Undoes what a killed run had begun to change. OutputError where another run is at work, or it cannot be undone."""
    try:
        if any(out.glob(f"{_STAGE}*/{_JOURNAL}")):
            with _alone(out):  # which does it
                pass
    except OSError as error:
        what = f"cannot be brought back to what it was before a run was killed: {error.strerror}"
        raise OutputError([Finding(str(out), what, "make the folder writable, and run it again")]) from error


def _journal(stage: Path, steps: Mapping[str, bool]) -> None:
    """Notes the files that a commit changes, in its order, and whether there was one before."""
    (stage / "journal").write_text(json.dumps(steps), "utf-8")
    os.replace(stage / "journal", stage / _JOURNAL)  # whole, or not there


def _undo(out: Path, stage: Path) -> None:
    """Puts back what the commit of a killed run has changed so far."""
    try:
        steps = json.loads(files.read(stage / _JOURNAL))
        listed = [(_inside(path), there) for path, there in steps.items()]
    except (FileNotFoundError, ValueError, AttributeError, TypeError, RecursionError):
        return  # it was killed before it changed anything, or it is no journal of ours
    for number, (path, there) in enumerate(listed):
        saved, place = stage / f"old-{number}", out / path
        if _linked(out, path):
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
    shutil.rmtree(stage, ignore_errors=True)


def _commit(out: Path, stage: Path, paths: list[str], prune: list[str]) -> None:
    undo: list[tuple[Path, Path | None]] = []
    folders: list[Path] = []
    try:
        for number, path in enumerate([*prune, *paths]):
            place, saved = out / path, stage / f"old-{number}"
            for parent in reversed(place.relative_to(out).parents[:-1]):
                if not (out / parent).exists():
                    (out / parent).mkdir()
                    folders.append(out / parent)
            if place.exists():
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
            raise OutputError([Finding(str(out), "is being written by another run", "wait for it to end")]) from error
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


@dataclass(frozen=True)
class Drift:
    """One file that is not as the generator makes it."""

    path: str
    kind: str
    """missing, changed or extra"""
    diff: str = ""
    cause: str = ""
    """document, catalog, extensions, template, generator, formatter, hand edit …"""
    reason: str = ""
    remedy: str = ""


def compare(out: Path, made: Iterable[File], lines: int = 12) -> tuple[Drift, ...]:
    """How the folder differs from these files, and from nothing else; writes nothing."""
    expected = {file.path: file.content for file in made}
    found = []
    for path, content in expected.items():
        there = _read(out / path)
        if there is None:
            found.append(Drift(path, "missing"))
        elif there != content:
            found.append(Drift(path, "changed", _diff(path, there, content, lines)))
    for folder, folders, names in os.walk(out):
        folders[:] = sorted(f for f in folders if f not in _LEFT_BY_TOOLS and not f.endswith(".egg-info"))
        for name in names:
            path = (Path(folder) / name).relative_to(out).as_posix()
            if path not in expected and path != MANIFEST and not name.endswith(".pyc"):
                found.append(Drift(path, "extra"))
    return tuple(sorted(found, key=lambda drift: drift.path))


def _diff(path: str, there: bytes, expected: bytes, lines: int) -> str:
    import difflib

    old, new = (content.decode("utf-8", "replace").splitlines() for content in (there, expected))
    found = list(difflib.unified_diff(old, new, f"on disk/{path}", f"generated/{path}", lineterm="", n=1))
    more = [f"… {len(found) - lines} more lines"] if len(found) > lines else []
    return "\n".join([*found[:lines], *more])
