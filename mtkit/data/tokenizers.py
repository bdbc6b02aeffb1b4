"""The tokenizers of a checkpoint directory."""

from dataclasses import dataclass
from pathlib import Path

from mtkit.checkpoint import Checkpoint
from mtkit.data.store import SIDES
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


def have_one_vocabulary(first: Checkpoint, second: Checkpoint) -> bool:
    """Whether two directories have the same tokenizers, whatever text was prepared with them."""
    return recorded_tokenizers(first) == recorded_tokenizers(second)


def recorded_tokenizers(checkpoint: Checkpoint) -> dict[str, str]:
    """The hash of each tokenizer of a directory."""
    files = checkpoint.files("prepare", "vocab/")
    return {name: facts["sha256"] for name, facts in files.items() if name.endswith(".spm")}


def load_sides(vocab: Path) -> dict[str, Tokenizer]:
    """The tokenizer of each side, one and the same for a joint vocabulary; CheckpointError if damaged."""
    joint = vocab / "joint.spm"
    if joint.exists():
        return dict.fromkeys(SIDES, Tokenizer.load(joint))
    return {side: Tokenizer.load(vocab / f"{side}.spm") for side in SIDES}
