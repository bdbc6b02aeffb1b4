"""Where the time of a training step goes, by kind of operation, on one thread; and what a call into
TensorFlow costs.

    python benchmarks/profile_step.py CHECKPOINT_DIR --preset small
    python benchmarks/profile_step.py CHECKPOINT_DIR --model transformer --preset tiny --batch-tokens 2048

A kind's time is that of the operations alone. The first line compares the whole with the arithmetic that the
model needs.
"""

import argparse
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from mtkit.model.hardware import gemm_rate, use_threads

KINDS = {
    "matrix products": ("MatMul",),
    "softmax": ("Softmax",),
    "embedding gradients": ("SegmentSum", "Unique", "Scatter"),
    "tanh, sigmoid": ("Tanh", "Sigmoid"),
    "adding, multiplying": (
        "Add",
        "Mul",
        "Sub",
        "Square",
        "Sum",
        "Neg",
        "RealDiv",
        "Maximum",
        "Select",
        "Log",
        "L2Loss",
        "Cast",
    ),
    "moving": (
        "TensorList",
        "Concat",
        "Slice",
        "Transpose",
        "Pack",
        "Pad",
        "Reshape",
        "Gather",
        "Reverse",
        "Tile",
        "Fill",
    ),
    "dropout's random numbers": ("Random",),
    "optimizer and average": ("fusion",),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--model", default="rnn", choices=("rnn", "transformer"))
    parser.add_argument("--preset", default="small")
    parser.add_argument(
        "--batch-tokens",
        type=int,
        default=1024,
        help="1024: the half of a batch that one of two threads does",
    )
    parser.add_argument("--steps", type=int, default=20)
    arguments = parser.parse_args()
    use_threads(1)

    import tensorflow as tf

    from mtkit.checkpoint import Checkpoint
    from mtkit.data.batching import Batches
    from mtkit.data.store import TokenCorpus
    from mtkit.data.tokenizers import load_tokenizers
    from mtkit.model.build import build_model, fill_in
    from mtkit.model.flops import TRAINING_PASSES
    from mtkit.settings.train import ModelSettings, TrainSettings
    from mtkit.training.bench import batch_flops
    from mtkit.training.tensorflow_step import TensorflowStep

    checkpoint = Checkpoint(arguments.checkpoint)
    corpus, tokenizers = TokenCorpus(checkpoint.data / "train"), load_tokenizers(checkpoint)
    settings = TrainSettings(batch_tokens=arguments.batch_tokens)
    batches = Batches(corpus, settings.batch_tokens, settings.seed)
    filled = fill_in(ModelSettings(preset=arguments.preset, model=arguments.model), tokenizers.joint)
    step = TensorflowStep(build_model(filled, tokenizers.source.size, tokenizers.target.size), settings)
    warm_up = 10
    for number in range(warm_up):
        step.update([batches.batch(number)], number, 1e-3)[0].numpy()
    measured = [batches.batch(number) for number in range(warm_up, warm_up + arguments.steps)]
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(
            folder, tf.profiler.experimental.ProfilerOptions(host_tracer_level=2, python_tracer_level=0)
        )
        began = time.perf_counter()
        for number, batch in enumerate(measured, warm_up):
            step.update([batch], number, 1e-3)[0].numpy()
        seconds = (time.perf_counter() - began) / arguments.steps
        tf.profiler.experimental.stop()
        times = operation_seconds(Path(folder))

    flops = TRAINING_PASSES * sum(batch_flops(step.model, batch) for batch in measured)
    ideal = flops / arguments.steps / gemm_rate("float32", 1)
    print(
        f"a step {seconds * 1e3:.0f} ms; its arithmetic alone, at the speed of a large matrix product,"
        f" {ideal * 1e3:.0f} ms"
    )
    shares = Counter()
    for name, total in times.items():
        kind = next((kind for kind, parts in KINDS.items() if any(part in name for part in parts)), None)
        if kind:
            shares[kind] += total
    # Not summed: the events around operations are among them.
    shares["all else, above all the executor"] = seconds * arguments.steps - sum(shares.values())
    for kind, total in shares.most_common():
        print(
            f"  {kind:<34} {total / arguments.steps * 1e3:6.1f} ms  {total / arguments.steps / seconds:6.1%}"
        )
    print(
        "a call of a compiled function with these arguments that does nothing:"
        f" {call_seconds(measured[0]) * 1e3:.2f} ms"
    )


def operation_seconds(folder: Path) -> Counter:
    """Self time of every kind of operation in a profile."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    space = xplane_pb2.XSpace()
    space.ParseFromString(next(folder.rglob("*.xplane.pb")).read_bytes())
    times: Counter = Counter()
    for plane in space.planes:
        if "CPU" not in plane.name:
            continue
        for line in plane.lines:
            inside: list[tuple[int, str]] = []  # (end, kind) of the operations that the next one lies within
            for event in sorted(line.events, key=lambda event: (event.offset_ps, -event.duration_ps)):
                name = plane.event_metadata[event.metadata_id].name.split(":")[-1].split("#")[0]
                while inside and inside[-1][0] <= event.offset_ps:
                    inside.pop()
                if inside:
                    times[inside[-1][1]] -= event.duration_ps / 1e12
                times[name] += event.duration_ps / 1e12
                inside.append((event.offset_ps + event.duration_ps, name))
    return times


def call_seconds(batch) -> float:
    """Time of a call that does nothing."""
    import tensorflow as tf

    ids = tf.TensorSpec([None, None], tf.int32)
    nothing = tf.function(
        lambda *given: (tf.reduce_sum(given[3]),) * 3, input_signature=[ids] * 3 + [tf.TensorSpec([])]
    )
    times = []
    for _ in range(200):
        began = time.perf_counter()
        for value in nothing(batch.source, batch.target_in, batch.target_out, 0.9):
            np.asarray(value)
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2]


if __name__ == "__main__":
    main()
