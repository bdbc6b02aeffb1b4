"""What several benchmarks of whole commands share."""

import subprocess
import sys

# For `mtkit train`: nothing that is for people to look at.
QUIET = ("--examples", "0", "--no-tensorboard")


def mtkit(*command: object) -> str:
    """Run a command of mtkit; what it prints. Its messages go where ours go."""
    done = subprocess.run([sys.executable, "-m", "mtkit", *map(str, command)], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"mtkit {command[0]} ended with code {done.returncode}")
    return done.stdout
