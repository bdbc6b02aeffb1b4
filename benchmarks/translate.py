"""Whole-process times of `mtkit translate`, each engine, arithmetic and choice of tokens in turns, and BLEU.

    python benchmarks/translate.py checkpoint multi30k/tok/test2016.en multi30k/tok/test2016.de \\
        --tokenize none

Prints, for beam 5 and greedy: seconds for one line (the start), seconds for all lines, sentences a second
between them, BLEU.
"""

import argparse
import statistics
import subprocess
import time
from pathlib import Path

import sacrebleu
from commands import command_line

WAYS = {
    "onnx float32": ("--engine", "onnx", "--precision", "float32"),
    "onnx int8": ("--engine", "onnx", "--precision", "int8"),
    "float32, shortlist 30": ("--engine", "onnx", "--precision", "float32", "--shortlist", 30),
    "int8, shortlist 30": ("--engine", "onnx", "--precision", "int8", "--shortlist", 30),
    "keras": ("--engine", "keras"),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("source", type=Path)
    parser.add_argument("reference", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokenize", default="13a")
    arguments = parser.parse_args()
    text = arguments.source.read_bytes()
    first = text[: text.index(b"\n") + 1]
    references = arguments.reference.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    for beam in (5, 1):
        starts: dict[str, list[float]] = {name: [] for name in WAYS}
        wholes: dict[str, list[float]] = {name: [] for name in WAYS}
        outputs: dict[str, list[str]] = {}
        for _ in range(arguments.rounds):
            for name, options in WAYS.items():
                command = (arguments.checkpoint, *options, "--beam", beam)
                starts[name].append(translate(first, *command)[0])
                seconds, output = translate(text, *command)
                wholes[name].append(seconds)
                outputs[name] = output.decode().removesuffix("\n").split("\n")
        for name in WAYS:
            start, whole = statistics.median(starts[name]), statistics.median(wholes[name])
            score = sacrebleu.corpus_bleu(
                outputs[name], [references], tokenize=arguments.tokenize, force=True
            ).score
            same = sum(one == other for one, other in zip(outputs[name], outputs["keras"], strict=True))
            times = (
                f"start {start:5.2f} s  all {whole:6.2f} s  {len(references) / (whole - start):6.0f}"
                " sentences/s"
            )
            print(
                f"beam {beam}  {name:<21} {times}  BLEU {score:.2f}  {same} of {len(references)} lines as"
                " keras",
                flush=True,
            )


def translate(text: bytes, checkpoint: Path, *options: object) -> tuple[float, bytes]:
    """(seconds of the whole process, its output)."""
    command = command_line("translate", "-C", checkpoint, *options)
    began = time.perf_counter()
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - began, done.stdout


if __name__ == "__main__":
    main()
