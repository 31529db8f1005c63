"""A surface that is a program: what it is given, what it may answer, and each bound reached; real processes throughout."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

from generator import cli, ir_json, names, pipeline
from generator.errors import SpecError
from generator.plugins import paths
from generator.plugins.program import Program, declared

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example"}],
    "paths": {
        "/pets/{pet-id}": {
            "get": {
                "operationId": "getPet",
                "tags": ["pets"],
                "parameters": [{"name": "pet-id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "ok"}},
            }
        },
        "/a/{x}": {"get": {"operationId": "getA1", "responses": {"200": {"description": "ok"}}}},
    },
}
DOCUMENT["paths"]["/a/{x}"]["get"]["parameters"] = [  # type: ignore[index]
    {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("a_1", "a1")
] + [{"name": "x", "in": "path", "required": True, "schema": {"type": "string"}}]
ECHO = "import json, sys\nasked = json.load(sys.stdin)\n"


class Project:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "api.json").write_text(json.dumps(DOCUMENT))

    def program(self, source: str) -> None:
        (self.folder / "made.py").write_text(textwrap.dedent(source))

    def run(self, command: str, *more: str, name: str = "x") -> int:
        program = ("--surface", name, "--surface-command", f"{name}={sys.executable} made.py")
        return cli.main([command, "--openapi", "api.json", "--out", "out", *program, *more])

    def tree(self) -> dict[str, bytes]:
        out = self.folder / "out"
        found = [path for path in out.rglob("*") if path.is_file()]
        return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def answering(answer: str) -> str:
    return ECHO + f"json.dump({answer}, sys.stdout)\n"


def test_a_catalog_hides_functions_from_it_and_what_it_chose_is_no_loss(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    losses = '[{"pointer": "#/x", "kind": "chosen", "reason": "as its options say"}]'
    named = '[f["operation_id"] for f in asked["api"]["functions"]]'
    project.program(
        answering(f'{{"files": [{{"path": "f.json", "content": json.dumps({named})}}], "losses": {losses}}}')
    )
    catalog = project.folder / "catalog.yaml"
    catalog.write_text("operations: {getA1: {hidden: [x, lua]}}\n")
    assert project.run("generate", "--catalog", "catalog.yaml") == 0
    assert "getA1" not in json.loads(project.tree()["f.json"])
    ledger = json.loads(project.tree()["ledger.json"])
    assert "as its options say" in json.dumps(ledger)
    catalog.write_text("operations: {getA1: {hidden: [y]}}\n")
    capsys.readouterr()
    assert project.run("generate", "--catalog", "catalog.yaml") == 1
    assert "there is no surface 'y'" in capsys.readouterr().err


def test_it_is_given_the_ir_the_names_and_its_options(project: Project) -> None:
    project.program(ECHO + 'json.dump({"files": [{"path": "asked.json", "content": json.dumps(asked)}]}, sys.stdout)\n')
    options = {"module": "esm", "deep": [{"a": None}]}
    program = Program("x", (sys.executable, "made.py"), options, project.folder)
    inputs = pipeline.Inputs(Path("api.json"), programs=(program,))
    (file,) = pipeline.make(inputs, ("x",)).files
    asked = json.loads(file.content)
    assert asked.keys() == {"surfacegen", "protocol", "ir", "api", "names", "options"}
    assert (asked["surfacegen"], asked["protocol"], asked["ir"], asked["options"]) == ("0.1.0", 1, 1, options)
    assert ir_json.loads(json.dumps({"ir": asked["ir"], "api": asked["api"]})) == pipeline.load(inputs)
    api = pipeline.load(inputs)
    function = next(each for each in api.functions if each.operation_id == "getPet")
    called = names.called(api)[function.name]
    first, *others = function.words
    assert asked["names"]["functions"][function.name] == {
        "camel": first + "".join(map(str.capitalize, others)),
        "kebab": "-".join(function.words),
        "pascal": "".join(map(str.capitalize, function.words)),
        "snake": "_".join(function.words),
        "python": called.python,
        "command": " ".join(called.command),
        "tool": function.name,
        "lua": called.lua,
        "arguments": {"pet_id": {"camel": "petId", "kebab": "pet-id", "pascal": "PetId", "snake": "pet_id"}},
    }
    other = next(each for key, each in asked["names"]["functions"].items() if key != function.name)
    spelled = [each["camel"] for each in other["arguments"].values()]
    assert len(spelled) == len(set(spelled)) == 3, "a_1 and a1 are told apart where a case has no joiner"


def test_its_files_are_as_any_other(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    content = base64.b64encode(bytes(range(256))).decode()
    losses = '[{"pointer": "#/x", "kind": "dropped", "reason": "no"}]'
    files = f'[{{"path": "x/é.ts", "content": "a\\u2028\\r\\n"}}, {{"path": "x/b.bin", "base64": "{content}"}}]'
    project.program(answering(f'{{"files": {files}, "losses": {losses}}}'))
    assert project.run("generate") == 0, capsys.readouterr().err
    tree = project.tree()
    assert (tree["x/é.ts"], tree["x/b.bin"]) == ("a\u2028\r\n".encode(), bytes(range(256)))
    assert {"pointer": "#/x", "surface": "x", "kind": "dropped", "reason": "no"} in json.loads(tree["ledger.json"])[
        "losses"
    ]
    assert "1 dropped" in capsys.readouterr().out
    assert project.run("generate") == 0
    assert capsys.readouterr().out.endswith("nothing to do\n")
    assert project.run("check") == 0
    assert project.run("generate", "--strict") == 1
    (project.folder / "out/x/b.bin").write_bytes(b"edited")
    assert project.run("check") == 1
    assert "hand edit" in capsys.readouterr().out
    project.program(answering('{"files": [{"path": "x/c", "content": ""}]}'))
    assert project.run("generate") == 0, "its own bytes decide"
    assert "x/é.ts" not in project.tree() and project.tree()["x/c"] == b""
    assert project.tree()["x/b.bin"] == b"edited", "never removed once it was edited"


def test_without_a_choice_it_is_made_beside_ours(project: Project) -> None:
    project.program(answering('{"files": [{"path": "x/a", "content": ""}]}'))
    arguments = ["--openapi", "api.json", "--out", "out", "--surface-command", f"x={sys.executable} made.py"]
    assert cli.main(["generate", *arguments]) == 0
    assert {"x/a", "lua/README.md", "python/README.md"} <= project.tree().keys()


WRONG = {
    "ends with 3": ("sys.stderr.write('no such thing\\n'); sys.exit(3)", "exited with 3: no such thing"),
    "is killed": ("import os; os.kill(os.getpid(), 9)", "was terminated by signal 9: it said nothing"),
    "a traceback": ("raise KeyError('odd')", "exited with 1: "),
    "nothing": ("pass", "it wrote nothing"),
    "no JSON": ("print('hello')", "its response is not JSON: Expecting value"),
    "two": ("print('{}{}')", "its response is not JSON: Extra data"),
    "bytes": ("sys.stdout.buffer.write(b'\\xff')", "its response is not JSON"),
    "deep": ("print('[' * 100_000)", "its response is not JSON"),
    "a list": ("print('[]')", "its response is not a JSON object"),
    "more": ('print(\'{"files": [], "notes": 1}\')', "its response has the unknown key 'notes'"),
    "no files": ("print('{}')", "its response has no list of files"),
    "a file of nothing": ("json.dump({'files': [{}]}, sys.stdout)", "files[0] has no path"),
    "neither": ("json.dump({'files': [{'path': 'a'}]}, sys.stdout)", "files[0] must have either content or base64"),
    "both": (
        "json.dump({'files': [{'path': 'a', 'content': '', 'base64': ''}]}, sys.stdout)",
        "files[0] must have either content or base64",
    ),
    "no base64": (
        "json.dump({'files': [{'path': 'a', 'base64': '*'}]}, sys.stdout)",
        "files[0]: base64 is not valid base64",
    ),
    "no Unicode": (
        "json.dump({'files': [{'path': 'a', 'content': '\\ud800'}]}, sys.stdout)",
        "files[0]: its content is not valid Unicode",
    ),
    "a loss": ("json.dump({'files': [], 'losses': [{'kind': 'odd'}]}, sys.stdout)", "losses[0] is not a loss"),
    "losses": ("json.dump({'files': [], 'losses': {}}, sys.stdout)", "its losses are not a list"),
    "twice": (
        "json.dump({'files': [{'path': 'a', 'content': ''}] * 2}, sys.stdout)",
        "writes a, a path that x/a also needs",
    ),
}
PATHS = (
    "../a",
    "a/../../b",
    "/a",
    "a//b",
    "a/",
    ".",
    "",
    "a\\b",
    "a\0b",
    "a:b",
    "manifest.json",
    ".git/hooks/x",
    "a\n",
    "a ",
    "x" * 300,
)


@pytest.mark.parametrize(("source", "message"), WRONG.values(), ids=WRONG)
def test_what_it_does_wrong_is_told(
    project: Project, capsys: pytest.CaptureFixture[str], source: str, message: str
) -> None:
    project.program(ECHO + source)
    assert project.run("generate") == 1
    err = capsys.readouterr().err
    assert err.startswith(f"error: surface x (the program {sys.executable}): ")
    assert message in err and "\n  fix: " in err
    assert "Traceback (most recent call last)" not in err or "odd" in err, "only the program's own is shown"
    assert not (project.folder / "out").exists()


@pytest.mark.parametrize("path", PATHS)
def test_no_file_may_be_laid_there(path: str) -> None:
    assert paths.problem(path)


@pytest.mark.parametrize("path", ["a", "a/b.ts", "a b/é.txt", ".github/workflows/x.yml", "a/manifest.json", "...a"])
def test_a_file_may_be_laid_there(path: str) -> None:
    assert not paths.problem(path)


@pytest.mark.parametrize("path", ["../a", "/a", "a\\b", ""])
def test_a_file_stays_in_the_folder(project: Project, capsys: pytest.CaptureFixture[str], path: str) -> None:
    project.program(answering(f'{{"files": [{{"path": {path!r}, "content": ""}}]}}'))
    assert project.run("generate") == 1
    assert "files[0]: the path " in capsys.readouterr().err
    assert sorted(each.name for each in project.folder.iterdir()) == ["api.json", "made.py"]


@pytest.mark.parametrize(
    ("variable", "value", "source", "message"),
    [
        (
            "SURFACEGEN_MAX_SECONDS",
            "1",
            "import subprocess; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])",
            "took longer than 1 seconds",
        ),
        ("SURFACEGEN_MAX_BYTES", "200000", "while True: print('x' * 65536)", "wrote more than 200,000 bytes"),
        (
            "SURFACEGEN_MAX_ANSWERED_FILES",
            "2",
            "json.dump({'files': [{'path': str(n), 'content': ''} for n in range(3)]}, sys.stdout)",
            "wrote 3 files",
        ),
    ],
)
def test_each_bound_is_told(
    project: Project,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    source: str,
    message: str,
) -> None:
    project.program(ECHO + source)
    monkeypatch.setenv(variable, value)
    assert project.run("generate") == 1
    err = capsys.readouterr().err
    assert message in err and variable in err


def test_much_on_standard_error_and_a_request_that_is_not_read_hold_nothing_up(project: Project) -> None:
    project.program(
        "import sys\nsys.stdin.close()\nsys.stderr.write('x' * 5_000_000)\n"
        'print(\'{"files": [{"path": "a", "content": ""}]}\')\n'
    )
    assert project.run("generate") == 0


def test_no_shell_reads_the_command(project: Project) -> None:
    project.program(
        "import json, sys\njson.dump({'files': [{'path': 'a', 'content': json.dumps(sys.argv[1:])}]}, sys.stdout)\n"
    )
    command = f"x={sys.executable} made.py '$HOME' '; touch owned' '*'"
    arguments = ["--openapi", "api.json", "--out", "out", "--surface", "x", "--surface-command", command]
    assert cli.main(["generate", *arguments]) == 0
    assert json.loads(project.tree()["a"]) == ["$HOME", "; touch owned", "*"]
    assert not (project.folder / "owned").exists()


def test_it_runs_in_its_folder(project: Project) -> None:
    """Where it is declared, not where the run stands."""
    folder = project.folder / "tools"
    folder.mkdir()
    script = folder / "made"
    script.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n" + answering('{"files": [{"path": "a", "content": os.getcwd()}]}')
    )
    script.chmod(0o755)
    program = Program("x", ("./made",), folder=folder)
    (file,) = pipeline.make(pipeline.Inputs(Path("api.json"), programs=(program,)), ("x",)).files
    assert Path(file.content.decode()).resolve() == folder.resolve()
    first = pipeline.digest(pipeline.Inputs(Path("api.json"), programs=(program,)), (), ("x",))["surface/x"]
    script.write_text(script.read_text() + "# changed\n")
    assert pipeline.digest(pipeline.Inputs(Path("api.json"), programs=(program,)), (), ("x",))["surface/x"] != first
    other = Program("x", ("./made",), {"a": 1}, folder)
    assert pipeline.digest(pipeline.Inputs(Path("api.json"), programs=(other,)), (), ("x",))["surface/x"] != first


@pytest.mark.parametrize("options", [{"a": {1}}, {"a": float("nan")}, {"a": Path("x")}], ids=["set", "nan", "path"])
def test_options_are_json(project: Project, options: object) -> None:
    inputs = pipeline.Inputs(Path("api.json"), programs=(Program("x", ("true",), options),))
    with pytest.raises(SpecError, match="its options are not JSON"):
        pipeline.generate(inputs, Path("out"), ("x",))


def test_a_program_of_the_command_line_has_the_options_of_the_settings(project: Project) -> None:
    project.program(answering('{"files": [{"path": "a.json", "content": json.dumps(asked["options"])}]}'))
    held = {"document": "api.json", "surfaces": ["mcp", {"name": "x", "options": {"a": [1]}}]}
    (project.folder / "surfacegen.yaml").write_text(json.dumps(held))
    assert cli.main(["generate", "--surface", "x", "--surface-command", f"x={sys.executable} made.py"]) == 0
    assert json.loads((project.folder / "generated/a.json").read_text()) == {"a": [1]}


@pytest.mark.parametrize("command", ["/none/at/all", "none-of-this-name"])
def test_a_program_that_is_missing_is_told(project: Project, command: str) -> None:
    inputs = pipeline.Inputs(Path("api.json"), programs=(Program("x", (command,)),))
    with pytest.raises(SpecError, match="cannot be started: No such file or directory"):
        pipeline.make(inputs, ("x",))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("x", "'x' is not NAME=PROGRAM"),
        ("x=", "'x=' is not NAME=PROGRAM"),
        ("x='", "No closing quotation"),
        ("lua=a", "'lua' is a built-in surface"),
        ("ledger=a", "'ledger' is not a valid surface name"),
        ("../x=a", "'../x' is not a valid surface name"),
    ],
)
def test_a_flag_that_is_no_program_is_usage(
    project: Project, capsys: pytest.CaptureFixture[str], given: str, message: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["generate", "--openapi", "api.json", "--surface-command", given])
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_settings_declare_it() -> None:
    held = {"name": "ts", "command": ["node", "ts.js"], "options": {"a": 1}}
    assert declared(held, "surfaces[0]", Path("x")) == Program("ts", ("node", "ts.js"), {"a": 1}, Path("x"))
    assert declared({"name": "ts", "command": ["node"]}, "surfaces[0]") == Program("ts", ("node",))


@pytest.mark.parametrize(
    "held",
    ["ts", {}, {"name": "ts"}, {"name": "ts", "command": "node ts.js"}, {"name": "ts", "command": []}]
    + [{"name": "ts", "command": [""]}, {"name": "ts", "command": ["a\0"]}, {"name": "ts", "command": ["a", 1]}]
    + [{"name": "lua", "command": ["a"]}, {"name": "a/b", "command": ["a"]}, {"name": 1, "command": ["a"]}]
    + [{"name": "ts", "command": ["a"], "options": []}, {"name": "ts", "command": ["a"], "shell": True}],
)
def test_settings_that_declare_none_are_told(held: object) -> None:
    with pytest.raises(SpecError, match=r"^surfaces\[0\]: .*\n  fix: "):
        declared(held, "surfaces[0]")


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_it_may_be_of_any_language(project: Project) -> None:
    (project.folder / "made.js").write_text("""
        const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const names = Object.values(asked.names.functions).map((each) => each.camel).sort();
        const files = [{path: "names.ts", content: names.map((name) => `export declare const ${name}: string;`).join("\\n")}];
        process.stdout.write(JSON.stringify({files}));
        """)
    arguments = ["--openapi", "api.json", "--out", "out", "--surface", "ts", "--surface-command", "ts=node made.js"]
    assert cli.main(["generate", *arguments]) == 0
    lines = project.tree()["names.ts"].decode().splitlines()
    assert len(lines) == 2 and all(line.startswith("export declare const get") for line in lines)


def test_what_it_started_ends_with_it(project: Project) -> None:
    """A child that outlives the program, and holds none of its streams, is ended; seen by the pipe that it holds."""
    fifo = project.folder / "alive"
    os.mkfifo(fifo)
    project.program(f"""
        import json, subprocess, sys
        child = "import sys, time; held = open({str(fifo)!r}, 'w'); time.sleep(600)"
        null = subprocess.DEVNULL
        subprocess.Popen([sys.executable, "-c", child], stdin=null, stdout=null, stderr=null)
        with open({str(fifo)!r}) as opened:  # until the child has opened it
            pass
        json.dump({{"files": [{{"path": "a", "content": ""}}]}}, sys.stdout)
        """)
    holder = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert project.run("generate") == 0
        os.set_blocking(holder, True)
        assert os.read(holder, 1) == b"", "nobody writes to it any longer"
    finally:
        os.close(holder)
