"""Positions that are added to the embeddings (Vaswani et al. 2017, arXiv:1706.03762, section 3.5)."""

import math

import keras
import numpy as np
from keras import ops

from mtkit.model.base import TranslationModel
from mtkit.model.positions import Positions

# The longest wave of the sinusoidal positions is this times 2 pi.
LONGEST_WAVE = 10_000.0
# Learned positions; those behind are like the last.
LEARNED_POSITIONS = 512
# A text is moved by so many positions at most (K in section 3 of the paper of `ShiftedPositions`).
FARTHEST_OFFSET = 500


class SinusoidalPositions(Positions):
    """Sines and cosines of waves."""

    def added(self, side, numbers):
        half = self.settings.embedding_width // 2
        rates = np.exp(np.arange(half) * (-math.log(LONGEST_WAVE) / max(1, half - 1))).astype(np.float32)
        angles = ops.expand_dims(ops.cast(numbers, "float32"), -1) * rates
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)


class ShiftedPositions(SinusoidalPositions):
    """Waves that begin anywhere while training: SHAPE (Kiyono et al. 2021, arXiv:2109.05644).

    Each text has an offset of its own, from 0 to 500; a source and its target have two. So the model must
    learn from distances, and long texts have no position that it has not seen. A finished model counts from
    0.
    """

    def moved(self, numbers, rows):
        return numbers + keras.random.randint(
            (1, rows), 0, FARTHEST_OFFSET + 1, dtype="int32", seed=self.model.dropout_seed
        )


class LearnedPositions(Positions):
    """A vector for each."""

    def __init__(self, model: TranslationModel):
        super().__init__(model)
        self._vectors = {side: self._new_vectors(side) for side in ("source", "target")}

    def _new_vectors(self, side: str):
        width = self.settings.embedding_width
        return self.model.new_matrix(f"{side}_positions", LEARNED_POSITIONS, width, spread=width**-0.5)

    def added(self, side, numbers):
        rows = ops.take(self._vectors[side], ops.minimum(numbers, LEARNED_POSITIONS - 1), axis=0)
        return rows * self.settings.embedding_width**0.5
