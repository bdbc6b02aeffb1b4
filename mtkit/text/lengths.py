"""How long translations of one corpus are, and which are of a length that is not to be expected."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from mtkit.text.corpus import SentencePair

# The median of the square of a standard normal variable: it tells a spread that a few wild pairs do not move.
MEDIAN_SQUARE = 0.4549
# Standard deviations from what is expected.
MOST_DEVIATIONS = 6.0
# So many letters more or less are not unusual, however short a text is.
FREE_LETTERS = 20


@dataclass(frozen=True)
class Lengths:
    """The length of a target goes with that of its source, by letters (Gale and Church 1993, section 3).

    Attributes:
        ratio: letters of the target for each of the source.
        variance: of the letters of the target, for each of the source.
    """

    ratio: float
    variance: float

    @classmethod
    def of(cls, pairs: Iterable[SentencePair]) -> "Lengths":
        """What is usual in a corpus; nothing is unusual where there are no pairs."""
        lengths = [(len(pair.source), len(pair.target)) for pair in pairs if pair.source and pair.target]
        if not lengths:
            return cls(1.0, float("inf"))
        source, target = np.array(lengths, float).T
        ratio = float(np.exp(np.median(np.log(target / source))))
        variance = float(np.median((target - ratio * source) ** 2 / source)) / MEDIAN_SQUARE
        return cls(ratio, max(variance, 1e-3))

    def deviation(self, pair: SentencePair) -> float:
        """How far the length of a target is from what is expected, in standard deviations."""
        source = max(1, len(pair.source))
        return abs(len(pair.target) - self.ratio * source) / (self.variance * source) ** 0.5

    def unusual(self, pair: SentencePair) -> bool:
        """Whether a target is much longer or shorter than expected."""
        is_far = abs(len(pair.target) - self.ratio * len(pair.source)) > FREE_LETTERS
        return is_far and self.deviation(pair) > MOST_DEVIATIONS
