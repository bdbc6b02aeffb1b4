"""Lengths and repetitions of the training text. A pair is kept whole or dropped whole, never one side."""

import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
import regex

from mtkit.text.corpus import SentencePair

RATIO_FREE_TOKENS = 10
# Letters of a sentence that is not by chance the same as another.
LONG_LETTERS = 25
_NO_LETTER = regex.compile(r"[^\p{L}\p{M}\p{N}]+")


def length_reason(
    source_tokens: int, target_tokens: int, max_length_tokens: int, max_length_ratio: float
) -> str | None:
    """Why the lengths of a pair, in tokens, make it unfit for training, or None. A limit of 0 is none."""
    shorter, longer = sorted((source_tokens, target_tokens))
    if max_length_tokens and longer > max_length_tokens:
        return "length"
    if max_length_ratio and longer > RATIO_FREE_TOKENS and longer > max_length_ratio * shorter:
        return "ratio"
    return None


def pair_hashes(pairs: Sequence[SentencePair]) -> np.ndarray:
    """A 64-bit hash of the text of each pair: uint64 [pairs].

    Two of n different pairs share a hash with probability n^2 / 2^65: one in 3,700 for a hundred million
    pairs.
    """
    return _hashes([f"{pair.source}\n{pair.target}" for pair in pairs])


def near_hashes(pairs: Sequence[SentencePair]) -> np.ndarray:
    """As `pair_hashes`, of the letters and digits alone: case, marks and spaces make no other pair."""
    return _near_hashes([near_form(pair.source) for pair in pairs], pairs)


def _near_hashes(sources: Sequence[str], pairs: Sequence[SentencePair]) -> np.ndarray:
    return _hashes(f"{source}\n{near_form(pair.target)}" for source, pair in zip(sources, pairs, strict=True))


def near_text_hashes(texts: Iterable[str]) -> np.ndarray:
    """A hash of the letters and digits of each text, case aside: uint64 [n]."""
    return _hashes(map(near_form, texts))


def leak_hashes(pairs: Sequence[SentencePair]) -> np.ndarray:
    """What tells pairs, and their long sources, in another text: uint64 [2, pairs].

    The `near_hashes` of the pairs; and a hash of the letters and digits of each source, 0 for a short one,
    which many texts have.
    """
    forms = [near_form(pair.source) for pair in pairs]
    long = np.array([len(form) >= LONG_LETTERS for form in forms], bool)
    return np.stack((_near_hashes(forms, pairs), np.where(long, _hashes(forms), np.uint64(0))))


def evaluation_hashes(pairs: Sequence[SentencePair]) -> np.ndarray:
    """The `leak_hashes` of an evaluation text: sorted uint64."""
    hashes = leak_hashes(pairs)
    return np.unique(hashes[hashes > 0])


def leaked(hashes: np.ndarray, evaluation: np.ndarray) -> np.ndarray:
    """Whether each pair, or its source if that is long, is also in an evaluation text: bool [pairs].

    Args:
        hashes: the `leak_hashes` of the pairs.
        evaluation: the `evaluation_hashes` of the text.
    """
    return is_among(hashes, evaluation).any(axis=0)


def is_among(hashes: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Whether each of some hashes is a known one: bool of their shape.

    Args:
        known: sorted.
    """
    if not len(known):
        return np.zeros(hashes.shape, bool)
    return known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes


def near_form(text: str) -> str:
    """The letters and digits of a text, case aside; the text itself where it has none."""
    return _NO_LETTER.sub("", unicodedata.normalize("NFKC", text).casefold()) or text


def _hashes(texts: Iterable[str]) -> np.ndarray:
    return np.frombuffer(b"".join(blake2b(text.encode(), digest_size=8).digest() for text in texts), "<u8")


class SeenHashes:
    """A set of 64-bit hashes at 8 bytes each, where a Python set takes some 100.

    They are sorted runs; two of like size are merged.
    """

    def __init__(self):
        self._runs: list[np.ndarray] = []

    def add(self, hashes: np.ndarray) -> np.ndarray:
        """Add hashes.

        Args:
            hashes: uint64 [n].

        Returns:
            bool [n]: whether the hash is new: neither added before nor earlier in `hashes`.
        """
        new = np.zeros(len(hashes), bool)
        new[np.unique(hashes, return_index=True)[1]] = True
        new &= ~self.contains(hashes)
        if new.any():
            self._runs.append(np.sort(hashes[new]))
        while len(self._runs) > 1 and len(self._runs[-2]) < 2 * len(self._runs[-1]):
            merged = np.concatenate(self._runs[-2:])
            del self._runs[-2:]
            merged.sort(kind="stable")
            self._runs.append(merged)
        return new

    def contains(self, hashes: np.ndarray) -> np.ndarray:
        """Whether each hash, uint64 [n], was added: bool [n]."""
        contained = np.zeros(len(hashes), bool)
        for run in self._runs:
            contained |= is_among(hashes, run)
        return contained
