"""The package as a whole: its distribution, its README, and what can be imported from it."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Api
from ..names import Words, words
from ..text import Code, markdown, prose, python_docstring, python_literal, toml_literal
from .python_names import MEMBER, client_class, package_name


@dataclass(frozen=True)
class PackageView:
    """The package as a whole: its distribution, README and first module."""

    package: Code
    distribution: Code
    command: Code
    version: Code
    summary: Code
    homepage: Code
    title: Code
    client: Code
    doc: Code
    token_env: Code
    sample: Code
    exports: tuple[Code, ...]


def package(api: Api) -> PackageView:
    read = [f for f in api.functions if f.access == "read" and f.group and not any(p.required for p in f.params)]
    sample = "client"
    if read:
        group = next(g for g in api.groups if g.key == read[0].group)
        steps: list[Words] = [*group.path, read[0].verb]
        sample = ".".join(["client", *(str(MEMBER.spell(step)) for step in steps)]) + "()"
    return PackageView(
        package=Code(package_name(api)),
        distribution=toml_literal("-".join(words(api.package))),
        command=Code("-".join(words(api.command))),
        version=toml_literal(api.version),
        summary=toml_literal(prose(api.summary) or api.title),
        homepage=toml_literal(api.homepage),
        title=markdown(prose(api.title)),
        client=client_class(api),
        doc=python_docstring(prose(api.summary) or api.title),
        token_env=Code("_".join(words(api.token_env)).upper()) if api.token_env else Code(""),
        sample=Code(sample),
        exports=_exports(str(client_class(api))),
    )


_EXPORTS = [
    "OMIT",
    "ApiConnectionError",
    "ApiError",
    "ApiTimeoutError",
    "ArgumentError",
    "AsyncPage",
    "AuthenticationError",
    "BadRequestError",
    "ConfigError",
    "ConflictError",
    "Error",
    "NotFoundError",
    "Page",
    "PermissionDeniedError",
    "RateLimitError",
    "ResponseError",
    "ServerError",
    "UnprocessableEntityError",
    "__version__",
    "types",
]


def _exports(client: str) -> tuple[Code, ...]:
    """What the package offers, sorted as linters want it: constants, classes, the rest."""
    found = sorted({*_EXPORTS, client, f"Async{client}"}, key=lambda name: (not name.isupper(), name))
    classes = [name for name in found if name[:1].isupper()]
    return tuple(python_literal(name) for name in [*classes, *(name for name in found if name not in classes)])
