"""Template folders of the user over ours: which file decides, what is added, what is told, and what a block gives."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml

from generator import cli, pipeline
from generator.errors import SpecError
from generator.templates import blocks, eject, every

ROOT = Path(__file__).parents[2]
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": 'Pets "and" more', "version": "1"},
    "servers": [{"url": "https://pets.example"}],
    "paths": {
        "/pets": {"get": {"operationId": "listPets", "tags": ["pets"], "responses": {"200": {"description": "ok"}}}}
    },
}
SERVER = "mcp/mcp/server.json.jinja"
PYPROJECT = "python/python/pyproject.toml.jinja"
CLIENT = "python/python/[package]/client.py.jinja"
INDEX = "docs/docs/pages/index.md.jinja"


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "api.json").write_text(json.dumps(DOCUMENT))

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def inputs(self, *layers: str) -> pipeline.Inputs:
        return pipeline.Inputs(Path("api.json"), layers=tuple(map(Path, layers or ("mine",))))

    def made(self, *layers: str, surfaces: tuple[str, ...] = ("python",)) -> dict[str, str]:
        made = pipeline.make(self.inputs(*layers), surfaces)
        self.notes = made.notes
        return {file.path: file.content.decode("utf-8", "replace") for file in made.files}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def extending(path: str, **blocks: str) -> str:
    filled = "".join(f"{{% block {name} %}}\n{text}\n{{% endblock %}}\n" for name, text in blocks.items())
    return f'{{% extends "ours/{path}" %}}\n{filled}'


def test_a_block_adds_a_line_and_the_rest_stays(project: Project) -> None:
    before = pipeline.make(pipeline.Inputs(Path("api.json")), ("python", "docs", "mcp"))
    project.write(f"mine/{PYPROJECT}", extending(PYPROJECT, project='keywords = ["pets"]', tables="[tool.own]\nx = 1"))
    body = '    def hello(self) -> str:\n        """Says hello."""\n        return "hello"'
    project.write(f"mine/{CLIENT}", extending(CLIENT, client=f"\n{body}"))
    project.write(f"mine/{INDEX}", extending(INDEX, more="## Ours\n\n{{ title }}"))
    project.write("mine/docs/docs/mkdocs.yml.jinja", extending("docs/docs/mkdocs.yml.jinja", nav="  - Own: own.md"))
    project.write("mine/docs/docs/pages/own.md", "# Own\n")
    members = (
        '{% extends "ours/mcp/mcp/server.json.jinja" %}{% block members %},\n  "repository": {"id": "1"}{% endblock %}'
    )
    project.write("mine/mcp/mcp/server.json.jinja", members)
    made = project.made(surfaces=("python", "docs", "mcp"))
    found = tomllib.loads(made["python/pyproject.toml"])
    assert (found["project"]["keywords"], found["tool"]["own"]) == (["pets"], {"x": 1})
    assert body in made["python/pets_kit/client.py"]
    assert made["python/pets_kit/client.py"].index("hello") < made["python/pets_kit/client.py"].index("class AsyncPets")
    assert "## Ours\n" in made["docs/pages/index.md"]
    assert yaml.safe_load(made["docs/mkdocs.yml"])["nav"][-1] == {"Own": "own.md"}
    assert json.loads(made["mcp/server.json"])["repository"] == {"id": "1"}
    assert [note for note in project.notes if "mine" in note] == []
    for file in before.files:  # what is written there already stays, line by line
        if file.path == "mcp/server.json":
            assert json.loads(file.content) == {
                k: v for k, v in json.loads(made[file.path]).items() if k != "repository"
            }
        elif made[file.path] != file.content.decode("utf-8", "replace"):
            assert set(file.content.decode().splitlines()) <= set(made[file.path].splitlines()), file.path


def test_every_block_may_be_filled(project: Project) -> None:
    """A comment of the file's own language in each: the file is still what it was."""
    marks = {".toml": "# x", ".yml": "# x", ".py": "# x", ".md": "<!-- x -->"}
    listed = {name: found for name, place in every().items() if (found := blocks(place))}
    assert len(listed) >= 6
    (project.folder / "none").mkdir()
    plain = project.made("none", surfaces=("python", "docs"))
    for name, found in listed.items():
        mark = marks.get(Path(name.removesuffix(".jinja")).suffix)
        if mark:
            project.write(f"mine/{name}", extending(name, **{block: mark for block in found}))
    made = project.made(surfaces=("python", "docs"))
    changed = {path for path in made if made[path] != plain[path]}
    assert changed == {
        "docs/mkdocs.yml",
        "docs/pages/index.md",
        "python/README.md",
        "python/pets_kit/client.py",
        "python/pyproject.toml",
    }
    for path in changed:
        assert [line for line in made[path].splitlines() if line not in marks.values()] == plain[path].splitlines()
    compile(made["python/pets_kit/client.py"], "client.py", "exec")


def test_the_first_folder_that_holds_a_file_decides(project: Project) -> None:
    project.write("one/python/python/README.md.jinja", "one {{ package }}\n")
    project.write("two/python/python/README.md.jinja", "two\n")
    project.write("two/python/python/pyproject.toml.jinja", "# two\n")
    for layer, suffix in (("one", ""), ("two", ".jinja")):
        project.write(f"{layer}/python/python/own.txt", f"{layer}\n")
        project.write(f"{layer}/python/python/CHANGELOG.md{suffix}", f"{layer}\n")
    made = project.made("one", "two")
    assert (made["python/own.txt"], made["python/CHANGELOG.md"]) == ("one\n", "one\n")
    assert made["python/README.md"] == "one pets_kit\n"
    assert made["python/pyproject.toml"] == "# two\n"
    assert project.made("two", "one")["python/README.md"] == "two\n"


def test_a_copy_lies_over_a_template_and_a_template_over_a_copy(project: Project) -> None:
    project.write("mine/python/python/README.md", "{{ not rendered }}\n")
    project.write("mine/python/python/[package]/py.typed.jinja", "{{ title | literal }}\n")
    project.write("mine/lua/lua/.luacheckrc.jinja", "-- own\n")
    made = project.made(surfaces=("python", "lua"))
    assert made["python/README.md"] == "{{ not rendered }}\n"
    assert made["python/pets_kit/py.typed"] == "'Pets \"and\" more'\n"
    assert made["lua/.luacheckrc"] == "-- own\n"


def test_a_file_that_lies_over_nothing_is_laid(project: Project) -> None:
    project.write(
        "mine/python/python/[package]/own/list.py.jinja",
        "NAMES = [{% for f in functions %}{{ f.name | literal }}, {% endfor %}]\n",
    )
    project.write("mine/python/python/[package]/runtime/aio/own.py", "async def own() -> None:\n    pass\n")
    project.write("mine/python/python/_part.jinja", "never laid\n")
    made = project.made()
    (function,) = pipeline.load(project.inputs()).functions
    assert made["python/pets_kit/own/list.py"].startswith(f'NAMES = ["{function.name}"')
    assert made["python/pets_kit/runtime/sync/own.py"].endswith(
        "\ndef own() -> None:\n    pass\n"
    ), "derived as ours is"
    assert not [path for path in made if "_part" in path]


def test_a_part_that_ours_includes_is_taken_from_the_user(project: Project) -> None:
    name = "docs/docs/pages/_tabs.md.jinja"
    text = every()[name].read_text()
    project.write(f"mine/{name}", text + "{# own #}")
    project.write("mine/docs/docs/pages/_own.jinja", "own part\n")
    project.write(f"mine/{INDEX}", extending(INDEX, more='{% include "docs/docs/pages/_own.jinja" %}'))
    assert "own part\n" in project.made(surfaces=("docs",))["docs/pages/index.md"]


def test_what_looks_like_ours_and_is_not_is_a_note(project: Project) -> None:
    project.write("mine/python/python/pyprojct.toml.jinja", "x\n")
    project.write("mine/pyton/python/README.md", "x\n")
    project.write("mine/python/python/CONTRIBUTING.md", "x\n")
    made = project.made()
    assert made["python/pyprojct.toml"] == "x\n"
    first, second = (note for note in project.notes if "mine" in note)
    assert f"mine/python/python/pyprojct.toml.jinja: overrides no template; the nearest is {PYPROJECT}" in first
    assert second == "mine/pyton: is not the folder of a surface; did you mean python?"


@pytest.mark.parametrize(
    ("path", "text", "where", "message"),
    [
        (INDEX, "\n{{ titel | markdown }}\n", f"mine/{INDEX}:2:1", "'titel' is undefined"),
        (INDEX, extending(INDEX, more="{{ nothing }}"), f"mine/{INDEX}:3:1", "'nothing' is undefined"),
        (INDEX, "\n\n{% for %}\n", f"mine/{INDEX}:3:1", "Expected an expression"),
        (INDEX, "x\n{{ [1] | first ~ 'x' }}\n", f"mine/{INDEX}:2:1", "that was not escaped"),
        (INDEX, '\n{% extends "ours/docs/none.jinja" %}\n', f"mine/{INDEX}:2:1", "no template 'ours/docs/none.jinja'"),
        (INDEX, '{% include "../../api.json" %}', f"mine/{INDEX}:1:1", "there is no template"),
        ("docs/docs/own.md.jinja", "{{ title }}\n", "mine/docs/docs/own.md.jinja:1:1", "that was not escaped"),
        ("docs/docs/[group]/own.md", "x\n", "mine/docs/docs/[group]/own.md", "an unknown placeholder in brackets"),
        ("python/python/own.py.jinja", "def x(:\n", "mine/python/python/own.py.jinja", "does not produce valid Python"),
    ],
)
def test_an_error_in_a_template_of_the_user_is_theirs(
    project: Project, path: str, text: str, where: str, message: str
) -> None:
    project.write(f"mine/{path}", text)
    with pytest.raises(SpecError) as caught:
        project.made(surfaces=(path.partition("/")[0],))
    (finding,) = caught.value.findings
    assert str(finding.where) == where
    assert message in finding.what
    if path == INDEX and "undefined" in message:
        assert "its view has " in finding.hint and "title" in finding.hint


def test_an_error_that_ours_meets_for_the_user_is_theirs(project: Project) -> None:
    project.write("mine/docs/docs/pages/_tabs.md.jinja", "\n{{ oops }}\n")
    project.write(f"mine/{INDEX}", extending(INDEX, more='{% include "docs/docs/pages/_tabs.md.jinja" %}'))
    with pytest.raises(SpecError, match=r"mine/docs/docs/pages/_tabs\.md\.jinja:2:1: .*'oops' is undefined"):
        project.made(surfaces=("docs",))


def test_python_that_we_do_not_lay_out_stays_as_it_is_written(project: Project) -> None:
    text = "VALUES = dict(\n    a=1,  " + "b=2, " * 40 + "c=3\n)\n"
    text = text.replace("b=2, " * 40, ", ".join(f"b{n}={n}" for n in range(40)) + ", ")
    project.write("mine/python/python/own.py.jinja", text)
    assert project.made()["python/own.py"] == text


def test_two_files_at_one_path_are_told(project: Project) -> None:
    project.write("mine/docs/python/README.md", "x\n")
    with pytest.raises(
        SpecError, match="your template docs/python/README.md writes python/README.md, a path that templates/"
    ):
        project.made(surfaces=("python", "docs"))
    project.write("mine/lua/mcp/server.json/own.md", "x\n")
    with pytest.raises(
        SpecError, match="writes mcp/server.json/own.md, a path that templates/mcp/mcp/server.json.jinja also needs"
    ):
        project.made(surfaces=("mcp", "lua"))


def test_a_folder_is_part_of_the_digest(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--openapi", "api.json", "--out", "out", "--surface", "mcp", "--templates", "mine"]
    project.write("mine/mcp/mcp/own.lua", "return 1\n")
    assert cli.main(["generate", *arguments]) == 0
    assert cli.main(["generate", *arguments]) == 0
    assert "nothing to do" in capsys.readouterr().out
    assert cli.main(["check", *arguments]) == 0
    capsys.readouterr()
    project.write("mine/mcp/mcp/own.lua", "return 2\n")
    assert cli.main(["check", *arguments]) == 1
    told = capsys.readouterr().out
    assert "changed  out/mcp/own.lua  (layers: mcp of your templates changed since it was generated)" in told
    assert cli.main(["generate", *arguments]) == 0
    assert (project.folder / "out/mcp/own.lua").read_text() == "return 2\n"
    (project.folder / "mine/mcp/mcp/own.lua").unlink()
    assert cli.main(["generate", *arguments]) == 0
    assert not (project.folder / "out/mcp/own.lua").exists()
    assert cli.main(["generate", *arguments, "--templates", "none"]) == 1
    assert "--templates: none is not a folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("path", "first"),
    [
        (SERVER, "{# From surfacegen 0.1.0: templates/mcp/mcp/server.json.jinja #}"),
        ("python/python/[package]/runtime/errors.py", "# From surfacegen 0.1.0: templates/python/python/[package]/"),
        ("lua/lua/[package]/client.lua", "-- From surfacegen 0.1.0: "),
    ],
)
def test_eject_copies_one_of_ours_and_changes_nothing_made(project: Project, path: str, first: str) -> None:
    target = eject(path, Path("mine"))
    assert target == Path("mine") / path
    text = target.read_text()
    assert text.startswith(first)
    assert text.partition("\n")[2] == every()[path].read_text()
    if path == SERVER:
        (project.folder / "none").mkdir()
        assert project.made(surfaces=("mcp",)) == project.made("none", surfaces=("mcp",))
    with pytest.raises(SpecError, match="already exists"):
        eject(path, Path("mine"))
    assert target.read_text() == text


@pytest.mark.parametrize("path", ["python/python/pyproject.toml", "../README.md", "/etc/passwd", "", "python"])
def test_eject_takes_only_what_is_listed(project: Project, path: str) -> None:
    with pytest.raises(SpecError, match="is not a template"):
        eject(path, Path("mine"))
    assert not (project.folder / "mine").exists()


def test_the_list_names_every_template_and_its_blocks(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["templates", "list", "--json"]) == 0
    listed = {each["path"]: each for each in json.loads(capsys.readouterr().out)["templates"]}
    there = {
        path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*") if path.is_file()
    }
    assert listed.keys() == {path for path in there if "__pycache__" not in path and "/" in path}
    assert listed[PYPROJECT] == {
        "path": PYPROJECT,
        "rendered": True,
        "blocks": ["project", "extras", "scripts", "tables"],
    }
