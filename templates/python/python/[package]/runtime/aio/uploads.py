"""Files inside JSON arguments, uploaded where they are large."""

from __future__ import annotations

from .. import files
from ..calls import Arguments
from ..operation import Operation
from ..uploads import Plan
from .calls import AsyncCalls


async def placed(client: AsyncCalls, operation: Operation, arguments: Arguments) -> Arguments:
    """The arguments with a URL in place of each file; files too large for a `data:` URL are uploaded."""
    if not any(files.holds(arguments.get(name)) for name in operation.files):
        return arguments
    plan = Plan(operation, arguments)
    for place, key in plan.waiting:
        plan.uploaded(place, key, await client._call(plan.operation, plan.call(key)))
    return plan.arguments()
