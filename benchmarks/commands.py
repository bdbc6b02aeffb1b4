"""What several benchmarks of whole commands share."""

import os
import subprocess
import sys
from pathlib import Path

# For `mtkit train`: nothing that is for people to look at.
QUIET = ("--examples", "0", "--no-tensorboard")


def mtkit(*command: object, folder: Path | None = None) -> str:
    """Run a command of mtkit, in a folder; what it prints. Its messages go where ours go. No mtkit.toml takes
    part.
    """
    name, *arguments = map(str, command)
    whole = [sys.executable, "-m", "mtkit", name, "--config", os.devnull, *arguments]
    done = subprocess.run(whole, stdout=subprocess.PIPE, text=True, check=False, cwd=folder)
    if done.returncode:
        sys.exit(f"mtkit {command[0]} ended with code {done.returncode}")
    return done.stdout
