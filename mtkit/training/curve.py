"""A picture of a training: losses, BLEU and learning rate over the steps."""

import math
from collections.abc import Sequence

from mtkit.checkpoint import Checkpoint
from mtkit.training.log import Validation
from mtkit.writing import atomic_file, save_figure

MISSING = "for a picture of the learning curve: pip install 'mtkit[plots]'"


def draw_curve(checkpoint: Checkpoint, log: Sequence[Validation]) -> str | None:
    """Write training/curve.svg.

    Returns:
        A hint for the user when matplotlib is not installed, else None.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return MISSING
    steps = [validation.step for validation in log]
    figure = Figure(figsize=(7, 7), layout="constrained")
    losses, scores, rates = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1))
    losses.plot(steps, _values(log, "train_loss"), label="training")
    losses.plot(steps, _values(log, "valid_loss"), label="validation")
    losses.set_ylabel("loss, nats a token")
    scores.plot(steps, _values(log, "bleu"), label="BLEU", marker=".")
    scores.plot(steps, _values(log, "chrf"), label="chrF", marker=".")
    best_steps = [validation.step for validation in log if validation.best]
    if best_steps:
        label = f"best, step {best_steps[-1]:,}"
        scores.axvline(best_steps[-1], linestyle=":", color="gray", label=label)
    scores.set_ylabel("validation score")
    rates.plot(steps, _values(log, "learning_rate"))
    rates.set_ylabel("learning rate")
    rates.set_xlabel("step")
    for axes in (losses, scores):
        axes.legend(frameon=False)
    with atomic_file(checkpoint.training / "curve.svg") as temporary:
        save_figure(figure, temporary, "svg")
    return None


def _values(log: Sequence[Validation], field: str) -> list[float]:
    """A field of each validation; what is not known a picture leaves out."""
    values = [getattr(validation, field) for validation in log]
    return [math.nan if value is None else value for value in values]
