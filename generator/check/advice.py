"""What a maintainer should mend: nothing that keeps a surface from being made, but what makes one worse to use.

`rules.lint` finds what cannot be rendered at all. Here each rule is a function that gives advice; an error is what
misleads (an example that is wrong), a warning what is missing or could be better, an info what publishing would want.

    advise              the API as it is meant: prose, examples, spellings, promises
    document.advise     the document as it is written, by the rules of the field's linters
    validity            the document against the schema of its version
    catalogue           every rule, by its name
"""

from __future__ import annotations

from ..ir import Api
from .advised import Advice, by_place
from .examples import examples
from .promises import arrays, deprecations, errors, tools
from .prose import prose
from .spellings import spellings

__all__ = ["Advice", "advise"]


def advise(api: Api) -> tuple[Advice, ...]:
    """All findings about an API, sorted by place."""
    rules = (prose, examples, arrays, errors, spellings, deprecations, tools)
    return tuple(sorted({advice for rule in rules for advice in rule(api)}, key=by_place))
