"""An engine serves the search: it keeps what a decoder needs for the rows of a search, and takes a step with them.

What a step computes is one function with two implementations: the model itself (keras_functions.py), or what `mtkit export` made of
it (onnx_functions.py).

Shape letters: B sentences, N rows, S source positions, V vocabulary, k candidates a row.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from mtkit.decoding.search import Expansion
from mtkit.text.special import BEGIN_ID, PAD_ID, UNKNOWN_ID

# Tokens that no translation holds.
FORBIDDEN_IDS = (PAD_ID, UNKNOWN_ID, BEGIN_ID)


class Functions(Protocol):
    """The two functions of a model. Arrays are those of its backend, except where a dtype is named.

    Attributes:
        size: V.
        attends: whether steps come with attention.
    """

    size: int
    attends: bool

    def start(self, source: np.ndarray) -> tuple[list, list]:
        """(memory, state) of int32 [B, S] sources: lists of arrays of B rows. The memory stays as it is, the state goes on."""

    def step(self, memory: list, state: list, tokens: np.ndarray, count: int, bias: np.ndarray):
        """One token on.

        Args:
            tokens: int32 [N], those chosen last.
            count: k.
            bias: float32 [N, V] or [1, V], added to the log-probabilities.

        Returns:
            (the k largest sums float32 [N, k], best first; their ids int32 [N, k]; attention float32 [N, S] or None; state).
        """

    def take(self, array: Any, rows: np.ndarray) -> Any:
        """Rows int32 [M] of an array."""


class Rows(NamedTuple):
    """What a search carries from step to step.

    Attributes:
        sentences: the memory, arrays of B rows.
        owner: int [N], the sentence of each row.
        memory: the memory row by row, arrays of N rows.
        state: arrays of N rows.
    """

    sentences: list
    owner: np.ndarray
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

    def start(self, source: np.ndarray) -> Rows:
        """The rows for int32 [B, S] sources, one each."""
        memory, state = self.functions.start(source)
        return Rows(memory, np.arange(len(source), dtype=np.int32), memory, state)

    def step_function(self, candidates: int, forbidden: Sequence[int] = FORBIDDEN_IDS):
        """A step function (see search.py) that gives this many candidates a row, none of them a forbidden token."""
        functions = self.functions
        count = min(candidates, functions.size)
        never = np.zeros((1, functions.size), np.float32)
        never[:, list(forbidden)] = -np.inf

        def step(rows: Rows, tokens: np.ndarray, parents: np.ndarray, bias: np.ndarray | None = None) -> Expansion:
            owner, memory, state = rows.owner[parents], rows.memory, rows.state
            if not np.array_equal(owner, rows.owner):
                memory = [functions.take(array, owner) for array in rows.sentences]
            if not np.array_equal(parents, np.arange(len(rows.owner))):
                state = [functions.take(array, parents) for array in state]
            bias = never if bias is None else bias + never
            scores, ids, attention, state = functions.step(memory, state, tokens, count, bias)
            return Expansion(scores.astype(np.float64), ids, attention, Rows(rows.sentences, owner, memory, state))

        return step
