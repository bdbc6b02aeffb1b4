"""Attention scores against numpy, the decoder loop's gradients against automatic differentiation and finite
differences.
"""

import itertools

import numpy as np
import pytest
import tensorflow as tf

from mtkit.model.attention import (
    MASKED,
    DecoderState,
    DecoderWeights,
    Memory,
    attend,
    decoder_step,
    run_decoder,
    step_matrices,
)
from mtkit.model.recurrent import CELLS

B, S, T, D, R = 3, 5, 4, 6, 7
# (cell, score, input feeding, layer normalisation)
COMBINATIONS = list(
    itertools.product(CELLS, ["additive", "covering", "product", "none"], [True, False], [True])
)
COMBINATIONS += list(itertools.product(CELLS, ["additive", "none"], [True], [False]))


def normal(random, *shape):
    return tf.constant((random.normal(size=shape) * 0.5).astype(np.float32))


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("kind", ["additive", "covering", "product"])
def test_attention_weights_equal_numpy(kind, scaled):
    random = np.random.default_rng(0)
    keys, query, vector = random.normal(size=(B, S, D)), random.normal(size=(B, D)), random.normal(size=D)
    coverage, slope = random.normal(size=(B, S)), random.normal(size=D) * (kind == "covering")
    bias = np.zeros((B, S))
    bias[1, 3:] = MASKED
    expected = np.zeros((B, S))
    for b, s in itertools.product(range(B), range(S)):
        hidden = np.tanh(query[b] + keys[b, s] + coverage[b, s] * slope)
        score = query[b] @ keys[b, s] if kind == "product" else vector @ hidden
        expected[b, s] = score / (np.sqrt(D) if scaled else 1.0) + bias[b, s]
    expected = softmax(expected)
    memory = Memory(tf.constant(keys, tf.float32), None, tf.constant(bias, tf.float32))
    matrices = step_matrices("gru", DecoderWeights(*[None] * 6))._replace(
        score=None if kind == "product" else tf.constant(vector, tf.float32),
        coverage=tf.constant(slope, tf.float32) if kind == "covering" else None,
    )
    got = attend(tf.constant(query, tf.float32), tf.constant(coverage, tf.float32), matrices, memory, scaled)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    assert np.all(got.numpy()[1, 3:] == 0)


def parts(cell, kind, feeding, normal_gates=False, seed=0):
    """Weights, memory, inputs, first state, dropout factors, and the list of all that has a gradient."""
    random = np.random.default_rng(seed)
    gates = D * CELLS[cell].gates
    attending, additive, covering = kind != "none", kind in ("additive", "covering"), kind == "covering"
    weights = DecoderWeights(
        normal(random, D, gates),
        normal(random, R, gates) if feeding else None,
        normal(random, D, D) if additive else None,
        normal(random, D) if additive else None,
        normal(random, D, R),
        normal(random, D, R) if attending else None,
        normal(random, D) if covering else None,
        normal(random, gates) if normal_gates else None,
    )
    bias = np.zeros((B, S), np.float32)
    bias[1, 3:] = MASKED
    memory = Memory(None, None, None)
    if attending:
        rate = 0.7 + normal(random, B, S) if covering else None
        memory = Memory(normal(random, B, S, D), normal(random, B, S, D), tf.constant(bias), rate)
    inputs = normal(random, T, B, gates)
    initial = tuple(normal(random, B, D) for _ in range(CELLS[cell].states))
    factors = normal(random, T, B, R)
    memories = (memory.keys, memory.values, memory.rate)
    watched = [inputs, *initial, *(one for one in (*weights, *memories) if one is not None)]
    return weights, memory, inputs, initial, factors, watched


def upstream():
    return normal(np.random.default_rng(9), T, B, R)


@pytest.mark.parametrize(("cell", "kind", "feeding", "normal_gates"), COMBINATIONS)
def test_decoder_gradients_equal_automatic_differentiation(cell, kind, feeding, normal_gates):
    weights, memory, inputs, initial, factors, watched = parts(cell, kind, feeding, normal_gates)

    @tf.function(autograph=False)
    def ours():
        with tf.GradientTape() as tape:
            tape.watch(watched)
            outputs = run_decoder(cell, inputs, initial, weights, memory, factors, True, "float32")
            total = tf.reduce_sum(outputs * upstream())
        return outputs, *tape.gradient(total, watched)

    with tf.GradientTape() as tape:
        tape.watch(watched)
        matrices = step_matrices(cell, weights)
        state, outputs = (
            DecoderState(initial, tf.zeros((B, R)), tf.zeros((B, S)) if kind == "covering" else 0.0),
            [],
        )
        for position in range(T):
            state, *_ = decoder_step(cell, inputs[position], state, matrices, memory, True)
            state = state._replace(feed=state.feed * factors[position])
            outputs.append(state.feed)
        outputs = tf.stack(outputs)
        total = tf.reduce_sum(outputs * upstream())
    expected = (outputs, *tape.gradient(total, watched))
    for got, want in zip(ours(), expected, strict=True):
        np.testing.assert_allclose(got, want, atol=5e-6)


@pytest.mark.parametrize("kind", ["additive", "covering", "product"])
def test_decoder_gradients_equal_finite_differences(kind):
    weights, memory, inputs, initial, factors, _ = parts("lstm", kind, True, True, seed=3)

    def total(readout_state, keys):
        changed = weights._replace(readout_state=readout_state)
        outputs = run_decoder(
            "lstm", inputs, initial, changed, memory._replace(keys=keys), factors, False, "float32"
        )
        return tf.reduce_sum(outputs * upstream())

    at = [weights.readout_state, memory.keys]
    with tf.GradientTape() as tape:
        tape.watch(at)
        value = total(*at)
    for which, gradient in enumerate(tape.gradient(value, at)):
        index = (1, 2) if which == 0 else (0, 1, 2)
        shift = np.zeros(at[which].shape, np.float32)
        shift[index] = 1e-2
        above, below = list(at), list(at)
        above[which], below[which] = at[which] + shift, at[which] - shift
        assert float(total(*above) - total(*below)) / 2e-2 == pytest.approx(
            float(gradient[index]), rel=2e-2, abs=2e-3
        )
