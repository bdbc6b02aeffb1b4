"""Learning rate as a function of the step, and when to validate."""

from mtkit.settings import TrainSettings


def learning_rate(settings: TrainSettings, step: int, plateau_factor: float) -> float:
    """The rate of the update that follows `step` updates: a linear warm-up, then the schedule.

    Args:
        plateau_factor: what stalled validations have left of the rate, 1 at first; only schedule plateau uses it.
    """
    warmup = max(1, settings.warmup_steps)
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / warmup
    if settings.schedule == "inverse-square-root":
        return settings.learning_rate * (max(warmup, 1000) / max(step + 1, warmup, 1000)) ** 0.5
    if settings.schedule == "plateau":
        return settings.learning_rate * plateau_factor
    return settings.learning_rate


def steps_between_validations(settings: TrainSettings, steps_per_epoch: int) -> int:
    """As set; or an epoch, within 200 and 2,000 steps."""
    return settings.validate_every_steps or min(2000, max(200, steps_per_epoch))
