"""Trains a checkpoint directory again and again, killing the process (SIGKILL) at a random moment each time,
then to the end.

    python kill_driver.py CHECKPOINT_DIR UNDISTURBED_DIR STEPS KILLS SEED

UNDISTURBED_DIR, a copy, is trained in one go. Prints one JSON object: the step saved after each kill, and at
the end. A process of its own, because it forks with TensorFlow imported but not yet at work, which makes
twenty deaths cheap.
"""

import dataclasses
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from mtkit.arrays import load_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training import loop

MODEL = ModelSettings(preset="tiny", embedding_width=12, encoder_width=12, decoder_width=12)
# Validates, and so saves, at every second step: most moments are moments of writing.
SETTINGS = TrainSettings(
    batch_tokens=64,
    validate_every_steps=2,
    validation_lines=4,
    examples=0,
    warmup_steps=2,
    patience=0,
    export=False,
    precision="float32",
)


def run(directory: Path, steps: int, started: int | None = None) -> None:
    """A child process: trains; writes a byte to `started` at its first update, and one before each of its
    first two saves.
    """
    told = []

    def telling(name, real, times):
        def wrapped(*arguments):
            if started is not None and told.count(name) < times:
                told.append(name)
                os.write(started, b"x")
            real(*arguments)

        return wrapped

    loop.Window.add = telling("update", loop.Window.add, 1)
    loop.save_state = telling("save", loop.save_state, 2)
    loop.train(
        Checkpoint(directory),
        MODEL,
        dataclasses.replace(SETTINGS, max_steps=steps),
    )


def fork(directory: Path, steps: int) -> tuple[int, int]:
    """(process id, descriptor to read the bytes of `run` from)."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        code = 1
        try:
            run(directory, steps, writing)
            code = 0
        finally:
            os._exit(code)
    os.close(writing)
    return child, reading


def saved_step(directory: Path) -> int:
    """The step of the saved state, -1 for none; raises where a weights file does not load."""
    checkpoint = Checkpoint(directory)
    checkpoint.manifest()
    for path in checkpoint.weights.glob("*.safetensors"):
        load_arrays(path)
    states = checkpoint.states()
    return json.loads(load_arrays(states[0])[1]["progress"])["step"] if states else -1


def main() -> None:
    directory, undisturbed = map(Path, sys.argv[1:3])
    steps, kills, seed = map(int, sys.argv[3:])
    dice = random.Random(seed)
    after = []
    for kill in range(kills):
        child, started = fork(directory, steps)
        # In turn within the first update and the first validation, and, as the last time, among the saves
        # that follow in quick order, when one is whole.
        for _ in range(3 if (kill + kills) % 2 else 1):
            os.read(started, 1)
        time.sleep(dice.uniform(0.0, 0.5))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(started)
        after.append(saved_step(directory))
    for folder in (directory, undisturbed):
        child, _ = fork(folder, steps)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if code:
            sys.exit(f"training of {folder} failed with {code}")
    print(json.dumps({"after_kills": after, "end": saved_step(directory)}))


if __name__ == "__main__":
    main()
