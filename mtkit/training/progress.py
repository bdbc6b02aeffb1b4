"""Where a training stands, and what happened since its last validation."""

import dataclasses
import time
from dataclasses import dataclass, field

# Skipped steps in a row that halve the learning rate, and that end the run.
SKIPS_TO_HALVE, SKIPS_TO_STOP = 5, 20


@dataclass(frozen=True)
class Progress:
    """Where a training stands. The position in the data, the order of batches and dropout follow from `step`.

    Attributes:
        step: updates made.
        seconds: wall time spent, all sessions together.
        best_score: best validation score (higher is better), or None before the first.
        best_step: the step of the best score.
        stalled: validations since the best score.
        plateau_stalled: validations since the best score or the last cut of the rate.
        plateau_factor: what is left of the learning rate.
        validated_step: the step of the last validation.
        skipped: steps whose gradient was not applied because it made no sense.
        skipped_in_a_row: those of them just before this step.
        rate_factor: what they have left of the learning rate.
        validation_seconds: how long the last validation took.
    """

    step: int = 0
    seconds: float = 0.0
    best_score: float | None = None
    best_step: int = 0
    stalled: int = 0
    plateau_stalled: int = 0
    plateau_factor: float = 1.0
    validated_step: int = -1
    skipped: int = 0
    skipped_in_a_row: int = 0
    rate_factor: float = 1.0
    validation_seconds: float = 0.0


def after_update(progress: Progress, *, sound: bool, seconds: float) -> Progress:
    """Progress with one more step; every few skipped ones in a row halve the rate.

    Args:
        sound: whether the update was made.
        seconds: of training so far.
    """
    in_a_row = 0 if sound else progress.skipped_in_a_row + 1
    halve = in_a_row > 0 and in_a_row % SKIPS_TO_HALVE == 0
    return dataclasses.replace(
        progress,
        step=progress.step + 1,
        seconds=seconds,
        skipped=progress.skipped + (not sound),
        skipped_in_a_row=in_a_row,
        rate_factor=progress.rate_factor * (0.5 if halve else 1.0),
    )


def after_validation(progress: Progress, score: float, plateau_patience: int) -> Progress:
    """Progress with a validation score counted in.

    Args:
        plateau_patience: scores in a row that are no better, after which the plateau's rate is halved.
    """
    progress = dataclasses.replace(progress, validated_step=progress.step)
    if progress.best_score is None or score > progress.best_score:
        return dataclasses.replace(
            progress, best_score=score, best_step=progress.step, stalled=0, plateau_stalled=0
        )
    stalled = progress.plateau_stalled + 1
    cut = stalled >= plateau_patience
    return dataclasses.replace(
        progress,
        stalled=progress.stalled + 1,
        plateau_stalled=0 if cut else stalled,
        plateau_factor=progress.plateau_factor * (0.5 if cut else 1.0),
    )


@dataclass
class Window:
    """Sums over the steps since the last validation.

    Attributes:
        negative: negative log-likelihood, nats.
        tokens: real target tokens.
        waited: seconds in which the processor waited for batches.
    """

    negative: float = 0.0
    tokens: float = 0.0
    steps: int = 0
    waited: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def add(self, negative: float, tokens: float, waited: float) -> None:
        """Count one step."""
        self.negative += negative
        self.tokens += tokens
        self.steps += 1
        self.waited += waited

    @property
    def loss(self) -> float:
        """Nats a token."""
        return self.negative / max(1.0, self.tokens)

    @property
    def seconds(self) -> float:
        return max(1e-9, time.monotonic() - self.began)
