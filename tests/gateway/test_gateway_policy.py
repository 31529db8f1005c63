"""The policy over all APIs, the configuration that says it, and the budgets of a session."""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import gateway_packages  # noqa: F401 (it makes what is generated importable)
import pytest
from hanging import HANGS
from replikit.gateway import placed
from replikit.gateway.budgets import MOST_SESSIONS, Budget, Budgets
from replikit.gateway.contract import Record
from replikit.gateway.faults import MemberError
from replikit.gateway.plan import Plan, PlanError, plan
from replikit.gateway.rules import ApiRules, Rules

pytestmark = pytest.mark.usefixtures("patient_gateway")


def record(name: str, *classes: str) -> Record:
    return Record(
        name=f"github_{name}", short=name, aliases=(name.replace("_", ".", 1),), type=classes[0], classes=classes
    )


READ, WRITE = record("issues_list", "read"), record("issues_create", "write")
DELETE, SECRET = record("repos_delete", "write", "destructive"), record("keys_get", "read", "secret")
BILLED = record("runs_create", "write", "billed")

GITHUB = ApiRules(
    classes={"write": "deny", "billed": "ask"},
    functions={
        "issues.*": {"all": "allow"},
        "issues.c*": {"write": "ask"},
        "*": {"secret": "ask"},
    },
    accounts={"bot": {"write": "allow", "destructive": "allow"}},
)


@pytest.mark.parametrize(
    ("account", "function", "answer", "class_"),
    [
        ("", READ, "allow", "read"),
        # The pattern with more letters is the more specific one.
        ("", WRITE, "ask", "write"),
        ("", DELETE, "deny", "write"),
        ("bot", DELETE, "allow", "write"),
        # Of several classes the strictest answer holds.
        ("bot", BILLED, "ask", "billed"),
        ("", BILLED, "deny", "write"),
        ("", SECRET, "ask", "secret"),
        ("bot", SECRET, "ask", "secret"),
    ],
)
def test_the_most_specific_answer_holds(account: str, function: Record, answer: str, class_: str) -> None:
    decision = Rules(apis={"github": GITHUB}).decide("github", account, function)
    assert (decision.answer, decision.class_) == (answer, class_)


@pytest.mark.parametrize(
    ("rules", "function", "answer"),
    [
        (Rules(), READ, "allow"),
        (Rules(), WRITE, "deny"),
        (Rules(), SECRET, "deny"),
        (Rules.flags("allow"), WRITE, "allow"),
        (Rules.flags("allow"), DELETE, "deny"),
        (Rules.flags("allow", ["all"]), DELETE, "allow"),
        (Rules.flags("deny", ["billed"]), BILLED, "deny"),
        (Rules.flags("ask"), WRITE, "ask"),
        (Rules.flags("ask", ["all"]), BILLED, "ask"),
        (Rules.flags("ask", ask=["billed"]), DELETE, "deny"),
        (Rules.flags("allow", ["billed"], ["all"]), BILLED, "allow"),
        (Rules.flags("allow", ["billed"], ["all"]), SECRET, "ask"),
        # A member that says nothing of a function says nothing good of it.
        (Rules(), Record(name="x"), "deny"),
        (Rules(), Record(name="x", type="write", classes=("read",)), "deny"),
    ],
)
def test_without_a_word_about_an_api_only_reading_is_allowed(rules: Rules, function: Record, answer: str) -> None:
    assert rules.decide("github", "", function).answer == answer


# ── The configuration ─────────────────────────────────────────────────────────────────────────────────────

WHOLE: dict[str, Any] = {
    "apis": {"replicate": {"account": "work", "base_url": "https://api.example/v1"}},
    "policy": {
        "*": {"write": "ask"},
        "replicate": {
            "billed": "ask",
            "functions": {"models.*": "allow", "files.*": {"write": "deny"}},
            "accounts": {"home": {"billed": "deny"}},
        },
    },
    "budgets": {"calls": 10, "bytes": 2000, "money": 2.5},
}
YAML = """
# What agents of this project may reach.
apis:
  replicate: {account: work, base_url: "https://api.example/v1"}
policy:
  "*": {write: ask}
  replicate:
    billed: ask
    functions: {"models.*": allow, "files.*": {write: deny}}
    accounts: {home: {billed: deny}}
budgets: {calls: 10, bytes: 2000, money: 2.5}
"""


def written(folder: Path, text: str, name: str = "gateway.yaml") -> Path:
    (folder / name).write_text(text)
    return folder / name


def made(path: Path, **more: Any) -> Plan:
    return plan(config=str(path), **more)


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_both_forms_say_the_same(tmp_path: Path, form: str) -> None:
    path = written(tmp_path, YAML if form == "yaml" else json.dumps(WHOLE, indent=1), f"gateway.{form}")
    found = made(path)
    assert [(spec.name, spec.account, spec.base_url) for spec in found.specs] == [
        ("replicate", "work", "https://api.example/v1")
    ]
    assert found.rules.default == {"read": "allow", "write": "ask"}
    assert found.rules.apis["replicate"] == ApiRules(
        classes={"billed": "ask"},
        functions={"models.*": {"all": "allow"}, "files.*": {"write": "deny"}},
        accounts={"home": {"billed": "deny"}},
    )
    assert found.budget == Budget(calls=10, bytes=2000, money=Decimal("2.5"))


@pytest.mark.parametrize(
    ("text", "where", "told"),
    [
        ("apis: {}\npolicies: {}\n", "2:1", "did you mean policy?"),
        ("apis:\n  replicate:\n    acount: x\n", "3:5", "did you mean account?"),
        ("policy:\n  replicat: {}\n", "2:3", "did you mean replicate?"),
        ("policy:\n  replicate:\n    bild: ask\n", "3:5", "did you mean billed?"),
        ("policy: {replicate: {write: yes}}\n", "1:29", "allow, ask or deny, not 'True'"),
        ("policy: {replicate: {write: alow}}\n", "1:29", "did you mean allow?"),
        ('policy: {replicate: {functions: {"a*": 1}}}\n', "1:40", "allow, ask or deny"),
        ("budgets: {calls: -1}\n", "1:18", "non-negative integer"),
        ("budgets: {money: plenty}\n", "1:18", "an amount"),
        ("budgets: {call: 3}\n", "1:11", "did you mean calls?"),
        ("apis: [replicate]\n", "1:7", "apis is an object"),
        ("apis: {replicate: {base_url: 'file:///etc'}}\n", "1:30", "not an http or https URL"),
        ("apis: {'../x': {package: replikit}}\n", "1:16", "not a valid name of an API"),
        ("apis: {pets: {package: no_such_package}}\n", "1:24", "no package for 'no_such_package' is installed"),
        ("apis: {a: {package: b, openapi: c}}\n", "1:33", "set one of the two"),
        ("apis: {\n", "2:1", "this is not YAML"),
        ("budgets: {calls: 1, calls: 2}\n", "1:21", "a duplicate"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(tmp_path: Path, text: str, where: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(PlanError) as caught:
        made(path)
    assert str(caught.value).startswith(f"{path}:{where}: ") and told in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"apis": {},\n "policies": {}}', "2:2"),
        ('{\n  "budgets": {"calls": -1}\n}', "2:24"),
        ('{"apis": {"a": 1,}}', "1:18"),
        ('{"apis" {}}', "1:9"),
        ('{"apis": {}} {}', "1:14"),
        ('{"apis": nothing}', "1:10"),
        ('{"apis": {}, "apis": {}}', "1:14"),
        ("[" * 40, "1:21"),
        ("", "1:1"),
    ],
)
def test_json_is_placed_without_any_package(tmp_path: Path, text: str, where: str) -> None:
    path = written(tmp_path, text, "gateway.json")
    with pytest.raises(PlanError) as caught:
        made(path)
    assert str(caught.value).startswith(f"{path}:{where}: "), str(caught.value)


def test_json_is_read_as_its_own_reader_reads_it(tmp_path: Path) -> None:
    def plain(value: placed.Placed) -> Any:
        if isinstance(value.value, dict):
            return {key: plain(each) for key, each in value.value.items()}
        return [plain(each) for each in value.value] if isinstance(value.value, list) else value.value

    text = ' {"a": [1, -2.5e3, "x\\u00e9\\n", true, null, [], {}], "b" : {"c":\t"d"}}\n'
    assert plain(placed.read(written(tmp_path, text, "any.json"))) == json.loads(text)


def test_a_file_that_repeats_itself_without_end_has_an_end(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(PlanError, match="more than 10000 values"):
        made(written(tmp_path, "\n".join(lines)))


def test_the_folders_own_configuration_is_read_where_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert plan(config="").budget == Budget()
    written(tmp_path, "budgets: {calls: 3}")
    assert plan(config="").budget == Budget(calls=3)
    assert plan().budget == Budget()


def test_who_asks_lets_pass_what_is_behind_it() -> None:
    """A package that is older than the contract has a policy of its own, and nobody to ask."""
    found = plan(write="ask", allow=("billed",), ask=("destructive",))
    assert found.flags == ("--write=allow", "--allow=billed", "--allow=destructive")


def test_two_of_one_name_are_refused(packages: dict[str, Path]) -> None:
    with pytest.raises(PlanError, match="two members are named library"):
        plan((str(packages["library"]), str(packages["library"])))


def test_a_package_may_be_named_otherwise(packages: dict[str, Path], tmp_path: Path) -> None:
    beside = os.path.relpath(packages["library"], tmp_path)
    path = written(tmp_path, json.dumps({"apis": {"books": {"package": f"./{beside}"}}}), "gateway.json")
    found = made(path, with_=(str(packages["helpdesk"]),))
    assert [spec.name for spec in found.specs] == ["replicate", "helpdesk", "books"]
    assert found.specs[2].package is not None and found.specs[2].package.api == "library"


# ── Budgets ───────────────────────────────────────────────────────────────────────────────────────────────


def refused(budgets: Budgets, session: str, billed: bool = False) -> str:
    try:
        budgets.admit(session, billed)
    except MemberError as error:
        return str(error.error["budget"])
    return ""


def test_calls_are_counted_for_each_session() -> None:
    budgets = Budgets(Budget(calls=2))
    assert [refused(budgets, "a") for _ in range(3)] == ["", "", "calls"]
    assert refused(budgets, "b") == ""


def test_bytes_are_counted_as_they_are_given() -> None:
    budgets = Budgets(Budget(bytes=100))
    budgets.note("a", 99, None)
    assert refused(budgets, "a") == ""
    budgets.note("a", 1, None)
    assert refused(budgets, "a") == "bytes"


def test_money_is_counted_once_for_each_job_and_keeps_from_what_is_billed_alone() -> None:
    budgets = Budgets(Budget(money=Decimal("0.3")))
    for _ in range(5):
        budgets.note("a", 1, {"id": "one", "cost": "0.1"})
    assert refused(budgets, "a", billed=True) == ""
    budgets.note("a", 1, {"id": "two", "cost": "0.2"})
    assert refused(budgets, "a", billed=True) == "money"
    assert refused(budgets, "a") == ""


@pytest.mark.parametrize("cost", ["-1", "NaN", "Infinity", 1.0, None, "1e999999999", "1e12", "x" * 50, ["1"]])
def test_what_is_no_amount_costs_nothing(cost: Any) -> None:
    budgets = Budgets(Budget(money=Decimal(1)))
    budgets.note("a", 1, {"id": "job", "cost": cost})
    assert refused(budgets, "a", billed=True) == ""


def test_sessions_are_forgotten_beyond_their_number() -> None:
    budgets = Budgets(Budget(calls=1))
    assert refused(budgets, "first") == ""
    for number in range(MOST_SESSIONS):
        budgets.admit(f"s{number}", False)
    assert refused(budgets, "first") == ""


def test_a_document_that_cannot_be_rendered_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SURFACEGEN_RENDER", json.dumps([sys.executable, "-c", "raise SystemExit('it is no document')"]))
    path = written(tmp_path, "apis:\n  pets: {openapi: pets.yaml}\n")
    pets = made(path).host().members["pets"]
    pets.begin()
    assert not pets.wait(HANGS)
    assert pets.state.endswith("pets.yaml: it could not be rendered: it is no document")
    assert f"{path}:2:19: " in pets.state
    assert [spec.name for spec in made(path).specs] == ["replicate", "pets"]
