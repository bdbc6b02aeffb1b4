"""How much of a score, or of a difference between two, is luck of the text.

Bootstrap resampling (Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation") and
approximate randomisation (Riezler and Maxwell 2005). The draws, and the p-values of them, are those of
sacreBLEU for the same seed; but they are made once for all metrics, and a few at a time, so memory hardly
grows with their number.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtkit.reporter import Reporter
from mtkit.scoring.counts import Counts

_DRAWS_AT_ONCE = 4_000_000
# So many bits are drawn together: a part of the trials must hold a multiple of them.
_BITS = 32
# What the work is called while it goes on.
TASK = "resampling"


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


def bootstrap(
    counts: Sequence[Counts], samples: int, seed: int, reporter: Reporter | None = None
) -> list[np.ndarray]:
    """The scores of resampled texts, float64 [samples] of each of the counts; all see the same resamplings.

    Args:
        counts: of the same lines.
        samples: number of resamplings, at least 1.
        seed: of the generator.
    """
    reporter = reporter or Reporter()
    rows = _side_by_side(counts)  # [lines, counts of all metrics]
    lines = len(rows)
    generator = np.random.default_rng(seed)
    at_once = max(1, _DRAWS_AT_ONCE // lines)
    scores: list[list[float]] = [[] for _ in counts]
    for start in range(0, samples, at_once):
        drawn = generator.choice(lines, size=(min(at_once, samples - start), lines), replace=True)
        # How often each line was drawn, times its counts: far quicker than gathering the rows.
        sums = np.stack([np.bincount(draw, minlength=lines) for draw in drawn]) @ rows
        for place, part in enumerate(_parted(sums, counts)):
            scores[place] += counts[place].of_sums(part)
        reporter.share(TASK, min(1.0, (start + at_once) / samples))
    return [np.array(metric_scores) for metric_scores in scores]


def bootstrap_p(baseline: np.ndarray, other: np.ndarray, difference: float) -> float:
    """The p-value of paired bootstrap resampling: how likely is such a difference, were there none.

    Args:
        baseline, other: scores of the same resamplings, float64 [samples].
        difference: of the scores of the whole text.
    """
    differences = np.abs(other - baseline)
    return _p_value(differences - differences.mean(), difference)


def randomisation_p(
    baseline: Sequence[Counts],
    other: Sequence[Counts],
    trials: int,
    seed: int,
    reporter: Reporter | None = None,
) -> list[float]:
    """The p-values of approximate randomisation: two systems, whose translations of each line change places
    by the toss of a coin.

    Args:
        baseline, other: the counts of two systems, the same metrics.
        trials: number of shuffled pairs of systems.
    """
    reporter = reporter or Reporter()
    ours, theirs = _side_by_side(baseline), _side_by_side(other)  # [lines, counts of all metrics]
    lines = len(ours)
    total, apart, least = ours.sum(axis=0) + theirs.sum(axis=0), ours - theirs, theirs.sum(axis=0)
    generator = np.random.default_rng(seed)
    at_once = max(1, _DRAWS_AT_ONCE // lines // _BITS) * _BITS
    differences: list[list[float]] = [[] for _ in baseline]
    for start in range(0, trials, at_once):
        ours_stay = generator.integers(2, size=(min(at_once, trials - start), lines), dtype=bool)
        first = ours_stay.astype(np.float64) @ apart + least  # [trials, counts of all metrics]
        second = total - first
        sums = zip(_parted(first, baseline), _parted(second, baseline), strict=True)
        for place, (first_sums, second_sums) in enumerate(sums):
            scores = baseline[place].of_sums(first_sums), baseline[place].of_sums(second_sums)
            differences[place] += [abs(one - other) for one, other in zip(*scores, strict=True)]
        reporter.share(TASK, min(1.0, (start + at_once) / trials))
    p_values = []
    for ours_counts, their_counts, drawn in zip(baseline, other, differences, strict=True):
        real = abs(ours_counts.score() - their_counts.score())
        p_values.append(_p_value(np.array(drawn), real))
    return p_values


def _side_by_side(counts: Sequence[Counts]) -> np.ndarray:
    """The rows of several metrics in one array, float64 [lines, counts of all]."""
    return np.concatenate([metric_counts.rows for metric_counts in counts], axis=1)


def _parted(sums: np.ndarray, counts: Sequence[Counts]) -> list[np.ndarray]:
    """The columns of each of the counts."""
    widths = [metric_counts.rows.shape[1] for metric_counts in counts]
    return np.split(sums, np.cumsum(widths)[:-1], axis=1)


def _p_value(differences: np.ndarray, difference: float) -> float:
    """The share of differences that are larger than the real one, which is counted too; 1 where there is none
    to explain.

    Without any difference sacreBLEU gives its smallest p, since it does not count ties.
    """
    if difference == 0:
        return 1.0
    return (int(np.sum(differences > difference)) + 1) / (len(differences) + 1)
