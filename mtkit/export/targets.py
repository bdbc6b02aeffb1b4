"""What a trained model is written for.

A target NAME of `mtkit export --to` is a module NAME_export beside this one, with a function `export`; the
packages that only it needs are an extra of the same name.
"""

import importlib

from mtkit.checkpoint import Checkpoint
from mtkit.errors import MtkitError
from mtkit.model.backend import load_backend
from mtkit.reporter import Reporter


def export(checkpoint: Checkpoint, target: str, weights: str, reporter: Reporter | None = None) -> None:
    """Write a trained model for a target, into the checkpoint directory.

    Args:
        target: see `settings.ExportSettings`.
        weights: their name; see `Checkpoint.weights_files`.

    Raises:
        CheckpointError: not prepared, not trained, or damaged.
        SettingsError: a model that the target cannot have.
        MtkitError: a package is missing, or Keras runs on something that the target cannot be made with.
    """
    load_backend()
    try:
        module = importlib.import_module(f"mtkit.export.{target}_export")
        module.export(checkpoint, weights, reporter or Reporter())
    except ModuleNotFoundError as error:
        package = error.name.partition(".")[0]
        if target == "onnx":  # which a plain installation has
            raise MtkitError(f"an export needs the package {package}: pip install {package}") from None
        raise MtkitError(
            f"--to {target} needs the package {package}: pip install 'mtkit[{target}]'"
        ) from None
