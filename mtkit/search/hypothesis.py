"""A finished translation of a sentence, and what hypotheses are compared by.

Shape letters: S source positions, T tokens.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mtkit.text.special import END_ID

# What a source position counts as that no token attended to: the logarithm of it is finite.
LEAST_COVERAGE = 1e-9


@dataclass(frozen=True)
class Hypothesis:
    """A finished translation of one sentence.

    Attributes:
        ids: tokens, without BEGIN_ID and END_ID.
        token_log_probabilities: of each token and END_ID, in nats; without END_ID where `complete` is false.
        score: what hypotheses are ranked by: log-probability over length penalty, plus coverage penalty.
        complete: false when the longest allowed length cut it off.
        attention: float32 [T, S], a row for each token and END_ID; None where it was not asked for.
        entropies: of what each token was chosen from, in nats; empty where they were not asked for.
    """

    ids: tuple[int, ...]
    token_log_probabilities: tuple[float, ...]
    score: float
    complete: bool
    attention: np.ndarray | None = None
    entropies: tuple[float, ...] = ()

    @property
    def all_ids(self) -> tuple[int, ...]:
        """With END_ID, where it is there."""
        return (*self.ids, END_ID) if self.complete else self.ids

    @property
    def log_probability(self) -> float:
        """Of all tokens together, in nats."""
        return math.fsum(self.token_log_probabilities)


@dataclass(frozen=True)
class Ranking:
    """What hypotheses are compared by.

    Attributes:
        exponent: a of the length penalty.
        form: "wu", ((5 + n) / 6)^a (Wu et al. 2016, arXiv:1609.08144, eq. 14), or "power", n^a; n the tokens
            with END_ID.
        coverage: b of the coverage penalty b sum_s log min(1, sum_t attention_ts) (the same equation), which
            is added.
    """

    exponent: float = 1.0
    form: str = "wu"
    coverage: float = 0.0

    def length_penalty(self, length):
        """What a log-probability is divided by; of a number or an array of lengths, END_ID counted."""
        base = (5.0 + length) / 6.0 if self.form == "wu" else np.maximum(length, 1.0)
        return base**self.exponent

    def score(self, log_probability: float, length: int, attention: np.ndarray | None) -> float:
        """Of a finished hypothesis; attention float [T, S]."""
        score = float(log_probability / self.length_penalty(length))
        if self.coverage and attention is not None:
            covered = np.clip(attention.sum(axis=0, dtype=np.float64), LEAST_COVERAGE, 1.0)  # [S]
            score += self.coverage * float(np.log(covered).sum())
        return score


def ranked(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """The different ones, best first."""
    return sorted(unique(hypotheses), key=lambda hypothesis: -hypothesis.score)


def unique(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """The hypotheses without repetitions (rows cut off at the longest length may share their tokens)."""
    first_of: dict[tuple, Hypothesis] = {}
    for hypothesis in hypotheses:
        first_of.setdefault((hypothesis.ids, hypothesis.complete), hypothesis)
    return list(first_of.values())
