"""The model as a whole: every combination trains and decodes, padding changes nothing, one step equals the
whole.
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from mtkit.errors import InputError, SettingsError
from mtkit.model.build import build_model, family_of, fill_in, preset_for
from mtkit.model.embeddings import read_vectors
from mtkit.model.flops import forward_flops
from mtkit.settings.train import ATTENTIONS, ModelSettings, TrainSettings
from mtkit.training.tensorflow_step import TensorflowStep
from tests.support.model_checks import (
    V,
    copy_batch,
    learns_to_copy,
    padding_changes_nothing,
    steps_equal_the_whole,
    trains_and_translates,
)

TINY = ModelSettings(
    preset="tiny",
    embedding_width=8,
    encoder_width=8,
    decoder_width=8,
    embedding_dropout=0.0,
    layer_dropout=0.0,
    output_dropout=0.0,
)


def model(**changes):
    return build_model(fill_in(replace(TINY, **changes), True), V, V, seed=1)


def combinations():
    """Each cell with each attention, with and without input feeding; half of them are slow tests.

    The other half has each two of the three together.
    """
    for number, (cell, attention) in enumerate(itertools.product(["lstm", "gru"], ATTENTIONS)):
        is_usual = number % 2 == 0
        yield cell, attention, is_usual
        yield pytest.param(cell, attention, not is_usual, marks=pytest.mark.slow)


@pytest.mark.parametrize(("cell", "attention", "feeding"), list(combinations()))
def test_every_combination_trains_and_translates(cell, attention, feeding):
    extras = {"layer_norm": feeding, "coverage": feeding and attention == "additive"}
    net = model(cell=cell, attention=attention, input_feeding=feeding, scale_attention=feeding, **extras)
    trains_and_translates(net, 30, 0.02)


def test_attention_learns_to_copy():
    learns_to_copy(model(embedding_width=32, encoder_width=32, decoder_width=32), 250, 0.01)


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_padding_changes_nothing(cell, layers):
    padding_changes_nothing(
        model(cell=cell, encoder_layers=layers, decoder_layers=layers, coverage=True, layer_norm=layers == 1)
    )


@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize(
    ("cell", "attention"), list(itertools.product(["lstm", "gru"], ["additive", "general", "none"]))
)
def test_decoding_steps_equal_the_teacher_forced_pass(cell, attention, layers):
    extras = {"layer_norm": layers == 3, "coverage": attention == "additive"}
    steps_equal_the_whole(
        model(cell=cell, attention=attention, encoder_layers=layers, decoder_layers=layers, **extras)
    )


def test_tying_shares_weights():
    sizes = {tie: model(tie_embeddings=tie).count_params() for tie in ("none", "target", "all")}
    assert sizes["none"] - sizes["target"] == V * 8
    assert sizes["target"] - sizes["all"] == V * 8


def test_frozen_embeddings_do_not_change():
    net = model(tie_embeddings="target", freeze_source_embeddings=True)
    before, other = net.source_embeddings.numpy(), net.target_embeddings.numpy()
    TensorflowStep(net, TrainSettings()).update([copy_batch(0)], 0, 0.1)
    np.testing.assert_array_equal(net.source_embeddings.numpy(), before)
    assert np.any(net.target_embeddings.numpy() != other)


def test_same_seed_same_weights_and_dropout():
    def trained():
        net = model(output_dropout=0.5, embedding_dropout=0.3)
        step = TensorflowStep(net, TrainSettings())
        return [float(step.update([copy_batch(number)], number, 0.01)[0]) for number in range(3)]

    assert trained() == trained()


@pytest.mark.parametrize("attention", ["additive", "none"])
def test_operations_by_hand(attention):
    """Every matrix is used once a token, the tied output layer among them, and attention's vectors once a
    pair of positions.
    """
    net = model(attention=attention)
    cell_weights = 2 * (8 * 16 + 4 * 16) + (attention == "additive") * 8 * 8
    decoder_weights = 8 * 32 * 3 + 8 * 8 + (attention == "additive") * 2 * 8 * 8 + V * 8
    pairs = 0 if attention == "none" else 16
    expected = 2 * (10 * cell_weights + 7 * decoder_weights + 70 * pairs)
    assert forward_flops(net, source_tokens=10, target_tokens=7, position_pairs=70) == expected


def test_word_dropout_leaves_out_whole_words_and_variational_dropout_the_same_elements():
    ids = np.arange(4, 16).reshape(2, 6).astype(np.int32)
    words = model(word_dropout=0.5)._embed(model().target_embeddings, ids, True).numpy()
    gone = (words == 0).all(axis=-1)
    assert 0 < gone.sum() < gone.size
    assert (words[~gone] != 0).all()
    same = (
        model(embedding_dropout=0.5, variational_dropout=True)
        ._embed(model().target_embeddings, ids, True)
        .numpy()
        == 0
    )
    assert 0 < same[0].sum() < same[0].size
    assert (same == same[:1]).all()


def test_presets_grow_with_the_corpus():
    assert [preset_for(pairs, "rnn") for pairs in (5_000, 29_000, 1_000_000)] == ["tiny", "small", "base"]
    assert [preset_for(pairs, "transformer") for pairs in (29_000, 160_000, 3_000_000)] == [
        "tiny",
        "small",
        "base",
    ]
    assert fill_in(ModelSettings(preset="small"), False).tie_embeddings == "target"


def test_the_family_that_settings_name():
    assert family_of(ModelSettings(preset="small", embedding_width=8)) is None
    assert family_of(ModelSettings(attention="dot")) == family_of(ModelSettings(model="rnn")) == "rnn"
    assert (
        family_of(ModelSettings(heads=2))
        == family_of(ModelSettings(model="transformer", norm="post"))
        == "transformer"
    )
    with pytest.raises(
        SettingsError, match="--heads: for --model transformer alone, and this is --model rnn"
    ):
        family_of(ModelSettings(cell="gru", heads=2))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"encoder_width": 7}, "even"),
        ({"attention": "dot", "decoder_width": 10}, "must be equal"),
        ({"tie_embeddings": "all", "freeze_source_embeddings": True}, "one matrix of source and target"),
    ],
)
def test_settings_that_do_not_go_together(changes, words):
    with pytest.raises(SettingsError, match=words):
        fill_in(replace(TINY, **changes), True)


def test_vectors_are_read_by_piece(tmp_path):
    file = tmp_path / "x.vec"
    file.write_text("2 3\ncat 1 2 3\ndog 4 5 6\n", encoding="utf-8")
    found = read_vectors(file, ["<pad>", "▁cat", "dog", "bird"], 3)
    assert {token: vector.tolist() for token, vector in found.items()} == {1: [1, 2, 3], 2: [4, 5, 6]}
    with pytest.raises(InputError, match=r"x\.vec:2: 3 numbers"):
        read_vectors(file, ["cat"], 4)


@pytest.mark.parametrize("damage", ["x", "nan", "-inf"])
def test_a_bad_number_is_named_by_its_line(tmp_path, damage):
    file = tmp_path / "x.vec"
    file.write_text(f"a 1 2\nb 1 2\nc 1 2\ncat 1 {damage}\n")
    assert list(read_vectors(file, ["a"], 2)) == [0]
    with pytest.raises(InputError, match=r"x\.vec:4: not a line of a \.vec text file: "):
        read_vectors(file, ["cat"], 2)
