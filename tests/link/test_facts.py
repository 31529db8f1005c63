"""The document as a whole: servers, tags, terms and licence, and the names that a catalog or the settings give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from plain_ir import plain

from generator import link
from generator.errors import SpecError
from generator.ir import Api, Place
from generator.read import documents
from generator.read.project import Project

Json = dict[str, Any]
LONG = "x" * 100


def api(folder: Path, document: Json, catalog: Json | None = None, project: Project | None = None) -> Api:
    base: Json = {"openapi": "3.2.0", "info": {"title": "Pets", "version": "1"}, "paths": {}}
    (folder / "api.json").write_text(json.dumps({**base, **document}), "utf-8")
    (folder / "catalog.yaml").write_text(yaml.safe_dump({"catalog": 1, **(catalog or {})}, sort_keys=False), "utf-8")
    read = documents.read(folder / "api.json", folder / "catalog.yaml" if catalog else None)
    return link.load(read, project=project or Project())


def losses(made: Api) -> list[tuple[str, str, str]]:
    return [(each.pointer, each.kind, each.reason) for each in made.losses]


def variable(*allowed: str, default: str = "a") -> Json:
    return {"default": default, **({"enum": [*allowed]} if allowed else {})}


def test_servers(tmp_path: Path) -> None:
    """OAS 3.2.0, Server and Server Variable Objects, 4.5.1 and 4.5.2."""
    documented = {"$self": "https://docs.example/v1/api.json"}
    servers = [
        {"url": "", "description": "No place."},
        {"url": "../v2/", "name": "two"},
        {"url": "/"},
        {"url": "https://[::1"},
        {"url": "https://{region}.example/{unsaid}", "variables": {"region": variable("a", "b"), "other": variable()}},
        {"url": "https://{wrong}.example", "variables": {"wrong": variable("b", "c")}},
        {"url": f"https://h.example/{{{LONG}}}", "variables": {LONG: variable("b", default=LONG)}},
        {"url": f"https://i.example/{{{LONG}}}", "variables": {LONG: variable("a?", default="a?")}},
        {"url": "https://j.example/{plain}/", "variables": {"plain": variable(default="d")}},
        {"url": "https://k.example/{empty}", "variables": {"empty": variable(default="")}},
        {"url": "ftp://l.example"},
    ]
    made = api(tmp_path, {**documented, "servers": servers})
    assert plain(made.servers) == [
        {"url": "https://docs.example/v2", "name": "two"},
        {"url": "https://docs.example"},
        {"url": "https://a.example"},
        {"url": f"https://h.example/{LONG}"},
        {"url": "https://i.example/a"},
        {"url": "https://j.example/d", "template": "https://j.example/{plain}", "variables": [["plain", "d", []]]},
        {"url": "https://k.example", "template": "https://k.example/{empty}", "variables": [["empty", "", []]]},
    ]
    cut = LONG[:80]
    assert losses(made) == [
        ("/servers/10/url", "dropped", "the server's URL is neither http nor https: begin it with https://"),
        ("/servers/3/url", "dropped", "the server's URL is not a URL: Invalid IPv6 URL: correct its host or port"),
        (
            "/servers/4/url",
            "dropped",
            "the server's URL contains '{', which is not allowed in a URL: give the variable a default",
        ),
        ("/servers/5/variables", "degraded", "the default 'a' of the variable 'wrong' is not an allowed value"),
        ("/servers/6/variables", "degraded", f"the default {cut!r} of the variable {cut!r} is not an allowed value"),
        ("/servers/7/variables", "degraded", f"the variable {cut!r} allows values that a URL cannot contain"),
    ]
    assert plain(api(tmp_path, documented).servers) == [{"url": "https://docs.example"}], "4.5.1: the default is /"
    assert plain(api(tmp_path, {}).servers) == [{"url": "http://localhost"}]
    given = Project(servers=("https://mine.example/v1/", "/v2"))
    assert plain(api(tmp_path, documented, project=given).servers) == [
        {"url": "https://mine.example/v1"},
        {"url": "/v2"},
    ]


def test_tags_and_what_the_document_says_of_itself(tmp_path: Path) -> None:
    """OAS 3.2.0, Tag, Info, Contact, License and External Documentation Objects."""
    nothing = "\u200b"
    tags: list[Json] = [
        {"name": "sacks", "summary": "Sacks", "description": "Of grain. In rows.", "parent": "x", "kind": "nav",
         "externalDocs": {"url": "https://d.example", "description": nothing}},
        {"name": "mills", "description": "One mill. Two.", "externalDocs": {"url": "javascript:x"}},
        {"name": "Mills", "description": "Again."},
        {"name": LONG, "externalDocs": {"url": "https://d.example", "description": "More"}},
        {"name": "silent"}, {"description": "Nameless."},
    ]  # fmt: skip
    get = lambda key, tag: {"get": {"operationId": key, "tags": [tag], "responses": {}}}
    paths = {
        "/sacks": get("sacks.list", "sacks"),
        "/mills": get("mills.list", "mills"),
        "/d": get("mill_dusts.list", "D"),
    }
    info: Json = {"title": "Pets", "version": "1", "termsOfService": "/terms", "license": {"name": nothing}}
    info |= {"contact": {"url": "ftp://x", "email": "me@x.example", "name": "me@x.example"}}
    document: Json = {"info": info, "tags": tags, "paths": paths}
    made = api(tmp_path, {**document, "externalDocs": {"url": "x"}})
    dusts = {"key": "mill_dusts", "path": [["mill", "dusts"]], "title": "Mill dusts"}
    mills = {
        "key": "mills",
        "path": [["mills"]],
        "title": "Mills",
        "summary": "One mill.",
        "description": "One mill. Two.",
    }
    docs = {"external_docs": {"url": "https://d.example"}}
    sacks = {
        "key": "sacks",
        "path": [["sacks"]],
        "title": "Sacks",
        "summary": "Of grain.",
        "description": "Of grain. In rows.",
    }
    assert plain(made.groups) == [dusts, mills, {**sacks, **docs}]
    assert plain(made.about) == [["contact", {"description": "me@x.example"}]] and made.external_docs is None
    alone = api(tmp_path, {"info": {"title": "T", "version": "1", "license": {"name": "MIT", "identifier": "MIT"}}})
    assert plain(alone.about) == [["licence", {"description": "MIT"}]]
    scheme = "is neither http nor https: begin it with https://"
    entries = [
        ("/info/contact", "degraded", f"the URL of the API's contact {scheme}"),
        ("/info/termsOfService", "degraded", f"the URL of the API's terms of service {scheme}"),
        ("/tags/0/kind", "kept", "the kind of a tag is not read: groups come from the operations"),
        ("/tags/0/parent", "kept", "the parent of a tag is not read: groups come from the operations"),
        ("/tags/1/externalDocs", "dropped", f"the URL of externalDocs {scheme}"),
        ("/tags/3", "dropped", f"the tag {LONG[:80]!r} is not a group: its text is not shown"),
    ]
    assert losses(made) == [("/externalDocs", "dropped", f"the URL of externalDocs {scheme}"), *entries]
    renamed: Json = {
        "groups": {
            "sacks": {"name": "bags.full", "title": "Bags", "description": "Bags. Full."},
            "mills": {"summary": "S."},
        }
    }
    made = api(tmp_path, document, renamed)
    assert plain(made.groups) == [
        {"key": "bags", "path": [["bags"]], "title": "Bags"},
        {"key": "bags.full", "path": [["bags"], ["full"]], "title": "Bags", "summary": "Bags.", "description": "Bags. Full.", **docs},
        dusts, {**mills, "summary": "S."},
    ]  # fmt: skip
    assert losses(made) == entries


def test_names_of_the_catalog_and_of_the_settings(tmp_path: Path) -> None:
    """Each mistake at its place, and what is said of it whole."""
    own: Json = {"name": "pets", "title": "T", "package": "json", "client": "Client", "version": "1.0.0"}
    own |= {"homepage": "ftp://x", "token_url": "x y"}
    catalog = {"api": own, "groups": {"no": {"name": "x"}, "nix": {}}}
    settings = Project(package="json", client=LONG + "x", places={"package": Place("s.toml", 3, 4, "/package")})
    taken = "is already taken\n  fix: use another, such as"
    long = "settings: client: the client has 101 characters; the limit is 100\n  fix: use a shorter one"
    wrong = [
        (catalog, Project(), [
            f"catalog.yaml:5:3: the package 'json' {taken} 'json_api'", f"catalog.yaml:6:3: the client 'Client' {taken} 'ClientApi'",
            "catalog.yaml:8:3: homepage is neither http nor https\n  fix: begin it with https://",
            "catalog.yaml:9:3: token_url contains ' ', which is not allowed in a URL\n  fix: escape it: %20, or xn-- in a host",
            "catalog.yaml:11:3: there is no function in the group 'no'\n  fix: no keys are allowed here: remove it",
            "catalog.yaml:13:3: there is no function in the group 'nix'\n  fix: no keys are allowed here: remove it",
        ]),
        (None, settings, [f"s.toml:3:4: the package 'json' {taken} 'json_api'", long]),
        (None, Project(client=LONG, package=LONG), []),
    ]  # fmt: skip
    for said, project, expected in wrong:
        try:
            api(tmp_path, {}, said, project)
            found = ""
        except SpecError as error:
            found = str(error)
        assert found.splitlines() == "\n".join(expected).splitlines()


def test_settings_go_before_the_catalog_and_this_before_what_is_derived(tmp_path: Path) -> None:
    keys = ("name", "package", "command", "client", "version", "homepage", "title", "summary", "description", "author",
            "license", "license_text", "site_url", "regenerate", "token_url", "token_env", "base_url_env")  # fmt: skip
    said = Project(
        name="own", package="own_kit", command="own-it", client="OwnClient", version="3.0.0", homepage="https://own.example",
        author="A <a@x.example>", license="MIT", license_text="MIT.", site_url="https://site.example", regenerate="make it",
    )  # fmt: skip
    about: Json = {
        "name": "cat", "package": "cat_kit", "command": "cats", "client": "CatClient", "version": "2.0.0", "title": "The Cat.",
        "summary": "Purrs.", "description": "A cat.", "homepage": "https://cat.example", "token_url": "https://cat.example/t",
        "environment": {"token": "CAT", "base_url": "CAT_URL"},
    }  # fmt: skip
    document: Json = {"info": {"title": "The PetShop's REST API v2.", "version": "1", "description": "Pets."}}
    document |= {
        "security": [{"k": []}],
        "components": {"securitySchemes": {"k": {"type": "http", "scheme": "bearer"}}},
    }
    document |= {"paths": {"/a": {"get": {"operationId": "get", "responses": {}}}}}

    def told(*sources: Any) -> list[str]:
        made = api(tmp_path, document, *sources)
        return [getattr(made, key) for key in keys]

    derived = ["petshop", "petshop_kit", "petshop-kit", "Petshop", "0.1.0", "", "The PetShop's REST API v2.",
               "Client for The PetShop's REST API v2.", "Pets.", "", "", "", "", "surfacegen generate", "",
               "PETSHOP_API_TOKEN", "PETSHOP_BASE_URL"]  # fmt: skip
    assert told() == derived
    plain_ = {"name": "cat", "title": "\u200b", "package": "cat_kit", "client": "CatClient"}
    assert told({"api": plain_}) == [
        "cat", "cat_kit", "cat-kit", "CatClient", "0.1.0", *derived[5:15], "CAT_API_TOKEN", "CAT_BASE_URL"
    ]  # fmt: skip
    catalog = ["cat", "cat_kit", "cats", "CatClient", "2.0.0", "https://cat.example", "The Cat.", "Purrs.", "A cat.",
               *derived[9:14], "https://cat.example/t", "CAT", "CAT_URL"]  # fmt: skip
    assert told({"api": about}) == catalog
    assert told({"api": about}, said) == [
        said.name, said.package, said.command, said.client, said.version, said.homepage, *catalog[6:9], said.author,
        said.license, said.license_text, said.site_url, said.regenerate, *catalog[14:],
    ]  # fmt: skip
