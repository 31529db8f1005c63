"""`prices`: what a second of a model or of hardware costs, as its user has found out; `costs` and `run` go by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from .. import about
from . import options
from .failure import usage
from .groups import Nest
from .options import COMMON
from .output import Printer
from .session import translated


def _printer() -> Printer:
    return Printer(options.settings(click.get_current_context()))


def set_(name: str, per_second: str | None, hardware: str | None, **_: Any) -> None:
    """Store the price of a second, or the hardware a model runs on, which has a price."""
    from ..runtime import prices

    if (per_second is None) == (hardware is None):
        raise usage(
            "pass a price, or --hardware with a hardware that has a price", f"{about.COMMAND} prices set --help"
        )
    printer = _printer()
    with _refused():
        full_name = prices.name_of(name)
        if hardware is not None:
            prices.change(lambda known: prices.put_hardware(known, full_name, hardware))
        else:
            price = prices.amount(per_second or "", "PER_SECOND")
            prices.change(lambda known: prices.put(known, full_name, price))
    printer.write(next(row for row in _rows() if row["name"] == name))


def list_(**_: Any) -> None:
    """Show all prices."""
    printer = _printer()
    printer.write(_rows())


def remove(name: str, **_: Any) -> None:
    """Forget a price."""
    from ..runtime import prices

    printer = _printer()
    with _refused():
        prices.change(lambda known: prices.removed(known, name))
    printer.write({"name": name, "removed": True})


def _rows() -> list[dict[str, Any]]:
    from ..runtime import prices

    with translated():
        known = prices.read()
    names = sorted({*known.prices, *known.hardware})
    return [
        {
            "name": name,
            "per_second": None if (price := known.price(name)) is None else prices.plain(price),
            "hardware": known.hardware.get(name),
        }
        for name in names
    ]


@contextmanager
def _refused() -> Iterator[None]:
    """Turn typing mistakes into usage errors, and other errors as `translated` does."""
    from ..runtime.errors import ArgumentError

    with translated():
        try:
            yield
        except ArgumentError as error:
            raise usage(str(error), f"{about.COMMAND} prices --help") from None


class _Set(click.Command):
    """Reads an amount below 0 as one that cannot be, and not as an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from ..runtime import prices

        for word in args:
            if word.startswith("-") and word[1:2].isdigit():
                with _refused():
                    prices.amount(word, "PER_SECOND")
        return super().parse_args(ctx, args)


def command(name: str) -> click.Command:
    """The group."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        return [row["name"] for row in _rows() if row["name"].startswith(incomplete)]

    named = click.Argument(["name"], metavar="HARDWARE|MODEL", shell_complete=complete)
    runs_on = click.Option(["--hardware"], metavar="NAME", help="The price of this hardware, on which the model runs.")
    parts: dict[str, tuple[Any, list[Any]]] = {
        "list": (list_, []),
        "remove": (remove, [named]),
        "set": (set_, [named, click.Argument(["per_second"], required=False, metavar="[PER_SECOND]"), runs_on]),
    }
    commands = {
        word: (_Set if word == "set" else click.Command)(
            word, callback=made, help=made.__doc__, params=[*more, *options.declared((COMMON,), hidden=(COMMON,))]
        )
        for word, (made, more) in parts.items()
    }
    return Nest(
        name,
        help="Manage the price per second of models and hardware. None is known unless you set it.",
        commands=commands,
        epilog="A price is an amount in your currency, such as 0.000975; it applies to every account.",
    )
