"""What an engine that takes steps computes: a few functions, by whatever runs the model.

Shape letters: B sentences, N rows, S source positions, V vocabulary, k candidates a row, E width of the
readout, L tokens of a part of the vocabulary.
"""

from typing import Any, Protocol

import numpy as np


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
