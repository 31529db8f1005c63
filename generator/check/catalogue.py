"""Every rule of `lint`: what it is called, how grave it is, and what others call it.

A rule has the name that Spectral's ruleset `oas` gives it, else that of Redocly's, else one of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
"""An error misleads or breaks; a warning is missing, or could be better; an info is for those who publish."""
SPECTRAL, REDOCLY, OURS = "Spectral", "Redocly", "surfacegen"


@dataclass(frozen=True)
class Rule:
    """One rule."""

    id: str
    severity: Severity
    what: str
    """What it asks for."""
    origin: str = SPECTRAL
    alias: str = ""
    """What Redocly calls it, where the name is Spectral's."""
    fixed: bool = False
    """Whether `--fix` mends it."""


RULES = (
    Rule("spec", "error", "The document and its catalog can be rendered", OURS),
    Rule("oas3-schema", "error", "The document is valid against the schema of OpenAPI 3", alias="struct"),
    Rule("oas2-schema", "error", "The document is valid against the schema of Swagger 2.0", alias="struct"),
    Rule("openapi-version", "warning", "The document uses no feature of a newer OpenAPI version than its own", OURS),
    Rule("overlay-target", "warning", "Every action of an overlay has an effect", OURS),
    # the document as a whole
    Rule("info-contact", "info", "`info` has a `contact`"),
    Rule("info-description", "info", "`info` has a `description`"),
    Rule("info-license", "info", "`info` has a `license`, which the packages also state"),
    Rule("license-url", "info", "The license has a `url` or an `identifier`", alias="info-license-strict"),
    Rule("oas3-api-servers", "warning", "The document declares a server", alias="no-empty-servers"),
    Rule(
        "oas3-server-trailing-slash",
        "warning",
        "A server's URL does not end with a slash",
        alias="no-server-trailing-slash",
        fixed=True,
    ),
    Rule(
        "oas3-server-not-example.com",
        "warning",
        "A server is not example.com or localhost",
        alias="no-server-example.com",
    ),
    Rule(
        "oas3-server-variables",
        "error",
        "Server variables are declared and used, and the default is one of the values",
        alias="no-undefined-server-variable",
    ),
    Rule("openapi-tags-uniqueness", "error", "A tag is declared once", alias="no-duplicated-tag-names"),
    Rule("tag-description", "info", "A tag has a description", alias="tag-description"),
    # paths
    Rule("path-declarations-must-exist", "error", "A path has no empty `{}`", alias="path-declaration-must-exist"),
    Rule("path-keys-no-trailing-slash", "warning", "A path does not end with a slash", alias="no-path-trailing-slash"),
    Rule("path-not-include-query", "error", "A path has no query string", alias="path-not-include-query"),
    Rule(
        "path-params",
        "error",
        "Exactly the parameters in a path are declared, as required",
        alias="path-parameters-defined",
        fixed=True,
    ),
    Rule("no-identical-paths", "error", "No two paths differ only in the names of their parameters", REDOCLY),
    Rule("no-ambiguous-paths", "warning", "No two paths match the same URL equally well", REDOCLY),
    # operations
    Rule(
        "operation-operationId",
        "warning",
        "An operation has an `operationId`",
        alias="operation-operationId",
        fixed=True,
    ),
    Rule("operation-operationId-unique", "error", "An `operationId` is unique", alias="operation-operationId-unique"),
    Rule(
        "operation-operationId-valid-in-url",
        "warning",
        "An `operationId` needs no escaping in a URL",
        alias="operation-operationId-url-safe",
    ),
    Rule(
        "operation-parameters",
        "error",
        "An operation declares each parameter once",
        alias="operation-parameters-unique",
    ),
    Rule(
        "operation-success-response",
        "warning",
        "An operation has a 2XX or 3XX response",
        alias="operation-2xx-response",
    ),
    Rule(
        "operation-tag-defined",
        "warning",
        "The tags of an operation are declared",
        alias="operation-tag-defined",
        fixed=True,
    ),
    Rule("operation-tags", "info", "An operation has a tag, which sets its group"),
    Rule("oas3-operation-security-defined", "error", "The schemes in `security` are declared"),
    Rule("security-defined", "warning", "An operation declares how it is authenticated, or that it is not", REDOCLY),
    # references and components
    Rule("no-unresolved-refs", "error", "A `$ref` resolves", REDOCLY),
    Rule("no-$ref-siblings", "warning", "Before 3.1, a `$ref` has no siblings"),
    Rule("oas3-unused-component", "warning", "Every component is used", alias="no-unused-components", fixed=True),
    Rule(
        "spec-components-invalid-map-name",
        "error",
        "The name of a component consists of letters, digits, `.`, `-` and `_`",
        REDOCLY,
    ),
    # schemas and examples
    Rule("array-items", "error", "An array of 3.0 has `items`"),
    Rule("typed-enum", "warning", "The values of an `enum` have the schema's type", alias="no-enum-type-mismatch"),
    Rule("duplicated-entry-in-enum", "warning", "The values of an `enum` are unique", fixed=True),
    Rule("nullable-type-sibling", "warning", "`nullable` is used with a `type`", REDOCLY),
    Rule("no-schema-type-mismatch", "warning", "`properties` is used with an object, `items` with an array", REDOCLY),
    Rule("no-required-schema-properties-undefined", "warning", "A required property is declared", REDOCLY),
    Rule("example-and-examples", "warning", "Only one of `example` and `examples` is used", OURS),
    Rule(
        "oas3-examples-value-or-externalValue",
        "warning",
        "An example has a `value` or an `externalValue`",
        alias="no-example-value-and-externalValue",
    ),
    Rule(
        "oas3-valid-media-example",
        "warning",
        "Examples of contents and parameters match their schema",
        alias="no-invalid-media-type-examples",
    ),
    Rule(
        "oas3-valid-schema-example",
        "warning",
        "Examples in schemas match the schema",
        alias="no-invalid-schema-examples",
    ),
    Rule("no-script-tags-in-markdown", "warning", "No description contains a script"),
    # what comes out
    Rule("summary", "warning", "A function and a group have a summary", OURS, "operation-summary"),
    Rule(
        "description",
        "warning",
        "A function, an argument and a field have a description",
        OURS,
        "operation-description",
    ),
    Rule("example", "warning", "A function has an example that matches the schemas (an error if it does not)", OURS),
    Rule("errors", "warning", "A function documents an error", OURS, "operation-4xx-response"),
    Rule("unbounded", "warning", "A list in a request has a limit", OURS),
    Rule("name", "warning", "A name can be spelled in every language, and is meaningful", OURS),
    Rule("deprecation", "warning", "A deprecated element names a replacement", OURS),
    Rule("tool", "warning", "A function meets the limits of MCP tools", OURS),
)
BY_ID = {rule.id: rule for rule in RULES}
