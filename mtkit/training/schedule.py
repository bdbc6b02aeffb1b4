"""Learning rate as a function of the step, and when to validate."""

import math
import re

from mtkit.errors import SettingsError
from mtkit.settings.train import TrainSettings

# With a budget the warm-up is over after this share of the time at the latest, however few steps fit into it.
LONGEST_WARMUP = 0.25
# The inverse square root begins to fall here.
FLAT_STEPS = 1000
LEAST_BETWEEN_VALIDATIONS, MOST_BETWEEN_VALIDATIONS = 200, 2000


def learning_rate(settings: TrainSettings, step: int, plateau_factor: float, done: float) -> float:
    """The rate of the update that follows `step` updates: a linear warm-up, then the schedule.

    Args:
        plateau_factor: what stalled validations have left of the rate, 1 at first; only schedule plateau uses
            it.
        done: share of the run that is over, by its nearest limit; a budget and schedule cosine use it.
    """
    if step < settings.warmup_steps and not (settings.budget and done >= LONGEST_WARMUP):
        return warm_up_rate(settings, step, done)
    if settings.schedule == "inverse-square-root":
        flat = max(1, settings.warmup_steps, FLAT_STEPS)
        return settings.learning_rate * (flat / max(step + 1, flat)) ** 0.5
    if settings.schedule == "cosine":  # Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5
        return settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))
    if settings.schedule == "plateau":
        return settings.learning_rate * plateau_factor
    return settings.learning_rate


def warm_up_rate(settings: TrainSettings, step: int, done: float) -> float:
    """The rate while it rises, by the steps, or with a budget by the time where that is faster."""
    warming_up = settings.learning_rate * (step + 1) / settings.warmup_steps
    by_time = settings.learning_rate * done / LONGEST_WARMUP
    return max(warming_up, by_time) if settings.budget else warming_up


def steps_between_validations(settings: TrainSettings, steps_per_epoch: float) -> int:
    """As set; or an epoch, within 200 and 2,000 steps."""
    if settings.validate_every_steps:
        return settings.validate_every_steps
    return min(MOST_BETWEEN_VALIDATIONS, max(LEAST_BETWEEN_VALIDATIONS, math.ceil(steps_per_epoch)))


def parse_time(text: str) -> float:
    """Seconds of a time such as 90, 300s, 20m or 1h30m; a bare number is minutes, as in --max-minutes.

    Raises:
        SettingsError: it is no such time.
    """
    parts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", f"{text}m" if text.isdecimal() else text)
    hours, minutes, seconds = (int(part or 0) for part in parts.groups()) if parts else (0, 0, 0)
    total = 3600 * hours + 60 * minutes + seconds
    if not total:
        raise SettingsError(f"--budget is a time such as 20m, 1h30m or 300s. Received: {text!r}")
    return float(total)


def budget_text(seconds: float) -> str:
    """A time as `parse_time` reads it, in whole minutes from 10 minutes on, else in seconds: never less."""
    if seconds < 600:
        return f"{math.ceil(seconds)}s"
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
