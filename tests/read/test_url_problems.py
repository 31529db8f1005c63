"""URLs of servers and pages, by RFC 3986, and names of headers, by RFC 9110 and 6265."""

from __future__ import annotations

import pytest

from generator.read import urls

SERVERS = [
    ("https://api.example.com/v1", ""),
    ("http://localhost:8080", ""),
    ("https://[2001:db8::1]:443/a", ""),
    ("https://192.0.2.1", ""),
    ("https://a_b.example.", ""),
    ("https://example.com/a%20b;c=d,e/~f", ""),
    ("/v1", ""),
    ("/", ""),
    ("v1/pets", ""),
    ("./v1", ""),
    ("~me", ""),
    ("a/b:c", ""),
    ("https://example.com/?a=b", ""),
    ("https://example.com/#a", "a fragment"),
    ("//example.com", "without a scheme"),
    ("ftp://example.com", "neither http nor https"),
    ("javascript:alert(1)", "neither http nor https"),
    ("a:b", "neither http nor https"),
    (":a", "neither http nor https"),
    ("https://", "no valid host"),
    ("https:///a", "no valid host"),
    ("https://-a.example", "no valid host"),
    ("https://a.example:port", "is not a URL"),
    ("https://a.example:99999", "is not a URL"),
    ("https://[::1", "is not a URL"),
    ("https://user:pass@a.example", "user name or a password"),
    ("https://user@a.example", "user name or a password"),
    ("https://{host}.example", "contains '{'"),
    ("https://a.example/a b", "contains ' '"),
    ("https://a.example/\u00e9", "contains '\\xe9'"),
    ('https://a.example/"', "contains '\"'"),
    ("https://a.example/%", "does not begin an escape"),
    ("https://a.example/%2", "does not begin an escape"),
    ("https://a.example/%zz", "does not begin an escape"),
    ("https://a.example/" + "a" * (urls.LONGEST - 18), ""),
    ("https://a.example/" + "a" * (urls.LONGEST - 17), f"has {urls.LONGEST + 1} characters"),
]
PAGES = [
    ("https://example.com/?a=b&c#d", ""),
    ("http://example.com", ""),
    ("/page", "neither http nor https"),
    ("mailto:a@example.com", "neither http nor https"),
    ("https://a@example.com/", "user name or a password"),
    ("https://a.example/<", "contains '<'"),
]


@pytest.mark.parametrize(("url", "problem"), SERVERS)
def test_servers(url: str, problem: str) -> None:
    found = urls.server_problem(url)
    assert (problem in found[0] and found[1]) if problem and found else not problem and not found


@pytest.mark.parametrize(("url", "problem"), PAGES)
def test_pages(url: str, problem: str) -> None:
    found = urls.page_problem(url)
    assert (problem in found[0] and found[1]) if problem and found else not problem and not found


def test_how_a_character_is_mended() -> None:
    for sign, mend in (("{", "give the variable a default"), ("}", "give the variable a default"), (" ", "escape it")):
        found = urls.server_problem(f"https://a.example/{sign}")
        assert found is not None and found[1].startswith(mend)


@pytest.mark.parametrize(
    ("name", "fine"),
    [("X-A", True), ("a", True), ("!#$%&'*+-.^_`|~09", True), ("", False), ("a b", False), ("a:", False), ("\u00e9", False),
     ("a\n", False), ("(a)", False), ("x" * urls.LONGEST_NAME, True), ("x" * (urls.LONGEST_NAME + 1), False)],
)  # fmt: skip
def test_names_of_headers(name: str, fine: bool) -> None:
    assert urls.is_token(name) is fine
