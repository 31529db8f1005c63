"""Views of objects with functions of their own, whose path arguments are filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .errors import Error
from .views import View


class Owner(View):
    """An object that has the arguments of the functions about it."""

    __slots__ = ()

    _arguments: ClassVar[Mapping[str, str]]
    """Argument -> the field that holds it."""

    def _named(self) -> dict[str, Any]:
        """The arguments that identify it. Raises Error where the answer lacked one of them."""
        arguments = {argument: self._data.get(field) for argument, field in self._arguments.items()}
        for argument, field in self._arguments.items():
            if arguments[argument] is None:
                raise Error(f"this {type(self).__name__} came without {field!r}, which names it")
        return arguments
