"""Attention that falls with the distance: ALiBi (Press et al. 2022, arXiv:2108.12409)."""

import numpy as np
from keras import ops

from mtkit.model.positions import Positions

# The last head's score falls by 2 to the power of minus this at each position.
SLOWEST = 8


class AlibiPositions(Positions):
    """Scores fall in proportion to the distance; each head has a slope of its own (section 3).

    In an encoder, of which the paper does not speak, it falls alike to both sides.
    """

    def biased(self, bias, queries, weights, places):
        falls = slopes(self.settings.heads)[:, None, None]
        return bias - falls * ops.cast(ops.abs(places.distances), "float32")  # [B, H, T, M] or [H, T, M]


def slopes(heads: int) -> np.ndarray:
    """How much the scores of each head fall from one position to the next, float32 [H]."""
    return (2.0 ** (-SLOWEST * np.arange(1, heads + 1) / heads)).astype(np.float32)
