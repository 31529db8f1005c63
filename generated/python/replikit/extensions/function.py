"""A model as a function, with the signature and the docstring that its own schema gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..functions.derived import secret
from ..functions.marks import secrets_of, unsaid
from ..functions.refining import inputs
from ..functions.validate import check
from ..runtime.errors import ArgumentError
from ..runtime.files import plain
from ..runtime.signatures import (
    annotation,
    checked,
    docstring,
    resolved,
    signature,
    with_files,
)
from .run import RunOptions


class AnyFunction:
    """What a model takes and gives, and how it is run."""

    def __init__(self, ref: str, version: Mapping[str, Any], about: str, options: RunOptions, file: type[Any]) -> None:
        document = version.get("openapi_schema")
        self.schema: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
        """The OpenAPI document of the version."""
        self.version = str(version.get("id") or "")
        """The id of the version."""
        self._ref = ref
        self._options = options
        self._input, _ = inputs({"$ref": "#/components/schemas/Input"}, self.schema)
        self._output = resolved({"$ref": "#/components/schemas/Output"}, self.schema)
        self._check = checked(self._input)
        self._secrets = secrets_of(self._input)
        self._joined = self._output.get("x-cog-array-display") == "concatenate"
        gives = str if self._joined else annotation(self._output, file=file)
        self.__name__ = self.__qualname__ = ref.rpartition("/")[2].partition(":")[0].replace("-", "_")
        self.__doc__ = docstring(self._input, about)
        self.__signature__ = signature(self._input, gives)

    def __repr__(self) -> str:
        return f"<{self._ref}{self.__signature__}>"

    def _checked(self, input: Mapping[str, Any]) -> Mapping[str, Any]:
        # A number of numpy is none to the schema, though it is sent as one.
        input = {
            name: [plain(item) for item in value] if isinstance(value, list) else plain(value)
            for name, value in input.items()
        }
        problem = unsaid(check(input, self._check), self._input)
        if problem is not None:
            raise ArgumentError(problem.parameter or "input", problem.message)
        return {name: secret(value) if name in self._secrets else value for name, value in input.items()}

    def _shaped(self, value: Any, file: Callable[[str], Any]) -> Any:
        if self._joined and isinstance(value, list) and all(isinstance(item, str) for item in value):
            return "".join(value)
        return with_files(value, self._output, file)
