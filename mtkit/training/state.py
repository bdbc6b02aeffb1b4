"""Everything that training needs to go on exactly where it stopped, in one file written at once."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtkit.errors import CheckpointError
from mtkit.model.weights import assign_arrays, load_arrays, model_arrays, save_arrays
from mtkit.training.step import TrainStep


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
    """

    step: int = 0
    seconds: float = 0.0
    best_score: float | None = None
    best_step: int = 0
    stalled: int = 0
    plateau_stalled: int = 0
    plateau_factor: float = 1.0
    validated_step: int = -1


def after_validation(progress: Progress, score: float, plateau_patience: int) -> Progress:
    """Progress with a validation score counted in; the rate is halved when `plateau_patience` scores in a row were no better."""
    progress = dataclasses.replace(progress, validated_step=progress.step)
    if progress.best_score is None or score > progress.best_score:
        return dataclasses.replace(progress, best_score=score, best_step=progress.step, stalled=0, plateau_stalled=0)
    stalled = progress.plateau_stalled + 1
    cut = stalled >= plateau_patience
    return dataclasses.replace(
        progress,
        stalled=progress.stalled + 1,
        plateau_stalled=0 if cut else stalled,
        plateau_factor=progress.plateau_factor * (0.5 if cut else 1.0),
    )


def _variables(step: TrainStep) -> dict[str, object]:
    averages = {f"average/{variable.name}": variable for variable in step.averages}
    return averages | {f"optimizer/{variable.path}": variable for variable in step.optimizer.variables}


def save_state(path: Path, step: TrainStep, progress: Progress) -> None:
    """Write weights, averages, optimizer and progress."""
    arrays = {f"model/{name}": array for name, array in model_arrays(step.model).items()}
    arrays |= {name: np.asarray(variable.numpy()) for name, variable in _variables(step).items()}
    save_arrays(path, arrays, {"progress": json.dumps(dataclasses.asdict(progress))})


def load_state(path: Path, step: TrainStep) -> Progress:
    """Set weights, averages and optimizer, and say where training stands.

    Raises:
        CheckpointError: damaged, or of another model or optimizer.
    """
    arrays, facts = load_arrays(path)
    try:
        progress = Progress(**json.loads(facts["progress"]))
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(f"{path} is no training state; run 'mtkit train --force' to start again") from None
    variables = {f"model/{v.name}": v for v in step.model.weights if v is not step.model.dropout_seed.state}
    assign_arrays(variables | _variables(step), arrays, path)
    return progress
