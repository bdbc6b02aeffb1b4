"""How often words stand in the text that a checkpoint directory was trained on."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mtkit.checkpoint import Checkpoint
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.data.tokenizers import Tokenizers, load_tokenizers
from mtkit.errors import CheckpointError
from mtkit.scoring.words import Frequencies, words_of

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

    def why_unknown(self, sides: Iterable[str] = SIDES) -> str:
        """Why it cannot be told how often the words of some sides were trained on; nothing where it can."""
        folder = self.checkpoint.data / "train"
        if not (folder / "store.json").exists():
            return f"{folder} is not whole here, so how often words were trained on is not known"
        if any(getattr(self.tokenizers, side).has_unknown for side in sides):
            return (
                "the vocabulary leaves words out, so how often they were trained on is not known (it has no"
                " byte fallback)"
            )
        try:
            self.checkpoint.verify("prepare", "data/train/")
        except CheckpointError as error:
            damage = str(error).partition(";")[0]
            return f"{damage}, so how often words were trained on is not known"
        return ""

    def frequencies(self, side: str) -> Frequencies:
        """How often each word stands in a side.

        Args:
            side: "source" or "target".

        Raises:
            CheckpointError: see `why_unknown`.
        """
        if reason := self.why_unknown([side]):
            raise CheckpointError(f"{reason}; leave --by frequency out")
        corpus, tokenizer = TokenCorpus(self.checkpoint.data / "train"), getattr(self.tokenizers, side)
        counts: Frequencies = Counter()
        for start in range(0, len(corpus), _READ_SENTENCES):
            rows = np.arange(start, min(start + _READ_SENTENCES, len(corpus)))
            for text in tokenizer.decode(corpus.sentences(side, rows)):
                counts.update(words_of(text))
        return counts
