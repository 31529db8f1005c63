"""The package as a whole: its distribution, its README, and what can be imported from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ... import names
from ...ir import Api
from ...text import Code, prose, python_docstring, python_literal, toml_literal
from ..shared import calls, security
from ..shared.licences import Owner, licence, owner
from ..shared.prose import plain
from .spelling import import_order


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
    api: Code
    """The API's name, by which gateways find the package."""
    command: Code
    version: Code
    summary: Code
    urls: tuple[Code, ...]
    """The homepage, where there is one."""
    title: Code
    client: Code
    doc: Code
    credential: Code
    """Where the client has it from; empty where it takes none."""
    authors: tuple[Code, ...]
    """Of pyproject.toml: the members of the one author; none where nobody is named."""
    license: tuple[Code, ...]
    """Its lines about the licence."""
    sample: tuple[Code, ...]
    """Lines of a first call."""
    exports: tuple[Export, ...]
    modules: Code
    """The modules that can be reached from the package."""
    imports: tuple[Code, ...]
    errors: tuple[Code, ...]
    """The imports of the module that has the errors alone."""
    error_names: tuple[Code, ...]
    shared_names: Code
    shared: tuple[Export, ...]
    """What the package has of the clients that it holds, and the expression that gives each its type."""


def package(api: Api) -> PackageView:
    modules = ("exceptions", "params", "types", *(["webhooks"] if api.webhooks else []))
    homes = _homes(api)
    errors = {home: tuple(name for name in offered if name.endswith(_ERRORS)) for home, offered in homes.items()}
    errors = {home: offered for home, offered in errors.items() if offered}
    shared = _shared(api, {name for offered in homes.values() for name in offered} | set(modules))
    own = names.package(api)
    return PackageView(
        package=own.module,
        distribution=toml_literal(own.distribution),
        api=Code(api.name),
        command=own.command,
        version=toml_literal(api.version),
        summary=toml_literal(prose(api.summary) or api.title),
        urls=tuple(map(toml_literal, filter(None, [api.homepage]))),
        title=plain(api.title),
        client=own.client,
        doc=python_docstring(prose(api.summary) or api.title),
        credential=Code(security.source(api)),
        authors=tuple(_author(each) for each in [owner(api)] if each),
        license=tuple(_license(api)),
        sample=tuple(map(Code, calls.python_sample(api).split("\n"))),
        exports=_exports(homes, modules),
        shared=shared,
        shared_names=python_literal([str(each.name) for each in shared]),
        modules=Code(", ".join(modules)),
        imports=_imports(homes),
        errors=_imports(errors),
        error_names=tuple(sorted(python_literal(name) for offered in errors.values() for name in offered)),
    )


def _author(of: Owner) -> Code:
    address = f", email = {toml_literal(of.address)}" if of.address else ""
    return Code(f"name = {toml_literal(of.name)}{address}")


def _license(api: Api) -> Iterator[Code]:
    if api.license:
        yield Code(f"license = {toml_literal(api.license)}")
    # Without a list of files any that looks like a licence would be taken.
    yield Code('license-files = ["LICENSE"]' if licence(api) else "license-files = []")


_EXPORTS = {
    ".runtime.aio.outputs": ("AsyncFileOutput",),
    ".runtime.aio.pages": ("AsyncPage",),
    ".runtime.aio.response": ("AsyncStreamedResponse",),
    ".runtime.budget": ("BudgetError",),
    ".runtime.errors": (
        *("APIConnectionError", "ApiConnectionError", "APIError", "ApiError", "APIResponseValidationError"),
        *(
            "APIStatusError",
            "APITimeoutError",
            "ApiTimeoutError",
            "ArgumentError",
            "AuthenticationError",
            "BadRequestError",
            "ConfigError",
            "ConflictError",
        ),
        *("ContentTooLargeError", "Error", "GoneError", "InternalServerError", "JobError", "JobTimeoutError"),
        *("NotFoundError", "PaymentRequiredError", "PermissionDeniedError", "RateLimitError", "ResponseError"),
        *("ServerError", "UnprocessableEntityError", "WebhookError"),
    ),
    ".runtime.objects": ("ObjectInput",),
    ".runtime.requests": ("OMIT",),
    ".runtime.response": ("RawResponse",),
    ".runtime.retries": ("RetryPolicy",),
    ".runtime.sync.outputs": ("FileOutput",),
    ".runtime.sync.pages": ("Page",),
    ".runtime.sync.response": ("StreamedResponse",),
}
"""Where what the package offers is defined: nothing of it is imported before it is asked for."""


_SUBMODULES = frozenset(
    (
        "about",
        "bound",
        "cli",
        "client",
        "credentials",
        "exceptions",
        "extensions",
        "functions",
        "gateway",
        "lua",
        "mcp",
        "mock",
        "operations",
        "params",
        "pytest_plugin",
        "raw",
    )
    + ("resources", "runtime", "types", "webhooks")
)
"""Modules of the package: where one is imported, its name becomes the module, and can stand for nothing else."""
_DEFAULT = "default_client"
_ERRORS = ("Error", "Exception")


def _imports(homes: dict[str, tuple[str, ...]]) -> tuple[Code, ...]:
    return tuple(
        Code(f"from {module} import {', '.join(sorted({*offered}, key=import_order))}")
        for module, offered in homes.items()
    )


def _homes(api: Api) -> dict[str, tuple[str, ...]]:
    client = str(names.package(api).client)
    more = {".extensions": api.offered} if api.offered else {}
    return {".client": (f"Async{client}", client), **more, **_EXPORTS}


def _shared(api: Api, taken: set[str]) -> tuple[Export, ...]:
    """The resources of the client, its functions without a group, and what the extensions share."""
    nouns, called = names.nouns(api), names.called(api)
    result = {str(nouns[group.key].python): "default_client" for group in api.groups if len(group.path) == 1}
    result |= {str(called[f.name].method): "default_client" for f in api.functions if not f.group}
    for name in api.shared:
        result |= {name: "default_client", f"async_{name}": "_async_client"}
    return tuple(
        Export(Code(name), Code(f"{client}.{name.removeprefix('async_') if client == '_async_client' else name}"))
        for name, client in sorted(result.items())
        if name not in taken | _SUBMODULES | {_DEFAULT} and not name.startswith("_")
    )


def _exports(homes: dict[str, tuple[str, ...]], modules: tuple[str, ...]) -> tuple[Export, ...]:
    """Sorted as linters want it: constants, classes, the rest."""
    results = [(name, module) for module, offered in homes.items() for name in offered]
    results += [(name, "") for name in (*modules, "__version__")]
    results.sort(key=lambda pair: (not pair[0].isupper(), not pair[0][:1].isupper(), pair[0]))
    return tuple(Export(python_literal(name), python_literal(module)) for name, module in results)
