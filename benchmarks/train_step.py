"""Training speed of a preset on a prepared checkpoint directory, in each precision: real target tokens a
second.

    python benchmarks/train_step.py CHECKPOINT_DIR --preset small
    KERAS_BACKEND=jax python benchmarks/train_step.py CHECKPOINT_DIR --model transformer \\
        --preset tiny --steps 30

Each batch is trained on once before it is timed: JAX compiles for each shape.
"""

import argparse
import statistics
import time
from pathlib import Path

from mtkit.model.hardware import use_threads


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--model", default="rnn", choices=("rnn", "transformer"))
    parser.add_argument("--preset", default="small")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--threads", type=int, default=0)
    arguments = parser.parse_args()
    parallel = use_threads(arguments.threads)

    from mtkit.checkpoint import Checkpoint
    from mtkit.data.batching import Batches
    from mtkit.data.store import TokenCorpus
    from mtkit.data.tokenizers import load_tokenizers
    from mtkit.model.build import build_model, fill_in
    from mtkit.settings.train import ModelSettings, TrainSettings
    from mtkit.training.compiled_step import train_step

    checkpoint = Checkpoint(arguments.checkpoint)
    corpus, tokenizers = TokenCorpus(checkpoint.data / "train"), load_tokenizers(checkpoint)
    settings = TrainSettings()
    batches = Batches(corpus, settings.batch_tokens, settings.seed)
    filled = fill_in(ModelSettings(model=arguments.model, preset=arguments.preset), tokenizers.joint)
    runs = {}
    for precision in ("float32", "bfloat16"):
        model = build_model(filled, tokenizers.source.size, tokenizers.target.size, 1, precision)
        runs[precision] = train_step(model, settings, parallel)
    speeds: dict[str, list[float]] = {precision: [] for precision in runs}
    for number in range(2 * arguments.steps):
        batch = batches.batch(number % arguments.steps)
        for precision, step in runs.items():  # in turn, so that both see the same machine
            began = time.perf_counter()
            _, tokens, _ = (float(value) for value in step.update([batch], number, 1e-3))
            if number >= arguments.steps:
                speeds[precision].append(tokens / (time.perf_counter() - began))
    for precision, found in speeds.items():
        print(
            f"{precision:>8}  median {statistics.median(found):,.0f} target tokens/s over {len(found)} steps"
        )


if __name__ == "__main__":
    main()
