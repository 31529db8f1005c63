"""Answers: one drawn by a document's schemas for the recording server, and the verdict on what a mock answers."""

from __future__ import annotations

import base64
import json
import random
import re
from typing import Any
from xml.etree import ElementTree

from oracle_documents import pointed
from oracle_requests import Call, kind_of
from oracle_schemas import NoValue, Schemas

ABSENT = 404


def drawn_answer(
    document: dict[str, Any], schemas: Schemas, operation: dict[str, Any], chance: random.Random
) -> dict[str, Any]:
    """An answer of the operation's first success: status, media, content, and its value where it is JSON."""
    responses = operation.get("responses") or {}
    status = min((key for key in responses if re.fullmatch(r"2(\d\d|XX)", str(key))), default=None)
    response = responses.get(status) if status else responses.get("default")
    response = pointed(document, response["$ref"]) if response and "$ref" in response else response or {}
    number = int(status.replace("XX", "00")) if status else 200
    content = {media: each or {} for media, each in (response.get("content") or {}).items()}
    media = next((media for media in content if kind_of(media) == "json" and "*" not in media), "")
    if media and "schema" in content[media]:
        try:
            value = schemas.draw(schemas.read(content[media]["schema"]), chance)
        except NoValue:
            value = {}
        text = base64.b64encode(json.dumps(value).encode()).decode()
        if number in (204, 205):
            return {"status": number, "media": "", "content": "", "json": False, "value": None}
        known = value is not None and not isinstance(value, str)
        return {"status": number, "media": media, "content": text, "json": known, "value": value}
    media = next((media for media in content if "*" not in media), "") if number not in (204, 205) else ""
    text = base64.b64encode(b"{}" if kind_of(media) == "json" else b"text" if media else b"").decode()
    return {"status": number, "media": media, "content": text, "json": False, "value": None}


def judged(
    document: dict[str, Any], schemas: Schemas, call: Call, status: int, media: str, content: bytes
) -> tuple[str, str]:
    """`right`, `open` where the document itself allows no answer, `absent`, or what kind of mistake it is and what it is."""
    responses = {str(key): value for key, value in (call.operation.get("responses") or {}).items()}
    response = responses.get(str(status), responses.get(f"{status // 100}XX", responses.get("default")))
    if status == ABSENT and (response is None or not content or kind_of(media) != "json") and _created(document, call):
        return "absent", ""
    if status == 0:
        return "no answer", content.decode()
    if response is None and 200 <= status < 300 and not any(key[:1] in "123d" for key in responses):
        return "open", ""  # of an operation whose successes are not described
    if response is None:
        return f"status {status} is not declared", f"of {sorted(responses)}"
    if not 200 <= status < 300 and any(key.startswith("2") for key in responses):
        if status == ABSENT and _created(document, call):
            return "absent", ""
        return f"refused with {status}", ""
    response = pointed(document, response["$ref"]) if "$ref" in response else response
    described = response.get("content") or {}
    if call.method == "head" or status in (204, 205, 304):
        return ("right", "") if not content else ("a body where there can be none", "")
    if not described:
        return ("right", "") if not content else ("a body where none is declared", "")
    plain = media.partition(";")[0].strip().lower()
    for offered, inside in described.items():
        sort = offered.partition(";")[0].strip().lower()
        if sort == plain or sort == "*/*" or (sort.endswith("/*") and plain.startswith(sort[:-1])):
            return _content(schemas, inside or {}, plain, content)
    return f"the type {plain!r} is not declared", f"of {sorted(described)}"


def _content(schemas: Schemas, inside: dict[str, Any], media: str, content: bytes) -> tuple[str, str]:
    if kind_of(media) == "json":
        try:
            value = json.loads(content)
        except ValueError as error:
            return "no JSON", str(error)
        schema = schemas.read(inside.get("schema"))
        mismatch = schemas.wrong(value, schema)
        if not mismatch:
            return "right", ""
        try:
            schemas.draw(schema, random.Random(1))
        except NoValue:
            return "open", mismatch
        return f"schema: {mismatch.split(':')[1].strip()}", mismatch
    if media.endswith("xml"):
        try:
            ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            return "no XML", str(error)
    if media == "text/event-stream":
        lines = content.decode("utf-8", "replace").splitlines()
        if (
            any(line and not re.match(r"(data|event|id|retry)?:|(data|event|id|retry)$", line) for line in lines)
            or not lines
        ):
            return "no events", content[:100].decode("utf-8", "replace")
    return "right", ""


def _created(document: dict[str, Any], call: Call) -> bool:
    """Whether what the path names could have been made by a call: each parameter but the collection's own may be unknown."""
    # Templates that differ by their names alone are one (OAS, Paths Object).
    paths = {re.sub(r"\{[^{}]*\}", "{}", path): item or {} for path, item in (document.get("paths") or {}).items()}
    segments = re.sub(r"\{[^{}]*\}", "{}", call.path).rstrip("/").split("/")
    for end in range(len(segments), 0, -1):
        if segments[end - 1] == "{}":
            above = "/".join(segments[: end - 1])
            if any("post" in paths.get(each, {}) for each in (above, above + "/")):
                return True
    return False
