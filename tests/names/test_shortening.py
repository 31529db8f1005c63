"""Names too long for a tool: what goes first, what stays, and that every way fits."""

from __future__ import annotations

import pytest

from generator import names
from generator.link.shortening import fits, shorter
from generator.names import words
from generator.names.english import singular

PATH = "/orgs/{org}/teams/{team}/discussions/{number}/reactions"


def first(name: str, prefix: str = "github", group: str = "", path: str = PATH) -> str:
    return "_".join(next(shorter(tuple(name.split()), tuple(prefix.split()), set(group.split()), path)))


def test_a_name_that_fits_stays() -> None:
    exact = ("github", "x" * (names.TOOL - len("github_")))
    assert [*shorter(exact, ("github",), set(), "/")] == [exact] and fits(exact)
    assert not fits((*exact[:1], exact[1] + "x"))


@pytest.mark.parametrize(
    ("name", "group", "path", "expected"),
    [
        # What is said twice goes before fillers, these before the group's words, these before placeholders' and steps'.
        ("github list github organization repositories", "", "/", "github_list_organization_repositories"),
        ("github delete the organization repositories", "", "/", "github_delete_organization_repositories"),
        ("github delete organization repository secret", "secret", "/", "github_delete_organization_repository"),
        ("github delete organization hook configuration", "", "/{hook}/x", "github_delete_organization_configuration"),
        ("github delete organization team repositories", "", "/team/x/repositories", "github_delete_organization_repositories"),
        ("github delete organization team repositories", "team", "/{repositories}", "github_delete_organization_repositories"),
        ("github create reaction for discussion comment", "", "/", "github_create_discussion_comment"),
        # `create_update` would be neither, and a word that leads to another goes with it.
        ("github create or update node configuration", "node configuration", "/", "github_create_or_update_configuration"),
        ("github create or update organization configuration", "", "/", "github_create_or_update_configuration"),
        ("github get and delete the organizations configuration", "", "/", "github_get_and_delete_configuration"),
        ("github create or replace organizationconfiguration", "", "/", "github_create_organizationconfiguration"),
        ("github list organization policies by organization", "", "/", "github_list_organization_policies"),
    ],
)  # fmt: skip
def test_what_goes_first(name: str, group: str, path: str, expected: str) -> None:
    assert first(name, group=group, path=path) == expected


def test_words_that_say_nothing_go_first() -> None:
    """Articles, prepositions and conjunctions, and what every API's operations have."""
    little = "a an and api as at by for from in of on or the to using via with v1 v2 v3 v4 v5"
    found = {each: first(f"github delete {each} organization repositories", path="/") for each in little.split()}
    assert found == dict.fromkeys(little.split(), "github_delete_organization_repositories")


@pytest.mark.parametrize(
    "name",
    [
        "github create a very long reaction for the team discussion comment in the organization",
        "github " + "w" * 100,
        "github list " + "w" * 100,
        "github " + "abcdefghij " * 12,
        "github list x " + "y" * 39,
        "github " + "a " * 40,
    ],
)
def test_every_way_fits_and_keeps_the_lead(name: str) -> None:
    whole = tuple(name.split())
    ways = [*shorter(whole, ("github",), {"team"}, PATH)]
    assert all(fits(each) and each[0] == "github" and len(each) > 1 and all(each) for each in ways)
    assert 4 <= len(ways) <= 84
    assert ways[0][1][:1] == whole[1][:1], "the first word, mostly a verb, goes last"


def test_a_long_lead_leaves_half_of_the_room() -> None:
    lead = ("some", "extremely", "longish", "service", "name")
    found = next(shorter((*lead, "list", "all", "interesting", "repositories"), lead, set(), "/"))
    assert found[:2] == lead[:2] and found[2] == "list" and fits(found)
    one = ("x" * 60,)
    found = next(shorter((*one, "list", "pets", "of", "owners"), one, set(), "/"))
    assert found[0] == "x" * (names.TOOL // 2) and fits(found) and "list" in found


def test_letters_go_from_the_longest_word() -> None:
    *_, eight, five, three = shorter(("api", "get", "w" * 60), ("api",), set(), "/")
    assert (eight, five, three) == tuple(("api", "get", "w" * letters) for letters in (8, 5, 3))
    found, *_ = shorter(("api", "w" * 60), ("api",), set(), "/")
    assert found == ("api", "w" * (names.TOOL - len("api_"))) and words("_".join(found)) == found


def test_no_way_ends_in_a_word_that_leads_on_or_says_a_word_twice_in_a_row() -> None:
    """ClearBlade's `CreateCollectionDataAlt` and `CreateCollectionData` are told apart by what their paths say."""
    name = words("clearblade create collection data for data")
    ways = [*shorter(name, ("clearblade",), {"data"}, "/api/v/1/data/{collectionID}")]
    assert ("clearblade", "create", "collection", "for", "data") in ways
    assert all(way[-1] != "for" and ("data", "data") != way[-2:] for way in ways)


def test_a_word_that_leads_to_another_goes_with_it() -> None:
    leading = "and as at by for from in of on or the to using via with"
    for word in leading.split():
        found = first(f"github list organization policies {word} organization", path="/")
        assert found == "github_list_organization_policies", word


def test_the_singular_of_each_kind_of_noun() -> None:
    """By a dictionary of English, and as APIs write what is short."""
    irregular = (
        "aliases alias, analyses analysis, axes axis, caches cache, children child, cookies cookie, criteria criterion,"
        " indices index, matrices matrix, men man, movies movie, people person, statuses status, buses bus, viruses virus,"
        " vertices vertex, women woman, bonuses bonus, ties tie, lies lie, dies die, cves cve, dbs db, ids id, ips ip,"
        " pcs pc, prs pr, vms vm, policies policy, boxes box, classes class, branches branch, dishes dish, pets pet,"
        " quizzes quizz"
    )
    for pair in irregular.split(","):
        plural, one = pair.split()
        assert singular(plural) == one, plural
    same = "access address dns gas https news sms status series virus bus analysis pet as"
    assert [singular(word) for word in same.split()] == same.split()
