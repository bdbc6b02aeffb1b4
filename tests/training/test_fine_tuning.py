"""Fine-tuning: tokenizers and weights come from another checkpoint directory, and what does not fit is
named.
"""

import json
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from mtkit.model.build import FAMILY_SETTINGS, build_model, fill_in
from mtkit.settings.train import ModelSettings
from mtkit.training.resume import NOT_SHAPE
from tests.support.commands import QUICK


@pytest.fixture
def base(trained, tmp_path):
    """A trained checkpoint directory, with more text of the same kind beside it."""
    shutil.copytree(trained / "checkpoint", tmp_path / "base")
    for path in trained.glob("*.??"):
        shutil.copy(path, tmp_path)
    return tmp_path / "base"


def rows(directory):
    return [
        json.loads(line) for line in (Path(directory) / "training" / "log.jsonl").read_text().splitlines()
    ]


def test_fine_tuning_from_prepare_to_a_second_run(mtkit, base):
    code, _, err = mtkit("prepare", "-C", "new", "--from", "base", "--train", "train", "--valid", "valid")
    assert code == 0, err
    for path in (base / "vocab").glob("*.spm"):
        assert (Path("new/vocab") / path.name).read_bytes() == path.read_bytes()
    small = ("--validation-lines", 8, "--validate-every-steps", 2, "--examples", 0, "--no-export", *QUICK)
    code, _, err = mtkit(
        "train", "-C", "new", "--from", "base", "--max-steps", 2, "--embedding-dropout", 0.5, *small
    )
    assert (code, "beginning with the best weights of base" in err) == (0, True), err
    begun = rows("new")[0]
    best = [row for row in rows("base") if row["best"]][-1]
    assert (begun["step"], begun["train_loss"]) == (0, None)
    assert begun["valid_loss"] == pytest.approx(best["valid_loss"], rel=1e-4), (
        "the weights it begins with are the best of base"
    )

    shutil.rmtree("base")
    code, _, err = mtkit(
        "train", "-C", "new", "--max-steps", 4, "--from", Path("base").resolve(), "--no-export"
    )
    assert (code, [row["step"] for row in rows("new")]) == (0, [0, 2, 4]), err
    code, _, err = mtkit("train", "-C", "new", "--from", "elsewhere", "--max-steps", 6)
    assert (code, "began with from = base, now it is elsewhere" in err) == (2, True), err
    widths = ("--embedding-width", 8, "--encoder-width", 8, "--decoder-width", 8)
    anew = ("--force", "--preset", "tiny", *widths, "--max-steps", 1)
    code, _, err = mtkit("train", "-C", "new", *anew, *small)
    assert (code, "warning: the training before began with --from base; this one begins anew" in err) == (
        0,
        True,
    ), err


@pytest.mark.parametrize("family", ["rnn", "transformer"])
def test_what_may_be_changed_is_no_shape(family):
    """Dropout of every kind, and what is frozen: the weights have the same names and shapes with it as
    without.
    """
    names = {field.name for field in fields(ModelSettings)}
    assert set(NOT_SHAPE) == {name for name in names if "dropout" in name or "freeze" in name} | {
        "stochastic_depth"
    }

    def shapes(**changes):
        filled = fill_in(ModelSettings(model=family, preset="tiny", **changes), joint_vocabulary=True)
        return {weight.path: tuple(weight.shape) for weight in build_model(filled, 20, 20).weights}

    own = [
        name
        for name in NOT_SHAPE
        if not any(name in others for other, others in FAMILY_SETTINGS.items() if other != family)
    ]
    assert (
        shapes(**{name: True if "freeze" in name or name == "variational_dropout" else 0.25 for name in own})
        == shapes()
    )


def test_what_does_not_fit_is_named(mtkit, base):
    given = ("--train", "train", "--valid", "valid", "--source-language", "en", "--target-language", "fr")
    code, _, err = mtkit("prepare", "-C", "new", "--from", "base", *given, "--tokenizer", "bpe")
    assert (code, "base: its tokenizers were made with tokenizer = unigram, not bpe" in err) == (2, True), err
    code, _, err = mtkit(
        "prepare",
        "-C",
        "new",
        "--from",
        "base",
        *given[:4],
        "--source-language",
        "fr",
        "--target-language",
        "en",
    )
    assert (code, "base: its tokenizers were made with source_language = en, not fr" in err) == (2, True), err
    code, _, err = mtkit("prepare", "-C", "base", "--from", "base", *given, "--force")
    assert (code, "is to be prepared itself" in err) == (2, True), err
    code, _, err = mtkit("prepare", "-C", "new", "--from", "nothing", *given)
    assert (code, "nothing does not exist" in err) == (1, True), err

    assert mtkit("prepare", "-C", "other", *given, "--vocabulary-size", 500)[0] == 0
    code, _, err = mtkit("train", "-C", "other", "--from", "base", "--max-steps", 1, *QUICK)
    assert (code, "prepare the text with 'mtkit prepare --from base'" in err) == (1, True), err
    assert not Path("other/training").exists()

    assert mtkit("prepare", "-C", "new", "--from", "base", *given)[0] == 0
    code, _, err = mtkit("train", "-C", "new", "--from", "base", "--encoder-width", 32, *QUICK)
    assert (code, "base: its model has encoder_width = 16, not 32" in err) == (2, True), err
    code, _, err = mtkit(
        "train",
        "-C",
        "new",
        "--from",
        "base",
        "--source-embeddings",
        "no.vec",
        "--target-embeddings",
        "no.vec",
        *QUICK,
    )
    assert (code, "its model has source_embeddings = nothing, not no.vec" in err) == (2, True), err
    code, _, err = mtkit("train", "-C", "base", "--from", "base", "--force", *QUICK)
    assert (code, "is to be trained itself" in err) == (2, True), err
    code, _, err = mtkit("train", "-C", "new", "--from", "other", *QUICK)
    assert (code, "other holds no trained model" in err) == (1, True), err
