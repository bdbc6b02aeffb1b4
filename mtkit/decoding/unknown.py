"""Unknown words of a translation replaced by what they come from, by attention.

As in Luong et al. 2015 (arXiv:1410.8206) and, by attention instead of an aligner, Jean et al. 2015 (arXiv:1412.2007, section 3.3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mtkit.text.lines import read_cells
from mtkit.text.special import UNKNOWN_ID


@dataclass(frozen=True)
class Replacement:
    """What to put in the place of an unknown token.

    Attributes:
        table: source word to target word; a word that it lacks is copied.
    """

    table: dict[str, str]

    @classmethod
    def read(cls, lines: Iterable[str], name: str) -> "Replacement":
        """A table: lines with a source word, a tab and its translation; of several for a word the first counts.

        Raises:
            InputError: a line without two cells.
        """
        table: dict[str, str] = {}
        for _, source, target in read_cells(lines, name, "a source word"):
            table.setdefault(source, target)
        return cls(table)

    def words(self, source: Sequence[str], ids: Sequence[int], attention: np.ndarray) -> list[str]:
        """One for each unknown token of a translation: of the source piece that it attends to most.

        Args:
            source: pieces as they stand in the text, spaces as U+2581.
            ids: tokens of the translation.
            attention: float [T or more, S or more], a row for each token, a column for each source piece.
        """
        texts = [piece.strip("\u2581") for piece in source]
        real = np.array([bool(text) for text in texts])
        places = [place for place, token in enumerate(ids) if token == UNKNOWN_ID]
        texts = [texts[int(np.where(real, attention[place, : len(source)], -1.0).argmax())] for place in places]
        return [self.table.get(text) or self.table.get(text.lower()) or text for text in texts]
