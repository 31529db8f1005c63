"""What lint finds and nobody needs to think about, mended by actions at the end of an overlay; the document stays as it is.

lint ── fixes ── append ── lint ── … ── write
                 in a copy   until nothing more can be mended      the file, once
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import review
from ..check.advised import Advice
from ..errors import SpecError
from ..inputs import Inputs
from ..read import overlay
from ..read.files import text as read_text
from ..read.source import Source, parse

NAME = "lint.overlay.yaml"
"""What the overlay is called that is written where none is named."""
MARK = "x-surfacegen-lint"
"""The field of an action that names the rule for which it was written."""
_ROUNDS = 25
"""A component that only an unused one uses is unused in the next round."""
_BLOCK = re.compile(r"( *)- +")
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029]")


@dataclass(frozen=True)
class Fixed:
    """What was mended, and what is left."""

    mended: tuple[Advice, ...]
    left: tuple[Advice, ...]


def fix(inputs: Inputs, path: Path, ignored: Collection[str] = ()) -> Fixed:
    """Appends what mends the document to the overlay at a path. SpecError where that cannot be, and nothing is written.

    ignored: rules that are not looked at. The overlay is applied after those of the inputs, unless it is one of them.
    """
    there = path.is_file()
    before = read_text(path, str(path)) if there else ""
    if there:
        overlay.of(parse(before, str(path), path))
    written = before
    mended: list[Advice] = []
    broken: int | None = None
    kept = False
    with tempfile.TemporaryDirectory(prefix="surfacegen-") as folder:
        copy = Path(folder) / path.name
        for _ in range(_ROUNDS):
            copy.write_text(written, "utf-8")
            result = review.lint(_with(inputs, path, copy if written else None))
            errors = sum(each.rule == "spec" for each in result)
            if broken is not None and errors > broken and not kept:
                # The catalog names what was removed: nothing is removed, then.
                written, mended, broken, kept = before, [], None, True
                continue
            broken = errors
            todo = [each for each in result if each.fix is not None and each.rule not in ignored]
            todo = [each for each in todo if not (kept and _removes(each))]
            if not todo:
                break
            # What is removed from a list moves what stands behind it: the last goes first.
            todo = [
                *(each for each in todo if not _removes(each)),
                *(each for each in reversed(todo) if _removes(each)),
            ]
            written = _appended(written, path, [_action(each) for each in todo])
            mended += todo
    if written != before:
        _write(path, written)
    return Fixed(tuple(mended), tuple(each for each in result if each.rule not in ignored))


def _with(inputs: Inputs, path: Path, copy: Path | None) -> Inputs:
    here = path.resolve()
    others = [each for each in inputs.overlays if each.resolve() != here]
    if len(others) == len(inputs.overlays) or copy is None:
        return replace(inputs, overlays=(*others, *([copy] if copy else [])))
    return replace(inputs, overlays=tuple(copy if each.resolve() == here else each for each in inputs.overlays))


def _removes(advice: Advice) -> bool:
    return advice.fix is not None and advice.fix.remove


def _action(advice: Advice) -> dict[str, Any]:
    fix = advice.fix
    assert fix is not None
    change = {"remove": True} if fix.remove else {"update": fix.update}
    return {"target": fix.target, "description": advice.finding.what, **change, MARK: advice.rule}


def _appended(written: str, path: Path, actions: list[dict[str, Any]]) -> str:
    """The text of an overlay with these actions at its end; what stands there stays as it is, letter by letter."""
    if not written:
        info = {"title": "Fixes by surfacegen lint", "version": "1.0.0"}
        if path.suffix == ".json":
            return (
                json.dumps({"overlay": "1.1.0", "info": info, "actions": actions}, indent=2, ensure_ascii=False) + "\n"
            )
        head = f"overlay: 1.1.0\ninfo:\n  title: {info['title']}\n  version: {info['version']}\nactions:\n"
        return head + _block(actions, "  ")
    source = parse(written, str(path), path)
    overlay.of(source)
    whole: dict[str, Any] = {**source.value, "actions": [*source.value["actions"], *actions]}
    if written.lstrip()[:1] == "{":
        made = json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    else:
        made = written + ("" if written.endswith("\n") else "\n") + _block(actions, _indent(source))
    try:
        fits = parse(made, str(path), path).value == whole
    except SpecError:
        fits = False
    if not fits:
        hint = "write `actions` last in it, each action on lines of its own; or name another file with --fix"
        raise SpecError(str(path), "cannot be appended to", hint)
    return made


def _block(actions: list[dict[str, Any]], indent: str) -> str:
    lines = []
    for action in actions:
        first, *others = [f"{key}: {_flow(value)}" for key, value in action.items()]
        lines += [f"{indent}- {first}", *(f"{indent}  {other}" for other in others)]
    return "\n".join(lines) + "\n"


def _flow(value: Any) -> str:
    """A value in one line of YAML."""
    written = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda result: f"\\U{ord(result[0]):08x}", written)


def _indent(source: Source) -> str:
    """What stands before the dash of the first action."""
    place = source.place("/actions/0")
    line = source.text.splitlines()[place.line - 1] if place.line else ""
    result = _BLOCK.match(line)
    return result[1] if result else "  "


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        hint = "make the folder writable, or name another file with --fix"
        raise SpecError(str(path), f"cannot be written: {error.strerror}", hint) from None
