"""The model holds to keras.ops: with the same weights TensorFlow and JAX give the same logits, steps, updates
and translations.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.support.commands import QUICK

pytest.importorskip("jax")

SHAPES = {
    "lstm": {"coverage": True},
    "gru": {
        "cell": "gru",
        "attention": "general",
        "layer_norm": True,
        "encoder_layers": 3,
        "decoder_layers": 3,
    },
    "transformer": {
        "model": "transformer",
        "heads": 2,
        "feed_forward_width": 12,
        "encoder_layers": 2,
        "decoder_layers": 2,
    },
    "post": {
        "model": "transformer",
        "heads": 2,
        "norm": "post",
        "positions": "learned",
        "activation": "swiglu",
    },
    "rotary": {"model": "transformer", "heads": 2, "positions": "rotary"},
    "relative": {"model": "transformer", "heads": 2, "positions": "relative"},
    "alibi": {"model": "transformer", "heads": 2, "positions": "alibi"},
}
# Writes what a backend makes of the same weights and text into a file.
PROGRAM = """
import json
import sys
import numpy as np
from mtkit.data.batching import Batch
from mtkit.engines.step_engine import EngineStep, StepEngine
from mtkit.engines.forced import forced
from mtkit.engines.keras_engine import keras_functions
from mtkit.model.build import build_model, fill_in
from mtkit.search.beam import beam_search
from mtkit.search.open_hypotheses import Limits
from mtkit.search.shortlist import OUT, Shortlist, filled_up
from mtkit.settings.train import ModelSettings, TrainSettings
from mtkit.training.compiled_step import train_step

shapes, name, V = json.loads(sys.argv[1]), sys.argv[2], 30
draw = np.random.default_rng(1)
batches = [Batch(*(draw.integers(4, V, (3, length)).astype(np.int32) for length in (7, 6, 6))) for _ in range(2)]
for batch in batches:
    batch.source[1, 4:] = batch.target_out[2, 3:] = 0
source, target_in = batches[0].source, batches[0].target_in
found = {}

# Searches longer than there is room for at first, with and without a shortlist, and the judgement of a given text.
def decoded(model):
    engine = StepEngine(keras_functions(model))
    ids = filled_up(np.arange(V - 5))
    shortlist = Shortlist(ids, np.where((ids + np.arange(3)[:, None]) % 5 == 4, OUT, 0).astype(np.float32))
    for kind, few in (("plain", None), ("shortlist", shortlist)):
        hypotheses = beam_search(EngineStep(engine, 4, shortlist=few), engine.start(source), 3, Limits(np.array([40, 20, 5])), best=3)
        for row, every in enumerate(hypotheses):
            for place, one in enumerate(every):
                yield f"{kind} {row} {place}", np.array(one.ids)
                yield f"{kind} score {row} {place}", one.score
    for row, one in enumerate(forced(engine, source, [[5] * 35, [6, 7], [8] * 17], keep_attention=True)):
        yield from ((f"{kind} {row}", value) for kind, value in one._asdict().items())

# Two updates, of two batches each. Adam would make as much of a gradient that is nothing but rounding as of another.
def updated(model):
    step = train_step(model, TrainSettings(accumulate_batches=2, optimizer="sgd"))
    for number in range(2):
        sums = step.update(batches, number, 0.5)
        yield from ((f"sum {number} {place}", value) for place, value in enumerate(sums))
    yield "evaluated", np.array(step.evaluate(batches[0]))
    for kind, variables in (("weight", step.variables), ("average", step.averages), ("optimizer", step.optimizer.variables)):
        yield from ((f"{kind} {number}", variable.value) for number, variable in enumerate(variables))

for shape, changes in shapes.items():
    widths = {} if "model" in changes else {"encoder_width": 8, "decoder_width": 8, "output_dropout": 0.0}
    inner = {"attention_dropout": 0.0, "activation_dropout": 0.0} if "model" in changes else {}
    plain = {"embedding_dropout": 0.0, "layer_dropout": 0.0, **widths, **inner}
    settings = ModelSettings(preset="tiny", embedding_width=8, **plain, **changes)
    model = build_model(fill_in(settings, True), V, V)
    weights = np.random.default_rng(2)
    for variable in model.trainable_variables:
        variable.assign(weights.normal(size=variable.shape, scale=0.3))
    found[f"{shape} logits"] = model((source, target_in))
    for make in (decoded, updated):
        found |= {f"{shape} {make.__name__} {key}": value for key, value in make(model)}
np.savez(name, **{key: np.asarray(value) for key, value in found.items()})
"""  # noqa: E501


@pytest.mark.slow
@pytest.mark.parametrize("names", [["transformer"], ["lstm", "gru", "post"], ["rotary", "relative", "alibi"]])
def test_backends_agree(names, tmp_path):
    shapes = {name: SHAPES[name] for name in names}
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PROGRAM, json.dumps(shapes), tmp_path / backend],
            stderr=subprocess.PIPE,
            env={**os.environ, "KERAS_BACKEND": backend},
            text=True,
        )
        for backend in ("tensorflow", "jax")
    ]
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    ours, theirs = (np.load(tmp_path / f"{backend}.npz") for backend in ("tensorflow", "jax"))
    assert ours.files == theirs.files and len(ours.files) > 60
    for name in ours.files:
        np.testing.assert_allclose(theirs[name], ours[name], atol=2e-4, rtol=1e-4, err_msg=name)


# mtkit where there is no TensorFlow.
WITHOUT_TENSORFLOW = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "tensorflow":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from mtkit.cli.main import main
main()
"""


def with_jax(*arguments, cwd):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, *map(str, arguments)],
        cwd=cwd,
        input="A dog sees the cat.\n\nIt sleeps.\n",
        capture_output=True,
        text=True,
        # What is compiled is run but once or twice, so that making it fast only takes time.
        env={**os.environ, "KERAS_BACKEND": "jax", "XLA_FLAGS": "--xla_backend_optimization_level=0"},
        check=False,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    return done


def test_what_one_backend_trained_the_other_goes_on_with(trained, tmp_path, mtkit):
    shutil.copytree(trained / "checkpoint", "checkpoint")
    small = (
        "--embedding-width",
        8,
        "--feed-forward-width",
        8,
        "--heads",
        2,
        "--encoder-layers",
        1,
        "--decoder-layers",
        1,
    )
    often = ("--validate-every-steps", 2, "--validation-lines", 4)
    train = (
        "train",
        "--force",
        "--model",
        "transformer",
        *small,
        *QUICK,
        "--max-steps",
        2,
        *often,
        "--export",
    )
    done = with_jax(*train, cwd=tmp_path)
    assert "reached --max-steps 2 at step 2" in done.stderr
    assert (
        "warning: nothing was exported: an export is made by TensorFlow, and KERAS_BACKEND is 'jax'"
        in done.stderr
    )
    translate = ("translate", "--max-length-factor", 0.5)
    theirs = with_jax(*translate, cwd=tmp_path).stdout
    Path("input").write_text("A dog sees the cat.\n\nIt sleeps.\n")
    assert mtkit(*translate, "input")[:2] == (0, theirs)
    code, _, err = mtkit("train", "--max-steps", 3)
    assert code == 0 and "going on" in err and "at step 3" in err, err


def test_a_backend_that_does_not_run_the_model(trained):
    command = [sys.executable, "-m", "mtkit", "translate", "-C", trained / "checkpoint", "--engine", "keras"]
    environment = {**os.environ, "KERAS_BACKEND": "other"}
    done = subprocess.run(
        command, input="a dog\n", capture_output=True, text=True, env=environment, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "mtkit: KERAS_BACKEND is 'other'; the model runs on tensorflow and jax\n"
