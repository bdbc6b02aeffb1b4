"""Which family and size of model is best for a text and a time: trains each for the same minutes and scores
the test text.

    python benchmarks/families.py multi30k/train multi30k/valid multi30k/test2016 --pairs 5000 \\
        --budget 8m --work runs/5k
    python benchmarks/families.py tatoeba/train tatoeba/valid 1000 --languages en fr \\
        --budget 8m --work runs/160k

What --preset auto and --model auto choose rests on this. With --at-a-time 2 two trainings share the machine,
each with one thread. Run it again after a break: what is done is not done again.
"""

import argparse
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from commands import QUIET, mtkit

MODELS = ("rnn-tiny", "rnn-small", "transformer-tiny", "transformer-small")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("train", "valid", "test"):
        parser.add_argument(
            name, help="a prefix, or so many pairs of the training text" if name != "train" else "a prefix"
        )
    parser.add_argument("--languages", nargs=2, default=["en", "de"])
    parser.add_argument("--pairs", type=int, help="how many of the training text, from its beginning; all")
    parser.add_argument("--budget", default="8m")
    parser.add_argument("--models", nargs="+", default=MODELS, metavar="FAMILY-SIZE")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint directories")
    parser.add_argument("--at-a-time", type=int, default=1)
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    prepared = arguments.work / "prepared"
    if not (prepared / "mtkit.json").exists():
        source, target = arguments.languages
        train = arguments.train
        if arguments.pairs:
            train = arguments.work / "train"
            for language in arguments.languages:
                with Path(f"{arguments.train}.{language}").open(encoding="utf-8") as lines:
                    Path(f"{train}.{language}").write_text(
                        "".join(islice(lines, arguments.pairs)), encoding="utf-8"
                    )
        text = ("--train", train, "--valid", arguments.valid, "--test", arguments.test)
        mtkit("prepare", "-C", prepared, *text, "--source-language", source, "--target-language", target)

    def run(name: str) -> str:
        family, size = name.split("-")
        directory = arguments.work / f"{name}-{arguments.budget}"
        if not directory.exists():
            shutil.copytree(prepared, directory)
        limits = (
            "--budget",
            arguments.budget,
            "--patience",
            0,
            "--threads",
            1 if arguments.at_a_time > 1 else 0,
        )
        model = ("--model", family, "--preset", size)
        mtkit("train", "-C", directory, *model, *limits, *QUIET)
        last = json.loads((directory / "training" / "log.jsonl").read_text().splitlines()[-1])
        report = json.loads(
            mtkit("score", "-C", directory, "--split", "test", "--json", "--bootstrap-samples", 0)
        )
        scores = {metric: report["scores"][metric]["score"] for metric in ("bleu", "chrf")}
        done = f"{last['epoch']:6.1f} passes {last['target_tokens_per_second']:>8,.0f} tokens/s"
        line = (
            f"{name:<18} {done}  BLEU valid {last['bleu']:5.2f} test {scores['bleu']:5.2f}  chrF test"
            f" {scores['chrf']:5.2f}"
        )
        print(line, flush=True)
        return line

    with ThreadPoolExecutor(arguments.at_a_time) as pool:
        list(pool.map(run, arguments.models))


if __name__ == "__main__":
    main()
