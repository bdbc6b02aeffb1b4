"""Translations drawn at random from the model's distribution, instead of the best ones.

Shape letters: B sentences, N rows, k candidates a row, V vocabulary.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mtkit.search.hypothesis import Hypothesis
from mtkit.search.open_hypotheses import (
    Ending,
    Extension,
    Limits,
    OpenHypotheses,
    first_tokens,
    without_early_end,
)
from mtkit.search.step_function import Bias, StepFunction
from mtkit.text.special import END_ID


@dataclass(frozen=True)
class Drawing:
    """How tokens are drawn.

    Attributes:
        uniform: for each sentence float64 [samples, longest + 1], in [0, 1): these numbers alone decide what
            is drawn, so that it does not depend on the batch.
        temperature: scores are divided by it; below 1 likely tokens become likelier.
        top_p: draw from the fewest tokens that hold so much of the probability (Holtzman et al. 2020,
            arXiv:1904.09751, 3.1).
    """

    uniform: list[np.ndarray]
    temperature: float = 1.0
    top_p: float = 1.0


def sample(
    step: StepFunction,
    state: Any,
    drawing: Drawing,
    limits: Limits,
    ending: Ending = Ending(),  # noqa: B008  frozen
    *,
    bias: Bias | None = None,
) -> list[list[Hypothesis]]:
    """Translations of each sentence, in the order in which they were drawn.

    Args:
        step: gives the k likeliest continuations of each row (and one more with a shortest length), from
            which one is drawn; see `step_function.StepFunction`.
        state: for B rows, one a sentence.
        bias: as in `beam.beam_search`.
    """
    samples = [len(numbers) for numbers in drawing.uniform]
    hypotheses: list[list[Hypothesis | None]] = [[None] * count for count in samples]
    sample_of = np.concatenate([np.arange(count) for count in samples])  # [N], among those of its sentence
    rows = OpenHypotheses.begin(np.repeat(np.arange(len(samples)), samples))
    tokens, parents = first_tokens(rows.owner)
    while len(rows):
        added = bias(rows.ids, rows.owner) if bias else None
        scores, ids, attention, state = step(state, tokens, parents, added)
        if limits.shortest is not None:
            scores, ids = best_but_one(without_early_end(scores, ids, rows, limits.shortest), ids)
        dead = ~np.isfinite(scores).any(axis=1)  # nothing may follow
        numbers = [
            drawing.uniform[sentence][number, rows.length]
            for sentence, number in zip(rows.owner, sample_of, strict=True)
        ]
        heated = np.where(dead[:, None], 0.0, scores) / drawing.temperature
        columns = draw(heated, ids, np.array(numbers), drawing.top_p)
        every_row = np.arange(len(rows))
        tokens = ids[every_row, columns]
        gains = np.where(dead, 0.0, scores[every_row, columns])
        log_probabilities = gains if added is None else gains - np.where(dead, 0.0, added[every_row, tokens])
        extension = Extension(every_row, tokens, gains, log_probabilities)
        extended = rows.extended(extension, attention if ending.attending else None)

        ended = (tokens == END_ID) & ~dead
        cut_off = dead | (rows.length >= limits.longest[rows.owner]) & ~ended
        for row in np.flatnonzero(ended | cut_off):
            hypothesis = ending.complete(extended, row) if ended[row] else ending.cut_off(rows, row)
            hypotheses[rows.owner[row]][sample_of[row]] = hypothesis
        live = ~(ended | cut_off)
        tokens, parents = tokens[live].astype(np.int32), np.flatnonzero(live).astype(np.int32)
        rows, sample_of = extended.kept(live), sample_of[live]
    return hypotheses


def best_but_one(scores: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Candidates [N, k + 1], of which some became -inf, best first again and without the worst: [N, k]."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, : max(1, scores.shape[1] - 1)]
    return np.take_along_axis(scores, order, axis=1), np.take_along_axis(ids, order, axis=1)


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
    sums = np.cumsum(weights, axis=1)
    weights = np.where(sums - weights < top_p * sums[:, -1:], weights, 0.0)
    order = ids.argsort(axis=1)
    weights = np.take_along_axis(weights, order, axis=1)
    sums = np.cumsum(weights, axis=1)
    places = (sums <= uniform[:, None] * sums[:, -1:]).sum(axis=1)
    last_places = weights.shape[1] - 1 - (weights > 0.0)[:, ::-1].argmax(axis=1)
    return order[np.arange(len(order)), np.minimum(places, last_places)]
