"""What an API means: complete, frozen, and spelled in no language.

    Api ── Group                       a noun: predictions, models.versions
     ├──── Function ── Param           one argument, wherever it travels
     │        ├─────── Body            how the arguments of a body are put together
     │        ├─────── Response        what comes back, per status
     │        ├─────── Result          what a caller gets on success
     │        └─────── Example
     ├──── Model ───── Field ── Type   a named object
     ├──── NamedType ─ Type            a named enumeration, union, list or map
     ├──── Derived               of a function: how it is made of another
     ├──── Page, Job, Uploads, Webhooks  behaviours, declared by the catalog
     ├──── Prompt                      what people ask for, declared by the catalog
     ├──── Scheme, Server
     └──── Loss                        what could not be carried over, and why

Nothing here is a reference to be followed, a default to be applied or a thing to be decided later:
a `$ref` has become a `Type` of kind `model` or `named`, which refers to a `Model` or a `NamedType` by
its key (so that recursion is no special case). Names are words; each surface spells them by its own custom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from .losses import Loss as Loss  # noqa: PLC0414 - a part of the IR, and so exported
from .places import Place as Place  # noqa: PLC0414

Json = Any
"""A decoded JSON value. Never changed once it stands in the IR."""

Words = tuple[str, ...]
"""A name before it is spelled: lower-case words, as in ("cancel", "after")."""

Kind = Literal[
    "any",
    "never",
    "null",
    "boolean",
    "integer",
    "number",
    "string",
    "binary",
    "array",
    "map",
    "model",
    "union",
    "named",
]
Location = Literal["path", "query", "header", "cookie", "field", "body"]
BodyKind = Literal["json", "form", "multipart", "text", "binary"]
ContentKind = Literal["json", "text", "binary", "events", "empty"]
AboutLabel = Literal["terms of service", "contact", "licence"]
Class = Literal["read", "write", "billed", "destructive", "secret"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discriminator:
    """The property that identifies the member of a union."""

    wire_name: str
    mapping: tuple[tuple[str, str], ...]
    """(value of the property, key of the Model or of the NamedType)"""
    default: str = ""
    """The key of the member for a value whose property is missing or has an unknown value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Xml:
    """How a value stands in XML: OpenAPI's XML Object, 3.2's `nodeType` read as what it comes to."""

    name: str = ""
    """Of the element or attribute; empty: that of the property."""
    prefix: str = ""
    namespace: str = ""
    node: Literal["", "element", "attribute", "text"] = ""
    """What it is. Of a list: an element around its items where it says so, else none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A JSON Schema read as meant. Only what belongs to `kind` is filled in."""

    kind: Kind
    nullable: bool = False
    format: str = ""
    values: tuple[Json, ...] = ()
    """The allowed values (`enum`, or one for `const`), without null and without duplicates. Never closed for results."""
    notes: tuple[str, ...] = ()
    """Of each of `values` its name and what it means, empty where nothing is said; nothing at all where that is so of all."""
    has_default: bool = False
    default: Json = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str = ""
    min_items: int | None = None
    max_items: int | None = None
    unique_items: bool = False
    min_properties: int | None = None
    max_properties: int | None = None
    items: Type | None = None
    """Of an array: its elements. Of a map: its values."""
    model: str = ""
    """Of a model: the key of the Model in Api.models."""
    name: str = ""
    """The key in Api.types: of a named, what it stands for; of another kind, the NamedType that is written out here."""
    members: tuple[Type, ...] = ()
    """Of a union: at least two; null is never one of them, it is `nullable`."""
    discriminator: Discriminator | None = None
    exclusive: bool = False
    """Of a union: a value is exactly one of the members."""
    rules: tuple[Json, ...] = ()
    """What else its values must fit: JSON Schemas of 2020-12, which may refer to Api.rules by `#/$defs/KEY`."""
    content_media_type: str = ""
    content_encoding: str = ""
    """Of a text: how bytes are written in it, such as `base64`."""
    xml: Xml | None = None
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One property of a Model."""

    words: Words
    wire_name: str
    type: Type
    required: bool = False
    description: str = ""
    deprecated: bool = False
    read_only: bool = False
    write_only: bool = False
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object with known properties; a component, or an inline object named after where it stands."""

    key: str
    """Unique among the models: the component's name, or `Parent.field` for an inline one."""
    words: Words
    fields: tuple[Field, ...]
    additional: Type | None = None
    """The type of properties beyond `fields`: kind `any` where the document is silent, None where it forbids them."""
    closed: bool = False
    """`additionalProperties: false` was written: a request with another property is refused."""
    rules: tuple[Json, ...] = ()
    """What else its values must fit, as of a Type."""
    description: str = ""
    deprecated: bool = False
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedType:
    """A union, list or map with a name: one that several places refer to, that holds itself, or that is large. And every
    enumeration of texts or numbers, wherever it is written."""

    key: str
    """Unique among the named types and the models."""
    words: Words
    type: Type
    """What it means. Default and description are those of each use."""
    description: str = ""
    place: Place


Named = Model | NamedType


def opened(type_: Type, types: Mapping[str, NamedType]) -> Type:
    """What a type means: one step into a name, with what the use adds; what stands within keeps its names."""
    target = type_
    while target.kind == "named":
        target = types[target.name].type
    if target is type_:
        return type_
    return replace(
        target,
        name=type_.name,
        nullable=target.nullable or type_.nullable,
        has_default=type_.has_default,
        default=type_.default,
        description=type_.description or types[type_.name].description,
    )


def is_file(type_: Type) -> bool:
    """Whether a value is the URL of a file where that is what URLs are for: among the arguments and the output of a job."""
    return type_.kind == "binary" or (type_.kind == "string" and type_.format in ("uri", "url"))


def description_of(thing: Field | Param) -> str:
    """The description of a field or an argument, else of its type."""
    return thing.description or thing.type.description


def holds_files(type_: Type) -> bool:
    """Whether a value is a list or a map of files, or as well a single one."""
    if type_.kind == "union":
        return all(member.kind == "binary" or holds_files(member) for member in type_.members)
    return type_.items is not None and type_.items.kind == "binary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deprecation:
    """The details of a deprecation, from the catalog, or from `x-sunset` in the document."""

    since: str = ""
    """The version of the package that deprecated it."""
    removed: str = ""
    """The day (2027-01-31) or the version in which it goes."""
    use: str = ""
    """What to use instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One argument of a function, wherever on the wire it travels.

    `field`: a property of an object body, passed as an argument of its own. `body`: the whole body.
    """

    words: Words
    wire_name: str
    location: Location
    type: Type
    required: bool = False
    style: str = ""
    """OpenAPI's `style`, always filled in for path, query, header and cookie. Of a field that is a part of a form it is
    there only where the Encoding Object asks for it; else the value is written by its media type."""
    explode: bool = False
    allow_reserved: bool = False
    array_format: Literal["", "brackets", "indices"] = ""
    """Of the style deepObject, a choice of the catalog: `a[]=x` or `a[0]=x` for each item of a list, where no
    specification says how; without it the name is repeated."""
    media_type: str = ""
    """For a parameter with `content`, and for a part of a form: how its value is encoded."""
    rest: bool = False
    """A field that stands for all properties of the body that are no arguments of their own: its value is a mapping of
    their names. It has no name on the wire."""
    multipart: bool = False
    """A field of the form that is offered beside a body of JSON, and not of that: where it is given, the form is sent."""
    headers: tuple[tuple[str, str], ...] = ()
    """Of a part of a multipart body: what it is sent with besides its media type."""
    file_texts: Literal["", "all", "data"] = ""
    """Of a part that may be a file or something else: which texts are the file, all of them or `data:` URLs alone."""
    encoding: Literal["", "wait", "duration"] = ""
    """A behaviour of the catalog: seconds as `wait=N`; a duration such as `5m`."""
    description: str = ""
    deprecated: bool = False
    deprecation: Deprecation | None = None
    examples: tuple[Json, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The request body: how it is encoded and whether its fields become arguments."""

    media_type: str
    kind: BodyKind
    type: Type
    required: bool
    flattened: bool
    """True: the arguments with location `field` are its properties. False: one argument, location `body`."""
    rules: tuple[Json, ...] = ()
    """Of one that is flattened: what its fields must fit together, by their names on the wire (see Type.rules)."""
    positions: tuple[Param, ...] = ()
    """Of a multipart body that is a list: how each of its items is written, the last one how all that follow are. Without
    a name on the wire, but for the parts of multipart/form-data."""
    also: tuple[str, ...] = ()
    """Media types the document offers as well and that are not sent."""
    description: str = ""
    examples: tuple[Json, ...] = ()
    example_titles: tuple[str, ...] = ()
    """Of each of `examples`, as the document calls it; none where it names none."""


def takes_form(body: Body) -> bool:
    """Whether a body of JSON is sent as multipart/form-data where its fields hold files."""
    return (
        body.kind == "json" and body.flattened and any(media.startswith("multipart/form-data") for media in body.also)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalDocs:
    """A page of others that the document names."""

    url: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One representation of a response."""

    media_type: str
    kind: ContentKind
    type: Type
    item: Type | None = None
    """Of `events`: what one of them is."""
    examples: tuple[Json, ...] = ()
    example_titles: tuple[str, ...] = ()
    """What each shows: its summary, else its name; empty for one that has neither."""
    example_names: tuple[str, ...] = ()
    """Their names, where those are not the titles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A header of a response."""

    name: str
    type: Type
    required: bool = False
    """Whether it is always there."""
    media_type: str = ""
    """Of one with `content`: how its value is encoded; else it is written in the style `simple`."""
    examples: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What comes back for a status: `200`, `4XX` or `default`."""

    status: str
    description: str
    contents: tuple[Content, ...] = ()
    headers: tuple[Header, ...] = ()
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a caller gets when a call went well, over all its successful responses."""

    kind: ContentKind
    type: Type | None = None
    media_type: str = ""
    may_be_empty: bool = False
    contents: tuple[tuple[str, Content], ...] = ()
    """(status, representation) of each that may come, as the document lists them; `type` is that of the first kind."""
    stream: str = ""
    """The argument (words joined by `_`) that asks for events in place of the whole."""
    follows: bool = False
    """The document declares a redirect as its response; the target of the redirect is the result."""


AS_SHOWN = "As in the document"
MADE = "With values generated from the types"
"""Titles of examples that nobody wrote a title for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A call that can be made as it stands: arguments by name (words joined by `_`) and what it gives."""

    title: str
    arguments: Mapping[str, Json]
    has_result: bool = False
    result: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How a list goes on: dotted paths into the result."""

    items: str
    """Empty where the result is the list itself."""
    next: str = ""
    """The URL of the next page, its token, or the field of the last item that is the token."""
    previous: str = ""
    item: Type
    """What one item is."""
    by: Literal["url", "link", "cursor", "last", "offset", "page"] = "url"
    """What the next page is found by: a URL in the result or in a `Link` header, a token that an argument takes, the
    number of items or of pages so far."""
    argument: str = ""
    """The parameter of the query, or the field of the body, that takes it, as it is written on the wire."""
    location: Literal["query", "body"] = "query"
    """Where that argument is."""
    number: bool = False
    """In a body it is a number, no text."""
    size: str = ""
    """What takes the number of items of a page, in the same place."""
    more: str = ""
    """What is false on the last page."""
    end: str = ""
    """What is true on the last page."""
    total: str = ""
    """The number of all items, or of all pages where these are numbered."""
    current: str = ""
    """The number of the page, or of the items before it."""
    first: int = 0
    """The number of the first page, or of the first item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A request that the API makes: a webhook, or a callback of a function."""

    name: str
    """The words joined by `_`."""
    words: Words
    key: str
    """As the document calls it."""
    method: str
    function: str = ""
    """Function.name of the one that asks for it; empty for a webhook."""
    type: Type
    """What its body holds."""
    url: str = ""
    """Of a callback: the runtime expression of its URL."""
    headers: tuple[str, ...] = ()
    """The names of the headers that the document describes, in small letters."""
    answers: tuple[str, ...] = ()
    """The statuses that tell the sender that it was received, ranges such as 2XX among them."""
    summary: str = ""
    description: str = ""
    signed: bool = False
    """By Standard Webhooks, as its headers say."""
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of a response, as the document declares it."""

    name: str
    status: str
    function: str
    """Function.name."""
    parameters: tuple[tuple[str, str], ...] = ()
    """(parameter of that call, where its value is: a runtime expression, or a constant as JSON)."""
    body: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A result that goes on working after the call: how to follow it. Paths are dotted, into the result."""

    key: str
    id: str
    status: str
    terminal: tuple[str, ...]
    successful: tuple[str, ...]
    poll: str
    """Function.name that gives the current state."""
    cancel: str = ""
    argument: str
    """The argument of `poll` and `cancel` that takes the id."""
    interval: float
    """Seconds between two looks."""
    output: str = ""
    error: str = ""
    logs: str = ""
    stream: str = ""
    """The URL of its server-sent events."""
    events: tuple[tuple[str, str], ...] = ()
    """(meaning, type) of the stream's events; the meanings are output, logs, error and done."""
    input: str = ""
    """The path in the result to the argument of that name, as it was passed."""
    list: str = ""
    """Function.name that lists the jobs, the newest first."""
    model: str = ""
    """What does the work, by the name that a price is kept for."""
    hardware: str = ""
    """What the work is done on."""
    seconds: str = ""
    """How long the billed work took."""
    created: str = ""
    """When the job was created: a time of RFC 3339."""
    started: str = ""
    """When its work began; nothing until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Several arguments of a path that people write as one: `OWNER/NAME`."""

    key: str
    shown: str
    parts: tuple[tuple[str, str], ...]
    """(argument, the separator that follows it; empty after the last)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """How a file inside a JSON argument is sent: as a `data:` URL, or uploaded and referenced by its URL."""

    function: str
    """Function.name that uploads."""
    argument: str
    """Its argument that takes the file."""
    url: str
    """Dotted, into its result: the URL that stands for the file."""
    inline: int
    """Bytes up to which a file becomes a `data:` URL."""
    largest: int | None = None
    """Bytes that are taken at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """How the requests that the API makes are signed, by the scheme of Standard Webhooks, and what they hold."""

    group: str
    """The key of the Group that checks them."""
    secret: str
    """Function.name that gives the signing secret."""
    key: str
    """Dotted, into its result: the secret."""
    job: str = ""
    """The key of the Job whose state they hold."""
    argument: str = ""
    """The argument of the calls that start such a job: where to send them."""
    filter: str = ""
    """The argument that selects the events that they are sent for."""
    events: tuple[str, ...] = ()
    """What they are sent for without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptArgument:
    """What a person fills in before a prompt is sent."""

    name: str
    description: str
    required: bool = False
    values: str = ""
    """Function.name of a list whose items may be values of it."""
    form: str = ""
    """How a value is made of such an item: `{owner}/{name}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A task that people give to an agent again and again, as a text with gaps."""

    name: str
    title: str
    summary: str
    text: str
    """With `{argument}` where an argument goes."""
    arguments: tuple[PromptArgument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """A command that runs what describes its own inputs: an extension finds out what a reference comes to."""

    key: str
    """The word that is typed."""
    function: str
    """Function.name whose other arguments are accepted as well."""
    summary: str
    description: str
    shown: str
    """How help shows the reference: OWNER/NAME[:VERSION]."""
    named: tuple[str, ...] = ()
    """Arguments of the function that the reference stands for."""
    stream: bool = False
    """The output is written as it is made."""
    adds: str = ""
    """The word for what users may add of it, each as a function of its own; empty where none may be added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """Other words for a command of the CLI."""

    words: tuple[str, ...]
    """The words of the alias: ("account", "current")."""
    command: tuple[str, ...]
    """The command that it runs, with options: ("account", "get")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What makes a function of another one: arguments that are fixed, and one that has a schema of its own."""

    base: str
    """Function.name of the one that is called."""
    fixed: Mapping[str, Json]
    """Arguments of the base, by name, and what each always is."""
    argument: str
    """The argument of the base that takes all arguments of this function, as one object."""
    follow: bool = False
    """Its result is the output of the job that the base starts, which is waited for."""
    open: bool = False
    """Its schema could not be read: it accepts any arguments."""
    source: str = ""
    """The source that it calls, as people write it: OWNER/NAME."""
    version: str = ""
    """Which state of that its schema is of."""
    schema: str = ""
    """The file of its schema, relative to the catalog."""
    joined: bool = False
    """Its output comes as a list of texts which are one."""
    secrets: tuple[str, ...] = ()
    """Arguments, by the names in its schema, whose values are never shown."""
    notes: Mapping[str, Json] = field(default_factory=dict)
    """Keywords of the output's schema that JSON Schema does not define, with their values."""
    answered_at: str = ""
    """The path that answers with its schema; empty where the catalog does not say."""
    answer: Json = None
    """What it answers there, as far as it was kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One operation of the API as a function."""

    name: str
    """The catalog's key, unique, `^[a-z][a-z0-9_]*$`: replicate_create_prediction."""
    words: Words
    """The name without the API's prefix: ("create", "prediction")."""
    group: str
    """The key of its Group; empty for a function of the client itself."""
    verb: Words
    """Its name inside the group: ("create",)."""
    operation_id: str
    method: str
    """Upper case: GET, POST, QUERY …"""
    path: str
    access: Literal["read", "write"]
    destructive: bool = False
    secret: bool = False
    billed: bool = False
    idempotent: bool = False
    guesses: tuple[tuple[str, str], ...] = ()
    """(key of a catalog, reason) of what departs from the HTTP method and stands in no catalog."""
    title: str
    summary: str
    description: str
    brief: str = ""
    """The summary in fewer words, where it can do with fewer: lists of tools are paid for in every conversation."""
    keywords: tuple[str, ...] = ()
    """What people call it who search for it."""
    params: tuple[Param, ...]
    """Required ones first, then in the document's order: path, body and fields, query, header, cookie."""
    body: Body | None = None
    responses: tuple[Response, ...]
    result: Result
    page: Page | None = None
    links: tuple[Link, ...] = ()
    """The links of its responses."""
    reference: Reference | None = None
    """The arguments of its path that are written as one."""
    instead: tuple[tuple[str, str], ...] = ()
    """(argument, Function.name): if this reference is passed, a client calls that function with the other arguments."""
    job: str = ""
    """The key of the Job that its result is."""
    files_in: tuple[str, ...] = ()
    """Arguments (words joined by `_`) that may hold files."""
    files_out: tuple[str, ...] = ()
    """Paths into the result that may hold URLs of files."""
    web: str = ""
    """The path into the result to the URL of its page for people."""
    security: Security = ()
    """The alternatives, in the document's order."""
    server: str = ""
    """A server of its own, where the document gives it one."""
    hidden: tuple[str, ...] = ()
    """The surfaces that do not show it."""
    timeout: float | None = None
    """Seconds to wait for its server if a caller sets no timeout."""
    retries: int | None = None
    """How often it is retried, if that is safe and a caller sets nothing else."""
    headers: tuple[tuple[str, str], ...] = ()
    """What every call of it sends besides its arguments: (name, value)."""
    flags: tuple[tuple[str, str], ...] = ()
    """(argument, its flag on the command line without the dashes) where it is not called after the argument."""
    examples: tuple[Example, ...] = ()
    external_docs: ExternalDocs | None = None
    deprecated: bool = False
    deprecation: Deprecation | None = None
    derived: Derived | None = None
    """Of one in Api.derived: how it is made of another. Its arguments are then named as its schema writes them."""
    place: Place

    @property
    def authenticated(self) -> bool:
        """Whether a credential is sent where the caller has one."""
        return any(self.security)

    @property
    def anonymous(self) -> bool:
        """Whether it can be called without a credential."""
        return not self.security or () in self.security

    @property
    def classes(self) -> tuple[Class, ...]:
        """The policy classes a caller must be allowed: read or write, then what else it is."""
        extra: tuple[tuple[bool, Class], ...] = (
            (self.billed, "billed"),
            (self.destructive, "destructive"),
            (self.secret, "secret"),
        )
        return (self.access, *(name for applies, name in extra if applies))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A noun of the API and its functions."""

    key: str
    """Dotted: models.versions."""
    path: tuple[Words, ...]
    """The words of each step: (("models",), ("versions",))."""
    title: str
    summary: str
    description: str = ""
    """The document's description of the tag that the group is named after."""
    external_docs: ExternalDocs | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One way to get an OAuth 2 token; URLs are whole, or relative to the API's server."""

    kind: Literal["implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization"]
    authorization_url: str = ""
    device_url: str = ""
    token_url: str = ""
    refresh_url: str = ""
    scopes: tuple[tuple[str, str], ...] = ()
    """(scope, what it allows)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How one credential travels, and what of it a caller gives."""

    key: str
    """As the document names it."""
    words: Words
    kind: Literal["apiKey", "basic", "bearer", "digest", "http", "oauth2", "openIdConnect", "mutualTLS"]
    """`http`: any HTTP authentication scheme but the three that have a kind of their own."""
    location: Literal["header", "query", "cookie", ""] = "header"
    """Empty where it travels below HTTP, as a certificate."""
    name: str = "Authorization"
    """The header, query parameter or cookie."""
    prefix: str = ""
    """What stands before the secret in the header: `Bearer`."""
    description: str = ""
    flows: tuple[Flow, ...] = ()
    openid_url: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    """(part, environment variable) of all that a caller may give: a token; a user name and a password; …"""

    @property
    def takes_token(self) -> bool:
        """Whether one text is all of it."""
        return any(part == "token" for part, _ in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One scheme of a requirement, and the scopes that its token must have."""

    scheme: str
    scopes: tuple[str, ...] = ()


Requirement = tuple[Need, ...]
"""All of these together; none at all where a call needs no credential."""
Security = tuple[Requirement, ...]
"""One of these; none at all where a call takes no credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A base URL with its variables filled in with their defaults."""

    url: str
    description: str = ""
    name: str = ""
    """What it is chosen by, beside its number."""
    template: str = ""
    """The URL with its variables in braces; empty where it has none."""
    variables: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """(name, default, what it may be: anything where this is empty)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A page of the docs that is written by hand, about this one API."""

    name: str
    """The page's name in the site, and its file's without `.md`."""
    title: str
    text: str
    """Markdown; links such as `#models.get` lead to functions."""


Section = Literal["breaking", "removed", "deprecated", "added", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of a changelog."""

    section: Section
    subject: str = ""
    text: str
    effects: tuple[tuple[str, str], ...] = ()
    """(surface, what its users see), where something breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a version of the package changed."""

    version: str
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class Api:
    """The whole."""

    name: str
    """Prefix of function names and namespace in Lua: replicate."""
    title: str
    package: str
    command: str
    client: str
    version: str
    summary: str
    description: str
    homepage: str
    site_url: str = ""
    """The URL of the published docs; empty if not set."""
    author: str = ""
    """Who publishes the packages: `Name`, or `Name <address>`; empty where nobody is named."""
    license: str = ""
    """The licence of the packages, an SPDX expression; empty if it is a text, or not set."""
    license_text: str = ""
    regenerate: str = "surfacegen generate"
    """The command that makes the packages again."""
    external_docs: ExternalDocs | None = None
    about: tuple[tuple[AboutLabel, ExternalDocs], ...] = ()
    """What the document's `info` names of the API itself; where it gives no page, the URL is empty."""
    token_env: str
    base_url_env: str
    token_url: str
    document_title: str
    document_version: str
    servers: tuple[Server, ...]
    schemes: tuple[Scheme, ...] = ()
    """Those that a function requires. The first one is the API's own: its token is the one that no name tells apart."""
    security: Security = ()
    """Of what the description does not have, such as a request to another path."""
    groups: tuple[Group, ...]
    """Sorted by key; a parent always stands before its children, even when it has no function of its own."""
    functions: tuple[Function, ...]
    """Sorted by name."""
    derived: tuple[Function, ...] = ()
    """Functions made of these by the catalog, sorted by name: none of them is an operation of the document."""
    models: Mapping[str, Model]
    """By key, sorted."""
    types: Mapping[str, NamedType] = field(default_factory=dict)
    """What else has a name, by key, sorted."""
    rules: Mapping[str, Json] = field(default_factory=dict)
    """The JSON Schemas that rules refer to, by key, sorted."""
    jobs: Mapping[str, Job]
    uploads: Uploads | None = None
    events: tuple[Event, ...] = ()
    """The requests that it makes, by name."""
    webhooks: Webhooks | None = None
    prompts: tuple[Prompt, ...] = ()
    """In the catalog's order."""
    runners: tuple[Runner, ...] = ()
    aliases: tuple[Alias, ...] = ()
    whoami: str = ""
    """Function.name that takes no argument and returns the owner of the token."""
    extensions: tuple[str, ...] = ()
    """Names of the hand-written files that are copied next to the generated client."""
    offered: tuple[str, ...] = ()
    """What the hand-written files offer to users, which the package offers as its own."""
    shared: tuple[str, ...] = ()
    """Methods that the hand-written files give the clients, and that the package has as functions."""
    guides: tuple[Guide, ...] = ()
    """Hand-written pages of the docs, sorted by name."""
    documents: tuple[str, ...] = ()
    """The document and the files it refers to, as they lie beside it; the docs publish them under these names."""
    releases: tuple[Release, ...] = ()
    """The changelog, the last one first."""
    losses: tuple[Loss, ...] = ()
    digest: str = ""
    """SHA-256 of document, catalog and extensions, hexadecimal."""

    def scheme(self, key: str) -> Scheme:
        """The scheme of that key. KeyError where there is none."""
        return {scheme.key: scheme for scheme in self.schemes}[key]

    @cached_property
    def named(self) -> Mapping[str, Named]:
        """All models and named types, by key."""
        return {**self.models, **self.types}

    def function(self, name: str) -> Function:
        """The function of that name. KeyError where there is none."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> Mapping[str, Function]:
        return {function.name: function for function in self.functions}
