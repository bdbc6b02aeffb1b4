"""Subword sampling changes the pieces and never the text; a draw follows from the random generator and has
the right shares.
"""

import functools
import math
from collections import Counter

import numpy as np
import pytest

from mtkit.errors import SettingsError
from mtkit.text.sampling import SMOOTHING, SubwordSampler
from mtkit.text.tokenizer import Tokenizer, train_tokenizer

WORDS = ["low", "lower", "lowest", "new", "newer", "newest", "wide", "wider", "widest", "slow", "slower"]
LINES = [" ".join(WORDS[(i * k + k) % len(WORDS)] for k in range(1, 3 + i % 7)) for i in range(300)]
TEXTS = [*LINES[:50], "", " ", "  two  spaces ", "日本 low", "▁ new", "lowest\ue000newest 😀 wider", "x" * 50]


@functools.cache
def tokenizer(kind):
    return Tokenizer(train_tokenizer(LINES, kind, 330))


def ids(kind, texts):
    return [np.array(sentence, np.int32) for sentence in tokenizer(kind).encode(texts)]


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_the_text_stays_and_the_pieces_change(kind):
    sentences = ids(kind, TEXTS)
    sampler = SubwordSampler(tokenizer(kind), kind, 0.5)
    drawn = sampler.sample(sentences, np.random.default_rng(1))
    assert tokenizer(kind).decode(drawn) == TEXTS
    assert sum(one.tolist() != other.tolist() for one, other in zip(sentences, drawn, strict=True)) > 15
    again = SubwordSampler(tokenizer(kind), kind, 0.5).sample(sentences, np.random.default_rng(1))
    assert [one.tolist() for one in drawn] == [one.tolist() for one in again], (
        "a draw depends on the generator alone"
    )


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_rate_zero_is_what_sentencepiece_gives(kind):
    """For bpe two implementations of the merges meet here."""
    sentences = ids(kind, TEXTS)
    drawn = SubwordSampler(tokenizer(kind), kind, 0.0).sample(sentences, np.random.default_rng(1))
    assert [one.tolist() for one in drawn] == [one.tolist() for one in sentences]


def test_bpe_that_leaves_out_all_merges_spells_characters():
    (drawn,) = SubwordSampler(tokenizer("bpe"), "bpe", 1.0).sample(
        ids("bpe", ["lowest"]), np.random.default_rng(1)
    )
    assert tokenizer("bpe").pieces(drawn) == ["▁", *"lowest"]


def test_shares_of_unigram_splits_by_hand():
    """With rate r the best split comes with 1 - r + r q_1, another with r q_i; q are the p^SMOOTHING, made to
    sum to 1.
    """
    model, rate = tokenizer("unigram"), 0.5
    scores = model.scores()
    splits = [tuple(split) for split in model._model.NBestEncodeAsIds("lowest", 16)]
    powers = [math.exp(SMOOTHING * sum(scores[token] for token in split)) for split in splits]
    shares = [rate * power / sum(powers) + (1 - rate) * (place == 0) for place, power in enumerate(powers)]
    drawn = SubwordSampler(model, "unigram", rate).sample(
        ids("unigram", ["lowest"]) * 4000, np.random.default_rng(3)
    )
    found = Counter(tuple(sentence.tolist()) for sentence in drawn)
    assert len(splits) >= 3 and found.keys() <= set(splits)
    for split, share in zip(splits, shares, strict=True):
        assert found[split] / 4000 == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 4000))


def test_best_splits_are_those_of_sentencepiece():
    model, sampler = tokenizer("unigram"), SubwordSampler(tokenizer("unigram"), "unigram", 0.5)
    for word in ("lowest", "newer", "widerslowest", "a"):
        theirs = {tuple(split) for split in model._model.NBestEncodeAsIds(word, 50)}
        known = {split for split in theirs if not model.fallback_tokens()[list(split)].any()}
        assert set(sampler.best_splits("▁" + word, 50)) == known


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_long_words_are_split_anew_throughout_and_a_batch_may_be_empty(kind):
    text = "".join(WORDS) * 3
    (before,), sampler = ids(kind, [text]), SubwordSampler(tokenizer(kind), kind, 0.5)
    drawn = [sampler.sample([before], np.random.default_rng(seed))[0] for seed in range(20)]
    assert {tokenizer(kind).decode([one])[0] for one in drawn} == {text}
    # The small unigram vocabulary has but single letters inside a word; only its beginning can be split
    # otherwise.
    assert len({tuple(one.tolist()) for one in drawn}) >= (20 if kind == "bpe" else 2)
    assert sampler.sample([], np.random.default_rng(1)) == []
    assert [len(one) for one in sampler.sample([before[:0], before[:0]], np.random.default_rng(1))] == [0, 0]


@pytest.mark.parametrize("kind", ["word", "char"])
def test_kinds_with_one_way_to_split_are_refused(kind):
    with pytest.raises(SettingsError, match="unigram or bpe"):
        SubwordSampler(tokenizer(kind), kind, 0.1)


@pytest.mark.parametrize("kind", ["unigram", "bpe"])
def test_a_tag_stays_whole(kind):
    tagged = Tokenizer(train_tokenizer(LINES, kind, 330, tags=("web",))).tagged("web")
    texts = [text for text in TEXTS if text]
    sentences = [np.array(sentence, np.int32) for sentence in tagged.encode(texts)]
    drawn = SubwordSampler(tagged, kind, 1.0).sample(sentences, np.random.default_rng(1))
    assert tagged.decode(drawn) == texts
    assert {sentence[0] for sentence in drawn} == {tagged.tags["web"]}
    assert all(tagged.tags["web"] not in sentence[1:] for sentence in drawn)
