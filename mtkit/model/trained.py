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
        paths: of the weights; see `weights_files`.
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


def weights_files(checkpoint: Checkpoint, name: str) -> list[Path]:
    """The weights with a name, and those to use in their place should they be damaged.

    Args:
        name: "best", "last", "average" or a step number; a step has no substitute.

    Raises:
        CheckpointError: there are none with this name; lists what there is.
    """
    steps = sorted(checkpoint.weights.glob("step-*.safetensors"), reverse=True)
    by_name = {path.stem.removeprefix("step-").lstrip("0"): [path] for path in reversed(steps)}
    if steps:
        by_name["last"] = steps
    average = checkpoint.weights / "average.safetensors"
    if average.exists():
        by_name["average"] = [average, *steps]
    best = checkpoint.weights / "best.safetensors"
    if best.exists():
        best_step = checkpoint.require_stage("train").get("best_step")
        by_name["best"] = [best, *by_name.get(str(best_step), []), *steps]
    if name not in by_name:
        raise CheckpointError(
            f"no weights {name!r} in {checkpoint.weights}; there are: {', '.join(by_name) or 'none'}"
        )
    return by_name[name]


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
