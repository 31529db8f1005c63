"""The function catalog as written, typed. Every entry keeps its node, so that whoever refuses it can cite its place.

`catalog.schema.json` says the same of each entry to people and editors; a test holds the two together, key by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from .source import Node

E = TypeVar("E", bound="Entry")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A mapping of the catalog."""

    at: Node
    """As written."""

    def node(self, key: str) -> Node:
        """The value of a key as written; the entry where it has none."""
        return self.at.get(key) or self.at

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return self.at.get(key) is not None


@dataclass(frozen=True, kw_only=True)
class Environment(Entry):
    """The environment variables that the package reads."""

    token: str = ""
    base_url: str = ""


@dataclass(frozen=True, kw_only=True)
class About(Entry):
    """The API and its package."""

    name: str = ""
    title: str = ""
    package: str = ""
    client: str = ""
    version: str = ""
    command: str = ""
    summary: str = ""
    description: str = ""
    homepage: str = ""
    environment: Environment | None = None
    token_url: str = ""
    whoami: str = ""


@dataclass(frozen=True, kw_only=True)
class AuthEntry(Entry):
    """Credentials, where the document is silent or wrong: the objects are those of OpenAPI."""

    schemes: Mapping[str, Any] = field(default_factory=dict)
    security: tuple[Any, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class GroupEntry(Entry):
    """A noun."""

    name: str = ""
    title: str = ""
    summary: str = ""
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class HeaderEntry(Entry):
    """A header parameter with a better spelling."""

    name: str
    encoding: str = ""
    minimum: float | None = None
    maximum: float | None = None
    description: str = ""


@dataclass(frozen=True, kw_only=True)
class ReferenceEntry(Entry):
    """Arguments of paths that people write as one."""

    form: str
    shown: str


@dataclass(frozen=True, kw_only=True)
class RunnerEntry(Entry):
    """A command that an extension resolves."""

    function: str
    summary: str
    shown: str
    description: str = ""
    named: tuple[str, ...] = ()
    stream: bool = False
    adds: str = ""


@dataclass(frozen=True, kw_only=True)
class PageEntry(Entry):
    """How lists go on."""

    items: str
    next: str = ""
    previous: str = ""
    by: str = "url"
    argument: str = ""
    size: str = ""
    more: str = ""
    end: str = ""
    total: str = ""
    current: str = ""
    first: int | None = None


@dataclass(frozen=True, kw_only=True)
class EventsEntry(Entry):
    """What the events of a stream mean, and the type of each."""

    output: str = ""
    logs: str = ""
    error: str = ""
    done: str = ""


@dataclass(frozen=True, kw_only=True)
class JobEntry(Entry):
    """How a job is followed."""

    id: str
    status: str
    terminal: tuple[str, ...]
    successful: tuple[str, ...]
    poll: str
    argument: str
    cancel: str = ""
    interval: float = 1.0
    output: str = ""
    error: str = ""
    logs: str = ""
    stream: str = ""
    events: EventsEntry | None = None
    input: str = ""
    list: str = ""
    model: str = ""
    hardware: str = ""
    seconds: str = ""
    created: str = ""
    started: str = ""


@dataclass(frozen=True, kw_only=True)
class UploadsEntry(Entry):
    """How files inside JSON arguments travel."""

    function: str
    argument: str
    url: str
    inline: int = 0
    largest: int | None = None


@dataclass(frozen=True, kw_only=True)
class WebhooksEntry(Entry):
    """How requests of the API are checked."""

    group: str
    secret: str
    key: str
    job: str = ""
    argument: str = ""
    filter: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ValuesEntry(Entry):
    """Where the values of a prompt's argument come from."""

    function: str
    form: str


@dataclass(frozen=True, kw_only=True)
class PromptArgumentEntry(Entry):
    """An argument of a prompt."""

    description: str
    required: bool = False
    values: ValuesEntry | None = None


@dataclass(frozen=True, kw_only=True)
class PromptEntry(Entry):
    """What people ask for."""

    title: str
    summary: str
    text: str
    arguments: Mapping[str, PromptArgumentEntry] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DeprecatedEntry(Entry):
    """What will go."""

    since: str = ""
    removed: str = ""
    use: str = ""


@dataclass(frozen=True, kw_only=True)
class ParameterEntry(Entry):
    """A parameter, by its name on the wire."""

    name: str = ""
    description: str = ""
    deprecated: DeprecatedEntry | None = None
    array_format: str = ""


@dataclass(frozen=True, kw_only=True)
class ExampleEntry(Entry):
    """A call, and what it gives."""

    title: str
    arguments: Mapping[str, Any]
    result: Any = None


@dataclass(frozen=True, kw_only=True)
class FilesEntry(Entry):
    """Which arguments take files, and where in the result some are."""

    input: tuple[str, ...] = ()
    output: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FunctionEntry(Entry):
    """The settings of a function, or of many; whatever is not set is derived."""

    operation: str = ""
    group: str | None = None
    verb: str = ""
    type: str = ""
    title: str = ""
    summary: str = ""
    deprecated: DeprecatedEntry | None = None
    destructive: bool | None = None
    secret: bool | None = None
    billed: bool | None = None
    idempotent: bool | None = None
    hidden: bool | tuple[str, ...] = False
    description: str = ""
    brief: str = ""
    keywords: tuple[str, ...] = ()
    parameters: Mapping[str, ParameterEntry] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float | None = None
    retries: int | None = None
    page: str | PageEntry | None = None
    job: str | JobEntry | None = None
    stream: str = ""
    instead: Mapping[str, str] = field(default_factory=dict)
    files: FilesEntry | None = None
    web: str = ""
    auth: tuple[Any, ...] | None = None
    examples: tuple[ExampleEntry, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class BaseEntry(Entry):
    """The function that a derived one calls, and its fixed arguments."""

    function: str
    fixed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FetchEntry(Entry):
    """The call that answers with a schema, and where in the answer that and what belongs to it are."""

    function: str
    schema: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    description: str = ""
    named: str = ""


@dataclass(frozen=True, kw_only=True)
class DerivationEntry(Entry):
    """A way in which functions are derived."""

    form: str
    argument: str
    named: BaseEntry | None = None
    versioned: BaseEntry | None = None
    group: str = ""
    input: str = ""
    output: str = ""
    order: str = ""
    joined: Mapping[str, Any] = field(default_factory=dict)
    secret: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    follow: bool | None = None
    fetch: FetchEntry | None = None
    fetch_version: FetchEntry | None = None


@dataclass(frozen=True, kw_only=True)
class DerivedEntry(Entry):
    """A function made of another one; whatever is not set is derived."""

    derivation: str = ""
    source: str = ""
    schema: str = ""
    version: str = ""
    base: str = ""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    argument: str = ""
    input: str = ""
    output: str = ""
    follow: bool | None = None
    group: str | None = None
    verb: str = ""
    title: str = ""
    summary: str = ""
    description: str = ""
    brief: str = ""
    keywords: tuple[str, ...] = ()
    examples: tuple[ExampleEntry, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Catalog(Entry):
    """All of it."""

    catalog: int = 1
    api: About | None = None
    functions: Mapping[str, FunctionEntry] = field(default_factory=dict)
    operations: Mapping[str, FunctionEntry] = field(default_factory=dict)
    auth: AuthEntry | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, GroupEntry] = field(default_factory=dict)
    headers: Mapping[str, HeaderEntry] = field(default_factory=dict)
    references: Mapping[str, ReferenceEntry] = field(default_factory=dict)
    runners: Mapping[str, RunnerEntry] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, PageEntry] = field(default_factory=dict)
    jobs: Mapping[str, JobEntry] = field(default_factory=dict)
    uploads: UploadsEntry | None = None
    webhooks: WebhooksEntry | None = None
    prompts: Mapping[str, PromptEntry] = field(default_factory=dict)
    derivations: Mapping[str, DerivationEntry] = field(default_factory=dict)
    derived: Mapping[str, DerivedEntry] = field(default_factory=dict)


def entry(kind: type[E], node: Node) -> E:
    """A mapping that its JSON Schema allows, as its type."""
    written = {key: _value(hint, below) for key, hint in hints(kind).items() if (below := node.get(key)) is not None}
    return kind(at=node, **written)


def hints(kind: type[Entry]) -> Mapping[str, Any]:
    """The keys of a kind of entry, with the type of each."""
    if kind not in _HINTS:
        types = get_type_hints(kind)
        _HINTS[kind] = {each.name: types[each.name] for each in fields(kind) if each.name != "at"}
    return _HINTS[kind]


_HINTS: dict[type[Any], Mapping[str, Any]] = {}


def _value(hint: Any, node: Node) -> Any:
    if isinstance(hint, UnionType):
        hint = next(each for each in get_args(hint) if _fits(each, node.value))
    of = get_origin(hint)
    if of is tuple:
        return tuple(_value(get_args(hint)[0], each) for each in node.elements())
    if of is not None:
        return {key: _value(get_args(hint)[1], each) for key, each in node.items()}
    return entry(hint, node) if isinstance(hint, type) and issubclass(hint, Entry) else node.value


def _fits(hint: Any, value: Any) -> bool:
    """Whether a value that the JSON Schema allows is of this one of several types."""
    of = get_origin(hint)
    if of is tuple:
        return isinstance(value, list)
    if isinstance(hint, type) and issubclass(hint, Entry):
        return isinstance(value, dict)
    if hint is float:
        return isinstance(value, (int, float))
    return hint is not type(None) and isinstance(value, hint)
