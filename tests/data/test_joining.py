"""Passes with joined examples: each pair once, its neighbours beside it, and as many batches in each pass."""

from itertools import chain

import numpy as np
import pytest

from mtkit.data.batching import Batches
from mtkit.data.joining import (
    MOST_PAIRS,
    MOST_TOKENS,
    Joining,
    LengthBuckets,
    cut_long_groups,
    group_starts,
    halved,
)
from mtkit.data.store import SIDES, CorpusWriter, TokenCorpus
from mtkit.text.sampling import SubwordSampler
from mtkit.text.seams import inner_tokens
from mtkit.text.special import PAD_ID
from mtkit.text.tokenizer import Tokenizer, train_tokenizer

FIRST = 10  # the token of the first pair; those below are special ones, and tags
PAIRS = 2000


def stored(folder, pairs):
    """A corpus of these pairs of token ids."""
    writer = CorpusWriter(folder, 100_000)
    writer.append(*(list(side) for side in zip(*pairs, strict=True)))
    writer.close()
    return TokenCorpus(folder)


def numbered(folder, pairs=PAIRS, longest=30):
    """A corpus that tells by its tokens which pair they are of: FIRST and its number, some times."""
    random = np.random.default_rng(5)
    lengths = random.integers(1, longest, (pairs, 2), endpoint=True).tolist()
    return stored(
        folder,
        [
            ([FIRST + number] * source, [FIRST + number] * target)
            for number, (source, target) in enumerate(lengths)
        ],
    )


def joining(rate, tags=()):
    return Joining(rate, dict.fromkeys(SIDES, dict.fromkeys(tags, ())), tags)


def examples(batches, number):
    """The source and target ids of each example of a pass, batch by batch, without what batches add."""
    for step in range(number * batches.per_epoch, (number + 1) * batches.per_epoch):
        batch = batches.batch(step)
        for source, target in zip(batch.source, batch.target_out, strict=True):
            yield tuple(side[side != PAD_ID][:-1].tolist() for side in (source, target))


def pairs_of(example):
    """The numbers of the pairs that an example is made of."""
    source, target = (dict.fromkeys(np.array(side) - FIRST) for side in example)
    assert list(source) == list(target)
    return [int(number) for number in source]


@pytest.mark.parametrize("rate", [0.2, 0.5, 1.0])
def test_a_pass_has_each_pair_once_and_joins_neighbours(tmp_path, rate):
    corpus = numbered(tmp_path)
    batches = Batches(corpus, 512, 3, joining=joining(rate))
    for number in range(2):
        seen = []
        for example in examples(batches, number):
            pairs = pairs_of(example)
            assert pairs == list(range(pairs[0], pairs[0] + len(pairs))) and len(pairs) <= MOST_PAIRS
            for side, ids in zip(SIDES, example, strict=True):
                lines = corpus.sentences(side, np.array(pairs))
                assert ids == np.concatenate(lines).tolist()
                assert len(ids) <= MOST_TOKENS or len(pairs) == 1
            seen.append(pairs)
        assert sorted(chain.from_iterable(seen)) == list(range(PAIRS))
        in_joined = sum(len(pairs) for pairs in seen if len(pairs) > 1)
        assert in_joined / PAIRS == pytest.approx(rate, abs=0.02)


def test_the_sizes_of_groups_are_drawn_evenly():
    starts = group_starts(np.random.default_rng(1), 100_000, 0.7, MOST_PAIRS)
    sizes = np.bincount(np.diff(starts, append=100_000))
    mean = 70_000 / 35  # 2 + ... + 8 pairs
    assert sizes[1] == pytest.approx(30_000, abs=MOST_PAIRS)
    np.testing.assert_allclose(sizes[2:], [mean] * 7, rtol=0.1)
    assert group_starts(np.random.default_rng(1), 5, 1.0, 1).tolist() == [0, 1, 2, 3, 4]


def test_long_groups_are_cut_by_hand():
    begins = np.array([1, 0, 0, 0, 1, 0, 1, 1, 0], bool)
    tokens = np.array([4, 6, 3, 8, 20, 1, 30, 5, 5])
    cut_long_groups(begins, tokens, 10)
    assert np.flatnonzero(begins).tolist() == [0, 2, 3, 4, 5, 6, 7]  # 4 + 6; 3; 8; 20; 1; 30; 5 + 5


def test_batches_depend_on_the_step_alone(tmp_path):
    corpus = numbered(tmp_path)
    once, again = (Batches(corpus, 512, 3, joining=joining(0.5)) for _ in range(2))
    steps = [0, 3 * once.per_epoch + 1, 2, once.per_epoch, 1]
    in_order = {step: once.batch(step) for step in sorted(steps)}
    for step in steps:
        np.testing.assert_array_equal(again.batch(step).source, in_order[step].source)
        np.testing.assert_array_equal(again.batch(step).target_out, in_order[step].target_out)
    shares = [again.batch(2, worker, 3).source for worker in range(3)]
    whole = in_order[2].source
    for worker, share in enumerate(shares):
        np.testing.assert_array_equal(share, whole[worker::3, : share.shape[1]])


@pytest.mark.parametrize(("pairs", "batch_tokens", "slack"), [(PAIRS, 512, 1.1), (60, 64, 2.0), (3, 20, 9.0)])
def test_every_pass_has_as_many_batches_and_none_is_large(tmp_path, pairs, batch_tokens, slack):
    corpus = numbered(tmp_path, pairs, longest=15)
    batches = Batches(corpus, batch_tokens, 1, joining=joining(0.6))
    firsts = set()
    for number in range(20):
        seen = []
        for step in range(number * batches.per_epoch, (number + 1) * batches.per_epoch):
            batch = batches.batch(step)
            assert 0 < batch.target_out.size <= slack * batch_tokens
            seen += np.unique(batch.source).tolist()
        assert sorted(token - FIRST for token in seen if token >= FIRST) == list(range(pairs))
        firsts.add(tuple(sorted(len(example[0]) for example in examples(batches, number))))
    assert len(firsts) == 20 or pairs < 10, "each pass is joined otherwise"


def test_lines_that_are_long_stay_single(tmp_path):
    pairs = [([FIRST + number] * 200, [FIRST + number] * 3) for number in range(50)]
    batches = Batches(stored(tmp_path, pairs), 512, 1, joining=joining(1.0))
    assert sorted(pairs_of(example) for example in examples(batches, 0)) == [[number] for number in range(50)]


def test_batches_by_hand():
    buckets = LengthBuckets(np.array([2, 9, 4, 9, 4, 2, 4]))
    assert [bucket.tolist() for bucket in buckets.examples] == [[1, 3], [2, 4, 6], [0, 5]]
    # 18 tokens: two of 9; four of 4 (the last is of 2); the other one of 2.
    assert buckets.edges(18).tolist() == [0, 2, 6, 7]
    assert buckets.edges(1).tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert buckets.edges_of(2).tolist() == [0, 2, 7]  # with 20 tokens
    assert halved(np.array([0, 1, 6, 8]), 5).tolist() == [0, 1, 3, 6, 7, 8]


def test_copies_of_a_pair_have_other_neighbours(tmp_path):
    """A corpus with weight 3 stores each pair three times, side by side."""
    once = [([FIRST + number] * 5, [FIRST + number] * 4) for number in range(100)]
    thrice = [([FIRST + number] * 3, [FIRST + number] * 3) for number in range(100, 300)]
    corpus = stored(tmp_path, once + [pair for pair in thrice for _ in range(3)])
    joined = [pairs_of(example) for example in examples(Batches(corpus, 512, 1, joining=joining(1.0)), 0)]
    counts = np.bincount(list(chain.from_iterable(joined)))
    assert counts.tolist() == [1] * 100 + [3] * 200
    assert all(pairs == list(range(pairs[0], pairs[0] + len(pairs))) for pairs in joined)
    assert sum(len(pairs) == 1 for pairs in joined) < 5


def test_one_pair_again_and_again_is_not_joined(tmp_path):
    corpus = stored(tmp_path, [([FIRST] * 5, [FIRST] * 5)] * 40)
    assert {len(source) for source, _ in examples(Batches(corpus, 512, 1, joining=joining(1.0)), 0)} == {5}


def test_a_tag_stands_once_and_does_not_mix_with_others(tmp_path):
    tags = [0] * 100 + [4] * 100 + [5] * 100
    pairs = [
        ([tag] * (tag > 0) + [FIRST + number] * 6, [FIRST + number] * 6) for number, tag in enumerate(tags)
    ]
    batches = Batches(stored(tmp_path, pairs), 512, 1, joining=joining(1.0, tags=(4, 5)))
    joined = 0
    for source, target in examples(batches, 0):
        tag = tags[target[0] - FIRST]
        assert {tags[token - FIRST] for token in target} == {tag}
        assert source == [tag] * (tag > 0) + target
        joined += len(target) > 6
    assert joined > 40


def test_the_text_of_an_example_is_its_lines_also_with_sampled_subwords(tmp_path):
    lines = [f"the {word} low lower newest {number}" for number, word in enumerate(["wide", "slow"] * 100)]
    tokenizer = Tokenizer(train_tokenizer(lines, "bpe", 330))
    ids = tokenizer.encode(lines)
    corpus = stored(tmp_path, list(zip(ids, ids, strict=True)))
    sampler = SubwordSampler(tokenizer, "bpe", 0.3)
    inner = inner_tokens(tokenizer, "en")
    batches = Batches(
        corpus, 512, 1, dict.fromkeys(SIDES, sampler), Joining(1.0, dict.fromkeys(SIDES, inner))
    )
    texts = tokenizer.decode([source for source, _ in examples(batches, 0)])
    order = sorted(texts, key=lambda text: int(text.split()[5]))
    assert " ".join(order) == " ".join(lines)
