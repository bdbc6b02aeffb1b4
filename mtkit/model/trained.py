"""The trained model of a checkpoint directory: which files hold its weights, and the model with them."""

from pathlib import Path
from typing import TYPE_CHECKING

from mtkit.checkpoint import Checkpoint
from mtkit.errors import CheckpointError
from mtkit.model.backend import load_backend
from mtkit.reporter import Reporter
from mtkit.settings import resolve

if TYPE_CHECKING:
    from mtkit.data.tokenizers import Tokenizers


def trained_model(checkpoint: Checkpoint, paths: list[Path], tokenizers: "Tokenizers", reporter: Reporter):
    """The model of a trained checkpoint directory, with the first of some weights that are whole.

    Args:
        paths: of the weights; see `Checkpoint.weights_files`.
        reporter: warned of damaged ones.

    Raises:
        CheckpointError: all are damaged.
    """
    settings = resolve("model", checkpoint.trained_model_settings(), origin=str(checkpoint.settings_file))
    load_backend()
    from mtkit.model.build import build_model

    model = build_model(settings, tokenizers.source.size, tokenizers.target.size)
    try:
        load_first_whole(model, paths, reporter)
    except CheckpointError as error:
        raise CheckpointError(
            f"{error}; choose others with --weights, or copy the checkpoint directory again"
        ) from None
    return model


def load_first_whole(model, paths: list[Path], reporter: Reporter) -> None:
    """Set a model's weights to the first of these files that is not damaged; a damaged one is warned of.

    Raises:
        CheckpointError: all are damaged.
    """
    from mtkit.model.weights import load_weights

    for path in paths:
        try:
            return load_weights(model, path)
        except CheckpointError as error:
            if path == paths[-1]:
                raise
            reporter.warn(f"{error}; using the next best weights instead")
