"""The rules by the names that linters know them by: Spectral's OpenAPI rules (v6) and Redocly CLI's built-in rules (v2)."""

from __future__ import annotations

from generator.check.catalogue import BY_ID, RULES

SPECTRAL = """array-items contact-properties duplicated-entry-in-enum info-contact info-description info-license license-url
    no-$ref-siblings no-eval-in-markdown no-script-tags-in-markdown openapi-tags openapi-tags-alphabetical
    openapi-tags-uniqueness operation-description operation-operationId operation-operationId-unique
    operation-operationId-valid-in-url operation-parameters operation-singular-tag operation-success-response
    operation-tag-defined operation-tags path-declarations-must-exist path-keys-no-trailing-slash path-not-include-query
    path-params tag-description typed-enum oas2-schema oas3-api-servers oas3-callbacks-in-callbacks
    oas3-examples-value-or-externalValue oas3-operation-security-defined oas3-parameter-description oas3-schema
    oas3-server-not-example.com oas3-server-trailing-slash oas3-server-variables oas3-unused-component
    oas3-valid-media-example oas3-valid-schema-example"""
REDOCLY = """array-parameter-serialization boolean-parameter-prefixes component-name-unique configurable-rule info-contact
    info-license info-license-strict info-license-url no-ambiguous-paths no-duplicated-tag-names no-empty-servers
    no-enum-type-mismatch no-example-value-and-externalValue no-http-verbs-in-paths no-identical-paths
    no-invalid-media-type-examples no-invalid-parameter-examples no-invalid-schema-examples no-path-trailing-slash
    no-required-schema-properties-undefined no-schema-type-mismatch no-server-example.com no-server-trailing-slash
    no-server-variables-empty-enum no-undefined-server-variable no-unresolved-refs no-unused-components
    nullable-type-sibling operation-2xx-response operation-4xx-response operation-description
    operation-operationId operation-operationId-unique operation-operationId-url-safe operation-parameters-unique
    operation-summary operation-tag-defined parameter-description path-declaration-must-exist path-excludes-patterns
    path-not-include-query path-parameters-defined path-segment-plural paths-kebab-case request-mime-type
    required-string-property-missing-min-length response-contains-header response-contains-property
    response-mime-type scalar-property-missing-example security-defined spec-components-invalid-map-name
    spec-strict-refs struct tag-description tags-alphabetical"""
ERRORS = """array-items no-identical-paths no-unresolved-refs oas2-schema oas3-operation-security-defined oas3-schema
    oas3-server-variables openapi-tags-uniqueness operation-operationId-unique operation-parameters
    path-declarations-must-exist path-not-include-query path-params spec spec-components-invalid-map-name"""
"""What OpenAPI itself forbids: 3.0.4 and 3.1.1 say MUST, or REQUIRED, of each."""
HINTS = """info-contact info-description info-license license-url tag-description operation-tags"""
"""What OpenAPI leaves to who writes the document."""
MENDED = """oas3-server-trailing-slash path-params operation-operationId operation-tag-defined oas3-unused-component
    duplicated-entry-in-enum"""


def test_the_names_are_those_of_the_linters() -> None:
    origins = {rule.origin for rule in RULES}
    assert origins == {"Spectral", "Redocly", "surfacegen"} and len(BY_ID) == len(RULES)
    for rule in RULES:
        known = {"Spectral": SPECTRAL.split(), "Redocly": REDOCLY.split()}.get(rule.origin.split()[0])
        assert known is None or rule.id in known, rule
        assert not rule.alias or rule.alias in REDOCLY.split(), rule
        assert rule.what[0].isupper() or rule.what.startswith("`"), rule


def test_what_openapi_forbids_is_an_error() -> None:
    assert {rule.id for rule in RULES if rule.severity == "error"} == set(ERRORS.split())
    assert {rule.id for rule in RULES if rule.severity == "info"} == set(HINTS.split())
    assert {rule.id for rule in RULES if rule.severity == "warning"} == BY_ID.keys() - {*ERRORS.split(), *HINTS.split()}
    assert {rule.id for rule in RULES if rule.fixed} == set(MENDED.split())
