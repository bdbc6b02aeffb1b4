"""Unknown words of a translation replaced by what they come from, by attention.

As in Luong et al. 2015 (arXiv:1410.8206) and, by attention instead of an aligner, Jean et al. 2015
(arXiv:1412.2007, section 3.3).
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
        """A table: lines with a source word, a tab and its translation.

        Of several for a word the first counts.

        Raises:
            InputError: a line without two cells.
        """
        table: dict[str, str] = {}
        for _, source, target in read_cells(lines, name, "a source word"):
            table.setdefault(source, target)
        return cls(table)

    def words(
        self, source: Sequence[str], known: Sequence[bool], ids: Sequence[int], attention: np.ndarray
    ) -> list[str]:
        """One for each unknown token of a translation: the source word that it attends to most.

        Where the unknown pieces of the source are parts of words, it is one of these parts: the rest of the
        word is spelled. Words that are unknown in a row are one piece; those who attend to it share them out,
        in order.

        Args:
            source: pieces as they stand in the text, with their spaces.
            known: whether the vocabulary has a piece.
            ids: tokens of the translation.
            attention: float [T or more, S or more], a row for each token, a column for each source piece.
        """
        words_of_piece = [piece.split() for piece in source]
        has_words = np.array([bool(words) for words in words_of_piece])
        goes_on = np.array([not piece[:1].isspace() for piece in source])
        parts = has_words & ~np.array(known) & goes_on
        eligible = parts if parts.any() else has_words
        rows = [row for row, token in enumerate(ids) if token == UNKNOWN_ID]
        best = [int(np.where(eligible, attention[row, : len(source)], -1.0).argmax()) for row in rows]
        replacements = []
        for number, piece in enumerate(best):
            words = words_of_piece[piece]
            first = max(0, min(best[:number].count(piece), len(words) - 1))
            is_last = piece not in best[number + 1 :]
            shared = words[first:] if is_last else words[first : first + 1]
            replacements.append(" ".join(map(self.word, shared)))
        return replacements

    def word(self, source: str) -> str:
        """What the table has for a word; else the word."""
        return self.table.get(source) or self.table.get(source.lower()) or source
