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
    Rule("oas3-schema", "error", "The document keeps to the schema of OpenAPI 3", alias="struct"),
    Rule("oas2-schema", "error", "The document keeps to the schema of Swagger 2.0", alias="struct"),
    Rule("openapi-version", "warning", "The document uses nothing of a newer version than its own", OURS),
    Rule("overlay-target", "warning", "Every action of an overlay has an effect", OURS),
    # the document as a whole
    Rule("info-contact", "info", "`info` has a `contact`"),
    Rule("info-description", "info", "`info` has a `description`"),
    Rule("info-license", "info", "`info` has a `license`, which the packages name as well"),
    Rule("license-url", "info", "The license has a `url` or an `identifier`", alias="info-license-strict"),
    Rule("oas3-api-servers", "warning", "The document names a server", alias="no-empty-servers"),
    Rule(
        "oas3-server-trailing-slash",
        "warning",
        "A server's URL has no slash at its end",
        alias="no-server-trailing-slash",
        fixed=True,
    ),
    Rule(
        "oas3-server-not-example.com",
        "warning",
        "A server is not at example.com or localhost",
        alias="no-server-example.com",
    ),
    Rule(
        "oas3-server-variables",
        "error",
        "Server variables are declared, used, and one of their values",
        alias="no-undefined-server-variable",
    ),
    Rule("openapi-tags-uniqueness", "error", "A tag is declared once", alias="no-duplicated-tag-names"),
    Rule("tag-description", "info", "A tag has a description", alias="tag-description"),
    # paths
    Rule("path-declarations-must-exist", "error", "A path has no empty `{}`", alias="path-declaration-must-exist"),
    Rule("path-keys-no-trailing-slash", "warning", "A path has no slash at its end", alias="no-path-trailing-slash"),
    Rule("path-not-include-query", "error", "A path has no query string", alias="path-not-include-query"),
    Rule(
        "path-params",
        "error",
        "The parameters in a path are declared and required, and no others",
        alias="path-parameters-defined",
        fixed=True,
    ),
    Rule("no-identical-paths", "error", "No two paths differ in the names of their parameters alone", REDOCLY),
    Rule("no-ambiguous-paths", "warning", "No two paths fit one URL equally well", REDOCLY),
    # operations
    Rule(
        "operation-operationId",
        "warning",
        "An operation has an `operationId`",
        alias="operation-operationId",
        fixed=True,
    ),
    Rule(
        "operation-operationId-unique", "error", "An `operationId` is used once", alias="operation-operationId-unique"
    ),
    Rule(
        "operation-operationId-valid-in-url",
        "warning",
        "An `operationId` can stand in a URL as it is",
        alias="operation-operationId-url-safe",
    ),
    Rule(
        "operation-parameters",
        "error",
        "A parameter is declared once in an operation",
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
    Rule("operation-tags", "info", "An operation has a tag, by which it is grouped"),
    Rule("oas3-operation-security-defined", "error", "The schemes that `security` names are declared"),
    Rule("security-defined", "warning", "An operation says how it is authenticated, or that it is not", REDOCLY),
    # references and components
    Rule("no-unresolved-refs", "error", "A `$ref` leads somewhere", REDOCLY),
    Rule("no-$ref-siblings", "warning", "Before 3.1 nothing stands beside a `$ref`"),
    Rule("oas3-unused-component", "warning", "Every component is used", alias="no-unused-components", fixed=True),
    Rule(
        "spec-components-invalid-map-name",
        "error",
        "The name of a component is of letters, digits, `.`, `-` and `_`",
        REDOCLY,
    ),
    # schemas and examples
    Rule("array-items", "error", "An array of 3.0 has `items`"),
    Rule("typed-enum", "warning", "The values of an `enum` are of the schema's type", alias="no-enum-type-mismatch"),
    Rule("duplicated-entry-in-enum", "warning", "A value stands once in an `enum`", fixed=True),
    Rule("nullable-type-sibling", "warning", "`nullable` stands beside a `type`", REDOCLY),
    Rule("no-schema-type-mismatch", "warning", "`properties` stands in an object, `items` in an array", REDOCLY),
    Rule("no-required-schema-properties-undefined", "warning", "A property that is required is declared", REDOCLY),
    Rule("example-and-examples", "warning", "Either `example` or `examples` is given", OURS),
    Rule(
        "oas3-examples-value-or-externalValue",
        "warning",
        "An example has a `value` or an `externalValue`",
        alias="no-example-value-and-externalValue",
    ),
    Rule(
        "oas3-valid-media-example",
        "warning",
        "Examples of contents and parameters fit their schema",
        alias="no-invalid-media-type-examples",
    ),
    Rule("oas3-valid-schema-example", "warning", "Examples of schemas fit them", alias="no-invalid-schema-examples"),
    Rule("no-script-tags-in-markdown", "warning", "No description holds a script"),
    # what comes out
    Rule("summary", "warning", "A function and a group have a summary", OURS, "operation-summary"),
    Rule(
        "description",
        "warning",
        "A function, an argument and a field have a description",
        OURS,
        "operation-description",
    ),
    Rule("example", "warning", "A function has an example, and it fits the schemas (an error where it does not)", OURS),
    Rule("errors", "warning", "A function documents an error", OURS, "operation-4xx-response"),
    Rule("unbounded", "warning", "A list that is sent has a limit", OURS),
    Rule("name", "warning", "A name can be spelled, and says what is meant", OURS),
    Rule("deprecation", "warning", "What is deprecated has a way out", OURS),
    Rule("tool", "warning", "A function is a good MCP tool", OURS),
)
BY_ID = {rule.id: rule for rule in RULES}
