"""What the settings of training leave open, decided by machine and text: precision, schedule, rates, metric.

For the model see model_choice.py.
"""

from collections.abc import Sequence
from dataclasses import replace

from mtkit.errors import SettingsError
from mtkit.model.hardware import PRECISIONS, faster_precision
from mtkit.scoring.counts import usual_metric
from mtkit.settings.train import TrainSettings
from mtkit.training.cluster import Cluster

# Of training, by family of the model.
RATES = {
    "rnn": {"learning_rate": 0.002, "warmup_steps": 200},
    "transformer": {"learning_rate": 0.005, "warmup_steps": 400},
}


def decide_training(settings: TrainSettings, parallel: int, cluster: Cluster) -> TrainSettings:
    """Settings with precision and schedule decided.

    Raises:
        SettingsError: a schedule without the end it needs.
    """
    if settings.precision == "auto":
        precision = cluster.chiefs_choice(PRECISIONS, faster_precision(parallel))
        settings = replace(settings, precision=precision)
    if settings.schedule == "auto":
        settings = replace(settings, schedule="cosine" if settings.budget else "inverse-square-root")
    if settings.schedule == "cosine" and not any(getattr(settings, name) for name in settings.limits):
        raise SettingsError(
            "schedule cosine falls to 0 at the end of the run: give it one, with --budget or --max-steps"
        )
    return settings


def with_rates(settings: TrainSettings, family: str) -> TrainSettings:
    """Settings with the learning rate and warm-up of a family where they leave them open."""
    open_rates = {name: value for name, value in RATES[family].items() if getattr(settings, name) is None}
    return replace(settings, **open_rates)


def with_metric(settings: TrainSettings, references: Sequence[str]) -> TrainSettings:
    """Settings with what the best weights are best in decided, by the validation text."""
    if settings.best_metric != "auto":
        return settings
    return replace(settings, best_metric=usual_metric(references))
