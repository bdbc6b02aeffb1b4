"""Learning rates, intervals and times."""

import dataclasses
import math

import pytest

from mtkit.errors import SettingsError
from mtkit.settings.train import TrainSettings
from mtkit.training.display import duration
from mtkit.training.progress import Progress, after_validation
from mtkit.training.schedule import budget_text, learning_rate, parse_time, steps_between_validations


def test_schedules_by_hand():
    settings = TrainSettings(learning_rate=0.4, warmup_steps=4, schedule="constant")
    assert [learning_rate(settings, step, 1.0, 0.0) for step in (0, 1, 3, 4, 99)] == pytest.approx(
        [0.1, 0.2, 0.4, 0.4, 0.4]
    )
    root = dataclasses.replace(settings, schedule="inverse-square-root")
    assert [learning_rate(root, step, 1.0, 0.0) for step in (10, 999, 3999)] == pytest.approx([0.4, 0.4, 0.2])
    plateau = dataclasses.replace(settings, schedule="plateau")
    assert learning_rate(plateau, 50, 0.25, 0.0) == pytest.approx(0.1)
    cosine = dataclasses.replace(settings, schedule="cosine")
    assert [learning_rate(cosine, 50, 1.0, done) for done in (0.0, 0.5, 1.0, 2.0)] == pytest.approx(
        [0.4, 0.2, 0.0, 0.0]
    )
    assert learning_rate(cosine, 1, 1.0, 0.9) == pytest.approx(0.2), "warm-up comes first"


def test_a_budget_cuts_the_warm_up_short():
    """Where few steps fit into it: a quarter of the time is the most; where many do, nothing changes."""
    settings = TrainSettings(learning_rate=0.4, warmup_steps=100, schedule="cosine", budget="1m")
    rates = [learning_rate(settings, step, 1.0, done) for step, done in ((0, 0.0), (5, 0.125), (10, 0.25))]
    assert rates == pytest.approx([0.004, 0.2, 0.4 * 0.5 * (1 + math.cos(math.pi / 4))])
    assert learning_rate(settings, 49, 1.0, 0.05) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("text", "seconds"), [("20m", 1200), ("1h30m", 5400), ("300s", 300), ("1h5s", 3605), ("7", 420)]
)
def test_times(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(480, "480s"), (2.1, "3s"), (600, "10m"), (601, "11m"), (7200, "2h"), (5400, "1h30m")],
)
def test_a_time_is_written_as_it_is_read(seconds, text):
    assert budget_text(seconds) == text
    assert parse_time(text) >= seconds


@pytest.mark.parametrize("text", ["", "0", "m", "20x", "-5m", "5m1h", "1.5h"])
def test_what_is_no_time(text):
    with pytest.raises(SettingsError, match="such as 20m"):
        parse_time(text)


def test_plateau_and_patience():
    progress = Progress(step=1)
    for score in (1.0, 0.5, 0.9, 2.0, 1.0):
        progress = after_validation(progress, score, plateau_patience=2)
    assert (progress.best_score, progress.stalled, progress.plateau_factor) == (2.0, 1, 0.5)


def test_validation_interval():
    assert [steps_between_validations(TrainSettings(), steps) for steps in (10, 300, 90_000)] == [
        200,
        300,
        2000,
    ]
    assert steps_between_validations(TrainSettings(validate_every_steps=7), 300) == 7


def test_duration():
    assert [duration(seconds) for seconds in (5, 65, 3725)] == ["0:05", "1:05", "1:02:05"]
