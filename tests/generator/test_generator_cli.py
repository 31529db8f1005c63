"""The command line on a small API with two surfaces of its own; no spec is read here."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from hanging import HANGS

from generator import choices, cli, pipeline
from generator.errors import Finding, SpecError
from generator.ir import Loss, Place
from generator.plugins import registry
from generator.surfaces.base import Derivation, Page, Rendition, Surface
from generator.text import Code
from generator.write.folder import File

ROOT = Path(__file__).parents[2]
SETTINGS = "document: spec/openapi.yaml\ncatalog: spec/catalog.yaml\nextensions: spec/extensions\n"


def loss(kind: Literal["kept", "degraded", "dropped"], reason: str) -> Loss:
    return Loss(pointer="#/paths/~1a", surface="docs", kind=kind, reason=reason)


@dataclass(frozen=True)
class View:
    name: Code


def derived(text: str, origin: str) -> str:
    return f"# {origin}\n{text.replace('1', '2')}"


class Project:
    """A folder with a spec, templates of two surfaces and an output folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "generated"
        self.losses: tuple[Loss, ...] = ()
        self.names = ["one", "two"]
        for path, text in {
            "surfacegen.yaml": SETTINGS,
            "spec/openapi.yaml": "openapi: 3.1.0\n",
            "spec/catalog.yaml": "{}\n",
            "spec/extensions/more.py": "MORE = 1\n",
            "templates/python/python/[package]/[name].py.jinja": "NAME = {{ name | literal }}  # kept\n",
            "templates/python/python/[package]/fixed.py": "# as   it is\n",
            "templates/docs/docs/[name].md.jinja": "# {{ name | markdown }}\n",
        }.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def surface(self, name: str) -> Surface:
        template = {"python": "python/[package]/[name].py.jinja", "docs": "docs/[name].md.jinja"}[name]

        def render(api: Any) -> Rendition:
            pages = tuple(Page(template, View(Code(n)), {"name": n}) for n in self.names)
            lays: dict[str, Any] = {"python/[package]/extensions": "extensions"} if name == "python" else {}
            derives = (Derivation("python/[package]/extensions/a", "python/[package]/extensions/b", derived),)
            return Rendition(pages, self.losses if name == "docs" else (), "acme", lays, derives if lays else ())

        return Surface(name, render)

    def tree(self) -> dict[str, bytes]:
        found = sorted(p for p in self.out.rglob("*") if p.is_file())
        return {p.relative_to(self.out).as_posix(): p.read_bytes() for p in found}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    made = Project(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pipeline, "SURFACES", ("python", "docs"))
    monkeypatch.setattr(registry, "OURS", {name: registry.OURS[name] for name in ("python", "docs")})
    monkeypatch.setattr(pipeline, "surface", made.surface)
    readme = File("README.md", b"# acme\n", "ledger", "project/README.md.jinja")
    monkeypatch.setattr(pipeline, "_top", lambda *_: (readme, ("read it",)))
    monkeypatch.setattr(
        pipeline, "load", lambda inputs: SimpleNamespace(losses=(), functions=(), documents=(), regenerate="make")
    )
    monkeypatch.setattr(
        choices,
        "Inputs",
        lambda *given, **more: dataclasses.replace(pipeline.Inputs(*given, **more), templates=tmp_path / "templates"),
    )
    return made


def test_generate_lays_pages_copies_and_extensions(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["generate"]) == 0
    assert project.tree() == {
        "python/acme/one.py": b'NAME = "one"  # kept\n',
        "python/acme/two.py": b'NAME = "two"  # kept\n',
        "python/acme/fixed.py": b"# as   it is\n",
        "python/acme/extensions/more.py": b"MORE = 1\n",
        "docs/one.md": b"# one\n",
        "docs/two.md": b"# two\n",
        "README.md": b"# acme\n",
        "ledger.json": project.tree()["ledger.json"],
        "manifest.json": project.tree()["manifest.json"],
    }
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table[0] == ["surface", "written", "unchanged", "pruned", "milliseconds"]
    assert table[1][:4] == ["python", "4", "0", "0"]
    assert table[2][:4] == ["docs", "2", "0", "0"]
    assert table[3][:4] == ["all", "6", "0", "0"]
    assert table[4] == ["ledger:", "nothing", "lost"]


def test_the_next_step_is_said_where_something_was_made(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["generate"]) == 0
    assert capsys.readouterr().err.endswith("next:\n  read it\n")
    assert cli.main(["generate"]) == 0  # nothing to do
    project.write("spec/openapi.yaml", "openapi: 3.1.1\n")
    assert cli.main(["generate", "--json"]) == 0
    assert "next:" not in capsys.readouterr().err


def test_modules_are_made_from_others_unless_they_are_there(project: Project) -> None:
    project.write("spec/extensions/a/one.py", "x  =  1\n")
    project.write("spec/extensions/a/two.py", "x  =  1\n")
    project.write("spec/extensions/b/two.py", "# by   hand\n")
    assert cli.main(["generate"]) == 0
    made = {path.rpartition("extensions/")[2]: text for path, text in project.tree().items() if "extensions/" in path}
    assert made == {
        "more.py": b"MORE = 1\n",
        "a/one.py": b"x  =  1\n",
        "a/two.py": b"x  =  1\n",
        "b/one.py": b"# extensions/a/one.py\nx  =  2\n",
        "b/two.py": b"# by   hand\n",
    }
    assert cli.main(["check"]) == 0
    project.write("generated/python/acme/extensions/b/one.py", "x = 3\n")
    assert cli.main(["check"]) == 1
    (project.folder / "spec/extensions/a/one.py").unlink()
    project.write("generated/python/acme/extensions/b/one.py", "# extensions/a/one.py\nx  =  2\n")
    assert cli.main(["generate"]) == 0
    assert {path for path in project.tree() if "extensions/a/" in path or "extensions/b/" in path} == {
        "python/acme/extensions/a/two.py",
        "python/acme/extensions/b/two.py",
    }


def test_nothing_to_do_renders_nothing(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.main(["generate"])
    monkeypatch.setattr(pipeline, "make", lambda *_: pytest.fail("rendered"))
    before = project.tree()
    assert cli.main(["generate"]) == 0
    assert capsys.readouterr().out.endswith("nothing to do\n")
    assert project.tree() == before


@pytest.mark.parametrize(
    "path",
    [
        "spec/openapi.yaml",
        "spec/catalog.yaml",
        "spec/extensions/more.py",
        "templates/docs/docs/[name].md.jinja",
        "templates/python/python/[package]/fixed.py",
        "generated/docs/one.md",
        "generated/ledger.json",
    ],
)
def test_any_change_is_something_to_do(project: Project, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["generate"])
    project.write(path, (project.folder / path).read_text() + "# changed\n")
    capsys.readouterr()
    assert cli.main(["generate"]) == 0
    assert "nothing to do" not in capsys.readouterr().out
    assert cli.main(["check"]) == 0


def test_a_referenced_file_is_an_input(project: Project) -> None:
    project.write("spec/openapi.yaml", "a: {$ref: 'parts/a.yaml#/x'}\n")
    project.write("spec/parts/a.yaml", '{"$ref": "b.json"}')
    project.write("spec/parts/b.json", "{}")
    inputs = pipeline.Inputs(project.folder / "spec/openapi.yaml", templates=project.folder / "templates")
    named = ("openapi.yaml", "parts/a.yaml", "parts/b.json")  # as whoever followed the references says
    first = pipeline.digest(inputs, named)
    assert pipeline.digest(inputs, named) == first
    project.write("spec/parts/b.json", '{"x": 1}')
    assert pipeline.digest(inputs, named) != first


def test_a_page_that_is_gone_is_pruned(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["generate"])
    project.names = ["one"]
    project.write("spec/catalog.yaml", "{x: 1}\n")
    capsys.readouterr()
    cli.main(["generate", "--json"])
    report = json.loads(capsys.readouterr().out)
    assert [(row["surface"], row["written"], row["unchanged"], row["pruned"]) for row in report["rows"]] == [
        ("python", 0, 3, 1),
        ("docs", 0, 1, 1),
    ]
    assert not (project.out / "docs/two.md").exists()


def test_one_surface_leaves_the_others_alone(project: Project) -> None:
    cli.main(["generate"])
    project.names = ["one"]
    project.write("spec/catalog.yaml", "{x: 1}\n")
    assert cli.main(["generate", "--surface", "docs"]) == 0
    assert not (project.out / "docs/two.md").exists()
    assert (project.out / "python/acme/two.py").exists()
    assert cli.main(["check", "--surface", "docs"]) == 0
    assert cli.main(["check"]) == 1
    cli.main(["generate"])
    assert cli.main(["check"]) == 0


def test_check_names_what_differs_and_writes_nothing(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["generate"])
    assert cli.main(["check"]) == 0
    (project.out / "docs/one.md").unlink()
    (project.out / "docs/two.md").write_text("# 2\n")
    (project.out / "docs/three.md").write_text("")
    before = project.tree()
    capsys.readouterr()
    assert cli.main(["check"]) == 1
    printed = capsys.readouterr().out
    assert "missing  generated/docs/one.md" in printed
    assert "changed  generated/docs/two.md" in printed
    assert "    +# two" in printed
    assert "extra    generated/docs/three.md" in printed
    assert cli.main(["check", "--json"]) == 1
    assert [d["kind"] for d in json.loads(capsys.readouterr().out)["drift"]] == ["missing", "extra", "changed"]
    assert project.tree() == before


def test_check_sees_an_older_manifest(project: Project) -> None:
    cli.main(["generate"])
    project.write("spec/openapi.yaml", "openapi: 3.1.0 # the same\n")
    assert cli.main(["check"]) == 0
    (project.out / "manifest.json").unlink()
    assert cli.main(["check"]) == 1


def test_the_ledger(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.losses = (loss("degraded", "shown as text"), loss("kept", "fine"))
    assert cli.main(["generate"]) == 0
    assert "ledger: 1 kept, 1 degraded (generated/ledger.json)" in capsys.readouterr().out
    ledger = json.loads((project.out / "ledger.json").read_text())
    assert [each["kind"] for each in ledger["losses"]] == ["degraded", "kept"]
    cli.main(["generate", "--surface", "python"])
    assert [each["kind"] for each in json.loads((project.out / "ledger.json").read_text())["losses"]] == [
        "degraded",
        "kept",
    ], "the ledger of a surface that was not made stays"


@pytest.mark.parametrize("already_made", [True, False])
def test_strict_fails_on_a_loss(project: Project, capsys: pytest.CaptureFixture[str], already_made: bool) -> None:
    project.losses = (loss("dropped", "no way to say it"),)
    if already_made:
        cli.main(["generate"])
    before = project.tree()
    assert cli.main(["generate", "--strict"]) == 1
    assert "#/paths/~1a: dropped by docs: no way to say it" in capsys.readouterr().err
    assert project.tree() == before


def test_two_surfaces_never_lay_the_same_path(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("templates/docs/python/[package]/one.py", "")
    assert cli.main(["generate"]) == 3
    message = capsys.readouterr().err
    assert "docs/python/[package]/one.py" in message
    assert "both write python/acme/one.py" in message
    assert not project.out.exists()


def test_a_bug_is_one_line(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "load", lambda inputs: 1 / 0)
    assert cli.main(["generate"]) == 3
    message = capsys.readouterr().err
    assert message.startswith("error: bug in surfacegen: ZeroDivisionError: division by zero (test_generator_cli.py:")
    assert len(message.splitlines()) == 1


def test_a_bad_spec(project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [Finding(Place("a.yaml", 9, 1, ""), "wrong", "mend it"), Finding(Place("a.yaml", 2, 1, ""), "wrong too")]

    def bad(inputs: object) -> None:
        raise SpecError.of(findings)

    monkeypatch.setattr(pipeline, "load", bad)
    assert cli.main(["generate"]) == 1
    assert capsys.readouterr().err == "error: a.yaml:2:1: wrong too\na.yaml:9:1: wrong\n  fix: mend it\n"
    assert cli.main(["generate", "--json"]) == 1
    assert [f["where"] for f in json.loads(capsys.readouterr().out)["findings"]] == ["a.yaml:2:1", "a.yaml:9:1"]
    assert not project.out.exists()


def test_a_template_that_fails_leaves_the_folder(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["generate"])
    before = project.tree()
    project.write("templates/docs/docs/[name].md.jinja", "\n{{ nothing }}\n")
    assert cli.main(["generate"]) == 3
    assert "templates/docs/docs/[name].md.jinja:2: " in capsys.readouterr().err
    assert project.tree() == before


@pytest.mark.parametrize("options", [["--openapi", "none.yaml"], ["--openapi", "spec"]])
def test_no_such_document(project: Project, capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    assert cli.main(["generate", *options]) == 1
    message = capsys.readouterr().err
    assert options[1] in message
    assert "cannot be read" in message
    assert not project.out.exists()


def test_an_output_folder_that_cannot_be_written(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write("taken", "")
    assert cli.main(["generate", "--out", "taken/out"]) == 1
    assert "taken/out: cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["generate", "--surface"], ["generate", "--nothing"], ["fly"], ["templates"]]
)
def test_usage(project: Project, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(arguments)
    assert caught.value.code == 2


def test_the_inputs_that_are_not_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def inputs(*arguments: str) -> pipeline.Inputs:
        found: pipeline.Inputs = choices.inputs_of(cli._parser().parse_args(["ir", *arguments]))
        return found

    assert inputs().catalog == Path("spec/catalog.yaml")
    assert inputs().extensions == Path("spec/extensions")
    alone = inputs("--openapi", "x.yaml")
    assert (alone.openapi, alone.catalog, alone.extensions) == (Path("x.yaml"), None, None)
    both = inputs("--openapi", "x.yaml", "--catalog", "y/c.yaml")
    assert (both.catalog, both.extensions) == (Path("y/c.yaml"), None)


def test_ir_prints_one_function_or_all(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    api = SimpleNamespace(functions=(SimpleNamespace(name="acme_get_user"),))
    monkeypatch.setattr(pipeline, "load", lambda inputs: api)
    assert cli.main(["ir", "acme_get_usr"]) == 2
    assert "nearest: acme_get_user" in capsys.readouterr().err


def test_sigterm_ends_a_run_as_an_interrupt(tmp_path: Path) -> None:
    """In a process of its own, while it loads."""
    (tmp_path / "openapi.yaml").write_text("openapi: 3.1.0\n")
    script = (
        "import sys, time\n"
        "from generator import cli, pipeline\n"
        "def load(inputs):\n"
        "    print('loading', flush=True)\n"
        "    time.sleep(60)\n"
        "pipeline.load = load\n"
        f"sys.exit(cli.main(['generate', '--openapi', {str(tmp_path / 'openapi.yaml')!r}, '--out', {str(tmp_path / 'out')!r}]))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "loading\n"
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=HANGS)
    assert process.returncode == 130
    assert errors == "error: interrupted; nothing was written\n"
    assert not (tmp_path / "out").exists()


def test_an_idle_run_imports_nothing_slow(tmp_path: Path) -> None:
    slow = [
        "yaml",
        "jinja2",
        "black",
        "httpx",
        "importlib.metadata",
        "jsonschema_rs",
        "openapi_spec_validator",
        "difflib",
    ]
    slow += [
        f"generator.{name}" for name in ("ir", "link", "read.fetch", "read.json_reader", "read.schemas", "surfaces")
    ]
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from generator import choices, cli, pipeline\n"
        "from generator.write import manifest\n"
        "options = cli._parser().parse_args(['generate'])\n"
        "inputs = choices.inputs_of(options)\n"
        "choices.surfaces_of(options, choices.settings_of(options), inputs)\n"
        "former = manifest.read_manifest(Path('generated'))\n"
        "pipeline.digest(inputs, former.referred, pipeline.SURFACES)\n"
        "assert pipeline._former_losses(Path('generated'))\n"
        "print([m for m in sys.argv[1:] if m in sys.modules])\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, *slow],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    assert found.stdout == "[]\n", found.stdout


def test_the_same_bytes_whatever_the_seed_and_the_folder(tmp_path: Path) -> None:
    """The real spec, every surface, from two working directories."""
    runs = []
    for seed in ("1", "2"):
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-m", "generator", "generate", "--out", "made"]
        command += ["--openapi", str(ROOT / "spec/openapi.yaml"), "--catalog", str(ROOT / "spec/catalog.yaml")]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        runs.append(
            subprocess.Popen(
                command,
                cwd=tmp_path / seed,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    printed = [run.communicate(timeout=HANGS)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], printed
    first, second = (
        {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
        for folder in (tmp_path / "1", tmp_path / "2")
    )
    assert first.keys() == second.keys()
    assert [path for path in first if first[path] != second[path]] == []
    assert not any(str(ROOT).encode() in content for content in first.values())
