"""What several benchmarks of whole commands share."""

import os
import subprocess
import sys
from pathlib import Path

# For `mtkit train`: nothing that is for people to look at.
QUIET = ("--examples", "0", "--no-tensorboard")


def command_line(name: str, *arguments: object) -> list[str]:
    """A command of mtkit as a process is started with it; no mtkit.toml takes part."""
    return [sys.executable, "-m", "mtkit", name, "--config", os.devnull, *map(str, arguments)]


def mtkit(name: str, *arguments: object, folder: Path | None = None) -> str:
    """Run a command of mtkit, in a folder; what it prints. Its messages go where ours go."""
    command = command_line(name, *arguments)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=folder)
    if done.returncode:
        sys.exit(f"mtkit {name} ended with code {done.returncode}")
    return done.stdout
