"""The search, over step functions that are small tables."""

import itertools
import math

import numpy as np
import pytest

from mtkit.decoding.search import beam_search, best_candidates, length_penalty, trace
from mtkit.text.special import BEGIN_ID, END_ID

A, B, C = 4, 5, 6
V = 7


def table_step(table, k):
    """A step function for a bigram table: {token: {next token: probability}}; counts rows to check the parents."""

    def step(state, tokens, parents):
        assert len(tokens) == len(parents)
        scores = np.full((len(tokens), V), -np.inf)
        for row, token in enumerate(tokens):
            for following, probability in table[int(token)].items():
                scores[row, following] = math.log(probability)
        ids = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(scores, ids, 1), ids.astype(np.int32), state

    return step


# Greedy takes A (0.6) and then must split; B has the best whole sequence: 0.4 * 0.9 * 1.
TABLE = {
    BEGIN_ID: {A: 0.6, B: 0.4},
    A: {A: 0.35, C: 0.35, END_ID: 0.3},
    B: {C: 0.9, END_ID: 0.1},
    C: {END_ID: 1.0},
}


def every_sequence(longest, penalty):
    """All complete sequences of TABLE up to a length, with their scores, by exhaustive search."""
    found = {}
    for length in range(longest + 1):
        for ids in itertools.product((A, B, C), repeat=length):
            chain = [BEGIN_ID, *ids, END_ID]
            probability = math.prod(TABLE[a].get(b, 0.0) for a, b in itertools.pairwise(chain))
            if probability:
                found[ids] = math.log(probability) / length_penalty(length + 1, penalty)
    return found


def test_greedy_takes_the_best_token_each_time():
    (found,) = beam_search(table_step(TABLE, 1), None, 1, np.array([5]), 0.0)
    assert found[0].ids == (A, A, A, A, A)
    assert not found[0].complete


def test_beam_finds_what_greedy_misses():
    (found,) = beam_search(table_step(TABLE, 2), None, 2, np.array([5]), 0.0)
    assert found[0].ids == (B, C)
    assert found[0].score == pytest.approx(math.log(0.36))


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_large_beam_is_exhaustive(penalty):
    expected = every_sequence(4, penalty)
    (found,) = beam_search(table_step(TABLE, V), None, 100, np.array([4]), penalty)
    complete = {hypothesis.ids: hypothesis.score for hypothesis in found if hypothesis.complete}
    assert complete == pytest.approx(expected)
    assert [hypothesis.score for hypothesis in found] == sorted((hypothesis.score for hypothesis in found), reverse=True)


def test_sentences_do_not_touch_each_other():
    (alone,) = beam_search(table_step(TABLE, 3), None, 3, np.array([4]))
    together = beam_search(table_step(TABLE, 3), None, 3, np.array([4, 2, 4]))
    assert together[0] == together[2] == alone
    assert all(len(hypothesis.ids) <= 2 for hypothesis in together[1])


def test_length_penalty_by_hand():
    assert length_penalty(1, 1.0) == 1.0
    assert length_penalty(7, 1.0) == 2.0
    assert length_penalty(7, 0.5) == pytest.approx(math.sqrt(2))
    assert length_penalty(7, 0.0) == 1.0


def test_best_candidates_of_each_sentence():
    totals = np.array([[-1.0, -5.0], [-2.0, -np.inf], [-9.0, -8.0]])
    rows, columns = best_candidates(totals, np.array([0, 0, 1]), np.array([2, 5]))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 0), (1, 0), (2, 1), (2, 0)]


def test_trace_follows_parents():
    history = [(np.array([A, B]), np.array([0, 0])), (np.array([C, A]), np.array([1, 0]))]
    assert trace(history, 0) == (B, C)
    assert trace(history, 1) == (A, A)
