"""Whether sentences before each help: the same text prepared and trained with and without context.

    python benchmarks/context.py libreoffice/train libreoffice/valid libreoffice/test --work runs/context \\
        --contexts 0 1 2 --seeds 1 2 --prepare "--keep duplicate" -- --max-steps 3000 --model transformer

The texts are corpora as `mtkit prepare` takes them, in order: documents end at blank lines, or where the
column "document" of a table changes. What stands behind -- goes to `mtkit train`. Each model translates the
test text as it was trained, and without context (`--context 0`). Prints a Markdown table. Run it again after
a break: what is done is not done again.
"""

import argparse
import json
import shlex
import sys
from pathlib import Path

from commands import QUIET, mtkit


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("train", "valid", "test"):
        parser.add_argument(name, help="a corpus")
    parser.add_argument("--languages", nargs=2, default=["en", "de"])
    parser.add_argument("--contexts", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument("--prepare", default="", help="more options of 'mtkit prepare', in one text")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint directories")
    ours, training = split_at_dashes(sys.argv[1:])
    arguments = parser.parse_args(ours)
    arguments.work.mkdir(parents=True, exist_ok=True)
    print("| sentences before | seed | pairs behind another | BLEU, chrF | with --context 0 |")
    print("|---|---|---|---|---|")
    for context in arguments.contexts:
        for seed in arguments.seeds:
            directory = arguments.work / f"context{context}-seed{seed}"
            make(directory, arguments, context, ["--seed", seed, *training])
            report = json.loads((directory / "mtkit.json").read_text(encoding="utf-8"))
            following = report["stages"]["prepare"]["report"]["following"]
            alone = scores(directory, "--context", 0) if context else "-"
            print(f"| {context} | {seed} | {following:,} | {scores(directory)} | {alone} |", flush=True)


def split_at_dashes(words: list[str]) -> tuple[list[str], list[str]]:
    """The words before a -- and those behind it."""
    place = words.index("--") if "--" in words else len(words)
    return words[:place], words[place + 1 :]


def make(directory: Path, arguments: argparse.Namespace, context: int, training: list) -> None:
    """Prepare and train a directory, as far as that is not done."""
    if not (directory / "mtkit.json").exists():
        text = ("--train", arguments.train, "--valid", arguments.valid, "--test", arguments.test)
        source, target = arguments.languages
        languages = ("--source-language", source, "--target-language", target)
        more = shlex.split(arguments.prepare)
        mtkit("prepare", "-C", directory, *text, *languages, "--context", context, *more)
    trained = directory.with_name(f"{directory.name}.trained")
    if not trained.exists():
        mtkit("train", "-C", directory, *QUIET, "--no-export", *training)
        trained.touch()


def scores(directory: Path, *options: object) -> str:
    """BLEU and chrF of the test text."""
    report = json.loads(mtkit("score", "-C", directory, "--split", "test", "--json", *options))
    return ", ".join(f"{report['scores'][metric]['score']:.2f}" for metric in ("bleu", "chrf"))


if __name__ == "__main__":
    main()
