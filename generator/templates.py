"""The command `templates`: names ours, and copies one out to be changed in a folder for `--templates`."""

from __future__ import annotations

import argparse
import difflib
import json
import re
from pathlib import Path

from .errors import SpecError
from .inputs import source_files
from .plugins import registry
from .read import files
from .read.patterns import TEMPLATES
from .write.rendering import SUFFIX

_BLOCK = re.compile(r"\{%-?\s*block\s+([a-z_]+)")
_COMMENTS = {
    ".py": "# {}\n",
    ".toml": "# {}\n",
    ".yml": "# {}\n",
    ".yaml": "# {}\n",
    ".lua": "-- {}\n",
    ".md": "<!-- {} -->\n",
    ".html": "<!-- {} -->\n",
    ".css": "/* {} */\n",
    ".js": "// {}\n",
    SUFFIX: "{{# {} #}}\n",
}
"""How a file says something that is no part of it; a file of another kind cannot."""


PROJECT = "project"
"""The folder of what stands above all surfaces."""


def every(surface: str = "") -> dict[str, Path]:
    """All our templates by their paths; or those of one surface, which another distribution may bring. SpecError where
    there is none of that name.
    """
    if surface and surface not in registry.OURS:
        brought = registry.load(registry.entry(surface)).templates
        listed = source_files(brought, hidden=True) if brought is not None else {}
        return {f"{surface}/{name}": place for name, place in listed.items()}
    ours = source_files(TEMPLATES, hidden=True)
    chosen = {surface} if surface else {*registry.OURS, PROJECT}
    return {name: place for name, place in ours.items() if "/" in name and name.partition("/")[0] in chosen}


def blocks(place: Path) -> list[str]:
    """The blocks of a template, in their order."""
    return _BLOCK.findall(files.text(place)) if place.name.endswith(SUFFIX) else []


def show(options: argparse.Namespace) -> int:
    """`templates list`."""
    rows = [(name, name.endswith(SUFFIX), blocks(place)) for name, place in every(options.surface or "").items()]
    if options.json:
        listed = [{"path": name, "rendered": rendered, "blocks": outcome} for name, rendered, outcome in rows]
        print(json.dumps({"templates": listed}, indent=1))
        return 0
    for name, _, result in rows:
        print(f"{name}  blocks: {', '.join(result)}" if result else name)
    return 0


def copy(options: argparse.Namespace) -> int:
    """`templates eject`."""
    target = eject(options.path, options.to)
    print(f"{target}: copied; generate with --templates {options.to}")
    return 0


def eject(path: str, folder: Path) -> Path:
    """Copies a template of ours into a folder, with a line that says from which version. SpecError where there is none
    of that path, or something stands in its place already.
    """
    surface = path.partition("/")[0]
    foreign = next((e for e in registry.installed() if e.name == surface and surface not in registry.OURS), None)
    known = every(surface if foreign is not None and not foreign.problem else "")
    if path not in known:
        near = difflib.get_close_matches(path, known, 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "`surfacegen templates list` lists all"
        raise SpecError(path[:200], "is not a template", hint)
    target = folder / path
    content = files.content(known[path])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            file.write(_headed(path, content, foreign.distribution if foreign else f"surfacegen {registry.version()}"))
    except FileExistsError:
        raise SpecError(str(target), "already exists", "move it, or choose another folder with --to") from None
    except OSError as error:
        raise SpecError(
            str(target), f"cannot be written: {error.strerror}", "choose another folder with --to"
        ) from None
    return target


def _headed(path: str, content: bytes, maker: str) -> bytes:
    form = _COMMENTS.get(Path(path).suffix)
    if form is None:
        return content
    line = form.format(f"From {maker}: templates/{path}").encode()
    first, newline, rest = content.partition(b"\n")
    # A line that a system reads stays the first one.
    return first + newline + line + rest if first.startswith((b"#!", b"<!DOCTYPE", b"<?xml")) else line + content
