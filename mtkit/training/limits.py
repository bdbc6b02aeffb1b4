"""How far a run goes, how much of that is over, and what lets it go on."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from mtkit.settings.train import TrainSettings
from mtkit.training.progress import Progress
from mtkit.training.schedule import budget_text, parse_time

VALIDATION_MARGIN = 1.2
FIRST_VALIDATION_SECONDS = 10.0
# Writing the last state, the average of the weights and the picture; exporting, and measuring the reach.
FINISH_SECONDS = 3.0
EXPORT_SECONDS = 14.0
MOST_SLOWNESS = 3.0


@dataclass(frozen=True)
class Limit:
    """An end of the run.

    Attributes:
        option: how it was set, such as "--max-steps 300".
        higher: how twice as much is set, or twice as much as was reached.
        reached: how far progress is, in steps or else in seconds.
        end: how far it may come.
    """

    option: str
    higher: str
    reached: float
    end: float
    in_steps: bool = False


@dataclass(frozen=True)
class RunLimits:
    """The limits of a run.

    Attributes:
        steps_per_epoch: updates in a pass over the training text.
        overhead_seconds: what of a budget was over before the first step.
        slowness: how many times as long things take here as they would without other work.
    """

    settings: TrainSettings
    steps_per_epoch: float
    overhead_seconds: float = 0.0
    slowness: float = 1.0

    def foreseen(self, progress: Progress) -> list[Limit]:
        """The limits that were set and that progress comes nearer to with every step."""
        return [limit for limit in self._possible(progress) if limit.end]

    def _possible(self, progress: Progress) -> Iterator[Limit]:
        settings, step, minutes = self.settings, progress.step, progress.seconds / 60
        epochs = step / self.steps_per_epoch
        yield Limit(
            f"--max-steps {settings.max_steps}",
            f"--max-steps {2 * max(settings.max_steps, step)}",
            step,
            settings.max_steps,
            in_steps=True,
        )
        yield Limit(
            f"--max-epochs {settings.max_epochs}",
            f"--max-epochs {math.ceil(2 * max(settings.max_epochs, epochs))}",
            step,
            settings.max_epochs * self.steps_per_epoch,
            in_steps=True,
        )
        yield Limit(
            f"--max-minutes {settings.max_minutes:g}",
            f"--max-minutes {math.ceil(2 * max(settings.max_minutes, minutes))}",
            progress.seconds,
            settings.max_minutes * 60,
        )
        if settings.budget:
            budget, apart = parse_time(settings.budget), self._seconds_beside_steps(progress)
            yield Limit(
                f"--budget {settings.budget}",
                f"--budget {budget_text(2 * max(budget, progress.seconds + apart))}",
                progress.seconds,
                max(1.0, budget - apart),
            )

    def _seconds_beside_steps(self, progress: Progress) -> float:
        """What a budget must leave room for: the start of the command, a last validation, and writing all."""
        first_validation = FIRST_VALIDATION_SECONDS * self.slowness
        validation = VALIDATION_MARGIN * (progress.validation_seconds or first_validation)
        finish = FINISH_SECONDS + EXPORT_SECONDS * self.settings.export
        return self.overhead_seconds + validation + finish * self.slowness

    def reached(self, progress: Progress) -> str | None:
        """Which limit ends the run here, or None."""
        for limit in self.foreseen(progress):
            if limit.reached >= limit.end:
                return limit.option
        if self._out_of_patience(progress):
            return f"--patience {self.settings.patience} (best at step {progress.best_step})"
        return None

    def _out_of_patience(self, progress: Progress) -> bool:
        return 0 < self.settings.patience <= progress.stalled

    def to_go_on(self, progress: Progress) -> str:
        """Options of 'mtkit train' with which the run goes on that limits ended here."""
        options = [limit.higher for limit in self.foreseen(progress) if limit.reached >= limit.end]
        if self._out_of_patience(progress):
            options.append(f"--patience {2 * max(self.settings.patience, progress.stalled)}")
        return " ".join(options)

    def share_done(self, progress: Progress) -> float:
        """How much of the run is over, by its nearest limit; patience, which nobody can foresee, left out."""
        return max((limit.reached / limit.end for limit in self.foreseen(progress)), default=0.0)

    def seconds_left(self, progress: Progress, steps_per_second: float) -> float | None:
        """Estimate of the time to the nearest limit that can be foreseen; None without one."""
        left = [
            (limit.end - limit.reached) / (steps_per_second if limit.in_steps else 1.0)
            for limit in self.foreseen(progress)
        ]
        return max(0.0, min(left)) if left else None

    def seconds_of_budget(self, over: float) -> float:
        """What is left of a budget when so many seconds are over; endless without one."""
        return parse_time(self.settings.budget) - over if self.settings.budget else math.inf

    def seconds_for_steps(self, progress: Progress) -> float:
        """How long a budget lets training go on, validations but the last among it."""
        return parse_time(self.settings.budget) - self._seconds_beside_steps(progress)


def slowness(seconds: float, busy_seconds: float) -> float:
    """How many times as long things take beside other work, by what a process took so far.

    Args:
        seconds: by the clock.
        busy_seconds: of the processor.
    """
    return min(MOST_SLOWNESS, max(1.0, seconds / max(busy_seconds, 1e-9)))
