"""Peak memory and time of `mtkit prepare` on a corpus and on many copies of it, which must be nearly alike in
memory.

The copies are told apart by a number at the end of each sentence, so that no pair is a duplicate.

    python benchmarks/prepare_memory.py tatoeba/train en fr --copies 1 20

With --tmx the pairs are those of a translation memory. What is unknown here is for `mtkit prepare`.
"""

import argparse
import gzip
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from commands import command_line


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("prefix", help="PREFIX.SOURCE[.gz] and PREFIX.TARGET[.gz] are read")
    parser.add_argument("source_language")
    parser.add_argument("target_language")
    parser.add_argument("--copies", type=int, nargs="+", default=[1, 20])
    parser.add_argument(
        "--folder", help="where to put the big corpus and the checkpoint; a temporary folder by default"
    )
    parser.add_argument(
        "--tmx", action="store_true", help="as a translation memory instead of two files of lines"
    )
    arguments, options = parser.parse_known_args()
    languages = (arguments.source_language, arguments.target_language)
    write = write_memory if arguments.tmx else write_lines
    print(f"{'copies':>6} {'pairs':>10} {'corpus MB':>9} {'peak MB':>8} {'seconds':>8}")
    for copies in arguments.copies:
        with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
            folder = Path(name).resolve()
            corpus = folder / ("train.tmx" if arguments.tmx else "train")
            pairs = write(arguments.prefix, languages, corpus, copies)
            size = sum(path.stat().st_size for path in folder.iterdir())
            peak, seconds = measure(folder, corpus, languages, options)
        print(f"{copies:>6} {pairs:>10,} {size / 1e6:>9,.0f} {peak / 1e6:>8.0f} {seconds:>8.1f}", flush=True)


def write_lines(prefix: str, languages: tuple[str, str], corpus: Path, copies: int) -> int:
    """The copies as a file of lines for each language; the pairs written."""
    for language in languages:
        lines = 0
        with open(f"{corpus}.{language}", "wb") as output:
            for text in copies_of(f"{prefix}.{language}", copies):
                output.write(text + b"\n")
                lines += 1
    return lines


def write_memory(prefix: str, languages: tuple[str, str], corpus: Path, copies: int) -> int:
    """The copies as a TMX file; the pairs written."""
    pairs = 0
    with open(corpus, "w", encoding="utf-8") as output:
        output.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4"><header'
            f' srclang="{languages[0]}"/><body>\n'
        )
        for texts in zip(*(copies_of(f"{prefix}.{language}", copies) for language in languages), strict=True):
            for language, text in zip(languages, texts, strict=True):
                opened = (
                    f'<tu tuid="{pairs}" creationdate="20200101T000000Z">' if language == languages[0] else ""
                )
                output.write(f'{opened}<tuv xml:lang="{language}"><seg>{escape(text.decode())}</seg></tuv>\n')
            output.write("</tu>\n")
            pairs += 1
        output.write("</body></tmx>\n")
    return pairs


def copies_of(source: str, copies: int) -> Iterator[bytes]:
    """The lines of a file so many times, with the number of the copy after each line but in the first."""
    for copy in range(copies):
        ending = f" {copy}".encode() if copy else b""
        with open(source, "rb") if os.path.exists(source) else gzip.open(f"{source}.gz") as text:
            for line in text:
                yield line.rstrip(b"\r\n") + ending


def measure(folder: Path, corpus: Path, languages: tuple[str, str], options: list[str]) -> tuple[int, float]:
    """Peak resident bytes and seconds of `mtkit prepare`, from the operating system's account of the finished
    process.

    While it runs, the phases that it reports are printed with the memory at that time.
    """
    source, target = languages
    text = ("--train", corpus, "--source-language", source, "--target-language", target)
    command = command_line("prepare", "-C", folder / "checkpoint", *text, *options)
    start = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=folder, env=environment)
    listener = threading.Thread(target=listen, args=(process, start))
    listener.start()
    _, status, usage = os.wait4(process.pid, 0)
    listener.join()
    if status:
        sys.exit(f"mtkit prepare failed with {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024), time.monotonic() - start


def listen(process: subprocess.Popen, start: float) -> None:
    """Print each line that the process says, with the seconds passed and its peak memory so far."""
    for line in process.stderr:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text()
            peak = int(next(row for row in status.splitlines() if row.startswith("VmHWM")).split()[1]) / 1e3
        except (OSError, StopIteration):
            peak = float("nan")
        print(f"    {time.monotonic() - start:6.1f} s {peak:6.0f} MB  {line}", end="", file=sys.stderr)


if __name__ == "__main__":
    main()
