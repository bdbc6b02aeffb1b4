"""Peak memory of training on long lines beside that of training on the same text in short lines.

    python benchmarks/long_lines_memory.py
    python benchmarks/long_lines_memory.py --lengths 16 500 --source-share 2 --models transformer

The text is made: random tokens of a vocabulary of 8,000. Every row is a process of its own, which trains a
new model of the preset tiny for some steps; memory is what was resident at most, in MB, and how much more
that is than before the first step.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from mtkit.data.store import CorpusWriter, TokenCorpus

VOCABULARY, FIRST_TOKEN = 8000, 4
# Lengths differ by so much of the usual one, as those of a text do.
SPREAD = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lengths", type=int, nargs="+", default=[16, 500], help="target tokens of a line")
    parser.add_argument("--source-share", type=float, default=1.0, help="source tokens for a target token")
    parser.add_argument("--models", nargs="+", default=["transformer", "rnn"])
    parser.add_argument("--tokens", type=int, default=100_000, help="target tokens of the text")
    parser.add_argument("--batch-tokens", type=int, default=2048)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--child", metavar="FOLDER", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        print(json.dumps(train(Path(arguments.child), arguments)))
        return
    print(f"{'model':<12} {'length':>6} {'largest batch':>18} {'peak MB':>8} {'by steps':>9}")
    for model in arguments.models:
        for length in arguments.lengths:
            with tempfile.TemporaryDirectory() as name:
                write_text(Path(name), length, arguments)
                command = [sys.executable, __file__, *sys.argv[1:], "--child", name, "--models", model]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            facts = json.loads(done.stdout)
            print(
                f"{model:<12} {length:>6} {facts['batch']:>18} {facts['peak']:>8,.0f}"
                f" {facts['by_steps']:>9,.0f}",
                flush=True,
            )


def write_text(folder: Path, length: int, arguments: argparse.Namespace) -> None:
    """A text of random tokens in lines of about so many target tokens."""
    random = np.random.default_rng(1)
    writer = CorpusWriter(folder, VOCABULARY)
    for _ in range(arguments.tokens // length):
        target_tokens = round(length * random.uniform(1 - SPREAD, 1 + SPREAD))
        source_tokens = round(target_tokens * arguments.source_share)
        source, target = (
            random.integers(FIRST_TOKEN, VOCABULARY, tokens).tolist()
            for tokens in (source_tokens, target_tokens)
        )
        writer.append([source], [target])
    writer.close()


def train(folder: Path, arguments: argparse.Namespace) -> dict:
    """Train for some steps: what memory that took."""
    from mtkit.model.hardware import use_threads

    parallel = use_threads(arguments.threads)

    from mtkit.data.batching import Batches
    from mtkit.model.build import build_model, fill_in
    from mtkit.settings.train import ModelSettings, TrainSettings
    from mtkit.training.compiled_step import train_step

    settings = TrainSettings(batch_tokens=arguments.batch_tokens)
    batches = Batches(TokenCorpus(folder), settings.batch_tokens, settings.seed)
    filled = fill_in(ModelSettings(model=arguments.models[0], preset="tiny"), joint_vocabulary=True)
    step = train_step(build_model(filled, VOCABULARY, VOCABULARY), settings, parallel)
    before = peak_megabytes()
    made = [batches.batch(number) for number in range(arguments.steps)]
    for number, batch in enumerate(made):
        float(step.update([batch], number, 1e-3)[0])
    largest = max(made, key=lambda batch: batch.source.size + batch.target_in.size)
    rows, source_tokens = largest.source.shape
    return {
        "batch": f"{rows} x ({source_tokens} + {largest.target_in.shape[1]})",
        "peak": peak_megabytes(),
        "by_steps": peak_megabytes() - before,
    }


def peak_megabytes() -> float:
    """What of this process was resident at most so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


if __name__ == "__main__":
    main()
