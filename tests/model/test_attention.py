"""Attention against numpy, the decoder loop's gradients against automatic ones and finite differences."""

import dataclasses
import itertools

import numpy as np
import pytest
import tensorflow as tf

from mtkit.model.attention import MASKED, SourceMemory
from mtkit.model.attentions import attention_kind
from mtkit.model.cells import CELLS
from mtkit.model.decoder import Decoder, DecoderKind, DecoderState, DecoderWeights
from mtkit.model.decoder_loop import run_decoder
from mtkit.settings.train import ATTENTIONS, ModelSettings

B, S, T, D, R = 3, 5, 4, 6, 7
COVERING = [name for name in ATTENTIONS if (kind := attention_kind(name)) and kind.covers]
# (name of an attention, whether with coverage)
ALL_ATTENTIONS = [*((name, False) for name in ATTENTIONS), *((name, True) for name in COVERING)]
# (cell, attention, whether with coverage, input feeding, layer normalisation)
COMBINATIONS = [
    (cell, *attention, feeding, True)
    for cell, attention, feeding in itertools.product(CELLS, ALL_ATTENTIONS, [True, False])
]
COMBINATIONS += [(cell, name, False, True, False) for cell in CELLS for name in ("additive", "none")]


def normal(random, *shape):
    return tf.constant((random.normal(size=shape) * 0.5).astype(np.float32))


class NewWeights:
    """A model, as far as a kind of attention asks it for weights."""

    def __init__(self, random, covering):
        self.random = random
        self.settings = ModelSettings(encoder_width=D, decoder_width=D, coverage=covering)

    def new_matrix(self, name, rows, columns, trainable=True, spread=None):
        return normal(self.random, rows, columns)

    def new_vector(self, name, width, spread=None, value="zeros"):
        return normal(self.random, width)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize(("name", "covering"), [("additive", False), ("additive", True), ("general", False)])
def test_attention_weights_equal_numpy(name, covering, scaled):
    random = np.random.default_rng(0)
    keys, query, vector = random.normal(size=(B, S, D)), random.normal(size=(B, D)), random.normal(size=D)
    coverage, slope = random.normal(size=(B, S)), random.normal(size=D) * covering
    bias = np.zeros((B, S))
    bias[1, 3:] = MASKED
    expected = np.zeros((B, S))
    for b, s in itertools.product(range(B), range(S)):
        hidden = np.tanh(query[b] + keys[b, s] + coverage[b, s] * slope)
        score = query[b] @ keys[b, s] if name == "general" else vector @ hidden
        expected[b, s] = score / (np.sqrt(D) if scaled else 1.0) + bias[b, s]
    expected = softmax(expected)
    memory = SourceMemory(tf.constant(keys, tf.float32), None, tf.constant(bias, tf.float32))
    weights = {}
    if name == "additive":
        weights = {"query": tf.eye(D), "score": tf.constant(vector, tf.float32)}
    if covering:
        weights["coverage"] = tf.constant(slope, tf.float32)
    attention = attention_kind(name)(weights, memory, scaled)
    got, _ = attention.attend(tf.constant(query, tf.float32), tf.constant(coverage, tf.float32))
    np.testing.assert_allclose(got, expected, atol=1e-6)
    assert np.all(got.numpy()[1, 3:] == 0)


def parts(cell, name, covering, feeding, normal_gates=False, seed=0):
    """Weights, memory, inputs, first state, dropout factors, and the list of all that has a gradient."""
    random = np.random.default_rng(seed)
    gates, kind = D * CELLS[cell].gates, attention_kind(name)
    attention = kind.new_weights(NewWeights(random, covering)) if kind else {}
    attention.pop("keys", None)
    weights = DecoderWeights(
        recurrent=normal(random, D, gates),
        feed=normal(random, R, gates) if feeding else None,
        readout_state=normal(random, D, R),
        readout_context=normal(random, D, R) if kind else None,
        gain=normal(random, gates) if normal_gates else None,
        attention=attention,
    )
    bias = np.zeros((B, S), np.float32)
    bias[1, 3:] = MASKED
    memory = SourceMemory()
    if kind:
        rate = 0.7 + normal(random, B, S) if covering else None
        memory = SourceMemory(normal(random, B, S, D), normal(random, B, S, D), tf.constant(bias), rate)
    inputs = normal(random, T, B, gates)
    initial = tuple(normal(random, B, D) for _ in range(CELLS[cell].states))
    factors = normal(random, T, B, R)
    single = {name: value for name, value in weights.present().items() if name != "attention"}
    memories = [array for array in (memory.keys, memory.values, memory.rate) if array is not None]
    watched = [inputs, *initial, *single.values(), *attention.values(), *memories]
    return weights, memory, inputs, initial, factors, watched


def upstream():
    return normal(np.random.default_rng(9), T, B, R)


@pytest.mark.parametrize(("cell", "name", "covering", "feeding", "normal_gates"), COMBINATIONS)
def test_decoder_gradients_equal_automatic_differentiation(cell, name, covering, feeding, normal_gates):
    weights, memory, inputs, initial, factors, watched = parts(cell, name, covering, feeding, normal_gates)
    decoder_kind = DecoderKind(CELLS[cell], attention_kind(name), scaled=True)

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
            DecoderState(initial, tf.zeros((B, R)), tf.zeros((B, S)) if covering else 0.0),
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


@pytest.mark.parametrize(
    ("name", "covering"), [pair for pair in ALL_ATTENTIONS if pair[0] not in ("none", "concat")]
)
def test_decoder_gradients_equal_finite_differences(name, covering):
    weights, memory, inputs, initial, factors, _ = parts("lstm", name, covering, True, True, seed=3)

    def total(readout_state, keys):
        changed = dataclasses.replace(weights, readout_state=readout_state)
        decoder_kind = DecoderKind(CELLS["lstm"], attention_kind(name))
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
