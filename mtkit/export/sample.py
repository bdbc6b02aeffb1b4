"""The validation sentences that an export translates: to choose scales by, and to take the time."""

from mtkit.checkpoint import Checkpoint
from mtkit.errors import CheckpointError
from mtkit.text.lines import read_text

SAMPLE_LINES = 100


def sample_lines(checkpoint: Checkpoint) -> list[str]:
    """The first validation sentences.

    Raises:
        CheckpointError: there are none.
    """
    path = checkpoint.data / "valid" / "source.txt"
    lines = [line for line in read_text(path) if line.strip()] if path.exists() else []
    if not lines:
        raise CheckpointError(
            f"an export needs the validation text, and {path} holds none; copy the checkpoint directory again"
        )
    return lines[:SAMPLE_LINES]
