"""Beam search over a step function. It knows no model: it sees log-probabilities, and says which rows go on.

The beam of a sentence shrinks as hypotheses end (as in Bahdanau et al. 2015): of the candidates of a step the
best K minus the finished ones are kept; one that ends in END_ID is finished, the others go on. With K = 1
this is greedy search; with K at least the number of possible prefixes it is exhaustive.

Shape letters: B sentences, K beam, N live rows (at most B x K), k candidates a row, V vocabulary, S source
positions, T tokens so far.
"""

from typing import Any

import numpy as np

from mtkit.search.hypothesis import Hypothesis, ranked
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


def beam_search(
    step: StepFunction,
    state: Any,
    width: int,
    limits: Limits,
    ending: Ending = Ending(),  # noqa: B008  frozen
    *,
    bias: Bias | None = None,
    best: int = 1,
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each sentence, best first.

    A sentence ends early when none of its open hypotheses can come among the `best` any more: a
    log-probability only falls, so that an open one is worth at most its log-probability now over the length
    penalty of the longest that it may become. What comes out is the same.

    Args:
        step: gives the k best continuations of each row, best first; k >= min(K, V), and one more with a
            shortest length.
        state: for B rows, one a sentence.
        width: K.
        limits: of the B sentences.
        bias: added to log-probabilities for the choice of tokens, not to the scores of hypotheses.
        best: how many hypotheses must be the best that there are.
    """
    sentences = len(limits.longest)
    finished = FinishedHypotheses(sentences, width, best)
    largest_penalties = ending.ranking.length_penalty(limits.longest + 1.0)  # [B]
    rows = OpenHypotheses.begin(np.arange(sentences))
    tokens, parents = first_tokens(rows.owner)
    while len(rows):
        added = bias(rows.ids, rows.owner) if bias else None
        scores, ids, attention, state = step(state, tokens, parents, added)
        scores = without_early_end(scores, ids, rows, limits.shortest)
        chosen, columns = best_candidates(rows.scores[:, None] + scores, rows.owner, finished.room)
        tokens, gains = ids[chosen, columns], scores[chosen, columns]  # [M], the rows that go on or end
        log_probabilities = gains if added is None else gains - added[chosen, tokens]
        extension = Extension(chosen, tokens, gains, log_probabilities)
        extended = rows.extended(extension, attention if ending.attending else None)

        ended = tokens == END_ID
        too_long = (rows.length >= limits.longest[extended.owner]) & ~ended
        for row in np.flatnonzero(ended):
            finished.add(extended.owner[row], ending.complete(extended, row))
        for row in chosen[too_long]:
            finished.add(rows.owner[row], ending.cut_off(rows, row))
        for sentence in only_in(rows.owner, extended.owner, sentences):  # nothing may follow
            if not finished.of[sentence]:
                best_row = np.flatnonzero(rows.owner == sentence)[0]
                finished.add(sentence, ending.cut_off(rows, best_row))

        live = ~(ended | too_long)
        hopes = extended.log_probabilities.sum(axis=1) / largest_penalties[extended.owner]  # [M]
        live &= finished.wants(hopes, extended.owner, live)
        tokens, parents = tokens[live].astype(np.int32), chosen[live].astype(np.int32)
        rows = extended.kept(live)
    return list(map(ranked, finished.of))


class FinishedHypotheses:
    """The hypotheses of each sentence that have come to their end.

    Attributes:
        of: the hypotheses of each sentence, in the order in which they ended.
        room: int [B], how many more there may be.

    Args:
        sentences: B.
        width: how many hypotheses a sentence may have.
        best: how many of them must be the best that there are.
    """

    def __init__(self, sentences: int, width: int, best: int):
        self.of: list[list[Hypothesis]] = [[] for _ in range(sentences)]
        self.room = np.full(sentences, width)
        self._best = best
        self._worst_of_best = np.full(sentences, -np.inf)

    def add(self, sentence: int, hypothesis: Hypothesis) -> None:
        hypotheses = self.of[sentence]
        hypotheses.append(hypothesis)
        self.room[sentence] -= 1
        if len(hypotheses) >= self._best:
            scores = sorted(hypothesis.score for hypothesis in hypotheses)
            self._worst_of_best[sentence] = scores[-self._best]

    def wants(self, hopes: np.ndarray, owner: np.ndarray, live: np.ndarray) -> np.ndarray:
        """Whether an open hypothesis of the sentence of each row may still come among its best, bool [M].

        Args:
            hopes: float64 [M], the score that a row may reach at most.
            owner: int [M], its sentence.
            live: bool [M], whether it goes on.
        """
        largest = np.full(len(self.of), -np.inf)  # [B]
        np.maximum.at(largest, owner[live], hopes[live])
        return (largest > self._worst_of_best)[owner]


def only_in(owner: np.ndarray, others: np.ndarray, sentences: int) -> np.ndarray:
    """The sentences that int [N] `owner` names and int [M] `others` does not."""
    named = np.zeros(sentences, bool)
    named[owner] = True
    named[others] = False
    return np.flatnonzero(named)


def best_candidates(totals: np.ndarray, owner: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the best `room[s]` candidates of each sentence s, grouped by sentence, best first.

    Args:
        totals: float [N, k].
        owner: int [N], the sentence of each row, ascending.
        room: int [B].
    """
    candidates = totals.shape[1]
    rows_of = np.bincount(owner, minlength=len(room))  # [B]
    first_rows = np.cumsum(rows_of) - rows_of
    most_rows = int(rows_of.max(initial=0))
    # A sentence a line, padded: column c is candidate c % k of its row c // k.
    lines = np.full((len(room), most_rows * candidates), np.inf)
    row_in_sentence = np.arange(len(owner)) - first_rows[owner]
    columns = (row_in_sentence * candidates)[:, None] + np.arange(candidates)  # [N, k]
    lines[owner[:, None], columns] = -totals
    order = lines.argsort(axis=1, kind="stable")[:, : int(room.max(initial=0))]
    possible = lines[np.arange(len(room))[:, None], order] < np.inf
    kept = possible & (np.arange(order.shape[1]) < room[:, None])
    rows, columns = np.divmod(order, candidates)
    return (first_rows[:, None] + rows)[kept], columns[kept]
