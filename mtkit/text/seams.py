"""Lines joined to one text, as token ids: what stands where a line ends and the next begins.

sentencepiece begins each line with a space, written U+2581, so the ids of several lines one after the other
are those of the lines with spaces between. Two things are not so: a language without spaces between words
has none between sentences either, and a tag stands once, before the first line.
"""

import re
from collections.abc import Mapping, Sequence

import numpy as np

from mtkit.text.tokenizer import SPACE_MARK, Tokenizer

# Japanese, Chinese, Thai, Lao, Khmer, Burmese, Tibetan, Dzongkha, by both kinds of codes.
UNSPACED_LANGUAGES = frozenset(
    "ja jpn zh zho cmn yue wuu th tha lo lao km khm my mya bo bod dz dzo".split()  # noqa: SIM905
)
# What tokens become that begin a line which is not the first of its text; those that stay are left out.
InnerTokens = Mapping[int, tuple[int, ...]]


def is_unspaced_language(language: str) -> bool:
    """Whether a language, by its code such as ja or zh-Hant, is written without spaces between words."""
    return re.split("[-_]", language.lower())[0] in UNSPACED_LANGUAGES


def inner_tokens(tokenizer: Tokenizer, language: str) -> InnerTokens:
    """What the tokens of a language become that begin a line which is not the first of its text.

    A tag becomes nothing. Where there are no spaces, a lone U+2581 becomes nothing too, and "U+2581 X" the
    token of X or, where there is none, the longest ones that spell it; where none do it stays, and the text
    has a space there.
    """
    inner: dict[int, tuple[int, ...]] = dict.fromkeys(tokenizer.tags.values(), ())
    if is_unspaced_language(language):
        is_text = ~(tokenizer.fallback_tokens() | tokenizer.control_tokens())
        pieces = enumerate(tokenizer.pieces(range(tokenizer.size)))
        tokens = {piece: token for token, piece in pieces if is_text[token]}
        for piece, token in tokens.items():
            if piece.startswith(SPACE_MARK):
                spelling = spelled(piece.removeprefix(SPACE_MARK), tokens)
                inner[token] = (token,) if spelling is None else spelling
    return inner


def spelled(text: str, tokens: Mapping[str, int]) -> tuple[int, ...] | None:
    """A text in tokens, from its begin the longest that fit; None where none does.

    Args:
        tokens: by their pieces.
    """
    spelling = []
    while text:
        beginnings = (text[:end] for end in range(len(text), 0, -1))
        piece = next((beginning for beginning in beginnings if beginning in tokens), None)
        if piece is None:
            return None
        spelling.append(tokens[piece])
        text = text.removeprefix(piece)
    return tuple(spelling)


def joined_ids(lines: Sequence[np.ndarray], inner: InnerTokens) -> np.ndarray:
    """The token ids of some lines, one or more, as one text."""
    if len(lines) == 1:
        return lines[0]
    return np.concatenate([lines[0], *[inner_line(line, inner) for line in lines[1:]]])


def inner_line(line: np.ndarray, inner: InnerTokens) -> np.ndarray:
    """A line as it stands behind another."""
    for place, token in enumerate(line.tolist()):
        begin = inner.get(token, (token,))
        if begin:
            return np.append(np.array(begin, line.dtype), line[place + 1 :])
    return line[:0]
