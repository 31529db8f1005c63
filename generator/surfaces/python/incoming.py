"""The requests that the API makes: what they hold, and how they are checked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ... import names
from ...ir import Api
from ...text import Code, first_sentence, prose, python_docstring, python_literal
from ..base import Page
from .operations import payload_views
from .spelling import COMMON, FOLDER, imports, unlinked
from .types import Types

_INCOMING_MODULES = (
    *COMMON,
    (".", ("_types",)),
    (".runtime", ("_incoming",)),
    (".runtime.webhooks", ("Headers", "Secret")),
)


@dataclass(frozen=True)
class EventView:
    """A request that the API makes, as the function that reads it."""

    name: Code
    doc: Code
    returns: Code
    view: Code
    signed: bool


@dataclass(frozen=True)
class IncomingView:
    """The module that reads the requests of the API."""

    events: tuple[EventView, ...]
    names: Code
    imports: tuple[Code, ...]


@dataclass(frozen=True)
class WebhooksView:
    """The module that checks the requests of the API; `view` is the class of what they hold, or empty."""

    view: Code
    client: Code
    members: tuple[Code, ...]
    """The client's attribute of the same name: the module serves as both."""
    names: Code


def incoming(api: Api, types: Types) -> Iterable[Page]:
    """The module that reads the requests of the API, if the document declares their bodies."""
    events = []
    for event in api.events:
        spec = types.result(event.type)[1]
        model = event.type.kind == "model" and bool(spec) and spec[0] not in "[{"
        view = Code(f"_types.{spec}") if model else Code("None")
        declared = event.summary or first_sentence(event.description) or f"The body of {event.key}."
        doc = python_docstring(unlinked(prose(declared)))
        events.append(
            EventView(names.PYTHON.spell(event.words), doc, view if model else Code("Any"), view, event.signed)
        )
    if events:
        listed = python_literal(sorted(str(event.name) for event in events))
        used = [
            *(event.returns for event in events),
            *("Headers Secret" for event in events if event.signed),
            "_incoming",
        ]
        lines = imports(used, _INCOMING_MODULES)
        yield Page(f"{FOLDER}incoming.py.jinja", IncomingView(tuple(events), listed, lines))


def checks(api: Api, types: Types) -> Iterable[Page]:
    """The module that checks the requests of the API, where it makes any."""
    if api.webhooks is not None:
        members = tuple(sorted({*_of_webhooks(api)} - {"TOLERANCE", "Delivery", "unwrap", "verify"}))
        view = WebhooksView(
            payload_views(api, types)[0], names.package(api).client, members, python_literal([*map(str, members)])
        )
        yield Page(f"{FOLDER}webhooks.py.jinja", view)


def _of_webhooks(api: Api) -> Iterable[Code]:
    """The resources and functions of a group that is called as the module is."""
    for group in api.groups:
        if ".".join(group.path[0]) == "webhooks" and len(group.path) == 2:
            yield names.nouns(api)[group.key].python
    for function in api.functions:
        if function.group == "webhooks":
            yield names.called(api)[function.name].method
