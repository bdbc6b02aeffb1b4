"""Subword sampling: words split into other pieces each time they are seen, so that little text teaches more.

Sentencepiece can sample, but from one random state for the whole process, which nobody can save or set again.
Here a draw is a function of the random generator that is passed in, so batch(step) stays a pure function. No
piece reaches over a space, so a word is split for itself: each has a table of ways to split it, made when it
is first met, and a draw picks from the table.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np

from mtkit.errors import SettingsError
from mtkit.text.special import UNKNOWN_ID
from mtkit.text.tokenizer import SPACE_MARK, Tokenizer

BEST_SPLITS = 16
# The power of a split's probability (Kudo's alpha); the lower, the more single letters.
SMOOTHING = 0.2
# Draws of a word by BPE-dropout that its table holds.
DRAWN_SPLITS = 32
WORDS_REMEMBERED = 20_000
# Text without spaces is one word: it is split in parts of so many tokens, each for itself.
LONGEST_TOKENS = 8


class SubwordSampler:
    """Draws ways to split the words of one side.

    Args:
        tokenizer: of that side.
        kind: "unigram" or "bpe", what the tokenizer is.
        rate: in [0, 1]. unigram: share of the words drawn from their best splits, with probabilities in
            proportion to p(split)^0.2 (Kudo 2018, arXiv:1804.10959, section 3.2). bpe: share of the merges
            left out (BPE-dropout, Provilkov et al. 2020, arXiv:1910.13267, algorithm 1).

    Raises:
        SettingsError: another kind; words and characters can be split in one way only.
    """

    def __init__(self, tokenizer: Tokenizer, kind: str, rate: float):
        if kind not in ("unigram", "bpe"):
            raise SettingsError(
                "subword_sampling needs a tokenizer of kind unigram or bpe; the prepared text has kind"
                f" {kind}"
            )
        self._kind = kind
        self._rate = rate
        self._pieces = tokenizer.pieces(range(tokenizer.size))
        self._longest_piece = max(map(len, self._pieces))
        self._scores = tokenizer.scores().tolist()
        self._ids = {piece: token for token, piece in enumerate(self._pieces)}
        self._begins_word = np.array([piece.startswith(SPACE_MARK) for piece in self._pieces])
        # Bytes, unknown tokens and tags, which can be written in one way only.
        self._stays = tokenizer.fallback_tokens() | tokenizer.control_tokens()
        self._splits = lru_cache(WORDS_REMEMBERED)(self._make_splits)

    def sample(self, sentences: Sequence[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
        """Each sentence with its words split anew; its text stays the same.

        Args:
            sentences: token ids, without begin and end.
        """
        lengths = np.array([len(sentence) for sentence in sentences], np.int64)
        tokens = np.concatenate([*sentences, np.zeros(0, np.int32)]).astype(np.int32)
        begins = self._begins_word[tokens]
        ends = np.cumsum(lengths)
        begins[(ends - lengths)[lengths > 0]] = True
        # A long word is split in parts that begin where one of its tokens does.
        places = np.arange(len(tokens))
        begins |= (places - np.maximum.accumulate(np.where(begins, places, 0))) % LONGEST_TOKENS == 0
        starts = np.flatnonzero(begins)
        draws = random.random(len(starts)).tolist()
        flat, bounds = tokens.tolist(), [*starts.tolist(), len(tokens)]
        result: list[list[int]] = []
        word = 0
        for end in ends.tolist():
            drawn: list[int] = []
            while word < len(starts) and bounds[word] < end:
                splits, cumulated = self._splits(tuple(flat[bounds[word] : bounds[word + 1]]))
                drawn.extend(splits[bisect_right(cumulated, draws[word], hi=len(splits) - 1)])
                word += 1
            result.append(drawn)
        return [np.array(drawn, np.int32) for drawn in result]

    def _make_splits(self, word: tuple[int, ...]) -> tuple[list[tuple[int, ...]], list[float]]:
        """Ways to split a word, and the cumulated probability of each."""
        surface = "".join(self._pieces[token] for token in word)
        if self._stays[list(word)].any() or len(surface) == 1:
            return [word], [1.0]
        if self._kind == "bpe":
            random = np.random.default_rng(word)
            drawn = [self._drop_merges(surface, random) for _ in range(DRAWN_SPLITS)]
            return drawn, [(place + 1) / DRAWN_SPLITS for place in range(DRAWN_SPLITS)]
        splits = [word, *(split for split in self.best_splits(surface, BEST_SPLITS) if split != word)]
        scores = [math.fsum(self._scores[token] for token in split) for split in splits]
        weights = np.exp(SMOOTHING * (np.array(scores) - max(scores)))
        shares = self._rate * weights / weights.sum()
        shares[0] += 1.0 - self._rate
        return splits, np.cumsum(shares).tolist()

    def best_splits(self, surface: str, count: int) -> list[tuple[int, ...]]:
        """The most probable ways to split a part of a text into pieces, best first (unigram)."""
        # For every position of the text the best ways to come there: (log-probability, tokens).
        ways: list[list[tuple[float, tuple[int, ...]]]] = [[(0.0, ())]]
        for end in range(1, len(surface) + 1):
            ways_here = []
            for start in range(max(0, end - self._longest_piece), end):
                token = self._ids.get(surface[start:end])
                if token is not None and not self._stays[token]:
                    piece_score = self._scores[token]
                    ways_here += [(score + piece_score, (*tokens, token)) for score, tokens in ways[start]]
            ways.append(sorted(ways_here, reverse=True)[:count])
        return [tokens for _, tokens in ways[-1]]

    def _drop_merges(self, surface: str, random: np.random.Generator) -> tuple[int, ...]:
        """A word merged from its characters, best merge first; each is left out with probability `rate`."""
        parts = list(surface)
        while len(parts) > 1:
            merged = [left + right for left, right in pairwise(parts)]
            left_out = random.random(len(merged)) < self._rate
            possible = [
                (-self._scores[self._ids[piece]], place)
                for place, piece in enumerate(merged)
                if piece in self._ids and not left_out[place]
            ]
            if not possible:
                break
            _, place = min(possible)
            parts[place : place + 2] = [merged[place]]
        return tuple(self._ids.get(part, UNKNOWN_ID) for part in parts)
