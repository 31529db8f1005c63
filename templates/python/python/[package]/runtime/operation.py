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
    """None is sent as null. Otherwise None means that it is left out."""
    minimum: float | None = None
    maximum: float | None = None
    deprecated: str = ""
    """Since when, until when, and what to use instead; empty where it is not deprecated."""
    rest: bool = False
    """Its value holds the other properties of the body, by their names on the wire."""
    multipart: bool = False
    """With this argument, a body that may be JSON is sent as multipart/form-data."""
    headers: tuple[tuple[str, str], ...] = ()
    """Further headers of a part of a multipart body, besides its media type."""
    file_texts: str = ""
    """For a part that may be a file or something else: which texts are a file, `all` or `data` for `data:` URLs."""


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Pagination of a list; paths are dotted, into the result."""

    items: str
    """Empty where the result is the list itself."""
    next: str = ""
    """The URL of the next page, its token, or the field of the last item that is the token: see `by`."""
    previous: str = ""
    by: str = "url"
    """url, link, cursor, last, offset or page: see `runtime.following`."""
    argument: str = ""
    """The argument that selects the page, in the query or in the body."""
    location: str = "query"
    """Its location: query or body."""
    number: bool = False
    """In a body it is a number, not a string."""
    more: str = ""
    """The path of a field that is false on the last page."""
    end: str = ""
    """The path of a field that is true on the last page."""
    total: str = ""
    """The number of all items, or of all pages where these are numbered."""
    current: str = ""
    """The number of the page, or of the items before it, where the query does not say."""
    first: int = 0
    """The number of the first page, or of the first item."""


@dataclass(frozen=True, slots=True)
class JobInfo:
    """A job: a result that goes on after the call. Paths are dotted, into the result."""

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
    """(kind, event type) pairs: the kind is output, logs, error or done."""
    input: str = ""
    list: str = ""
    model: str = ""
    hardware: str = ""
    seconds: str = ""
    created: str = ""
    started: str = ""


@dataclass(frozen=True, slots=True)
class UploadInfo:
    """How a file inside a JSON argument is uploaded. `url` is a dotted path into the result."""

    function: str
    argument: str
    url: str
    inline: int = 0
    """Bytes up to which a file is sent as a `data:` URL instead of an upload."""
    largest: int | None = None
    """The largest file, in bytes."""


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """How the API's webhooks are verified. `key` is a dotted path into the result of `secret`."""

    secret: str
    """The function that returns the signing secret."""
    key: str
    view: str = ""
    """The class in `types` of their content."""
    async_view: str = ""
    events: tuple[str, ...] = ()
    """The events that they are sent for by default."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One representation of a success: its status and media type, how its body is read, and the type of its value."""

    status: str
    """200, 2XX or default."""
    media: str
    """The declared media type or range."""
    kind: str
    """json, text, binary or events; any: by the media type of the answer."""
    view: str = ""
    async_view: str = ""
    array: bool = False
    form: str = ""
    """For server-sent events: `data`, an item is the JSON in its data; `event`, the whole event is described; else it
    stays an event."""


@dataclass(frozen=True, slots=True)
class Operation(Generic[S, A]):
    """One operation of the API; S is its result in the synchronous client, A in the asynchronous one."""

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
    """For a multipart body that is a list: how each of its items is written; the last entry holds for all that
    follow."""
    body_required: bool = False
    multipart: bool = False
    """For a JSON body: with a file it is sent as multipart/form-data."""
    result: str = "json"
    """The usual result: json, text, binary, events or empty."""
    answers: tuple[Answer, ...] = ()
    """All answers, where there are others than `result` and `view` say."""
    accept: str = ""
    """The media types in `Accept`, where they are not those of `result`."""
    stream: str = ""
    """The argument that requests a stream of events in place of the whole result."""
    accept_events: str = ""
    """The media types in `Accept` for a stream."""
    follows: bool = False
    """Redirects are followed to its answer."""
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
    """Path arguments that may be written as one reference, each with the separator that follows it."""
    instead: tuple[tuple[str, str], ...] = ()
    """(argument, function): a method with this reference calls that function instead."""
    replaced: tuple[str, ...] = ()
    """Arguments that such a reference replaces."""
    security: Security = SECURITY
    """Which credentials it takes."""
    server: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    """What every call sends besides its arguments."""
    timeout: float | None = None
    """The default timeout for the server, in seconds."""
    retries: int | None = None
    """The default number of retries."""
    access: str = "read"
    billed: bool = False
    deprecated: str = ""
    """Since when, until when, and what to use instead; empty where it is not deprecated."""

    @property
    def starts(self) -> bool:
        """Whether it starts what costs: such calls are paced, see `pace`, and their answers must not be lost."""
        job = self.job
        return self.billed or (job is not None and self.access == "write" and self.name != job.cancel)


SyncOperation = Operation[T, Any]
AsyncOperation = Operation[Any, T]
"""Operations by their result in one of the clients."""
