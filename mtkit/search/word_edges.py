"""Where words end: which tokens end a word that is open, and which leave one open."""

import re
from dataclasses import dataclass

import numpy as np

from mtkit.text.special import END_ID
from mtkit.text.tokenizer import Tokenizer

# A byte below 128 is a character of its own; one above may be the beginning of a letter.
ASCII_BYTE = re.compile("<0x([0-7][0-9A-F])>")
ENDS_IN_LETTER = re.compile(r"\w\Z")


@dataclass(frozen=True)
class WordEdges:
    """Of each token of a vocabulary, bool [V].

    Attributes:
        can_follow: whether it can follow the last letter of a word: a space, a punctuation mark, END_ID.
        end_in_letter: whether its text ends with a letter of a word, or may do so.
    """

    can_follow: np.ndarray
    end_in_letter: np.ndarray

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "WordEdges":
        pieces = tokenizer.pieces(range(tokenizer.size))
        are_bytes = tokenizer.fallback_tokens().tolist()
        can_follow = [
            byte_ends_word(piece) if is_byte else not piece[:1].isalnum()
            for piece, is_byte in zip(pieces, are_bytes, strict=True)
        ]
        can_follow[END_ID] = True
        end_in_letter = [
            is_byte or bool(ENDS_IN_LETTER.search(piece))
            for piece, is_byte in zip(pieces, are_bytes, strict=True)
        ]
        return cls(np.array(can_follow), np.array(end_in_letter))


def byte_ends_word(piece: str) -> bool:
    """Whether a piece such as "<0x2E>" is a byte that is no letter, nor a part of one."""
    byte = ASCII_BYTE.fullmatch(piece)
    return byte is not None and not chr(int(byte[1], 16)).isalnum()
