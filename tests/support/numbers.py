"""Text to train on: numbers, spelled in two ways."""

from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.prepare import prepare
from mtkit.settings.prepare import PrepareSettings

ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
DUTCH = ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]


def prepare_numbers(folder: Path) -> Checkpoint:
    """A checkpoint directory with 60 pairs of them, and 20 to validate with."""
    for language, words in (("en", ENGLISH), ("nl", DUTCH)):
        lines = [" ".join(words[int(digit)] for digit in str(number * 37)) for number in range(80)]
        (folder / f"train.{language}").write_text("\n".join(lines[:60]) + "\n")
        (folder / f"valid.{language}").write_text("\n".join(lines[60:]) + "\n")
    checkpoint = Checkpoint(folder / "model")
    settings = PrepareSettings(
        train=(str(folder / "train"),),
        valid=(str(folder / "valid"),),
        source_language="en",
        target_language="nl",
    )
    prepare(settings, checkpoint)
    return checkpoint
