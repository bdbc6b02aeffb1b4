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
        """(memory, state) of int32 [B, S] sources: lists of arrays of B rows.

        The memory stays as it is, the state goes on.
        """

    def step(self, memory: list, state: list, tokens: np.ndarray) -> tuple[Any, np.ndarray | None, list]:
        """One token on, from int32 [N] tokens, those chosen last.

        Returns:
            (readout [N, E], attention float32 [N, S] or None, the new state).
        """

    def best(self, readout: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The k = count likeliest tokens.

        Returns:
            (log-probabilities float32 [N, k], best first; ids int32 [N, k]).
        """

    def output(self, ids: np.ndarray | None = None) -> list:
        """The output layer of some tokens.

        Args:
            ids: int32 [L], L a multiple of BLOCK where NO_TOKEN fills up; None for all, filled up.
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
        """How likely given tokens are, and how sure the model was.

        Args:
            output: the output layer of L tokens.
            tokens: int32 [N], places among the L.

        Returns:
            (log-probability of each, entropy of all L), float32 [N] both.
        """

    def take(self, array: Any, rows: np.ndarray) -> Any:
        """Rows int [M] of an array."""

    def move(self, array: Any, rows: np.ndarray, places: np.ndarray, size: int) -> Any:
        """The first `size` rows of an array, some of them replaced by later ones.

        Args:
            array: not needed any more.
            rows: int [M], those that replace others.
            places: int [M], where they come.
        """
