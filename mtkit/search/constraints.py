"""What a user forbids or demands of a translation, as biases on the next token (see `beam.Bias`).

Shape letters: N rows, T tokens so far, V vocabulary.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mtkit.text.special import END_ID, FORBIDDEN_IDS
from mtkit.text.tokenizer import Tokenizer
from mtkit.text.words import as_words


class BannedText:
    """Words and phrases that no translation may hold, in whatever pieces they would be spelled.

    A phrase is there when it stands as words of its own: where the text so far ends with one, the next token
    must go on with the word, so that "cat" does not ban "cats"; and no token may complete one that it also
    ends, such as "!" or the piece "cat,".
    """

    def __init__(self, phrases: Sequence[str], tokenizer: Tokenizer):
        self.phrases = tuple(phrases)
        self.tokenizer = tokenizer
        self.patterns = [as_words(phrase, any_case=False) for phrase in phrases]
        self.endings = list(map(ending, phrases))
        self.word_ends = np.where(word_ends(tokenizer), -np.inf, 0.0).astype(np.float32)
        texts = [piece.replace("\u2581", " ") for piece in tokenizer.pieces(range(tokenizer.size))]
        # For each phrase the tokens that might both complete and end it.
        self.closing = [
            [(token, text) for token, text in enumerate(texts) if may_close(text, phrase)]
            for phrase in self.phrases
        ]

    def add_to(self, bias: np.ndarray, ids: np.ndarray) -> None:
        """Add what is forbidden after int32 [N, T] tokens to a bias [N, V]."""
        for row, text in enumerate(self.tokenizer.decode(ids)):
            if any(
                end.search(text)
                for phrase, end in zip(self.phrases, self.endings, strict=True)
                if phrase[-1].isalnum()
            ):
                bias[row] += self.word_ends
            for phrase, pattern, closing in zip(self.phrases, self.patterns, self.closing, strict=True):
                before = text[-len(phrase) - 1 :]
                for token, more in closing:
                    found = pattern.search(before + more)
                    if (
                        found
                        and found.end() > len(before)
                        and (found.end() < len(before + more) or not phrase[-1].isalnum())
                    ):
                        bias[row, token] = -np.inf

    def is_in(self, ids: Sequence[int]) -> bool:
        """Whether the text of these tokens holds a phrase."""
        (text,) = self.tokenizer.decode([ids])
        return any(pattern.search(text) for pattern in self.patterns)

    def at_end(self, ids: Sequence[int]) -> bool:
        """Whether the text of these tokens ends with a phrase."""
        (text,) = self.tokenizer.decode([ids])
        return any(end.search(text) for end in self.endings)


def may_close(text: str, phrase: str) -> bool:
    """Whether a token's text can hold the end of a phrase and what ends it: for a phrase that ends in a
    letter a mark behind it.
    """
    place = text.find(phrase[-1])
    return place >= 0 and (not phrase[-1].isalnum() or any(not mark.isalnum() for mark in text[place + 1 :]))


def word_ends(tokenizer: Tokenizer) -> np.ndarray:
    """Whether a token can follow the last letter of a word, bool [V]: a space, a punctuation mark, END_ID."""
    pieces, spelled = tokenizer.pieces(range(tokenizer.size)), tokenizer.fallback_tokens()
    # A byte of more than 127 may be the beginning of a letter.
    marks = [re.fullmatch("<0x([0-7][0-9A-F])>", piece) for piece in pieces]
    ends = np.array(
        [
            (bool(mark) and not chr(int(mark[1], 16)).isalnum()) if byte else not piece[:1].isalnum()
            for piece, byte, mark in zip(pieces, spelled, marks, strict=True)
        ]
    )
    ends[END_ID] = True
    return ends


def word_letters(tokenizer: Tokenizer) -> np.ndarray:
    """Whether the text of a token ends with a letter of a word, or may do so: bool [V]."""
    pieces, spelled = tokenizer.pieces(range(tokenizer.size)), tokenizer.fallback_tokens()
    return np.array(
        [bool(byte) or bool(re.search(r"\w\Z", piece)) for piece, byte in zip(pieces, spelled, strict=True)]
    )


def ending(phrase: str) -> re.Pattern:
    """What finds a phrase, as words of its own, at the end of a text."""
    return re.compile(as_words(phrase, any_case=False).pattern + r"\Z")


@dataclass
class Constraints:
    """The bias of a batch of sentences.

    Attributes:
        size: V.
        no_repeat: no run of so many tokens comes twice; 0 any may.
        repetition: subtracted, in nats, from every token that the hypothesis holds already.
        banned: phrases that must not be there.
        beginnings: the tokens that each sentence's translation begins with.
        forbidden: tokens that no translation holds, but for those of its beginning.
    """

    size: int
    no_repeat: int = 0
    repetition: float = 0.0
    banned: BannedText | None = None
    beginnings: list[list[int]] = field(default_factory=list)
    forbidden: tuple[int, ...] = FORBIDDEN_IDS

    def __bool__(self) -> bool:
        return bool(self.no_repeat or self.repetition or self.banned or any(self.beginnings))

    def __call__(self, ids: np.ndarray, owner: np.ndarray) -> np.ndarray:
        bias = np.zeros((len(ids), self.size), np.float32)
        if self.repetition:
            np.put_along_axis(bias, ids, -self.repetition, axis=1)
        bias[:, self.forbidden] = -np.inf
        if self.no_repeat:
            for row, following in enumerate(repeating(ids, self.no_repeat)):
                bias[row, following] = -np.inf
        if self.banned and ids.shape[1]:
            self.banned.add_to(bias, ids)
        for row, sentence in enumerate(owner if self.beginnings else ()):
            beginning = self.beginnings[sentence]
            if ids.shape[1] < len(beginning):
                bias[row] = -np.inf
                bias[row, beginning[ids.shape[1]]] = 0.0
        return bias


def repeating(ids: np.ndarray, length: int) -> list[list[int]]:
    """For each row of int32 [N, T] tokens, those that would make its last `length` tokens a repetition of
    earlier ones.
    """
    found: list[list[int]] = []
    for row in ids.tolist():
        ending = row[len(row) - length + 1 :] if length > 1 else []
        runs = [row[first : first + length] for first in range(len(row) - length + 1)]
        found.append([run[-1] for run in runs if run[:-1] == ending])
    return found
