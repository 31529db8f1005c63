"""The public calls of the official client, printed one a line; run in a virtual environment that holds it."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any

import replicate  # type: ignore[import-not-found,unused-ignore]

OBJECTS = (
    "Prediction", "Training", "Model", "Versions", "DeploymentPredictions", "FileOutput", "Function", "Run", "BaseSyncPage",
)  # fmt: skip
"""What calls answer with, and has calls of its own."""
_FROM_PYDANTIC = {"model_post_init", "to_dict", "to_json", "construct"}


def methods(found: Any, path: str, depth: int = 0) -> Iterator[str]:
    """The methods of a client and of what hangs on it."""
    for name in sorted(set(dir(found))):
        if name.startswith(("_", "with_raw", "with_streaming", "qs", "timeout")) or depth > 4:
            continue
        value = getattr(found, name, None)
        if inspect.ismethod(value) or inspect.isfunction(value):
            yield f"{path}.{name}"
        elif type(value).__module__.startswith("replicate."):
            yield from methods(value, f"{path}.{name}", depth + 1)


def objects() -> Iterator[str]:
    """The methods of what calls answer with."""
    found = [module.name for module in pkgutil.walk_packages(replicate.__path__, "replicate.")]
    # A folder without __init__, which no walk finds.
    for module in [*found, "replicate.lib._files", "replicate.lib._predictions_use"]:
        if module.startswith(("replicate.resources", "replicate._models")):
            continue
        try:
            loaded = importlib.import_module(module)
        except ImportError:  # needs what is not installed with it
            continue
        for name, cls in list(vars(loaded).items()):
            if name in OBJECTS and inspect.isclass(cls) and cls.__module__ in (module, "replicate"):
                members = [
                    (kind, getattr(value, "fget", getattr(value, "func", value)))
                    for kind, value in list(vars(cls).items())
                ]
                yield from (f"{name}.{kind}" for kind, value in members if kind[0] != "_" and inspect.isfunction(value))


def main() -> None:
    """Both, sorted, without what they inherit from pydantic."""
    made = replicate.Client(**({"api_token": "x"} if hasattr(replicate, "prediction") else {"bearer_token": "x"}))
    for name in sorted({*methods(made, "client"), *objects()}):
        if name.rpartition(".")[2] not in _FROM_PYDANTIC:
            print(name)


if __name__ == "__main__":
    main()
