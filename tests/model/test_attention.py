"""Attention scores against numpy, the decoder loop's gradients against automatic differentiation and finite
differences.
"""

import dataclasses
import itertools

import numpy as np
import pytest
import tensorflow as tf

from mtkit.model.additive_attention import AdditiveAttention
from mtkit.model.attention import MASKED, SourceMemory
from mtkit.model.cells import CELLS
from mtkit.model.decoder import Decoder, DecoderKind, DecoderState, DecoderWeights, run_decoder
from mtkit.model.dot_attention import GeneralAttention

B, S, T, D, R = 3, 5, 4, 6, 7
# (cell, score, input feeding, layer normalisation)
COMBINATIONS = list(
    itertools.product(CELLS, ["additive", "covering", "product", "none"], [True, False], [True])
)
COMBINATIONS += list(itertools.product(CELLS, ["additive", "none"], [True], [False]))
KINDS = {
    "additive": AdditiveAttention,
    "covering": AdditiveAttention,
    "product": GeneralAttention,
    "none": None,
}


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
    memory = SourceMemory(tf.constant(keys, tf.float32), None, tf.constant(bias, tf.float32))
    weights = {}
    if kind != "product":
        weights = {"query": tf.eye(D), "score": tf.constant(vector, tf.float32)}
    if kind == "covering":
        weights["coverage"] = tf.constant(slope, tf.float32)
    attention = KINDS[kind](weights, memory, scaled)
    got, _ = attention.attend(tf.constant(query, tf.float32), tf.constant(coverage, tf.float32))
    np.testing.assert_allclose(got, expected, atol=1e-6)
    assert np.all(got.numpy()[1, 3:] == 0)


def parts(cell, kind, feeding, normal_gates=False, seed=0):
    """Weights, memory, inputs, first state, dropout factors, and the list of all that has a gradient."""
    random = np.random.default_rng(seed)
    gates = D * CELLS[cell].gates
    attending, additive, covering = kind != "none", kind in ("additive", "covering"), kind == "covering"
    attention = {"query": normal(random, D, D), "score": normal(random, D)} if additive else {}
    if covering:
        attention["coverage"] = normal(random, D)
    weights = DecoderWeights(
        recurrent=normal(random, D, gates),
        feed=normal(random, R, gates) if feeding else None,
        readout_state=normal(random, D, R),
        readout_context=normal(random, D, R) if attending else None,
        gain=normal(random, gates) if normal_gates else None,
        attention=attention,
    )
    bias = np.zeros((B, S), np.float32)
    bias[1, 3:] = MASKED
    memory = SourceMemory()
    if attending:
        rate = 0.7 + normal(random, B, S) if covering else None
        memory = SourceMemory(normal(random, B, S, D), normal(random, B, S, D), tf.constant(bias), rate)
    inputs = normal(random, T, B, gates)
    initial = tuple(normal(random, B, D) for _ in range(CELLS[cell].states))
    factors = normal(random, T, B, R)
    own = [value for name, value in weights.present().items() if name != "attention"]
    memories = [array for array in (memory.keys, memory.values, memory.rate) if array is not None]
    watched = [inputs, *initial, *own, *attention.values(), *memories]
    return weights, memory, inputs, initial, factors, watched


def upstream():
    return normal(np.random.default_rng(9), T, B, R)


@pytest.mark.parametrize(("cell", "kind", "feeding", "normal_gates"), COMBINATIONS)
def test_decoder_gradients_equal_automatic_differentiation(cell, kind, feeding, normal_gates):
    weights, memory, inputs, initial, factors, watched = parts(cell, kind, feeding, normal_gates)
    decoder_kind = DecoderKind(CELLS[cell], KINDS[kind], scaled=True)

    @tf.function(autograph=False)
    def ours():
        with tf.GradientTape() as tape:
            tape.watch(watched)
            outputs = run_decoder(decoder_kind, inputs, initial, weights, memory, factors, "float32")
            total = tf.reduce_sum(outputs * upstream())
        return outputs, *tape.gradient(total, watched)

    with tf.GradientTape() as tape:
        tape.watch(watched)
        decoder = Decoder(decoder_kind, weights, memory)
        state, outputs = (
            DecoderState(initial, tf.zeros((B, R)), tf.zeros((B, S)) if kind == "covering" else 0.0),
            [],
        )
        for position in range(T):
            state = decoder.step(inputs[position], state).state
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
        changed = dataclasses.replace(weights, readout_state=readout_state)
        decoder_kind = DecoderKind(CELLS["lstm"], KINDS[kind])
        outputs = run_decoder(
            decoder_kind, inputs, initial, changed, memory._replace(keys=keys), factors, "float32"
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
