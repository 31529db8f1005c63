"""Document + catalog -> IR. The only place that reads both, and the one that decides every name.

context       the inputs, and what is found on the way
functions     which functions there are, each put together from
 ├ identity       what each is called, told apart from all others
 │  ├ calling        group, verb and name, as a person would say them
 │  ├ grouping       the nouns that it belongs to
 │  └ nouns          what its path says
 ├ effects        what it does: reads, writes, destroys
 ├ arguments      parameters and body
 ├ results        responses
 ├ pages          how lists go on
 └ behaviours     jobs, webhooks, examples
derived       functions that the catalog makes of these
 └ refined        the arguments and the output that their schemas say
links         which call an answer leads to
events        what the API asks for itself
type_names    what models and other named types are called
prompts       what people ask for
credentials   security schemes, and what of them a call requires
facts         the API as a whole
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from .. import names
from ..errors import SpecError
from ..ir import Api, Guide
from ..names import words
from ..read.catalog_model import Catalog
from ..read.documents import Documents
from ..read.openapi import Document
from ..read.project import UNSAID, Project
from ..read.schemas import Schemas
from ..read.snapshots import Snapshot
from ..text import seen
from . import behaviours, credentials, derived, events, facts, functions, links, type_names
from . import prompts as tasks
from . import title as titles
from .context import Context


def load(documents: Documents, auth: str = "", project: Project = UNSAID) -> Api:
    """The IR of a document, its catalog (derived where there is none) and its hand-written extensions."""
    read, extensions = documents.document, documents.extensions
    api = link(read, documents.catalog, auth, project, documents.snapshots)
    # Of the bytes that were read, not of those that stand there by now; which files there are is known by now alone.
    parts = [
        read.root.source.data,
        documents.catalog_data or (documents.catalog.at.source.data if documents.catalog else b""),
        *extensions.data,
        *(overlay.data for _, overlay in read.root.source.laid),
    ]
    parts += [each.data for each in read.files.values() if each is not read.root.source]
    snapshots = {each.file: each.data for each in documents.snapshots.values()}
    parts += [snapshots[file] for file in sorted(snapshots)]
    return replace(
        api,
        extensions=extensions.modules,
        offered=extensions.offered,
        shared=extensions.shared,
        guides=tuple(Guide(name=each.name, title=each.title, text=each.text) for each in extensions.guides),
        documents=read.names,
        digest=hashlib.sha256(b"".join(parts)).hexdigest(),
    )


def link(
    document: Document,
    catalog: Catalog | None,
    auth: str = "",
    project: Project = UNSAID,
    snapshots: Mapping[str, Snapshot] = MappingProxyType({}),
) -> Api:
    """The IR. SpecError with every finding where the two do not fit together."""
    declared = catalog.api if catalog else None
    info = document.root.get("info")
    title = info.text("title") if info else ""
    served = document.root.get("servers")
    first = next(iter(served.elements()), None) if served else None
    plain = titles.api_words(title, facts.address(first) if first else "")
    name: str = (
        project.name or (declared.name if declared else "") or str(names.NAMESPACE.spell(names.shortened(plain)))
    )
    schemas = Schemas(document, catalog.types if catalog else {}, losses=[*document.losses])
    context = Context(document, catalog, schemas, name, auth=auth, jobs=dict(catalog.jobs) if catalog else {})
    context.schemes = credentials.schemes(context)
    operations = tuple(document.operations())
    entries = sorted(functions.entries(context, operations), key=lambda entry: entry.name)
    made = tuple(functions.function(context, entry) for entry in entries)
    incoming = events.events(context, [entry.operation for entry in entries], made)
    made = links.attached(context, [entry.operation for entry in entries], made)
    behaviours.check_instead(context, made, {each.name: each.declared for each in entries if each.declared})
    more_made = derived.derived(context, snapshots, made)
    jobs = dict(behaviours.jobs(context, {f.name for f in made}))
    uploads = behaviours.uploads(context, made)
    webhooks = behaviours.webhooks(context, made)
    prompts = tuple(tasks.prompts(context, made))
    runners = tuple(behaviours.runners(context, {f.name for f in made}))
    aliases = tuple(behaviours.aliases(context, made))
    whoami = behaviours.named(context, declared, "whoami", {f.name for f in made})
    models, named = type_names.named(context)
    groups = facts.groups(context, made)
    servers = facts.named_servers(project) or tuple(facts.servers(context, served)) or (facts.default_server(context),)
    facts.note_unread(context)
    facts.check_pages(context, declared)
    more = facts.external_docs(context, document.root)
    facts.check_names(context, declared, project)
    if context.findings:
        raise SpecError.of(context.findings)
    facts.account(context, operations, [(e.operation.method, e.operation.path) for e in entries])
    shown = (seen(declared.title) if declared else "") or seen(title) or name
    package = project.package or (declared.package if declared else "") or names.derived_package(names.shortened(plain))
    environment = declared.environment if declared else None
    prefix = names.CONSTANT.spell(words(name))
    base_url_env = (environment.base_url if environment else "") or f"{prefix}_BASE_URL"
    token_env = (environment.token if environment else "") or f"{prefix}_API_TOKEN"
    taken = (base_url_env, *(f"{package.upper()}_{word}" for word in credentials.VARIABLES))
    used = credentials.used(context, made, str(prefix), token_env, taken)
    api = Api(
        name=name,
        title=shown,
        package=package,
        command=project.command or (declared.command if declared else "") or package.replace("_", "-"),
        client=project.client
        or (declared.client if declared else "")
        or str(names.CLIENT.spell(names.shortened(plain))),
        version=project.version or (declared.version if declared else "") or "0.1.0",
        summary=(seen(declared.summary) if declared else "") or f"Client for {shown.removesuffix('.')}.",
        description=(seen(declared.description) if declared else "") or (info.text("description") if info else ""),
        homepage=project.homepage or (declared.homepage if declared else ""),
        site_url=project.site_url,
        author=seen(project.author),
        license=project.license,
        license_text=project.license_text,
        regenerate=project.again,
        external_docs=more,
        about=tuple(facts.about(context, info)),
        token_env=next((variable for scheme in used[:1] for part, variable in scheme.parts if part == "token"), ""),
        base_url_env=base_url_env,
        token_url=declared.token_url if declared else "",
        document_title=title,
        document_version=info.text("version") if info else "",
        servers=servers,
        schemes=used,
        security=credentials.common(context, made),
        groups=groups,
        functions=made,
        derived=more_made,
        models=models,
        types=named,
        rules=dict(sorted(schemas.rules.definitions.items())),
        jobs=jobs,
        uploads=uploads,
        events=incoming,
        webhooks=webhooks,
        prompts=prompts,
        runners=runners,
        aliases=aliases,
        whoami=whoami,
        losses=tuple(sorted(set(context.losses))),
    )
    placed = {
        each.name for each in entries if each.declared and (each.declared.verb or each.declared.group is not None)
    }
    if results := [*facts.check_commands(api, placed)]:
        raise SpecError.of(results)
    return api
