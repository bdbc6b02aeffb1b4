"""What of the settings of the run before goes on."""

from types import SimpleNamespace

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.errors import CheckpointError
from mtkit.settings import resolve
from mtkit.training.stored_settings import settle

STORED = {
    "model": {"model": "rnn", "preset": "small", "cell": "gru"},
    "train": {"budget": "4m", "max_steps": 90, "patience": 3, "schedule": "cosine", "seed": 7},
}


def settled(asked_for, *, force=False, states=("state",)):
    """The settings of training where these are asked for."""
    checkpoint = SimpleNamespace(states=lambda: list(states), settings_of_training=lambda: STORED)

    def over(stored):
        return (
            resolve("model", stored.get("model", {})),
            resolve("train", stored.get("train", {}), asked_for),
        )

    return settle(checkpoint, over, force=force)


def test_what_is_not_asked_for_goes_on():
    model, train = settled({"learning_rate": 0.1})
    assert (model.preset, model.cell) == ("small", "gru")
    assert (train.budget, train.max_steps, train.patience, train.seed) == ("4m", 90, 3, 7)
    assert (train.schedule, train.learning_rate) == ("cosine", 0.1)


def test_a_limit_that_is_asked_for_takes_the_place_of_those_before():
    train = settled({"max_epochs": 60}).train
    assert (train.max_epochs, train.max_steps, train.budget) == (60, 0, None)
    assert (train.schedule, train.seed) == ("cosine", 7)


def test_a_training_that_begins_anew_has_nothing_of_the_one_before():
    for settings in (settled({}, force=True), settled({}, states=())):
        assert (settings.model.preset, settings.train.budget, settings.train.seed) == ("auto", None, 1)


def test_states_without_the_settings_are_a_copy_in_part(tmp_path):
    checkpoint = Checkpoint(tmp_path)
    checkpoint.training.mkdir()
    (checkpoint.training / "state-00000004.safetensors").touch()
    with pytest.raises(CheckpointError, match=r"settings\.toml is missing or damaged"):
        settle(checkpoint, lambda stored: (resolve("model"), resolve("train")), force=False)
