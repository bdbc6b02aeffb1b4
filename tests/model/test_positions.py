"""What tells positions apart: each kind against numbers by hand, against itself, and step by step."""

from dataclasses import replace

import numpy as np
import pytest
from keras import ops

from mtkit.errors import SettingsError
from mtkit.model.alibi_positions import slopes
from mtkit.model.build import build_model, fill_in
from mtkit.model.positions import Places, positions_kind
from mtkit.settings.train import POSITIONS, TrainSettings
from mtkit.training.tensorflow_step import TensorflowStep
from tests.support.model_checks import (
    TINY_TRANSFORMER,
    V,
    copy_batch,
    padding_changes_nothing,
    steps_equal_the_whole,
)

TINY = replace(TINY_TRANSFORMER, encoder_layers=1)
# Those that see distances alone.
OF_DISTANCES = ("rotary", "relative", "alibi")


def model(positions, **changes):
    return build_model(fill_in(replace(TINY, positions=positions, **changes), True), V, V, seed=1)


def places(count, first=0):
    numbers = np.arange(first, first + count, dtype=np.int32)
    return Places(numbers, numbers)


def scores(kind, queries, keys, weights, where):
    """Scores [B, H, T, M] of queries and keys [B, H, T, W], not yet divided by the root of the width."""
    turned = kind.turned(queries, where.queries), kind.turned(keys, where.keys)
    products = np.einsum("bhtw,bhmw->bhtm", *turned)
    return products + np.asarray(kind.biased(0.0, queries, weights, where))


@pytest.mark.filterwarnings("ignore:You are using a softmax")  # over the first position alone
@pytest.mark.parametrize("name", POSITIONS)
def test_decoding_steps_equal_the_teacher_forced_pass(name):
    steps_equal_the_whole(model(name))


@pytest.mark.parametrize("name", POSITIONS)
def test_padding_changes_nothing(name):
    padding_changes_nothing(model(name))


@pytest.mark.parametrize("name", POSITIONS)
def test_the_order_of_words_counts(name):
    """In encoder and decoder: what another source, or another beginning, with the same words says."""
    net = model(name)
    source, target = np.array([[5, 6, 7, 3]]), np.array([[2, 8, 9, 10]])
    plain = net((source, target)).numpy()[0, -1]
    for changed in ((source[:, [2, 1, 0, 3]], target), (source, target[:, [0, 2, 1, 3]])):
        assert np.abs(net(changed).numpy()[0, -1] - plain).max() > 1e-4


@pytest.mark.parametrize("name", POSITIONS)
def test_positions_count_from_behind_the_room(name):
    net = model(name)
    batch = copy_batch(4, rows=3, length=5)
    memory, plain = net.start(batch.source)
    roomy = tuple(ops.pad(array, [(0, 0), (0, 0), (3, 0), (0, 0)], constant_values=7.0) for array in plain)
    for tokens in batch.target_in.T:
        readout, _, plain = net.step(tokens, plain, memory)
        other, _, roomy = net.step(tokens, roomy, memory, 3)
        np.testing.assert_allclose(other, readout, atol=1e-5)


@pytest.mark.parametrize("name", OF_DISTANCES)
def test_scores_depend_on_distances_alone(name):
    """The same words from position 0 and from position 1,000: the same scores."""
    net = model(name)
    weights = net.encoder[0].self_attention.positions
    draw = np.random.default_rng(1)
    queries, keys = (draw.normal(size=(2, 2, 40, 4)).astype(np.float32) for _ in range(2))
    here = scores(net.positions, queries, keys, weights, places(40))
    far = scores(net.positions, queries, keys, weights, places(40, first=1_000))
    np.testing.assert_allclose(far, here, atol=1e-3)
    without = np.einsum("bhtw,bhmw->bhtm", queries, keys)
    assert np.abs(here - without).max() > 0.1
    assert net.positions.added("source", np.arange(3)) is None


def test_learned_positions_behind_the_last_are_like_it():
    vectors = np.asarray(model("learned").positions.added("target", np.array([510, 511, 512, 9_000])))
    np.testing.assert_array_equal(vectors[1:], vectors[[1, 1, 1]])
    assert (vectors[0] != vectors[1]).any()


def test_rotary_by_hand():
    """Two heads of 4 elements: the rates are 1 and 1 / 100, and element 0 is paired with 2, 1 with 3."""
    kind = model("rotary").positions
    x = np.zeros((1, 2, 3, 4), np.float32)
    x[0, 0, :, 0] = 1.0
    x[0, 1, :, 3] = 2.0
    turned = np.asarray(kind.turned(x, np.array([0, 1, 50], np.int32)))
    np.testing.assert_allclose(
        turned[0, 0],
        [[1, 0, 0, 0], [0.540302, 0, 0.841471, 0], [0.964966, 0, -0.262375, 0]],
        atol=1e-5,
    )
    np.testing.assert_allclose(
        turned[0, 1],
        [[0, 0, 0, 2], [0, -0.02, 0, 1.9999], [0, -0.958851, 0, 1.755165]],
        atol=1e-5,
    )


def test_rotary_by_complex_numbers():
    """Pairs as complex numbers, times a number of length 1 (section 3.2.1)."""
    draw = np.random.default_rng(2)
    x = draw.normal(size=(2, 2, 9, 4))
    rates = 10_000.0 ** (-2 * np.arange(2) / 4)
    by_numpy = (x[..., :2] + 1j * x[..., 2:]) * np.exp(1j * np.arange(9)[:, None] * rates)
    turned = np.asarray(model("rotary").positions.turned(x.astype(np.float32), np.arange(9)))
    np.testing.assert_allclose(turned[..., :2] + 1j * turned[..., 2:], by_numpy, atol=1e-5)


def test_rotary_turns_pairs():
    with pytest.raises(SettingsError, match=r"divided by heads is even\. Received: 6 and 2"):
        model("rotary", embedding_width=6)


def test_alibi_by_hand():
    """Of two heads the slopes are 2^-4 and 2^-8; of eight 1/2, 1/4, ... (section 3)."""
    kind = model("alibi").positions
    np.testing.assert_array_equal(slopes(8), [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256])
    bias = np.asarray(kind.biased(0.0, None, None, places(3)))
    distances = np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]])
    np.testing.assert_array_equal(bias, [-distances / 16, -distances / 256])
    (step,) = np.asarray(kind.biased(1.0, None, None, Places(np.array([2]), np.arange(3))))[:1]
    np.testing.assert_array_equal(step, [[1 - 2 / 16, 1 - 1 / 16, 1.0]])


def test_relative_by_hand():
    """Scores of queries with the vector of each distance, one by one; beyond 16 it is that of 16."""
    kind = model("relative").positions
    draw = np.random.default_rng(3)
    queries, vectors = (draw.normal(size=shape).astype(np.float32) for shape in ((1, 2, 20, 4), (33, 4)))
    bias = np.asarray(kind.biased(0.5, queries, vectors, places(20)))
    for query, key, row in ((0, 0, 16), (3, 5, 18), (5, 3, 14), (0, 19, 32), (19, 0, 0), (17, 1, 0)):
        by_hand = queries[0, :, query] @ vectors[row] / 2 + 0.5
        np.testing.assert_allclose(bias[0, :, query, key], by_hand, atol=1e-5)


def test_shifted_is_sinusoidal_but_in_training():
    shifted, plain = model("shifted"), model("sinusoidal")
    batch = copy_batch(5, rows=4)
    inputs = batch.source, batch.target_in
    np.testing.assert_array_equal(shifted(inputs), plain(inputs))
    assert (shifted(inputs, training=True).numpy() != plain(inputs, training=True).numpy()).any()


def test_shifted_texts_have_offsets_of_their_own():
    kind = model("shifted").positions
    numbers = np.arange(3, dtype=np.int32)[:, None]
    source, target = (np.asarray(kind.moved(numbers, 4_000)) for _ in range(2))
    assert source.shape == (3, 4_000) and (source[0] != target[0]).mean() > 0.9
    np.testing.assert_array_equal(source - source[0], np.broadcast_to(numbers, source.shape))
    assert (source[0].min(), source[0].max()) == (0, 500) and abs(source[0].mean() - 250) < 10


def weights_after(steps, settings, begin=None):
    """The weights after steps of training, and the state of dropout; from another such pair, or new."""
    net = model("shifted", layer_dropout=0.1)
    step = TensorflowStep(net, settings)
    variables = [*net.weights, *step.optimizer.variables]
    for variable, value in zip(variables, begin or [], strict=bool(begin)):
        variable.assign(value)
    for number in steps:
        step.update([copy_batch(number)], number, 0.01)
    return [variable.numpy() for variable in variables]


@pytest.mark.slow
def test_shifted_training_goes_on_bit_for_bit():
    settings = TrainSettings(average_decay=0.0)
    whole = weights_after(range(4), settings)
    in_two = weights_after(range(2, 4), settings, weights_after(range(2), settings))
    for value, resumed in zip(whole, in_two, strict=True):
        np.testing.assert_array_equal(resumed, value)


def test_every_kind_is_a_choice():
    assert len({positions_kind(name) for name in POSITIONS}) == len(POSITIONS)
