"""A tokenizer, and a training text, for figures that are computed by hand."""

import numpy as np

from mtkit.data.tokenizers import Tokenizers


class Letters:
    """A tokenizer of letters, to which z and 9 are strange."""

    def fallback_tokens(self):
        return np.array([chr(token) in "z9" for token in range(128)])

    def encode(self, lines):
        return [[ord(letter) for letter in line] for line in lines]


class LetterText:
    """Stands in for `TrainingText`: a text of these frequencies on both sides."""

    title = "training text of DIR"
    tokenizers = Tokenizers(Letters(), Letters())

    def __init__(self, frequencies):
        self._frequencies = frequencies

    def frequencies(self, side):
        return self._frequencies
