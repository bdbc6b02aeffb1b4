"""Time and memory of `mtkit score` beside sacreBLEU's own command on a long file.

    python benchmarks/score.py out.de test.de --lines 100000

The lines are taken again and again, each time with another word of each changed, so that no cache helps.
sacreBLEU has no single command for what `mtkit score` prints, so the time of BLEU, chrF and TER and that of
chrF++ are added up.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from commands import command_line


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("hypothesis", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--paired", action="store_true", help="compare two systems too")
    parser.add_argument(
        "--theirs-resampled", action="store_true", help="run sacreBLEU with resampling too: much memory"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / name for name in ("ours", "theirs", "reference")]
        long_files(arguments.hypothesis, arguments.reference, files, arguments.lines)
        ours, theirs, reference = map(str, files)
        mtkit = command_line("score", "--hypothesis", ours, "--reference", reference)
        sacrebleu = [sys.executable, "-m", "sacrebleu", reference, "-i", ours]
        measure("mtkit score, no resampling", [*mtkit, "--bootstrap-samples", "0"])
        measure("sacrebleu -m bleu chrf ter", [*sacrebleu, "-m", "bleu", "chrf", "ter"])
        measure("sacrebleu -m chrf, words too", [*sacrebleu, "-m", "chrf", "--chrf-word-order", "2"])
        measure("mtkit score, 1,000 resamplings", mtkit)
        if arguments.paired:
            measure("mtkit score --paired, bootstrap", [*mtkit, "--paired", theirs])
            measure(
                "mtkit score --paired, randomisation", [*mtkit, "--paired", theirs, "--test", "randomisation"]
            )
        if arguments.theirs_resampled:
            measure("sacrebleu -m bleu, 1,000 resamplings", [*sacrebleu, "-m", "bleu", "--confidence"])
            measure("sacrebleu -m bleu, paired bootstrap", [*sacrebleu, theirs, "-m", "bleu", "--paired-bs"])


def long_files(hypothesis: Path, reference: Path, files: list[Path], lines: int) -> None:
    """Write two systems' lines and their references."""
    draw = random.Random(1)
    pairs = [
        [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
        for path in (hypothesis, reference)
    ]
    words = sorted({word for line in pairs[1] for word in line})

    def changed(line: list[str]) -> str:
        place = draw.randrange(len(line) or 1)
        return " ".join([*line[:place], draw.choice(words), *line[place + 1 :]])

    with open(files[0], "w") as ours, open(files[1], "w") as theirs, open(files[2], "w") as wanted:
        for said, meant in islice(cycle(zip(*pairs, strict=True)), lines):
            ours.write(changed(said) + "\n")
            theirs.write(changed(changed(said).split()) + "\n")
            wanted.write(changed(meant) + "\n")


def measure(name: str, command: list[str]) -> None:
    """Run a command; print its time and its largest memory."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    memory = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(
        f"{name:<38} {seconds:7.1f} s  {memory / 1e6:8,.0f} MB  code {os.waitstatus_to_exitcode(status)}",
        flush=True,
    )


if __name__ == "__main__":
    main()
