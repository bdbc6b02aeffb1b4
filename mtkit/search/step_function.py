"""What a search asks of a model: the likeliest continuations of its rows.

Shape letters: N rows, k candidates a row, V vocabulary, S source positions, T tokens so far.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np


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
