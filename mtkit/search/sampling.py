"""Translations drawn at random from the model's distribution, instead of the best ones.

Shape letters: N rows, k candidates a row.
"""

from typing import Any

import numpy as np

from mtkit.search.beam import Bias, Ending, Hypothesis, Ranking, Rows, StepFunction, without_early_end
from mtkit.text.special import BEGIN_ID, END_ID


def sample(
    step: StepFunction,
    state: Any,
    numbers: list[np.ndarray],
    longest: np.ndarray,
    temperature: float = 1.0,
    top_p: float = 1.0,
    ranking: Ranking = Ranking(),  # noqa: B008  frozen
    shortest: np.ndarray | None = None,
    bias: Bias | None = None,
    keep_attention: bool = False,
    positions: np.ndarray | None = None,
) -> list[list[Hypothesis]]:
    """Translations of each sentence, in the order in which they were drawn.

    Args:
        step: gives the k likeliest continuations of each row (and one more with `shortest`), from which one
            is drawn; see `beam.StepFunction`.
        state: for B rows, one a sentence.
        numbers: for each sentence float64 [samples, longest + 1], uniform in [0, 1): they alone decide what
            is drawn, so that it does not depend on the batch.
        longest: int [B], most tokens of a translation of each sentence.
        ranking, shortest, bias, keep_attention, positions: as in `beam.search`.
        temperature: scores are divided by it; below 1 likely tokens become likelier.
        top_p: draw from the fewest tokens that hold so much of the probability (Holtzman et al. 2020,
            arXiv:1904.09751, 3.1).
    """
    drawn: list[list[Hypothesis | None]] = [[None] * len(own) for own in numbers]
    owner = np.repeat(np.arange(len(numbers)), [len(own) for own in numbers])
    place = np.concatenate([np.arange(len(own)) for own in numbers])
    rows, ending = Rows.begin(owner), Ending(ranking, keep_attention, positions)
    tokens, parents = np.full(len(owner), BEGIN_ID, np.int32), owner.astype(np.int32)

    while len(rows.owner):
        length = rows.ids.shape[1]
        added = bias(rows.ids, rows.owner) if bias else None
        scores, ids, attention, state = step(state, tokens, parents, added)
        if shortest is not None:  # the step gives one more, in the place of the end
            scores = without_early_end(scores, ids, rows, shortest)
            order = np.argsort(-scores, axis=1, kind="stable")[:, : max(1, scores.shape[1] - 1)]
            scores, ids = np.take_along_axis(scores, order, axis=1), np.take_along_axis(ids, order, axis=1)
        dead = ~np.isfinite(scores).any(axis=1)  # nothing may follow
        uniform = np.array(
            [numbers[sentence][which, length] for sentence, which in zip(rows.owner, place, strict=True)]
        )
        column = draw(np.where(dead[:, None], 0.0, scores) / temperature, ids, uniform, top_p)
        every = np.arange(len(column))
        tokens, gained = ids[every, column], scores[every, column]
        gained = np.where(dead, 0.0, gained)
        log_probabilities = gained if added is None else gained - np.where(dead, 0.0, added[every, tokens])
        after = rows.extended(
            every, rows.scores + gained, tokens, log_probabilities, attention if ending.attending else None
        )
        ended = (tokens == END_ID) & ~dead
        over = ((length >= longest[rows.owner]) & ~ended) | dead
        for row in np.flatnonzero(ended | over):
            drawn[rows.owner[row]][place[row]] = (
                ending.complete(after, row) if ended[row] else ending.cut_off(rows, row)
            )
        live = ~(ended | over)
        parents, tokens, place = (
            np.flatnonzero(live).astype(np.int32),
            tokens[live].astype(np.int32),
            place[live],
        )
        rows = after.kept(live)
    return drawn


def draw(scores: np.ndarray, ids: np.ndarray, uniform: np.ndarray, top_p: float) -> np.ndarray:
    """A column for each row.

    Probabilities are summed in the order of the ids: in the order of the probabilities, two that are equal
    but for rounding would change places from batch to batch.

    Args:
        scores: float64 [N, k], log-probabilities but for a constant, best first but for those that are -inf.
        ids: int [N, k].
        uniform: float64 [N], in [0, 1).
        top_p: share of the probability of the k columns to draw from.
    """
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    cumulated = np.cumsum(weights, axis=1)
    weights = np.where(cumulated - weights < top_p * cumulated[:, -1:], weights, 0.0)
    order = ids.argsort(axis=1)
    weights = np.take_along_axis(weights, order, axis=1)
    cumulated = np.cumsum(weights, axis=1)
    chosen = (cumulated <= uniform[:, None] * cumulated[:, -1:]).sum(axis=1)
    last = weights.shape[1] - 1 - (weights > 0.0)[:, ::-1].argmax(axis=1)
    return order[np.arange(len(order)), np.minimum(chosen, last)]
