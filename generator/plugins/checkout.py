"""The modules of this package under the name of the distribution, where it runs from a checkout under another."""

from __future__ import annotations

import importlib.util
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Checkout(MetaPathFinder, Loader):
    """Gives what is imported as `public`, and below it, from the package `real`."""

    def __init__(self, public: str, real: str) -> None:
        self._public, self._real = public, real
        self._kept: dict[str, Any] = {}

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if fullname != self._public and not fullname.startswith(f"{self._public}."):
            return None
        result = importlib.util.find_spec(self._real + fullname.removeprefix(self._public))
        return ModuleSpec(fullname, self, is_package=True) if result is not None else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        result = importlib.import_module(self._real + spec.name.removeprefix(self._public))
        kept = ("__spec__", "__loader__", "__package__", "__path__")
        self._kept = {name: getattr(result, name) for name in kept if hasattr(result, name)}
        return result

    def exec_module(self, module: ModuleType) -> None:
        for name, value in self._kept.items():  # the import system has written those of the alias
            setattr(module, name, value)
