"""What the command line costs: `--help` beside bare Python and beside peers, that of a model's command beside another's,
and a command beside the Python client.

    python tests/bench/bench_cli.py [ROUNDS] [PEER…]      PEER: commands that answer --help, such as .venv-bench/bin/http

Rounds are interleaved and medians shown, so that a machine that grows slower does so for all. The first round fills the
caches of Python and of the disk and is not counted. A command and the client's call meet the same server on loopback.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from recorder import recorder

PACKAGE = Path(__file__).parents[2] / "generated" / "python"
HELP_MS, HELP_TIMES, MODEL_TIMES, OVERHEAD_MS = 80, 5, 1.2, 60
SCHEMAS = Path(__file__).parents[1] / "models" / "schemas"

ENTRY = "from replikit.cli import main; main()"
"""What the installed command runs."""
CLIENT = "import replikit, json; print(json.dumps(replikit.Replicate().models.get(model_owner='a', model_name='b').to_dict()))"


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Milliseconds that the command took."""
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    took = (time.perf_counter() - start) * 1000
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    return took


ADD = """
import json, sys
from replikit.functions import added
from replikit.functions.runs import Run, inlined
document = json.load(sys.stdin)
given = inlined({"$ref": "#/components/schemas/Input"}, document)
run = Run("replicate_create_prediction", {"version": "acme/image:7"}, given, version="7", summary="Draws.")
found = added.made("image", "acme/image", run)
added.changed(added.own(), lambda kept: {**kept, found.name: found.to_dict()})
"""


def add_model(environment: dict[str, str]) -> None:
    """Keeps a model as a function called `image`."""
    schema = (SCHEMAS / "image.json").read_bytes()
    subprocess.run([sys.executable, "-c", ADD], input=schema, env=environment, check=True)


def lazy() -> bool:
    """Whether `--help` does without httpx."""
    code = "import sys\nfrom replikit.cli import main\ntry:\n    main(['--help'])\nfinally:\n    sys.exit('httpx' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    return (
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False).returncode == 0
    )


def main() -> int:
    """Prints the table; 1 when a goal was missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    peers = {Path(path).name: [path, "--help"] for path in sys.argv[2:]}
    python = [sys.executable, "-c"]
    with recorder() as server, tempfile.TemporaryDirectory() as home:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "PYTHONPATH": str(PACKAGE),
            "REPLICATE_API_TOKEN": "token",
            "REPLICATE_BASE_URL": server.base_url,
        }
        add_model(environment)
        commands = {
            "python -c pass": [*python, "pass"],
            "replikit --help": [*python, ENTRY, "--help"],
            "replikit predictions create --help": [*python, ENTRY, "predictions", "create", "--help"],
            "replikit image --help, of a model": [*python, ENTRY, "image", "--help"],
            "the client's models.get": [*python, CLIENT],
            "replikit models get a/b": [*python, ENTRY, "models", "get", "a/b"],
            **{f"{name} --help": command for name, command in peers.items()},
        }
        taken: dict[str, list[float]] = {name: [] for name in commands}
        for number in range(rounds + 1):
            for name, command in commands.items():
                found = timed(command, {**environment, "PYTHONPATH": ""} if name.split()[0] in peers else environment)
                if number:
                    taken[name].append(found)
    middle = {name: statistics.median(times) for name, times in taken.items()}
    bare = middle["python -c pass"]
    print(f"medians of {rounds} interleaved rounds\n\n{'':36} {'ms':>6} {'x bare':>7}")
    for name, milliseconds in middle.items():
        print(f"{name:36} {milliseconds:6.0f} {milliseconds / bare:7.1f}")
    overhead = middle["replikit models get a/b"] - middle["the client's models.get"]
    print(f"\na command's own overhead over the client: {overhead:.0f} ms")
    times = middle["replikit image --help, of a model"] / middle["replikit predictions create --help"]
    print(f"--help of a model's command takes {times:.2f} times as long as another's")
    missed = []
    if times > MODEL_TIMES:
        missed.append(f"--help of a model takes more than {MODEL_TIMES} times as long as another's")
    if middle["replikit --help"] > HELP_MS:
        missed.append(f"--help takes more than {HELP_MS} ms")
    if middle["replikit --help"] > HELP_TIMES * bare:
        missed.append(f"--help takes more than {HELP_TIMES} times bare Python")
    if overhead > OVERHEAD_MS:
        missed.append(f"a command costs more than {OVERHEAD_MS} ms over the client")
    if not lazy():
        missed.append("--help imports httpx")
    print("missed: " + "; ".join(missed) if missed else "all goals met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
