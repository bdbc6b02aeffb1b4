"""Search over a step function. It knows no model: it sees log-probabilities, and says which rows go on.

The beam of a sentence shrinks as hypotheses end (as in Bahdanau et al. 2015): of the candidates of a step the
best K minus the finished ones are kept; one that ends in END_ID is finished, the others go on. With K = 1
this is greedy search; with K at least the number of possible prefixes it is exhaustive.

Shape letters: B sentences, K beam, N live rows (at most B x K), k candidates a row, V vocabulary, S source
positions, T tokens so far.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from mtkit.text.special import BEGIN_ID, END_ID


class Expansion(NamedTuple):
    """What a step function gives.

    Attributes:
        scores: log-probability plus bias, float64 [N, k], best first.
        ids: int32 [N, k].
        attention: float32 [N, S], of the step that chooses these tokens; None for a model without.
        state: what the next step needs.
    """

    scores: np.ndarray
    ids: np.ndarray
    attention: np.ndarray | None
    state: Any


# (state, tokens int32 [N], parent rows int32 [N], bias float32 [N, V] or None) -> Expansion
StepFunction = Callable[[Any, np.ndarray, np.ndarray, np.ndarray | None], Expansion]
# (tokens so far int32 [N, T], sentence of each row int [N]) -> bias float32 [N, V], or None
Bias = Callable[[np.ndarray, np.ndarray], np.ndarray | None]


@dataclass(frozen=True)
class Hypothesis:
    """A finished translation of one sentence.

    Attributes:
        ids: tokens, without BEGIN_ID and END_ID.
        token_log_probabilities: of each token and END_ID, in nats; of the tokens alone when `complete` is
            false.
        score: what hypotheses are ranked by: log_probability over the length penalty, plus the coverage
            penalty.
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
        """Of the whole, in nats."""
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
        return ((5.0 + length) / 6.0 if self.form == "wu" else np.maximum(length, 1.0)) ** self.exponent

    def score(self, log_probability: float, length: int, attention: np.ndarray | None) -> float:
        """Of a finished hypothesis; attention float [T, S]."""
        score = float(log_probability / self.length_penalty(length))
        if self.coverage and attention is not None:
            seen = np.clip(attention.sum(axis=0, dtype=np.float64), 1e-9, 1.0)
            score += self.coverage * float(np.log(seen).sum())
        return score


@dataclass
class Rows:
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
    def begin(cls, owner: np.ndarray) -> "Rows":
        """Rows without tokens."""
        rows = len(owner)
        return cls(owner, np.zeros(rows), np.zeros((rows, 0), np.int32), np.zeros((rows, 0)))

    def kept(self, live: np.ndarray) -> "Rows":
        """The rows of which bool [N] is true."""
        return Rows(*(None if array is None else array[live] for array in vars(self).values()))

    def extended(self, parents: np.ndarray, scores, ids, log_probabilities, attention) -> "Rows":
        """The rows that go on, each a parent with one more token; attention float32 [N, S] of the parents, or
        None.
        """
        if attention is not None:
            attention = attention[parents, None]
            if self.attention is not None:
                attention = np.concatenate([self.attention[parents], attention], axis=1)
        return Rows(
            self.owner[parents],
            scores,
            np.column_stack([self.ids[parents], ids.astype(np.int32)]),
            np.column_stack([self.log_probabilities[parents], log_probabilities]),
            attention,
        )


@dataclass(frozen=True)
class Ending:
    """Makes hypotheses of rows that come to their end.

    Attributes:
        ranking: what their scores are made by.
        keep_attention: whether they come with their attention.
        positions: int [B], source positions of each sentence, its END_ID counted; what is behind is padding.
    """

    ranking: Ranking
    keep_attention: bool
    positions: np.ndarray | None = None

    @property
    def attending(self) -> bool:
        """Whether rows need their attention."""
        return self.keep_attention or self.ranking.coverage > 0

    def complete(self, rows: Rows, row: int) -> Hypothesis:
        """The hypothesis of a row whose last token is END_ID."""
        return self._hypothesis(rows, row, tuple(rows.ids[row, :-1].tolist()), True)

    def cut_off(self, rows: Rows, row: int) -> Hypothesis:
        """The hypothesis of a row that must not go on."""
        return self._hypothesis(rows, row, tuple(rows.ids[row].tolist()), False)

    def _hypothesis(self, rows: Rows, row: int, ids: tuple[int, ...], whole: bool) -> Hypothesis:
        attention = None if rows.attention is None else rows.attention[row]
        if attention is not None and self.positions is not None:
            attention = attention[:, : self.positions[rows.owner[row]]]
        each = rows.log_probabilities[row]
        score = self.ranking.score(each.sum(), len(each), attention)
        return Hypothesis(ids, tuple(each.tolist()), score, whole, attention if self.keep_attention else None)


def search(
    step: StepFunction,
    state: Any,
    width: int,
    longest: np.ndarray,
    ranking: Ranking = Ranking(),
    shortest: np.ndarray | None = None,
    bias: Bias | None = None,
    best: int = 1,
    keep_attention: bool = False,
    positions: np.ndarray | None = None,
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each sentence by beam search, best first.

    A sentence ends early when none of its open hypotheses can come among the `best` any more: a
    log-probability only falls, so that an open one is worth at most its log-probability now over the length
    penalty of the longest that it may become. What is found is the same.

    Args:
        step: gives the k best continuations of each row, best first; k >= min(K, V), and one more with
            `shortest`.
        state: for B rows, one a sentence.
        width: K.
        longest: int [B], most tokens of a hypothesis of each sentence, END_ID not counted.
        shortest: int [B], fewest tokens, likewise.
        bias: added to log-probabilities for the choice of tokens, not to the scores of hypotheses.
        best: how many hypotheses must be the best that there are.
        keep_attention, positions: see `Ending`.
    """
    sentences = len(longest)
    finished: list[list[Hypothesis]] = [[] for _ in range(sentences)]
    rows, ending = Rows.begin(np.arange(sentences)), Ending(ranking, keep_attention, positions)
    tokens, parents = np.full(sentences, BEGIN_ID, np.int32), np.arange(sentences, dtype=np.int32)
    room = np.full(sentences, width)
    most = ranking.length_penalty(longest + 1.0)
    needed = np.full(sentences, -np.inf)

    def finish(sentence: int, hypothesis: Hypothesis) -> None:
        found = finished[sentence]
        found.append(hypothesis)
        room[sentence] -= 1
        if len(found) >= best:
            needed[sentence] = sorted(one.score for one in found)[-best]

    while len(rows.owner):
        length = rows.ids.shape[1]
        added = bias(rows.ids, rows.owner) if bias else None
        scores, ids, attention, state = step(state, tokens, parents, added)
        scores = without_early_end(scores, ids, rows, shortest)
        chosen, column = best_candidates(rows.scores[:, None] + scores, rows.owner, room)
        tokens, gained = ids[chosen, column], scores[chosen, column]
        log_probabilities = gained if added is None else gained - added[chosen, tokens]
        attention = attention if ending.attending else None
        after = rows.extended(chosen, rows.scores[chosen] + gained, tokens, log_probabilities, attention)

        ended = tokens == END_ID
        over = (length >= longest[after.owner]) & ~ended
        for position in np.flatnonzero(ended):
            finish(after.owner[position], ending.complete(after, position))
        for row in chosen[over]:
            finish(rows.owner[row], ending.cut_off(rows, row))
        for sentence in only_in(rows.owner, after.owner, sentences):  # nothing may follow
            if not finished[sentence]:
                finish(sentence, ending.cut_off(rows, np.flatnonzero(rows.owner == sentence)[0]))

        live = ~(ended | over)
        hope = np.full(sentences, -np.inf)
        np.maximum.at(
            hope, after.owner[live], (after.log_probabilities.sum(axis=1) / most[after.owner])[live]
        )
        live &= (hope > needed)[after.owner]
        parents, tokens = chosen[live].astype(np.int32), tokens[live].astype(np.int32)
        rows = after.kept(live)
    return list(map(ranked, finished))


def only_in(owner: np.ndarray, other: np.ndarray, sentences: int) -> np.ndarray:
    """The sentences that the one names and the other does not."""
    found = np.zeros(sentences, bool)
    found[owner] = True
    found[other] = False
    return np.flatnonzero(found)


def without_early_end(
    scores: np.ndarray, ids: np.ndarray, rows: Rows, shortest: np.ndarray | None
) -> np.ndarray:
    """Scores [N, k] of candidates, none of which ends a hypothesis before it has int [B] `shortest`
    tokens.
    """
    if shortest is None:
        return scores
    early = rows.ids.shape[1] < shortest[rows.owner]
    return np.where((ids == END_ID) & early[:, None], -np.inf, scores)


def best_candidates(totals: np.ndarray, owner: np.ndarray, room: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the best `room[s]` candidates of each sentence s, grouped by sentence, best first.

    Args:
        totals: float [N, k].
        owner: int [N], the sentence of each row, ascending.
        room: int [B].
    """
    count = totals.shape[1]
    sizes = np.bincount(owner, minlength=len(room))
    starts, most = np.cumsum(sizes) - sizes, int(sizes.max(initial=0))
    # A sentence a line, padded: column c is candidate c % k of its row c // k.
    lines = np.full((len(room), most * count), np.inf)
    lines[
        owner[:, None], ((np.arange(len(owner)) - starts[owner]) * count)[:, None] + np.arange(count)
    ] = -totals
    order = lines.argsort(axis=1, kind="stable")[:, : int(room.max(initial=0))]
    kept = (lines[np.arange(len(room))[:, None], order] < np.inf) & (
        np.arange(order.shape[1]) < room[:, None]
    )
    rows, columns = np.divmod(order, count)
    return (starts[:, None] + rows)[kept], columns[kept]


def ranked(hypotheses: list[Hypothesis]) -> list[Hypothesis]:
    """The different ones, best first."""
    return sorted(unique(hypotheses), key=lambda hypothesis: -hypothesis.score)


def unique(hypotheses: list[Hypothesis]) -> list[Hypothesis]:
    """The hypotheses without repetitions (rows cut off at the longest length may share their tokens)."""
    seen: dict[tuple, Hypothesis] = {}
    for hypothesis in hypotheses:
        seen.setdefault((hypothesis.ids, hypothesis.complete), hypothesis)
    return list(seen.values())
