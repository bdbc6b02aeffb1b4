"""The search, over step functions that are small tables."""

import itertools
import math

import numpy as np
import pytest

from mtkit.search.beam import beam_search, best_candidates
from mtkit.search.hypothesis import Ranking
from mtkit.search.open_hypotheses import Ending, Limits
from mtkit.text.special import BEGIN_ID, END_ID
from tests.support.table_search import TABLE, A, B, C, V, random_table, table_step

UNPENALIZED = Ending(Ranking(0.0))


def every_sequence(longest, penalty):
    """All complete sequences of TABLE up to a length, with their scores, by exhaustive search."""
    found = {}
    for length in range(longest + 1):
        for ids in itertools.product((A, B, C), repeat=length):
            chain = [BEGIN_ID, *ids, END_ID]
            probability = math.prod(TABLE[a].get(b, 0.0) for a, b in itertools.pairwise(chain))
            if probability:
                found[ids] = math.log(probability) / Ranking(penalty).length_penalty(length + 1)
    return found


def test_greedy_takes_the_best_token_each_time():
    (found,) = beam_search(table_step(TABLE, 1), None, 1, Limits(np.array([5])), UNPENALIZED)
    assert found[0].ids == (A, A, A, A, A)
    assert not found[0].complete


def test_beam_finds_what_greedy_misses():
    (found,) = beam_search(table_step(TABLE, 2), None, 2, Limits(np.array([5])), UNPENALIZED)
    assert found[0].ids == (B, C)
    assert found[0].score == pytest.approx(math.log(0.36))


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_large_beam_is_exhaustive(penalty):
    expected = every_sequence(4, penalty)
    (found,) = beam_search(
        table_step(TABLE, V), None, 100, Limits(np.array([4])), Ending(Ranking(penalty)), best=1000
    )
    complete = {hypothesis.ids: hypothesis.score for hypothesis in found if hypothesis.complete}
    assert complete == pytest.approx(expected)
    assert [hypothesis.score for hypothesis in found] == sorted(
        (hypothesis.score for hypothesis in found), reverse=True
    )


def test_sentences_do_not_touch_each_other():
    (alone,) = beam_search(table_step(TABLE, 3), None, 3, Limits(np.array([4])))
    together = beam_search(table_step(TABLE, 3), None, 3, Limits(np.array([4, 2, 4])))
    assert together[0] == together[2] == alone
    assert all(len(hypothesis.ids) <= 2 for hypothesis in together[1])


@pytest.mark.parametrize(
    ("ranking", "length", "expected"),
    [
        (Ranking(1.0), 1, 1.0),
        (Ranking(1.0), 7, 2.0),
        (Ranking(0.5), 7, math.sqrt(2)),
        (Ranking(0.0), 7, 1.0),
        (Ranking(1.0, "power"), 7, 7.0),
        (Ranking(0.5, "power"), 4, 2.0),
        (Ranking(0.0, "power"), 4, 1.0),
    ],
)
def test_length_penalty_by_hand(ranking, length, expected):
    assert ranking.length_penalty(length) == pytest.approx(expected)


def test_coverage_penalty_by_hand():
    attention = np.array([[0.5, 0.5, 0.0], [0.75, 0.0, 0.25]])
    covered = 0.2 * (math.log(0.5) + math.log(0.25))  # the first position has more than 1
    assert Ranking(0.0, coverage=0.2).score(-3.0, 2, attention) == pytest.approx(-3.0 + covered)
    assert Ranking(0.0, coverage=0.2).score(-3.0, 2, None) == -3.0


def test_best_candidates_of_each_sentence():
    totals = np.array([[-1.0, -5.0], [-2.0, -np.inf], [-9.0, -8.0]])
    rows, columns = best_candidates(totals, np.array([0, 0, 1]), np.array([2, 5]))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 0), (1, 0), (2, 1), (2, 0)]


@pytest.mark.parametrize("form", ["wu", "power"])
@pytest.mark.parametrize("best", [1, 3])
def test_ending_early_changes_nothing(best, form):
    """Against a search that goes on until every hypothesis has ended, for sentences of many tables."""
    calls = {}
    for seed in range(60):
        for name, wanted in (("early", best), ("never", 1000)):
            made = table_step(random_table(seed), V)

            def step(*given, made=made, name=name):
                calls[name] = calls.get(name, 0) + 1
                return made(*given)

            (found,) = beam_search(
                step, None, 8, Limits(np.array([6])), Ending(Ranking(0.3, form)), best=wanted
            )
            if name == "early":
                kept = found[:best]
        assert kept == found[:best]
    assert calls["early"] < 0.9 * calls["never"]


def test_shortest_and_longest():
    (found,) = beam_search(
        table_step(TABLE, V), None, 100, Limits(np.array([4]), np.array([3])), UNPENALIZED, best=1000
    )
    assert found[0].complete
    assert {len(hypothesis.ids) for hypothesis in found} == {3, 4}


def test_a_bias_chooses_and_does_not_count():
    def bias(ids, owner):
        added = np.zeros((len(ids), V), np.float32)
        added[:, B] = -np.inf
        if not ids.shape[1]:
            added[:, A] = -0.25
        return added

    (found,) = beam_search(table_step(TABLE, V), None, 3, Limits(np.array([5])), UNPENALIZED, bias=bias)
    assert B not in found[0].ids
    assert found[0].ids == (A, C)
    np.testing.assert_allclose(found[0].token_log_probabilities, np.log([0.6, 0.35, 1.0]), atol=1e-7)
    assert found[0].log_probability == pytest.approx(math.log(0.21))


def test_where_nothing_may_follow_the_tokens_so_far_are_the_hypothesis():
    def bias(ids, owner):
        return np.full((len(ids), V), -np.inf if ids.shape[1] == 2 else 0.0, np.float32)

    (found,) = beam_search(table_step(TABLE, 1), None, 1, Limits(np.array([5])), UNPENALIZED, bias=bias)
    assert (found[0].ids, found[0].complete) == ((A, A), False)


def test_attention_comes_with_its_hypothesis():
    found = beam_search(
        table_step(TABLE, 3), None, 3, Limits(np.array([4, 4])), Ending(Ranking(0.0), keep_attention=True)
    )
    for hypothesis in itertools.chain(*found):
        before = [BEGIN_ID, *hypothesis.ids][: len(hypothesis.ids) + hypothesis.complete]
        np.testing.assert_array_equal(hypothesis.attention, np.eye(V)[before])
    assert beam_search(table_step(TABLE, 3), None, 3, Limits(np.array([4])))[0][0].attention is None


def test_padding_is_no_source_to_attend_to():
    """What a longer sentence of the batch made counts neither in the attention nor in the coverage; an unseen
    position does.
    """
    ranking, limits = Ranking(0.0, coverage=0.5), Limits(np.array([4]))
    for positions in (5, 7):
        ending = Ending(ranking, keep_attention=True, positions=[slice(positions)])
        (found,) = beam_search(table_step(TABLE, 3), None, 3, limits, ending)
        for hypothesis in found:
            assert hypothesis.attention.shape[1] == positions
            seen = np.clip(hypothesis.attention.sum(axis=0), 1e-9, 1.0)
            assert hypothesis.score == pytest.approx(hypothesis.log_probability + 0.5 * np.log(seen).sum())


def test_rows_of_the_state_follow_their_hypotheses():
    def step(state, tokens, parents, bias):
        expansion = table_step(TABLE, 3)(state, tokens, parents, bias)
        states.append(expansion.state)
        return expansion

    states = []
    found = beam_search(step, None, 3, Limits(np.array([4, 3])), UNPENALIZED)
    prefixes = {tuple(row) for rows in states for row in rows}
    assert all(
        (BEGIN_ID, *hypothesis.ids) in prefixes
        for hypothesis in itertools.chain(*found)
        if hypothesis.complete
    )
