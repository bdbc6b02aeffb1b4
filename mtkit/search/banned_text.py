"""Words and phrases that no translation may hold.

Shape letters: N rows, T tokens so far, V vocabulary.
"""

import re
from collections.abc import Sequence

import numpy as np

from mtkit.search.word_edges import WordEdges
from mtkit.text.tokenizer import Tokenizer
from mtkit.text.words import as_words


class BannedText:
    """Words and phrases that no translation may hold, in whatever pieces they would be spelled.

    A phrase is there when it stands as words of its own: where the text so far ends with one, the next token
    must go on with the word, so that "cat" does not ban "cats"; and no token may complete one that it also
    ends, such as "!" or the piece "cat,".
    """

    def __init__(self, phrases: Sequence[str], tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        texts = [piece.replace("\u2581", " ") for piece in tokenizer.pieces(range(tokenizer.size))]
        self.phrases = [BannedPhrase(phrase, texts) for phrase in phrases]
        can_follow = WordEdges.of(tokenizer).can_follow
        self.no_word_end = np.where(can_follow, -np.inf, 0.0).astype(np.float32)  # [V]

    def add_to(self, bias: np.ndarray, ids: np.ndarray) -> None:
        """Add what is forbidden after int32 [N, T] tokens to a bias [N, V]."""
        for row, text in enumerate(self.tokenizer.decode(ids)):
            if any(phrase.is_word and phrase.ends(text) for phrase in self.phrases):
                bias[row] += self.no_word_end
            for phrase in self.phrases:
                bias[row, phrase.completing(text)] = -np.inf

    def is_in(self, ids: Sequence[int]) -> bool:
        """Whether the text of these tokens holds a phrase."""
        (text,) = self.tokenizer.decode([ids])
        return any(phrase.pattern.search(text) for phrase in self.phrases)

    def at_end(self, ids: Sequence[int]) -> bool:
        """Whether the text of these tokens ends with a phrase."""
        (text,) = self.tokenizer.decode([ids])
        return any(phrase.ends(text) for phrase in self.phrases)


class BannedPhrase:
    """A phrase that is banned.

    Attributes:
        is_word: whether it ends with a letter or digit, so that a longer word may begin with it.
        pattern: what finds it, as words of its own.

    Args:
        texts: of all tokens.
    """

    def __init__(self, phrase: str, texts: Sequence[str]):
        self.phrase = phrase
        self.is_word = phrase[-1].isalnum()
        self.pattern = as_words(phrase, any_case=False)
        self._at_end = re.compile(self.pattern.pattern + r"\Z")
        # The tokens that might both complete and end it.
        self._closing = [(token, text) for token, text in enumerate(texts) if self.may_close(text)]

    def ends(self, text: str) -> bool:
        """Whether a text ends with the phrase, as words of its own."""
        return bool(self._at_end.search(text))

    def may_close(self, text: str) -> bool:
        """Whether a token's text can hold the end of the phrase, and behind a letter a mark."""
        place = text.find(self.phrase[-1])
        if place < 0:
            return False
        return not self.is_word or any(not mark.isalnum() for mark in text[place + 1 :])

    def completing(self, text: str) -> list[int]:
        """The tokens that would complete and end the phrase behind a text."""
        before = text[-len(self.phrase) - 1 :]
        return [token for token, added in self._closing if self._is_completed(before, added)]

    def _is_completed(self, before: str, added: str) -> bool:
        match = self.pattern.search(before + added)
        if not match or match.end() <= len(before):
            return False
        return not self.is_word or match.end() < len(before + added)
