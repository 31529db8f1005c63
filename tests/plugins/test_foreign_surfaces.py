"""Surfaces of other distributions: looked up by name, treated as ours, and told by name where they do wrong.

Each is a module with the `dist-info` of an installed distribution beside it, in a folder on the path.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import textwrap
import tomllib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import cli, pipeline
from generator.assembly import Assembly
from generator.evolve import watch
from generator.plugins import registry
from generator.plugins.guard import PluginError
from generator.write import manifest

ROOT = Path(__file__).parents[2]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example"}],
    "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": "ok"}}}}},
}
HEAD = """
from dataclasses import dataclass
from pathlib import Path
from surfacegen.ir import Api, Loss
from surfacegen.surfaces.base import Page, Ready, Rendition, Surface
from surfacegen.text import Code

@dataclass(frozen=True)
class View:
    title: str
    names: Code
"""
LIST = HEAD + """
def render(api: Api) -> Rendition:
    names = Code(", ".join(repr(function.name) for function in api.functions))
    pages = (Page(f"list/{name}.jinja", View(api.title, names)) for name in ("[package].py", "names.txt"))
    lost = Loss(pointer="#/paths", surface="other", kind="degraded", reason="shortened")
    return Rendition(pages, (lost,), api.package, files=[Ready("list/as it is.txt", b"1")])

SURFACE = Surface("list", render, Path(__file__).parent / "templates")
"""
TEMPLATES = {
    "templates/list/[package].py.jinja": "NAMES = [" + "{{ names }}, " * 9 + "]\n",
    "templates/list/names.txt.jinja": "{{ title | markdown }}: {{ names }}\n",
    "templates/list/copied.txt": "{{ as it is }}\n",
}


class Project:
    """A folder with a document and a folder of what is installed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.site = folder, folder / "site"
        (folder / "api.json").write_text(json.dumps(DOCUMENT))
        self.modules: list[str] = []

    def install(
        self, name: str, source: str, value: str = "", distribution: str = "", files: dict[str, str] | None = None
    ) -> None:
        """A distribution with a package and an entry point."""
        distribution = distribution or f"surfacegen-{name}"
        package = distribution.replace("-", "_")
        point = f"[surfacegen.surfaces]\n{name} = {value or f'{package}:SURFACE'}\n"
        for path, text in {
            f"{package}/__init__.py": textwrap.dedent(source),
            f"{package}-2.1.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 2.1\n",
            f"{package}-2.1.dist-info/entry_points.txt": point,
            **{f"{package}/{path}": text for path, text in (files or {}).items()},
        }.items():
            (self.site / path).parent.mkdir(parents=True, exist_ok=True)
            (self.site / path).write_text(text)
        self.forget()

    def forget(self) -> None:
        """As the next process begins: nothing of them is imported."""
        for name in [name for name in sys.modules if name.startswith("surfacegen_")]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def run(self, command: str, *arguments: str) -> int:
        self.forget()
        return cli.main([command, "--openapi", "api.json", "--out", "out", *arguments])

    def tree(self) -> dict[str, bytes]:
        out = self.folder / "out"
        found = [path for path in out.rglob("*") if path.is_file()]
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    made = Project(tmp_path)
    made.site.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(made.site))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield made
    made.forget()


def test_ours_are_entry_points_of_our_own_distribution() -> None:
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"][registry.GROUP]
    assert points == registry.OURS
    assert tuple(registry.OURS) == pipeline.SURFACES
    for name in registry.OURS:
        assert registry.load(registry.entry(name)).name == name


def test_a_run_of_ours_looks_through_nothing_that_is_installed(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom generator import cli\n"
        "code = cli.main(['generate'])\n"
        "print(code, sorted({'importlib.metadata', 'jinja2', 'yaml', 'subprocess'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("nothing to do\n0 []\n"), done.stdout


def test_it_is_made_as_ours_are(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("list", LIST, files=TEMPLATES)
    assert project.run("generate", "--surface", "list") == 0, capsys.readouterr().err
    tree = project.tree()
    assert sorted(tree) == [
        "README.md",
        "ledger.json",
        "list/as it is.txt",
        "list/copied.txt",
        "list/names.txt",
        "list/pets_kit.py",
        "manifest.json",
    ]
    (function,) = pipeline.load(pipeline.Inputs(Path("api.json"))).functions
    assert tree["list/names.txt"] == f"Pets: {function.name!r}\n".encode()
    assert tree["list/copied.txt"] == b"{{ as it is }}\n"
    assert all(len(line) <= 120 for line in tree["list/pets_kit.py"].splitlines()), "laid out as ours is"
    (lost,) = [loss for loss in json.loads(tree["ledger.json"])["losses"] if loss["surface"] != "*"]
    assert lost == {"pointer": "#/paths", "surface": "list", "kind": "degraded", "reason": "shortened"}
    assert project.run("check", "--surface", "list") == 0
    capsys.readouterr()
    assert project.run("generate", "--surface", "list") == 0
    assert capsys.readouterr().out.endswith("nothing to do\n")


def test_its_code_decides_it_and_no_other(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("list", LIST, files=TEMPLATES)
    both = ("--surface", "list", "--surface", "mcp")
    assert project.run("generate", *both) == 0
    made = manifest.read_manifest(Path("out")).surfaces
    assert "surface/list" in made["list"].inputs
    assert "surface/list" not in made["mcp"].inputs
    project.install("list", LIST.replace('"names.txt"', '"other.txt"'), files=TEMPLATES)
    (project.site / "surfacegen_list/templates/list/names.txt.jinja").rename(
        project.site / "surfacegen_list/templates/list/other.txt.jinja"
    )
    capsys.readouterr()
    assert project.run("generate", "--surface", "mcp") == 0
    assert "nothing to do" in capsys.readouterr().out
    assert project.run("check", *both) == 1
    assert "list/names.txt  (surface: the surface list changed since it was generated)" in capsys.readouterr().out
    assert project.run("generate", *both) == 0
    assert "list/other.txt" in project.tree() and "list/names.txt" not in project.tree(), "pruned"
    (project.site / "surfacegen_list/templates/list/copied.txt").write_text("changed\n")
    assert project.run("generate", *both) == 0
    assert project.tree()["list/copied.txt"] == b"changed\n"


OPTIONS = LIST.replace(
    "SURFACE = ",
    """
from surfacegen.errors import SpecError

def configure(options):
    if unknown := sorted(options.keys() - {"head", "more"}):
        raise SpecError("options of list", f"{unknown[0]!r} is none", "write head")
    def titled(api: Api) -> Rendition:
        options.setdefault("more", []).append("its own copy")
        return Rendition((), files=[Ready("list/head.txt", repr(options).encode())])
    return titled

SURFACE = """,
).replace('"templates")', '"templates", configure)')


def settings(project: Project, *surfaces: object) -> None:
    (project.folder / "surfacegen.yaml").write_text(json.dumps({"document": "api.json", "surfaces": surfaces}))


def test_settings_give_options_to_it(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("list", OPTIONS, files=TEMPLATES)
    given = {"head": "Ümläute: {{ x }}", "more": [1, None, {"a": 0.5}]}
    settings(project, "mcp", {"name": "list", "options": given})
    project.forget()
    assert cli.main(["generate", "--out", "out"]) == 0, capsys.readouterr().err
    assert project.tree()["list/head.txt"].decode() == repr(
        {"head": "Ümläute: {{ x }}", "more": [1, None, {"a": 0.5}, "its own copy"]}
    )
    before = manifest.read_manifest(Path("out")).surfaces
    capsys.readouterr()
    assert cli.main(["generate", "--out", "out"]) == 0
    assert capsys.readouterr().out.endswith("nothing to do\n")
    settings(project, "mcp", {"name": "list", "options": {**given, "head": "b"}})
    project.forget()
    assert cli.main(["generate", "--out", "out"]) == 0
    assert b"'head': 'b'" in project.tree()["list/head.txt"]
    after = manifest.read_manifest(Path("out")).surfaces
    assert before["list"].inputs != after["list"].inputs and before["mcp"] == after["mcp"]
    project.forget()
    assert cli.main(["check", "--out", "out"]) == 0


def test_without_options_it_renders_as_it_does(project: Project) -> None:
    project.install("list", OPTIONS, files=TEMPLATES)
    settings(project, {"name": "list"})
    project.forget()
    assert cli.main(["generate", "--out", "out"]) == 0
    assert "list/names.txt" in project.tree() and "list/head.txt" not in project.tree()


@pytest.mark.parametrize(
    ("source", "surfaces", "message"),
    [
        (LIST, [{"name": "list", "options": {"a": 1}}], "surface list (surfacegen-list 2.1) takes no options"),
        (OPTIONS, [{"name": "list", "options": {"a": 1}}], "options of list: 'a' is none\n  fix: write head"),
        (
            OPTIONS.replace("    return titled", "    return 1"),
            [{"name": "list", "options": {}}],
            "its `configure` returned int, which is not callable",
        ),
        (
            OPTIONS.replace("    return titled", "    return options['x']"),
            [{"name": "list", "options": {}}],
            "surface list (surfacegen-list 2.1): raised KeyError: 'x'",
        ),
        (LIST, ["mcp", {"name": "mcp", "options": {}}], "'mcp' is a built-in surface, and takes no options"),
        (LIST, [{"name": "list", "options": []}], "surfacegen.yaml:1:56: [] is not an object"),
        (LIST, [{"name": "list", "options": {}}, {"name": "list", "command": ["a"]}], "'list' is declared twice"),
        (LIST, [{"name": "../a", "options": {}}], "'../a' is not a valid surface name"),
    ],
    ids=["takes none", "refused", "no function", "raises", "ours", "no mapping", "twice", "no name"],
)
def test_options_that_are_wrong_are_told(
    project: Project, capsys: pytest.CaptureFixture[str], source: str, surfaces: list[object], message: str
) -> None:
    project.install("list", source, files=TEMPLATES)
    settings(project, *surfaces)
    project.forget()
    assert cli.main(["generate", "--out", "out"]) == 1
    told = capsys.readouterr().err
    assert message in told and "  fix: " in told and not (project.folder / "out").exists()


def test_options_are_json(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    lines = 'document = "api.json"\nsurfaces = [{name = "list", options = {day = 2020-01-01}}]\n'
    (project.folder / "pyproject.toml").write_text(f"[tool.surfacegen]\n{lines}")
    assert cli.main(["generate", "--out", "out"]) == 1
    assert "the options of list are not JSON" in capsys.readouterr().err


def test_a_run_of_ours_leaves_it_alone(project: Project) -> None:
    project.install("list", LIST, files=TEMPLATES)
    assert project.run("generate", "--surface", "list") == 0
    assert project.run("generate") == 0
    assert "list/pets_kit.py" in project.tree()
    lost = json.loads(project.tree()["ledger.json"])["losses"]
    assert [loss["reason"] for loss in lost if loss["surface"] == "list"] == ["shortened"]
    assert project.run("check") == 0, "what it made is no drift of ours"


def test_a_template_of_the_user_lies_over_its_own(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("list", LIST, files=TEMPLATES)
    mine = project.folder / "mine/list/list"
    mine.mkdir(parents=True)
    (mine / "names.txt.jinja").write_text('{% include "ours/list/list/names.txt.jinja" %}more\n')
    (mine / "copied.txt").write_text("own\n")
    assert project.run("generate", "--surface", "list", "--templates", "mine") == 0
    assert project.tree()["list/names.txt"].endswith(b"more\n")
    assert project.tree()["list/copied.txt"] == b"own\n"
    (mine / "names.txt.jinja").write_text("\n{{ oops }}")
    assert project.run("generate", "--surface", "list", "--templates", "mine") == 1
    err = capsys.readouterr().err
    assert "mine/list/list/names.txt.jinja:2:1: " in err and "its view has names, title" in err


def test_its_templates_are_listed_and_copied_out(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("list", LIST, files=TEMPLATES)
    assert cli.main(["templates", "list", "--surface", "list"]) == 0
    assert capsys.readouterr().out.split() == [
        "list/list/[package].py.jinja",
        "list/list/copied.txt",
        "list/list/names.txt.jinja",
    ]
    assert cli.main(["templates", "eject", "list/list/names.txt.jinja", "--to", "mine"]) == 0
    copy = project.folder / "mine/list/list/names.txt.jinja"
    head, _, rest = copy.read_text().partition("\n")
    assert head == "{# From surfacegen-list 2.1: templates/list/list/names.txt.jinja #}"
    assert rest == TEMPLATES["templates/list/names.txt.jinja"]
    assert project.run("generate", "--surface", "list") == 0
    before = project.tree()["list/names.txt"]
    assert project.run("generate", "--surface", "list", "--templates", "mine") == 0
    assert project.tree()["list/names.txt"] == before


@pytest.mark.parametrize("value", ["surfacegen_list", "surfacegen_list:SURFACE", "surfacegen_list.module"])
def test_the_entry_point_is_an_object_or_a_module(project: Project, value: str) -> None:
    module = LIST.replace("SURFACE = Surface", "name = 'list'\nunused = Surface").replace(
        'Path(__file__).parent / "templates"', "None"
    )
    files = {**TEMPLATES, "module.py": module + 'templates = Path(__file__).parent / "templates"\n'}
    project.install("list", LIST, value, files=files)
    assert project.run("generate", "--surface", "list") == 0
    assert "list/pets_kit.py" in project.tree()


def surface(body: str, name: str = "bad") -> str:
    return HEAD + f"\ndef render(api):\n{textwrap.indent(body, '    ')}\n\nSURFACE = Surface({name!r}, render)\n"


def laying(path: str) -> str:
    return surface(f"return Rendition([], files=[Ready({path!r}, b'')])")


WRONG = {
    "the module fails": ("raise KeyError('x')", "raised KeyError: 'x' (__init__.py:1)"),
    "the module ends": ("import sys; sys.exit(0)", "raised SystemExit: 0"),
    "no surface": ("SURFACE = None", "is not a Surface with the name 'bad'"),
    "another name": (surface("return Rendition([])", "good"), "is not a Surface with the name 'bad'"),
    "nothing there": ("", "has no attribute 'SURFACE'"),
    "render fails": (surface("return 1 / 0"), "raised ZeroDivisionError: division by zero (__init__.py:"),
    "no rendition": (surface("return None"), "render gives a NoneType, and no Rendition"),
    "a page fails": (surface("return Rendition((1 / 0 for _ in 'a'))"), "raised ZeroDivisionError"),
    "no page": (surface("return Rendition(['x'])"), "its pages hold a str, and no Page"),
    "no template": (surface("return Rendition([Page('none.txt.jinja', View('', Code('')))])"), "there is no template"),
    "an odd loss": (
        surface("return Rendition([], (Loss(pointer='', surface='bad', kind='lost', reason=''),))"),
        "a loss is chosen, kept, degraded or dropped",
    ),
    "outside": (laying("../x"), "writes '../x', which has '..' as a segment"),
    "absolute": (laying("/etc/x"), "which is not relative to the output folder"),
    "a backslash": (laying("a\\..\\x"), "which contains a character that is not allowed in file names"),
    "a NUL": (laying("a\0"), "which contains a character that is not allowed in file names"),
    "our manifest": (laying("Manifest.json"), "which is a file that surfacegen itself writes"),
    "a repository": (laying("a/.git/config"), "which leads into .git"),
    "twice": (
        surface("return Rendition([], files=[Ready('a', b''), Ready('a', b'')])"),
        "writes a, a path that bad/a also needs",
    ),
    "a folder": (
        surface("return Rendition([], files=[Ready('a', b''), Ready('a/b', b'')])"),
        "writes a/b, a path that bad/a also needs",
    ),
    "a file": (
        surface("return Rendition([], files=[Ready('a/b', b''), Ready('a', b'')])"),
        "writes a, a path that bad/a/b also needs",
    ),
    "case alone": (
        surface("return Rendition([], files=[Ready('a/b', b''), Ready('A/B', b'')])"),
        "writes A/B, a path that bad/a/b also needs",
    ),
    "case of a folder": (
        surface("return Rendition([], files=[Ready('a', b''), Ready('A/b', b'')])"),
        "writes A/b, a path that bad/a also needs",
    ),
    "templates elsewhere": (
        surface("return Rendition([])").replace("render)", "render, Path(__file__).parents[1])"),
        "are not in the package",
    ),
}


@pytest.mark.parametrize(("source", "message"), WRONG.values(), ids=WRONG)
def test_what_it_does_wrong_is_told_as_its_own(
    project: Project, capsys: pytest.CaptureFixture[str], source: str, message: str
) -> None:
    project.install("bad", source)
    assert project.run("generate", "--surface", "bad") == 1
    err = capsys.readouterr().err
    assert err.startswith("error: surface bad (surfacegen-bad 2.1): ")
    assert message in err
    assert "\n  fix: " in err and "Traceback" not in err and "bug in surfacegen" not in err
    assert not (project.folder / "out").exists()


def test_a_template_of_it_that_fails_is_named(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("list", LIST, files={**TEMPLATES, "templates/list/names.txt.jinja": "\n\n{{ title }}"})
    assert project.run("generate", "--surface", "list") == 1
    err = capsys.readouterr().err
    assert "surface list (surfacegen-list 2.1): templates/list/list/names.txt.jinja:3: a template prints a str" in err


def test_the_environment_asks_for_the_traceback(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.install("bad", surface("return 1 / 0"))
    monkeypatch.setenv("SURFACEGEN_TRACEBACK", "1")
    with pytest.raises(PluginError, match="surface bad") as caught:
        project.run("generate", "--surface", "bad")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_what_another_surface_has_made_is_not_overwritten(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("bad", laying("mcp/server.json"))
    assert project.run("generate", "--surface", "mcp", "--surface", "bad") == 1
    assert (
        "writes mcp/server.json, a path that templates/mcp/mcp/server.json.jinja also needs" in capsys.readouterr().err
    )
    assert project.run("generate", "--surface", "mcp") == 0
    before = project.tree()
    assert project.run("generate", "--surface", "bad") == 1
    assert "writes mcp/server.json, which the surface mcp also writes" in capsys.readouterr().err
    assert project.tree() == before


def test_what_differs_from_ours_in_case_alone_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("bad", laying("mcp/Server.json"))
    assert project.run("generate", "--surface", "mcp", "--surface", "bad") == 1
    assert (
        "writes mcp/Server.json, a path that templates/mcp/mcp/server.json.jinja also needs" in capsys.readouterr().err
    )


def test_what_it_prints_is_no_output_of_ours(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("bad", "print('imported')\n" + surface("print('rendered')\nreturn Rendition([])"))
    assert project.run("generate", "--surface", "bad", "--json") == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["rows"][0]["surface"] == "bad"
    assert printed.err.startswith("imported\nrendered\n")


def test_its_version_decides_it(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("list", LIST, files=TEMPLATES)
    assert project.run("generate", "--surface", "list") == 0
    metadata = project.site / "surfacegen_list-2.1.dist-info/METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 2.1", "Version: 2.2"))
    capsys.readouterr()
    assert project.run("generate", "--surface", "list") == 0
    assert "nothing to do" not in capsys.readouterr().out


def test_what_is_not_named_is_not_imported(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("bad", "raise SystemExit('imported')")
    assert project.run("generate", "--surface", "mcp") == 0
    assert cli.main(["surfaces"]) == 0
    assert "bad     surfacegen-bad 2.1  surfacegen_bad:SURFACE" in capsys.readouterr().out
    assert "surfacegen_bad" not in sys.modules


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("lua", "", "'lua' is the name of a built-in surface: ignored"),
        ("ledger", "", "is not a valid surface name"),
        ("Bad!", "", "is not a valid surface name"),
        ("odd", "a b:c", "its entry point 'a b:c' is not module:attribute"),
    ],
)
def test_a_name_that_cannot_be_is_listed_with_why(
    project: Project, capsys: pytest.CaptureFixture[str], name: str, value: str, message: str
) -> None:
    project.install(name, "raise SystemExit", value, "surfacegen-bad")
    assert cli.main(["surfaces"]) == 0
    assert message in capsys.readouterr().out
    assert project.run("generate", "--surface", "lua") == 0, "ours is made by ours"
    if name != "lua":
        assert project.run("generate", "--surface", name) in (1, 2)


def test_two_of_one_name_are_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("bad", laying("a"))
    project.install("bad", laying("b"), distribution="surfacegen-worse")
    assert project.run("generate", "--surface", "bad") == 1
    assert "surface bad: is offered by surfacegen-bad 2.1 and surfacegen-worse 2.1" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "near"), [("pythn", "did you mean python? "), ("typescript", "")])
def test_what_is_not_installed_is_told(
    project: Project, capsys: pytest.CaptureFixture[str], name: str, near: str
) -> None:
    assert project.run("generate", "--surface", name) == 2
    assert f"surface {name}: is not installed\n  fix: {near}install its distribution" in capsys.readouterr().err


def test_a_module_that_is_missing_is_told(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.install("bad", "", "surfacegen_gone.more:SURFACE")
    assert project.run("generate", "--surface", "bad") == 1
    assert "surface bad (surfacegen-bad 2.1): raised ModuleNotFoundError" in capsys.readouterr().err


def test_the_package_of_several_distributions_is_its_own_alone(project: Project) -> None:
    """A namespace package: the folders of others beside it decide nothing."""
    project.install("one", "", "surfacegen_space.one:SURFACE", files={})
    for path, text in {"one/__init__.py": laying("a").replace("'bad'", "'one'"), "two/__init__.py": "x = 1\n"}.items():
        (project.site / "surfacegen_space" / path).parent.mkdir(parents=True)
        (project.site / "surfacegen_space" / path).write_text(text)
    assert project.run("generate", "--surface", "one") == 0
    code = registry.code(registry.entry("one"))
    assert list(code) == ["0/__init__.py"] and code["0/__init__.py"].parent.name == "one"


def test_rendered_python_may_stay_as_it_is(project: Project) -> None:
    project.install("list", LIST.replace("files=[", "layout=False, files=["), files=TEMPLATES)
    assert project.run("generate", "--surface", "list") == 0
    assert project.tree()["list/pets_kit.py"].count(b"\n") == 1


def test_watch_follows_it(project: Project) -> None:
    project.install("list", LIST, files=TEMPLATES)
    changes = watch._changes(lambda: pipeline.Inputs(Path("api.json")), Path("out"), ("list",))
    assert next(changes) == []
    (project.site / "surfacegen_list/more.py").write_text("x = 1\n")
    assert next(changes) == ["surface/list"]


def test_what_is_laid_is_not_kept_in_memory(project: Project) -> None:
    body = "return Rendition([], files=(Ready(f'{n}.txt', b'x' * 1_000_000) for n in range(40)))"
    project.install("bad", surface(body))
    inputs = pipeline.Inputs(Path("api.json"))
    run = Assembly(inputs, pipeline.load(inputs), {"bad": "surface bad"})
    loaded = registry.load(registry.entry("bad"))
    tracemalloc.start()
    try:
        assert sum(len(file.content) for file in run.files(loaded)) == 40_000_000
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10_000_000
