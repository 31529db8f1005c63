"""The security schemes as data of the package, and the arguments that clients take for them."""

from __future__ import annotations

from dataclasses import dataclass

from ... import names
from ...ir import Api, Flow, Scheme, Security
from ...text import Code, python_literal
from .spelling import imports, sentence

_MODULES = (
    ("typing", ("TYPE_CHECKING", "TypedDict")),
    (".runtime.schemes", ("Flow", "Scheme")),
)
_TYPING_MODULES = ((".runtime.schemes", ("Certificate", "OAuth", "Security")),)


@dataclass(frozen=True)
class CredentialArgument:
    """What a client takes for one scheme."""

    name: Code
    type: Code
    doc: Code


@dataclass(frozen=True)
class CredentialsView:
    """The module of the credentials."""

    schemes: Code
    security: Code
    arguments: tuple[CredentialArgument, ...]
    imports: tuple[Code, ...]
    typing_imports: tuple[Code, ...]


def credentials(api: Api) -> CredentialsView:
    """The schemes, and an argument for each but the one whose argument is `token` alone."""
    schemes = Code(_tuple([_scheme(scheme) for scheme in api.schemes]))
    single = len(api.schemes) == 1 and [part for part, _ in api.schemes[0].parts] == ["token"]
    listed = () if single else api.schemes
    arguments = tuple(CredentialArgument(argument(each), _type(each), sentence(each.description)) for each in listed)
    return CredentialsView(
        schemes=schemes,
        security=python_literal(security(api.security)),
        arguments=arguments,
        imports=imports([schemes, Code("TYPE_CHECKING TypedDict Scheme")], _MODULES),
        typing_imports=imports([*(each.type for each in arguments), Code("Security")], _TYPING_MODULES),
    )


def argument(scheme: Scheme) -> names.Identifier:
    """What a client calls a scheme."""
    return names.PYTHON.spell(scheme.words)


def security(value: Security) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]:
    """A requirement as the runtime has it."""
    return tuple(tuple((need.scheme, need.scopes) for need in requirement) for requirement in value)


def _type(scheme: Scheme) -> Code:
    parts = [part for part, _ in scheme.parts]
    if scheme.kind == "mutualTLS":
        return Code("Certificate")
    if scheme.kind in ("basic", "digest"):
        return Code("str | tuple[str, str]")
    return Code("str | OAuth") if "client_id" in parts else Code("str")


def _tuple(values: list[str]) -> str:
    return f"({', '.join(values)}{',' * (len(values) == 1)})"


def _scheme(scheme: Scheme) -> str:
    values: list[str] = [python_literal(text) for text in (scheme.key, str(argument(scheme)), scheme.kind)]
    more: list[tuple[str, object, object]] = [
        ("location", scheme.location, "header"),
        ("name", scheme.name, "Authorization"),
        ("prefix", scheme.prefix, ""),
        ("parts", scheme.parts, ()),
        ("flows", Code(_tuple([_flow(flow) for flow in scheme.flows])) if scheme.flows else "", ""),
        ("openid_url", scheme.openid_url, ""),
    ]
    values += [f"{k}={v if isinstance(v, Code) else python_literal(v)}" for k, v, usual in more if v != usual]
    return f"Scheme({', '.join(values)})"


def _flow(flow: Flow) -> str:
    more = [
        ("authorization_url", flow.authorization_url),
        ("device_url", flow.device_url),
        ("token_url", flow.token_url),
        ("refresh_url", flow.refresh_url),
        ("scopes", tuple(scope for scope, _ in flow.scopes)),
    ]
    values = [python_literal(flow.kind), *(f"{name}={python_literal(value)}" for name, value in more if value)]
    return f"Flow({', '.join(values)})"
