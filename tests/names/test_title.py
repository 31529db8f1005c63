"""What an API is called whose catalog does not say: a word of its title, the one that its host is called by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import link
from generator.link.title import api_words
from generator.read import documents


@pytest.mark.parametrize(
    ("title", "server", "name"),
    [
        ("GitHub's official OpenAPI spec + Octokit extension", "https://api.github.com", "github"),
        ("The PetShop's REST API", None, "petshop"),
        ("Swagger Petstore - OpenAPI 3.0", "/v3", "petstore_3"),
        ("Stripe API", "https://api.stripe.com/", "stripe"),
        ("The Great Zoo API", "https://api.zoo.example.com", "zoo"),
        ("Great Zoo", "https://greatzoo.io/v1", "greatzoo"),
        ("My Data", "https://data.example.com", "my_data"),
        ("Zoo API v2", None, "zoo"),
        ("Zoo Version 1.2.3", None, "zoo"),
        ("Zoo v2.1 Admin", None, "zoo_admin"),
        ("Extraordinarily Long Names", None, "extraordinarily"),
        ("Eight Letters Here", None, "eight_letters"),
        ("Public REST API", None, "api"),
        ("Zoo at sea", "https://[::1", "zoo_at"),
        ("a big zoo", "http://localhost:3000", "big_zoo"),
        ("Zoo of ab", "https://ab.example", "zoo_ab"),
    ],
)
def test_names_from_titles(tmp_path: Path, title: str, server: str | None, name: str) -> None:
    document = {"openapi": "3.1.0", "info": {"title": title, "version": "1"}, "paths": {}}
    document |= {"servers": [{"url": server}]} if server else {}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    assert link.load(documents.read(tmp_path / "api.json")).name == name


def test_words_that_name_no_api() -> None:
    usual = "a and api documentation extension for http of official openapi public rest service spec specification"
    for word in (*usual.split(), "swagger", "the", "v1", "v2", "v3", "web"):
        assert api_words(f"{word} zoo {word}", "") == ("zoo",), word


def test_hosts_that_name_no_api() -> None:
    for label in ("app", "apis", "beta", "cloud", "com", "data", "dev", "docs", "local", "prod", "staging", "www"):
        server = f"https://{label}.example"
        assert api_words(f"Big {label}", server) == ("big", label)
        assert api_words(f"Big zoo{label}", server) == ("big", f"zoo{label}")
