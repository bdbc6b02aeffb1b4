"""The scores of one system in one call."""

from mtkit.scoring.systems import score_systems
from mtkit.settings.score import ScoreSettings


def score_corpus(hypotheses, references, bootstrap_samples=0, **settings):
    (system,) = score_systems(
        [("ours", hypotheses)], references, ScoreSettings(bootstrap_samples=bootstrap_samples, **settings)
    )
    return system.scores
