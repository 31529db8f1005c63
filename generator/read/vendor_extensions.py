"""x"""

from __future__ import annotations

from typing import Any

from .openapi import Document, Operation
from .source import Node


def of_operation(document: Document, operation: Operation, losses: list[Any]) -> Node | None:
    """"""
    return None
