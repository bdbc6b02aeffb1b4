"""The model holds to keras.ops: with the same weights TensorFlow and JAX give the same logits, steps, loss and gradients."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("jax")

SHAPES = {
    "lstm": {"coverage": True},
    "gru": {"cell": "gru", "attention": "general", "layer_norm": True, "encoder_layers": 3, "decoder_layers": 3},
    "transformer": {"model": "transformer", "heads": 2, "feed_forward_width": 12, "encoder_layers": 2, "decoder_layers": 2},
    "post": {"model": "transformer", "heads": 2, "norm": "post", "positions": "learned", "activation": "swiglu"},
}
# Writes what a backend makes of the same weights and text into a file.
PROGRAM = """
import json
import sys
import mtkit.model
import keras
import numpy as np
from keras import ops
from mtkit.model.build import build_model, fill_in
from mtkit.settings import ModelSettings
from mtkit.training.loss import smoothed_cross_entropy

shapes, name, V = json.loads(sys.argv[1]), sys.argv[2], 30
draw = np.random.default_rng(1)
source, target_in, target_out = (draw.integers(4, V, (3, 6)).astype(np.int32) for _ in range(3))
source[1, 4:] = target_out[2, 3:] = 0
found = {}

def loss(model):
    readouts = ops.reshape(model.readouts(source, target_in, True), (-1, 8))
    targets = target_out.T.reshape(-1)
    real = ops.convert_to_tensor((targets != 0).astype(np.float32))
    output = ops.copy(model.output_matrix), ops.copy(model.output_bias)
    return smoothed_cross_entropy(readouts, *output, ops.convert_to_tensor(targets), real, 0.1)[0]

def gradients(model):
    if keras.backend.backend() == "jax":
        import jax

        def of_values(values):
            with keras.StatelessScope(list(zip(model.trainable_variables, values))):
                return loss(model)

        return jax.jit(jax.value_and_grad(of_values))([variable.value for variable in model.trainable_variables])
    import tensorflow as tf

    with tf.GradientTape() as tape:
        value = loss(model)
    return value, map(tf.convert_to_tensor, tape.gradient(value, [variable.value for variable in model.trainable_variables]))

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
    memory, state = model.start(source)
    for position in range(3):
        readout, attention, state = model.step(target_in[:, position], state, memory)
    found[f"{shape} step"], found[f"{shape} attention"] = readout, attention
    found[f"{shape} loss"], every = gradients(model)
    found |= {f"{shape} gradient {number}": gradient for number, gradient in enumerate(every)}
np.savez(name, **{key: np.asarray(value) for key, value in found.items()})
"""


@pytest.mark.parametrize("names", [["transformer"], pytest.param(["lstm", "gru", "post"], marks=pytest.mark.slow)])
def test_backends_agree(names, tmp_path):
    shapes = {name: SHAPES[name] for name in names}
    running = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", PROGRAM, json.dumps(shapes), tmp_path / backend], stderr=subprocess.PIPE,
            env={**os.environ, "KERAS_BACKEND": backend}, text=True,
        )
        for backend in ("tensorflow", "jax")
    ]  # fmt: skip
    for process in running:
        _, errors = process.communicate()
        assert process.returncode == 0, errors
    ours, theirs = (np.load(tmp_path / f"{backend}.npz") for backend in ("tensorflow", "jax"))
    assert ours.files == theirs.files and len(ours.files) > 30
    for name in ours.files:
        np.testing.assert_allclose(theirs[name], ours[name], atol=2e-4, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize(
    ("backend", "words"),
    [
        ("jax", "training and '--engine keras' run on TensorFlow, and KERAS_BACKEND is 'jax': unset it, or translate with what"),
        ("other", "KERAS_BACKEND is 'other'; the model runs on tensorflow and jax"),
    ],
)
def test_what_runs_on_tensorflow_alone_says_so(trained, backend, words):
    command = [sys.executable, "-m", "mtkit", "translate", "-C", trained / "checkpoint", "--engine", "keras"]
    environment = {**os.environ, "KERAS_BACKEND": backend}
    done = subprocess.run(command, input="a dog\n", capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"mtkit: {words}")
