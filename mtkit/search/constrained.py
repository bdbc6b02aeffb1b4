"""Beam search that brings certain phrases into the translation: dynamic beam allocation (Post and Vilar 2018,
arXiv:1804.06609).

Beside its likeliest continuations, each row may go on with the next token of a phrase that is still to come.
The beam is shared out among rows by how many tokens of phrases they hold, so that those that pay for a phrase
early are not lost to those that put it off; only a row that holds all of them may end.

Shape letters: B sentences, N rows, k candidates a row, V vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mtkit.search.beam import Ending, Hypothesis, Ranking, Rows, StepFunction, ranked, unique
from mtkit.text.special import BEGIN_ID, END_ID

# Lifts the tokens of phrases above all others, so that they are among the candidates; taken off again at
# once.
LIFT = 128.0
# A phrase: the ways to say it, each a list of tokens.
Phrase = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Pending:
    """Which phrases a row still owes.

    Attributes:
        phrases: all of the sentence.
        met: those that are there.
        inside: (phrase, way, tokens so far) of those that its last tokens may be the beginning of.
        closing: a phrase has just been completed; no letter may follow, which would make another word of it.
    """

    phrases: tuple[Phrase, ...]
    met: frozenset[int] = frozenset()
    inside: tuple[tuple[int, int, int], ...] = ()
    closing: bool = False

    @property
    def done(self) -> bool:
        return len(self.met) == len(self.phrases)

    @property
    def tokens(self) -> int:
        """How far the row is: tokens of the phrases that it holds (of their longest ways, so that these count
        most), and of the one that it is in."""
        held = sum(max(map(len, self.phrases[number])) for number in self.met)
        return held + max((so_far for *_, so_far in self.inside), default=0)

    def wanted(self) -> set[int]:
        """The tokens that lead on."""
        following = {self.phrases[number][way][so_far] for number, way, so_far in self.inside}
        if following:
            return following
        return {way[0] for number in self.open_ones() for way in self.phrases[number]}

    def open_ones(self) -> list[int]:
        """Phrases that are not met; of equal ones the first, since what meets one does not meet the other."""
        different = {
            self.phrases[number]: number
            for number in reversed(range(len(self.phrases)))
            if number not in self.met
        }
        return list(different.values())

    def after(self, token: int) -> "Pending":
        """What is owed when this token has followed."""
        begun = [(number, way, 0) for number in self.open_ones() for way in range(len(self.phrases[number]))]
        possible = [*self.inside, *begun]
        going = [
            (number, way, so_far + 1)
            for number, way, so_far in possible
            if self.phrases[number][way][so_far] == token
        ]
        met = {number for number, way, so_far in going if so_far == len(self.phrases[number][way])}
        inside = tuple(one for one in going if one[0] not in met)
        return replace(self, met=self.met | met, inside=inside, closing=bool(met))


def constrained_search(
    step: StepFunction,
    state: Any,
    width: int,
    longest: np.ndarray,
    phrases: Sequence[Sequence[Phrase]],
    word_ends: np.ndarray,
    word_letters: np.ndarray,
    ranking: Ranking = Ranking(),  # noqa: B008  frozen
    keep_attention: bool = False,
    positions: np.ndarray | None = None,
) -> list[list[Hypothesis]]:
    """The finished hypotheses of each sentence, best first; behind them those that were cut off, by how many
    phrases they hold.

    Args:
        step: gives the k best continuations of each row; k >= width + the number of ways to say the phrases
            of a sentence.
        state: for B rows, one a sentence.
        width: K.
        longest: int [B], most tokens of a hypothesis of each sentence.
        phrases: of each sentence.
        word_ends: bool [V], whether a token can follow the last letter of a word.
        word_letters: bool [V], whether a token ends with such a letter.
        keep_attention, positions: see `beam.Ending`.
    """
    sentences = len(longest)
    finished: list[list[Hypothesis]] = [[] for _ in range(sentences)]
    broken: list[list[tuple[int, Hypothesis]]] = [
        [] for _ in range(sentences)
    ]  # with the number of phrases that they hold
    rows, ending = Rows.begin(np.arange(sentences)), Ending(ranking, keep_attention, positions)
    owed = [Pending(tuple(own)) for own in phrases]
    tokens, parents = np.full(sentences, BEGIN_ID, np.int32), np.arange(sentences, dtype=np.int32)

    def break_off(row: int) -> None:
        broken[rows.owner[row]].append((len(owed[row].met), ending.cut_off(rows, row)))

    while len(rows.owner):
        length = rows.ids.shape[1]
        lift = np.zeros((len(rows.owner), len(word_ends)), np.float32)
        for row, pending in enumerate(owed):
            lift[row, list(pending.wanted())] = LIFT
            if pending.closing and word_letters[rows.ids[row, -1]]:
                lift[row, ~word_ends] = -np.inf
            if not pending.done:
                lift[row, END_ID] = -np.inf
        scores, ids, attention, state = step(state, tokens, parents, lift)
        possible = np.isfinite(scores)
        gained = np.where(possible, scores, 0.0) - np.where(
            possible, np.take_along_axis(lift, ids.astype(np.int64), axis=1), 0.0
        )
        chosen: list[tuple[int, int]] = []
        following: list[Pending] = []
        for sentence in np.unique(rows.owner):
            candidates, own = [], np.flatnonzero(rows.owner == sentence)
            for row in own:
                own_columns = width + sum(
                    map(len, owed[row].phrases)
                )  # more are there for other sentences only
                for column in np.flatnonzero(possible[row, :own_columns]):
                    candidates.append(
                        (
                            rows.scores[row] + gained[row, column],
                            row,
                            column,
                            owed[row].after(int(ids[row, column])),
                        )
                    )
            for _, row, column, pending in shared_out(candidates, width - len(finished[sentence])):
                chosen.append((row, column))
                following.append(pending)
            if not candidates:  # nothing may follow
                for row in own:
                    break_off(row)
        if not chosen:
            break
        row_of, column_of = map(np.array, zip(*chosen, strict=True))
        tokens = ids[row_of, column_of]
        here = gained[row_of, column_of]
        after = rows.extended(
            row_of, rows.scores[row_of] + here, tokens, here, attention if ending.attending else None
        )
        live = np.ones(len(tokens), bool)
        for position, token in enumerate(tokens):
            sentence = after.owner[position]
            if token == END_ID:
                finished[sentence].append(ending.complete(after, position))
            elif length >= longest[sentence]:
                break_off(row_of[position])
            live[position] = (
                token != END_ID and length < longest[sentence] and len(finished[sentence]) < width
            )
        parents, tokens = row_of[live].astype(np.int32), tokens[live].astype(np.int32)
        owed = [pending for pending, kept in zip(following, live, strict=True) if kept]
        rows = after.kept(live)
    return [
        ranked(whole) + unique([one for _, one in sorted(rest, key=lambda pair: (-pair[0], -pair[1].score))])
        for whole, rest in zip(finished, broken, strict=True)
    ]


def shared_out(
    candidates: list[tuple[float, int, int, Pending]], room: int
) -> list[tuple[float, int, int, Pending]]:
    """The candidates that go on: as many of each number of tokens of phrases, as far as there are so many;
    the best of the rest.
    """
    candidates = sorted(candidates, key=lambda candidate: -candidate[0])
    banks: dict[int, list] = {}
    for candidate in candidates:
        banks.setdefault(candidate[3].tokens, []).append(candidate)
    share = max(1, room // max(1, len(banks)))
    kept = [candidate for tokens in sorted(banks, reverse=True) for candidate in banks[tokens][:share]][:room]
    taken = {id(candidate) for candidate in kept}
    kept += [candidate for candidate in candidates if id(candidate) not in taken][: room - len(kept)]
    return sorted(kept, key=lambda candidate: candidate[1])
