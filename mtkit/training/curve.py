"""A picture of a training: losses, BLEU and learning rate over the steps."""

import math

from mtkit.checkpoint import Checkpoint
from mtkit.writing import atomic_file

MISSING = "for a picture of the learning curve: pip install 'mtkit[plots]'"


def draw_curve(checkpoint: Checkpoint, log: list[dict]) -> str | None:
    """Write training/curve.svg from the rows of training/log.jsonl.

    Returns:
        A hint for the user when matplotlib is not installed, else None.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return MISSING
    steps = [row["step"] for row in log]
    figure = Figure(figsize=(7, 7), layout="constrained")
    losses, scores, rates = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 1))
    losses.plot(
        steps, [math.nan if row["train_loss"] is None else row["train_loss"] for row in log], label="training"
    )
    losses.plot(steps, [row["valid_loss"] for row in log], label="validation")
    losses.set_ylabel("loss, nats a token")
    scores.plot(steps, [row["bleu"] for row in log], label="BLEU", marker=".")
    scores.plot(steps, [row["chrf"] for row in log], label="chrF", marker=".")
    best = [row for row in log if row["best"]]
    if best:
        scores.axvline(
            best[-1]["step"], linestyle=":", color="gray", label=f"best, step {best[-1]['step']:,}"
        )
    scores.set_ylabel("validation score")
    rates.plot(steps, [row["learning_rate"] for row in log])
    rates.set_ylabel("learning rate")
    rates.set_xlabel("step")
    for axes in (losses, scores):
        axes.legend(frameon=False)
    with atomic_file(checkpoint.training / "curve.svg") as temporary:
        figure.savefig(temporary, format="svg")
    return None
