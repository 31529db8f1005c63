"""Runs a call that was written for an old API against the package, and the mock server, of a new one."""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import yaml
from hanging import HANGS
from making_many import made_in_memory

from generator import names, pipeline
from generator.ir import Api, Function
from generator.surfaces.shared import calls, metadata

_SERVER_SAYS_NO = (400, 401, 404, 405, 415, 422)


@dataclass
class Old:
    """A call of the old API, and how its caller looks at what it gives."""

    api: Api
    function: Function
    arguments: Mapping[str, Any]
    document: Path
    reads: str = ""
    types: tuple[str, ...] = ()
    code: str = ""
    """What is called in Python, where the docs write the call in another way: `client.pets.get("rex")`."""
    line: str = ""
    """The same, on the command line."""
    name: str = ""
    """By what name it is called where functions are called by name; its own unless it is told."""


class Package:
    """The package of the new API, importable from a folder."""

    def __init__(self, api: Api, inputs: pipeline.Inputs, folder: Path) -> None:
        self.api = api
        self.folder = folder
        folders: set[Path] = set()
        files = made_in_memory(inputs).files
        self.paths = {str(file.path) for file in files}
        for file in files:
            place = folder / file.path
            if place.suffix not in (".py", ".json", ".lua") or not place.is_relative_to(folder / "python"):
                continue  # nothing that runs
            if place.parent not in folders:
                place.parent.mkdir(parents=True, exist_ok=True)
                folders.add(place.parent)
            place.write_bytes(file.content)

    @contextlib.contextmanager
    def imported(self, token: str | None) -> Iterator[Running]:
        """The package, its mock running, and the environment that makes every surface call it."""
        name = str(pipeline.surface("python").render(self.api).package)
        sys.path.insert(0, str(self.folder / "python"))
        former = dict(os.environ)
        sys.dont_write_bytecode, written = True, sys.dont_write_bytecode
        try:
            about = importlib.import_module(f"{name}.about")
            server = importlib.import_module(f"{name}.mock.server")
            with server.serve(token="right") as mock:
                os.environ[about.BASE_URL_ENV] = mock.base_url
                os.environ.pop(about.TOKEN_ENV or " ", None)
                if token != "" and (variable := token or about.TOKEN_ENV):
                    os.environ[variable] = "right"
                yield Running(self, name, about, mock.base_url)
        finally:
            sys.dont_write_bytecode = written
            os.environ.clear()
            os.environ.update(former)
            sys.path.remove(str(self.folder / "python"))
            for module in [m for m in sys.modules if m.partition(".")[0] == name]:
                del sys.modules[module]


@dataclass
class Running:
    """The new package while it can be called. Each method gives the outcome that the old caller meets."""

    package: Package
    name: str
    about: Any
    base_url: str

    def outcome(self, surface: str, old: Old) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            found: str = getattr(self, surface)(old)
        return found

    def module(self, path: str) -> Any:
        return importlib.import_module(f"{self.name}.{path}")

    def python(self, old: Old) -> str:
        code = calls.python(old.api, old.function, old.arguments).replace("print(", "(")
        if old.code:
            client = old.api.client
            code = f"from {old.api.package} import {client}\nclient = {client}()\nresult = {old.code}"
        errors = self.module("runtime.errors")
        scope: dict[str, Any] = {}
        try:
            exec(compile(code, "old call", "exec"), scope)  # noqa: S102 - the call, as the docs show it
        except (AttributeError, ImportError):
            return "gone"
        except TypeError:
            return "TypeError"
        except errors.ConfigError:
            return "no_token"
        except errors.ArgumentError:
            return "invalid_arguments"
        except errors.ApiError as error:
            assert error.status in _SERVER_SAYS_NO, error
            return "refused"
        finally:
            if "client" in scope:
                scope["client"].close()
        types = self.module("types")
        if any(not hasattr(types, name) for name in old.types):
            return "annotation"
        result = scope.get("result", scope.get("item"))
        if old.reads and getattr(result, old.reads, None) is None:
            return "value"
        plain = result.to_dict() if hasattr(result, "to_dict") else result
        return self._kept(old, plain)

    def cli(self, old: Old) -> str:
        line = shlex.split(old.line or calls.cli(old.api, old.function, old.arguments).replace("\\\n", " "))
        if line[0] != self.about.COMMAND:
            return "gone"
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        code: Any = None
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                self.module("cli").main(line[1:])
            except SystemExit as end:
                code = end.code
        if code == 0:
            out.flush()
            text = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
            return self._kept(old, _json(text))
        said = err.getvalue()
        if code == 2:
            # Below a noun with one command the word that is gone is taken for an argument.
            lost = f"extra argument ({names.call(old.api, old.function).command[-1]})"
            unknown = any(what in said for what in ("no command", "no function", lost))
            return "gone" if unknown else "exit 2"
        kind = json.loads(said)["error"]["type"] if said.startswith("{") else said
        return self._told(kind, said)

    def mcp(self, old: Old) -> str:
        if self.about.COMMAND != old.api.command:
            return "gone"
        functions = self.module("functions")
        try:
            functions.find(old.name or old.function.name, "mcp")  # as the server looks for it
        except functions.UnknownFunctionError:
            return "gone"
        envelope = self._with_client(lambda client: functions.call(
            client, old.name or old.function.name, old.arguments, policy=_policy(functions, old)
        ))  # fmt: skip
        return envelope if isinstance(envelope, str) else self._enveloped(old, envelope)

    def lua(self, old: Old) -> str:
        if self.about.COMMAND != old.api.command:
            return "gone"
        functions, host = self.module("functions"), self.module("lua")
        code = calls.lua(old.api, old.function, old.arguments)
        if old.name:
            code = f'return app.integrations.{old.api.name}["{old.name}"]({{}})'
        policy = _policy(functions, old)
        envelope = self._with_client(lambda client: host.run(code, client=client, policy=policy))
        if isinstance(envelope, str):
            return envelope
        if envelope["success"]:
            return self._kept(old, envelope["result"])
        inner = envelope["error"]
        return self._told(inner["type"], json.dumps(inner))

    def docs(self, old: Old) -> str:
        page = "docs/pages/functions/" + "_".join(old.function.words) + ".md"
        return "ok" if page in self.package.paths else "page gone"

    def deployed(self, old: Old) -> str:
        """The request that the old documentation shows (curl), sent to the new server."""
        shown = calls.curl(old.api, old.function, old.arguments)
        server = old.api.servers[0].url
        if server != self.about.BASE_URL:
            return "elsewhere"
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(server))
        here = "{0.scheme}://{0.netloc}".format(urlsplit(self.base_url))
        done = subprocess.run(
            ["bash", "-c", shown.replace(origin, here) + " --write-out '\\n%{http_code}'"],
            env={**os.environ, old.api.token_env: os.environ.get(old.api.token_env, "")},
            capture_output=True, text=True, timeout=HANGS, check=False,
        )  # fmt: skip
        text, _, status = done.stdout.rpartition("\n")
        assert int(status) < 300 or int(status) in _SERVER_SAYS_NO, (shown, done)
        if int(status) >= 300:
            return "refused"
        if status not in {response.status for response in old.function.responses}:
            return "value"
        kept = self._kept(old, _json(text))
        return kept if kept != "ok" else self._promised(old, _json(text))

    @staticmethod
    def _promised(old: Old, value: Any) -> str:
        """Whether it is what the old document says, to the letter: it knows no value beside those that it lists."""
        written: dict[str, Any] = yaml.safe_load(old.document.read_text("utf-8"))
        operation = written["paths"][old.function.path][old.function.method.lower()]
        contents = next(iter(operation["responses"].values())).get("content", {})
        if "application/json" not in contents:
            return "ok"
        schema = {**contents["application/json"]["schema"], "components": written.get("components", {})}
        return "ok" if jsonschema.Draft202012Validator(schema).is_valid(value) else "value"

    def _with_client(self, work: Any) -> Any:
        errors = self.module("runtime.errors")
        try:
            with getattr(self.module("client"), self.about.CLIENT)() as client:
                return work(client)
        except errors.ConfigError:
            return "no_token"

    def _enveloped(self, old: Old, envelope: dict[str, Any]) -> str:
        if envelope["success"]:
            return self._kept(old, envelope["data"])
        return self._told(envelope["error"]["type"], json.dumps(envelope["error"]))

    def _told(self, kind: str, said: str) -> str:
        match kind:
            case "unknown_function":
                return "gone"
            case "confirmation_needed":
                return "confirmation"
            case "invalid_arguments" | "policy" | "no_token":
                return kind
            case "lua" | "runtime" | "script":
                return "gone" if "no function" in said or "nil value" in said else said
        return (
            "refused" if kind in ("bad_request", "not_found", "unprocessable", "api_error", "authentication") else said
        )

    def _kept(self, old: Old, value: Any) -> str:
        """Whether the value is still what the old API said it would be."""
        if old.function.result.kind == "empty":
            return "ok"
        if old.reads and not (isinstance(value, dict) and value.get(old.reads) is not None):
            return "value"
        known = metadata.metadata(old.api)
        entry = next(entry for entry in known.entries if entry["name"] == old.function.name)
        schema = known.closed(entry["output_schema"])
        return "ok" if self.module("functions").check(value, schema) is None else "value"


def _policy(functions: Any, old: Old) -> Any:
    """What an agent was allowed that could call the old function."""
    return functions.Policy(frozenset({"read", *old.function.classes}))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text or None


def needed() -> str:
    """What is missing on this machine to run the calls; empty where nothing is."""
    return "" if shutil.which("curl") and shutil.which("bash") else "curl or bash is not installed"
