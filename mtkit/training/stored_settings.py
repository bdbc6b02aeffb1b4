"""The settings of a training: what is asked for now, over what the checkpoint directory keeps.

Imports no Keras.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from mtkit.checkpoint import Checkpoint
from mtkit.settings.train import ModelSettings, TrainSettings

# The tables of a checkpoint directory -> the settings of the model and of training, with what is asked for.
Resolve = Callable[[Mapping[str, Mapping[str, Any]]], tuple[ModelSettings, TrainSettings]]


class Settled(NamedTuple):
    """The settings of a training."""

    model: ModelSettings
    train: TrainSettings


def settle(checkpoint: Checkpoint, resolve: Resolve, *, force: bool) -> Settled:
    """The settings of a training that begins, or goes on.

    One that goes on has those that it began with, where nothing else is asked for. One that begins with the
    weights of another directory has the model of that.

    Raises:
        CheckpointError: the settings to go on with, or those of the other directory, are gone.
    """
    going_on = bool(checkpoint.states()) and not force
    stored = checkpoint.settings_of_training() if going_on else {}
    model, train = resolve(stored)
    if train.from_ and not going_on:
        theirs = {"model": Checkpoint(Path(train.from_)).trained_model_settings()}
        model, train = resolve(theirs)
    if going_on and model.preset == "auto":
        model = replace(model, preset=stored["model"]["preset"])
    return Settled(model, train)
