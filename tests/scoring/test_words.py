"""Words of translations, by hand."""

from collections import Counter

import pytest

from mtkit.scoring.words import (
    Accuracy,
    accuracy_by_frequency,
    accuracy_by_order,
    copies_source,
    distinctive,
    is_repetitive,
    marked,
    words_of,
)


def split(*lines):
    return [line.split() for line in lines]


def test_words_and_signs():
    assert words_of("It's 3.5 café, (naïve)!") == [
        "It",
        "'",
        "s",
        "3",
        ".",
        "5",
        "café",
        ",",
        "(",
        "naïve",
        ")",
        "!",
    ]
    assert words_of("  ") == []
    # Marks and joiners belong to their word; a script without spaces has a letter at a time.
    assert words_of("हिन्दी cafe\u0301 می\u200cخواهم") == ["हिन्दी", "cafe\u0301", "می\u200cخواهم"]
    assert words_of("我喜欢猫, OK。") == ["我", "喜", "欢", "猫", ",", "OK", "。"]


def test_accuracy_of_sequences():
    found = accuracy_by_order(split("a b c d", "x x"), split("a b x d", "x"))
    # a, b, d and one x are right, of six said and five wanted; then "a b"; nothing longer.
    assert found == [Accuracy(4, 6, 5), Accuracy(1, 4, 3), Accuracy(0, 2, 2), Accuracy(0, 1, 1)]
    assert (found[0].precision, found[0].recall) == pytest.approx((4 / 6, 4 / 5))
    assert found[0].f1 == pytest.approx(2 * (4 / 6) * (4 / 5) / (4 / 6 + 4 / 5))
    assert (Accuracy(0, 0, 0).precision, Accuracy(0, 0, 0).recall, Accuracy(0, 0, 0).f1) == (0, 0, 0)


def test_accuracy_by_frequency():
    counts = Counter({"a": 12, "b": 3})
    found = accuracy_by_frequency(split("a b b z"), split("a b y"), counts, (0, 1, 10))
    assert found == [Accuracy(0, 1, 1), Accuracy(1, 2, 1), Accuracy(1, 1, 1)]


def test_copies():
    assert copies_source("a cat", "a cat ", ["eine Katze"])
    assert not copies_source("Berlin", "Berlin", ["Berlin"])
    assert not copies_source("Berlin", "Berlin", ["in Berlin", "Berlin "])
    assert not copies_source("", "", ["x"])


def test_repetitions():
    assert is_repetitive(["a", "b", "c", "a", "b", "c"], split("a b c"))
    assert not is_repetitive(["a", "b", "c", "a", "b", "c"], split("x", "a b c a b c"))
    assert not is_repetitive(["a", "b", "a", "b", "a"], split("a b a b a"))
    assert not is_repetitive(["a", "a"], split("a"))


def test_distinctive_sequences():
    reference = split(*["the red cat sat"] * 9, *["one dog"] * 9)
    ours = split(*["the red cat sat"] * 9, *["one x"] * 9)
    theirs = split(*["the x x sat"] * 9, *["one dog"] * 9)
    # Of "red", "cat", "red cat", "the red cat sat" the longest tells as much as all.
    assert distinctive(ours, theirs, reference, 1) == ([("the red cat sat", 9, 0)], [("one dog", 0, 9)])
    # Once is luck.
    assert distinctive(split("a b"), split("x y"), split("a b"), 5) == ([], [])


def test_marked_words():
    assert marked("the big cat sat", "the cat sat down") == [
        ("the", True),
        ("big", False),
        ("cat", True),
        ("sat", True),
    ]
    assert marked("", "a") == []
    assert marked("b a", "a b").count(("a", True)) + marked("b a", "a b").count(("b", True)) == 1
