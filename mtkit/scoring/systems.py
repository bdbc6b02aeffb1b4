"""Systems side by side: the scores of each, and whether the first differs from the others by more than
luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mtkit.scoring.counts import Counts, count_corpus
from mtkit.scoring.metrics import Metric, Scores, signature
from mtkit.scoring.significance import Tick, bootstrap, bootstrap_p, interval, randomisation_p, silent
from mtkit.settings import CompareSettings, ScoreSettings


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
        return self.scores.metrics[key].score


def score_systems(
    named: Sequence[tuple[str, Sequence[str]]],
    references: Sequence[Sequence[str]],
    settings: ScoreSettings | CompareSettings,
    tick: Tick = silent,
) -> list[System]:
    """The scores of systems that translated the same text.

    Args:
        named: (name, hypotheses) of each; the others are compared with the first.
        references: one list or more.
        tick: told what share of what is drawn at random is done.

    Raises:
        InputError: there is nothing to score, or the counts of lines differ.
        SettingsError: a tokenization whose package is not installed.
    """
    counts = [
        count_corpus(hypotheses, references, settings.tokenize, settings.lowercase) for _, hypotheses in named
    ]
    by_coin = settings.test == "randomisation"
    steps = bool(settings.bootstrap_samples) + by_coin * (len(named) - 1)

    def ticking(step: int) -> Tick:
        return lambda share: tick((step + share) / steps)

    resampled: list[dict[str, np.ndarray]] = [{} for _ in named]
    if settings.bootstrap_samples:
        every = [one for own in counts for one in own.values()]
        drawn = iter(bootstrap(every, settings.bootstrap_samples, settings.seed, ticking(0)))
        resampled = [{key: next(drawn) for key in own} for own in counts]
    systems = []
    for place, ((name, hypotheses), own) in enumerate(zip(named, counts, strict=True)):
        p_values = {}
        if place and by_coin:
            both = [list(side.values()) for side in (counts[0], own)]
            tossed = randomisation_p(
                *both, settings.randomisation_trials, settings.seed, ticking(steps - len(named) + place)
            )
            p_values = dict(zip(own, tossed, strict=True))
        elif place:
            apart = {key: abs(counts[0][key].score() - own[key].score()) for key in resampled[place]}
            p_values = {
                key: bootstrap_p(resampled[0][key], resampled[place][key], apart[key]) for key in apart
            }
        metrics = {}
        for key, one in own.items():
            draws = {
                "bs": settings.bootstrap_samples,
                "ar": settings.randomisation_trials if by_coin and len(named) > 1 else 0,
            }
            spread = interval(resampled[place][key]) if resampled[place] else None
            metrics[key] = Metric(one.name, one.score(), signature(one, settings.seed, **draws), spread)
        systems.append(
            System(name, hypotheses, own, Scores(len(hypotheses), len(references), metrics), p_values)
        )
    return systems
