"""Translations that are not finished yet, a row each, and what makes hypotheses of them.

Shape letters: B sentences, N rows, k candidates a row, S source positions, T tokens so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from mtkit.search.hypothesis import Hypothesis, Ranking
from mtkit.text.special import BEGIN_ID, END_ID


@dataclass(frozen=True)
class Limits:
    """How long the hypotheses of each sentence may become, in tokens; END_ID is not counted.

    Attributes:
        longest: int [B].
        shortest: int [B], or None where any length will do.
    """

    longest: np.ndarray
    shortest: np.ndarray | None = None


class Extension(NamedTuple):
    """One more token for rows that go on.

    Attributes:
        parents: int [M], the row that each goes on from.
        tokens: int [M].
        gains: float64 [M], log-probabilities and biases.
        log_probabilities: float64 [M].
    """

    parents: np.ndarray
    tokens: np.ndarray
    gains: np.ndarray
    log_probabilities: np.ndarray


@dataclass
class OpenHypotheses:
    """Unfinished hypotheses, a row each, grouped by sentence.

    Attributes:
        owner: int [N], the sentence.
        scores: float64 [N], what candidates are chosen by: log-probability and biases so far.
        ids: int32 [N, T].
        log_probabilities: float64 [N, T].
        attention: float32 [N, T, S], or None.
    """

    owner: np.ndarray
    scores: np.ndarray
    ids: np.ndarray
    log_probabilities: np.ndarray
    attention: np.ndarray | None = None

    @classmethod
    def begin(cls, owner: np.ndarray) -> "OpenHypotheses":
        """Rows without tokens."""
        rows = len(owner)
        return cls(owner, np.zeros(rows), np.zeros((rows, 0), np.int32), np.zeros((rows, 0)))

    def __len__(self) -> int:
        return len(self.owner)

    @property
    def length(self) -> int:
        """T, the same for all."""
        return self.ids.shape[1]

    def kept(self, live: np.ndarray) -> "OpenHypotheses":
        """The rows of which bool [N] is true."""
        if live.all():
            return self
        return OpenHypotheses(*(None if array is None else array[live] for array in vars(self).values()))

    def extended(self, by: Extension, attention: np.ndarray | None) -> "OpenHypotheses":
        """The rows that go on, each with one more token.

        Args:
            attention: float32 [N, S] of this step, of these rows; None where it is not kept.
        """
        parents = by.parents
        if attention is not None:
            attention = attention[parents, None]  # [M, 1, S]
            if self.attention is not None:
                attention = np.concatenate([self.attention[parents], attention], axis=1)
        return OpenHypotheses(
            self.owner[parents],
            self.scores[parents] + by.gains,
            np.column_stack([self.ids[parents], by.tokens.astype(np.int32)]),
            np.column_stack([self.log_probabilities[parents], by.log_probabilities]),
            attention,
        )


@dataclass(frozen=True)
class Ending:
    """Makes hypotheses of rows that come to their end.

    Attributes:
        ranking: what their scores are made by.
        keep_attention: whether they come with their attention.
        positions: of each sentence the source positions that are its own, with END_ID; before them may stand
            its context, and behind them is padding.
    """

    ranking: Ranking = field(default_factory=Ranking)
    keep_attention: bool = False
    positions: Sequence[slice] | None = None

    @property
    def attending(self) -> bool:
        """Whether rows need their attention."""
        return self.keep_attention or self.ranking.coverage > 0

    def complete(self, rows: OpenHypotheses, row: int) -> Hypothesis:
        """The hypothesis of a row whose last token is END_ID."""
        return self._hypothesis(rows, row, complete=True)

    def cut_off(self, rows: OpenHypotheses, row: int) -> Hypothesis:
        """The hypothesis of a row that must not go on."""
        return self._hypothesis(rows, row, complete=False)

    def _hypothesis(self, rows: OpenHypotheses, row: int, *, complete: bool) -> Hypothesis:
        ids = rows.ids[row, :-1] if complete else rows.ids[row]
        attention = None if rows.attention is None else rows.attention[row]  # [T, S]
        if attention is not None and self.positions is not None:
            attention = attention[:, self.positions[rows.owner[row]]]
        log_probabilities = rows.log_probabilities[row]
        return Hypothesis(
            ids=tuple(ids.tolist()),
            token_log_probabilities=tuple(log_probabilities.tolist()),
            score=self.ranking.score(log_probabilities.sum(), len(log_probabilities), attention),
            complete=complete,
            attention=attention if self.keep_attention else None,
        )


def first_tokens(owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the first step takes: BEGIN_ID for each row, and the row of its sentence; int32 [N] both."""
    return np.full(len(owner), BEGIN_ID, np.int32), owner.astype(np.int32)


def without_early_end(
    scores: np.ndarray, ids: np.ndarray, rows: OpenHypotheses, shortest: np.ndarray | None
) -> np.ndarray:
    """Scores [N, k] of candidates; of one that ends before int [B] `shortest` tokens -inf."""
    if shortest is None:
        return scores
    early = rows.length < shortest[rows.owner]
    return np.where((ids == END_ID) & early[:, None], -np.inf, scores)
