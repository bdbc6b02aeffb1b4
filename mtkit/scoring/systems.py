"""Systems side by side: what each scores, and whether the first differs by more than luck."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from mtkit.reporter import Reporter
from mtkit.scoring.counts import Counts, count_corpus
from mtkit.scoring.metrics import Metric, Scores, signature
from mtkit.scoring.significance import bootstrap, bootstrap_p, interval, randomisation_p
from mtkit.settings.score import CompareSettings, ScoreSettings

RANDOMISATION = "randomisation"


@dataclass(frozen=True)
class Sample:
    """What a system's scores are made of.

    Attributes:
        counts: by metric.
        resampled: the scores of resampled texts by metric, float64 [samples]; empty where none were drawn.
    """

    counts: dict[str, Counts]
    resampled: dict[str, np.ndarray]


@dataclass(frozen=True)
class System:
    """A system's translations of a text, and what they score.

    Attributes:
        name: what it is called: a file, or a checkpoint directory.
        p_values: by metric, of the difference between this system and the first one; empty for the first, and
            without a test.
    """

    name: str
    hypotheses: Sequence[str]
    counts: dict[str, Counts]
    scores: Scores
    p_values: dict[str, float]

    def score(self, key: str) -> float:
        """Its score by a metric."""
        return self.scores.metrics[key].score


class _Stage(Reporter):
    """One of several draws that take equally long, told of as one task."""

    def __init__(self, reporter: Reporter, number: int, total: int):
        super().__init__()
        self._reporter, self._number, self._total = reporter, number, total

    def share(self, task: str, done: float) -> None:
        self._reporter.share(task, (self._number + done) / self._total)


def score_systems(
    named: Sequence[tuple[str, Sequence[str]]],
    references: Sequence[Sequence[str]],
    settings: ScoreSettings | CompareSettings,
    reporter: Reporter | None = None,
) -> list[System]:
    """The scores of systems that translated the same text.

    Args:
        named: (name, hypotheses) of each; the others are compared with the first.
        references: one list or more.
        settings: the metrics, and what is drawn at random.

    Raises:
        InputError: there is nothing to score, or the counts of lines differ.
        SettingsError: a tokenization whose package is not installed.
    """
    counts = [
        count_corpus(hypotheses, references, settings.tokenize, lowercase=settings.lowercase)
        for _, hypotheses in named
    ]
    by_coin = settings.test == RANDOMISATION
    draws = bool(settings.bootstrap_samples) + (len(named) - 1 if by_coin else 0)
    stages = iter([_Stage(reporter or Reporter(), number, draws) for number in range(draws)])
    samples = draw_samples(counts, settings, stages)
    trials = settings.randomisation_trials if by_coin and len(named) > 1 else 0
    systems = []
    for sample, (name, hypotheses) in zip(samples, named, strict=True):
        if sample is samples[0]:
            p_values = {}
        elif by_coin:
            p_values = p_by_coin(samples[0], sample, settings, next(stages))
        else:
            p_values = p_by_bootstrap(samples[0], sample)
        scores = Scores(len(hypotheses), len(references), metrics_of(sample, settings, trials))
        systems.append(System(name, hypotheses, sample.counts, scores, p_values))
    return systems


def draw_samples(
    counts: Sequence[dict[str, Counts]],
    settings: ScoreSettings | CompareSettings,
    stages: Iterator[Reporter],
) -> list[Sample]:
    """A sample of each system; all see the same resamplings."""
    if not settings.bootstrap_samples:
        return [Sample(system_counts, {}) for system_counts in counts]
    all_counts = list(chain.from_iterable(system_counts.values() for system_counts in counts))
    drawn = iter(bootstrap(all_counts, settings.bootstrap_samples, settings.seed, next(stages)))
    return [Sample(system, {key: next(drawn) for key in system}) for system in counts]


def p_by_coin(
    first: Sample, other: Sample, settings: ScoreSettings | CompareSettings, reporter: Reporter
) -> dict[str, float]:
    """The p-value by each metric, by approximate randomisation."""
    baseline, counts = list(first.counts.values()), list(other.counts.values())
    trials, seed = settings.randomisation_trials, settings.seed
    return dict(zip(other.counts, randomisation_p(baseline, counts, trials, seed, reporter), strict=True))


def p_by_bootstrap(first: Sample, other: Sample) -> dict[str, float]:
    """The p-value by each metric, by paired bootstrap resampling; none where nothing was resampled."""
    p_values = {}
    for key, scores in other.resampled.items():
        difference = abs(first.counts[key].score() - other.counts[key].score())
        p_values[key] = bootstrap_p(first.resampled[key], scores, difference)
    return p_values


def metrics_of(sample: Sample, settings: ScoreSettings | CompareSettings, trials: int) -> dict[str, Metric]:
    """The scores of a system, each with how it was made."""
    metrics = {}
    for key, counts in sample.counts.items():
        made = signature(counts, settings.seed, bs=settings.bootstrap_samples, ar=trials)
        spread = interval(sample.resampled[key]) if sample.resampled else None
        metrics[key] = Metric(counts.name, counts.score(), made, spread)
    return metrics
