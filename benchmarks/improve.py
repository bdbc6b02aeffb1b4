"""What `mtkit improve` brings: a little parallel text, and the target side of the rest as text in the target
language alone.

    python benchmarks/improve.py multi30k --work runs/improve --pairs 5000 -- --max-epochs 40

PREFIX/train, PREFIX/valid and PREFIX/test2016 are read. The first --pairs pairs are the real ones; the target
side of the others is the monolingual text. Trained are a base on the real pairs, what `mtkit improve` makes
of it, and, as an upper bound, a model on all pairs. What follows -- goes to `mtkit train`, and so holds for
every training; --improve takes options for `mtkit improve`, in quotes. Prints a Markdown table. Run it again
after a break: what is done is not done again.
"""

import argparse
import json
import shlex
import sys
from itertools import islice
from pathlib import Path

from commands import QUIET, mtkit


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, help="the folder with train, valid and test2016")
    parser.add_argument(
        "--work", type=Path, required=True, help="folder for the text and the checkpoint directories"
    )
    parser.add_argument("--pairs", type=int, default=5000, help="real pairs")
    parser.add_argument("--lines", type=int, help="monolingual lines at most; all that are left")
    parser.add_argument("--languages", nargs=2, default=["en", "de"])
    parser.add_argument("--test", default="test2016")
    parser.add_argument(
        "--tokenize", default="13a", help="sacreBLEU's tokenization: none for tokenized text, 13a for raw"
    )
    parser.add_argument(
        "--improve", default="", help="options for mtkit improve, such as '--rounds 2 --sources sample'"
    )
    parser.add_argument("--no-bound", action="store_true", help="leave the model on all pairs out")
    ours = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    recipe = sys.argv[len(ours) + 2 :]
    arguments = parser.parse_args(ours)
    arguments.work.mkdir(parents=True, exist_ok=True)
    monolingual = write_text(arguments)

    base, bound = arguments.work / "base", arguments.work / "all"
    train(arguments, base, arguments.work / "real", recipe)
    mtkit("improve", "-C", base, "--monolingual", monolingual, *shlex.split(arguments.improve))
    models = {f"{arguments.pairs:,} pairs": base, **improved(base)}
    if not arguments.no_bound:
        train(arguments, bound, arguments.text / "train", recipe)
        models["all pairs"] = bound
    print("| model | pairs in train | minutes | valid BLEU | valid chrF | test BLEU | test chrF |")
    print("|---|---|---|---|---|---|---|")
    for name, directory in models.items():
        scores = [
            f"{one:.2f}" for split in ("valid", "test") for one in score(directory, split, arguments.tokenize)
        ]
        pairs = json.loads((directory / "mtkit.json").read_text())["stages"]["prepare"]["report"]["pairs"][
            "train"
        ]
        minutes = (
            json.loads((directory / "training" / "log.jsonl").read_text().splitlines()[-1])["seconds"] / 60
        )
        print(f"| {name} | {pairs:,} | {minutes:.1f} | {' | '.join(scores)} |", flush=True)


def write_text(arguments: argparse.Namespace) -> Path:
    """The first pairs as real.LANGUAGE, and the target side of the others, whose name is given back."""
    source, target = arguments.languages
    for language in (source, target):
        with Path(f"{arguments.text / 'train'}.{language}").open(encoding="utf-8", newline="\n") as lines:
            write(arguments.work / f"real.{language}", islice(lines, arguments.pairs))
            if language == target:
                write(arguments.work / f"monolingual.{target}", islice(lines, arguments.lines))
    return arguments.work / f"monolingual.{target}"


def write(path: Path, lines) -> None:
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def train(arguments: argparse.Namespace, directory: Path, text: Path, recipe: list[str]) -> None:
    """Prepare and train a directory, unless that is done."""
    if (
        not (directory / "mtkit.json").exists()
        or "prepare" not in json.loads((directory / "mtkit.json").read_text())["stages"]
    ):
        source, target = arguments.languages
        parts = (
            "--train",
            text,
            "--valid",
            arguments.text / "valid",
            "--test",
            arguments.text / arguments.test,
        )
        mtkit("prepare", "-C", directory, *parts, "--source-language", source, "--target-language", target)
    done = directory / "done"
    if not done.exists():
        mtkit("train", "-C", directory, *QUIET, *recipe)
        done.touch()


def improved(base: Path) -> dict[str, Path]:
    """The forward model of each round, by name; whether it won stands there."""
    found = {}
    for report in sorted(
        base.glob("improve/round-*/report.json"),
        key=lambda path: int(path.parent.name.removeprefix("round-")),
    ):
        content = json.loads(report.read_text(encoding="utf-8"))
        p = content["valid"]["paired"][0]["scores"]["bleu"]["p"]
        kept = content["synthetic"]["kept"]
        verdict = f"{'better' if content['won'] else 'not better'}, p = {p:.3f}"
        found[f"and {kept:,} back-translations, round {content['round']} ({verdict})"] = (
            report.parent / "forward"
        )
    return found


def score(directory: Path, split: str, tokenize: str) -> tuple[float, float]:
    """BLEU and chrF."""
    options = ("--split", split, "--json", "--bootstrap-samples", 0, "--tokenize", tokenize)
    scores = json.loads(mtkit("score", "-C", directory, *options))["scores"]
    return scores["bleu"]["score"], scores["chrf"]["score"]


if __name__ == "__main__":
    main()
