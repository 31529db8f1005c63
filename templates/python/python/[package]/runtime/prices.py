"""The cost of jobs, by prices per second that the user sets in `prices.json`, beside the accounts file.

{"prices": {"gpu-l40s": "0.000975", "acme/brush": "0.0012"}, "hardware": {"acme/lisbon": "gpu-l40s"}}

An API tells how long a job took, not what it costs, so no price is shipped and none is guessed: without a price there
is no cost. Amounts are in the currency of whoever keeps them, and decimal from end to end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from . import accounts, private
from .errors import ArgumentError, ConfigError
from .operation import JobInfo
from .views import at

MOST = 4000
"""Entries of the file at most: so many fit into the bytes that are read of it."""
_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,127}")
_LONGEST = 10**9
"""Seconds that a job may have taken: more is taken for a mistake."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices per second, by the name of a model or of hardware."""

    prices: Mapping[str, Decimal] = field(default_factory=dict)
    hardware: Mapping[str, str] = field(default_factory=dict)
    """Model -> the hardware that it runs on, whose price counts for it."""

    def price(self, model: str, hardware: str = "") -> Decimal | None:
        """Of a second: the model's own price, else that of its hardware; None where neither has one."""
        for name in (model, self.hardware.get(model, ""), hardware):
            if name in self.prices:
                return self.prices[name]
        return None

    def of(self, job: JobInfo, data: Any) -> Decimal | None:
        """The price of a second of this job; None where there is none."""
        return self.price(text_at(data, job.model), text_at(data, job.hardware))

    def cost(self, job: JobInfo, data: Any) -> Decimal | None:
        """What a job has cost; None where its price or its seconds are not known."""
        taken, price = seconds(job, data), self.of(job, data)
        return None if taken is None or price is None else taken * price


def text_at(data: Any, path: str) -> str:
    """The text at a dotted path; empty where there is none."""
    value = at(data, path) if path else None
    return value if isinstance(value, str) else ""


def seconds(job: JobInfo, data: Any) -> Decimal | None:
    """The billed seconds of a job; None where it does not tell, or the number is not plausible. 0 for a job that ended
    before its work began.
    """
    value = at(data, job.seconds) if job.seconds else None
    if value is None and job.seconds and job.started and at(data, job.status) in job.terminal:
        return None if at(data, job.started) else Decimal()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _LONGEST:
        return None
    return Decimal(str(value))  # by its shortest text, which is what the API wrote


def amount(text: str, name: str = "amount") -> Decimal:
    """An amount of money as it is written: digits, and a point before the decimals. ArgumentError where it is none."""
    if not _AMOUNT.fullmatch(text):
        hint = "write a point before the decimals, and nothing between thousands" if "," in text else _FORM
        raise ArgumentError(name, f"{text[:60]!r} is no amount: {hint}")
    return Decimal(text)


_FORM = "digits, and a point before the decimals, such as 0.000975; at most 12 of each"


def plain(value: Decimal) -> str:
    """An amount in digits alone, without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def name_of(text: str) -> str:
    """Checks the name of a model or of hardware. Raises ArgumentError where it is not valid."""
    if not _NAME.fullmatch(text):
        form = "letters, digits and . _ / : -, 128 at most"
        raise ArgumentError("name", f"{text[:60]!r} is not a valid name of a model or of hardware: {form}")
    return text


def path() -> Path:
    """The path of the file. Raises ConfigError where it cannot be determined."""
    return accounts.config_path().with_name("prices.json")


def read() -> Prices:
    """Reads the file; no prices where there is none. ConfigError where it cannot be trusted or understood."""
    place = path()
    return _checked(place, private.read_json(place, "a table of prices"))


def change(made: Callable[[Prices], Prices]) -> Prices:
    """Applies `made` to the prices, writes the result and returns it, all under a lock.

    Raises ConfigError, also where there would be more than MOST entries.
    """
    place = path()
    with private.locked(place):
        prices = made(read())
        count = len(prices.prices) + len(prices.hardware)
        if count > MOST:
            raise ConfigError(f"{place} would have {count:,} entries, and {MOST:,} is the most: remove some")
        texts = {name: plain(price) for name, price in sorted(prices.prices.items())}
        data = {"prices": texts, "hardware": dict(sorted(prices.hardware.items()))}
        private.write(place, (json.dumps(data, indent=2) + "\n").encode())
        return prices


def put(prices: Prices, name: str, price: Decimal) -> Prices:
    """A copy with this price, in place of the hardware of the model."""
    others = {model: runs_on for model, runs_on in prices.hardware.items() if model != name}
    return replace(prices, prices={**prices.prices, name: price}, hardware=others)


def put_hardware(prices: Prices, model: str, hardware: str) -> Prices:
    """A copy with the price of this hardware for a model. Raises ArgumentError where the hardware has no price."""
    if hardware not in prices.prices or hardware == model:
        raise ArgumentError("hardware", f"{hardware} has no price yet{_near(hardware, prices.prices)}")
    others = {name: price for name, price in prices.prices.items() if name != model}
    return replace(prices, prices=others, hardware={**prices.hardware, model: hardware})


def removed(prices: Prices, name: str) -> Prices:
    """A copy without this name. Raises ArgumentError where it has no price, or a model would lose its price."""
    if name not in prices.prices and name not in prices.hardware:
        raise ArgumentError("name", f"{name} has no price{_near(name, [*prices.prices, *prices.hardware])}")
    used = sorted(model for model, runs_on in prices.hardware.items() if runs_on == name)
    if used:
        raise ArgumentError("name", f"{name} is the hardware of {', '.join(used[:3])}: remove that first")
    return Prices(
        {known: price for known, price in prices.prices.items() if known != name},
        {model: runs_on for model, runs_on in prices.hardware.items() if model != name},
    )


def _near(name: str, known: Any) -> str:
    near = get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def _checked(place: Path, data: Any) -> Prices:
    if not isinstance(data, dict):
        raise ConfigError(f"{place}: it must be a JSON object")
    for key, entries in data.items():
        if key not in ("prices", "hardware"):
            raise ConfigError(f"{place}: {key[:60]!r}: unknown; known are prices, hardware")
        if not isinstance(entries, dict):
            raise ConfigError(f"{place}: {key}: must be an object")
        for name, value in entries.items():
            if not isinstance(value, str):
                raise ConfigError(f'{place}: {key}.{name[:60]}: must be text, such as "0.000975"')
    try:
        prices = {name_of(name): amount(text) for name, text in data.get("prices", {}).items()}
        runs_on = {name_of(model): name_of(text) for model, text in data.get("hardware", {}).items()}
    except ArgumentError as error:
        raise ConfigError(f"{place}: {error}") from None
    return Prices(prices, runs_on)
