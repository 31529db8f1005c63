"""What a call costs, as far as that is known before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..functions import FunctionInfo


def cost(info: FunctionInfo, arguments: Mapping[str, Any], hide: Callable[[str], str]) -> str:
    """What a run costs by the prices that the user keeps; empty where they keep none for what the arguments name."""
    if info.job is None:
        return ""
    from ..runtime import prices
    from ..runtime.errors import ConfigError

    try:
        known = prices.read()
    except ConfigError:
        return ""
    fixed = (info.derived or {}).get("fixed") or {}
    texts = [value for value in {**fixed, **arguments}.values() if isinstance(value, str)]
    path = [str(arguments[name]) for name in info.arguments if f"{{{name}}}" in info.path and name in arguments]
    for name in ["/".join(path), *texts, *(text.partition(":")[0] for text in texts)]:
        if (price := known.price(name)) is not None:
            return hide(f"{prices.plain(price)} for each second that {name} runs")
    return ""
