"""Systems side by side: what each scores, and whether the first differs by more than luck."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from mtkit.reporter import Reporter
from mtkit.scoring.counts import Counts, count_corpus
from mtkit.scoring.metrics import Metric, Scores, signature
from mtkit.scoring.significance import bootstrap, bootstrap_p, interval, randomisation_p
from mtkit.settings import CompareSettings, ScoreSettings

CountsByMetric = dict[str, Counts]
# Of resampled texts, float64 [samples] each.
ScoresByMetric = dict[str, np.ndarray]
RANDOMISATION = "randomisation"


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
    counts: CountsByMetric
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
    resampled = _resampled(counts, settings, stages)
    p_values: list[dict[str, float]] = [{}]
    for place in range(1, len(named)):
        if by_coin:
            p_values.append(_p_by_coin(counts[0], counts[place], settings, next(stages)))
        else:
            p_values.append(_p_by_bootstrap(counts[0], counts[place], resampled[0], resampled[place]))
    trials = settings.randomisation_trials if by_coin and len(named) > 1 else 0
    systems = []
    for place, (name, hypotheses) in enumerate(named):
        metrics = _metrics(counts[place], resampled[place], settings, trials)
        scores = Scores(len(hypotheses), len(references), metrics)
        systems.append(System(name, hypotheses, counts[place], scores, p_values[place]))
    return systems


def _resampled(
    counts: list[CountsByMetric], settings: ScoreSettings | CompareSettings, stages: Iterator[Reporter]
) -> list[ScoresByMetric]:
    """Scores of resampled texts of each system; all see the same resamplings."""
    if not settings.bootstrap_samples:
        return [{} for _ in counts]
    of_all = list(chain.from_iterable(of_system.values() for of_system in counts))
    drawn = iter(bootstrap(of_all, settings.bootstrap_samples, settings.seed, next(stages)))
    return [{key: next(drawn) for key in of_system} for of_system in counts]


def _p_by_coin(
    first: CountsByMetric,
    other: CountsByMetric,
    settings: ScoreSettings | CompareSettings,
    reporter: Reporter,
) -> dict[str, float]:
    p_values = randomisation_p(
        list(first.values()), list(other.values()), settings.randomisation_trials, settings.seed, reporter
    )
    return dict(zip(other, p_values, strict=True))


def _p_by_bootstrap(
    first: CountsByMetric,
    other: CountsByMetric,
    first_resampled: ScoresByMetric,
    other_resampled: ScoresByMetric,
) -> dict[str, float]:
    p_values = {}
    for key, scores in other_resampled.items():
        difference = abs(first[key].score() - other[key].score())
        p_values[key] = bootstrap_p(first_resampled[key], scores, difference)
    return p_values


def _metrics(
    counts: CountsByMetric,
    resampled: ScoresByMetric,
    settings: ScoreSettings | CompareSettings,
    trials: int,
) -> dict[str, Metric]:
    """The scores of a system, each with how it was made."""
    metrics = {}
    for key, of_metric in counts.items():
        made = signature(of_metric, settings.seed, bs=settings.bootstrap_samples, ar=trials)
        spread = interval(resampled[key]) if resampled else None
        metrics[key] = Metric(of_metric.name, of_metric.score(), made, spread)
    return metrics
