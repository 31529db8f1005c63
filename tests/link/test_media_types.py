"""What a media type makes of a body, an answer and a part: RFC 6838, 6839, 7578, 8091 and OpenAPI 3.2.0, 4.14 and 4.15."""

from __future__ import annotations

from generator.ir import Type
from generator.link.media import body_kind, content_kind, listed, part_media, sent_as, sequential, streams

TEXT, BYTES, WHOLE, ANY = (Type(kind=kind) for kind in ("string", "binary", "integer", "any"))  # type: ignore[arg-type]
MAP = Type(kind="map", items=WHOLE)

BODIES = {
    "json": "application/json text/json */* application/problem+json APPLICATION/JSON;charset=utf-8 x/y+JSON",
    "form": "application/x-www-form-urlencoded Application/X-WWW-Form-URLEncoded;charset=utf-8",
    "multipart": "multipart/form-data multipart/mixed;boundary=x Multipart/Related",
    "text": "text/plain text/html text/xml application/xml application/yaml application/soap+xml application/x-yaml",
    "binary": "application/octet-stream image/png application/json-seq application/* application/jsonx x-application/json",
}
SEQUENCES = (
    "text/event-stream application/json-seq application/jsonl application/x-jsonl application/jsonlines text/jsonl "
    "application/x-jsonlines application/ndjson application/x-ndjson application/json-lines application/x-json-lines "
    "application/stream+json application/geo+json-seq Application/JSONL;charset=utf-8"
)
SENT: list[tuple[str, Type, str, str]] = [
    ("application/json", TEXT, "json", "application/json"),
    ("application/jsonl", TEXT, "json", "application/jsonl"),
    ("text/event-stream", TEXT, "text", "text/event-stream"),
    ("application/json;stream=watch", TEXT, "json", "application/json;stream=watch"),
    ("application/*+json; v=1", TEXT, "json", "application/json"),
    ("image/*+xml", TEXT, "text", "image/xml"),
    ("image/png", TEXT, "binary", "image/png"),
    ("*/*", BYTES, "binary", "*/*"),
    ("text/*", BYTES, "binary", "text/*"),
    ("image/*", TEXT, "binary", "image/*"),
    ("text/*", WHOLE, "text", "text/plain"),
    ("Text/*;q=1", TEXT, "text", "text/plain"),
    ("*/*", TEXT, "text", "text/plain"),
    ("*/*", MAP, "json", "application/json"),
    ("application/*", TEXT, "json", "application/json"),
    ("application/*", BYTES, "binary", "application/*"),
]  # fmt: skip
CONTENTS: list[tuple[str, Type, str]] = [
    ("application/json", MAP, "json"), ("text/plain", TEXT, "text"), ("image/png", TEXT, "binary"), ("application/json", BYTES, "binary"),
    ("text/plain", BYTES, "binary"), ("multipart/form-data", MAP, "binary"), ("application/x-www-form-urlencoded", MAP, "binary"),
    ("text/event-stream", BYTES, "events"), ("application/jsonl", MAP, "events"), ("application/json;stream=watch", MAP, "events"),
]  # fmt: skip
PARTS: list[tuple[Type, str]] = [
    (TEXT, "text/plain"), (WHOLE, "text/plain"), (Type(kind="boolean"), "text/plain"), (BYTES, "application/octet-stream"),
    *((Type(kind="string", format=name), "application/octet-stream") for name in ("byte", "base64", "base64url")),
    (Type(kind="string", format="uri"), "text/plain"), (Type(kind="integer", format="byte"), "text/plain"),
    (ANY, ""), (Type(kind="union", members=(TEXT, WHOLE)), ""),
    (Type(kind="union", members=(BYTES, Type(kind="array", items=BYTES))), "application/octet-stream"),
    (MAP, "application/json"), (Type(kind="model", model="M"), "application/json"), (Type(kind="array"), "application/json"),
    (Type(kind="array", items=WHOLE), "text/plain"), (Type(kind="array", items=MAP), "application/json"),
    (Type(kind="array", items=Type(kind="array", items=WHOLE)), "application/json"),
]  # fmt: skip


def test_media_types() -> None:
    for kind, each in BODIES.items():
        assert [(media, body_kind(media)) for media in each.split() if body_kind(media) != kind] == []
    assert body_kind(" application/json ; charset=x") == "json"
    for media in SEQUENCES.split():
        assert sequential(media) and listed(media) is (media != "text/event-stream"), media
    for media in ("application/json", "application/json-seqs", "text/plain", "application/octet-stream;stream=watch"):
        assert not sequential(media) and not listed(media) and streams(media) == "", media
    for media, argument in {
        "application/json;stream=watch": "watch",
        'a/b+json; v=1;  STREAM="Follow"': "follow",
    }.items():
        assert sequential(media) and not listed(media) and streams(media) == argument, media
    assert [(row, sent_as(row[0], row[1])) for row in SENT if sent_as(row[0], row[1]) != row[2:]] == []
    assert [(row, content_kind(row[0], row[1])) for row in CONTENTS if content_kind(row[0], row[1]) != row[2]] == []
    assert [(type_, part_media(type_)) for type_, media in PARTS if part_media(type_) != media] == []
