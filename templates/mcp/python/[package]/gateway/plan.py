"""What a gateway was started with: which members, under which policy, within which budget. All of it data.

It is made once, and each process that serves makes its own host of it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .. import about
from ..functions.policy import CLASSES
from . import found as packages
from . import mcpfile, placed
from .budgets import Budget
from .faults import MemberError
from .found import Found, NotFoundError
from .host import Host
from .members import Asked, Member, Package
from .placed import ConfigurationError, Placed
from .process import Process, Tell
from .rules import ALL, ANSWERS, ApiRules, Rules
from .upstream import LAUNCH

CONFIG = "gateway.yaml"
"""The configuration file that is read by default."""
RENDER = "SURFACEGEN_RENDER"
"""The variable that holds, as a JSON list, the command that renders a document; else `surfacegen` is looked for."""
NESTED = "SURFACEGEN_GATEWAY"
"""Set for what a gateway starts: a gateway among its own upstream servers would start itself without end."""
MOST_MEMBERS = 200
_EVERY = "*"
"""What a policy calls all APIs."""
_RENDERING = 600.0
"""Seconds that a document may take to be rendered."""


class PlanError(ValueError):
    """A gateway that cannot be; the message says why, and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """One member that is to be."""

    name: str
    package: Found | None = None
    account: str = ""
    base_url: str = ""
    launch: Mapping[str, Any] | None = field(default=None, repr=False)
    """How an upstream server is started."""
    why: str = ""
    """Why it is not to be started."""

    def member(self, flags: tuple[str, ...]) -> Member:
        """The member, not begun. flags: the policy of the server that a package has which does not speak the contract."""
        if self.package is not None and self.package.contract:
            return Package(self.name, self.package, account=self.account, base_url=self.base_url)
        if self.package is not None:
            return _older(self, self.package, flags)
        if self.launch is not None:
            return _Upstream(self.name, self.launch)
        return _Absent(self.name, self.why)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A gateway that is to be."""

    specs: tuple[Spec, ...]
    rules: Rules = field(default_factory=Rules)
    budget: Budget = field(default_factory=Budget)
    functions: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    def host(self) -> Host:
        """The host, its members not begun."""
        members = [spec.member(self.flags) for spec in self.specs]
        return Host(members, self.rules, self.budget, functions=self.functions, exclude=self.exclude)


class _Upstream(Package):
    kind = "mcp"
    needs_token = False

    def __init__(self, name: str, launch: Mapping[str, Any]) -> None:
        own = packages.own()
        start = partial(Process, secrets=_secrets(launch))
        super().__init__(name, own, command=(own.python, "-P", "-m", f"{own.package}.gateway.upstream"), start=start)
        self.process.environment |= {LAUNCH: json.dumps(launch), NESTED: "1"}


def _secrets(launch: Mapping[str, Any]) -> tuple[str, ...]:
    """What a server is reached with that nobody is to see, the longest first."""
    headers = [str(text) for text in (launch.get("headers") or {}).values()]
    own = [] if launch.get("surroundings") else [str(text) for text in (launch.get("env") or {}).values()]
    url = urlsplit(str(launch.get("url") or ""))
    values = (*headers, *(text.rpartition(" ")[2] for text in headers), *own, url.query, url.password or "")
    return tuple(sorted(filter(None, values), key=len, reverse=True))


class _Absent(Member):
    """A member that is not to be started, and says why."""

    kind = "mcp"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(name)
        self._why = why

    def load(self) -> None:
        """There is nothing to load."""
        raise MemberError("unavailable", self._why)

    def ask(self, method: str, params: Mapping[str, Any], tell: Tell | None = None) -> Asked:
        """There is nobody to ask."""
        raise MemberError("unavailable", f"{self.name} {self._why}")

    def close(self) -> None:
        """There is nothing to end."""


def _older(spec: Spec, package: Found, flags: tuple[str, ...]) -> Member:
    """A package that was made before the contract: its own MCP server, as an upstream server."""
    account = ("--account", spec.account) if spec.account else ()
    command, *arguments = package.server(*flags, *account)
    path = {"PYTHONPATH": package.environment()["PYTHONPATH"]} if package.path else {}
    launch = {
        "name": package.api,
        "command": command,
        "args": arguments,
        "env": path,
        "surroundings": True,
        "prefix": f"{package.api}_",
    }
    return _Upstream(spec.name, launch)


def own() -> Spec | None:
    """This package as a member; None where its API has no functions."""
    from ..functions import all_functions

    return Spec(name=about.NAME, package=packages.own()) if all_functions("mcp") else None


def plan(
    with_: tuple[str, ...] = (),
    *,
    config: str | None = None,
    openapi: str = "",
    name: str = "",
    mcp_file: str | None = None,
    trust: tuple[str, ...] = (),
    account: str = "",
    write: str = "deny",
    allow: tuple[str, ...] = (),
    ask: tuple[str, ...] = (),
    functions: tuple[str, ...] = (),
    exclude: tuple[str, ...] = (),
) -> Plan:
    """The gateway of a configuration and of flags. PlanError, with where and what, for what cannot be.

    account: what this package's own API is called with. config: the file; empty for `gateway.yaml` of this folder where there is one; None for none.
    """
    rules = Rules.flags(write, allow, ask)
    # Who is asked is the gateway's to ask: what it then lets pass must pass everywhere behind it.
    flags = (*(("--write=allow",) if write != "deny" else ()), *(f"--allow={each}" for each in (*allow, *ask)))
    specs: dict[str, Spec] = {}

    def add(spec: Spec) -> None:
        if spec.name in specs:
            raise PlanError(f"two members are named {spec.name}: rename one of them in a configuration")
        specs[spec.name] = spec

    if (mine := own()) is not None:
        add(replace(mine, account=account))
    for each in with_:
        document = _located(each)
        add(Spec(name=document.api, package=document))
    if openapi:
        document = rendered(openapi, Path())
        add(Spec(name=name or document.api, package=document))
    budget, file, trusted = Budget(), mcp_file, trust
    if (path := _config(config)) is not None:
        try:
            read = _Reader(placed.read(path), path.parent, specs, rules)
        except ConfigurationError as error:
            raise PlanError(str(error)) from None
        rules, budget, specs = read.rules, read.budget, read.specs
        file, trusted = mcp_file or read.file, (*trust, *read.trust)
    if file is not None or trusted:
        for spec in _servers(Path(file) if file else mcpfile.usual(), trusted):
            add(spec)
    if len(specs) > MOST_MEMBERS:
        raise PlanError(f"there are {len(specs)} members; a gateway has {MOST_MEMBERS} at most")
    return Plan(
        specs=tuple(specs.values()), rules=rules, budget=budget, functions=functions, exclude=exclude, flags=flags
    )


def _config(config: str | None) -> Path | None:
    if config:
        return Path(config)
    return Path(CONFIG) if config is not None and Path(CONFIG).is_file() else None


def _located(name: str, python: str = "") -> Found:
    try:
        return packages.named(name, python)
    except NotFoundError as error:
        known = f"; there are {', '.join(error.known)}" if error.known else ""
        raise PlanError(f"--with {name[:80]}: {error}{known}") from None


def _servers(path: Path, trusted: tuple[str, ...]) -> list[Spec]:
    if os.environ.get(NESTED):
        raise PlanError("this gateway was started by another one, and cannot start upstream servers")
    try:
        servers = {server.name: server for server in mcpfile.read(path)}
    except mcpfile.FileError as error:
        raise PlanError(str(error)) from None
    for each in trusted:
        if each not in servers:
            raise PlanError(f"--trust {each[:80]}: {path} has no server with that name; it has {', '.join(servers)}")
    specs = []
    for server in servers.values():
        if server.name not in trusted:
            specs.append(
                Spec(name=server.member, why=f"is not trusted: --trust {server.name}, once you have checked it")
            )
            continue
        try:
            specs.append(Spec(name=server.member, launch=server.launch(os.environ)))
        except mcpfile.FileError as error:
            specs.append(Spec(name=server.member, why=f"cannot be started: {path}: {error}"))
    return specs


def rendered(document: str, folder: Path) -> Found:
    """The package of a document, rendered once and kept. PlanError where it cannot be."""
    command = _renderer()
    place = document if urlsplit(document).scheme in ("http", "https") else str(folder / document)
    words = [*command, "gateway-package", "--openapi", place]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=_RENDERING, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PlanError(f"{document}: it could not be rendered: {error}") from None
    if done.returncode:
        raise PlanError(f"{document}: it could not be rendered: {done.stderr.strip()[-2_000:]}")
    try:
        return packages.named(done.stdout.strip())
    except NotFoundError as error:
        raise PlanError(f"{document}: {error}") from None


def _renderer() -> list[str]:
    try:
        parsed = json.loads(os.environ.get(RENDER, "null"))
    except ValueError:
        parsed = None
    if isinstance(parsed, list) and parsed and all(isinstance(each, str) for each in parsed):
        return parsed
    if importlib.util.find_spec("surfacegen") is not None:
        return [sys.executable, "-m", "surfacegen"]
    program = shutil.which("surfacegen")
    if program is None:
        raise PlanError("a document is rendered by surfacegen, which is not installed: pip install surfacegen")
    return [program]


class _Reader:
    """Reads a configuration: members, servers, policy, budgets."""

    def __init__(self, root: Placed, folder: Path, specs: Mapping[str, Spec], rules: Rules) -> None:
        self._folder = folder
        self.specs = dict(specs)
        self.rules = rules
        self.budget = Budget()
        self.file: str | None = None
        self.trust: tuple[str, ...] = ()
        known = root.members("the configuration", ("apis", "mcp", "policy", "budgets"))
        if "apis" in known:
            for name, api in known["apis"].members("apis").items():
                self._api(name, api)
        if "mcp" in known:
            self._mcp(known["mcp"])
        if "policy" in known:
            self._policy(known["policy"])
        if "budgets" in known:
            self._budgets(known["budgets"])

    def _api(self, name: str, node: Placed) -> None:
        settings = node.members(f"apis.{name}", ("package", "openapi", "account", "base_url", "python"))
        if not name.isidentifier() or not name.isascii() or len(name) > 64 or name == "mcp":
            raise node.wrong(
                f"{name[:80]!r} is not a valid name of an API", "letters, digits and underscores, and not mcp"
            )
        if "package" in settings and "openapi" in settings:
            raise settings["openapi"].wrong(f"apis.{name} also has a package", "set one of the two")
        text = {key: settings[key].text(f"apis.{name}.{key}") for key in settings}
        if (address := text.get("base_url", "")) and urlsplit(address).scheme not in ("http", "https"):
            raise settings["base_url"].wrong(f"apis.{name}.base_url is not an http or https URL")
        if "openapi" in text:
            try:
                package = rendered(text["openapi"], self._folder)
            except PlanError as error:
                # It may be another's document, or another's server: the other APIs are served all the same.
                self.specs[name] = Spec(name=name, why=f"is not running: {settings['openapi'].where}: {error}")
                return
            self._add(name, package, text)
            return
        try:
            if (
                (former := self.specs.get(name)) is not None
                and former.package is not None
                and "package" not in settings
            ):
                package = former.package
            else:
                chosen = text.get("package", name)
                beside = self._folder / chosen
                inside = os.sep in chosen or chosen.startswith(".")
                package = _located(str(beside) if inside else chosen, text.get("python", ""))
        except PlanError as error:
            raise settings.get("package", node).wrong(str(error).removeprefix("--with ")) from None
        self._add(name, package, text)

    def _add(self, name: str, package: Found, text: Mapping[str, str]) -> None:
        self.specs = {key: spec for key, spec in self.specs.items() if key == name or spec.package != package}
        account, address = text.get("account", ""), text.get("base_url", "")
        self.specs[name] = Spec(name=name, package=package, account=account, base_url=address)

    def _mcp(self, node: Placed) -> None:
        settings = node.members("mcp", ("file", "trust"))
        if "file" in settings:
            self.file = str(self._folder / settings["file"].text("mcp.file"))
        if "trust" in settings:
            self.trust = settings["trust"].texts("mcp.trust")
            self.file = self.file or str(self._folder / ".mcp.json")

    def _policy(self, node: Placed) -> None:
        names = {*self.specs, _EVERY, *(f"mcp.{name.replace('-', '_')}" for name in self.trust)}
        apis = dict(self.rules.apis)
        for name, answer in node.members("policy", tuple(sorted(names))).items():
            if name == _EVERY:
                own = _answers(answer, "policy.*", CLASSES)
                self.rules = replace(self.rules, default={**self.rules.default, **own})
            else:
                apis[name] = _api_rules(answer, f"policy.{name}")
        self.rules = replace(self.rules, apis=apis)

    def _budgets(self, node: Placed) -> None:
        settings = node.members("budgets", ("calls", "bytes", "money"))
        for key in ("calls", "bytes"):
            if key in settings:
                value = settings[key].value
                if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                    raise settings[key].wrong(f"budgets.{key} must be a non-negative integer")
                self.budget = replace(self.budget, calls=value) if key == "calls" else replace(self.budget, bytes=value)
        if "money" in settings:
            value = settings["money"].value
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 10**12:
                raise settings["money"].wrong("budgets.money is an amount, such as 2.50")
            self.budget = replace(self.budget, money=Decimal(str(value)))


def _api_rules(node: Placed, what: str) -> ApiRules:
    settings = node.members(what, (*CLASSES, "functions", "accounts"))
    classes = {key: each.choice(f"{what}.{key}", ANSWERS) for key, each in settings.items() if key in CLASSES}
    functions: dict[str, Mapping[str, str]] = {}
    for glob, each in settings["functions"].members(f"{what}.functions").items() if "functions" in settings else ():
        if isinstance(each.value, dict):
            functions[glob] = _answers(each, f"{what}.functions.{glob}", (*CLASSES, ALL))
        else:
            functions[glob] = {ALL: each.choice(f"{what}.functions.{glob}", ANSWERS)}
    accounts = {
        account: _answers(each, f"{what}.accounts.{account}", CLASSES)
        for account, each in (
            settings["accounts"].members(f"{what}.accounts").items() if "accounts" in settings else ()
        )
    }
    return ApiRules(classes=classes, functions=functions, accounts=accounts)


def _answers(node: Placed, what: str, classes: tuple[str, ...]) -> dict[str, str]:
    return {key: each.choice(f"{what}.{key}", ANSWERS) for key, each in node.members(what, classes).items()}
