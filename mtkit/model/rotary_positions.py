"""Queries and keys turned by their positions: RoPE (Su et al. 2021, arXiv:2104.09864)."""

import numpy as np
from keras import ops

from mtkit.errors import SettingsError
from mtkit.model.positions import Positions

# The longest wave is this times 2 pi, nearly.
LONGEST_WAVE = 10_000.0


class RotaryPositions(Positions):
    """Pairs of elements are turned, each pair at a rate of its own (section 3.2.2).

    The product of a query and a key then knows their distance alone. Element i is paired with i + W / 2.
    """

    @classmethod
    def check(cls, settings):
        width = settings.embedding_width // settings.heads
        if width % 2:
            raise SettingsError(
                "positions rotary turns pairs: embedding_width divided by heads is even. Received:"
                f" {settings.embedding_width} and {settings.heads}"
            )

    def turned(self, x, numbers):
        half = self._width_of_head // 2
        rates = (LONGEST_WAVE ** (-np.arange(half) / half)).astype(np.float32)
        angles = ops.expand_dims(ops.cast(numbers, "float32"), -1) * rates  # [T, W / 2]
        sines, cosines = ops.sin(angles), ops.cos(angles)
        first, second = ops.split(x, 2, axis=-1)
        return ops.concatenate([first * cosines - second * sines, second * cosines + first * sines], axis=-1)
