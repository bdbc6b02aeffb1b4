"""The weights of a model to and from files, by variable name."""

from pathlib import Path
from typing import Any

import numpy as np

from mtkit.arrays import load_arrays
from mtkit.errors import CheckpointError


def named_weights(model) -> dict[str, Any]:
    """The variables of a model by name: all but the state of its dropout."""
    return {variable.name: variable for variable in model.weights if variable is not model.dropout_seed.state}


def model_arrays(model) -> dict[str, np.ndarray]:
    """The model's weights by name, float32."""
    return {name: variable.numpy() for name, variable in named_weights(model).items()}


def assign_arrays(variables: dict[str, object], arrays: dict[str, np.ndarray], path: Path) -> None:
    """Set variables by name; raises CheckpointError when names or shapes differ."""
    if set(variables) != set(arrays):
        differing = sorted(set(variables) ^ set(arrays))[:3]
        raise CheckpointError(
            f"{path} is of another model (it differs in {', '.join(differing)}); see settings.toml beside it"
        )
    for name, variable in variables.items():
        if tuple(variable.shape) != arrays[name].shape:
            raise CheckpointError(
                f"{path}: {name} is {arrays[name].shape}, the model wants {tuple(variable.shape)}"
            )
        variable.assign(arrays[name])


def load_weights(model, path: Path) -> None:
    """Set a model's weights from a file."""
    arrays, _ = load_arrays(path)
    assign_arrays(named_weights(model), arrays, path)
