"""Beam search over a step function. It knows no model: it sees log-probabilities, and says which rows go on.

The beam of a sentence shrinks as hypotheses end (as in Bahdanau et al. 2015): of the candidates of a step the best K
minus the finished ones are kept; one that ends in END_ID is finished, the others go on. With K = 1 this is greedy
search; with K at least the number of possible prefixes it is exhaustive.

Shape letters: B sentences, K beam, N live rows (at most B x K), k candidates a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mtkit.text.special import BEGIN_ID, END_ID


@dataclass(frozen=True)
class Hypothesis:
    """A finished translation of one sentence.

    Attributes:
        ids: tokens, without BEGIN_ID and END_ID.
        log_probability: sum over the tokens and END_ID, in nats; of the tokens alone when `complete` is false.
        score: log_probability divided by the length penalty.
        complete: false when the longest allowed length cut it off.
    """

    ids: tuple[int, ...]
    log_probability: float
    score: float
    complete: bool


# (state, tokens int32 [N], parent rows int32 [N]) -> (log-probabilities float32 [N, k], ids int32 [N, k], new state)
StepFunction = Callable[[Any, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, Any]]


def length_penalty(length: int, exponent: float) -> float:
    """((5 + n) / 6)^a (Wu et al. 2016, arXiv:1609.08144, eq. 14), n the tokens with END_ID."""
    return ((5.0 + length) / 6.0) ** exponent


def beam_search(
    step: StepFunction, state: Any, beam: int, longest: np.ndarray, penalty: float = 1.0
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each sentence, best first.

    Args:
        step: gives the k >= min(K, V) best continuations of each row, best first.
        state: for B rows, one a sentence.
        beam: K.
        longest: int [B], most tokens of a hypothesis of each sentence, END_ID not counted.
        penalty: exponent of the length penalty.
    """
    sentences = len(longest)
    finished: list[list[Hypothesis]] = [[] for _ in range(sentences)]
    owner = np.arange(sentences)
    scores = np.zeros(sentences)
    tokens = np.full(sentences, BEGIN_ID, np.int32)
    parents = np.arange(sentences, dtype=np.int32)
    history: list[tuple[np.ndarray, np.ndarray]] = []
    room = np.full(sentences, beam)

    while len(owner):
        log_probabilities, ids, state = step(state, tokens, parents)
        length = len(history)
        chosen_rows, chosen = best_candidates(scores[:, None] + log_probabilities, owner, room)
        tokens = ids[chosen_rows, chosen]
        totals = scores[chosen_rows] + log_probabilities[chosen_rows, chosen]
        over = (length >= longest[owner[chosen_rows]]) & (tokens != END_ID)
        done = (tokens == END_ID) | over
        for position in np.flatnonzero(done):
            row = int(chosen_rows[position])
            sentence = int(owner[row])
            complete = not over[position]
            total = float(totals[position] if complete else scores[row])
            hypothesis = Hypothesis(
                trace(history, row), total, total / length_penalty(length + complete, penalty), bool(complete)
            )
            finished[sentence].append(hypothesis)
            room[sentence] -= 1
        live = ~done
        parents = chosen_rows[live].astype(np.int32)
        tokens = tokens[live].astype(np.int32)
        scores = totals[live]
        owner = owner[parents]
        history.append((tokens, parents))
    return [sorted(unique(found), key=lambda hypothesis: -hypothesis.score) for found in finished]


def best_candidates(totals: np.ndarray, owner: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the best `room[s]` candidates of each sentence s, grouped by sentence, best first.

    Args:
        totals: float [N, k].
        owner: int [N], the sentence of each row, ascending.
        room: int [B].
    """
    rows, width = np.divmod(np.arange(totals.size), totals.shape[1])
    flat = totals.ravel()
    order = np.lexsort((-flat, owner[rows]))
    sentence = owner[rows[order]]
    first = np.searchsorted(sentence, sentence)
    rank = np.arange(len(order)) - first
    kept = order[(rank < room[sentence]) & np.isfinite(flat[order])]
    return rows[kept], width[kept]


def trace(history: list[tuple[np.ndarray, np.ndarray]], row: int) -> tuple[int, ...]:
    """The tokens that led to a row, first to last."""
    ids = []
    for tokens, parents in reversed(history):
        ids.append(int(tokens[row]))
        row = int(parents[row])
    return tuple(reversed(ids))


def unique(hypotheses: list[Hypothesis]) -> list[Hypothesis]:
    """The hypotheses without repetitions (rows cut off at the longest length may share their tokens)."""
    seen: dict[tuple, Hypothesis] = {}
    for hypothesis in hypotheses:
        seen.setdefault((hypothesis.ids, hypothesis.complete), hypothesis)
    return list(seen.values())
