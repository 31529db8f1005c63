"""Document + catalog -> IR. The one place that knows both, and the one that decides what a thing is called.

context       the inputs, and what is found on the way
functions     which functions there are, each put together from
 ├ arguments      parameters and body
 ├ results        responses
 └ behaviours     pages, jobs, examples
prompts       what people ask for
facts         the API as a whole
hand_written  what the files beside the catalog offer
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import names
from ..errors import SpecError
from ..ir import Api, Guide, Server
from ..names import words
from ..read import catalog as catalogs
from ..read import openapi
from ..read.files import content, text
from ..read.openapi import Document
from ..read.schemas import Schemas
from ..read.source import Node
from ..text import seen
from . import behaviours, facts, functions, hand_written
from . import prompts as tasks
from .context import Context

_FILLER = frozenset(
    ["a", "and", "api", "documentation", "extension", "for", "http", "of", "official", "openapi", "public", "rest", "s"]
    + ["service", "spec", "specification", "swagger", "the", "v1", "v2", "v3", "web"]
)
"""Words of a title that name no API."""


def load(document: Path, catalog: Path | None = None, extensions: Path | None = None) -> Api:
    """The IR of a document, its catalog (derived where none is given) and its hand-written extensions."""
    read = openapi.read(document)
    found = catalogs.read(catalog) if catalog else None
    files = sorted(p for p in extensions.glob("*.py")) if extensions and extensions.is_dir() else []
    named = tuple(path.relative_to(document.parent.resolve()).as_posix() for path in read.files)
    # Of the bytes that were read, not of those that stand there by now.
    parts = [read.root.source.data, *([found.source.data] if found else []), *(content(path) for path in files)]
    parts += [each.data for each in read.files.values() if each is not read.root.source]
    api = link(read, found)
    offered = next((hand_written.names(path) for path in files if path.name == "__init__.py"), {})
    return replace(
        api,
        extensions=tuple(p.name for p in files),
        offered=tuple(n for n in offered.get("__all__", ()) if n not in hand_written.BASES),
        shared=offered.get("SHARED", ()),
        guides=tuple(_guide(p) for p in sorted(extensions.glob("docs/*.md"))) if extensions else (),
        documents=named,
        digest=hashlib.sha256(b"".join(parts)).hexdigest(),
    )


def _guide(path: Path) -> Guide:
    """A page of the docs; its title is its first heading."""
    written = text(path)
    title = re.match(r"# (\S.*)\n", written)
    if not title:
        raise SpecError(f"{path}:1:1", "a guide begins with its title", "begin it with a line such as `# Moving house`")
    return Guide(name=path.stem, title=title[1].strip(), text=written)


def link(document: Document, catalog: Node | None) -> Api:
    """The IR. SpecError with every finding where the two do not fit together."""
    types = catalog.get("types") if catalog else None
    about = catalog.get("api") if catalog else None
    said: dict[str, Any] = about.value if about else {}
    info = document.root.get("info")
    title = info.text("title") if info else ""
    # A title such as `The PetShop's REST API` names the API petshop.
    plain = tuple(w for w in words(title.lower()) if w not in _FILLER)[:2] or ("api",)
    name: str = said.get("name") or str(names.PACKAGE.spell(names.shortened(plain)))
    schemas = Schemas(document, {k: v.value for k, v in types.items()} if types else {}, losses=[*document.losses])
    context = Context(document, catalog, schemas, name)
    operations = tuple(document.operations())
    entries = sorted(functions.entries(context, operations), key=lambda entry: entry.name)
    made = tuple(functions.function(context, entry) for entry in entries)
    behaviours.check_instead(context, made)
    jobs = dict(behaviours.jobs(context, {f.name for f in made}))
    uploads = behaviours.uploads(context, made)
    webhooks = behaviours.webhooks(context, made)
    prompts = tuple(tasks.prompts(context, made))
    runners = tuple(behaviours.runners(context, {f.name for f in made}))
    aliases = tuple(behaviours.aliases(context, made))
    whoami = behaviours.named(context, about, "whoami", {f.name for f in made})
    models, named = facts.named(context)
    groups = facts.groups(context, made)
    servers = tuple(facts.servers(context, document.root.get("servers"))) or (Server(url="http://localhost"),)
    auth = facts.auth(context)
    facts.note_unoffered(context, operations)
    facts.check_pages(context, about)
    facts.check_names(context, about)
    if context.findings:
        raise SpecError.of(context.findings)
    facts.account(context, operations, [(e.operation.method, e.operation.path) for e in entries])
    shown = seen(said.get("title", "")) or seen(title) or name
    package: str = said.get("package") or name
    environment = said.get("environment", {})
    prefix = names.CONSTANT.spell(words(name))
    return Api(
        name=name,
        title=shown,
        package=package,
        command=said.get("command") or package.replace("_", "-"),
        client=said.get("client") or str(names.CLIENT.spell(names.shortened(plain))),
        version=said.get("version") or "0.1.0",
        summary=seen(said.get("summary", "")) or f"Client for {shown}.",
        description=seen(said.get("description", "")) or (info.text("description") if info else ""),
        homepage=said.get("homepage", ""),
        token_env=environment.get("token") or f"{prefix}_API_TOKEN",
        base_url_env=environment.get("base_url") or f"{prefix}_BASE_URL",
        token_url=said.get("token_url", ""),
        document_title=title,
        document_version=info.text("version") if info else "",
        servers=servers,
        auth=auth,
        groups=groups,
        functions=made,
        models=models,
        types=named,
        jobs=jobs,
        uploads=uploads,
        webhooks=webhooks,
        prompts=prompts,
        runners=runners,
        aliases=aliases,
        whoami=whoami,
        losses=tuple(sorted(set(context.losses))),
    )
