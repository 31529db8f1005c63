"""Why a folder is not as the generator makes it, file by file, and the command that mends it.

The manifest holds the digest of each file as it was made and of each part it was made from: a file that is not what
the manifest says was edited by hand; one that is was made from parts that have changed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from .comparison import Drift
from .manifest import DOCUMENT, MANIFEST, SURFACE, Manifest, untouched


def explain(
    drift: Iterable[Drift], out: Path, former: Manifest, origins: Mapping[str, str], now: Mapping[str, str], again: str
) -> tuple[Drift, ...]:
    """The same drift, each file with its cause and remedy.

    origins: path -> the template or extension that makes it. now: what the parts are today.
    again: the command that makes the output.
    """
    return tuple(_explained(each, out, former, origins, now, f"run `{again}`") for each in drift)


def _explained(
    each: Drift, out: Path, former: Manifest, origins: Mapping[str, str], now: Mapping[str, str], run: str
) -> Drift:
    surface = next((name for name, made in former.surfaces.items() if each.path in made.files), "")
    claimed = former.files.get(each.path)
    origin = origins.get(each.path, "")
    if each.path == MANIFEST:
        found = _changed(each, "", "", _any(former), now, run)
        reason = "does not name the files that are made today"
        return replace(found, cause="manifest", reason=reason) if found.cause == "unknown" else found
    if each.kind == "missing" and claimed is not None:
        return replace(each, cause="hand edit", reason="removed since it was made", remedy=f"{run} to have it back")
    if claimed is not None and each.kind != "missing" and not untouched(out, {each.path: claimed}):
        keep = f"move the edit into {_source(origin)}" if origin else "move it out of this folder"
        return replace(each, cause="hand edit", reason="edited since it was made", remedy=f"{keep}, then {run}")
    if each.kind == "extra" and claimed is None:
        return replace(each, cause="foreign", reason="not made by surfacegen", remedy="move it out of this folder")
    made_from = former.surfaces[surface].inputs if surface else _any(former)
    return _changed(each, origin, surface, made_from, now, run)


def _any(former: Manifest) -> Mapping[str, str]:
    """What the folder was made from, for a file that is in no surface of it yet."""
    return {part: sha for made in former.surfaces.values() for part, sha in made.inputs.items()}


def _changed(
    each: Drift, origin: str, surface: str, before: Mapping[str, str], now: Mapping[str, str], run: str
) -> Drift:
    """The parts that changed and that this file can come from; a template of another surface is not one."""
    if not before:
        return replace(each, cause="first run", reason="nothing was made here yet", remedy=run)
    own = origin.removeprefix("layers/").removeprefix(SURFACE).partition("/")[0] or surface
    parts = [
        part
        for part in sorted({*before, *now})
        if before.get(part) != now.get(part)
        and (not part.startswith(("templates/", "layers/")) or not own or part.endswith(f"/{own}"))
        and (not part.startswith(SURFACE) or part == f"{SURFACE}{surface or own}")
    ]
    if origin and not origin.endswith(".jinja"):  # a copy: it comes from one place
        source = "extensions" if own == "extensions" else f"templates/{own}"
        if origin.startswith(("layers/", SURFACE)):
            source = "/".join(origin.split("/")[:2])
        parts = [part for part in parts if part == source] or parts
    causes = [part.partition("/")[0].removesuffix("s" * (part[:9] == "templates")) for part in parts]
    if not causes:
        return replace(
            each,
            cause="unknown",
            reason="made from the same parts, and yet other bytes",
            remedy=f"{run} and review what moved",
        )
    shown = ", ".join(_source(part) for part in parts)
    return replace(
        each,
        cause=" and ".join(dict.fromkeys(causes)),
        reason=f"{shown} changed since it was made",
        remedy=f"{run} and review what moved",
    )


def _source(part: str) -> str:
    """A part or an origin as a path that a maintainer can open."""
    named = {
        "auth": "the option --auth",
        "document": "the document",
        "overlays": "the overlays",
        "catalog": "the catalog",
        "bounds": "the bounds in the environment",
        "extensions": "the folder of extensions",
        "history": "the history of releases",
        "settings": "the settings",
    }
    if part in named:
        return named[part]
    if part.startswith(DOCUMENT):
        return part.removeprefix(DOCUMENT)
    if part.startswith("extensions/"):
        return part
    if part.startswith("layers/"):
        return f"{part.removeprefix('layers/')} of your templates"
    if part.startswith(SURFACE):
        return f"the surface {part.removeprefix(SURFACE).partition('/')[0]}"
    if part.startswith(("templates/", "generator", "openapi/")):
        return part
    return f"templates/{part}"
