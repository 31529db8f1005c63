"""Group, verb and tool of operations that no catalog names: beside what their vendors call them, what Replicate's catalog
does, and what the tools make that write operationIds.
"""

from __future__ import annotations

import csv
import itertools
import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import link, names
from generator.ir import Api, Function
from generator.names.english import singular
from generator.read import documents

ROOT = Path(__file__).parents[2]
VENDORS = Path(__file__).parent / "derived/vendors.tsv"
"""Ten operations each of ten APIs, drawn by a seed from their published documents, and what the vendor's own SDK or command
line (column `source`) calls them.
"""
ABOUT = {
    "github": ("GitHub v3 REST API", "https://api.github.com"),
    "stripe": ("Stripe API", "https://api.stripe.com/"),
    "openai": ("OpenAI API", "https://api.openai.com/v1"),
    "slack": ("Slack Web API", "https://slack.com/api"),
    "twilio": ("Twilio - Api", "https://api.twilio.com"),
    "digitalocean": ("DigitalOcean API", "https://api.digitalocean.com"),
    "kubernetes": ("Kubernetes", "https://kubernetes.local"),
    "asana": ("Asana", "https://app.asana.com/api/1.0"),
    "notion": ("Notion API", "https://api.notion.com"),
    "linode": ("Linode API", "https://api.linode.com/v4"),
}
HASH = re.compile(r"(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{6,}")


def load(
    folder: Path, operations: list[dict[str, Any]], title: str = "Zoo", server: str = "https://zoo.example"
) -> Api:
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        said = {key: each[key] for key in ("operationId", "tags", "summary") if each.get(key)}
        paths.setdefault(each["path"], {})[each["method"].lower()] = {
            **said,
            "responses": {"200": {"description": "ok"}},
        }
    document = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": server}],
        "paths": paths,
    }
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


def called(function: Function) -> str:
    return ".".join(each for each in (function.group, "_".join(function.verb)) if each)


# ── vendors ─────────────────────────────────────────────────────────────────────────────────────────────────────


def rows() -> list[dict[str, Any]]:
    with VENDORS.open(encoding="utf-8", newline="") as file:
        found = [dict(row) for row in csv.DictReader(file, delimiter="\t")]
    return [{**row, "tags": (row["tags"] or "").split("/") if row["tags"] else []} for row in found]


def plain(name: str) -> set[str]:
    """The words of a name, whatever their order and number, and however often they stand there."""
    return {singular(word) for word in re.split("[._]", name)} - {"for"}


def test_what_vendors_call_them(tmp_path: Path) -> None:
    every = rows()
    found: Counter[str] = Counter()
    assert len(every) == 100 and len({row["api"] for row in every}) == 10
    for api, group in itertools.groupby(every, key=lambda row: row["api"]):
        listed = list(group)
        made = {(f.method, f.path): f for f in load(tmp_path, listed, *ABOUT[api]).functions}
        for row in listed:
            function = made[row["method"], row["path"]]
            mine, theirs = called(function), row["vendor"]
            kind = "the same" if mine == theirs else "the same words" if plain(mine) == plain(theirs) else "others"
            found[kind] += 1
            print(f"{kind:15} {mine:60} {theirs:60} {row['source']}")
            assert function.name.startswith(f"{api}_") and len(function.name) <= names.TOOL
            assert not HASH.search(function.name) and not HASH.search(mine)
    print(dict(found))
    assert found["the same"] >= 73
    assert found["the same"] + found["the same words"] >= 84


# ── Replicate ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("identified", "least"), [(True, 36), (False, 35)], ids=["operationIds", "method and path alone"]
)
def test_replicate_without_its_catalog(tmp_path: Path, identified: bool, least: int) -> None:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    document = yaml.load((ROOT / "spec/openapi.yaml").read_text("utf-8"), Loader=loader)
    catalog = yaml.load((ROOT / "spec/catalog.yaml").read_text("utf-8"), Loader=loader)
    operation = {
        (m.upper(), path): each for path, item in document["paths"].items() for m, each in item.items() if m in METHODS
    }
    expected = {said["operation"]: name for name, said in catalog["functions"].items() if "operation" in said}
    told = {at: each["operationId"] for at, each in operation.items()}
    if not identified:
        for each in operation.values():
            del each["operationId"]
    (tmp_path / "api.json").write_text(json.dumps(document, default=str), "utf-8")
    made = link.load(documents.read(tmp_path / "api.json"))
    same = 0
    for function in made.functions:
        dotted = told[function.method, function.path]
        right = (called(function), function.name) == (dotted, expected[dotted])
        same += right
        if not right:
            print(f"{called(function)} {function.name}, in the catalog {dotted} {expected[dotted]}")
    print(f"{same} of {len(made.functions)}")
    assert len(made.functions) == 37 and same >= least


METHODS = {"get", "put", "post", "delete", "patch", "query"}


# ── constructs ──────────────────────────────────────────────────────────────────────────────────────────────────

O = tuple[str, str, str, list[str]]

CASES: dict[str, tuple[list[O], list[str]]] = {
    "methods and shapes": (
        [
            ("GET", "/v1/customers", "GetCustomers", []), ("POST", "/v1/customers", "PostCustomers", []),
            ("GET", "/v1/customers/{customer}", "GetCustomersCustomer", []),
            ("POST", "/v1/customers/{customer}", "PostCustomersCustomer", []),
            ("PUT", "/v1/customers/{customer}", "PutCustomersCustomer", []),
            ("PATCH", "/v1/customers/{customer}/address", "", []),
            ("DELETE", "/v1/customers/{customer}", "DeleteCustomersCustomer", []),
            ("DELETE", "/v1/customers", "", []),
            ("POST", "/v1/charges/{id}/capture", "PostChargesIdCapture", []),
            ("GET", "/v1/charges/search", "GetChargesSearch", []),
            ("GET", "/v1/account", "GetAccount", []), ("GET", "/v1/settings", "", []),
        ],
        [
            "customers.list list_customers", "customers.create create_customer", "customers.get get_customer",
            "customers.update update_customer", "customers.replace replace_customer",
            "customers.address.update update_customer_address", "customers.delete delete_customer",
            "customers.delete_all delete_all_customers", "charges.capture capture_charge", "charges.search search_charges",
            "account.get get_account", "settings.get get_settings",
        ],
    ),
    "versions and other first steps": (
        [
            ("GET", "/api/v2.1/pets", "", []), ("GET", "/rest/api/3/cages/{id}", "", []),
            ("GET", "/2019-10-01/keepers", "", []), ("GET", "/zoo/v1beta2/tickets", "", []), ("GET", "/api", "", []),
        ],
        ["pets.list list_pets", "cages.get get_cage", "keepers.list list_keepers", "tickets.list list_tickets", "api.get get_api"],
    ),
    "tags": (
        [
            ("GET", "/tasks", "getTasks", ["Tasks"]), ("GET", "/tasks/{id}", "getTask", ["Tasks"]),
            ("POST", "/tasks/{id}/addProject", "addProjectForTask", ["Tasks"]),
            ("GET", "/spaces/{id}/tasks", "getTasksForSpace", ["Tasks"]),
            ("POST", "/audiences", "createAudience", ["audience-controller"]),
            ("GET", "/audiences/{id}", "retrieveAnAudience", ["audience-controller"]),
            ("GET", "/users/{id}", "getUserUsingGET", ["default"]), ("POST", "/users", "createUser", ["Zoo API"]),
        ],
        [
            "tasks.list list_tasks", "tasks.get get_task", "tasks.add_project add_project_for_task",
            "tasks.list_for_space list_tasks_for_space", "audiences.create create_audience",
            "audiences.retrieve retrieve_audience", "users.get get_user", "users.create create_user",
        ],
    ),
    "one tag for everything": (
        [("GET", "/files", "listFiles", ["All"]), ("POST", "/audio/speeches", "createSpeech", ["All"]),
         ("POST", "/fine-tunes/{id}/cancel", "cancelFineTune", ["All"])],
        ["files.list list_files", "audio.speeches.create create_speech", "fine_tunes.cancel cancel_fine_tune"],
    ),
    "GitHub": (
        [("POST", "/repos/{r}/issues/{n}/comments", "issues/create-comment", ["issues"]),
         ("GET", "/repos/{r}/issues", "issues/list-for-repo", ["issues"]), ("GET", "/user", "users/get-authenticated", ["users"])],
        ["issues.create_comment create_issue_comment", "issues.list_for_repo list_issues_for_repo",
         "users.get_authenticated get_authenticated_user"],
    ),
    "Google": (
        [("GET", "/v1/projects/{id}/topics", "zoo.projects.topics.list", []),
         ("POST", "/v1/{+name}:cancel", "zoo.operations.cancel", []), ("POST", "/v1/topics/{t}:publish", "", [])],
        ["projects.topics.list list_project_topics", "operations.cancel cancel_operation", "topics.publish publish_topic"],
    ),
    "AutoRest": (
        [("GET", "/containerGroups", "ContainerGroups_List", ["x"]), ("DELETE", "/containerGroups/{n}", "ContainerGroups_Delete", ["y"]),
         ("PUT", "/containerGroups/{n}", "ContainerGroups_CreateOrUpdate", ["z"])],
        ["container_groups.list list_container_groups", "container_groups.delete delete_container_group",
         "container_groups.create_or_update create_or_update_container_group"],
    ),
    "Django": (
        [("GET", "/api/dcim/cable-ends/", "dcim_cable-ends_list", ["dcim"]),
         ("PATCH", "/api/users/{id}/", "users_partial_update", ["users"]), ("GET", "/api/users/{id}/", "users_retrieve", ["users"])],
        ["dcim.cable_ends.list list_dcim_cable_ends", "users.partial_update partial_update_user", "users.retrieve retrieve_user"],
    ),
    "two verbs": (
        [("PUT", "/pets/{id}", "createOrReplacePet", ["pets"]), ("POST", "/pets/{id}/stop", "stopAndDeletePet", ["pets"]),
         ("POST", "/cages", "Cages_GetOrCreate", []), ("GET", "/search", "searchAndFilterPets", ["pets"]),
         ("POST", "/pets/bulk", "bulkCreateOrUpdatePets", ["pets"]), ("GET", "/terms", "getTermsAndRules", ["terms"])],
        ["pets.create_or_replace create_or_replace_pet", "pets.stop_and_delete stop_and_delete_pet",
         "cages.get_or_create get_or_create_cage", "pets.search_and_filter search_and_filter_pets",
         "pets.bulk_create_or_update bulk_create_or_update_pets", "terms.get_and_rules get_terms_and_rules"],
    ),
    "NestJS": (
        [("GET", "/cats", "CatsController_findAll", ["a"]), ("DELETE", "/cats/{id}", "CatsController_remove", ["b"])],
        ["cats.find_all find_all_cats", "cats.remove remove_cat"],
    ),
    "FastAPI": (
        [("GET", "/items/{item_id}", "read_item_items__item_id__get", []), ("POST", "/items/", "create_item_items__post", [])],
        ["items.read read_item", "items.create create_item"],
    ),
    "a prefix that is short for the tag": (
        [("POST", "/repos/{r}/hooks", "repoCreateHook", ["repository"]), ("DELETE", "/repos/{r}", "repoDelete", ["repository"]),
         ("GET", "/repos/{r}/tags", "repoListTags", ["repository"]), ("GET", "/orgs/{o}", "orgGet", ["organization"])],
        ["repository.create_hook repo_create_hook", "repository.delete delete_repo", "repository.list_tags repo_list_tags",
         "organization.get_org get_org"],
    ),
    "alternatives": (
        [("GET", "/users/{id}/albums", "get_albums", ["Albums\\Essentials"]), ("GET", "/me/albums", "get_albums_alt1", ["Albums\\Essentials"]),
         ("PUT", "/albums/{a}/videos/{v}", "add_video_to_album", ["Albums\\Album videos"])],
        ["albums.list list_albums", "albums.list_for_me list_albums_for_me", "albums.videos.add_to_album add_video_to_album"],
    ),
    "actions": (
        [("POST", "/servers/{id}/actions/enable_rescue", "", ["Server Actions"]), ("GET", "/servers/{id}", "", ["Servers"]),
         ("POST", "/campaigns/{id}/actions/pause", "postCampaignsIdActionsPause", []), ("GET", "/servers/{id}/actions", "", ["Server Actions"])],
        ["servers.enable_rescue enable_rescue_server", "servers.get get_server", "campaigns.pause pause_campaign",
         "servers.list_actions list_server_actions"],
    ),
    "a noun that all paths go through": (
        [("GET", "/accounts", "", []), ("GET", "/accounts/{a}", "", []),
         *(("GET", f"/accounts/{{a}}/{noun}", "", []) for noun in ("calls", "queues", "keys", "tokens", "messages")),
         *(("GET", f"/accounts/{{a}}/{noun}/{{id}}", "", []) for noun in ("calls", "queues", "keys", "tokens", "messages"))],
        ["accounts.list list_accounts", "accounts.get get_account",
         *(f"{noun}.list list_{noun}" for noun in ("calls", "queues", "keys", "tokens", "messages")),
         *(f"{noun}s.get get_{noun}" for noun in ("call", "queue", "key", "token", "message"))],
    ),
    "verbs that are nouns": (
        [("POST", "/load_balancers", "post_load_balancers", []), ("GET", "/load_balancers/{id}", "", []),
         ("POST", "/segments/{project}", "postUserSegment", ["user segments"]), ("GET", "/stores/{id}/promo-rules", "getStoresIdPromorules", [])],
        ["load_balancers.create create_load_balancer", "load_balancers.get get_load_balancer",
         "user_segments.create create_user_segment", "stores.promo_rules.list list_store_promo_rules"],
    ),
    "remote calls": (
        [("POST", "/chat.postMessage", "chat_postMessage", ["chat"]), ("GET", "/files.remote.info", "files_remote_info", ["files.remote"]),
         ("POST", "/item/public_token/create", "itemPublicTokenCreate", []), ("POST", "/item/activity/list", "itemActivityList", []),
         ("POST", "/webinars/{id}/panelists", "webinarPanelistCreate", ["webinars"])],
        ["chat.post_message post_chat_message", "files.remote.info files_remote_info", "item.public_token.create create_item_public_token",
         "item.activity.list list_item_activity", "webinars.create_panelist create_webinar_panelist"],
    ),
    # hetras: the noun of the group in one word, and at the end of a phrase.
    "a noun in one word": (
        [
            ("GET", "/hotels/{hotel}/rateplans", "RatePlans_GetRateplans", ["RatePlans"]),
            ("GET", "/hotels/{hotel}/rateplans/{code}", "RatePlans_GetRateplan", ["RatePlans"]),
            ("GET", "/hotels/{hotel}/rooms/available", "Rooms_GetAvailableRooms", ["Rooms"]),
        ],
        ["rate_plans.list list_rate_plans", "rate_plans.get get_rate_plan", "rooms.get_available_rooms get_available_rooms"],
    ),
    "what is made from a path": (
        [
            ("GET", "/owners/{id}/pets", "listOwnersByIdPets", []), ("GET", "/dogs/{name}", "get_dogs_by_name", []),
            ("PUT", "/dogs/{name}/toys/{toy}", "updateDogsByNameToysByToy", []),
            ("GET", "/orgs/{o}/teams/{t}/members/{m}/roles/{r}/grants", "", []),
        ],
        ["owners.pets.list list_owner_pets", "dogs.get get_dog", "dogs.toys.update update_dog_toy",
         "orgs.teams.members.list_role_grants list_org_team_member_role_grants"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_constructs(tmp_path: Path, name: str) -> None:
    written, expected = CASES[name]
    listed = [dict(zip(("method", "path", "operationId", "tags"), each, strict=True)) for each in written]
    at = {f.place.pointer: f for f in load(tmp_path, listed).functions}
    found = [at[f"/paths/{path.replace('~', '~0').replace('/', '~1')}/{m.lower()}"] for m, path, *_ in written]
    assert [f"{called(f)} {f.name.removeprefix('zoo_')}" for f in found] == expected
    random.Random(7).shuffle(listed)
    assert {f.operation_id: f.name for f in load(tmp_path, listed).functions} == {f.operation_id: f.name for f in found}


def test_the_name_of_an_api_in_one_word_is_no_group(tmp_path: Path) -> None:
    """As Google writes it: `adsensehost.accounts.get` of the AdSense Host API."""
    listed = [("/accounts", "adsensehost.accounts.list"), ("/accounts/{id}", "adsensehost.accounts.get")]
    api = load(
        tmp_path, [{"method": "GET", "path": path, "operationId": key} for path, key in listed], "AdSense Host API"
    )
    assert {f.name for f in api.functions} == {"adsense_host_list_accounts", "adsense_host_get_account"}


# ── the package ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["stripe", "openai", "github", "twilio", "calendar", "email", "json", "string"])
def test_a_package_is_not_called_as_its_api(tmp_path: Path, name: str) -> None:
    """That name is its vendor's on the index, or a module of Python's: every derived one has a suffix."""
    api = load(
        tmp_path, [{"method": "GET", "path": "/pets"}], title=name.capitalize(), server=f"https://{name}.example"
    )
    assert (api.package, api.command) == (f"{name}_kit", f"{name}-kit")
    assert names.package(api).module == f"{name}_kit" and names.derived_package((name, "kit")) == f"{name}_kit"
