"""Settings from layers of values: what wins, what is refused, and how they are written down again."""

import dataclasses
from pathlib import Path

import pytest

from mtkit.errors import InputError, SettingsError
from mtkit.settings import TABLES, as_table, read_settings_file, resolve
from mtkit.settings.option import GROUPS, changed, refuse_others
from mtkit.settings.train import TrainSettings
from mtkit.settings.translate import TranslateSettings

ROOT = Path(__file__).resolve().parents[2]


def test_a_later_layer_wins():
    settings = resolve("translate", {"beam": 2, "n-best": 2}, {"beam": 3})
    assert (settings.beam, settings.n_best, settings.seed) == (3, 2, TranslateSettings().seed)


@pytest.mark.parametrize(
    ("layer", "limits"),
    [
        ({"max_epochs": 60}, (60, 0, None)),
        ({"budget": "8m"}, (0, 0, "8m")),
        ({"max-epochs": 60, "max_steps": 500}, (60, 500, None)),
        ({"seed": 9}, (0, 90, "4m")),
        ({"max_epochs": 0}, (0, 90, "4m")),
    ],
)
def test_a_layer_that_names_a_limit_names_them_all(layer, limits):
    before = {"budget": "4m", "max_steps": 90, "patience": 3}
    train = resolve("train", before, layer)
    assert (train.max_epochs, train.max_steps, train.budget) == limits
    assert train.patience == 3


def test_a_value_has_the_type_of_its_setting():
    settings = resolve("train", {"learning-rate": 1, "max_steps": 7})
    assert (settings.learning_rate, settings.max_steps) == (1.0, 7)
    assert type(settings.learning_rate) is float
    assert resolve("prepare", {"train": "corpus"}).train == ("corpus",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"beem": 3}, r"unknown key 'beem' in \[translate\]; did you mean 'beam'"),
        ({"beam": 0}, "beam in .* is at least 1"),
        ({"beam": "3"}, "takes a whole number"),
        ({"beam": True}, "takes a whole number"),
        ({"length_penalty": float("nan")}, "takes a number with an end"),
        ({"engine": "onyx"}, "is one of .* did you mean 'onnx'"),
    ],
)
def test_what_is_refused(values, message):
    with pytest.raises(SettingsError, match=f"a file: .*{message}"):
        resolve("translate", values, origin="a file")


def test_settings_are_written_as_they_are_read():
    for table in TABLES:
        settings = resolve(table)
        assert resolve(table, as_table(settings)) == settings
        groups = {setting.metadata["group"] for setting in dataclasses.fields(settings)}
        assert groups <= {group.title for group in GROUPS}


def test_settings_of_another_choice_are_refused():
    settings = TrainSettings(max_steps=3)
    assert changed(settings, ("max_steps", "seed")) == ["max_steps"]
    refuse_others(settings, {"sgd": ("max_steps",)}, "--optimizer", "sgd")
    with pytest.raises(
        SettingsError, match="--max-steps: for --optimizer sgd alone, and this is --optimizer adam"
    ):
        refuse_others(settings, {"sgd": ("max_steps",)}, "--optimizer", "adam")


def test_a_settings_file_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        read_settings_file(tmp_path / "mtkit.toml")
    (tmp_path / "mtkit.toml").write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read"):
        read_settings_file(tmp_path / "mtkit.toml")


def test_settings_of_the_checkout():
    """The mtkit.toml beside this source is one that mtkit accepts, and it names the sample corpus."""
    tables = read_settings_file(ROOT / "mtkit.toml")
    settings = resolve("prepare", tables["prepare"])
    for split in ("train", "valid", "test"):
        assert getattr(settings, split) == (f"data/sample/{split}",)
    assert (settings.source_language, settings.target_language) == ("en", "fr")
