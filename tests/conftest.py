"""What tests of several rooms share."""

import shutil
from pathlib import Path

import pytest

from mtkit.cli.main import main
from tests.support.commands import QUICK, run_here
from tests.support.made_once import made_and_copied
from tests.support.processes import some_lines

# Of the directory that many tests share: small, and traced for one thread, which takes half the time.
SETTINGS = """
[prepare]
train = "train"
valid = "valid"
test = 20
source-language = "en"
target-language = "fr"

[model]
embedding-width = 16
encoder-width = 16
decoder-width = 16

[train]
max-steps = 6
batch-tokens = 512
validate-every-steps = 3
validation-lines = 8
precision = "float32"
threads = 1
export = false
"""


@pytest.fixture
def mtkit(tmp_path, monkeypatch, capsys):
    """Runs `mtkit ...` in an empty folder: (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MTKIT_CHECKPOINT_DIR", raising=False)

    def run(*arguments):
        with pytest.raises(SystemExit) as leaving:
            main([str(argument) for argument in arguments])
        return leaving.value.code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def transformer(trained, tmp_path_factory):
    """A checkpoint directory of the same text with a Transformer trained for a few steps, and exported."""

    def train_transformer(_patch):
        shutil.copytree(trained / "checkpoint", "checkpoint")
        size = ("--embedding-width", 16, "--feed-forward-width", 16, "--heads", 2)
        layers = ("--encoder-layers", 1, "--decoder-layers", 2)
        length = ("--max-steps", 4, "--validate-every-steps", 2, "--validation-lines", 4)
        code, out, err = run_here(
            "train", "--force", "--model", "transformer", *size, *layers, *length, *QUICK, "--export"
        )
        assert (code, out) == (0, ""), err

    return made_and_copied(tmp_path_factory, "transformer", train_transformer) / "checkpoint"


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A folder with a checkpoint directory trained for a few steps. Tests copy what they change."""
    return made_and_copied(tmp_path_factory, "trained", train_a_little)


def train_a_little(_patch):
    for language in ("en", "fr"):
        Path(f"train.{language}").write_text(some_lines(f"train.{language}", 600), encoding="utf-8")
        Path(f"valid.{language}").write_text(some_lines(f"valid.{language}", 20), encoding="utf-8")
    Path("mtkit.toml").write_text(SETTINGS, encoding="utf-8")
    code, out, err = run_here("prepare")
    assert (code, out) == (0, ""), err
    code, out, err = run_here("train", "--export")
    assert (code, out) == (0, ""), err
    assert "reached --max-steps 6 at step 6" in err
    assert "hypothesis" in err


@pytest.fixture(scope="module")
def translator():
    """That of an untrained model of single characters (tests/support/tiny_model.py)."""
    from tests.support.tiny_model import tiny_translator

    return tiny_translator()
