"""What a path says: the nouns that it goes through (`*`: to one of them), and what is done at its end."""

from __future__ import annotations

from generator.link.nouns import Route, Step, is_version, phrase, route

VERSIONS = "v1 V2 1 1.0 v1.2.3 v1_2 2-1 v1beta2 v1alpha v2rc1 2010-04-01 2024-02-29-preview 2024-02-29.beta1"
NO_VERSIONS = "v vv1 v1x x1 1beta2x 3010-04-01a 2024-02-29-previewpreviewpre"
ROWS: list[tuple[str, str, str, str]] = [
    # method, path, the steps, the action
    ("POST", "/v1/charges/{charge}/capture", "charges*", "capture"),
    ("GET", "/v1/charges/{charge}", "charges*", ""),
    ("GET", "/charges", "charges", ""),
    ("GET", "/", "", ""),
    ("GET", "", "", ""),
    ("GET", "/{id}", "", ""),
    ("GET", "/a-b/{x}/c_d/{y}/{z}", "a b*/c d*", ""),
    ("GET", "/a/x{id}", "a/x*", ""),
    # what leads to everything alike
    *(("GET", f"/{word}/pets", "pets", "") for word in ("api", "apis", "beta", "public", "rest", "restapi", "rest-api", "rpc", "webapi", "zoo-park")),
    *(("GET", f"/{word}", word, "") for word in ("api", "beta", "public")),
    ("GET", "/pets/api", "pets", ""), ("GET", "/pets/beta", "pets/beta", ""), ("GET", "/pets/v1", "pets", ""),
    ("GET", "/v1", "", ""), ("GET", "/zoopark/{id}/pets", "pets", ""),
    # what is no part of it
    ("GET", "/pets/list.json", "pets", "list"), ("GET", "/pets.PHP", "pets", ""), ("GET", "/pets/{id}.yml", "pets*", ""),
    ("GET", "/pets{?page}", "pets", ""), ("GET", "/pets?x=y#z", "pets", ""), ("GET", "/pets#z", "pets", ""), ("GET", "/pets/", "pets", ""),
    *(("GET", f"/pets{{{sign}x}}", "pets", "") for sign in "/?&#;.+"),
    # `:`, and remote calls
    ("POST", "/projects/{id}:undelete", "projects*", "undelete"), ("GET", "/pets:batchGet", "pets", "batch get"),
    ("POST", "/chat.postMessage", "chat", "post message"), ("POST", "/a.b.c", "a/b", "c"), ("POST", "/x/a.b.c", "x/a b c", ""), ("GET", "/a/b.c", "a/b c", ""),
    ("GET", "/{id}/a.b", "a", "b"),
    # what is done: never a plural, by a GET only what reads, and no noun but after one of many
    ("GET", "/pets/search", "pets", "search"), ("DELETE", "/pets/search", "pets/search", ""), ("QUERY", "/pets/search", "pets", "search"),
    ("PUT", "/pets/count", "pets", "count"), ("HEAD", "/pets/query", "pets", "query"), ("PATCH", "/pets/query", "pets/query", ""),
    ("GET", "/pets/searches", "pets/searches", ""), ("GET", "/pets/{id}/search", "pets*", "search"),
    ("GET", "/pets/list", "pets", "list"), ("GET", "/pets/{id}/list", "pets*/list", ""), ("POST", "/pets/{id}/list", "pets*/list", ""),
    ("POST", "/pets/{id}/list_all", "pets*", "list all"),
    ("GET", "/pets/validate", "pets", "validate"), ("GET", "/pets/capture", "pets/capture", ""), ("GET", "/pets/preview", "pets/preview", ""),
    ("GET", "/pets/preview_it", "pets", "preview it"), ("GET", "/pets/delete", "pets/delete", ""),
    ("POST", "/pets/delete", "pets", "delete"), ("PATCH", "/pets/enable", "pets", "enable"), ("DELETE", "/pets/enable", "pets/enable", ""),
    ("POST", "/pets/book", "pets/book", ""), ("POST", "/pets/{id}/book", "pets*", "book"), ("POST", "/pets/big_book", "pets/big book", ""),
    ("POST", "/search", "", "search"), ("POST", "/book", "book", ""),
    # what holds it
    ("POST", "/servers/{id}/actions/reboot", "servers*", "reboot"), ("PUT", "/servers/{id}/action/x", "servers*", "x"),
    ("PATCH", "/servers/{id}/actions/x", "servers*", "x"), ("GET", "/servers/{id}/actions/x", "servers*/actions/x", ""),
    ("POST", "/servers/actions/x", "servers/actions/x", ""), ("POST", "/servers/{id}/actions/{x}", "servers*/actions*", ""),
    ("POST", "/servers/{id}/actions/{x}/y", "servers*/actions*/y", ""), ("POST", "/servers/{id}/actions", "servers*/actions", ""),
]  # fmt: skip
PHRASES: list[tuple[str, str, str, str]] = [
    ("create", "POST", "/models/{id}/predictions", "create model prediction"),
    ("list", "GET", "/models/{id}/versions", "list model versions"),
    ("search", "GET", "/models/{id}/versions", "search model versions"),
    ("get", "GET", "/models/{id}", "get model"), ("list", "GET", "/models/{id}", "list model"),
    ("delete all", "DELETE", "/models", "delete all models"), ("delete", "DELETE", "/models", "delete model"),
    ("get", "GET", "/", "get"),
    ("capture", "POST", "/charges/{id}/capture", "capture charge"), ("archive", "POST", "/charges/archive", "archive charges"),
    ("add", "POST", "/charges/add", "add charge"), ("frobnicate", "POST", "/charges:frobnicate", "charges frobnicate"),
]  # fmt: skip


def shown(found: Route) -> tuple[str, str]:
    return "/".join(" ".join(step.noun) + "*" * step.item for step in found.steps), " ".join(found.action)


def test_what_a_path_goes_through() -> None:
    api = ("zoo", "park")
    wrong = [(row, found) for row in ROWS if (found := shown(route(row[1], row[0], api))) != row[2:]]
    assert not wrong, wrong
    found = route("/v1/pets/{pet_id}/x:doIt", "GET", api)
    assert found == Route(
        (Step(("pets",), True), Step(("x",), False)), ("do", "it"), ("v1", "pets", "x", "do", "it"), ("pet", "id")
    )
    assert route("/pets/{id}", "GET", api).item and not route("/pets", "GET", api).item
    assert not route("/pets/{id}/capture", "POST", api).item and not route("/", "GET", api).item
    assert [each for each in VERSIONS.split() if not is_version(each)] == []
    assert [each for each in NO_VERSIONS.split() if is_version(each)] == []
    for does, method, path, expected in PHRASES:
        assert " ".join(phrase(tuple(does.split()), route(path, method, api))) == expected, path
    for word in ("add", "create", "delete", "get", "new", "remove", "replace", "update"):
        done = Route((Step(("charges",), False),), (word,), (), ())
        assert set(phrase((word,), done)) == {word, "charge"}, "what is done with one at a time"
