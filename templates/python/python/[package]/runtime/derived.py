"""Derived functions in Python: checks their arguments and builds the call of the base."""

from __future__ import annotations

from collections.abc import Callable, Iterable, KeysView, Mapping
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from .errors import ArgumentError
from .files import plain
from .objects import as_mapping
from .requests import OMIT

if TYPE_CHECKING:
    from ..functions.info import FunctionInfo
    from .operation import Operation

T_co = TypeVar("T_co", covariant=True)


class Outcome(Protocol[T_co]):
    """The result of one of many calls: a `Result` of a batch with a typed output."""

    @property
    def index(self) -> int:
        """The position of the call, from 0."""
        ...

    @property
    def ok(self) -> bool:
        """Whether it succeeded."""
        ...

    @property
    def output(self) -> T_co | None:
        """The output; None where it failed."""
        ...

    @property
    def error(self) -> str | None:
        """Why it failed."""
        ...

    @property
    def id(self) -> str | None:
        """The id of the job; None where none was started."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the base."""

    info: FunctionInfo
    operation: Operation
    arguments: Mapping[str, Any]
    timeout: float | None
    """Seconds to wait for its job."""

    def output(self, state: Any, file: Callable[[str], Any]) -> Any:
        """The output of a job that has ended. Raises JobError where it ended without success."""
        from ..functions import derived
        from .jobs import failure, succeeded
        from .views import at

        job = self.operation.job
        assert job is not None, f"{self.operation.name} starts no job"
        if not succeeded(job, state):
            raise failure(job, state)
        return derived.shaped(self.info, at(state, job.output), file)

    def shaped(self, output: Any, file: Callable[[str], Any]) -> Any:
        """The output of a job, as the function returns it."""
        from ..functions import derived

        return derived.shaped(self.info, output, file)


def planned(
    name: str,
    values: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    nullable: frozenset[str] = frozenset(),
) -> Call:
    """The call of the base for these arguments. Raises ArgumentError where they or the options are not valid.

    nullable: arguments for which None is a value; for the others None means that they are left out.
    """
    from ..functions import derived
    from ..functions.finding import find
    from .jobs import operation_of

    info = find(name)
    sent = {
        key: _plain(value)
        for key, value in values.items()
        if value is not OMIT and (value is not None or key in nullable)
    }
    passed = {key: value for key, value in (options or {}).items() if value is not None}
    known = (*derived.options_of(info), derived.TIMEOUT)
    for key in passed:
        if key not in known:
            raise ArgumentError("options", f"there is no option {key!r}; it is one of {', '.join(sorted(known))}")
    problem = derived.problem(info, sent, passed)
    if problem is not None:
        raise ArgumentError(problem.parameter or info.name, problem.message)
    base, arguments = derived.request(info, sent, passed)
    return Call(info, operation_of(base.name), arguments, passed.get(derived.TIMEOUT))


def keywords(method: Callable[..., Any]) -> KeysView[str] | None:
    """The keywords that a method accepts; None where it accepts any."""
    parameters = signature(method).parameters.values()
    if any(each.kind is Parameter.VAR_KEYWORD for each in parameters):
        return None
    return {each.name: True for each in parameters if each.kind is Parameter.KEYWORD_ONLY}.keys()


def unexpected(method: str, names: Iterable[str], known: KeysView[str]) -> TypeError:
    """Python's error for an unexpected keyword, with the nearest known one."""
    from ..functions.wording import nearest

    name = next(each for each in names if each not in known)
    near = nearest(name, known)
    hint = f"; did you mean {near[0]}?" if near else f"; it takes {', '.join(known) or 'none'}"
    return TypeError(f"{method}() got an unexpected keyword argument {name!r}{hint}")


def _plain(value: Any) -> Any:
    # To a schema a numpy number is not a number, though it is sent as one; a dataclass is an object.
    mapped = as_mapping(value)
    return [plain(item) for item in mapped] if isinstance(mapped, list) else plain(mapped)
