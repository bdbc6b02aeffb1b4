"""Learning rate as a function of the step, and when to validate."""

import math
import re

from mtkit.errors import SettingsError
from mtkit.settings import TrainSettings


def learning_rate(settings: TrainSettings, step: int, plateau_factor: float, done: float) -> float:
    """The rate of the update that follows `step` updates: a linear warm-up, then the schedule.

    Args:
        plateau_factor: what stalled validations have left of the rate, 1 at first; only schedule plateau uses
            it.
        done: share of the run that is over, by its nearest limit; only schedule cosine (Loshchilov and Hutter
            2017, arXiv:1608.03983, eq. 5) uses it.
    """
    warmup = max(1, settings.warmup_steps)
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / warmup
    if settings.schedule == "inverse-square-root":
        return settings.learning_rate * (max(warmup, 1000) / max(step + 1, warmup, 1000)) ** 0.5
    if settings.schedule == "cosine":
        return settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done)))
    if settings.schedule == "plateau":
        return settings.learning_rate * plateau_factor
    return settings.learning_rate


def steps_between_validations(settings: TrainSettings, steps_per_epoch: int) -> int:
    """As set; or an epoch, within 200 and 2,000 steps."""
    return settings.validate_every_steps or min(2000, max(200, steps_per_epoch))


def parse_time(text: str) -> float:
    """Seconds of a time such as 90, 300s, 20m or 1h30m; a bare number is minutes, as in --max-minutes.

    Raises:
        SettingsError: it is no such time.
    """
    found = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", f"{text}m" if text.isdecimal() else text)
    seconds = (
        sum(int(part or 0) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True))
        if found
        else 0
    )
    if not seconds:
        raise SettingsError(f"--budget is a time such as 20m, 1h30m or 300s. Received: {text!r}")
    return float(seconds)
