"""A hand-made API and a package made from it: what the functions and the CLI are tested on, without the client."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator import pipeline
from generator.ir import (
    Api,
    Body,
    Example,
    Field,
    Function,
    Group,
    Job,
    Model,
    Need,
    Param,
    Place,
    Result,
    Scheme,
    Server,
    Type,
)
from generator.surfaces import cli
from generator.surfaces.shared import metadata
from generator.write.rendering import Renderer, fill

ROOT = Path(__file__).parents[2]
HERE = Place(file="demo.yaml", line=1, column=1, pointer="/demo")
TEXT = Type(kind="string")
INTEGER = Type(kind="integer")
ANY = Type(kind="any")
MAIN = Scheme(key="main", words=("main",), kind="bearer", prefix="Bearer", parts=(("token", "DEMO_TOKEN"),))
SECURED = ((Need(scheme="main"),),)


def param(name: str, type_: Type = TEXT, location: Any = "field", **more: Any) -> Param:
    return Param(
        words=tuple(name.split("_")),
        wire_name=name,
        location=location,
        type=type_,
        description=f"The {name}. With more to say.",
        place=HERE,
        **more,
    )


def function(name: str, method: str, path: str, *params: Param, **more: Any) -> Function:
    group, _, verb = more.pop("at").rpartition(".")
    return Function(
        **{
            "name": f"demo_{name}",
            "words": tuple(name.split("_")),
            "group": group,
            "verb": tuple(verb.split("_")),
            "operation_id": f"{group}.{verb}",
            "method": method,
            "path": path,
            "access": "read" if method == "GET" else "write",
            "title": name.replace("_", " ").capitalize(),
            "summary": f"Do {name}.",
            "description": f"Do {name}. At length.",
            "params": params,
            "responses": (),
            "result": Result(kind="json", type=Type(kind="model", model="Job")),
            "place": HERE,
            "security": SECURED,
            **more,
        }
    )


def api() -> Api:
    """Every kind of argument and result there is, in six functions."""
    node = Model(
        key="Node",
        words=("node",),
        fields=(
            Field(words=("name",), wire_name="name", type=TEXT, required=True, place=HERE),
            Field(words=("next",), wire_name="next", type=Type(kind="model", model="Node", nullable=True), place=HERE),
        ),
        additional=ANY,
        place=HERE,
    )
    job = Model(
        key="Job",
        words=("job",),
        fields=(
            Field(words=("id",), wire_name="id", type=TEXT, required=True, read_only=True, place=HERE),
            Field(words=("status",), wire_name="status", type=Type(kind="string", values=("done", "bad")), place=HERE),
            Field(words=("error",), wire_name="error", type=Type(kind="string", nullable=True), place=HERE),
        ),
        additional=ANY,
        place=HERE,
    )
    color = Type(kind="string", values=("red", "green"))
    functions = (
        function(
            "create_job",
            "POST",
            "/jobs",
            param("version", required=True),
            param("input", Type(kind="map", items=ANY), required=True),
            param("color", color),
            param("tags", Type(kind="array", items=TEXT)),
            param("node", Type(kind="model", model="Node")),
            param("notify", Type(kind="boolean", nullable=True)),
            param("help"),
            param("wait", Type(kind="integer", minimum=1, maximum=60), "header", encoding="wait"),
            at="jobs.create",
            billed=True,
            job="job",
            body=Body(media_type="application/json", kind="json", type=ANY, required=True, flattened=True),
            examples=(Example(title="One", arguments={"version": "v1", "input": {"a": 1}}),),
        ),
        function("delete_job", "DELETE", "/jobs/{job_id}", param("job_id", location="path", required=True), at="jobs.delete", destructive=True, result=Result(kind="empty")),
        function("download", "GET", "/files/{id}", param("id", location="path", required=True), at="files.download", result=Result(kind="binary", media_type="application/octet-stream")),
        function("get_job", "GET", "/jobs/{job_id}", param("job_id", location="path", required=True), at="jobs.get", idempotent=True),
        function("list_logs", "GET", "/jobs/{job_id}/logs", param("job_id", location="path", required=True), param("limit", Type(kind="integer", maximum=100), "query"), at="jobs.logs.list", result=Result(kind="text", media_type="text/plain")),
        function("upload", "POST", "/files", param("content", Type(kind="binary"), required=True), at="files.upload", files_in=("content",), body=Body(media_type="multipart/form-data", kind="multipart", type=ANY, required=True, flattened=True)),
    )  # fmt: skip
    return Api(
        name="demo",
        title="Demo",
        package="demopkg",
        command="demo",
        client="Demo",
        version="1.2.3",
        summary="A demo.",
        description="",
        homepage="",
        token_env="DEMO_TOKEN",
        base_url_env="DEMO_URL",
        token_url="https://demo.invalid/tokens",
        document_title="Demo",
        document_version="1",
        servers=(Server(url="http://127.0.0.1:1"),),
        schemes=(MAIN,),
        security=SECURED,
        groups=(
            Group(key="files", path=(("files",),), title="Files", summary="Files of any kind."),
            Group(key="jobs", path=(("jobs",),), title="Jobs", summary="Jobs and their state."),
            Group(key="jobs.logs", path=(("jobs",), ("logs",)), title="Logs", summary="What jobs say."),
        ),
        functions=functions,
        models={"Job": job, "Node": node},
        jobs={
            "job": Job(
                key="job",
                id="id",
                status="status",
                terminal=("done", "bad"),
                successful=("done",),
                poll="demo_get_job",
                argument="job_id",
                interval=0.1,
            )
        },
    )


ABOUT = """
NAME, TITLE, PACKAGE, COMMAND, CLIENT = "demo", "Demo", "demopkg", "demo", "Demo"
VERSION, SUMMARY, HOMEPAGE = "1.2.3", "A demo.", ""
BASE_URL, TOKEN_ENV, BASE_URL_ENV = "http://127.0.0.1:1", "DEMO_TOKEN", "DEMO_URL"
TOKEN_URL = "https://demo.invalid/tokens"
CREDENTIAL_ENV = ("DEMO_TOKEN",)
WHOAMI = ""
"""
CREDENTIALS = """
from .runtime.schemes import Scheme
SCHEMES = (Scheme("main", "main", "bearer", prefix="Bearer", parts=(("token", "DEMO_TOKEN"),)),)
SECURITY = ((("main", ()),),)
"""
PACKAGE = """
def __getattr__(name):
    if name != "Demo":
        raise AttributeError(name)
    from .client import Demo
    return Demo
"""
ERRORS = """
class Error(Exception):
    retryable, look_with = False, ""
class ConfigError(Error): pass
class NoTokenError(ConfigError): pass
class ArgumentError(Error):
    def __init__(self, parameter, message):
        super().__init__(message)
        self.parameter = parameter
class ApiConnectionError(Error):
    retryable = passing = sent = True
class ApiTimeoutError(ApiConnectionError): pass
class ApiError(Error):
    def __init__(self, status, detail="", retry_after=None):
        super().__init__(detail)
        self.status, self.detail, self.title, self.body = status, detail, "", None
        self.request_id, self.retry_after, self.invalid_fields = "r1", retry_after, []
        self.retryable = status in (429, 503)
"""
REQUESTS = """
import json
from types import SimpleNamespace
def prepare(operation, arguments, base_url):
    return SimpleNamespace(method="POST", url=base_url + "/jobs", headers=[("Accept", "application/json")],
                           content=json.dumps(arguments).encode(), parts=None)
"""
CLIENT = """
import os
from types import SimpleNamespace
from .runtime import errors
class Demo:
    def __init__(self, token=None, *, base_url=None, timeout=None, **more):
        self.base_url = base_url or "http://127.0.0.1:1"
    def __enter__(self): return self
    def __exit__(self, *error): pass
    def call(self, operation, arguments, *, raw=True):
        if "DEMO_TOKEN" not in os.environ: raise errors.NoTokenError("no token")
        match arguments.get("job_id") or arguments.get("id"):
            case str() as status if status.isdigit(): raise errors.ApiError(int(status), "no such luck", 3.0)
            case "offline": raise errors.ApiConnectionError("refused")
            case "slow": raise errors.ApiTimeoutError("too slow")
            case "interrupt": raise KeyboardInterrupt
            case "bytes": return b"\\x00\\xff"
            case "text": return "line\\n"
            case "gone": return None
        return {"id": "1", "status": arguments.get("color", "done").replace("red", "bad"), "got": arguments,
                "operation": operation.name}
    def answer(self, operation, arguments, *, cursor=""):
        data = self.call(operation, arguments)
        return SimpleNamespace(status=200, parse=lambda: data)
"""
OPERATIONS = """
from types import SimpleNamespace
from .functions.info import all_functions
class _All(dict):
    def __missing__(self, name): return SimpleNamespace(name=name, security=((("main", ()),),))
OPERATIONS = _All()
"""


def build(into: Path) -> Path:
    """Lay the package out below the folder: our templates, with stand-ins for the client."""
    made = api()
    package = into / "demopkg"
    for surface in ("python", "cli"):
        source = ROOT / "templates" / surface / "python" / "[package]"
        for name in ("functions", "cli"):
            if (source / name).is_dir():
                shutil.copytree(source / name, package / name, ignore=shutil.ignore_patterns("*.jinja", "__pycache__"))
    for page in metadata.pages(made):
        name = Path(page.template).name.removesuffix(".jinja")
        (package / "functions" / name).write_text(page.view.document)  # type: ignore[attr-defined]
    shutil.copy(ROOT / "generator/surfaces/shared/subschemas.py", package / "functions")
    for name, text in _commands(made):
        (package / "cli" / name).write_text(text)
    (package / "runtime").mkdir()
    for name in ("jsonvalues", "media", "mediatypes", "operation", "paths", "patterns", "placeholders", "schemes"):
        shutil.copy(ROOT / "templates/python/python/[package]/runtime" / f"{name}.py", package / "runtime")
    for path, text in {
        "__init__.py": PACKAGE,
        "__main__.py": "from .cli import main\nmain()\n",
        "about.py": ABOUT,
        "client.py": CLIENT,
        "credentials.py": CREDENTIALS,
        "operations.py": OPERATIONS,
        "runtime/__init__.py": "",
        "runtime/errors.py": ERRORS,
        "runtime/requests.py": REQUESTS,
    }.items():
        (package / path).write_text(text)
    return package


def whole(into: Path) -> Path:
    """The package as the generator makes it of this API, client and command line."""
    renderer = Renderer(ROOT / "templates")
    for name in ("python", "cli"):
        rendition = pipeline.surface(name).render(api())
        root = ROOT / "templates" / name
        files = {
            str(path.relative_to(root)): path.read_text("utf-8")
            for path in root.rglob("*.py")
            if "__pycache__" not in path.parts
        }
        for page in rendition.pages:
            files[fill(page.template, {"package": rendition.package, **page.fill})] = renderer.render(name, page)
        for each in rendition.derives:
            for path in [path for path in files if path.startswith(f"{each.source}/")]:
                files.setdefault(each.target + path.removeprefix(each.source), each.make(files[path], path))
        for path, text in files.items():
            file = into / Path(fill(path, {"package": rendition.package})).relative_to("python")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
    return into


def _commands(made: Api) -> Iterator[tuple[str, str]]:
    renderer = Renderer(ROOT / "templates")
    for page in cli.render(made).pages:
        yield Path(page.template).stem, renderer.render("cli", page)
