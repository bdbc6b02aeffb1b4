"""Training speed of a preset on a prepared checkpoint directory, in each precision and with each kind of
positions: real target tokens a second.

    python benchmarks/train_step.py CHECKPOINT_DIR --preset small
    KERAS_BACKEND=jax python benchmarks/train_step.py CHECKPOINT_DIR --model transformer \\
        --preset tiny --steps 30
    python benchmarks/train_step.py CHECKPOINT_DIR --model transformer --preset tiny \\
        --precisions float32 --positions sinusoidal rotary alibi

Each batch is trained on once before it is timed: JAX compiles for each shape.
"""

import argparse
import itertools
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
    parser.add_argument("--precisions", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--positions", nargs="+", default=["sinusoidal"], help="of a Transformer")
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
    runs = {}
    for positions, precision in itertools.product(arguments.positions, arguments.precisions):
        shape = ModelSettings(model=arguments.model, preset=arguments.preset, positions=positions)
        filled = fill_in(shape, tokenizers.joint)
        model = build_model(filled, tokenizers.source.size, tokenizers.target.size, 1, precision)
        name = precision if len(arguments.positions) == 1 else f"{positions} {precision}"
        runs[name] = train_step(model, settings, parallel)
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(2 * arguments.steps):
        batch = batches.batch(number % arguments.steps)
        for name, step in runs.items():  # in turn, so that all see the same machine
            began = time.perf_counter()
            _, tokens, _ = (float(value) for value in step.update([batch], number, 1e-3))
            if number >= arguments.steps:
                speeds[name].append(tokens / (time.perf_counter() - began))
    for name, found in speeds.items():
        print(f"{name:>19}  median {statistics.median(found):,.0f} target tokens/s over {len(found)} steps")


if __name__ == "__main__":
    main()
