"""An engine serves the search: it keeps what a decoder needs for the rows of a search, and takes a step with
them.

What a step computes are a few functions: those of the model itself (keras_functions.py), compiled by
TensorFlow or JAX, or what `mtkit export` made of it (onnx_functions.py).

Shape letters: B sentences, N rows, S source positions, V vocabulary, k candidates a row, E width of the
readout, L tokens of a part of the vocabulary.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from mtkit.search.shortlist import NO_TOKEN, Shortlist, filled_up
from mtkit.search.step_function import Expansion
from mtkit.text.special import FORBIDDEN_IDS

# For rows that may have every token.
NO_MASK = np.zeros((1, 1), np.float32)


class Functions(Protocol):
    """The functions of a model. Arrays are those of its backend, except where a dtype is named.

    Attributes:
        size: V.
        attends: whether steps come with attention.
    """

    size: int
    attends: bool

    def start(self, source: np.ndarray) -> tuple[list, list]:
        """(memory, state) of int32 [B, S] sources: lists of arrays of B rows. The memory stays as it is, the
        state goes on.
        """

    def step(self, memory: list, state: list, tokens: np.ndarray) -> tuple[Any, np.ndarray | None, list]:
        """One token on: (readout [N, E], attention float32 [N, S] or None, state); int32 [N] tokens are those
        chosen last.
        """

    def best(self, readout: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The k = count likeliest tokens: (log-probabilities float32 [N, k], best first; ids int32 [N,
        k]).
        """

    def output(self, ids: np.ndarray | None = None) -> list:
        """The output layer of some tokens, int32 [L], L a multiple of BLOCK where NO_TOKEN fills up; if None,
        of all, filled up.
        """

    def best_of(
        self, readout: Any, count: int, output: list, mask: np.ndarray, bias: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The best of some tokens, as `best`.

        Args:
            output: their output layer.
            mask: float32 [N, L] or [1, 1], added to the logits.
            bias: float32 [N, L] or [1, L], added to the log-probabilities.

        Returns:
            (the k largest sums float32 [N, k], best first; their places among the L, int32 [N, k]).
        """

    def judge(self, readout: Any, output: list, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(log-probability, entropy of all), float32 [N] both, of int32 [N] tokens: places among those of the
        output layer.
        """

    def take(self, array: Any, rows: np.ndarray) -> Any:
        """Rows int [M] of an array."""

    def move(self, array: Any, rows: np.ndarray, places: np.ndarray, size: int) -> Any:
        """The first `size` rows of an array that is not needed any more, with rows int [M] at these places
        int [M] among them.
        """


class Rows(NamedTuple):
    """What a search carries from step to step.

    The rows of a sentence have the same memory, and memory is large. So where rows end, those at the end of
    the arrays move into the gaps, and the order of the arrays is not that of the search.

    Attributes:
        sentences: the memory, arrays of B rows.
        owner: int [N], the sentence of each row, ascending.
        places: int [N], where each row is in `memory` and `state`.
        memory: the memory row by row, arrays of N rows.
        state: arrays of N rows.
    """

    sentences: list
    owner: np.ndarray
    places: np.ndarray
    memory: list
    state: list


class Engine:
    """Encodes sources and takes decoding steps.

    Attributes:
        parallel: how many searches are best run at the same time, each in a thread.
    """

    def __init__(self, functions: Functions, parallel: int = 1):
        self.functions = functions
        self.parallel = parallel

    @property
    def attends(self) -> bool:
        """Whether steps come with attention."""
        return self.functions.attends

    def start(self, source: np.ndarray) -> Rows:
        """The rows for int32 [B, S] sources, one each."""
        memory, state = self.functions.start(source)
        order = np.arange(len(source))
        return Rows(memory, order, order, memory, state)

    def advance(
        self, rows: Rows, tokens: np.ndarray, parents: np.ndarray
    ) -> tuple[Any, np.ndarray | None, Rows]:
        """One token on, int32 [M] tokens from int32 [M] parent rows: (readout, attention or None, M rows)."""
        functions, owner = self.functions, rows.owner[parents]
        memory, places = self.remembered(rows, owner)
        came_from, here = np.empty(len(owner), np.int64), np.empty(len(owner), np.int32)
        came_from[places], here[places] = rows.places[parents], tokens
        state = (
            rows.state
            if in_order(came_from, len(rows.owner))
            else [functions.take(array, came_from) for array in rows.state]
        )
        readout, attention, state = functions.step(memory, state, here)
        if not in_order(places, len(places)):
            readout = functions.take(readout, places)
            attention = attention if attention is None else attention[places]
        return readout, attention, Rows(rows.sentences, owner, places, memory, state)

    def remembered(self, rows: Rows, owner: np.ndarray) -> tuple[list, np.ndarray]:
        """(memory, places) of rows that these sentences own, int [M], after others."""
        if np.array_equal(owner, rows.owner):
            return rows.memory, rows.places
        before, after = np.bincount(rows.owner), np.bincount(owner)
        first = np.cumsum(before) - before
        before = before[: len(after)]
        if rows.memory is rows.sentences or (after > before).any():
            return [self.functions.take(array, owner) for array in rows.sentences], np.arange(len(owner))
        which = np.arange(len(owner)) - (np.cumsum(after) - after)[owner]  # of the rows of its sentence
        places = rows.places[first[owner] + which]
        used = np.zeros(len(rows.owner), bool)
        used[places] = True
        gaps, beyond = np.flatnonzero(~used[: len(places)]), places >= len(places)
        moved, places[beyond] = places[beyond], gaps
        return [self.functions.move(array, moved, gaps, len(places)) for array in rows.memory], places

    def step_function(
        self, candidates: int, forbidden: Sequence[int] = FORBIDDEN_IDS, shortlist: Shortlist | None = None
    ):
        """A step function (see search/step_function.py) that gives this many candidates a row.

        Args:
            forbidden: tokens that no row gets; their scores are -inf.
            shortlist: what each sentence chooses from, instead of the whole vocabulary.
        """
        functions = self.functions
        ids_of = shortlist.ids if shortlist else filled_up(np.arange(functions.size))
        count = min(candidates, len(ids_of) if shortlist else functions.size)
        counts = np.isin(ids_of, (*forbidden, NO_TOKEN), invert=True) & (
            shortlist.mask == 0.0 if shortlist else True
        )
        never = np.where(np.atleast_2d(counts), 0.0, -np.inf).astype(np.float32)  # [B, L], or [1, L]
        output = functions.output(ids_of) if shortlist else None

        def step(
            rows: Rows, tokens: np.ndarray, parents: np.ndarray, bias: np.ndarray | None = None
        ) -> Expansion:
            nonlocal output
            readout, attention, rows = self.advance(rows, tokens, parents)
            if bias is None and not shortlist:
                found = functions.best(readout, min(count + len(forbidden), functions.size))
                scores, ids = (array[:, :count] for array in without(never[0] < 0.0, *found))
            else:
                output = output or functions.output()
                mask, not_these = (
                    (shortlist.mask[rows.owner], never[rows.owner]) if shortlist else (NO_MASK, never)
                )
                added = not_these
                if bias is not None:
                    added = (bias[:, ids_of] if shortlist else filled_rows(bias, len(ids_of))) + not_these
                scores, places = functions.best_of(readout, count, output, mask, added)
                ids = ids_of[places]
            return Expansion(scores.astype(np.float64), ids, attention, rows)

        return step


def filled_rows(bias: np.ndarray, width: int) -> np.ndarray:
    """A bias float32 [N, V] with columns of 0 up to a width."""
    return np.pad(bias, ((0, 0), (0, width - bias.shape[1])))


def without(barred: np.ndarray, scores: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Candidates [N, k], best first, with those of which bool [V] is true moved to the end, their scores
    -inf.
    """
    found = barred[ids]
    if not found.any():
        return scores, ids
    order = np.argsort(found, axis=1, kind="stable")
    return tuple(
        np.take_along_axis(array, order, axis=1) for array in (np.where(found, -np.inf, scores), ids)
    )


def in_order(places: np.ndarray, size: int) -> bool:
    """Whether these are all places up to a size, in order."""
    return len(places) == size and np.array_equal(places, np.arange(size))
