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
    """The length of a target goes with that of its source (Gale and Church 1993, section 3).

    Lengths are in letters, or in tokens.

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
        source, target = np.array(lengths, float).reshape(-1, 2).T
        return cls.of_counts(source, target)

    @classmethod
    def of_counts(cls, source: np.ndarray, target: np.ndarray) -> "Lengths":
        """What is usual where sources and their targets are so long, each [pairs] and at least 1."""
        if not len(source):
            return cls(1.0, float("inf"))
        ratio = float(np.exp(np.median(np.log(target / source))))
        variance = float(np.median((target - ratio * source) ** 2 / source)) / MEDIAN_SQUARE
        return cls(ratio, max(variance, 1e-3))

    def deviation(self, pair: SentencePair) -> float:
        """How far the length of a target is from what is expected, in standard deviations."""
        return abs(self.missing(len(pair.source), len(pair.target)))

    def missing(self, source: int, target: int) -> float:
        """How much shorter a target is than expected, in standard deviations; negative where it is longer.

        Args:
            source, target: their lengths.
        """
        source = max(1, source)
        return (self.ratio * source - target) / (self.variance * source) ** 0.5

    def unusual(self, pair: SentencePair) -> bool:
        """Whether a target is much longer or shorter than expected."""
        is_far = abs(len(pair.target) - self.ratio * len(pair.source)) > FREE_LETTERS
        return is_far and self.deviation(pair) > MOST_DEVIATIONS
