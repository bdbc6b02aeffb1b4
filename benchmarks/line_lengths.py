"""Time and memory of translating the same text in lines of other lengths, with each engine.

    python benchmarks/line_lengths.py checkpoint multi30k/tok/test2016.en --engines onnx ctranslate2 keras

The lines of a file are joined until each has so many tokens; the text is the same for all lengths. Prints a
Markdown table: seconds for 1,000 tokens, the start of the engine not counted, and the largest resident memory
of the process in MB; each length in a process of its own, the median of several.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import mtkit
from mtkit.machine import peak_bytes
from mtkit.text.lines import read_text

LENGTHS = (10, 30, 100, 300, 1000, 4000)
MEGA = 1e6


def lines_of(lines: list[str], translator: mtkit.Translator, length: int) -> tuple[list[str], int]:
    """The lines joined to lines of at least so many tokens; and the tokens of all of them."""
    tokens = [len(ids) for ids in translator.tokenizers.source.encode(lines)]
    joined, parts, so_far = [], [], 0
    for line, count in zip(lines, tokens, strict=True):
        parts.append(line)
        so_far += count
        if so_far >= length:
            joined.append(" ".join(parts))
            parts, so_far = [], 0
    if parts:
        joined.append(" ".join(parts))
    return joined, sum(tokens)


def measure(arguments: argparse.Namespace) -> None:
    """Print seconds and memory as JSON: the work of a process of its own."""
    translator = mtkit.load(arguments.checkpoint, engine=arguments.engines[0], threads=arguments.threads)
    lines, tokens = lines_of(read_text(arguments.source)[: arguments.lines], translator, arguments.child)
    search = mtkit.Search(beam=arguments.beam)
    translator.translate(lines[:1], search)
    began = time.perf_counter()
    translator.translate(lines, search)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": 1000 * seconds / tokens, "megabytes": peak_bytes() / MEGA}))


def child(arguments: argparse.Namespace, engine: str, length: int) -> dict[str, float]:
    """What a process of its own measures."""
    command = [sys.executable, __file__, arguments.checkpoint, arguments.source, "--child", length]
    command += ["--engines", engine, "--lines", arguments.lines, "--beam", arguments.beam]
    command += ["--threads", arguments.threads]
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("--engines", nargs="+", default=["onnx", "keras"])
    parser.add_argument("--lengths", type=int, nargs="+", default=list(LENGTHS))
    parser.add_argument("--lines", type=int, default=1000, help="the first so many of the text")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", type=int, default=None, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        measure(arguments)
        return
    ways = [(engine, length) for engine in arguments.engines for length in arguments.lengths]
    rounds = [[child(arguments, *way) for way in ways] for _ in range(arguments.rounds)]
    print(f"| tokens a line | {' | '.join(arguments.engines)} |\n|---|{'---|' * len(arguments.engines)}")
    for length in arguments.lengths:
        cells = []
        for engine in arguments.engines:
            results = [of_round[ways.index((engine, length))] for of_round in rounds]
            seconds = statistics.median(result["seconds"] for result in results)
            megabytes = statistics.median(result["megabytes"] for result in results)
            cells.append(f"{seconds:.3f} s, {megabytes:.0f} MB")
        print(f"| {length:,} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
