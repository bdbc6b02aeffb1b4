"""An engine that takes a search step by step: it keeps what a decoder needs for the rows of a search.

What a step computes are a few functions (functions.py): those of the model itself, compiled by TensorFlow or
JAX, or what `mtkit export` made of it.

Shape letters: B sentences, N and M rows, S source positions, V vocabulary, k candidates a row, E width of the
readout, L tokens of a part of the vocabulary.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from mtkit.engines.functions import Functions
from mtkit.search.shortlist import NO_TOKEN, Shortlist, filled_up
from mtkit.search.step_function import Expansion
from mtkit.text.special import END_ID, FORBIDDEN_IDS, PAD_ID

# For rows that may have every token.
NO_MASK = np.zeros((1, 1), np.float32)


class DecoderRows(NamedTuple):
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


class AdvancedRows(NamedTuple):
    """What one step gives.

    Attributes:
        readout: [M, E], of the backend.
        attention: float32 [M, S], or None.
        rows: M of them.
    """

    readout: Any
    attention: np.ndarray | None
    rows: DecoderRows


class StepEngine:
    """Encodes sources and takes decoding steps.

    Attributes:
        name: of its kind, see registry.py.
        parallel: how many searches are best run at the same time, each in a thread.
    """

    def __init__(self, functions: Functions, parallel: int = 1, name: str = "keras"):
        self.functions = functions
        self.parallel = parallel
        self.name = name

    @property
    def attends(self) -> bool:
        """Whether steps come with attention."""
        return self.functions.attends

    @property
    def size(self) -> int:
        """V, of the target vocabulary."""
        return self.functions.size

    def start(self, source: np.ndarray) -> DecoderRows:
        """The rows for int32 [B, S] sources, one each."""
        memory, state = self.functions.start(source)
        order = np.arange(len(source))
        return DecoderRows(memory, order, order, memory, state)

    def advance(self, rows: DecoderRows, tokens: np.ndarray, parents: np.ndarray) -> AdvancedRows:
        """One token on.

        Args:
            tokens: int32 [M], those chosen last.
            parents: int32 [M], the row that each goes on from.
        """
        owner = rows.owner[parents]
        memory, places = self._memory_of(rows, owner)
        parent_places, tokens_here = np.empty(len(owner), np.int64), np.empty(len(owner), np.int32)
        parent_places[places] = rows.places[parents]
        tokens_here[places] = tokens
        state = rows.state
        if not in_order(parent_places, len(rows.owner)):
            state = [self.functions.take(array, parent_places) for array in state]
        readout, attention, state = self.functions.step(memory, state, tokens_here)
        if not in_order(places, len(places)):
            readout = self.functions.take(readout, places)
            attention = None if attention is None else attention[places]
        return AdvancedRows(readout, attention, DecoderRows(rows.sentences, owner, places, memory, state))

    def _memory_of(self, rows: DecoderRows, owner: np.ndarray) -> tuple[list, np.ndarray]:
        """The memory of the rows that come after others, and where each row is in it.

        Args:
            rows: those before, N.
            owner: int [M], the sentences of those that come.
        """
        if np.array_equal(owner, rows.owner):
            return rows.memory, rows.places
        before, after = np.bincount(rows.owner), np.bincount(owner)
        first_row = np.cumsum(before) - before
        grows = (after > before[: len(after)]).any()
        if grows or rows.memory is rows.sentences:
            return [self.functions.take(array, owner) for array in rows.sentences], np.arange(len(owner))
        number_in_sentence = np.arange(len(owner)) - (np.cumsum(after) - after)[owner]
        places = rows.places[first_row[owner] + number_in_sentence]
        used = np.zeros(len(rows.owner), bool)
        used[places] = True
        gaps = np.flatnonzero(~used[: len(places)])
        beyond = places >= len(places)
        moved = places[beyond]
        places[beyond] = gaps
        return [self.functions.move(array, moved, gaps, len(places)) for array in rows.memory], places


class EngineStep:
    """A step function (see search/step_function.py) of an engine, which gives so many candidates a row.

    Args:
        forbidden: tokens that no row gets; their scores are -inf.
        shortlist: what each sentence chooses from, instead of the whole vocabulary.
    """

    def __init__(
        self,
        engine: StepEngine,
        candidates: int,
        forbidden: Sequence[int] = FORBIDDEN_IDS,
        shortlist: Shortlist | None = None,
    ):
        self._engine = engine
        self._shortlist = shortlist
        self._ids = shortlist.ids if shortlist else filled_up(np.arange(engine.size))  # int32 [L]
        self._count = min(candidates, len(self._ids) if shortlist else engine.size)
        self._forbidden_count = len(forbidden)
        allowed = np.atleast_2d(np.isin(self._ids, (*forbidden, NO_TOKEN), invert=True))  # [1, L]
        if shortlist:
            allowed = allowed & (shortlist.mask == 0.0)  # [B, L]
        self._bars = np.where(allowed, 0.0, -np.inf).astype(np.float32)

    def __call__(
        self, rows: DecoderRows, tokens: np.ndarray, parents: np.ndarray, bias: np.ndarray | None = None
    ) -> Expansion:
        readout, attention, rows = self._engine.advance(rows, tokens, parents)
        if bias is None and not self._shortlist:
            scores, ids = self._best(readout)
        else:
            scores, ids = self._best_of_part(readout, rows.owner, bias)
        return Expansion(scores.astype(np.float64), ids, attention, rows)

    def _best(self, readout: Any) -> tuple[np.ndarray, np.ndarray]:
        """Of the whole vocabulary: scores float32 [N, k] and ids int32 [N, k]."""
        functions = self._engine.functions
        scores, ids = functions.best(readout, min(self._count + self._forbidden_count, functions.size))
        scores, ids = barred_last(self._bars[0] < 0.0, scores, ids)
        return scores[:, : self._count], ids[:, : self._count]

    def _best_of_part(
        self, readout: Any, owner: np.ndarray, bias: np.ndarray | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Of the shortlist, or with a bias float32 [N, V]: scores float32 [N, k] and ids int32 [N, k]."""
        mask, added = NO_MASK, self._bars
        if self._shortlist:
            mask, added = self._shortlist.mask[owner], self._bars[owner]  # [N, L]
        if bias is not None and self._shortlist:
            added = bias[:, self._ids] + added
        elif bias is not None:
            added = np.pad(bias, ((0, 0), (0, len(self._ids) - bias.shape[1]))) + added  # [N, L]
        scores, places = self._engine.functions.best_of(readout, self._count, self._output, mask, added)
        return scores, self._ids[places]

    @cached_property
    def _output(self) -> list:
        """The output layer of the tokens to choose from."""
        return self._engine.functions.output(self._ids if self._shortlist else None)


def barred_last(barred: np.ndarray, scores: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Candidates with those that are barred moved to the end, their scores -inf.

    Args:
        barred: bool [V].
        scores: [N, k], best first.
        ids: int [N, k].
    """
    are_barred = barred[ids]
    if not are_barred.any():
        return scores, ids
    order = np.argsort(are_barred, axis=1, kind="stable")
    scores = np.where(are_barred, -np.inf, scores)
    return np.take_along_axis(scores, order, axis=1), np.take_along_axis(ids, order, axis=1)


def in_order(places: np.ndarray, size: int) -> bool:
    """Whether these are all places up to a size, in order."""
    return len(places) == size and np.array_equal(places, np.arange(size))


def source_array(sources: Sequence[Sequence[int]]) -> np.ndarray:
    """Lists of source ids as int32 [B, S], each with END_ID, padded."""
    array = np.full((len(sources), max(map(len, sources)) + 1), PAD_ID, np.int32)
    for row, ids in enumerate(sources):
        array[row, : len(ids) + 1] = [*ids, END_ID]
    return array
