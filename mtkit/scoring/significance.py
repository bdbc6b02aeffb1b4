"""How much of a score, or of a difference between two, is luck of the text.

Bootstrap resampling (Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation") and
approximate randomisation (Riezler and Maxwell 2005). The draws, and the p-values of them, are those of
sacreBLEU for the same seed; but they are made once for all metrics, and a few at a time, so memory hardly
grows with their number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mtkit.scoring.counts import Counts

_DRAWS_AT_ONCE = 4_000_000
# So many bits are drawn together: a part of the trials must hold a multiple of them.
_BITS = 32

Tick = Callable[[float], None]


def silent(share: float) -> None:
    """Says nothing of what share is done."""


@dataclass(frozen=True)
class Interval:
    """The mean of the resampled scores and the bounds that hold 95% of them."""

    mean: float
    low: float
    high: float


def interval(scores: np.ndarray) -> Interval:
    """The interval of resampled scores."""
    ordered = np.sort(scores)
    cut = len(ordered) // 40
    return Interval(float(ordered.mean()), float(ordered[cut]), float(ordered[len(ordered) - cut - 1]))


def bootstrap(counts: Sequence[Counts], samples: int, seed: int, tick: Tick = silent) -> list[np.ndarray]:
    """The scores of resampled texts, float64 [samples] of each of the counts; all see the same resamplings.

    Args:
        counts: of the same lines.
        samples: number of resamplings, at least 1.
        seed: of the generator.
        tick: told what share is done.
    """
    rows = np.concatenate([one.rows for one in counts], axis=1)
    lines = len(rows)
    generator = np.random.default_rng(seed)
    at_once = max(1, _DRAWS_AT_ONCE // lines)
    scores: list[list[float]] = [[] for _ in counts]
    for start in range(0, samples, at_once):
        drawn = generator.choice(lines, size=(min(at_once, samples - start), lines), replace=True)
        # How often each line was drawn, times its counts: far quicker than gathering the rows.
        sums = np.stack([np.bincount(draw, minlength=lines) for draw in drawn]) @ rows
        for own, one, part in zip(scores, counts, _parted(sums, counts), strict=True):
            own += one.of_sums(part)
        tick(min(1.0, (start + at_once) / samples))
    return [np.array(own) for own in scores]


def bootstrap_p(baseline: np.ndarray, other: np.ndarray, difference: float) -> float:
    """The p-value of paired bootstrap resampling: how likely is such a difference, were there none.

    Args:
        baseline, other: scores of the same resamplings, float64 [samples].
        difference: of the scores of the whole text.
    """
    differences = np.abs(other - baseline)
    return _p_value(differences - differences.mean(), difference)


def randomisation_p(
    baseline: Sequence[Counts], other: Sequence[Counts], trials: int, seed: int, tick: Tick = silent
) -> list[float]:
    """The p-values of approximate randomisation: two systems, whose translations of each line change places
    by the toss of a coin.

    Args:
        baseline, other: the counts of two systems, the same metrics.
        trials: number of shuffled pairs of systems.
    """
    ours, theirs = (np.concatenate([one.rows for one in side], axis=1) for side in (baseline, other))
    lines = len(ours)
    total, apart, rest = ours.sum(axis=0) + theirs.sum(axis=0), ours - theirs, theirs.sum(axis=0)
    generator = np.random.default_rng(seed)
    at_once = max(1, _DRAWS_AT_ONCE // lines // _BITS) * _BITS
    differences: list[list[float]] = [[] for _ in baseline]
    for start in range(0, trials, at_once):
        ours_stay = generator.integers(2, size=(min(at_once, trials - start), lines), dtype=bool)
        first = ours_stay.astype(np.float64) @ apart + rest
        for own, one, a, b in zip(
            differences, baseline, _parted(first, baseline), _parted(total - first, baseline), strict=True
        ):
            own += [abs(x - y) for x, y in zip(one.of_sums(a), one.of_sums(b), strict=True)]
        tick(min(1.0, (start + at_once) / trials))
    real = [abs(one.score() - other.score()) for one, other in zip(baseline, other, strict=True)]
    return [_p_value(np.array(own), one) for own, one in zip(differences, real, strict=True)]


def _parted(sums: np.ndarray, counts: Sequence[Counts]) -> list[np.ndarray]:
    """The columns of each of the counts."""
    return np.split(sums, np.cumsum([one.rows.shape[1] for one in counts])[:-1], axis=1)


def _p_value(differences: np.ndarray, difference: float) -> float:
    """The share of differences that are larger than the real one, which is counted too; 1 where there is none
    to explain.

    Without any difference sacreBLEU gives its smallest p, since it does not count ties.
    """
    if difference == 0:
        return 1.0
    return (int(np.sum(differences > difference)) + 1) / (len(differences) + 1)
