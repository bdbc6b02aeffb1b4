"""The settings of a training: what is asked for now, over what the checkpoint directory keeps.

Imports no Keras.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from mtkit.checkpoint import Checkpoint
from mtkit.settings import ModelSettings, TrainSettings
from mtkit.settings.train import LIMITS

# The tables of a checkpoint directory -> the settings of the model and of training, with what is asked for.
Resolve = Callable[[Mapping[str, Mapping[str, Any]]], tuple[ModelSettings, TrainSettings]]


class Settled(NamedTuple):
    """The settings of a training."""

    model: ModelSettings
    train: TrainSettings


def settle(checkpoint: Checkpoint, resolve: Resolve, *, force: bool) -> Settled:
    """The settings of a training that begins, or goes on.

    One that goes on has those of the run before, where nothing else is asked for; but where a limit is asked
    for, the limits of the run before are none. One that begins with the weights of another directory has the
    model of that.
    """
    going_on = bool(checkpoint.states()) and not force
    stored = checkpoint.settings() if going_on else {}
    _, asked_for = resolve({})
    if any(getattr(asked_for, name) for name in LIMITS):
        stored = {**stored, "train": without_limits(stored.get("train", {}))}
    model, train = resolve(stored)
    if train.from_ and not going_on:
        theirs = {"model": Checkpoint(Path(train.from_)).trained_model_settings()}
        model, train = resolve(theirs)
    if going_on and model.preset == "auto":
        model = replace(model, preset=stored["model"]["preset"])
    return Settled(model, train)


def without_limits(train: Mapping[str, Any]) -> dict[str, Any]:
    """A table of training settings without what ended the run."""
    return {name: value for name, value in train.items() if name not in LIMITS}
