"""`gateway`: many APIs behind one server and one command line, for no API in particular.

What serves is a package as any other, rendered from a document without operations and kept; so is the package of a
document that a gateway is to serve. Both stand in the user's cache, in a folder named by the digest of all that
decides them, where nobody else may write: what is there is run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from . import caching, pipeline
from .choices import inputs_of, settings_of
from .errors import SpecError
from .inputs import Inputs, digest

SURFACES = ("python", "cli", "mcp", "lua")
"""Those that a member needs: the CLI, too, by which its user logs in."""
PACKAGE = "gateway_kit"
_DOCUMENT = {"openapi": "3.1.0", "info": {"title": "Gateway", "version": "0.1.0"}, "paths": {}}
_NEEDED = ("click", "httpx", "jsonschema_rs", "lupa", "mcp", "yaml")
_KEPT = 40
"""Packages that are kept, those used last."""


def run(words: Sequence[str], *, called: str, alone: bool = False) -> int:
    """Runs a command of the gateway's own; its exit code.

    called: what the user calls this program by. alone: this process is there for nothing else.
    """
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        what = (
            f"it needs additional packages ({', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed)"
        )
        raise SpecError("gateway", what, "pip install 'surfacegen[gateway]'")
    folder = _rendered(Inputs(_document()))
    own = Path(__file__).resolve().parent
    start = f"import sys; sys.path.insert(0, {str(own.parent)!r}); from {own.name}.cli import main; sys.exit(main())"
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(folder / "python"), os.environ.get("PYTHONPATH")))),
        # As the package reads them: cli/app.py, gateway/plan.py and gateway/command.py in it.
        "SURFACEGEN_RENDER": json.dumps([sys.executable, "-c", start]),
        "SURFACEGEN_CALLED": called,
        "SURFACEGEN_PROGRAM": json.dumps(_program(start)),
    }
    command = [sys.executable, "-P", "-m", PACKAGE, "gateway", *words]
    if alone and os.name == "posix":
        sys.stdout.flush()
        os.execve(sys.executable, command, environment)
    return subprocess.run(command, env=environment, check=False).returncode


def package(options: argparse.Namespace) -> int:
    """Prints the folder of a document's package, which is rendered where it is not there."""
    print(_rendered(inputs_of(options, settings_of(options))))
    return 0


def _program(start: str) -> list[str]:
    """What a host's configuration starts a gateway with."""
    program = shutil.which("surfacegen")
    return [program, "gateway"] if program else [sys.executable, "-c", start, "gateway"]


def _document() -> Path:
    path = caching.folder("gateway") / "gateway.json"
    text = json.dumps(_DOCUMENT)
    if not path.is_file() or path.read_text("utf-8") != text:
        part = path.with_name(f".{os.getpid()}.part")
        part.write_text(text, "utf-8")
        part.replace(path)
    return path


def _rendered(inputs: Inputs) -> Path:
    """The folder that holds a document's package."""
    parts = digest(inputs, (), SURFACES)
    place = inputs.url or str(inputs.openapi.resolve())
    key = hashlib.sha256(json.dumps([place, parts], sort_keys=True).encode()).hexdigest()[:32]
    cache = caching.folder("gateway")
    folder = cache / key
    if not folder.is_dir():
        part = cache / f".{key}.{os.getpid()}"
        try:
            pipeline.generate(inputs, part, SURFACES)
            try:
                part.rename(folder)
            except OSError:
                if not folder.is_dir():  # another one was quicker
                    raise
        finally:
            shutil.rmtree(part, ignore_errors=True)
        _forget(cache)
    else:
        # What the document refers to may have changed; where it has not, this compares digests alone.
        pipeline.generate(inputs, folder, SURFACES)
    os.utime(folder)
    return folder


def _forget(cache: Path) -> None:
    """Removes the packages that were not used for longest, beyond their number."""
    kept = sorted((each for each in cache.iterdir() if each.is_dir()), key=lambda each: -each.stat().st_mtime)
    for each in kept[_KEPT:]:
        shutil.rmtree(each, ignore_errors=True)
