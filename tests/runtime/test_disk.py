"""Files that are put in place: never over another, never half, under names that no system takes for something else."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cli_harness import COMMAND, Cli
from hanging import HANGS
from scripted import Asked, Reply, Scripted, of, scripted

# "Naming Files, Paths, and Namespaces" of the Windows documentation, and the console's and the clock's old names.
RESERVED = ["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "0123456789¹²³")]


@pytest.mark.parametrize("name", [*RESERVED, "con", "Nul", "CON.bin", "nul.tar.gz", "com1.png", "aux .txt", "CON ", "CON.", "LPT¹.x"])  # fmt: skip
def test_devices_of_windows_are_set_apart(demo: Any, name: str) -> None:
    made = demo.disk.safe_name(name)
    assert made.upper().partition(".")[0].rstrip(" ") not in RESERVED and made.startswith("_")
    assert made.rstrip(". ") == made


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("b c.png", "b c.png"), ("Conrad.png", "Conrad.png"), ("COM10.x", "COM10.x"), ("é日.png", "é日.png"), ("a+b", "a+b"),
        ("../../etc/passwd", "_.._etc_passwd"), ("..", "output"), ("", "output"), (" . ", "output"), ("-rf", "rf"), (".bashrc", "bashrc"),
        ("a:stream", "a_stream"), ("a\\b", "a_b"), ("a\x00b", "a_b"), ("a\u202egnp.exe", "a_gnp.exe"), ("a\u200b.png", "a_.png"),
        ("\x1b]0;x\x07.png", "__0_x_.png"), ("CONIN$", "CONIN_"), ("CLOCK$.x", "CLOCK_.x"), ("e\u0301.png", "\u00e9.png"), ("a<>|?*\".b", "a______.b"),
    ],
)  # fmt: skip
def test_names(demo: Any, text: str, name: str) -> None:
    assert demo.disk.safe_name(text) == name


@pytest.mark.parametrize(
    "text", ["x" * 999, "日" * 999, "日" * 999 + ".png", "x." + "日" * 99, "😀" * 999, "." * 999 + "x"]
)
def test_a_name_fits_a_file_system(demo: Any, tmp_path: Path, text: str) -> None:
    name = demo.disk.safe_name(text)
    assert len(name.encode()) <= 200, "255 is what they take, and a number may follow"
    (tmp_path / name).write_bytes(b"")


def put(demo: Any, path: Path, content: bytes, **more: Any) -> Path:
    with demo.disk.Part(path.parent) as part:
        part.file.write(content)
        return part.place(path, **{"replace": False, **more})  # type: ignore[no-any-return]


def listing(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_name_that_is_taken_is_left(demo: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "in").mkdir()
    folder = tmp_path / "in"
    (folder / "a.png").write_bytes(b"before")
    (folder / "link.png").symlink_to(tmp_path / "secret")
    (folder / "dangling.png").symlink_to(tmp_path / "nothing")
    (folder / "dir.png").mkdir()
    (folder / "\u00c9.png").write_bytes(b"accent")
    for wanted, found in (("a.png", "a-2.png"), ("a.png", "a-3.png"), ("A.PNG", "A-4.PNG"), ("link.png", "link-2.png"),
                          ("dangling.png", "dangling-2.png"), ("dir.png", "dir-2.png"), ("e\u0301.png", "e\u0301-2.png"), ("x", "x"), ("x", "x-2")):  # fmt: skip
        assert put(demo, folder / wanted, b"new") == folder / found
    assert (folder / "a.png").read_bytes() == b"before" and (tmp_path / "secret").read_bytes() == b"secret"
    assert not (tmp_path / "nothing").exists() and not any(name.endswith(".part") for name in listing(folder))


def test_replacing_keeps_the_mode_and_follows_no_link(demo: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"before")
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert put(demo, tmp_path / "link", b"new", replace=True) == tmp_path / "link"
    assert not (tmp_path / "link").is_symlink() and (tmp_path / "a").read_bytes() == b"before"
    put(demo, tmp_path / "a", b"after", replace=True)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640 and (tmp_path / "a").read_bytes() == b"after"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_system_without_links(demo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool) -> None:
    if not links:
        monkeypatch.setattr(os, "link", lambda *_, **__: (_ for _ in ()).throw(PermissionError(1, "no links here")))
    barrier = threading.Barrier(16)
    found: list[Path] = []

    def one(n: int) -> None:
        with demo.disk.Part(tmp_path) as part:
            part.file.write(b"%d" % n)
            barrier.wait(HANGS)
            found.append(part.place(tmp_path / "a.png", replace=False))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANGS)
    assert len(set(found)) == 16 and sorted(listing(tmp_path).values()) == sorted(b"%d" % n for n in range(16))


def test_what_fails_leaves_nothing(demo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyboardInterrupt), demo.disk.Part(tmp_path):
        raise KeyboardInterrupt
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        put(demo, tmp_path / "a", b"new")
    assert listing(tmp_path) == {}


# ── the commands ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


def outputs(server: Scripted, *paths: str) -> None:
    output = [server.origin + path for path in paths]
    server.answers["/v1/predictions/p1"] = lambda _: of(
        {"id": "p1", "status": "succeeded", "output": output, "logs": "", "error": None}
    )


SAVE = ("predictions", "get", "p1", "--save", "out")


def test_what_is_printed_is_what_was_written(tmp_path: Path, server: Scripted) -> None:
    paths = (
        "/CON",
        "/x/CON",
        "/same.png",
        "/SAME.png",
        "/",
        "/q?name=..%2F..%2Fx",
        "/%2e%2e%2fup.txt",
        "/a%3Ab",
        "/nul.txt",
    )
    for path in paths:
        server.answers[path.partition("?")[0]] = lambda asked: Reply(
            [asked.path.encode()], headers={"content-type": "application/octet-stream"}
        )
    outputs(server, *paths)
    folder = tmp_path / "out"
    folder.mkdir()
    before = {"_CON.bin": b"mine", "same.png": b"mine", "_CON": b"mine"}
    for name, content in before.items():
        (folder / name).write_bytes(content)
    (folder / "q.bin").symlink_to(tmp_path / "planted")
    saved = Cli(tmp_path, server.base_url).json(*SAVE)
    assert [(tmp_path / path).read_bytes() for path in saved] == [path.encode() for path in paths]
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert len(set(saved)) == len(paths) and not (tmp_path / "planted").exists()
    assert len(list(folder.iterdir())) == len(paths) + len(before) + 1, "and nothing else"


def test_a_kill_leaves_no_file_under_the_name(tmp_path: Path, server: Scripted) -> None:
    begun, release = threading.Event(), threading.Event()

    def half() -> Iterator[bytes]:
        yield b"x" * 70_000
        begun.set()
        release.wait(HANGS)

    server.answers["/cat.png"] = lambda _: Reply(half(), length=100_000)
    outputs(server, "/cat.png")
    process = Cli(tmp_path, server.base_url).start(*SAVE)
    try:
        assert begun.wait(HANGS)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=HANGS)
    finally:
        release.set()
    assert "cat.png" not in os.listdir(tmp_path / "out")


def test_downloads_at_once_share_no_name(tmp_path: Path, server: Scripted) -> None:
    count, all_here = 6, threading.Barrier(6)

    def answer(asked: Asked) -> Reply:
        all_here.wait(HANGS)
        return Reply([b"content of one"], headers={"content-type": "image/png"})

    server.answers["/out"] = answer
    outputs(server, "/out")
    processes = [Cli(tmp_path, server.base_url).start(*SAVE) for _ in range(count)]
    done = [process.communicate(timeout=HANGS) for process in processes]
    assert [process.returncode for process in processes] == [0] * count, done
    assert sorted(os.listdir(tmp_path / "out")) == sorted(["out.png", *(f"out-{n}.png" for n in range(2, count + 1))])
    assert len({out for out, _ in done}) == count


def test_a_download_into_a_file_is_whole_or_not_there(tmp_path: Path, server: Scripted) -> None:
    cli = Cli(tmp_path, server.base_url)
    server.answers["/v1/files/f/download"] = lambda _: Reply(
        [b"half"], headers={"content-type": "image/png"}, length=100, cut=True
    )
    (tmp_path / "x.png").write_bytes(b"before")
    words = ("files", "download", "f", "--owner", "a", "--expiry", "1", "--signature", "s", "--output", "x.png")
    assert cli.run(*words).returncode == 7
    assert listing(tmp_path) == {"x.png": b"before"}
    server.answers["/v1/files/f/download"] = lambda _: Reply([b"whole"], headers={"content-type": "image/png"})
    assert cli.run(*words).returncode == 0 and listing(tmp_path) == {"x.png": b"whole"}


def test_a_full_disk_is_told(tmp_path: Path, server: Scripted) -> None:
    server.answers["/big.bin"] = lambda _: Reply([b"x" * 1_000_000])
    outputs(server, "/big.bin")
    cli = Cli(tmp_path, server.base_url)
    done = subprocess.run(
        ["bash", "-c", "ulimit -f 100; trap '' XFSZ; exec \"$@\"", "-", *COMMAND, *SAVE],
        cwd=tmp_path, env=cli.environment, capture_output=True, check=False, timeout=HANGS,
    )  # fmt: skip
    assert done.returncode == 2 and b"cannot write" in done.stderr and b'"data"' in done.stderr, done
    assert os.listdir(tmp_path / "out") == []
