"""Everything that training needs to go on exactly where it stopped, in one file written at once."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtkit.arrays import load_arrays, save_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.errors import CheckpointError
from mtkit.model.weights import assign_arrays, model_arrays
from mtkit.training.step import TrainStep

STATES_KEPT = 2
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


def after_update(progress: Progress, sound: bool, seconds: float) -> Progress:
    """Progress with one more step; every few skipped ones in a row halve the rate."""
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
    """Progress with a validation score counted in; the rate is halved when `plateau_patience` scores in a row
    were no better.
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


def _variables(step: TrainStep) -> dict[str, object]:
    averages = {f"average/{variable.name}": variable for variable in step.averages}
    return averages | {f"optimizer/{variable.path}": variable for variable in step.optimizer.variables}


def save_state(checkpoint: Checkpoint, step: TrainStep, progress: Progress) -> None:
    """Write weights, averages, optimizer and progress; remove states that are older than the one before."""
    arrays = {f"model/{name}": array for name, array in model_arrays(step.model).items()}
    arrays |= {name: np.asarray(variable.numpy()) for name, variable in _variables(step).items()}
    path = checkpoint.training / f"state-{progress.step:08d}.safetensors"
    save_arrays(path, arrays, {"progress": json.dumps(dataclasses.asdict(progress))})
    for old in checkpoint.states()[STATES_KEPT:]:
        old.unlink()


def load_state(path: Path, step: TrainStep) -> Progress:
    """Set weights, averages and optimizer, and say where training stands.

    Raises:
        CheckpointError: damaged, or of another model or optimizer.
    """
    arrays, facts = load_arrays(path)
    try:
        progress = Progress(**json.loads(facts["progress"]))
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(f"{path} is no training state") from None
    variables = {f"model/{v.name}": v for v in step.model.weights if v is not step.model.dropout_seed.state}
    assign_arrays(variables | _variables(step), arrays, path)
    return progress
