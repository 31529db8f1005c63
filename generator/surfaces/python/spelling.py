"""How Python spells what an API names, and which imports the spellings need."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ...ir import Api, Function, Group
from ...names import CLASS, OPERATION, PACKAGE, PYTHON_MODULE, FileNames, file_names, words
from ...text import Code, first_sentence, python_docstring

_NAME = re.compile(r"(?<![.\w])[A-Za-z_]\w*")
_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_LINK = re.compile(r"\[([^\[\]]+)\]\(#[^()\s]+\)")


def package_name(api: Api) -> str:
    """The import name of the package."""
    return str(PACKAGE.spell(words(api.package)))


def client_class(api: Api) -> Code:
    """The name of the synchronous client."""
    return CLASS.spell(words(api.client)) if not api.client.isidentifier() else Code(api.client)


def modules(api: Api) -> FileNames:
    """The module of each resource, by the key of its group."""
    spelled = {g.key: PYTHON_MODULE.spell(tuple(word for step in g.path for word in step)) for g in api.groups}
    return file_names(spelled, (CLIENT_MODULE,))


CLIENT_MODULE = "client_"
"""The module of the functions that belong to no group."""


def constant(function: Function) -> Code:
    """The constant of an operation."""
    return OPERATION.spell(function.words)


def resource_class(group: Group) -> Code:
    """The class of a resource, on the synchronous client."""
    return CLASS.spell(tuple(word for step in group.path for word in step))


def sentence(description: str) -> Code:
    """The first sentence of a description, for a docstring."""
    return python_docstring(unlinked(first_sentence(description)))


def unlinked(description: str) -> str:
    """Links to functions lead nowhere in a docstring: their label says it."""
    return _LINK.sub(r"`\1`", description)


COMMON = (
    ("collections.abc", ("Mapping", "Sequence")),
    ("datetime", ("date", "datetime")),
    ("functools", ("cached_property",)),
    ("typing", ("TYPE_CHECKING", "Any", "ClassVar", "Literal", "Required", "TypeAlias", "TypedDict")),
)
_IMPORTED_AS = {
    "P": "Param as P",
    "_routed": "routed as _routed",
    "_operations": "operations as _operations",
    "_types": "types as _types",
}


def imports(expressions: Iterable[str], modules: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[Code, ...]:
    """The import lines of the names that stand in these expressions; one blank line before our own modules."""
    used = {name for expression in expressions for name in _NAME.findall(_STRING.sub("", expression))}
    lines: list[Code] = []
    for module, names in modules:
        if found := [_IMPORTED_AS.get(name, name) for name in names if name in used]:
            if module.startswith(".") and lines and not lines[-1].startswith("from ."):
                lines.append(Code(""))
            lines.append(Code(f"from {module} import {', '.join(found)}"))
    return tuple(lines)
