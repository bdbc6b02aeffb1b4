"""What each sentence of a batch chooses its tokens from: a part of the vocabulary, so that the output layer
has less to do.

Shape letters: B sentences, L tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# Parts of a vocabulary are filled up to a multiple of this, with NO_TOKEN.
BLOCK = 16
NO_TOKEN = -1
# Added to the logits of tokens that do not count: leaves them nothing of the probability that float32 could
# tell. Minus infinity would leave denormal numbers behind an exponential, with which a softmax takes ten
# times as long.
OUT = -50.0


def filled_up(ids: np.ndarray) -> np.ndarray:
    """Ids int [M] as int32 [L], L a multiple of BLOCK."""
    return np.concatenate([ids, np.full(-len(ids) % BLOCK, NO_TOKEN)]).astype(np.int32)


@dataclass(frozen=True)
class Shortlist:
    """The tokens of a batch. A sentence has its own among them alone, so that its translation does not depend
    on its batch.

    Attributes:
        ids: int32 [L], those of any sentence, filled up.
        mask: float32 [B, L], 0 for those of a sentence, else OUT.
    """

    ids: np.ndarray
    mask: np.ndarray

    @classmethod
    def of(cls, choices: Sequence[np.ndarray]) -> "Shortlist":
        """The shortlist of sentences, each with its tokens, int arrays."""
        together = np.unique(np.concatenate(choices))
        ids = filled_up(together)
        mask = np.full((len(choices), len(ids)), OUT, np.float32)
        for row, tokens in enumerate(choices):
            mask[row, np.searchsorted(together, tokens)] = 0.0
        return cls(ids, mask)
