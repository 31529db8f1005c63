"""An operation as data: all that is needed to build its request and to read its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

from ..credentials import SECURITY
from .schemes import Security

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    S = TypeVar("S", default=Any)
    A = TypeVar("A", default=Any)
else:
    from typing import TypeVar

    S, A = TypeVar("S"), TypeVar("A")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Param:
    """One argument: its name in JSON, its name on the wire, and how its value is written there."""

    name: str
    wire: str
    location: str
    """path, query, header, cookie, field or body."""
    required: bool = False
    style: str = ""
    explode: bool = False
    media: str = ""
    encoding: str = ""
    """`wait`: seconds, sent as `wait=N`; `duration`: seconds or a text such as `5m`."""
    allow_reserved: bool = False
    array_format: str = ""
    """Of deepObject: brackets, `a[]=x`, or indices, `a[0]=x`, for each item of a list."""
    kind: str = "any"
    nullable: bool = False
    """None is sent as null. Otherwise None means: not given."""
    minimum: float | None = None
    maximum: float | None = None
    deprecated: str = ""
    """Since when, until when, and what to use instead; empty for what stays."""
    rest: bool = False
    """Its value holds the properties of the body that are no arguments, by their names on the wire."""
    multipart: bool = False
    """Where it is given, a body that may be JSON is sent as multipart/form-data."""
    headers: tuple[tuple[str, str], ...] = ()
    """What a part of a multipart body is sent with besides its media type."""
    file_texts: str = ""
    """Of a part that may be a file or something else, which texts are the file: `all`, or those that are `data` URLs."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """How a list goes on: dotted paths into the result."""

    items: str
    """Empty where the result is the list itself."""
    next: str = ""
    """The URL of the next page, its token, or the field of the last item that is the token: see `by`."""
    previous: str = ""
    by: str = "url"
    """url, link, cursor, last, offset or page: see `runtime.following`."""
    argument: str = ""
    """What the next page's query, or the body that asks for it, has another value of."""
    location: str = "query"
    """Where that is: query or body."""
    number: bool = False
    """In a body it is a number, no text."""
    more: str = ""
    """What is false on the last page."""
    end: str = ""
    """What is true on the last page."""
    total: str = ""
    """The number of all items, or of all pages where these are numbered."""
    current: str = ""
    """The number of the page, or of the items before it, where the query does not say."""
    first: int = 0
    """The number of the first page, or of the first item."""


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A result that goes on working after the call. Paths are dotted, into the result."""

    key: str
    id: str
    status: str
    terminal: tuple[str, ...]
    successful: tuple[str, ...]
    poll: str
    cancel: str
    argument: str
    interval: float
    output: str = ""
    error: str = ""
    logs: str = ""
    stream: str = ""
    events: tuple[tuple[str, str], ...] = ()
    """What the stream's events mean (output, logs, error, done), and the types that say so."""
    input: str = ""
    list: str = ""
    model: str = ""
    hardware: str = ""
    seconds: str = ""
    created: str = ""
    started: str = ""


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """What becomes of a file that is given inside a JSON argument. `url` is a dotted path into the result."""

    function: str
    argument: str
    url: str
    inline: int = 0
    """Bytes up to which a file becomes a `data:` URL instead of an upload."""
    largest: int | None = None
    """Bytes that are taken at most."""


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """How the requests that the API makes are checked. `key` is a dotted path into what `secret` gives."""

    secret: str
    """The function that gives the signing secret."""
    key: str
    view: str = ""
    """The class in `types` of what they hold."""
    async_view: str = ""
    events: tuple[str, ...] = ()
    """What they are sent for where a call does not say."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One representation of a success: when it comes, how its body is read, and what its value means."""

    status: str
    """200, 2XX or default."""
    media: str
    """The media type as it is declared: one, or a range of them."""
    kind: str
    """json, text, binary or events; any: what its media type turns out to be."""
    view: str = ""
    async_view: str = ""
    array: bool = False
    form: str = ""
    """Of server-sent events: `data`, each is the JSON that it brings; `event`, it is described whole; else it is given
    as it came."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[S, A]):
    """One operation of the API; S is what it gives the synchronous client, A what it gives the asynchronous one."""

    name: str
    operation_id: str
    method: str
    path: str
    params: tuple[Param, ...] = ()
    body_kind: str = ""
    """json, form, multipart, text, binary; empty where there is no body."""
    media_type: str = ""
    flattened: bool = False
    """True: the arguments with location `field` are the properties of the body."""
    positions: tuple[Param, ...] = ()
    """Of a multipart body that is a list: how each of its items is written, the last one how all that follow are."""
    body_required: bool = False
    multipart: bool = False
    """Of a JSON body: where a file is given, it is sent as multipart/form-data."""
    result: str = "json"
    """json, text, binary, events or empty: what is answered as a rule."""
    answers: tuple[Answer, ...] = ()
    """What may be answered, where `result` and `view` do not say it all."""
    accept: str = ""
    """The media types that are asked for, where they are not those of `result`."""
    stream: str = ""
    """The argument that asks for events in place of the whole."""
    accept_events: str = ""
    """The media types that are asked for then."""
    follows: bool = False
    """What it redirects to is its answer."""
    view: str = ""
    """The class in `types` of the result, of one item where it is a page or an array."""
    async_view: str = ""
    """The class for the asynchronous client, where it is another."""
    array: bool = False
    page: PageInfo | None = None
    job: JobInfo | None = None
    files: tuple[str, ...] = ()
    """Arguments that may hold files, however deep inside."""
    reference: tuple[tuple[str, str], ...] = ()
    """Arguments of the path that may be written as one, each with the separator that follows it."""
    instead: tuple[tuple[str, str], ...] = ()
    """(argument, function): a method that is given this reference calls that function."""
    replaced: tuple[str, ...] = ()
    """Arguments that such a reference stands in place of."""
    security: Security = SECURITY
    """Which credentials it takes."""
    server: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """What every call sends besides its arguments."""
    timeout: float | None = None
    """Seconds that are waited for the server where nobody says otherwise."""
    retries: int | None = None
    """Tries after the first one where nobody says otherwise."""
    access: str = "read"
    billed: bool = False
    deprecated: str = ""
    """Since when, until when, and what to use instead; empty for what stays."""

    @property
    def starts(self) -> bool:
        """Whether it starts what costs: such calls are paced, see `pace`, and their answers must not be lost."""
        job = self.job
        return self.billed or (job is not None and self.access == "write" and self.name != job.cancel)


SyncOperation = Operation[T, Any]
AsyncOperation = Operation[Any, T]
"""By what it gives one of the clients, whatever it gives the other."""
