"""The package as a whole: its distribution, its README, and what can be imported from it."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Api
from ..names import words
from ..text import Code, prose, python_docstring, python_literal, toml_literal
from .prose import plain
from .python_names import attributes, client_class, package_name


@dataclass(frozen=True)
class Export:
    """A name that the package offers, and the module that defines it; none for the package's own modules."""

    name: Code
    module: Code


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
    exports: tuple[Export, ...]
    modules: Code
    """The modules that can be reached from the package."""
    imports: tuple[Code, ...]


def package(api: Api) -> PackageView:
    read = [f for f in api.functions if f.access == "read" and f.group and not any(p.required for p in f.params)]
    sample = "client"
    if read:
        group = next(g for g in api.groups if g.key == read[0].group)
        sample = f"client.{attributes(group.path, read[0].verb)}()"
    modules = ("params", "types", *(["webhooks"] if api.webhooks else []))
    homes = _homes(str(client_class(api)))
    return PackageView(
        package=Code(package_name(api)),
        distribution=toml_literal("-".join(words(api.package))),
        command=Code("-".join(words(api.command))),
        version=toml_literal(api.version),
        summary=toml_literal(prose(api.summary) or api.title),
        homepage=toml_literal(api.homepage),
        title=plain(api.title),
        client=client_class(api),
        doc=python_docstring(prose(api.summary) or api.title),
        token_env=Code("_".join(words(api.token_env)).upper()) if api.token_env else Code(""),
        sample=Code(sample),
        exports=_exports(homes, modules),
        modules=Code(", ".join(modules)),
        imports=tuple(Code(f"from {module} import {', '.join(names)}") for module, names in homes.items()),
    )


_EXPORTS = {
    ".runtime.errors": (
        *("ApiConnectionError", "ApiError", "ApiTimeoutError", "ArgumentError", "AuthenticationError"),
        *("BadRequestError", "ConfigError", "ConflictError", "ContentTooLargeError", "Error", "GoneError", "JobError"),
        *("JobTimeoutError", "NotFoundError", "PaymentRequiredError", "PermissionDeniedError", "RateLimitError"),
        *("ResponseError", "ServerError", "UnprocessableEntityError", "WebhookError"),
    ),
    ".runtime.outputs": ("AsyncFileOutput", "FileOutput"),
    ".runtime.pages": ("AsyncPage", "Page"),
    ".runtime.requests": ("OMIT",),
    ".runtime.response": ("AsyncStreamedResponse", "RawResponse", "StreamedResponse"),
    ".runtime.retries": ("RetryPolicy",),
}
"""Where what the package offers is defined: nothing of it is imported before it is asked for."""


def _homes(client: str) -> dict[str, tuple[str, ...]]:
    return {".client": (f"Async{client}", client), **_EXPORTS}


def _exports(homes: dict[str, tuple[str, ...]], modules: tuple[str, ...]) -> tuple[Export, ...]:
    """Sorted as linters want it: constants, classes, the rest."""
    found = [(name, module) for module, names in homes.items() for name in names]
    found += [(name, "") for name in (*modules, "__version__")]
    found.sort(key=lambda pair: (not pair[0].isupper(), not pair[0][:1].isupper(), pair[0]))
    return tuple(Export(python_literal(name), python_literal(module)) for name, module in found)
