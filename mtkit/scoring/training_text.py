"""How often words stand in the text that a checkpoint directory was trained on."""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.errors import CheckpointError
from mtkit.scoring.words import Frequencies, words_of
from mtkit.text.tokenizer import Tokenizer

_READ_SENTENCES = 10_000


@dataclass(frozen=True)
class TrainingText:
    """What is known of a training text. It is read when it is asked for."""

    checkpoint: Checkpoint

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return f"training text of {self.checkpoint.directory}"

    @cached_property
    def tokenizers(self) -> Tokenizers:
        """Of both sides; raises CheckpointError where they are damaged."""
        return load_tokenizers(self.checkpoint)

    def frequencies(self, side: str) -> Frequencies:
        """How often each word stands in a side (see `training_frequencies`)."""
        return training_frequencies(self.checkpoint, side, getattr(self.tokenizers, side))

    def why_unknown(self) -> str:
        """Why it cannot be told how often the words of a side were trained on; nothing where it can."""
        reasons = (why_no_frequencies(self.checkpoint, getattr(self.tokenizers, side)) for side in SIDES)
        return next(filter(None, reasons), "")


def why_no_frequencies(checkpoint: Checkpoint, tokenizer: Tokenizer) -> str:
    """Why it cannot be told how often words were trained on; nothing where it can."""
    folder = checkpoint.data / "train"
    if not (folder / "store.json").exists():
        return f"{folder} is not whole here, so how often words were trained on is not known"
    if tokenizer.has_unknown:
        return (
            "the vocabulary leaves words out, so how often they were trained on is not known (it has no byte"
            " fallback)"
        )
    return ""


def training_frequencies(checkpoint: Checkpoint, side: str, tokenizer: Tokenizer) -> Frequencies:
    """How often each word stands in the training text of a checkpoint directory.

    Args:
        side: "source" or "target".

    Raises:
        CheckpointError: see `why_no_frequencies`.
    """
    if reason := why_no_frequencies(checkpoint, tokenizer):
        raise CheckpointError(f"{reason}; leave --by frequency out")
    corpus = TokenCorpus(checkpoint.data / "train")
    counts: Frequencies = Counter()
    for start in range(0, len(corpus), _READ_SENTENCES):
        rows = np.arange(start, min(start + _READ_SENTENCES, len(corpus)))
        for text in tokenizer.decode(corpus.sentences(side, rows)):
            counts.update(words_of(text))
    return counts
