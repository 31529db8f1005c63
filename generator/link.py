"""Document + catalog -> IR. The one place that knows both, and the one that decides what a thing is called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import catalog as catalogs
from . import names, openapi
from .errors import Finding, SpecError
from .ir import (
    Api,
    Auth,
    Body,
    Content,
    Example,
    Function,
    Group,
    Job,
    Loss,
    Model,
    Page,
    Param,
    Response,
    Result,
    Server,
    Type,
    Words,
)
from .names import words
from .openapi import Document, Operation
from .samples import sample
from .schemas import ANY, Schemas
from .source import Node

_SAFE = {"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"}
_STYLES = {"path": "simple", "query": "form", "header": "simple", "cookie": "form"}
_ORDER = ("path", "body", "field", "query", "header", "cookie")
_LONGEST_NAME = 40
_FILLER = {"api", "rest", "http", "openapi", "swagger", "the", "web", "service"}


def load(document: Path, catalog: Path | None = None, extensions: Path | None = None) -> Api:
    """The IR of a document, its catalog (derived where none is given) and its hand-written extensions."""
    read = openapi.read(document)
    found = catalogs.read(catalog) if catalog else None
    files = sorted(p for p in extensions.glob("*.py")) if extensions and extensions.is_dir() else []
    digest = hashlib.sha256()
    for path in (document, *([catalog] if catalog else []), *files):
        digest.update(path.read_bytes())
    api = link(read, found)
    return replace(api, extensions=tuple(p.name for p in files), digest=digest.hexdigest())


def link(document: Document, catalog: Node | None) -> Api:
    """The IR. SpecError with every finding where the two do not fit together."""
    return _Linker(document, catalog).api()


@dataclass(frozen=True)
class _Entry:
    """A function before it is linked: its name, its operation, and what the catalog says of it."""

    name: str
    operation: Operation
    node: Node | None


class _Linker:
    def __init__(self, document: Document, catalog: Node | None) -> None:
        self.document = document
        self.root = document.root
        self.catalog = catalog
        types = catalog.get("types") if catalog else None
        self.schemas = Schemas(document, {k: v.value for k, v in types.items()} if types else {})
        self.losses: list[Loss] = self.schemas.losses
        self.findings: list[Finding] = []
        about = catalog.get("api") if catalog else None
        info = self.root.get("info")
        title = info.text("title") if info else ""
        plain = tuple(w for w in words(title) if w not in _FILLER)[:3] or ("api",)
        self.about: dict[str, Any] = about.value if about else {}
        self.name: str = self.about.get("name") or str(names.PYTHON_MODULE.spell(plain))
        self.title: str = self.about.get("title") or title or self.name
        self.client: str = self.about.get("client") or str(names.PYTHON_CLASS.spell(plain))

    def api(self) -> Api:
        entries = sorted(self._entries(), key=lambda e: e.name)
        functions = tuple(self._function(e) for e in entries)
        jobs = dict(self._jobs({f.name for f in functions}))
        models = self._models()
        groups = self._groups(functions)
        self._unheard()
        if self.findings:
            raise SpecError.of(self.findings)
        info = self.root.get("info")
        package: str = self.about.get("package") or self.name
        environment = self.about.get("environment", {})
        prefix = names.CONSTANT.spell(words(self.name))
        return Api(
            name=self.name,
            title=self.title,
            package=package,
            command=self.about.get("command") or package.replace("_", "-"),
            client=self.client,
            version=self.about.get("version") or "0.1.0",
            summary=self.about.get("summary") or f"Client for {self.title}.",
            description=self.about.get("description") or (info.text("description") if info else ""),
            homepage=self.about.get("homepage", ""),
            token_env=environment.get("token") or f"{prefix}_API_TOKEN",
            base_url_env=environment.get("base_url") or f"{prefix}_BASE_URL",
            token_url=self.about.get("token_url", ""),
            document_title=info.text("title") if info else "",
            document_version=info.text("version") if info else "",
            servers=tuple(self._servers(self.root.get("servers"))) or (Server(url="http://localhost"),),
            auth=self._auth(),
            groups=groups,
            functions=functions,
            models=models,
            jobs=jobs,
            losses=tuple(sorted(set(self.losses))),
        )

    def _entries(self) -> Iterator[_Entry]:
        operations = {op.id or _fallback_id(op): op for op in self.document.operations()}
        listed = self.catalog.get("functions") if self.catalog else None
        if listed is None:
            taken: dict[str, Operation] = {}
            for key, operation in operations.items():
                name = str(names.SNAKE.spell(_prefixed(self.name, words(key))))
                if name in taken:
                    name = str(names.SNAKE.spell(_prefixed(self.name, words(f"{operation.method} {operation.path}"))))
                    self._lose(
                        operation.node, "degraded", f"{key!r} is spelled like another operation; called {name!r}"
                    )
                if len(name) > _LONGEST_NAME:
                    short = hashlib.sha256(name.encode()).hexdigest()[:8]
                    name = f"{name[: _LONGEST_NAME - 9].rstrip('_')}_{short}"
                    self._lose(
                        operation.node, "degraded", f"the name of {key!r} is too long for a tool; called {name!r}"
                    )
                taken[name] = operation
                yield _Entry(name, operation, None)
            return
        used: dict[str, str] = {}
        for name, node in listed.items():
            wanted = node.text("operation")
            if wanted not in operations:
                self._unknown(node.get("operation") or node, "operation", wanted, operations)
                continue
            if wanted in used:
                self.findings.append(
                    Finding(str(node.place), f"{wanted!r} is the function {used[wanted]!r} already", "remove one")
                )
            used[wanted] = name
            yield _Entry(name, operations[wanted], node)
        for key, operation in operations.items():
            if key not in used:
                self._lose(operation.node, "dropped", f"the operation {key!r} is not in the catalog")

    def _function(self, entry: _Entry) -> Function:
        operation, node = entry.operation, entry.node
        said: dict[str, Any] = node.value if node else {}
        dotted = [words(part) for part in (operation.id or _fallback_id(operation)).split(".")]
        tags = operation.node.value.get("tags")
        if len(dotted) > 1:
            path, verb = tuple(dotted[:-1]), dotted[-1]
        else:
            tag = (
                tags[0]
                if isinstance(tags, list) and tags and isinstance(tags[0], str)
                else _first_segment(operation.path)
            )
            path, verb = ((words(tag),) if tag and not node else ()), dotted[0]
        name = _without(self.name, words(entry.name))
        params, body = self._params(entry, name)
        responses = tuple(self._responses(operation, name))
        result = self._result(operation, responses)
        safe = operation.method in _SAFE
        files = said.get("files", {})
        if node is not None:
            self._check_behaviours(node, params)
        return Function(
            name=entry.name,
            words=name,
            group=".".join("_".join(w) for w in path),
            verb=verb,
            operation_id=operation.id or _fallback_id(operation),
            method=operation.method,
            path=operation.path,
            access=said.get("type") or ("read" if safe else "write"),
            destructive=said.get("destructive", False) if node else operation.method == "DELETE",
            secret=said.get("secret", False),
            billed=said.get("billed", False),
            idempotent=said.get("idempotent", False) or safe or (not node and operation.method in ("PUT", "DELETE")),
            title=said.get("title") or operation.node.text("summary") or " ".join(name).capitalize(),
            summary=said.get("summary") or operation.node.text("summary") or f"{operation.method} {operation.path}",
            description=said.get("description") or operation.node.text("description"),
            params=params,
            body=body,
            responses=responses,
            result=result,
            page=self._page(node, result),
            job=said.get("job", ""),
            files_in=tuple(files.get("input", ())),
            files_out=tuple(files.get("output", ())),
            authenticated=not (operation.security is not None and operation.security.value == []),
            server=next((s.url for s in self._servers(operation.servers)), ""),
            examples=self._examples(said, params, body, responses),
            deprecated=operation.node.flag("deprecated"),
            place=operation.node.place,
        )

    def _check_behaviours(self, node: Node, params: tuple[Param, ...]) -> None:
        """What the catalog says of a function by name must have that name."""
        jobs = self.catalog.get("jobs") if self.catalog else None
        job = node.get("job")
        if job is not None and (jobs is None or jobs.get(job.value) is None):
            self._unknown(job, "job behaviour", job.value, jobs.value if jobs else ())
        arguments = {"_".join(p.words) for p in params}
        files, examples = node.get("files"), node.get("examples")
        taken = files.get("input") if files else None
        for argument in taken.elements() if taken else ():
            if argument.value not in arguments:
                self._unknown(argument, "argument", argument.value, arguments)
        for example in examples.elements() if examples else ():
            given = example.get("arguments")
            for name, value in given.items() if given else ():
                if name not in arguments:
                    self._unknown(value, "argument", name, arguments)
            for p in params:
                if given is not None and p.required and "_".join(p.words) not in given.value:
                    what = f"the example lacks the required argument {'_'.join(p.words)!r}"
                    self.findings.append(Finding(str(given.place), what, "give it a value"))

    # -- arguments ---------------------------------------------------------------------------------------------

    def _params(self, entry: _Entry, name: Words) -> tuple[tuple[Param, ...], Body | None]:
        found = [self._param(node, name) for node in entry.operation.params]
        body, fields = self._body(entry.operation, name)
        renamed = entry.node.get("parameters") if entry.node else None
        said = {k: v.value for k, v in renamed.items()} if renamed else {}
        known = {p.wire_name for p in (*found, *fields)}
        for key, node in renamed.items() if renamed else ():
            if key not in known:
                self._unknown(node, "parameter", key, known)
        every = [
            replace(
                p,
                words=(
                    words(said.get(p.wire_name, {}).get("name", ""))
                    if said.get(p.wire_name, {}).get("name")
                    else p.words
                ),
                description=said.get(p.wire_name, {}).get("description", p.description),
            )
            for p in (*found, *fields)
        ]
        every = self._apart(every, entry)
        every.sort(key=lambda p: (not p.required, _ORDER.index(p.location)))
        return tuple(every), body

    def _apart(self, params: list[Param], entry: _Entry) -> list[Param]:
        """Arguments that would be called alike are told apart by where they travel; two fields cannot be."""
        spelled: dict[str, list[Param]] = {}
        for p in params:
            spelled.setdefault(str(names.SNAKE.spell(p.words)), []).append(p)
        result = []
        for p in params:
            same = spelled[str(names.SNAKE.spell(p.words))]
            if len(same) > 1 and p is not same[0]:
                p = replace(p, words=(p.location, *p.words))
                self._lose(
                    entry.operation.node,
                    "degraded",
                    f"{p.wire_name!r} in {p.location} is called {'_'.join(p.words)!r}: the name is taken",
                )
            result.append(p)
        self.findings.extend(names.collisions(names.SNAKE, [(p.words, p.wire_name, str(p.place)) for p in result]))
        return result

    def _param(self, node: Node, name: Words) -> Param:
        wire, location = node.text("name"), node.text("in")
        schema, media = node.get("schema"), ""
        content = node.get("content")
        if content is not None:
            media, inside = next(content.items(), ("", None))
            schema = inside.get("schema") if inside else None
        found = self.schemas.type(schema, f"{'_'.join(name)}.{wire}", (*name, *words(wire))) if schema else ANY
        if location == "querystring":
            self._lose(node, "degraded", "`in: querystring` is sent as one query parameter")
            location = "query"
        style = node.text("style") or _STYLES[location]
        explode = node.value.get("explode")
        header = self._header(wire) if location == "header" else {}
        limits = {k: header[k] for k in ("minimum", "maximum") if k in header}
        encoding = header.get("encoding", "")  # what the document shows is then the wire value, not the argument
        if encoding == "wait":
            found = Type(kind="integer", **limits)
        return Param(
            words=words(header["name"]) if header else words(wire),
            wire_name=wire,
            location=location,  # type: ignore[arg-type]
            type=found,
            required=location == "path" or node.flag("required"),
            style=style,
            explode=explode if isinstance(explode, bool) else style == "form",
            allow_reserved=node.flag("allowReserved"),
            media_type=media,
            encoding=encoding,
            description=header.get("description") or node.text("description") or found.description,
            deprecated=node.flag("deprecated"),
            examples=() if encoding else tuple(_examples_of(node)) or (tuple(_examples_of(schema)) if schema else ()),
            place=node.place,
        )

    def _header(self, wire: str) -> dict[str, Any]:
        listed = self.catalog.get("headers") if self.catalog else None
        for key, node in listed.items() if listed else ():
            if key.lower() == wire.lower():
                return dict(node.value)
        return {}

    def _body(self, operation: Operation, name: Words) -> tuple[Body | None, list[Param]]:
        content = operation.body.get("content") if operation.body else None
        offered = list(content.items()) if content else []
        if operation.body is None or not offered:
            return None, []
        offered.sort(key=lambda item: _PREFERRED.index(_body_kind(item[0])))
        media, inside = offered[0]
        also = tuple(m for m, _ in offered[1:])
        if also:
            self._lose(operation.body, "degraded", f"sent as {media}; also offered: {', '.join(also)}")
        kind = _body_kind(media)
        schema = inside.get("schema")
        found = self.schemas.type(schema, f"{'_'.join(name)}.request", (*name, "request")) if schema else ANY
        model = self.schemas.models.get(found.model) if found.kind == "model" and not found.nullable else None
        flattened = model is not None and kind in ("json", "form", "multipart") and bool(model.fields)
        # The document's default is `required: false`, yet a body whose own fields are required is meant to be sent.
        required = operation.body.flag("required") or (
            flattened and model is not None and any(f.required for f in model.fields)
        )
        body = Body(
            media_type=media,
            kind=kind,
            type=found,
            required=required,
            flattened=flattened,
            also=also,
            description=operation.body.text("description"),
            example=next(_examples_of(inside), None),
        )
        if not flattened or model is None:
            whole = Param(
                words=("body",),
                wire_name="body",
                location="body",
                type=Type(kind="binary", format="binary") if kind == "binary" else found,
                required=required,
                media_type=media,
                description=found.description or operation.body.text("description"),
                examples=tuple(_examples_of(inside)),
                place=operation.body.place,
            )
            return body, [whole]
        encoding = inside.get("encoding")
        fields = []
        for f in model.fields:
            if f.read_only:
                continue
            said = encoding.get(f.wire_name) if encoding else None
            fields.append(
                Param(
                    words=f.words,
                    wire_name=f.wire_name,
                    location="field",
                    type=f.type,
                    required=f.required,
                    style=(said.text("style") if said else "") or ("form" if kind == "form" else ""),
                    explode=bool(said.value.get("explode", True)) if said else True,
                    media_type=(said.text("contentType") if said else "")
                    or (_part_media(f.type) if kind == "multipart" else ""),
                    description=f.description,
                    deprecated=f.deprecated,
                    place=f.place,
                )
            )
        return body, fields

    # -- results -----------------------------------------------------------------------------------------------

    def _responses(self, operation: Operation, name: Words) -> Iterator[Response]:
        for status, node in operation.responses:
            content, headers = node.get("content"), node.get("headers")
            contents = []
            for media, inside in content.items() if content else ():
                schema = inside.get("schema") or inside.get("itemSchema")
                part = "result" if status.startswith("2") else f"error_{status.lower()}"
                found = self.schemas.type(schema, f"{'_'.join(name)}.{part}", (*name, *words(part))) if schema else ANY
                contents.append(
                    Content(
                        media_type=media,
                        kind=_content_kind(media, found),
                        type=found,
                        examples=tuple(_examples_of(inside)),
                    )
                )
            yield Response(
                status=status.upper() if status.endswith(("XX", "xx")) else status,
                description=node.text("description"),
                contents=tuple(contents),
                headers=tuple(
                    (key, self.schemas.type(h, f"header.{key}", words(key)))
                    for key, header in (headers.items() if headers else ())
                    if (h := self.document.follow(header).get("schema")) is not None
                ),
                place=node.place,
            )

    def _result(self, operation: Operation, responses: tuple[Response, ...]) -> Result:
        good = [r for r in responses if r.status.startswith("2")] or [r for r in responses if r.status == "default"]
        contents = [c for r in good for c in r.contents]
        empty = any(not r.contents for r in good) or not good
        if not contents or operation.method == "HEAD":
            return Result(kind="empty", may_be_empty=True)
        first = next((c for c in contents if c.kind == "json"), contents[0])
        other = sorted({c.media_type for c in contents if c.kind != first.kind})
        if other:
            self._lose(
                operation.node,
                "degraded",
                f"the result is read as {first.media_type}; also offered: {', '.join(other)}",
            )
        alternatives = []
        for c in contents:
            if c.kind == first.kind and c.type not in alternatives:
                alternatives.append(c.type)
        found = alternatives[0] if len(alternatives) == 1 else Type(kind="union", members=tuple(alternatives))
        return Result(kind=first.kind, type=found, media_type=first.media_type, may_be_empty=empty)

    def _page(self, node: Node | None, result: Result) -> Page | None:
        wanted = node.text("page") if node else ""
        if not node or not wanted:
            return None
        listed = self.catalog.get("pages") if self.catalog else None
        said = listed.get(wanted) if listed else None
        behaviour = node.get("page") or node
        if said is None:
            self._unknown(behaviour, "page behaviour", wanted, listed.value if listed else {})
            return None
        model = self.schemas.models.get(result.type.model) if result.type else None
        items = next((f for f in model.fields if f.wire_name == said.text("items")), None) if model else None
        if items is None or items.type.items is None:
            self.findings.append(
                Finding(
                    str(behaviour.place),
                    f"the result has no list {said.text('items')!r}",
                    "remove `page`, or mend the behaviour",
                )
            )
            return None
        return Page(
            items=said.text("items"), next=said.text("next"), previous=said.text("previous"), item=items.type.items
        )

    def _examples(
        self, said: dict[str, Any], params: tuple[Param, ...], body: Body | None, responses: tuple[Response, ...]
    ) -> tuple[Example, ...]:
        good = [c.examples[0] for r in responses if r.status.startswith("2") for c in r.contents if c.examples]
        listed = said.get("examples")
        if listed is None:
            arguments, shown = {}, True
            whole = body.example if body and isinstance(body.example, dict) and body.flattened else {}
            for p in params:
                name = "_".join(p.words)
                if p.location == "field" and p.wire_name in whole:
                    arguments[name] = whole[p.wire_name]
                elif p.examples:
                    arguments[name] = p.examples[0]
                elif p.required:
                    arguments[name], shown = sample(p.type, self.schemas.models, name), False
            title = "As the document shows it" if shown else "With values made from the types"
            listed = [{"title": title, "arguments": arguments}]
        return tuple(
            Example(
                title=e["title"],
                arguments=e["arguments"],
                has_result="result" in e or bool(good),
                result=e["result"] if "result" in e else good[0] if good else None,
            )
            for e in listed
        )

    # -- the whole ---------------------------------------------------------------------------------------------

    def _jobs(self, known: set[str]) -> Iterator[tuple[str, Job]]:
        listed = self.catalog.get("jobs") if self.catalog else None
        for key, node in listed.items() if listed else ():
            for step in ("poll", "cancel"):
                if node.text(step) and node.text(step) not in known:
                    self._unknown(node.get(step) or node, "function", node.text(step), known)
            said: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in node.value.items()}
            yield key, Job(**{"key": key, "interval": 1.0, **said})

    def _unheard(self) -> None:
        """Requests that the API makes, not takes: no surface offers them, and the ledger says so."""
        hooks = self.root.get("webhooks")
        for name, node in hooks.items() if hooks else ():
            self._lose(node, "dropped", f"the webhook {name!r} is not rendered")
        for operation in self.document.operations():
            callbacks = operation.node.get("callbacks")
            for name, node in callbacks.items() if callbacks else ():
                self._lose(node, "dropped", f"the callback {name!r} is not rendered")

    def _models(self) -> dict[str, Model]:
        """The models by key; where two would be classes of one name, the later is numbered and the ledger says so."""
        taken: set[str] = set()
        found = {}
        for key, model in sorted(self.schemas.models.items()):
            number, plain = 2, model.words
            while (spelled := str(names.PYTHON_CLASS.spell(model.words))) in taken:
                model = replace(model, words=(*plain, str(number)))
                number += 1
            if model.words != plain:
                reason = f"the name of {key!r} is taken; its class is {spelled}"
                self.losses.append(Loss(pointer=model.place.pointer, surface="*", kind="degraded", reason=reason))
            taken.add(spelled)
            found[key] = model
        return found

    def _groups(self, functions: tuple[Function, ...]) -> tuple[Group, ...]:
        listed = self.catalog.get("groups") if self.catalog else None
        keys: set[str] = set()
        for function in functions:
            steps = function.group.split(".") if function.group else []
            keys |= {".".join(steps[:n]) for n in range(1, len(steps) + 1)}
        found = []
        for key in sorted(keys):
            said = listed.get(key) if listed else None
            path = tuple(tuple(step.split("_")) for step in key.split("."))
            title = said.text("title") if said else ""
            found.append(
                Group(
                    key=key,
                    path=path,
                    title=title or " ".join(w for step in path for w in step).capitalize(),
                    summary=said.text("summary") if said else "",
                )
            )
        for key, node in listed.items() if listed else ():
            if key not in keys:
                self._unknown(node, "function in the group", key, keys)
        return tuple(found)

    def _servers(self, node: Node | None) -> Iterator[Server]:
        for server in node.elements() if node else ():
            url = server.text("url")
            variables = server.get("variables")
            for key, variable in variables.items() if variables else ():
                url = url.replace("{" + key + "}", str(variable.value.get("default", "")))
            if url:
                yield Server(url=url.rstrip("/"), description=server.text("description"))

    def _auth(self) -> Auth | None:
        components = self.root.get("components")
        schemes = components.get("securitySchemes") if components else None
        used = self.root.value.get("security")
        wanted = next(iter(used[0]), "") if isinstance(used, list) and used and isinstance(used[0], dict) else ""
        found = {k: self.document.follow(v) for k, v in schemes.items()} if schemes else {}
        for key in sorted(found, key=lambda k: k != wanted):
            node = found[key]
            kind, scheme = node.text("type"), node.text("scheme").lower()
            text = node.text("description") or node.text("bearerFormat")
            if (kind == "http" and scheme == "bearer") or kind in ("oauth2", "openIdConnect"):
                return Auth(kind="bearer", name="Authorization", description=text)
            if kind == "http" and scheme == "basic":
                return Auth(kind="basic", name="Authorization", description=text)
            if kind == "apiKey" and node.text("in") in ("header", "query", "cookie"):
                return Auth(kind=node.text("in"), name=node.text("name"), description=text)  # type: ignore[arg-type]
            self._lose(node, "dropped", f"the security scheme {key!r} ({kind} {scheme}) is not supported")
        return None

    def _unknown(self, node: Node, kind: str, name: str, known: Iterable[str]) -> None:
        self.findings.append(Finding(str(node.place), f"there is no {kind} {name!r}", catalogs.nearest(name, known)))

    def _lose(self, node: Node, kind: Any, reason: str) -> None:
        self.losses.append(Loss(pointer=node.pointer, surface="*", kind=kind, reason=reason))


_PREFERRED = ("json", "multipart", "form", "text", "binary")


def _body_kind(media: str) -> Any:
    plain = media.split(";")[0].strip().lower()
    if plain == "application/json" or plain.endswith("+json") or plain == "*/*":
        return "json"
    if plain == "application/x-www-form-urlencoded":
        return "form"
    if plain.startswith("multipart/"):
        return "multipart"
    return "text" if plain.startswith("text/") or plain.endswith(("xml", "yaml")) else "binary"


def _content_kind(media: str, found: Type) -> Any:
    plain = media.split(";")[0].strip().lower()
    if plain in ("text/event-stream", "application/jsonl", "application/x-ndjson"):
        return "events"
    kind = _body_kind(media)
    return "binary" if found.kind == "binary" else kind if kind in ("json", "text") else "binary"


def _part_media(found: Type) -> str:
    if found.kind == "binary":
        return "application/octet-stream"
    return "application/json" if found.kind in ("map", "model", "any", "union", "array") else "text/plain"


def _examples_of(node: Node) -> Iterator[Any]:
    if not isinstance(node.value, dict):
        return
    if "example" in node.value:
        yield node.value["example"]
    listed = node.value.get("examples")
    if isinstance(listed, list):
        yield from listed
    elif isinstance(listed, dict):
        yield from (e["value"] for e in listed.values() if isinstance(e, dict) and "value" in e)


def _fallback_id(operation: Operation) -> str:
    return "_".join((operation.method.lower(), *(w for w in re.findall(r"[A-Za-z0-9]+", operation.path))))


def _first_segment(path: str) -> str:
    return next((s for s in path.split("/") if s and not s.startswith("{")), "")


def _prefixed(prefix: str, name: Words) -> Words:
    lead = words(prefix)
    return name if name[: len(lead)] == lead else (*lead, *name)


def _without(prefix: str, name: Words) -> Words:
    lead = words(prefix)
    return name[len(lead) :] if name[: len(lead)] == lead and len(name) > len(lead) else name
