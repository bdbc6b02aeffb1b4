"""Which pairs of the training text are dropped, and why. A pair is kept whole or dropped whole, never one side."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from mtkit.text.corpus import SentencePair

# In the order in which they are looked for; a pair is counted under the first that applies.
REASONS = ("invalid UTF-8", "empty", "identical", "duplicate", "length", "ratio")
RATIO_FREE_TOKENS = 10


def text_reason(pair: SentencePair, drop_empty: bool = True, drop_identical: bool = True) -> str | None:
    """Why the text of a pair is not fit for training, or None."""
    if pair.damaged:
        return "invalid UTF-8"
    if drop_empty and (not pair.source.strip() or not pair.target.strip()):
        return "empty"
    if drop_identical and pair.source == pair.target:
        return "identical"
    return None


def length_reason(source_tokens: int, target_tokens: int, max_length_tokens: int, max_length_ratio: float) -> str | None:
    """Why the lengths of a pair, in tokens, make it unfit for training, or None. A limit of 0 is none."""
    shorter, longer = sorted((source_tokens, target_tokens))
    if max_length_tokens and longer > max_length_tokens:
        return "length"
    if max_length_ratio and longer > RATIO_FREE_TOKENS and longer > max_length_ratio * shorter:
        return "ratio"
    return None


def pair_hashes(pairs: Sequence[SentencePair]) -> np.ndarray:
    """A 64-bit hash of the text of each pair: uint64 [pairs].

    Two of n different pairs share a hash with probability n^2 / 2^65: one in 3,700 for a hundred million pairs.
    """
    digests = [blake2b(f"{pair.source}\n{pair.target}".encode(), digest_size=8).digest() for pair in pairs]
    return np.frombuffer(b"".join(digests), "<u8")


class SeenHashes:
    """A set of 64-bit hashes at 8 bytes each (a Python set takes about 100): sorted runs, merged when of like size."""

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
            later, earlier = self._runs.pop(), self._runs.pop()
            merged = np.concatenate((earlier, later))
            merged.sort(kind="stable")
            self._runs.append(merged)
        return new

    def contains(self, hashes: np.ndarray) -> np.ndarray:
        """Whether each hash, uint64 [n], was added: bool [n]."""
        found = np.zeros(len(hashes), bool)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, hashes), len(run) - 1)
            found |= run[places] == hashes
        return found
