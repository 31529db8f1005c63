"""Views of objects that have functions of their own, and those functions: what names the object is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .calls import AsyncResource, Resource
from .errors import Error
from .views import View


class Owner(View):
    """An object that has all that the functions about it ask for."""

    __slots__ = ()

    _arguments: ClassVar[Mapping[str, str]]
    """Argument -> the field that holds it."""

    def _named(self) -> dict[str, Any]:
        """The arguments that name it. Raises Error where it came without one of them."""
        found = {argument: self._data.get(field) for argument, field in self._arguments.items()}
        for argument, field in self._arguments.items():
            if found[argument] is None:
                raise Error(f"this {type(self).__name__} came without {field!r}, which names it")
        return found


class BoundResource(Resource):
    """Functions about one object."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner._bound())
        self._owner = owner._named()


class AsyncBoundResource(AsyncResource):
    """Functions about one object, awaited."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner._bound())
        self._owner = owner._named()
