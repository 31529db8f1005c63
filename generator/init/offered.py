"""Which operations a catalog has named: a list beside it, so that a block that its owner deleted is not written again."""

from __future__ import annotations

import json
from pathlib import Path

from ..ir import Api
from ..read.files import text

_HEAD = "# The operations that `surfacegen init` has written into the catalog once, each a JSON string. Keep it beside it.\n"


def read(catalog: Path) -> frozenset[str]:
    """The operations that were named; none where nothing is remembered. A line that is no text is left out."""
    place = _place(catalog)
    lines = text(place).splitlines() if place.is_file() else []
    return frozenset(result for line in lines if (result := _operation(line)))


def written(catalog: Path, api: Api) -> dict[Path, str]:
    """The list with all operations of the API, where that is another than what stands there."""
    before = read(catalog)
    after = before | {function.operation_id for function in api.functions}
    lines = "".join(f"{json.dumps(each)}\n" for each in sorted(after))
    return {_place(catalog): _HEAD + lines} if after != before else {}


def _place(catalog: Path) -> Path:
    return catalog.with_name(f"{catalog.stem}.offered")


def _operation(line: str) -> str:
    try:
        result = json.loads(line) if line.startswith('"') else ""
    except ValueError:
        return ""
    return result if isinstance(result, str) else ""
