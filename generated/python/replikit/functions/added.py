"""Functions that a user added to those of the package: kept in files, and read on demand.

    folders above ── PACKAGE.ADDED.json    a project's, which a team commits; it goes first
    configuration ── ADDED.json            the user's own

Each is a JSON object with a member a line, decoded on demand. Nothing in such a file is
trusted: it may set the arguments of a function of the package, never its permissions.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import about
from ..runtime import disk
from ..runtime.configured import config_path
from ..runtime.errors import ConfigError
from . import refining
from .info import ADDED, FunctionInfo, all_functions
from .marks import holds_file, is_joined

if TYPE_CHECKING:
    from .runs import Run

LARGEST, MOST = 32 << 20, 2_000
"""Bytes of a file, and functions in it."""
LONGEST_NAME = 64
_FORMAT = 1
_FIRST = f'{{"format": {_FORMAT}, "functions": {{'
_FACTS = ("source", "base", "argument", "version", "summary")


@dataclass(frozen=True, kw_only=True)
class Added:
    """One function, as its file has it."""

    name: str
    """Without the API's prefix, of letters, digits and underscores."""
    source: str
    """The reference that it was made from, as the user wrote it."""
    base: str
    fixed: Mapping[str, Any]
    argument: str
    version: str
    summary: str
    """One sentence."""
    input_schema: Mapping[str, Any]
    output_schema: Mapping[str, Any]
    description: str = ""
    """The whole description, where it is longer than the summary."""
    notes: tuple[str, ...] = ()
    """What its schemas lack or get wrong."""
    place: Path | None = field(default=None, compare=False)
    """The file that it is kept in."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        kept = {name: getattr(self, name) for name in (*_FACTS, "fixed", "input_schema", "output_schema")}
        more = {"description": self.description, "notes": list(self.notes)}
        return kept | {name: value for name, value in more.items() if value}


def word(name: str) -> str:
    """The name of the CLI command for a function of that name."""
    return name.replace("_", "-")


def spelled(text: str) -> str:
    """A text as the name of a function; empty where no character of it may stand in a name."""
    plain = "".join(char if char.isascii() and char.isalnum() else "_" for char in text.lower())
    name = "_".join(part for part in plain.split("_") if part)[:LONGEST_NAME].rstrip("_")
    return f"m_{name}"[:LONGEST_NAME] if name[:1].isdigit() else name


# ── The files ─────────────────────────────────────────────────────────────────────────────────────────


def own() -> Path:
    """The user's own file."""
    return config_path().with_name(f"{ADDED}.json")


def project_name() -> str:
    """The name of a project's file."""
    return f"{about.PACKAGE}.{ADDED}.json"


def project() -> Path | None:
    """The project's file: the nearest one in a folder above, or in this one."""
    try:
        here = Path.cwd()
    except OSError:  # the folder is gone
        return None
    return next((path for folder in (here, *here.parents) if (path := folder / project_name()).is_file()), None)


def files() -> tuple[Path, ...]:
    """The files that exist, by precedence."""
    paths = [path for path in (project(), own()) if path is not None]
    return tuple(path for path in dict.fromkeys(paths) if path.is_file())


class _Members:
    """The functions of a file, each decoded on first use."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines: dict[str, Any] = {}
        lines = text.split("\n")
        if lines[0] == _FIRST:
            for line in lines[1:]:
                name, colon, rest = line.partition('": ')
                if colon and line.startswith('"'):
                    self._lines[name[1:]] = rest
        else:
            self._lines = dict(self._whole(text))
        if len(self._lines) > MOST:
            raise ConfigError(f"{path} has more than {MOST:,} functions: remove some")

    def _whole(self, text: str) -> Mapping[str, Any]:
        """The members of a file that does not have one member a line."""
        document = _decoded(text, self._path, "it")
        functions = document.get("functions") if isinstance(document, dict) else None
        if not isinstance(functions, dict) or document.get("format") != _FORMAT:
            raise ConfigError(
                f'{self._path} is no file of added {ADDED}: {{"format": {_FORMAT}, "functions": {{…}}}} is one;'
                " put it right, or move it away"
            )
        return functions

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def get(self, name: str) -> Added | None:
        entry = self._lines.get(name)
        if entry is None:
            return None
        if isinstance(entry, str):
            entry = _decoded(entry.removesuffix(","), self._path, name)
        return _checked(name, entry, self._path)


def _decoded(text: str, path: Path, what: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise ConfigError(f"{path}: {what} is nested too deeply: put it right, or move the file away") from None
    except ValueError as error:
        raise ConfigError(f"{path}: {what} is not JSON: {error}: put it right, or move the file away") from None


def _members(path: Path) -> _Members:
    """What a file holds. ConfigError where it is another user's, too large or no such file."""
    try:
        status = _state_of(path)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from None
    return _read(path, status)


def _state_of(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return (status.st_mtime_ns, status.st_size, status.st_mode, status.st_uid, status.st_ino)


def state() -> tuple[object, ...]:
    """A value that changes whenever one of the files does."""
    states: list[object] = []
    for path in files():
        with suppress(OSError):
            states.append((path, _state_of(path)))
    return tuple(states)


@lru_cache(maxsize=4)
def _read(path: Path, _state: tuple[int, ...]) -> _Members:
    try:
        content, status = disk.read(path, LARGEST)
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text: put it right, or move it away") from None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from None
    if os.name == "posix":
        if status.st_uid not in (0, os.geteuid()):
            raise ConfigError(
                f"{path} belongs to user {status.st_uid} and is not read: copy it, or chown it to yourself"
            )
        if status.st_mode & stat.S_IWOTH:
            raise ConfigError(f"anybody may change {path}, and it is not read: chmod o-w {path}")
    return _Members(path, text)


def _checked(name: str, kept: Any, path: Path) -> Added:
    """The function of a member of the file. ConfigError where it is not a valid one."""

    def wrong(what: str) -> ConfigError:
        return ConfigError(f"{path}: {name[:80]}: {what}: add it again, or take it out")

    if name != spelled(name):
        raise wrong("is not spelled as a name: small letters, digits and single underscores")
    if not isinstance(kept, Mapping) or not all(isinstance(kept.get(key), str) for key in _FACTS):
        raise wrong(f"it has no {', '.join(_FACTS)}, each a text")
    base, fixed, argument = all_functions().get(kept["base"]), kept.get("fixed"), kept["argument"]
    if base is None or not base.job or base.derived is not None:
        raise wrong(f"no function that starts a job is called {kept['base'][:80]!r}")
    if argument not in base.arguments:
        raise wrong(f"{base.name} has no argument {argument[:80]!r}")
    named = set(base.required) - {argument}
    if not isinstance(fixed, Mapping) or set(fixed) != named or not all(isinstance(v, str) for v in fixed.values()):
        raise wrong(f"`fixed` gives {', '.join(sorted(named))}, each a text, and nothing else")
    input_schema, notes = refining.inputs(kept.get("input_schema"))
    gives, more = refining.output(kept.get("output_schema"))
    return Added(
        name=name,
        **{key: kept[key] for key in _FACTS},
        fixed=dict(fixed),
        input_schema=input_schema,
        output_schema=gives,
        description=next(iter(_texts([kept.get("description")])), ""),
        notes=tuple(dict.fromkeys((*_texts(kept.get("notes")), *notes, *more)))[: refining.MOST_NOTES],
        place=path,
    )


def _texts(value: Any) -> list[str]:
    return [text[: refining.LONGEST_TEXT] for text in value if isinstance(text, str)] if isinstance(value, list) else []


# ── Looked up ─────────────────────────────────────────────────────────────────────────────────────────


def kept() -> Iterator[Added]:
    """All added functions, those of the project first; the first of two with the same name. ConfigError where one
    cannot be read."""
    seen: set[str] = set()
    for path in files():
        members = _members(path)
        for name in members:
            if name not in seen and (entry := members.get(name)) is not None:
                seen.add(name)
                yield entry


def one(text: str) -> Added | None:
    """The function that a text names, by any of its names or by its reference; None where there is none."""
    group, name = _plain(text)
    for path in files():
        members = _members(path)
        if (entry := members.get(name)) is not None:
            return entry if group in ("", _group(entry)) else None
    if "/" not in text:
        return None
    return next((each for each in kept() if text in (each.source, each.source.partition(":")[0])), None)


def _plain(text: str) -> tuple[str, str]:
    """The group and the name that an alias stands for; the group is empty where it has none."""
    text = text.removeprefix(f"{about.NAME}.")
    group, _, name = text.rpartition(".")
    name = name.removeprefix(f"{about.NAME}_").replace("-", "_")
    return ("", name) if group in ("", ADDED) else (group, name)


def _group(entry: Added) -> str:
    owner, slash, _ = entry.source.partition("/")
    return f"{ADDED}.{spelled(owner)}" if slash else ADDED


def function(text: str) -> FunctionInfo | None:
    """The function that a text names; None where none does."""
    entry = one(text)
    return info_of(entry) if entry is not None else None


def functions() -> dict[str, FunctionInfo]:
    """All of them by the names of their functions."""
    infos = (info_of(each) for each in kept())
    return {info.name: info for info in infos}


def looked_up(text: str) -> tuple[FunctionInfo | None, dict[str, str], str]:
    """The function that a text names; else the names of all others by alias, or why they cannot be read."""
    try:
        info = function(text)
        names = [name for path in files() for name in _members(path)] if info is None else []
    except ConfigError as error:
        return None, {}, str(error)
    full = {name: f"{about.NAME}_{name}" for name in names}
    return info, {**full, **{f"{ADDED}.{name}": whole for name, whole in full.items()}}, ""


def words() -> dict[str, str]:
    """Command -> summary; empty where the files cannot be read."""
    try:
        return {word(each.name): each.summary for each in kept()}
    except ConfigError:
        return {}


def info_of(entry: Added) -> FunctionInfo:
    """The function, with the permissions of its base, whatever the file says.

    Its description is the one the generator would make from the same schema.
    """
    base, name, group = all_functions()[entry.base], entry.name, _group(entry)
    aliases = (name, f"{about.NAME}.{name}", f"{about.NAME}.{about.NAME}_{name}", word(name), entry.source)
    properties = entry.input_schema.get("properties", {})
    return replace(
        base,
        name=f"{about.NAME}_{name}",
        aliases=tuple(dict.fromkeys((*aliases, f"{ADDED}.{name}", f"{group}.{name}"))),
        group=group,
        verb=name,
        title=entry.source.partition(":")[0],
        summary=entry.summary or f"Runs {entry.source}.",
        description="\n".join((*([entry.description] if entry.description else []), *entry.notes)),
        keywords=(entry.source,),
        arguments=tuple(properties),
        required=tuple(entry.input_schema.get("required", ())),
        result=f"output of {name}",
        result_kind="text" if is_joined(entry.output_schema) else "json",
        result_media_type="",
        stream="",
        page=None,
        files_in=tuple(key for key, part in properties.items() if holds_file(part)),
        files_out=("",) if holds_file(entry.output_schema) else (),
        deprecated=False,
        deprecation="",
        derived={
            "base": entry.base,
            "fixed": entry.fixed,
            "argument": entry.argument,
            "follow": True,
            "version": entry.version,
            "source": entry.source,
        },
        own_schemas={"input_schema": entry.input_schema, "output_schema": entry.output_schema},
    )


def made(name: str, source: str, run: Run) -> Added:
    """The function to keep under a name, for a reference that an extension has resolved."""
    from .sentences import first_sentence, folded

    input_schema, notes = refining.inputs(run.schema, {})
    gives, more = refining.output(run.output, {})
    description = folded(run.summary[: refining.LONGEST_TEXT])
    summary = first_sentence(run.summary[: refining.LONGEST_TEXT])
    return Added(
        name=name,
        source=source,
        base=run.function,
        fixed=dict(run.arguments),
        argument=run.input,
        version=run.version,
        summary=summary,
        input_schema=input_schema,
        output_schema=gives,
        description=description if description != summary else "",
        notes=tuple(dict.fromkeys((*notes, *more))),
    )


# ── Written ───────────────────────────────────────────────────────────────────────────────────────────


def changed(path: Path, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """Replaces the functions of a file in one step, under a lock; creates the file where there is none.

    change: current functions -> new ones.

    Raises ConfigError where the file cannot be read or written, or would be too large.
    """
    from ..runtime import private

    with private.locked(own()):
        entries = change({each: _kept_of(path, each) for each in _members(path)} if path.is_file() else {})
        lines = [
            f"{json.dumps(name)}: {json.dumps(entry, ensure_ascii=False)}" for name, entry in sorted(entries.items())
        ]
        content = "\n".join((_FIRST, ",\n".join(lines), "}}\n")).encode("utf-8", "backslashreplace")
        if len(content) > LARGEST or len(entries) > MOST:
            raise ConfigError(f"{path} would have more than {LARGEST:,} bytes or {MOST:,} functions: remove some")
        place = Path(os.path.realpath(path))
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with disk.Part(place.parent) as part:
                part.file.write(content)
                part.place(place, replace=True)
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from None


def _kept_of(path: Path, name: str) -> dict[str, Any]:
    entry = _members(path).get(name)
    assert entry is not None, "its name came from the same file"
    return entry.to_dict()
