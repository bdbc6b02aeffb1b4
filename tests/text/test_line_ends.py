"""Where sentences end as a corpus tells: counts by hand, the best cuts, and no text lost."""

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from mtkit.text.counted_lines import BOLDNESS, MOST_PAIRS, LineCounts, PairCounts, with_capital
from mtkit.text.line_ends import (
    ANY_LENGTH,
    FOLLOW_PRIOR,
    PAIR_PRIOR,
    TOKEN_PRIOR,
    LineEnds,
    LineLengths,
    best_cuts,
    token_edges,
)
from mtkit.text.sentence_splitter import SentenceSplitter
from mtkit.text.tokenizer import Tokenizer, train_tokenizer
from tests.support.processes import some_lines

PIECES = ["<pad>", "<unk>", "<s>", "</s>", "▁a", "▁b", "▁c", "▁.", '▁"', "x"]
A, B, C, STOP, QUOTE, X = range(4, 10)


class Pieces:
    """A tokenizer of ten pieces: its texts are their tokens."""

    size = len(PIECES)

    def pieces(self, ids):
        return [PIECES[token] for token in ids]

    def encode(self, texts):
        return texts

    def surfaces(self, text):
        return [PIECES[token].replace("▁", " ") for token in text]


def counts_of(*lines):
    ids = np.array(list(itertools.chain(*lines)))
    return LineCounts.of(ids, np.cumsum([0, *map(len, lines)]), Pieces())


CAPITALS = np.array([False])
LINES = ([A, B, STOP], [A, C, STOP, QUOTE], [A, B], [STOP])


def test_counts():
    """A line ends behind its marks, and before them; one of marks alone has nothing before them."""
    counts = counts_of(*LINES)
    assert counts.uses.tolist() == [0, 0, 0, 0, 3, 2, 1, 3, 1, 0]
    assert counts.starts.tolist() == [0, 0, 0, 0, 3, 0, 0, 1, 0, 0]
    assert counts.ends.tolist() == [0, 0, 0, 0, 0, 2, 1, 2, 1, 0]
    keys = np.array([A * 10 + B, A * 10 + C, B * 10 + STOP, STOP * 10 + QUOTE, B * 10 + A])
    assert counts.pairs[keys].tolist() == [2, 1, 1, 1, 0]
    assert counts.starting_pairs[keys].tolist() == [2, 1, 0, 0, 0]
    assert counts.ending_pairs[keys].tolist() == [2, 1, 1, 1, 0]
    # 3, 4, 2 and 1 tokens; 2 and 2 without marks.
    assert counts.lengths.tolist() == [0, 1, 3, 1, 1]


def test_gains_by_hand():
    """The formula of the module, for the place behind b in 'a b a c'."""
    counts = counts_of(*LINES)
    ends = LineEnds(counts, Pieces())
    gains = ends.gains(np.array([A, B, A, C]), np.array([4]), CAPITALS)
    rate = 6 / 10
    following = np.maximum(counts.uses - counts.starts, 0) + 0.5
    following = following / following.sum()
    behind_b = (2 + TOKEN_PRIOR * 0.5) / (2 + TOKEN_PRIOR)
    behind_ab = (2 + PAIR_PRIOR * behind_b) / (2 + PAIR_PRIOR)
    starts = (3 + following[A]) / (4 + 1)
    follows = (0 + FOLLOW_PRIOR * following[A]) / (0 + FOLLOW_PRIOR)
    c_follows = (1 + FOLLOW_PRIOR * following[C]) / (3 + FOLLOW_PRIOR)
    c_starts = (1 + FOLLOW_PRIOR * c_follows) / (3 + FOLLOW_PRIOR)
    odds = behind_ab / (1 - behind_ab) * starts / follows * c_starts / c_follows
    # More than half of the tokens end a line here; no more than half is taken for usual.
    assert rate > 0.5 and gains[1] == pytest.approx(math.log(odds) - 0.0)
    assert gains[3] == -np.inf  # the end of the text


def test_few_sentences_of_a_text_with_marks_have_none():
    """A text that ends with one is cut less readily where there is none: one line in four has none."""
    ends = LineEnds(counts_of(*LINES), Pieces())
    with_mark = ends.gains(np.array([A, B, A, C, STOP]), np.array([5]), CAPITALS)
    without = ends.gains(np.array([A, B, A, C, A]), np.array([5]), CAPITALS)
    assert with_mark[1] - without[1] == pytest.approx(math.log(1 / 4))


def test_without_capitals_a_small_letter_stands_for_both():
    pieces = [{"▁a": "▁A", "x": "▁a"}.get(piece, piece) for piece in PIECES]
    capitals = with_capital(pieces)
    assert capitals.tolist() == [-1] * 9 + [A]
    begins_word = np.array([piece.startswith("▁") for piece in pieces])
    ends = LineEnds(replace(counts_of(*LINES), capitals=capitals, begins_word=begins_word), Pieces())
    text, stops = np.array([C, B, X, X]), np.array([4])
    small, large = ends.gains(text, stops, ~CAPITALS), ends.gains(text, stops, CAPITALS)
    # Lines begin with A; only where there are no capitals may this be one.
    assert small[1] > large[1] + 1


def test_texts_side_by_side_are_as_by_themselves():
    ends, chance = LineEnds(counts_of(*LINES), Pieces()), random.Random(1)
    texts = [[chance.randrange(4, 10) for _ in range(chance.randrange(1, 9))] for _ in range(50)]
    ids = np.array(list(itertools.chain(*texts)))
    together = ends.gains(ids, np.cumsum([len(text) for text in texts]), np.zeros(50, bool))
    alone = [ends.gains(np.array(text), np.array([len(text)]), CAPITALS) for text in texts]
    np.testing.assert_array_equal(together, np.concatenate(alone))
    cuts = ends.token_cuts(texts, [False] * 50, 0.5)
    assert {number: ends.token_cuts([texts[number]], [False], 0.5)[0] for number in cuts} == cuts


def test_no_word_is_cut():
    ends = LineEnds(counts_of(*LINES, [X, X]), Pieces())
    gains = ends.gains(np.array([A, X, X, B]), np.array([4]), CAPITALS)
    assert np.isneginf(gains).tolist() == [True, True, False, True]


def worth(cuts, gains, lengths):
    parts = np.diff([0, *cuts, len(gains) + 1])
    return sum(gains[cut - 1] for cut in cuts) + lengths.log_shares(parts).sum()


def test_best_cuts_are_the_best_of_all():
    random_numbers = np.random.default_rng(1)
    lengths = LineLengths(np.array([0, 5, 9, 30, 9, 4, 1]))
    for _ in range(40):
        gains = random_numbers.normal(0, 4, 8)
        every = itertools.chain.from_iterable(
            itertools.combinations(range(1, 9), count) for count in range(9)
        )
        best = max(every, key=lambda cuts: worth(cuts, gains, lengths))
        assert best_cuts(gains, lengths) == list(best)


def test_shares_of_lengths_are_shares():
    lengths = LineLengths(np.array([0, 0, 4, 10, 4]))
    shares = np.exp(lengths.log_shares(np.arange(1, 4000)))
    assert shares.sum() == pytest.approx(1.0)
    assert shares[2] == shares.max() and lengths.best == pytest.approx(math.log(shares[2]))
    assert shares[99] == pytest.approx(ANY_LENGTH / 3 * (1 - 1 / 3) ** 99)


def test_the_most_frequent_pairs_are_kept():
    once, twice = np.arange(0, 2 * MOST_PAIRS, 2), np.array([5, 7, 7, 5])
    kept = PairCounts.of(np.concatenate([once, twice]))
    assert len(kept.keys) == MOST_PAIRS and (np.diff(kept.keys) > 0).all()
    assert kept[np.array([5, 7, 0, 1])].tolist() == [2, 2, 1, 0]


def test_counts_come_back_from_their_arrays():
    counts = counts_of(*LINES)
    again = LineCounts.from_arrays(counts.arrays())
    for name, array in counts.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array)
    with pytest.raises(KeyError):
        LineCounts.from_arrays({})


def learned_of(lines, kind="unigram", boldness=BOLDNESS):
    tokenizer = Tokenizer(train_tokenizer(lines, kind, vocabulary_size=600))
    ids = tokenizer.encode(lines)
    counts = LineCounts.of(np.array(list(itertools.chain(*ids))), np.cumsum([0, *map(len, ids)]), tokenizer)
    counts = replace(counts, boldness=np.array([boldness], np.float32))
    return SentenceSplitter(tokenizer, LineEnds(counts, tokenizer))


@pytest.fixture(scope="module")
def splitter():
    """Of lower-cased lines of the sample corpus without their final marks."""
    return learned_of([bare(line) for line in some_lines("train.en", 2000).splitlines()], boldness=-1.0)


def bare(line):
    return line.lower().rstrip('.!?" ')


def test_sentences_are_found_without_marks_and_capitals(splitter):
    """Other lines of the corpus, joined by threes: most sentences are found, and little else, though those
    of this corpus go on in many ways.
    """
    lines = [bare(line) for line in some_lines("valid.en", 120).splitlines()]
    groups = [lines[start : start + 3] for start in range(0, len(lines), 3)]
    right = wrong = 0
    split = splitter.split([" ".join(group) for group in groups])
    for group, of_group in zip(groups, split, strict=True):
        sentences = [sentence.text for sentence in of_group.sentences[:-1]]
        right += len(set(sentences) & set(group))
        wrong += len(set(sentences) - set(group))
    assert right >= 0.75 * len(lines) and wrong <= 0.2 * len(lines)
    single = splitter.split(lines)
    assert sum(len(of_line.sentences) > 2 for of_line in single) <= 0.03 * len(lines)


@pytest.mark.parametrize("eagerly", [False, True])
def test_nothing_of_a_text_is_lost(splitter, eagerly):
    chance = random.Random(2)
    words = [
        "the",
        "dog",
        "a",
        "cat",
        "  ",
        "\t",
        "ß",
        "▁",
        "\ue000",
        "猫がいる",
        "。",
        ".",
        "😀",
        "x" * 30,
        "the boy",
    ]
    lines = [bare(line) for line in some_lines("train.en", 300).splitlines()]
    texts = [" ".join(chance.choices(words, k=chance.randrange(40))) for _ in range(100)]
    texts += [" ".join(chance.choices([*lines, "\t", "猫がいる", "😀"], k=3)) for _ in range(100)]
    splits = splitter.split(texts, eagerly=eagerly)
    for text, split in zip(texts, splits, strict=True):
        assert "".join(before + part for before, part in split.sentences) == text
        assert all(part and part == part.strip() for part in split.texts)
    assert sum(len(split.texts) > 1 for split in splits[100:]) > 60


@pytest.mark.parametrize("most", [1, 2, 3])
def test_no_limit_is_too_small(splitter, most):
    """Of texts of a few characters, white space and what the vocabulary lacks among them."""
    shorter = SentenceSplitter(splitter.tokenizer, splitter.line_ends, most_tokens=most)
    texts = ["".join(letters) for count in (2, 3, 4) for letters in itertools.product("a .猫", repeat=count)]
    for text, split in zip(texts, shorter.split(texts), strict=True):
        assert "".join(before + part for before, part in split.sentences) == text


def test_what_the_vocabulary_lacks_hides_no_ends(splitter):
    """Characters spelled in bytes: where sentences end before and behind them is found."""
    first, second, third = (bare(line) for line in some_lines("train.en", 3).splitlines())
    (plain,) = splitter.split([f"{first} {second} {third}"])
    (odd,) = splitter.split([f"{first} {second} {third} ♥ 猫 é"])
    assert len(plain.texts) > 1 and odd.texts[: len(plain.texts) - 1] == plain.texts[:-1]
    # An é of two bytes, a heart of three, a grin of four, between letters.
    surfaces = [
        " a",
        "<0xC3>",
        "<0xA9>",
        "b",
        "<0xE2>",
        "<0x99>",
        "<0xA5>",
        "<0xF0>",
        "<0x9F>",
        "<0x98>",
        "<0x80>",
    ]
    assert token_edges(surfaces) == [1, 1, 2, 3, 3, 3, 4, 4, 4, 4, 5]


def test_a_script_without_spaces():
    """Japanese sentences side by side without marks are told apart by how sentences begin and end."""
    subjects, places, verbs = ["猫が", "犬が", "鳥が"], ["庭で", "家で", "森で"], ["寝る", "遊ぶ", "走る"]
    lines = ["".join(words) for words in itertools.product(subjects, places, verbs)]
    splitter = learned_of(lines * 10, "char")
    (split,) = splitter.split(["猫が庭で寝る犬が森で走る鳥が家で遊ぶ"])
    assert [part for _, part in split.sentences[:-1]] == ["猫が庭で寝る", "犬が森で走る", "鳥が家で遊ぶ"]


def test_a_sentence_that_is_too_long_is_cut_where_one_is_likeliest_to_end(splitter):
    """Not in the very middle, but where a line might end; and that is told."""
    first, second = "the old man sees a dog", "the girl"
    most = len(splitter.tokenizer.encode([first])[0])
    shorter = SentenceSplitter(splitter.tokenizer, splitter.line_ends, most_tokens=most)
    text = f"{first} {second}"
    (split,) = shorter.split([text])
    assert "".join(before + part for before, part in split.sentences) == text
    assert split.texts == [first, second] and split.cut_within
    (whole,) = shorter.split([first])
    assert not whole.cut_within
