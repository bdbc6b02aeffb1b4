"""Beam search that brings certain phrases into the translation: dynamic beam allocation (Post and Vilar 2018,
arXiv:1804.06609).

Beside its likeliest continuations, each row may go on with the next token of a phrase that is still to come.
The beam is shared out among rows by how many tokens of phrases they hold, so that those that pay for a phrase
early are not lost to those that put it off; only a row that holds all of them may end.

Shape letters: B sentences, N rows, k candidates a row, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from mtkit.search.hypothesis import Hypothesis, ranked, unique
from mtkit.search.open_hypotheses import Ending, Extension, Limits, OpenHypotheses, first_tokens
from mtkit.search.pending import Pending, Phrase
from mtkit.search.step_function import StepFunction
from mtkit.search.word_edges import WordEdges
from mtkit.text.special import END_ID

# Lifts the tokens of phrases above all others, so that they are among the candidates; taken off again at
# once.
LIFT = 128.0


class Continuation(NamedTuple):
    """A row with one more token.

    Attributes:
        score: of the row and the token.
        row, column: the row, and which of its candidates the token is.
        pending: what is owed then.
    """

    score: float
    row: int
    column: int
    pending: Pending


def constrained_search(
    step: StepFunction,
    state: Any,
    width: int,
    limits: Limits,
    phrases: Sequence[Sequence[Phrase]],
    edges: WordEdges,
    ending: Ending = Ending(),  # noqa: B008  frozen
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each sentence, best first; behind them those that were cut off, by how many
    phrases they hold.

    Args:
        step: gives the k best continuations of each row; k >= width + the number of ways to say the phrases
            of a sentence.
        state: for B rows, one a sentence.
        width: K.
        limits: of the B sentences; a shortest length is not kept.
        phrases: of each sentence.
    """
    outcomes = [PhraseOutcome() for _ in phrases]
    owed = [Pending(tuple(phrases_of_sentence)) for phrases_of_sentence in phrases]
    rows = OpenHypotheses.begin(np.arange(len(phrases)))
    tokens, parents = first_tokens(rows.owner)
    while len(rows):
        lift = lifts(rows, owed, edges)
        scores, ids, attention, state = step(state, tokens, parents, lift)
        gains = without_lift(scores, ids, lift)
        going_on: list[Continuation] = []
        for sentence in np.unique(rows.owner):
            outcome, candidates = outcomes[sentence], []
            rows_of_sentence = np.flatnonzero(rows.owner == sentence)
            for row in rows_of_sentence:
                columns = width + owed[row].ways  # behind these are more for other sentences only
                candidates += continuations(row, rows.scores[row], gains[row, :columns], ids[row], owed[row])
            going_on += shared_out(candidates, width - len(outcome.complete))
            if not candidates:  # nothing may follow
                for row in rows_of_sentence:
                    outcome.break_off(ending.cut_off(rows, row), owed[row])
        if not going_on:
            break
        chosen = np.array([continuation.row for continuation in going_on])  # [M]
        columns = np.array([continuation.column for continuation in going_on])
        tokens, gains = ids[chosen, columns], gains[chosen, columns]
        extension = Extension(chosen, tokens, gains, log_probabilities=gains)
        extended = rows.extended(extension, attention if ending.attending else None)

        live = np.zeros(len(tokens), bool)
        for row, token in enumerate(tokens):
            sentence, parent = extended.owner[row], chosen[row]
            outcome, too_long = outcomes[sentence], rows.length >= limits.longest[sentence]
            if token == END_ID:
                outcome.complete.append(ending.complete(extended, row))
            elif too_long:
                outcome.break_off(ending.cut_off(rows, parent), owed[parent])
            else:
                live[row] = len(outcome.complete) < width
        tokens, parents = tokens[live].astype(np.int32), chosen[live].astype(np.int32)
        owed = [continuation.pending for continuation, kept in zip(going_on, live, strict=True) if kept]
        rows = extended.kept(live)
    return [outcome.in_order() for outcome in outcomes]


@dataclass
class PhraseOutcome:
    """What became of the rows of a sentence.

    Attributes:
        complete: hypotheses that hold all phrases.
        broken_off: how many phrases one holds, and the hypothesis.
    """

    complete: list[Hypothesis] = field(default_factory=list)
    broken_off: list[tuple[int, Hypothesis]] = field(default_factory=list)

    def break_off(self, hypothesis: Hypothesis, pending: Pending) -> None:
        self.broken_off.append((len(pending.met), hypothesis))

    def in_order(self) -> list[Hypothesis]:
        """The best first; those that were cut off behind them, by how many phrases they hold."""
        broken_off = sorted(self.broken_off, key=lambda pair: (-pair[0], -pair[1].score))
        return ranked(self.complete) + unique(hypothesis for _, hypothesis in broken_off)


def lifts(rows: OpenHypotheses, owed: Sequence[Pending], edges: WordEdges) -> np.ndarray:
    """The bias of each row, float32 [N, V]: LIFT for what leads on, -inf for what must not follow."""
    lift = np.zeros((len(rows), len(edges.can_follow)), np.float32)
    for row, pending in enumerate(owed):
        lift[row, list(pending.wanted())] = LIFT
        if pending.closing and edges.end_in_letter[rows.ids[row, -1]]:
            lift[row, ~edges.can_follow] = -np.inf
        if not pending.done:
            lift[row, END_ID] = -np.inf
    return lift


def without_lift(scores: np.ndarray, ids: np.ndarray, lift: np.ndarray) -> np.ndarray:
    """Scores [N, k] without what the bias [N, V] added to them; -inf stays."""
    added = np.take_along_axis(lift, ids.astype(np.int64), axis=1)
    return np.where(np.isfinite(scores), scores - np.where(np.isfinite(added), added, 0.0), -np.inf)


def continuations(
    row: int, score: float, gains: np.ndarray, ids: np.ndarray, pending: Pending
) -> list[Continuation]:
    """The ways to go on from a row with a score, by candidates [k]."""
    return [
        Continuation(score + gains[column], row, column, pending.after(int(ids[column])))
        for column in np.flatnonzero(np.isfinite(gains))
    ]


def shared_out(candidates: list[Continuation], room: int) -> list[Continuation]:
    """The candidates that go on: as many of each number of tokens of phrases, as far as there are so many;
    the best of the others.
    """
    best_first = sorted(candidates, key=lambda candidate: -candidate.score)
    banks: dict[int, list[Continuation]] = {}
    for candidate in best_first:
        banks.setdefault(candidate.pending.tokens, []).append(candidate)
    share = max(1, room // max(1, len(banks)))
    kept: list[Continuation] = []
    for tokens in sorted(banks, reverse=True):
        kept += banks[tokens][:share]
    kept = kept[:room]
    taken = {(candidate.row, candidate.column) for candidate in kept}
    others = [candidate for candidate in best_first if (candidate.row, candidate.column) not in taken]
    kept += others[: room - len(kept)]
    return sorted(kept, key=lambda candidate: candidate.row)
