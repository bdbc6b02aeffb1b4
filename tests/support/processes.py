"""`mtkit` run as a user runs it, as a process; and text to give it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
SECONDS = 300


def mtkit(*arguments, cwd, stdin=b"", shell=None):
    """Run a command; returns (exit code, stdout, stderr) with text decoded."""
    command = shell or [sys.executable, "-m", "mtkit", *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=cwd,
        input=stdin,
        capture_output=True,
        shell=bool(shell),
        timeout=SECONDS,
        check=False,
        executable="/bin/bash" if shell else None,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def other_weights(directory):
    """The name of weights in a checkpoint directory that are not its best ones."""
    best = json.loads((directory / "mtkit.json").read_text())["stages"]["train"]["report"]["best_step"]
    steps = {int(path.stem.removeprefix("step-")) for path in (directory / "weights").glob("step-*")}
    return str(max(steps - {best}))


def some_lines(name, count):
    """The first lines of a file of the sample corpus."""
    lines = (SAMPLE / name).read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(lines[:count])
