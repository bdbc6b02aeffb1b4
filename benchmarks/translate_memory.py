"""Memory of `mtkit translate` over a long pipe: the lines of a file, again and again.

    python benchmarks/translate_memory.py checkpoint multi30k/tok/train.en --lines 1000000

Prints, at each twentieth of the lines that come out: how many there are, the seconds so far, and the resident
memory (Linux) in MB.
"""

import argparse
import itertools
import subprocess
import threading
import time
from pathlib import Path

from commands import command_line

REPORTS = 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument(
        "--options", nargs="*", default=["--beam", "1", "--precision", "int8"], help="of mtkit translate"
    )
    arguments = parser.parse_args()
    command = command_line("translate", "-C", arguments.checkpoint, *arguments.options)
    began = time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        threading.Thread(
            target=feed, args=(process.stdin, arguments.source, arguments.lines), daemon=True
        ).start()
        for number, _ in enumerate(process.stdout, 1):
            if number % (arguments.lines // REPORTS) == 0:
                print(
                    f"{number:>9,} lines {time.monotonic() - began:>6.0f} s {resident(process.pid):>5.0f} MB",
                    flush=True,
                )
    print(f"{number:,} lines, exit code {process.returncode}")


def feed(stream, source: Path, count: int) -> None:
    """Write so many lines of a file, from its beginning again where it ends."""
    with stream:
        stream.writelines(
            itertools.islice(itertools.cycle(source.read_bytes().splitlines(keepends=True)), count)
        )


def resident(process: int) -> float:
    """Resident memory of a process in MB; 0 where it is gone."""
    status = Path(f"/proc/{process}/status").read_text()
    return next(
        (int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS")), 0.0
    )


if __name__ == "__main__":
    main()
