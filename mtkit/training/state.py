"""Everything that training needs to go on exactly where it stopped, in one file written at once."""

import dataclasses
import json
from pathlib import Path

import numpy as np

from mtkit import __version__
from mtkit.arrays import load_arrays, save_arrays
from mtkit.checkpoint import Checkpoint
from mtkit.errors import CheckpointError
from mtkit.model.weights import assign_arrays, model_arrays, named_weights
from mtkit.training.progress import Progress
from mtkit.training.step import TrainStep

STATES_KEPT = 2


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
        DamagedFileError: damaged.
        CheckpointError: of another model or optimizer, or of a newer mtkit.
    """
    arrays, facts = load_arrays(path)
    try:
        progress = Progress(**json.loads(facts["progress"]))
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(
            f"{path} is no training state of this mtkit {__version__}: go on with the one that wrote it, or"
            " run 'mtkit train --force' to start again"
        ) from None
    variables = {f"model/{name}": variable for name, variable in named_weights(step.model).items()}
    assign_arrays(variables | _variables(step), arrays, path)
    return progress
