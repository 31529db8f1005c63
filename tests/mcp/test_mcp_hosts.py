"""Hosts' configuration: merged into what stands there, destroying nothing, holding no token."""

from __future__ import annotations

import json
import subprocess
import tomllib
from pathlib import Path

import cli_harness
import pytest
from hanging import HANGS
from mcp_harness import API, environment
from replikit.mcp import hosts

JSON_HOSTS = [name for name, host in hosts.HOSTS.items() if not host.toml]
TOKEN = "r8_never-written"


def merged(name: str, path: Path, *flags: str) -> str:
    return hosts.merge(hosts.HOSTS[name], path, "replicate", flags)


@pytest.mark.parametrize("name", JSON_HOSTS)
def test_what_stands_there_stays(name: str, tmp_path: Path) -> None:
    host = hosts.HOSTS[name]
    path = tmp_path / "host.json"
    other = {"command": "other", "args": ["é"]}
    before = {
        "theme": "dark",
        host.section: {"other": other, "last": {}},
        "inputs": [{"id": "own"}],
        "z": [1, 2.5, None],
    }
    path.write_text(json.dumps(before, indent=4, ensure_ascii=False))
    path.chmod(0o600)
    assert "has the server" in merged(name, path, "--write=allow")
    after = json.loads(path.read_text("utf-8"))
    assert list(after) == list(before)
    assert after[host.section]["other"] == other
    assert after[host.section]["replicate"]["args"][-3:] == ["mcp", "serve", "--write=allow"]
    assert after["inputs"][0] == {"id": "own"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text("utf-8").splitlines()[1].startswith('    "theme"')
    once = path.read_bytes()
    assert merged(name, path, "--write=allow") == "is up to date"
    assert path.read_bytes() == once
    assert [each.name for each in tmp_path.iterdir()] == ["host.json"]


@pytest.mark.parametrize("name", hosts.HOSTS)
def test_new_file_holds_what_is_printed(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(API.token_env, TOKEN)
    assert merged(name, tmp_path / "file") == "was made"
    text = (tmp_path / "file").read_text("utf-8")
    assert text == hosts.fragment(hosts.HOSTS[name], "replicate", ())
    assert TOKEN not in text


@pytest.mark.parametrize("name", JSON_HOSTS)
def test_what_was_added_to_the_entry_stays(name: str, tmp_path: Path) -> None:
    host, path = hosts.HOSTS[name], tmp_path / "host.json"
    own = {"command": "old", "args": ["x"], "disabled": True, "env": {API.token_env: "theirs", "HTTPS_PROXY": "p"}}
    path.write_bytes(json.dumps({host.section: {"replicate": own}}, indent=2).replace("\n", "\r\n").encode())
    merged(name, path, "--write=allow")
    assert path.read_bytes().count(b"\n") == path.read_bytes().count(b"\r\n") > 5
    after = json.loads(path.read_bytes())[host.section]["replicate"]
    assert after == {**own, **hosts.entry(host, ["--write=allow"]), "env": own["env"]}
    assert merged(name, path, "--write=allow") == "is up to date"


TOML = """model = "o"  # mine
# before
[mcp_servers.replicate]  # the server
# inside
command = "old"  # why
args = [
  "mcp",  # first
  "serve # no comment",
]  # behind
startup_timeout_sec = 20
# last

# theirs
[mcp_servers.other]
command = "x"
[mcp_servers.replicate.tools.search]
approval_mode = "approve"
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_toml_keeps_comments_and_other_servers(newline: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    before = tomllib.loads(TOML)
    path.write_bytes(TOML.replace("\n", newline).encode())
    merged("codex", path)
    text = path.read_bytes().decode()
    ours = hosts.entry(hosts.HOSTS["codex"], ())
    table = {**before["mcp_servers"]["replicate"], **ours}
    assert tomllib.loads(text) == {**before, "mcp_servers": {**before["mcp_servers"], "replicate": table}}
    for comment in ("# mine", "# before", "# the server", "# inside", "# why", "# behind", "# last", "# theirs"):
        assert text.count(comment) == 1, comment
    assert text.index("# last") < text.index("# theirs") < text.index("[mcp_servers.other]")
    assert merged("codex", path) == "is up to date"


@pytest.mark.parametrize("name", ["my server", "dot.ted", 'quo"te', "ü"])
def test_any_name_makes_a_file_that_can_be_read(name: str, tmp_path: Path) -> None:
    for host in hosts.HOSTS.values():
        path = tmp_path / host.name
        hosts.merge(host, path, name, ())
        read = tomllib.loads if host.toml else json.loads
        assert read(path.read_text("utf-8"))[host.section] == {name: hosts.entry(host, ())}
        assert hosts.merge(host, path, name, ("--write=allow",)).startswith("has")
        assert read(path.read_text("utf-8"))[host.section] == {name: hosts.entry(host, ("--write=allow",))}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vscode", '{\n  // a comment\n  "servers": {}\n}'),
        ("cursor", "[1, 2]"),
        ("cursor", '{"mcpServers": "none"}'),
        ("cursor", '{"mcpServers": {"replicate": "none"}}'),
        ("vscode", '{"servers": {}, "inputs": "none"}'),
        ("vscode", '{"servers": {"replicate": {"env": "none"}}}'),
        ("codex", "= broken"),
        ("codex", 'mcp_servers = {replicate = {command = "x"}}\n'),
        ("cursor", "\udcff"),
    ],
)
def test_what_is_not_understood_is_left_alone(name: str, content: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    before = path.read_bytes()
    with pytest.raises(hosts.HostError):
        merged(name, path)
    assert path.read_bytes() == before


def test_new_file_links_and_folders(tmp_path: Path) -> None:
    real, link = tmp_path / "dotfiles/mcp.json", tmp_path / "link.json"
    real.parent.mkdir()
    real.write_text("{}")
    link.symlink_to(real)
    merged("cursor", hosts.place(hosts.HOSTS["cursor"], str(link)))
    assert link.is_symlink() and "replicate" in real.read_text("utf-8")
    fresh = tmp_path / "a/b/mcp.json"
    assert merged("cursor", fresh) == "was made"


@pytest.mark.parametrize("name", ["claude-desktop", "codex"])
def test_command_prints_writes_and_starts_and_never_tells_a_token(name: str, tmp_path: Path) -> None:
    def run(*arguments: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        env = environment({API.token_env: TOKEN, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / ".config")})
        done = cli_harness.run(*before, "mcp", "config", name, *arguments, env=env, cwd=tmp_path, text=True)
        done.check_returncode()
        return done

    shown = run().stdout
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert run("--write-file").stdout.strip().endswith("was made")
    assert "--write=allow" in run("--write=allow", "--allow", "billed").stdout
    assert '"--account=work", "--write=allow"' in " ".join(
        run("--write=allow", before=("--account=work",)).stdout.split()
    )
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert path.read_text("utf-8") == shown
    assert TOKEN not in shown
    started = (tomllib.loads if hosts.HOSTS[name].toml else json.loads)(shown)[hosts.HOSTS[name].section]["replicate"]
    listed = subprocess.run(
        [started["command"], *started["args"]],
        env=environment({}),
        input="",
        capture_output=True,
        timeout=HANGS,
        check=False,
    )
    assert (listed.returncode, listed.stdout) == (0, b"")
