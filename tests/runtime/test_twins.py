"""The synchronous half of the runtime is what its asynchronous half becomes, and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import black
import pytest

from generator.errors import SpecError
from generator.surfaces.python.synchronous import synchronous

ROOT = Path(__file__).parents[2]
MODE = black.Mode(line_length=120, target_versions={black.TargetVersion.PY311})
SOURCES = {
    "runtime": ROOT / "templates/python/python/[package]/runtime",
    "extensions": ROOT / "spec/extensions",
}
MODULES = [(part, path.name) for part, folder in SOURCES.items() for path in sorted((folder / "aio").glob("*.py"))]
BY_HAND = {(part, path.name) for part, folder in SOURCES.items() for path in (folder / "sync").glob("*.py")}


@pytest.mark.parametrize(("part", "name"), [each for each in MODULES if each not in BY_HAND])
def test_a_synchronous_module_is_what_its_twin_becomes(part: str, name: str) -> None:
    source = (SOURCES[part] / "aio" / name).read_text("utf-8")
    made = (ROOT / "generated/python/replikit" / part / "sync" / name).read_text("utf-8")
    assert made == synchronous(source, f"aio/{name}") == black.format_str(made, mode=MODE)
    for node in ast.walk(ast.parse(made)):
        assert not isinstance(node, (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await))
        assert not (isinstance(node, ast.Name) and node.id.lstrip("_").startswith("Async"))


def declared(path: Path) -> dict[str, list[str]]:
    """The public names of a module, with the arguments of those that are functions."""
    return {
        node.name: [arg.arg for arg in node.args.args] if not isinstance(node, ast.ClassDef) else []
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and not node.name.startswith("_")
    }


def test_few_modules_are_written_twice_and_those_offer_the_same() -> None:
    assert sorted(BY_HAND) == [("runtime", f"{name}.py") for name in ("__init__", "mapping", "notebooks", "primitives")]
    runtime = SOURCES["runtime"]
    for name in ("mapping.py", "primitives.py"):
        assert declared(runtime / "aio" / name) == declared(runtime / "sync" / name)


UNASYNC = [
    ("async def f(): return await g()", "def f(): return g()"),
    ("async def f():\n    async with a() as b, c():\n        pass", "def f():\n    with a() as b, c():\n        pass"),
    ("async def f():\n    async for a in b:\n        print(a)", "def f():\n    for a in b:\n        print(a)"),
    ("async def f(): return [a async for a in b]", "def f(): return [a for a in b]"),
    ("async def f(): await (await a).b()", "def f(): (a).b()"),
    (
        "async def f():\n    return await a(\n        1,  # one\n    )",
        "def f():\n    return a(\n        1,  # one\n    )",
    ),
    ("class AsyncPage: pass\nclass _AsyncPage: pass", "class Page: pass\nclass _Page: pass"),
    ("class A:\n    async def __aenter__(self): pass", "class A:\n    def __enter__(self): pass"),
    ("class A:\n    def __aiter__(self): pass", "class A:\n    def __iter__(self): pass"),
    ("def f(a: AsyncGenerator[int]): pass", "def f(a: Generator[int]): pass"),
    ("a.aclose(); a.aread(); a.aiter_raw()", "a.close(); a.read(); a.iter_raw()"),
    ("Asyncronous = async_x = awaited = 1", "Asyncronous = async_x = awaited = 1"),
    ("a = cast('AsyncClient', b)", "a = cast('SyncClient', b)"),
    ("a = 'an AsyncClient is awaited'", "a = 'an AsyncClient is awaited'"),
    ("a = f'{AsyncPage!r} {aclose}'", "a = f'{AsyncPage!r} {aclose}'"),
]
"""As the tool of that name has it."""
BEYOND = [
    ("async def f():\n    async for a in b():\n        yield a", "def f():\n    yield from b()"),
    (
        "async def f():\n    for a in b if c else d:\n        yield a\n    for a in e:\n        yield a",
        "def f():\n    yield from b if c else d\n    yield from e",
    ),
    ("def f():\n    'In an `async with`, by `async for`.'", "def f():\n    'In a `with`, by `for`.'"),
    ("from collections.abc import AsyncIterator, Callable, Iterator", "from collections.abc import Callable, Iterator"),
    (
        "from ..a import b\nfrom ..runtime.aio.calls import AsyncCalls\nfrom ..runtime.operation import T",
        "from ..a import b\nfrom ..runtime.operation import T\nfrom ..runtime.sync.calls import Calls",
    ),
    (
        "def f():\n    from . import (\n        x as y,\n        AsyncB,\n        C_C,\n    )\n    return 1",
        "def f():\n    from . import C_C, B, x as y\n    return 1",
    ),
    ("from a import B  # noqa: F401\nfrom c import D", "from a import B  # noqa: F401\nfrom c import D"),
    ("from a import c, B; from d import AsyncE", "from a import c, B; from d import E"),
    (
        "a = 'x\u2028y\x0cz'\nfrom b import AsyncC, B\nasync def f():\n    async for é in '\x85', a:\n        yield é",
        "a = 'x\u2028y\x0cz'\nfrom b import B, C\ndef f():\n    for é in '\x85', a:\n        yield é",
    ),
    ("if a: from b import AsyncC, B", "if a: from b import C, B"),
]
"""What a formatter and a linter ask for besides."""


@pytest.mark.parametrize(("written", "expected"), UNASYNC + BEYOND)
def test_what_becomes_of_a_text(written: str, expected: str) -> None:
    head = "# Generated by surfacegen from aio/x.py. Do not edit.\n"
    assert synchronous(f"{written}\n", "runtime/aio/x.py") == f"{head}{expected}\n"


@pytest.mark.parametrize(
    "written", ["async def f(:\n    pass\n", "async def f():\n    return f'{await a}'\n", "a = '''\n", "a = '\0'\n"]
)
def test_what_has_no_twin_is_an_error_that_says_where(written: str) -> None:
    with pytest.raises(SpecError, match="extensions/aio/x.py: has no synchronous twin"):
        synchronous(written, "extensions/aio/x.py")
