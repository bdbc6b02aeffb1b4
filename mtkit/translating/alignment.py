"""Which word of the source each word of a translation comes from, as the attention has it.

Shape letters: S source positions, T target positions.
"""

import re
from collections.abc import Sequence

import numpy as np

from mtkit.text.special import tag_name


def words_of(pieces: Sequence[str]) -> list[int]:
    """The word that each piece belongs to, from 0; -1 for a tag, or only a space.

    A space (U+2581) begins a word.
    """
    numbers, word, inside = [], -1, False
    for piece in map(text_of, pieces):
        if piece.startswith("\u2581"):
            inside = False
        text = piece.lstrip("\u2581")
        if text and not inside:
            word, inside = word + 1, True
        numbers.append(word if text else -1)
    return numbers


def text_of(piece: str) -> str:
    """A piece; nothing for a tag."""
    return "" if tag_name(piece) else piece


def ends_in_text(pieces: Sequence[str]) -> list[int]:
    """Where each piece ends in their text, in characters.

    The space that the first begins with is not in the text.
    """
    ends, end = [], -1
    for piece in map(text_of, pieces):
        byte = re.fullmatch("<0x([0-9A-F]{2})>", piece)
        # Of a character that is spelled in bytes the first one counts.
        end += (int(byte[1], 16) & 0xC0) != 0x80 if byte else len(piece)
        ends.append(max(0, end))
    return ends


def word_alignment(
    source: Sequence[str], target: Sequence[str], attention: np.ndarray
) -> list[tuple[int, int]]:
    """Each target word with the source word that it attends to most.

    Args:
        source, target: pieces, without END_ID.
        attention: float [T or more, S or more]; a row for each target piece, a column for each source piece.

    Returns:
        Pairs (source word, target word), from 0, by target word.
    """
    target_words, source_words = words_of(target), np.array(words_of(source))
    if source_words.max(initial=-1) < 0:
        return []
    weights = np.zeros((max(target_words, default=-1) + 1, source_words.max() + 1))
    in_words = np.flatnonzero(source_words >= 0)
    for row, word in enumerate(target_words):
        if word >= 0:
            np.add.at(weights[word], source_words[in_words], attention[row, in_words])
    return [(int(best), word) for word, best in enumerate(weights.argmax(axis=1))]


def pharaoh(pairs: Sequence[tuple[int, int]]) -> str:
    """Pairs as '0-0 2-1'."""
    return " ".join(f"{source}-{target}" for source, target in pairs)
