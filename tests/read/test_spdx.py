"""Licence expressions by the grammar of SPDX 2.3, Annex D: what each becomes, worked out by hand, or why it is none."""

from __future__ import annotations

import pytest

from generator.read import spdx


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("MIT", "MIT"),
        ("mit", "MIT"),  # D.2: identifiers are matched without regard to case
        ("Apache-2.0+", "Apache-2.0+"),
        ("gpl-2.0-only with classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("MIT and bsd-3-clause", "MIT AND BSD-3-Clause"),
        ("(mit OR Apache-2.0) AND ISC", "(MIT OR Apache-2.0) AND ISC"),
        ("((MIT))", "((MIT))"),
        ("MIT OR GPL-3.0-only WITH GCC-exception-3.1 OR ISC", "MIT OR GPL-3.0-only WITH GCC-exception-3.1 OR ISC"),
        ("LicenseRef-My.own-1", "LicenseRef-My.own-1"),
    ],
)
def test_an_expression(written: str, expected: str) -> None:
    assert spdx.expression(written) == (expected, "")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("MIT AND", "it is incomplete"),
        ("(MIT", "it is incomplete"),
        ("GPL-2.0-only WITH", "it is incomplete"),
        ("", "it is incomplete"),
        ("MIT)", "')' is not allowed there"),
        ("MIT ISC", "'ISC' is not allowed there"),
        ("MIT (ISC)", "'(' is not allowed there"),
        ("AND MIT", "'AND' is not an SPDX licence"),
        ("MIT WITH ISC", "'ISC' is not an SPDX exception"),
        ("Classpath-exception-2.0", "'Classpath-exception-2.0' is not an SPDX licence"),
        ("MIT WITH LicenseRef-a", "'LicenseRef-a' is not an SPDX exception"),
        ("MIT; ISC", "it contains characters that are not allowed"),
    ],
)
def test_what_is_none(written: str, why: str) -> None:
    found, told = spdx.expression(written)
    assert found == "" and told.startswith(why)
