"""An OpenAPI document as written: its operations with every `$ref` followed; 3.0, 3.1 and 3.2 read as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from . import shape
from .errors import Finding, SpecError
from .ir import Loss
from .source import Node, Source, beside, is_index, load, steps

METHODS = ("get", "query", "post", "put", "patch", "delete", "head", "options", "trace")


@dataclass(frozen=True)
class Operation:
    """One method of one path, its parameters complete."""

    id: str
    method: str
    path: str
    node: Node
    params: tuple[Node, ...]
    """Those of the path, overridden by its own where name and place agree; each `$ref` followed."""
    body: Node | None
    responses: tuple[tuple[str, Node], ...]
    security: Node | None
    servers: Node | None


@dataclass
class Document:
    """The document and the files it refers to."""

    root: Node
    files: dict[Path, Source] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    """What of them could not be read as it is written."""

    def follow(self, node: Node) -> Node:
        """The node that a chain of `$ref`s leads to. SpecError where it leads nowhere or round."""
        seen: set[tuple[str, str]] = set()
        while isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str):
            here = (node.source.file, node.pointer)
            if here in seen:
                raise node.error(f"$ref {node.value['$ref']!r} leads back to itself", "point it at a definition")
            seen.add(here)
            node = self.target(node)
        return node

    def target(self, node: Node) -> Node:
        """What the `$ref` of a node points at, one step."""
        ref: str = node.value["$ref"]
        file, _, fragment = ref.partition("#")
        source = self._file(node, file) if file else node.source
        pointer = unquote(fragment)
        found = Node(source, "", source.value)
        if pointer and not pointer.startswith("/"):
            raise node.error(f"$ref {ref!r} points to nothing: it is no JSON pointer", "write '#/components/…'")
        for step in steps(pointer):
            below = found.get(step)
            if below is None and isinstance(found.value, list) and is_index(step, len(found.value)):
                below = Node(source, f"{found.pointer}/{step}", found.value[int(step)])
            if below is None:
                raise Node(node.source, f"{node.pointer}/$ref", ref).error(
                    f"$ref {ref!r} points to nothing: there is no {step!r} in {found.pointer or 'the document'}",
                    "mend the reference or add the definition",
                )
            found = below
        return found

    def _file(self, node: Node, name: str) -> Source:
        return beside(node, name, self.root.source, self.files)

    def operations(self) -> Iterator[Operation]:
        """Every operation, in the document's order."""
        paths = self.root.get("paths")
        for path, item in paths.items() if paths else ():
            if path.startswith("x-"):
                continue
            if not path.startswith("/"):
                raise item.error(f"the path {path!r} does not begin with '/'", f"write {'/' + path!r}")
            item = self.follow(item)
            extra = item.get("additionalOperations")
            found = [(m, item.get(m)) for m in METHODS] + (list(extra.items()) if extra else [])
            for method, node in found:
                if node is not None:
                    yield self._operation(path, method, item, node)

    def _operation(self, path: str, method: str, item: Node, node: Node) -> Operation:
        if not isinstance(node.value, dict):
            raise node.error(f"the operation {method.upper()} {path} is not an object", "write its responses")
        params: dict[tuple[str, str], Node] = {}
        for owner in (item, node):
            listed = owner.get("parameters")
            for param in listed.elements() if listed else ():
                param = self.follow(param)
                name, location = param.text("name"), param.text("in")
                if not name or location not in ("path", "query", "header", "cookie", "querystring"):
                    raise param.error("a parameter needs `name` and `in`", "`in` is path, query, header or cookie")
                params[(name, location)] = param
        body = node.get("requestBody")
        responses = node.get("responses")
        return Operation(
            id=node.text("operationId"),
            method=method.upper(),
            path=path,
            node=node,
            params=tuple(params.values()),
            body=self.follow(body) if body else None,
            responses=(
                tuple((s, self.follow(r)) for s, r in responses.items() if not s.startswith("x-")) if responses else ()
            ),
            security=node.get("security"),
            servers=node.get("servers") or item.get("servers"),
        )


def read(path: Path) -> Document:
    """The document at a path. SpecError where it is not OpenAPI 3."""
    source = load(path)
    root = Node(source, "", source.value)
    if not isinstance(source.value, dict) or not isinstance(source.value.get("openapi"), str):
        swagger = isinstance(source.value, dict) and "swagger" in source.value
        what = "is Swagger 2, not OpenAPI 3" if swagger else "is not an OpenAPI document: it has no `openapi: 3.…`"
        raise SpecError(
            str(root.place), what, "convert it to OpenAPI 3" if swagger else "name the API's OpenAPI document"
        )
    version = source.value["openapi"]
    if not version.startswith("3."):
        raise SpecError(str(source.place("/openapi")), f"OpenAPI {version!r} is not read", "use 3.0, 3.1 or 3.2")
    document = Document(root, {path.parent.resolve() / path.name: source})
    changed = shape.check(root, document.target)
    degraded = [(node.source, node.pointer, reason) for node, reason in changed]
    degraded += [(each, *pair) for each in document.files.values() for pair in each.reading.degraded]
    for each, pointer, reason in degraded:
        place = pointer if each is source else f"{each.path.relative_to(path.parent.resolve()).as_posix()}#{pointer}"
        document.losses.append(Loss(pointer=place, surface="*", kind="degraded", reason=reason))
    seen: dict[str, Operation] = {}
    findings: list[Finding] = []
    for operation in document.operations():
        other = seen.setdefault(operation.id, operation) if operation.id else operation
        if other is not operation:
            error = Node(source, f"{operation.node.pointer}/operationId", None).error(
                f"operationId {operation.id!r} stands a second time; first at {other.node.place}",
                "give each operation its own",
            )
            findings.extend(error.findings)
    if findings:
        raise SpecError.of(findings)
    return document
