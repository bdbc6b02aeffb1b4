"""What tests of training share."""

import pytest

from mtkit.checkpoint import Checkpoint
from mtkit.data.prepare import prepare
from mtkit.settings import PrepareSettings


@pytest.fixture
def prepared(tmp_path):
    """A checkpoint directory with 60 pairs of numbers spelled in two ways."""
    english = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    dutch = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
    for language, words in (("en", english), ("nl", dutch)):
        lines = [" ".join(words[int(digit)] for digit in str(number * 37)) for number in range(80)]
        (tmp_path / f"train.{language}").write_text("\n".join(lines[:60]) + "\n")
        (tmp_path / f"valid.{language}").write_text("\n".join(lines[60:]) + "\n")
    checkpoint = Checkpoint(tmp_path / "model")
    settings = PrepareSettings(
        train=(str(tmp_path / "train"),),
        valid=(str(tmp_path / "valid"),),
        source_language="en",
        target_language="nl",
    )
    prepare(settings, checkpoint)
    return checkpoint
