"""Phrases that translations must hold: the search for them."""

import itertools
import math

import numpy as np
import pytest

from mtkit.search.constrained import constrained_search
from mtkit.search.hypothesis import Ranking
from mtkit.search.open_hypotheses import Ending, Limits
from mtkit.search.pending import Pending
from mtkit.search.word_edges import WordEdges
from mtkit.text.special import END_ID
from tests.support.table_search import A, B, C, V, random_table, table_step

ANY = WordEdges(np.ones(V, bool), np.ones(V, bool))


def best_with(table, phrases, longest):
    """The most probable complete sequence that holds all phrases, by trying every one."""
    found = {}
    for length in range(longest + 1):
        for ids in itertools.product((A, B, C), repeat=length):
            windows = {ids[first:last] for first in range(length) for last in range(first + 1, length + 1)}
            if all(any(way in windows for way in phrase) for phrase in phrases):
                chain = [2, *ids, END_ID]
                found[ids] = math.prod(table[a][b] for a, b in itertools.pairwise(chain))
    return max(found, key=found.get)


@pytest.mark.parametrize(
    "phrases", [[((B,),)], [((C, A),)], [((A, A), (C, C))], [((B,),), ((C,),)], [((B, C),), ((A,),)]], ids=str
)
def test_it_finds_the_best_that_holds_them(phrases):
    for seed in range(15):
        table = random_table(seed)
        step = table_step(table, V)
        (found,) = constrained_search(
            step, None, 400, Limits(np.array([4])), [phrases], ANY, Ending(Ranking(0.0))
        )
        assert found[0].ids == best_with(table, phrases, 4)
        assert found[0].log_probability == pytest.approx(
            sum(math.log(table[a][b]) for a, b in itertools.pairwise([2, *found[0].ids, END_ID])), abs=1e-4
        )


def test_each_sentence_has_its_own():
    step = table_step(random_table(3), V)
    phrases = [[((B, B),)], [], [((C,),), ((A, B),)]]
    together = constrained_search(step, None, 8, Limits(np.array([5, 5, 5])), phrases, ANY)
    for own, found in zip(phrases, together, strict=True):
        (alone,) = constrained_search(step, None, 8, Limits(np.array([5])), [own], ANY)
        assert [one.ids for one in found] == [one.ids for one in alone]
        for phrase in own:
            assert any(way == found[0].ids[first : first + len(way)] for way in phrase for first in range(5))


def test_a_phrase_is_a_word_of_its_own():
    """Where only END_ID can follow the last letter of a word, the phrase is the last word."""
    ends = np.zeros(V, bool)
    ends[END_ID] = True
    edges = WordEdges(ends, np.ones(V, bool))
    (found,) = constrained_search(
        table_step(random_table(1), V), None, 20, Limits(np.array([5])), [[((A, B),)]], edges
    )
    assert found[0].complete and found[0].ids[-2:] == (A, B)


def test_what_cannot_be_met_is_still_translated():
    table = {token: {A: 0.5, END_ID: 0.5} for token in (2, A)}  # B never follows anything
    (found,) = constrained_search(table_step(table, V), None, 4, Limits(np.array([3])), [[((B,),)]], ANY)
    assert found and not found[0].complete


def test_pending_by_hand():
    start = Pending((((A, B), (C,)), ((A,),)))
    assert start.wanted() == {A, C}
    one = start.after(A)
    assert (one.met, one.inside, one.closing, one.tokens) == ({1}, ((0, 0, 1),), True, 2)
    assert one.wanted() == {B}
    assert one.after(B).done and one.after(C).done
    assert one.after(A).inside == ((0, 0, 1),)
