"""A lexical table: what each source token is translated by.

Shape letters: Vs and Vt vocabularies, M translations of a token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtkit.arrays import load_arrays, save_arrays
from mtkit.search.shortlist import NO_TOKEN


@dataclass(frozen=True)
class Lexicon:
    """What source tokens are translated by.

    Attributes:
        translations: int32 [Vs, M], likeliest first; NO_TOKEN fills up.
        always: int32 [A], what every sentence may choose from: END_ID, and the tokens that are common.
        same: int32 [Vs], the target token that has the same piece, for what stays as it is; or NO_TOKEN.
    """

    translations: np.ndarray
    always: np.ndarray
    same: np.ndarray

    def choices(self, source: Sequence[int], most: int, also: Sequence[int] = ()) -> np.ndarray:
        """The tokens that a translation may hold, ascending int32.

        Args:
            source: tokens of the sentence.
            most: translations of each of them.
            also: tokens that it may hold beside these.
        """
        distinct = np.unique(np.array(source, np.int64))
        translations = self.translations[distinct, :most].ravel()
        tokens = np.unique(
            np.concatenate([translations, self.same[distinct], self.always, np.array(also, np.int64)])
        )
        return tokens[tokens != NO_TOKEN].astype(np.int32)

    def save(self, path: Path) -> None:
        save_arrays(path, vars(self))

    @classmethod
    def load(cls, path: Path) -> "Lexicon":
        """Read a lexicon. Raises CheckpointError where it is damaged."""
        return cls(**load_arrays(path)[0])
