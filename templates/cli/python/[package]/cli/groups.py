"""Groups of commands, and the error for a mistyped one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .failure import usage


def near(word: str, known: Sequence[str]) -> list[str]:
    """The known words that begin with this one, else those that look most like it."""
    import difflib

    begun = [other for other in known if len(word) > 1 and other.startswith(word)]
    return begun[:3] or difflib.get_close_matches(word[:80], known, 3, 0.6)


def near_option(option: str, known: Sequence[str]) -> str:
    """The known option most similar to this one that does not mean its opposite; empty if there is none."""
    import difflib

    negative = option.startswith("--no")
    alike = [other for other in known if other.startswith("--no-") == negative]
    return next(iter(difflib.get_close_matches(option[:80], alike, 1, 0.6)), "")


class Nest(click.Group):
    """A group of commands that answers an unknown one with the nearest."""

    def others(self) -> Sequence[str]:
        """Other words for its commands, which help does not list."""
        return ()

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """The commands and options that begin with this text; if there are none, the other words that do."""
        from click.shell_completion import CompletionItem

        items = super().shell_complete(ctx, incomplete)
        return items or [CompletionItem(word) for word in self.others() if word.startswith(incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            nearest = near(args[0], known) or near(args[0], self.others())
            hint = f"did you mean {', '.join(nearest)}?" if nearest else f"{ctx.command_path} --help lists the commands"
            raise usage(f"{ctx.command_path}: no command {args[0][:80]!r}", hint)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, which one of them is wanted of, and then the options."""
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)
