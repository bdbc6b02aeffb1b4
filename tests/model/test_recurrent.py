"""The hand-written gradients against automatic differentiation, and against finite differences."""

import numpy as np
import pytest
import tensorflow as tf

from mtkit.model.cells import CELLS, hidden_part
from mtkit.model.recurrent import run_cell

WIDTH, BATCH, TIME = 5, 3, 4


def arrays(cell, seed=0):
    random = np.random.default_rng(seed)
    gates = WIDTH * CELLS[cell].gates
    inputs = random.normal(size=(TIME, BATCH, gates)).astype(np.float32)
    recurrent = (random.normal(size=(WIDTH, gates)) * 0.5).astype(np.float32)
    weight = random.normal(size=(TIME, BATCH, WIDTH)).astype(np.float32)
    gain = random.normal(size=gates).astype(np.float32)
    return tf.constant(inputs), tf.constant(recurrent), tf.constant(weight), tf.constant(gain)


def unrolled(cell, inputs, recurrent, gain):
    state = (tf.zeros((BATCH, WIDTH)),) * CELLS[cell].states
    outputs = []
    for position in range(TIME):
        hidden, _ = hidden_part(state[0] @ recurrent, gain)
        state, _ = CELLS[cell].forward(inputs[position], hidden, state)
        outputs.append(state[0])
    return tf.stack(outputs)


@pytest.mark.parametrize("normal", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_equal_automatic_differentiation(cell, normal):
    inputs, recurrent, weight, gain = arrays(cell)
    gain = gain if normal else None
    watched = [inputs, recurrent, gain] if normal else [inputs, recurrent]

    @tf.function(autograph=False)
    def ours():
        with tf.GradientTape() as tape:
            tape.watch(watched)
            outputs = run_cell(cell, inputs, recurrent, "float32", gain)
            total = tf.reduce_sum(outputs * weight)
        return outputs, *tape.gradient(total, watched)

    with tf.GradientTape() as tape:
        tape.watch(watched)
        outputs = unrolled(cell, inputs, recurrent, gain)
        total = tf.reduce_sum(outputs * weight)
    expected = (outputs, *tape.gradient(total, watched))
    for got, want in zip(ours(), expected, strict=True):
        np.testing.assert_allclose(got, want, atol=2e-6)
    np.testing.assert_allclose(
        run_cell(cell, inputs, recurrent, "float32", gain, training=False), expected[0], atol=2e-6
    )


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_equal_finite_differences(cell):
    inputs, recurrent, weight, _ = arrays(cell, seed=1)
    with tf.GradientTape() as tape:
        tape.watch(recurrent)
        total = tf.reduce_sum(run_cell(cell, inputs, recurrent, "float32") * weight)
    gradient = tape.gradient(total, recurrent).numpy()
    for row, column in [(0, 0), (2, 7), (4, 14)]:
        shift = np.zeros(recurrent.shape, np.float32)
        shift[row, column] = 1e-2
        above = tf.reduce_sum(run_cell(cell, inputs, recurrent + shift, "float32") * weight)
        below = tf.reduce_sum(run_cell(cell, inputs, recurrent - shift, "float32") * weight)
        assert float(above - below) / 2e-2 == pytest.approx(gradient[row, column], rel=2e-2, abs=2e-3)


def test_layer_normalisation_by_hand():
    """1, 2, 3 less their mean over their deviation, the root of 2/3; then times the gain."""
    normal, _ = hidden_part(tf.constant([[1.0, 2.0, 3.0]]), tf.constant([2.0, 1.0, 1.0]))
    np.testing.assert_allclose(normal[0], [-2 * 1.5**0.5, 0.0, 1.5**0.5], atol=1e-4)


def test_lstm_by_hand():
    """One unit, one step: i = f = o = sigmoid(0) = 0.5, candidate = tanh(1); c = 0.5 tanh(1), h = 0.5
    tanh(c).
    """
    inputs = tf.constant([[[0.0, 0.0, 0.0, 1.0]]])
    output = run_cell("lstm", inputs, tf.zeros((1, 4)), "float32")
    assert float(output[0, 0, 0]) == pytest.approx(0.5 * np.tanh(0.5 * np.tanh(1.0)), abs=1e-6)


def test_gru_by_hand():
    """One unit, one step from zero: u = 0.5, candidate = tanh(1); h = 0.5 tanh(1)."""
    output = run_cell("gru", tf.constant([[[0.0, 0.0, 1.0]]]), tf.zeros((1, 3)), "float32")
    assert float(output[0, 0, 0]) == pytest.approx(0.5 * np.tanh(1.0), abs=1e-6)
