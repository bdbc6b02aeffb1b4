"""Each reason at its limits, and a set of hashes that equals Python's."""

import numpy as np
import pytest

from mtkit.text.cleaning import (
    SeenHashes,
    evaluation_hashes,
    leak_hashes,
    leaked,
    length_reason,
    near_form,
    near_hashes,
    pair_hashes,
)
from mtkit.text.corpus import SentencePair


def pair(source, target):
    return SentencePair(source, target, "file", 1)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (250, 250, None),
        (251, 250, "length"),
        (1, 300, "length"),
        (3, 12, None),
        (3, 13, "ratio"),
        (13, 3, "ratio"),
        (1, 10, None),
        (1, 11, "ratio"),
        (0, 11, "ratio"),
        (0, 0, None),
    ],
)
def test_length_reason(source, target, expected):
    assert length_reason(source, target, 250, 4.0) == expected


def test_length_limits_of_zero_are_none():
    assert length_reason(1, 10_000, 0, 0.0) is None


def test_hashes_tell_sides_apart():
    hashes = pair_hashes([pair("a", "b"), pair("ab", ""), pair("a", "b"), pair("b", "a"), pair("", "ab")])
    assert hashes.dtype == np.uint64
    assert hashes[0] == hashes[2] and len(set(hashes.tolist())) == 4
    assert len(pair_hashes([])) == 0


def test_seen_hashes_equal_a_set():
    random = np.random.default_rng(1)
    seen, expected = SeenHashes(), set()
    for size in (0, 1, 5, 300, 2, 1000, 50, 0, 700):
        hashes = random.integers(0, 1500, size).astype(np.uint64)
        new = []
        for number in hashes.tolist():
            new.append(number not in expected)
            expected.add(number)
        assert seen.add(hashes).tolist() == new
    probe = np.arange(2000, dtype=np.uint64)
    assert seen.contains(probe).tolist() == [number in expected for number in probe.tolist()]


def test_seen_hashes_stay_in_few_runs():
    seen = SeenHashes()
    for start in range(0, 100_000, 100):
        seen.add(np.arange(start, start + 100, dtype=np.uint64))
    assert len(seen._runs) < 15


def test_near_forms_are_letters_and_digits():
    assert near_form("The  Dog, 3 cats!") == near_form("the dog 3 CATS") == "thedog3cats"
    assert near_form("ﬁn") == "fin" and near_form("Straße") == near_form("STRASSE")
    assert near_form("कि") != near_form("की"), "signs of vowels are letters"
    assert near_form("...") == "..." != near_form("?")
    hashes = near_hashes([pair("A b.", "c"), pair("ab", "C!"), pair("a", "bc")])
    assert hashes[0] == hashes[1] != hashes[2]


def test_what_is_in_an_evaluation_text():
    long = "A sentence that nobody writes twice by chance."
    evaluation = evaluation_hashes([pair(long, "Ein Satz."), pair("Table", "Tabelle")])
    pairs = [
        pair(long.upper(), "Anders."),
        pair("Table", "Tafel"),
        pair("TABLE.", "tabelle"),
        pair("Ein Satz.", long),
    ]
    assert leaked(leak_hashes(pairs), evaluation).tolist() == [True, False, True, False]
    assert (
        leaked(leak_hashes([]), evaluation).tolist() == []
        and not leaked(leak_hashes(pairs), evaluation_hashes([])).any()
    )
