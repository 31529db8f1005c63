"""What answers are seen as: views, lists of them, and pages."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, date, datetime
from typing import Any

import pytest
from conftest import Face, Server, op

pytestmark = pytest.mark.usefixtures("no_waiting")
DATA = {
    "id": "1", "class": "c", "made": "2026-01-02T03:04:05.678901234Z", "day": "2026-01-02", "count": 3.0, "share": 1,
    "owner": {"name": "Ann", "made": None}, "owners": [{"name": "Bob"}], "by": {"x": {"name": "Cid"}}, "new": {"a": [1]},
    "state": "tomorrow's",
}  # fmt: skip


@pytest.fixture
def thing(demo: Any) -> Any:
    return demo.types.Thing(copy.deepcopy(DATA), "a client")


def test_values_are_read_when_they_are_looked_at(demo: Any, thing: Any) -> None:
    assert thing.made == datetime(2026, 1, 2, 3, 4, 5, 678901, UTC) and thing.day == date(2026, 1, 2)
    assert (thing.count, type(thing.count), thing.share, type(thing.share)) == (3, int, 1.0, float)
    assert (thing.class_, thing.owner.name, thing.owners[0].name, thing.by["x"].name) == ("c", "Ann", "Bob", "Cid")
    assert (thing.note, thing.owner.made, thing.state, thing["new"]) == (None, None, "tomorrow's", {"a": [1]})
    assert thing.to_dict() == DATA and "new" in thing and list(thing) == list(DATA)


def test_what_cannot_be_read_stays_as_it_came(demo: Any) -> None:
    drifted = {"made": "soon", "day": 7, "count": "many", "share": None, "owner": "Ann", "owners": {}, "by": [1]}
    thing = demo.types.Thing(drifted)
    assert {name: getattr(thing, name) for name in drifted} == drifted
    assert demo.types.Thing({"count": 1.5, "share": True}).count == 1.5


def test_a_view_is_not_changed_and_names_what_it_lacks(thing: Any) -> None:
    for name in ("id", "note", "anything"):
        with pytest.raises(AttributeError, match="no setter|no attribute"):
            setattr(thing, name, "2")
    with pytest.raises(AttributeError, match="Thing has no field 'idd'"):
        thing.idd  # noqa: B018
    assert {"id", "class_", "note", "to_dict"} <= set(dir(thing)) and not hasattr(thing, "_nothing")
    assert thing.new == {"a": [1]}


def test_equality_and_repr(demo: Any, thing: Any) -> None:
    assert thing == demo.types.Thing(DATA) and thing != demo.types.Owner(DATA) and thing != DATA
    assert thing.owners == demo.types.Thing(DATA).owners == [demo.types.Owner({"name": "Bob"})]
    assert repr(demo.types.Owner({"name": "x" * 500})).startswith("Owner(name='xxx") and len(repr(thing)) < 700
    with pytest.raises(TypeError, match="unhashable"):
        hash(thing)


def test_copies_keep_the_client_and_pickles_do_not(thing: Any) -> None:
    deep = copy.deepcopy(thing)
    assert (copy.copy(thing), deep, pickle.loads(pickle.dumps(thing))) == (thing,) * 3
    assert deep.to_dict() is not thing.to_dict() and deep.to_dict()["new"] is not thing.to_dict()["new"]
    assert [v._client for v in (copy.copy(thing), deep, pickle.loads(pickle.dumps(thing)))] == ["a client"] * 2 + [None]
    items = pickle.loads(pickle.dumps(thing.owners))
    assert items == thing.owners and items[0].name == "Bob" and items[0]._client is None
    assert thing.owners[0]._client == thing.owner._client == thing.by["x"]._client == "a client"


def test_pattern_matching(demo: Any, thing: Any) -> None:
    Thing, Owner = demo.types.Thing, demo.types.Owner
    match thing:
        case Thing(owner=Owner(name="Bob")):
            raise AssertionError("it is Ann's")
        case Thing(id=id_, owner=Owner(name="Ann" as name), owners=[Owner(name=second)], made=datetime(year=2026)):
            assert (id_, name, second) == ("1", "Ann", "Bob")
        case _:
            raise AssertionError("nothing matched")
    match thing.to_dict():
        case {"new": {"a": [one]}, **rest}:
            assert one == 1 and rest["id"] == "1"


def test_lists(thing: Any) -> None:
    owners = thing.owners
    assert (len(owners), owners[-1].name, owners[:1] == owners, owners.to_list()) == (1, "Bob", True, [{"name": "Bob"}])
    assert thing.owners[0] in owners and [o.name for o in reversed(owners)] == ["Bob"]
    with pytest.raises(IndexError):
        owners[1]


def paged(face: Face, **more: Any) -> Any:
    return op(face.demo, page=face.demo.operation.PageInfo("results", "next", "previous"), view="Owner", **more)


def queue(server: Server, *pages: str, last: str | None = None) -> None:
    for number, names in enumerate(pages, 2):
        following = f"/v1/things?cursor={number}" if number <= len(pages) else last
        server.queue({"results": [{"name": name} for name in names], "next": following, "previous": None})


async def walked(found: Any, take: Any) -> Any:
    page = await found
    taken = take(page)
    return [item async for item in taken] if hasattr(taken, "__aiter__") else await taken


def walk(face: Face, server: Server, take: Any, **options: Any) -> Any:
    """What `take(page)` gives of the first page, collected."""

    def work(client: Any) -> Any:
        found = client._result(paged(face), {}, face.demo.calls.Options(**options))
        if face.asynchronous:
            return walked(found, take)
        taken = take(found)
        return list(taken) if hasattr(taken, "__iter__") else taken

    return face.run(work, base_url=server.base_url)


def test_all_pages_are_walked(face: Face, server: Server) -> None:
    queue(server, "ab", "", "c")
    assert [owner.name for owner in walk(face, server, lambda page: page)] == ["a", "b", "c"]
    assert [r.path for r in server.requests] == ["/v1/things", "/v1/things?cursor=2", "/v1/things?cursor=3"]
    assert {r.headers["authorization"] for r in server.requests} == {"Bearer secret"}


def test_page_by_page(face: Face, server: Server) -> None:
    queue(server, "ab", "c")
    pages = walk(face, server, lambda page: page.pages())
    assert [len(page.results) for page in pages] == [2, 1] and pages[0][1].name == "b"
    assert (pages[0].next, pages[1].next) == (f"{server.base_url}/things?cursor=2", None)
    assert repr(pages[0]).endswith("Page: 2 items, more follow>") and pages[0] == pages[0] != pages[1]


@pytest.mark.parametrize(
    ("count", "names", "asked"), [(0, "", 1), (1, "a", 1), (2, "ab", 1), (3, "abc", 2), (9, "abcd", 2)]
)
def test_no_page_is_asked_for_that_is_not_needed(
    face: Face, server: Server, count: int, names: str, asked: int
) -> None:
    queue(server, "ab", "cd")
    found = walk(face, server, lambda page: page.first(count))
    assert "".join(owner.name for owner in found) == names and len(server.requests) == asked


def test_a_walk_is_resumed(face: Face, server: Server) -> None:
    queue(server, "ab", "c")
    following = walk(face, server, lambda page: page.pages())[0].next
    queue(server, "c")
    found = walk(face, server, lambda page: page, cursor=following, timeout=9, headers={"X-A": "1"})
    assert [owner.name for owner in found] == ["c"]
    assert server.requests[-1].path == "/v1/things?cursor=2" and server.requests[-1].headers["x-a"] == "1"
    for wrong in ("https://elsewhere.invalid/v1/things?cursor=2", "/v1/others?cursor=2", "/v1/things/../x"):
        with pytest.raises(face.demo.errors.ArgumentError, match="^cursor: is no page of do"):
            walk(face, server, lambda page: page, cursor=wrong)


def test_a_cycle_is_told_and_no_other_server_is_asked(face: Face, server: Server) -> None:
    queue(server, "a", "b", last="/v1/things")
    with pytest.raises(face.demo.errors.ResponseError, match="that was given before: .*/v1/things$"):
        walk(face, server, lambda page: page)
    other = Server()
    try:
        port = other.http.server_address[1]
        for elsewhere in (
            f"{other.origin}/v1/things?c=2",
            f"//127.0.0.1:{port}/v1/things",
            "https://[x",
            "http://h:x/",
        ):
            queue(server, "a", last=elsewhere)
            with pytest.raises(face.demo.errors.ResponseError, match="on another server"):
                walk(face, server, lambda page: page)
        assert not other.requests
    finally:
        other.close()


def test_a_page_is_kept_and_brought_back(face: Face, server: Server) -> None:
    queue(server, "ab", "c")
    page = pickle.loads(pickle.dumps(walk(face, server, lambda page: page.pages())[0]))
    assert [owner.name for owner in page.results] == ["a", "b"] and page.next.endswith("?cursor=2")

    async def following() -> None:
        await page.next_page()

    with pytest.raises(face.demo.errors.Error, match="pass its `next` as cursor"):
        following().send(None) if face.asynchronous else page.next_page()
