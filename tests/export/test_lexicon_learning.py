"""The lexical table by hand."""

import numpy as np

from mtkit.export.lexicon_learning import ibm_1
from mtkit.search.shortlist import NO_TOKEN


def words(*sentences):
    return [np.array(sentence, np.uint16) for sentence in sentences]


def test_ibm_1_finds_what_goes_together():
    """The text of Knight's workbook: das Haus - the house, das Buch - the book, ein Buch - a book; ties go to
    the smaller token.
    """
    das, haus, buch, ein = 4, 5, 6, 7
    the, house, book, a = 4, 5, 6, 7
    table = ibm_1(
        words([das, haus], [das, buch], [ein, buch]), words([the, house], [the, book], [a, book]), 8, 9
    )
    assert [int(table[token, 0]) for token in (das, haus, buch, ein)] == [the, house, book, a]
    assert set(table[haus, :2]) == {house, the} and table[haus, 2] == NO_TOKEN
    assert (table[:4] == NO_TOKEN).all()
    left_out = ibm_1(words([das, haus], [das, buch]), words([the, house], [the, book]), 8, 9, [the])
    assert the not in left_out and left_out[haus, 0] == house


def test_one_step_of_ibm_1_by_hand(monkeypatch):
    """Sentence 1: 4 5 - 6 7, sentence 2: 4 - 6. From even probabilities t(6|4) = (1/2 + 1) / 2 = 3/4; from
    these in the second step 5 gets 6 with (1/2) / (1/2 + 3/4) = 2/5 and 7 with (1/2) / (1/2 + 1/4) = 2/3."""
    monkeypatch.setattr("mtkit.export.lexicon_learning.ITERATIONS", 1)
    sides = words([4, 5], [4]), words([6, 7], [6])
    assert list(ibm_1(*sides, 8, 8)[4, :3]) == [6, 7, NO_TOKEN]
    assert list(ibm_1(*sides, 8, 8)[5, :3]) == [6, 7, NO_TOKEN]
    monkeypatch.setattr("mtkit.export.lexicon_learning.ITERATIONS", 2)
    assert list(ibm_1(*sides, 8, 8)[5, :3]) == [7, 6, NO_TOKEN]
