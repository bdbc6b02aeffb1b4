"""Named arrays in safetensors files, with a checksum; no pickle, no code in a file."""

import hashlib
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from mtkit.errors import DamagedFileError, InputError, MtkitError
from mtkit.writing import atomic_file


def save_arrays(path: Path, arrays: dict[str, np.ndarray], facts: dict[str, str] | None = None) -> None:
    """Write named arrays atomically, with facts in the header."""
    contiguous = {name: np.array(array, order="C") for name, array in arrays.items()}
    try:
        with atomic_file(path) as temporary:
            save_file(contiguous, temporary, metadata={**(facts or {}), "sha256": digest(contiguous)})
    except SafetensorError as error:
        raise MtkitError(
            f"{path} cannot be written ({error}); free some space and run the same command again"
        ) from None


def load_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Named arrays and facts.

    Raises:
        InputError: the file cannot be read.
        DamagedFileError: its head or its checksum is wrong.
    """
    try:
        with open(path, "rb"):  # safetensors would call an unreadable file missing
            pass
        with safe_open(path, framework="np") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            facts = dict(file.metadata() or {})
        if facts.get("sha256") != digest(arrays):
            raise SafetensorError("its content does not match its checksum")
        return arrays, facts
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except SafetensorError as error:
        raise DamagedFileError(f"{path} is damaged ({error})") from None


def digest(arrays: dict[str, np.ndarray]) -> str:
    """SHA-256 over names, shapes and values."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        total.update(f"{name} {arrays[name].shape} {arrays[name].dtype.str};".encode())
        total.update(np.ascontiguousarray(arrays[name]).data)
    return total.hexdigest()


def checksum(path: Path) -> str | None:
    """The checksum that `save_arrays` wrote into the head of a file, which alone is read, or None."""
    try:
        with safe_open(path, framework="np") as file:
            return (file.metadata() or {}).get("sha256")
    except (SafetensorError, OSError):
        return None
