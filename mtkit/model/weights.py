"""Weights in safetensors files, by variable name; no pickle, no code in a file."""

import hashlib
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from mtkit.errors import CheckpointError, InputError, MtkitError
from mtkit.writing import atomic_file


def save_arrays(path: Path, arrays: dict[str, np.ndarray], facts: dict[str, str] | None = None) -> None:
    """Write named arrays atomically, with facts in the header."""
    whole = {name: np.array(array, order="C") for name, array in arrays.items()}
    try:
        with atomic_file(path) as temporary:
            save_file(whole, temporary, metadata={**(facts or {}), "sha256": digest(whole)})
    except SafetensorError as error:
        raise MtkitError(f"{path} cannot be written ({error}); free some space and run the same command again") from None


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Named arrays and facts.

    Raises:
        InputError: the file cannot be read.
        CheckpointError: it is damaged.
    """
    try:
        with open(path, "rb"):  # safetensors would call an unreadable file missing
            pass
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    try:
        with safe_open(path, framework="np") as file:
            arrays, facts = {name: file.get_tensor(name) for name in file.keys()}, dict(file.metadata() or {})  # noqa: SIM118
        if facts.get("sha256") != digest(arrays):
            raise SafetensorError("its content does not match its checksum")
        return arrays, facts
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged ({error})") from None


def digest(arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 over names, shapes and values."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(f"{name} {arrays[name].shape} {arrays[name].dtype.str};".encode())
        total.update(np.ascontiguousarray(arrays[name]).data)
    return total.hexdigest()


def model_arrays(model) -> dict[str, np.ndarray]:
    """The model's weights by name, float32."""
    return {variable.name: variable.numpy() for variable in model.weights if variable is not model.dropout_seed.state}


def assign_arrays(variables: dict[str, object], arrays: dict[str, np.ndarray], path: Path) -> None:
    """Set variables by name; raises CheckpointError when names or shapes differ."""
    if set(variables) != set(arrays):
        differing = sorted(set(variables) ^ set(arrays))[:3]
        raise CheckpointError(f"{path} is of another model (it differs in {', '.join(differing)}); see settings.toml beside it")
    for name, variable in variables.items():
        if tuple(variable.shape) != arrays[name].shape:
            raise CheckpointError(f"{path}: {name} is {arrays[name].shape}, the model wants {tuple(variable.shape)}")
        variable.assign(arrays[name])


def load_weights(model, path: Path) -> None:
    """Set a model's weights from a file."""
    arrays, _ = load_arrays(path)
    assign_arrays({v.name: v for v in model.weights if v is not model.dropout_seed.state}, arrays, path)
