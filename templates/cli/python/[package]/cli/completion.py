"""Completion in bash, zsh and fish: what is inserted is one word to the shell, and nothing that it would carry out.

Names and values come from the API's description and from its answers. What cannot be seen is not offered at all: the
shell lists what it offers on the terminal.
"""

from __future__ import annotations

import os
import re
from typing import Any

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
)

from .. import about

VARIABLE = f"_{about.COMMAND}_COMPLETE".replace("-", "_").upper()
"""The variable of the environment by which a shell's script asks."""

_BASH = """\
%(complete_func)s() {
    local response type value
    response=$(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD="$COMP_CWORD" COMP_WORD="${COMP_WORDS[COMP_CWORD]}" \
%(complete_var)s=bash_complete "$1") || return
    COMPREPLY=()
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value") ;;
        esac
    done <<< "$response"
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_PLAIN = re.compile(r"[A-Za-z0-9_./:=@%+,-]")
_IN_QUOTES = {"'": re.compile(r"[^']*"), '"': re.compile(r'[^"$`\\!]*')}
"""What stands for itself after a quote that was opened."""


class _Seen(ShellComplete):
    """Offers what can be shown on a line of its own."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        items = [item for item in super().get_completions(args, incomplete) if self.fits(item)]
        for item in items:
            if item.help is not None:
                item.help = "".join(char if char.isprintable() else " " for char in item.help)
        return items

    def fits(self, item: CompletionItem[str]) -> bool:
        """Whether the shell can be given it."""
        return item.type != "plain" or (bool(item.value) and item.value.isprintable())


class Bash(_Seen, BashComplete):
    """bash inserts the completion unchanged."""

    source_template = _BASH

    def fits(self, item: CompletionItem[str]) -> bool:
        quoted = _IN_QUOTES.get(os.environ.get("COMP_WORD", "")[:1])
        return super().fits(item) and (item.type != "plain" or not quoted or bool(quoted.fullmatch(item.value)))

    def format_completion(self, item: CompletionItem[Any]) -> str:
        if item.type != "plain" or os.environ.get("COMP_WORD", "")[:1] in _IN_QUOTES:
            return super().format_completion(item)
        escaped = "".join(char if _PLAIN.match(char) or not char.isascii() else "\\" + char for char in item.value)
        return f"plain,{escaped}"


class Zsh(_Seen, ZshComplete):
    """zsh quotes what it inserts."""


class Fish(_Seen, FishComplete):
    """fish quotes what it inserts, but for a tilde at its start, which it reads as somebody's home; a value ends where
    its line does, not at a comma."""

    source_template = FishComplete.source_template.replace('string split ","', 'string split --max 1 ","')

    def fits(self, item: CompletionItem[str]) -> bool:
        return super().fits(item) and not (item.type == "plain" and item.value.startswith("~"))


CLASSES: dict[str, type[ShellComplete]] = {"bash": Bash, "fish": Fish, "zsh": Zsh}


def register() -> None:
    """Has click complete by these."""
    from click.shell_completion import add_completion_class

    for made in CLASSES.values():
        add_completion_class(made)
