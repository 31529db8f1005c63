"""Which URLs are taken: by RFC 3986 and what may be done with them."""

from __future__ import annotations

import pytest

from generator import urls

SERVERS = ["https://api.example.com/v1", "http://127.0.0.1:8080", "http://[::1]:80/x", "HTTPS://H", "/v1", "v1", "../v1", "https://x/'(a)'"]  # fmt: skip
PAGES = ["https://example.com/a?b=1&c=2#d", "http://example.com", "https://example.com/%20"]
NEITHER = [
    "-o/tmp/x", "--config=x", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "vbscript:x", "ftp://h",
    "https://u:p@h/", "https://u@h/", "https://h\n/", "https://h\t", "https://h /", "https://h:99999/", "https://h:x/",
    "http://[", "//h/v1", "", "https://", "https:h", "https:///x", "https://{t}.x/", "https://h/%zz", "https://h\0",
    "https://h/\u202e", "https://b\u00fccher.example", "https://h\\@evil", "https://x/\"onclick=", "https://x/<a>", "mailto:a@b",
    "https://x/`id`", "https://-h/", "https://h/\ud83d\ude00", "https://h|id", "@h", "$(id)", "https://" + "a" * 2000,
]  # fmt: skip


@pytest.mark.parametrize("url", SERVERS)
def test_a_server_that_can_be_used(url: str) -> None:
    assert urls.server_problem(url) is None


@pytest.mark.parametrize("url", PAGES)
def test_a_page_that_can_be_opened(url: str) -> None:
    assert urls.page_problem(url) is None


@pytest.mark.parametrize("url", NEITHER, ids=ascii)
def test_what_is_no_url_or_more_than_one(url: str) -> None:
    for problem in (urls.server_problem(url), urls.page_problem(url)):
        assert problem is not None and all(problem), ascii(url)


@pytest.mark.parametrize("url", ["https://x/a?b", "https://x/#a", "/v1?a", "v1#x"])
def test_nothing_stands_after_the_path_of_a_server(url: str) -> None:
    assert urls.server_problem(url) is not None
