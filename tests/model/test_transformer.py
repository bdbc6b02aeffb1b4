"""The Transformer: what it computes, against numpy and against itself, step by step and all at once."""

from dataclasses import replace

import numpy as np
import pytest

from mtkit.errors import SettingsError
from mtkit.model.build import build_model, fill_in
from mtkit.model.flops import forward_flops
from mtkit.settings.train import ModelSettings
from tests.support.model_checks import (
    TINY_TRANSFORMER,
    V,
    copy_batch,
    learns_to_copy,
    padding_changes_nothing,
    steps_equal_the_whole,
    trains_and_translates,
)

SHAPES = [
    {},
    {"norm": "post"},
    {"positions": "learned"},
    {"activation": "gelu"},
    {"activation": "swiglu", "tie_embeddings": "none"},
    {"alignment_layer": 2, "alignment_head": 1},
]


def model(**changes):
    return build_model(fill_in(replace(TINY_TRANSFORMER, **changes), True), V, V, seed=1)


@pytest.mark.filterwarnings("ignore:You are using a softmax")  # over the first position alone
@pytest.mark.parametrize("shape", SHAPES)
def test_decoding_steps_equal_the_teacher_forced_pass(shape):
    steps_equal_the_whole(model(**shape))


@pytest.mark.parametrize("shape", SHAPES)
def test_padding_changes_nothing(shape):
    padding_changes_nothing(model(**shape))


def test_what_comes_later_changes_nothing():
    net = model()
    batch = copy_batch(5, rows=2)
    other = batch.target_in.copy()
    other[:, -1] = 7
    plain, changed = (net((batch.source, given)).numpy() for given in (batch.target_in, other))
    np.testing.assert_allclose(plain[:, :-1], changed[:, :-1], atol=1e-6)
    assert np.abs(plain[:, -1] - changed[:, -1]).max() > 1e-3


@pytest.mark.parametrize(
    "shape", [*SHAPES[:1], *(pytest.param(shape, marks=pytest.mark.slow) for shape in SHAPES[1:])]
)
def test_every_shape_trains_and_translates(shape):
    net = model(
        **shape,
        encoder_layers=1,
        attention_dropout=0.1,
        activation_dropout=0.1,
        layer_dropout=0.1,
        stochastic_depth=0.1,
    )
    trains_and_translates(net, 40, 0.01)


@pytest.mark.slow
def test_it_learns_to_copy():
    learns_to_copy(model(embedding_width=32, feed_forward_width=64, heads=4), 300, 0.003)


def softmax(x):
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def numpy_attention(x, memory, weights, heads, causal=False):
    """Attention of one sentence, [T, E] to [M, E], head by head (Vaswani et al. 2017, eq. 1)."""
    queries, memory_pair, output = (part.matrix.numpy() for part in weights[:3])
    width = x.shape[1]
    found = []
    for head in range(heads):
        own = slice(head * width // heads, (head + 1) * width // heads)
        q, k, v = (
            x @ queries[:, own],
            memory @ memory_pair[:, :width][:, own],
            memory @ memory_pair[:, width:][:, own],
        )
        scores = q @ k.T / np.sqrt(width / heads)
        if causal:
            scores[np.triu_indices_from(scores, 1)] = -np.inf
        found.append(softmax(scores) @ v)
    return np.concatenate(found, axis=1) @ output


def numpy_normal(x):
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)


def numpy_feed(x, weights):
    return np.maximum(x @ weights.inner.matrix.numpy(), 0.0) @ weights.outer.matrix.numpy()


@pytest.mark.parametrize("norm", ["pre", "post"])
def test_the_whole_by_numpy(norm):
    """One sentence through one layer of each side; biases are 0 and gains 1 at the start."""
    net = model(norm=norm, encoder_layers=1, decoder_layers=1)
    source, target = np.array([[5, 6, 7, 3]]), np.array([[2, 8, 9]])
    embeddings = net.target_embeddings.numpy()

    def enter(ids):
        half = 4
        angles = np.arange(len(ids))[:, None] / 10_000.0 ** (np.arange(half) / (half - 1))
        return embeddings[ids] * np.sqrt(8) + np.concatenate([np.sin(angles), np.cos(angles)], axis=1)

    def sublayer(x, function):
        return x + function(numpy_normal(x)) if norm == "pre" else numpy_normal(x + function(x))

    def leave(x):
        return numpy_normal(x) if norm == "pre" else x

    encoder, decoder = net.encoder[0], net.decoder[0]
    x = sublayer(enter(source[0]), lambda x: numpy_attention(x, x, encoder.self_attention, 2))
    memory = leave(sublayer(x, lambda x: numpy_feed(x, encoder.feed_forward)))
    y = sublayer(enter(target[0]), lambda x: numpy_attention(x, x, decoder.self_attention, 2, causal=True))
    y = sublayer(y, lambda x: numpy_attention(x, memory, decoder.cross, 2))
    y = leave(sublayer(y, lambda x: numpy_feed(x, decoder.feed_forward)))
    np.testing.assert_allclose(net((source, target)).numpy()[0], y @ embeddings.T, atol=2e-5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"embedding_width": 9}, "a multiple of heads. Received: 9 and 2"),
        ({"alignment_layer": 3}, "alignment_layer is at most decoder_layers"),
        ({"alignment_head": 3}, "alignment_head at most heads"),
        ({"cell": "gru"}, "--cell: for --model rnn alone, and this is --model transformer"),
        (
            {"model": "rnn"},
            "--heads, --feed-forward-width, .*: for --model transformer alone, and this is --model rnn",
        ),
    ],
)
def test_what_does_not_go_together(changes, message):
    with pytest.raises(SettingsError, match=message):
        fill_in(replace(TINY_TRANSFORMER, **changes), True)


def test_presets_and_operations():
    filled = fill_in(ModelSettings(preset="tiny", model="transformer"), True)
    assert (filled.encoder_layers, filled.decoder_layers, filled.embedding_width) == (4, 4, 128)
    assert (filled.feed_forward_width, filled.heads, filled.alignment_layer) == (256, 4, 3)
    net = build_model(filled, 8000, 8000)
    encoder_layer, cross = 4 * 128**2 + 2 * 128 * 256, 2 * 128**2
    by_hand = (
        4 * encoder_layer * 10
        + 4 * cross * 10
        + (4 * (encoder_layer + cross) + 8000 * 128) * 12
        + 2 * 128 * 12 * 120
    )
    assert forward_flops(net, 10, 12, 120) == 2 * by_hand


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.95])
def test_dropout_keeps_the_mean(rate):
    net = model(layer_dropout=rate)
    ones = np.ones((7, 11, 801), np.float32)
    dropped, again = (np.asarray(net._dropout(ones, rate, True)) for _ in range(2))
    assert abs((dropped == 0).mean() - rate) < 0.01 and abs(dropped.mean() - 1.0) < 0.05
    assert len(np.unique(dropped)) == 2 and (dropped != again).any()
    assert abs(np.corrcoef((dropped.ravel()[:-1], dropped.ravel()[1:]))[0, 1]) < 0.02
    np.testing.assert_array_equal(net._dropout(ones, rate, False), ones)
