"""An OpenAPI document as written: its operations with every `$ref` followed; 2.0, 3.0, 3.1 and 3.2 read as one.

Document.target     what one `$ref` points at
Document.follow     what a chain of them leads to
Document.joined     an object that may be a `$ref` with keys of its own beside it, as one node
Document.operations every operation of `paths`, each where a path item names it
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urljoin

from ..errors import SpecError
from ..ir import Loss
from ..text import seen
from . import files, shape
from .source import Node, Source, beside, escape, is_index, load, steps
from .swagger import Rewriting, is_swagger

METHODS = ("get", "query", "post", "put", "patch", "delete", "head", "options", "trace")
_TEXTS = ("summary", "description")
"""Texts that count as absent if they have no visible character."""
_ITEM_KEYS = frozenset({"$ref", "summary", "description", "servers", "parameters", "additionalOperations"})
"""The keys of a path item that are not methods."""
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A method, as HTTP writes it (RFC 9110, 5.6.2)."""
Key = tuple[Path, str]
"""One place of one file: (file, JSON pointer)."""


@dataclass(frozen=True, slots=True)
class Joined(Node):
    """A mapping merged from several places: every entry keeps its own place."""

    parts: Mapping[str, Node]
    mark: str = ""
    """Distinguishes it from the node at its place, and from others there."""

    @classmethod
    def of(cls, at: Node, parts: Mapping[str, Node], mark: str = "") -> Joined:
        """The mapping of these entries, which stands at a node for whoever asks where it is."""
        whole = f"{at.mark}{mark}" if isinstance(at, Joined) else mark
        return cls(at.source, at.pointer, {key: part.value for key, part in parts.items()}, parts, whole)

    def get(self, key: str) -> Node | None:
        return self.parts.get(key)

    def items(self) -> Iterator[tuple[str, Node]]:
        yield from self.parts.items()


@dataclass(frozen=True, slots=True, eq=False)
class Listed(Node):
    """A list merged from several places."""

    parts: tuple[Node, ...]

    @classmethod
    def of(cls, at: Node, parts: Sequence[Node]) -> Listed:
        """The list of these nodes, which stands at a node for whoever asks where it is."""
        return cls(at.source, at.pointer, [part.value for part in parts], tuple(parts))

    def elements(self) -> Iterator[Node]:
        yield from self.parts


@dataclass(frozen=True, eq=False)
class Operation:
    """One method of one path, its parameters complete."""

    id: str
    """Its `operationId`; empty where there is none."""
    method: str
    path: str
    at: Node
    """Where its path item names it: every operation has a place of its own, even if several refer to one `node`."""
    node: Node
    params: tuple[Node, ...]
    """The parameters of the path, overridden by its own with the same name and `in`; each `$ref` followed."""
    repeated: tuple[Node, ...]
    """Parameters that occur again later in the same list, where they are read."""
    nameless: tuple[Node, ...]
    """Parameters whose name is empty."""
    body: Node | None
    responses: tuple[tuple[str, Node], ...]
    security: Node | None
    servers: Node | None
    shared: tuple[str, str]
    """The summary and the description of its path, which are those of all its methods."""


@dataclass
class Document:
    """The document and the files it refers to."""

    root: Node
    files: dict[Path, Source] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    """The parts of them that could not be read as written."""
    swagger: Rewriting | None = None
    """Rewrites its files to OpenAPI 3.0, if it is Swagger 2.0."""
    inside: Path | None = None
    """A folder above its own, in which files that it refers to may stand."""
    fetched: str = ""
    """The URL that it came from."""
    idle: tuple[tuple[Node, str], ...] = ()
    """The actions of its overlays that had no effect, and why."""
    _ends: dict[Key, Node] = field(default_factory=dict)
    checked: bool = False
    """Whether every field is of the right kind, so that nothing of it is changed any more."""
    _targets: dict[tuple[Path, str], Node] = field(default_factory=dict)
    """The targets of references within a file, by the file and the text of the reference."""
    _anchors: dict[Path, dict[str, Node]] = field(default_factory=dict)

    @cached_property
    def is_3_0(self) -> bool:
        """Whether the document is of 3.0, where nothing may stand beside a `$ref` and `nullable` is a keyword."""
        return self.root.text("openapi").startswith("3.0")

    def pointer(self, node: Node) -> str:
        """The JSON pointer of a node; with its file before it where that is not the document itself."""
        if node.source.path == self.root.source.path:
            return node.pointer
        return f"{files.relative(self.root.source.path.parent, node.source.path)}#{node.pointer}"

    @cached_property
    def base(self) -> str:
        """The base of its relative URLs: `$self`, else the URL that it came from; empty if it has neither."""
        own = self.root.text("$self")
        try:
            return urljoin(self.fetched, own) if own else self.fetched
        except ValueError:
            return self.fetched

    @property
    def names(self) -> tuple[str, ...]:
        """The document and the files it refers to, relative to its folder where all are in it, else to `inside`."""
        folder = self.root.source.path.parent.resolve()
        if self.inside is not None and not all(path.is_relative_to(folder) for path in self.files):
            folder = self.inside.resolve()
        return tuple(files.relative(folder, path) for path in self.files)

    def follow(self, node: Node) -> Node:
        """The node that a chain of `$ref`s leads to. SpecError where the target is missing or the chain is a cycle."""
        passed: set[Key] = set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            here = key_of(node)
            if here in self._ends:
                node = self._ends[here]
                break
            if here in passed:
                raise node.error(f"$ref {node.value['$ref']!r} refers to itself", "point it at a definition")
            passed.add(here)
            node = self.target(node)
        for here in passed:
            self._ends[here] = node
        return node

    def chain(self, node: Node) -> list[Node]:
        """A node and all that its `$ref`s lead to, the last one without. Raises SpecError if one does not resolve or is circular."""
        nodes = [node]
        end = self.follow(node)
        while key_of(nodes[-1]) != key_of(end):
            nodes.append(self.target(nodes[-1]))
        return nodes

    def joined(self, node: Node, only: Iterable[str] | None = None) -> Node:
        """The target of a reference, overlaid with the keys next to the `$ref` (or `only` these of them)."""
        *above, end = self.chain(node)
        over: dict[str, Node] = {}
        for each in reversed(above):
            beside = {key: part for key, part in each.items() if key != "$ref" and (only is None or key in only)}
            over |= {key: part for key, part in beside.items() if key not in _TEXTS or seen(each.text(key))}
        return Joined.of(end, {**dict(end.items()), **over}) if over and isinstance(end.value, dict) else end

    def target(self, node: Node) -> Node:
        """The target of a node's `$ref`, one step."""
        ref: str = node.value["$ref"]
        if (known := self._targets.get((node.source.path, ref))) is not None:
            return known
        file, _, fragment = ref.partition("#")
        source = self._file(node, file) if file else node.source
        pointer = unquote(fragment)
        if pointer and not pointer.startswith("/"):
            return self._anchor(node, source, pointer)
        written = pointer
        if self.swagger is not None:
            pointer = self.swagger.moved(source, pointer)
        node_at = Node(source, "", source.value)
        for step in steps(pointer):
            below = node_at.get(step)
            if below is None and isinstance(node_at.value, list) and is_index(step, len(node_at.value)):
                below = Node(source, f"{node_at.pointer}/{int(step)}", node_at.value[int(step)])
            if below is None and (left := f"{node_at.pointer}/{escape(step)}") in source.left_out:
                below = Node(source, left, source.left_out[left])
            if below is None:
                below_it = pointer[len(node_at.pointer) :]
                inside = written.removesuffix(below_it) if written.endswith(below_it) else node_at.pointer
                raise (node.get("$ref") or node).error(
                    f"$ref {ref!r} points to nothing: there is no {step!r} in {inside or 'the document'}",
                    "correct the reference or add the definition",
                )
            node_at = below
        if self.checked and not file:
            self._targets[node.source.path, ref] = node_at
        return node_at

    def _anchor(self, node: Node, source: Source, name: str) -> Node:
        """The schema of a file with this `$anchor`."""
        if source.path not in self._anchors:
            anchors: dict[str, Node] = {}
            todo = [Node(source, "", source.value)]
            while todo:
                each = todo.pop()
                if anchor := each.text("$anchor"):
                    anchors[anchor] = each
                todo += [*(part for _, part in each.items()), *each.elements()]
            self._anchors[source.path] = anchors
        if name not in self._anchors[source.path]:
            ref = node.value["$ref"]
            raise (node.get("$ref") or node).error(
                f"$ref {ref!r} points to nothing: there is no `$anchor: {name}`",
                f"write a JSON pointer such as '#/components/schemas/{name}', or add the anchor",
            )
        return self._anchors[source.path][name]

    def _file(self, node: Node, name: str) -> Source:
        source = beside(node, name, self.root.source, self.files, self.inside)
        return self.swagger.beside(source) if self.swagger is not None else source

    def operations(self) -> Iterator[Operation]:
        """Every operation of `paths`, in the document's order."""
        for path, item in self._items():
            for method, node in methods(self.joined(item)):
                yield self._operation(path, method, item, node)

    def unread(self) -> Iterator[tuple[Node, str]]:
        """The entries of path items that are not methods, each with the reason why it is not read."""
        for path, item in self._items():
            yield from strange(self.joined(item), f"of {path}")
            *above, end = self.chain(item)
            for each in above:
                for key in METHODS:
                    if each.get(key) is not None and (other := end.get(key)) is not None:
                        yield other, f"{key.upper()} {path} is also next to the `$ref` to it; that one is used"

    def _items(self) -> Iterator[tuple[str, Node]]:
        paths = self.root.get("paths")
        for path, item in paths.items() if paths else ():
            if path.startswith("x-"):
                continue
            if not path.startswith("/"):
                raise item.error(f"the path {path!r} does not begin with '/'", f"write {'/' + path!r}")
            yield path, item

    def _operation(self, path: str, method: str, item: Node, at: Node) -> Operation:
        node = self.joined(at)
        if not isinstance(node.value, dict):
            raise node.error(f"the operation {method} {path} is not an object", "add its responses")
        params: dict[tuple[str, str], Node] = {}
        repeated: list[Node] = []
        nameless: list[Node] = []
        for owner in (*reversed(self.chain(item)), *reversed(self.chain(at))):
            listed = owner.get("parameters")
            own: dict[tuple[str, str], Node] = {}
            for param in listed.elements() if listed else ():
                param = self.described(param)
                name, location = param.text("name"), param.text("in")
                if param.value.get("name") == "" and location != "path":  # names nothing; it is reported and not sent
                    nameless.append(param)
                    continue
                if not name or location not in ("path", "query", "header", "cookie", "querystring"):
                    raise param.error("a parameter needs `name` and `in`", "`in` is path, query, header or cookie")
                repeated += [own[name, location]] if (name, location) in own else []
                own[name, location] = param
            params |= own
        body = node.get("requestBody")
        responses = node.get("responses")
        whole = self.joined(item)
        return Operation(
            id=node.text("operationId"),
            method=method,
            path=path,
            at=at,
            node=node,
            params=tuple(params.values()),
            repeated=tuple(repeated),
            nameless=tuple(nameless),
            body=self.described(body) if body else None,
            responses=(
                tuple((s, self.described(r)) for s, r in responses.items() if not s.startswith("x-"))
                if responses
                else ()
            ),
            security=node.get("security"),
            servers=node.get("servers") or whole.get("servers"),
            shared=(whole.text("summary"), whole.text("description")),
        )

    def described(self, node: Node) -> Node:
        """A part that may be a reference, whose description may stand beside the `$ref`."""
        return self.joined(node, only=("description", "summary"))


def key_of(node: Node) -> Key:
    """The place of a node, for what is done once a place."""
    return node.source.path, f"{node.pointer}{node.mark}" if isinstance(node, Joined) else node.pointer


def methods(item: Node) -> Iterator[tuple[str, Node]]:
    """The operations of a path item, by method as it is sent."""
    operations: dict[str, Node] = {}
    for key in METHODS:
        node = item.get(key)
        if node is not None:
            operations[key.upper()] = node
    extra = item.get("additionalOperations")
    for method, node in extra.items() if extra else ():
        if _TOKEN.fullmatch(method) and not method.startswith("x-"):
            operations.setdefault(method, node)
    yield from operations.items()


def strange(item: Node, whose: str) -> Iterator[tuple[Node, str]]:
    """The entries of a path item that no method has and that no extension explains, and why each is not read."""
    for key, node in item.items():
        if key in METHODS or key in _ITEM_KEYS:
            continue
        if not key.startswith("x-"):
            hint = f": write the method as {key.lower()!r}" if key.lower() in METHODS else ""
            yield node, f"{key!r} {whose} is not a method of OpenAPI{hint}; it is not read"
        elif isinstance(node.value, dict) and not node.value.keys().isdisjoint(("operationId", "responses")):
            yield node, f"the extension {key!r} {whose} looks like an operation and is not read"
    extra = item.get("additionalOperations")
    for method, node in extra.items() if extra else ():
        if method.startswith("x-"):
            continue
        if not _TOKEN.fullmatch(method):
            yield node, f"{method!r} {whose} is not a valid HTTP method; it is not read"
        elif method.lower() in METHODS and item.get(method.lower()) is not None and method.isupper():
            yield node, f"{method} {whose} is also declared as {method.lower()!r}; that one is used"


def declared(document: Document) -> Iterator[tuple[str, str]]:
    """Every operation that the document declares, as (method, path), counted without reading any of them."""
    paths = document.root.get("paths")
    for path, item in paths.items() if paths else ():
        if not path.startswith("x-"):
            fixed = {key.upper() for each in document.chain(item) for key, _ in each.items() if key in METHODS}
            extra = document.joined(item).get("additionalOperations")
            more = {key for key, _ in extra.items() if _TOKEN.fullmatch(key) and key[:2] != "x-"} if extra else set()
            yield from ((method, path) for method in sorted(fixed | more))


def read(path: Path, inside: Path | None = None, fetched: str = "", overlays: Sequence[Path] = ()) -> Document:
    """The document at a path. SpecError where it is neither OpenAPI 3 nor Swagger 2.0.

    inside: a folder above its own, in which files that it refers to may stand. fetched: the URL that it came from.
    overlays: Overlay files that amend it, in order.
    """
    return of(load(path), inside, fetched, overlays)


def of(source: Source, inside: Path | None = None, fetched: str = "", overlays: Sequence[Path] = ()) -> Document:
    """The document of a file, see `read`."""
    idle: tuple[tuple[Node, str], ...] = ()
    if overlays:
        from .amending import amended

        amended_document = amended(source, overlays, fetched)
        source, idle = amended_document.source, amended_document.idle
    folder = source.path.parent.resolve()
    known = {folder / source.path.name: source}
    rewriting = None
    if is_swagger(source):
        if "paths" not in source.value:
            raise SpecError(Node(source, "", None).place, "has no `paths`, which Swagger 2.0 requires", "add them")
        written = source
        rewriting = Rewriting(lambda node, name: beside(node, name, written, known, inside))
        source = known[folder / source.path.name] = rewriting.document(written)
    root = Node(source, "", source.value)
    if not isinstance(source.value, dict) or not isinstance(source.value.get("openapi"), str):
        older = [key for key in ("swagger", "swaggerVersion") if isinstance(source.value, dict) and key in source.value]
        if older:
            version = str(source.value[older[0]])[:40]
            raise SpecError(
                source.place(f"/{older[0]}"), f"Swagger {version!r} is not supported", "use 2.0, or OpenAPI 3"
            )
        what = "is not an OpenAPI document: it has no `openapi: 3.…`"
        raise SpecError(root.place, what, "use the API's OpenAPI document")
    version = source.value["openapi"]
    if not version.startswith("3."):
        raise SpecError(source.place("/openapi"), f"OpenAPI {version!r} is not supported", "use 3.0, 3.1 or 3.2")
    document = Document(root, known, swagger=rewriting, inside=inside, fetched=fetched, idle=idle)
    changed = shape.check(root, document.target)
    document.checked = True
    degraded = [(node.source, node.pointer, reason) for node, reason in changed]
    degraded += [(each, *pair) for each in document.files.values() for pair in each.reading.degraded]
    for each, pointer, reason in degraded:
        place = pointer if each is source else f"{files.relative(folder, each.path)}#{pointer}"
        document.losses.append(Loss(pointer=place, surface="*", kind="degraded", reason=reason))
    for _, overlay in source.laid:
        for pointer, reason in overlay.reading.degraded:
            named = f"{overlay.path.name}#{pointer}"
            document.losses.append(Loss(pointer=named, surface="*", kind="degraded", reason=reason))
    for node, reason in idle:
        line = f"line {node.place.line}, column {node.place.column}"
        named = f"{node.source.path.name}#{node.pointer}"
        document.losses.append(Loss(pointer=named, surface="*", kind="dropped", reason=f"{line}: {reason}"))
    return document
