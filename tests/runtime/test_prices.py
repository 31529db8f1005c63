"""What runs cost: amounts as they are typed, the table of prices, a client's costs, and the amount that a batch is held to."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cli_harness import MODEL, Cli, mock
from hanging import HANGS
from replikit_package import imported
from scripted import KINDS, Kind, of, scripted


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture
def prices(package: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("REPLIKIT_CONFIG", str(tmp_path / "config" / "config.json"))
    from importlib import import_module

    return import_module("replikit.runtime.prices")


def job(**more: Any) -> dict[str, Any]:
    """A prediction that took 2.5 seconds, but for what a test says otherwise."""
    times = {"created_at": "2026-03-02T23:30:00Z", "started_at": "2026-03-02T23:30:01Z"}
    return {"id": "p1", "model": "acme/brush", "status": "succeeded", **times, "metrics": {"predict_time": 2.5}, **more}


@pytest.mark.parametrize(("text", "shown"), [
    ("0.000975", "0.000975"), ("12", "12"), ("100", "100"), ("1.50", "1.5"), ("0", "0"), ("007.10", "7.1"), ("999999999999.999999999999", "999999999999.999999999999"),
])  # fmt: skip
def test_an_amount(prices: Any, text: str, shown: str) -> None:
    found = prices.amount(text)
    assert type(found) is Decimal and prices.plain(found) == shown


@pytest.mark.parametrize("text", [
    "", "nan", "NaN", "inf", "-1", "+1", "1e999", "1E3", "1,5", "1.000,50", "1_000", ".5", "5.", " 5", "5 ", "$5", "0x10", "\u0661", "1" * 13, "0." + "1" * 13, "1\n",
])  # fmt: skip
def test_what_is_no_amount(package: Any, prices: Any, text: str) -> None:
    with pytest.raises(package.ArgumentError, match="is no amount: ") as caught:
        prices.amount(text)
    assert ("nothing between thousands" in str(caught.value)) is ("," in text)


def test_the_model_s_own_price_goes_before_that_of_its_hardware(prices: Any) -> None:
    known = prices.Prices({"a/b": Decimal(1), "gpu": Decimal(2), "cpu": Decimal(3)}, {"c/d": "gpu", "e/f": "gone"})
    table = {("a/b", ""): 1, ("a/b", "cpu"): 1, ("c/d", ""): 2, ("c/d", "cpu"): 2, ("x/y", "cpu"): 3, ("e/f", "cpu"): 3}
    for (model, hardware), price in table.items():
        assert known.price(model, hardware) == price
    for nothing in (("x/y", ""), ("e/f", ""), ("", ""), ("x/y", "tpu")):
        assert known.price(*nothing) is None


def test_the_file_is_its_owner_s_alone_and_has_no_number(prices: Any) -> None:
    prices.change(lambda known: prices.put(known, "gpu", prices.amount("0.10")))
    prices.change(lambda known: prices.put_hardware(known, "a/b", "gpu"))
    path = prices.path()
    assert json.loads(path.read_text()) == {"prices": {"gpu": "0.1"}, "hardware": {"a/b": "gpu"}}
    assert path.name == "prices.json" and stat.S_IMODE(path.stat().st_mode) == 0o600
    prices.change(lambda known: prices.put(known, "a/b", prices.amount("3")))
    assert prices.read() == prices.Prices({"gpu": Decimal("0.1"), "a/b": Decimal(3)}, {})


@pytest.mark.parametrize(("text", "said"), [
    ("[]", "must be a JSON object"), ("null", "must be a JSON object"), ("{", "is not JSON"), ('{"prices": {"a": 0.1}}', 'prices.a: must be text, such as "0.000975"'),
    ('{"price": {}}', "'price': unknown"), ('{"prices": []}', "prices: must be an object"), ('{"prices": {"a": "nan"}}', "'nan' is no amount"),
    ('{"prices": {"a b": "1"}}', "'a b' is not a valid name"), ("[" * 100_000, "too deeply to be a table of prices"),
])  # fmt: skip
def test_a_file_that_is_no_table_of_prices(package: Any, prices: Any, text: str, said: str) -> None:
    prices.path().parent.mkdir(0o700)
    prices.path().touch(0o600)
    prices.path().write_text(text)
    with pytest.raises(package.ConfigError) as caught:
        prices.read()
    assert said in str(caught.value) and str(prices.path()) in str(caught.value)


def test_there_is_an_end_to_them(package: Any, prices: Any) -> None:
    many = prices.Prices({f"{'m' * 120}/{n}": Decimal("999999999999.999999999999") for n in range(prices.MOST)})
    assert len(prices.change(lambda _: many).prices) == prices.MOST and prices.read() == many
    with pytest.raises(package.ConfigError, match="would have 4,001 entries"):
        prices.change(lambda known: prices.put(known, "one-more", Decimal(1)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_tells_what_a_job_cost(package: Any, prices: Any, kind: Kind) -> None:
    prices.change(lambda known: prices.put(known, "acme/brush", prices.amount("0.1")))
    never = {"status": "aborted", "metrics": None, "started_at": None}
    told = [
        (job(), Decimal("0.25")),
        (job(metrics={"predict_time": 3}), Decimal("0.3")),
        (job(metrics={"predict_time": 0.1}), Decimal("0.01")),  # where floats have 0.010000000000000002
        (job(model="acme/other"), None),
        (job(metrics={}), None),
        (job(**never), Decimal(0)),
        (job(**never | {"started_at": "2026-03-02T23:30:01Z"}), None),
        (job(**never | {"status": "processing"}), None),
        *((job(metrics={"predict_time": wrong}), None) for wrong in (True, "2.5", -1, 1e10, [], {})),
    ]
    with scripted() as api:
        api.answers["/v1/predictions/p1"] = [of(data) for data, _ in told]

        async def awaited(client: Any) -> Any:
            return [client.cost(await client.predictions.get(prediction_id="p1")) for _ in told]

        def sync(client: Any) -> Any:
            return [client.cost(client.predictions.get(prediction_id="p1")) for _ in told]

        cls = package.AsyncReplicate if kind.asynchronous else package.Replicate
        found = kind.run(cls, awaited if kind.asynchronous else sync, token="t", base_url=api.base_url)
    assert found == [cost for _, cost in told]


def test_a_budget_is_kept_where_jobs_are_alike(package: Any) -> None:
    from importlib import import_module

    budget_of = import_module("replikit.runtime.budget")
    budget, answer = budget_of.Budget(Decimal(20), Decimal(3)), budget_of.Answer
    assert [budget.admit(n) for n in range(3)] == [answer.YES, answer.LATER, answer.LATER], "none has told its cost yet"
    assert budget.admit(0) is answer.YES, "it is counted once"
    budget.end(0, 2, started=True)
    assert [budget.admit(n) for n in (1, 2, 3)] == [answer.YES, answer.YES, answer.LATER]  # 6 spent, 12 to come
    budget.end(1, 1, started=True)
    assert budget.admit(3) is answer.LATER  # 9 spent, 6 to come, and 6 more would be 21
    budget.forget(2)
    assert budget.admit(3) is answer.YES
    budget.end(3, None, started=False)
    budget.end(2, None, started=True)  # it may have cost what the dearest did
    assert budget.spent == 9 and budget.admit(4) is answer.NO
    assert "9 of 20 was spent, and another run may cost 6; 1 did not tell" in str(budget.reached())


def test_what_was_spent_before_counts(package: Any) -> None:
    from importlib import import_module

    budget = import_module("replikit.runtime.budget").Budget(Decimal(10), Decimal(2))
    budget.resume([{"index": 0, "id": "a", "seconds": 2.5}, {"index": 0, "id": "b", "seconds": 1}, {"error": "x"}])
    budget.under_way([4])
    assert budget.spent == 7 and budget.admit(5).value == "later" and budget.admit(4).value == "yes"
    budget.forget(4)
    assert budget.admit(5).value == "no"


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    with mock("--seconds", "0.05") as url:
        yield Cli(tmp_path, url)


def test_prices_are_set_listed_and_removed(tmp_path: Path) -> None:
    cli = Cli(tmp_path, token="")
    setters = [cli.start("prices", "set", f"m{n}", f"0.{n}") for n in range(1, 6)]
    for process in setters:
        _, errors = process.communicate(timeout=HANGS)
        assert process.returncode == 0, errors
    cli.json("prices", "set", "acme/brush", "--hardware", "m1")
    rows = {row["name"]: (row["per_second"], row["hardware"]) for row in cli.json("prices", "list")}
    assert rows == {**{f"m{n}": (f"0.{n}", None) for n in range(1, 6)}, "acme/brush": ("0.1", "m1")}
    for words, said in (
        (("set", "m1", "-1"), "'-1' is no amount"),
        (("set", "m1", "1,5"), "a point before the decimals"),
        (("set", "m1"), "pass a price"),
        (("set", "m1", "1", "--hardware", "m2"), "pass a price"),
        (("set", "a/b", "--hardware", "m9"), "m9 has no price yet"),
        (("set", "../x", "1"), "is not a valid name"),
        (("remove", "acme/brsh"), "did you mean acme/brush?"),
        (("remove", "m1"), "hardware of acme/brush"),
    ):
        error = cli.error(2, "prices", *words)
        assert said in error["message"] and error["hint"]
    cli.json("prices", "remove", "acme/brush")
    cli.json("prices", "remove", "m1")
    assert len(cli.json("prices", "list")) == 4


def test_a_run_tells_its_time_and_cost(cli: Cli) -> None:
    envelope = cli.json("run", MODEL, "text=Ada", "--json")
    taken = envelope["data"]["metrics"]["predict_time"]
    assert (envelope["meta"]["seconds"], envelope["meta"]["cost"]) == (taken, None)
    cli.json("prices", "set", MODEL, "2")
    meta = cli.json("run", MODEL, "text=Ada", "--json")["meta"]
    assert Decimal(meta["cost"]) == Decimal(str(taken)) * 2


def test_a_broken_table_of_prices_loses_no_output(cli: Cli) -> None:
    cli.json("prices", "set", MODEL, "2")
    (cli.folder / "config" / "prices.json").write_text("{")
    assert cli.json("run", MODEL, "text=Ada") == "hello Ada"
    assert "is not JSON" in cli.error(4, "costs")["message"]
    error = cli.error(4, *write(cli, 1)[:-1])
    assert "is not JSON" in error["message"] and not (cli.folder / "out.jsonl").exists(), "before anything is started"


def write(cli: Cli, count: int) -> tuple[str, ...]:
    (cli.folder / "in.jsonl").write_text("".join(json.dumps({"text": f"n{n}"}) + "\n" for n in range(count)))
    return ("run", MODEL, "--batch", "in.jsonl", "--out", "out.jsonl", "--max-cost")


def lines(cli: Cli) -> list[Any]:
    return [json.loads(line) for line in (cli.folder / "out.jsonl").read_text().splitlines()]


def test_a_batch_ends_before_it_costs_more_and_goes_on_with_more(cli: Cli) -> None:
    words = write(cli, 7)
    error = cli.error(2, *words, "1")
    assert "no price is known for replicate/hello-world" in error["message"] and "prices set" in error["hint"]
    assert not (cli.folder / "out.jsonl").exists()
    cli.json("prices", "set", MODEL, "1000")
    each = Decimal(str(cli.json("run", MODEL, "text=a", "--json")["data"]["metrics"]["predict_time"])) * 1000
    for amount, done in ((each * 3, 3), (each * 3, 3), (each * 5 + 1, 5)):
        error = cli.error(4, *words, str(amount))
        assert error["type"] == "max_cost" and f"{done} of 7 are done" in error["message"] and "larger" in error["hint"]
        assert Decimal(error["data"]["spent"]) == sum(Decimal(line["cost"]) for line in lines(cli)) == each * done
    assert cli.json(*words, str(each * 7))["succeeded"] == 7
    runs = [
        p["input"]["text"] for p in cli.json("predictions", "list", "--all") if p["input"].get("text", "")[:1] == "n"
    ]
    assert sorted(runs) == [f"n{n}" for n in range(7)], "each was run once"


@pytest.mark.parametrize("amount", ["0", "nan", "-1", "1e999", "1,50", "9" * 13])
def test_an_amount_that_is_none_is_refused(cli: Cli, amount: str) -> None:
    error = cli.error(2, *write(cli, 1), amount)
    assert error["message"].startswith("--max-cost: ") and error["hint"]


def test_only_a_batch_of_a_known_model_is_held_to_an_amount(cli: Cli) -> None:
    assert "only to a batch" in cli.error(2, "run", MODEL, "text=a", "--max-cost", "1")["message"]
    words = write(cli, 1)[2:]
    assert "is not known before" in cli.error(2, "predictions", "create", *words, "1")["message"]
    assert "is not known before" in cli.error(2, "run", "9" * 64, *words, "1")["message"]


def test_costs_are_summed_up_over_all_pages(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    first = [
        job(id="p5", created_at="2026-03-03T00:30:00+01:00"),  # the 2nd in UTC
        job(id="p4", status="processing", metrics=None),
    ]
    second = [
        job(id="p3", model="acme/pen", created_at="2026-03-01T10:00:00Z", metrics={"predict_time": 4}),
        job(id="p2", model="\u001b[2Jevil", created_at="2026-03-01T09:00:00Z"),
        job(id="p1", created_at="2026-02-27T12:00:00Z", metrics={"predict_time": 0.1}),
    ]
    with scripted() as api:
        cli.url = api.base_url
        api.answers["/v1/trainings"] = [of({"results": [], "next": None})]
        api.answers["/v1/predictions"] = lambda asked: of(
            {"results": second, "next": None}
            if "cursor" in asked.path
            else {"results": first, "next": f"{api.base_url}/predictions?cursor=2"}
        )
        cli.json("prices", "set", "acme/brush", "0.1")
        found = cli.json("costs")
        none: dict[str, Any] = {"unpriced_jobs": 0, "unpriced_seconds": 0, "untimed_jobs": 0}
        assert found["complete"] and found["rows"] == [
            {**none, "model": "acme/brush", "jobs": 3, "seconds": 2.6, "cost": "0.26", "untimed_jobs": 1},
            {**none, "model": "acme/pen", "jobs": 1, "seconds": 4, "cost": None, "unpriced_jobs": 1, "unpriced_seconds": 4},
            {**none, "model": "\u001b[2Jevil", "jobs": 1, "seconds": 2.5, "cost": None, "unpriced_jobs": 1, "unpriced_seconds": 2.5},
        ]  # fmt: skip
        assert found["total"] == {"jobs": 5, "seconds": 9.1, "cost": "0.26", "unpriced_jobs": 2, "unpriced_seconds": 6.5, "untimed_jobs": 1}  # fmt: skip
        days = {row["day"]: row["jobs"] for row in cli.json("costs", "--by", "day")["rows"]}
        assert days == {"2026-03-02": 2, "2026-03-01": 2, "2026-02-27": 1}
        since = cli.json("costs", "--since", "2026-03-01T10:30+01:00", "--json")
        assert since["since"] == "2026-03-01T09:30:00Z" and since["total"]["jobs"] == 3
        before = len(api.to("/v1/predictions"))
        few = cli.json("costs", "--limit", "1")
        assert few["total"]["jobs"] == 1 and not few["complete"]
        assert len(api.to("/v1/predictions")) == before + 1, "no page more than it takes"
        assert "2w" in cli.error(2, "costs", "--since", "soon")["hint"]
