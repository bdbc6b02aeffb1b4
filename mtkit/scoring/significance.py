"""95% confidence intervals by bootstrap resampling (Koehn 2004, "Statistical Significance Tests for Machine Translation").

The resamples are those that sacreBLEU draws for the same seed, so the intervals agree with its own; but they are drawn a
few at a time, so memory does not grow with their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_DRAWS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Interval:
    """The mean of the resampled scores and the bounds that hold 95% of them."""

    mean: float
    low: float
    high: float


def bootstrap_interval(statistics: Sequence[Sequence[float]], scorer: Any, samples: int, seed: int) -> Interval:
    """The interval of a corpus score.

    Args:
        statistics: one row a sentence, of the counts whose sums make the score.
        scorer: a sacreBLEU metric.
        samples: number of resamplings, at least 1.
        seed: of the generator.
    """
    import numpy as np

    rows = np.asarray(statistics, dtype=np.float64)
    lines = len(rows)
    generator = np.random.default_rng(seed)
    scores: list[float] = []
    while len(scores) < samples:
        count = min(samples - len(scores), max(1, _DRAWS_AT_ONCE // lines))
        drawn = generator.choice(lines, size=(count, lines), replace=True)
        # How often each sentence was drawn, times its counts: far quicker than gathering the rows.
        sums = np.stack([np.bincount(draw, minlength=lines) for draw in drawn]) @ rows
        scores.extend(float(scorer._compute_score_from_stats(row).score) for row in sums.tolist())
    scores.sort()
    cut = samples // 40
    return Interval(mean=sum(scores) / samples, low=scores[cut], high=scores[samples - cut - 1])
