"""Whether a budget is kept, and its forecast, beside other work on the machine.

    python benchmarks/budget.py 4m --busy 0 2 4

Trains on the sample corpus, five times over, with so many processes beside it that never rest. Prints a row
for each: the model that was chosen, the passes over the text that were foreseen and those that were made, and
the seconds of the whole command.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from commands import QUIET, command_line, mtkit

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("budget", help="such as 4m")
    parser.add_argument("--busy", type=int, nargs="+", default=[0, 2], help="other processes at work")
    arguments = parser.parse_args()
    print("busy  model            foreseen  made  seconds")
    for busy in arguments.busy:
        with tempfile.TemporaryDirectory() as folder:
            kept = measured(Path(folder), arguments.budget, busy)
        print(
            f"{busy:4}  {kept.model:<15}  {kept.foreseen:8.1f}  {kept.made:4.1f}  {kept.seconds:7.0f}",
            flush=True,
        )


@dataclass(frozen=True)
class KeptBudget:
    """How a training with a budget went.

    Attributes:
        foreseen, made: passes over the text.
        seconds: of the whole command.
    """

    model: str
    foreseen: float
    made: float
    seconds: float


def measured(folder: Path, budget: str, busy: int) -> KeptBudget:
    """A training beside so many other processes."""
    text = ("--train", f"{SAMPLE / 'train'} weight=5", "--valid", SAMPLE / "valid")
    mtkit("prepare", *text, "--source-language", "en", "--target-language", "fr", folder=folder)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(busy)]
    began = time.monotonic()
    try:
        command = command_line("train", "--budget", budget, *QUIET)
        done = subprocess.run(command, cwd=folder, stderr=subprocess.PIPE, text=True, check=True)
    finally:
        for other in others:
            other.kill()
    seconds = time.monotonic() - began
    chosen = re.search(r"^(\w+), preset (\w+): about ([\d.]+) passes", done.stderr, re.MULTILINE)
    log = (folder / "checkpoint" / "training" / "log.jsonl").read_text(encoding="utf-8")
    made = json.loads(log.splitlines()[-1])["epoch"]
    return KeptBudget(f"{chosen[1]} {chosen[2]}", float(chosen[3]), made, seconds)


if __name__ == "__main__":
    main()
