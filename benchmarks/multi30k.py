"""BLEU of a recipe over several seeds: trains each, translates the test text, prints every score, the mean
and the spread.

    python benchmarks/multi30k.py multi30k/tok --work runs --seeds 1 2 3 --at-a-time 2 \\
        -- --max-epochs 30 --schedule cosine

PREFIX/train, PREFIX/valid and PREFIX/test2016 are read; what follows -- goes to `mtkit train`. With
--at-a-time 2 two trainings share the machine, each with one thread. Run it again after a break: a training
goes on where it stopped.
"""

import argparse
import json
import shutil
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from commands import QUIET, mtkit


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, help="the folder with train, valid and test2016")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint directories")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--at-a-time", type=int, default=1)
    parser.add_argument("--vocabulary-size", type=int, default=0, help="of mtkit prepare; 0 chooses")
    parser.add_argument(
        "--tokenize", default="none", help="sacreBLEU's tokenization: none for tokenized text, 13a for raw"
    )
    parser.add_argument("--beam", default="5")
    parser.add_argument("--length-penalty", default="1.0")
    ours = sys.argv[1 : sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
    recipe = sys.argv[len(ours) + 2 :]
    arguments = parser.parse_args(ours)
    arguments.work.mkdir(exist_ok=True)
    prepared = arguments.work / "prepared"
    if not (prepared / "mtkit.json").exists():
        files = {"train": "train", "valid": "valid", "test": "test2016"}
        text = [part for name, file in files.items() for part in (f"--{name}", arguments.text / file)]
        languages = ("--source-language", "en", "--target-language", "de")
        mtkit("prepare", "-C", prepared, *text, *languages, "--vocabulary-size", arguments.vocabulary_size)

    def run(seed: int) -> dict:
        directory = arguments.work / f"seed-{seed}"
        if not directory.exists():
            shutil.copytree(prepared, directory)
        threads = ("--threads", "1") if arguments.at_a_time > 1 else ()
        mtkit("train", "-C", directory, "--seed", seed, *threads, *QUIET, *recipe)
        rows = [json.loads(line) for line in (directory / "training" / "log.jsonl").read_text().splitlines()]
        row = {"seed": seed, "minutes": rows[-1]["seconds"] / 60, "steps": rows[-1]["step"]}
        search = (
            "--beam",
            arguments.beam,
            "--length-penalty",
            arguments.length_penalty,
            "--tokenize",
            arguments.tokenize,
        )
        for split in ("valid", "test"):
            report = json.loads(
                mtkit("score", "-C", directory, "--split", split, "--json", "--bootstrap-samples", 0, *search)
            )
            row[split] = report["scores"]["bleu"]["score"]
        done = f"{row['minutes']:.1f} minutes, {row['steps']:,} steps"
        print(f"seed {seed}: {done}, BLEU valid {row['valid']:.2f}, test {row['test']:.2f}", flush=True)
        return row

    with ThreadPoolExecutor(arguments.at_a_time) as pool:
        rows = list(pool.map(run, arguments.seeds))
    for name in ("valid", "test"):
        scores = [row[name] for row in rows]
        spread = f", standard deviation {statistics.stdev(scores):.2f}" if len(scores) > 1 else ""
        print(f"{name}: mean {statistics.mean(scores):.2f} of {len(scores)} seeds{spread}")


if __name__ == "__main__":
    main()
