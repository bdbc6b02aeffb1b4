"""The tokenizers of a checkpoint directory."""

from dataclasses import dataclass

from mtkit.checkpoint import Checkpoint
from mtkit.data.vocabulary import load_sides
from mtkit.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Tokenizers:
    """The tokenizer of each side; one and the same for a joint vocabulary."""

    source: Tokenizer
    target: Tokenizer

    @property
    def joint(self) -> bool:
        return self.source is self.target


def load_tokenizers(checkpoint: Checkpoint) -> Tokenizers:
    """The tokenizers of a prepared checkpoint directory.

    Raises:
        CheckpointError: they are damaged.
    """
    checkpoint.verify("prepare", "vocab/")
    return Tokenizers(**load_sides(checkpoint.vocab))
