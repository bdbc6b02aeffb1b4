"""Where the sentences of a text end, as the lines of a corpus tell: what ends one, what begins one, how long.

Between two tokens of a text there may be an event that is not written, the end of a line: a hidden-event
language model (Stolcke and Shriberg 1996, "Automatic Linguistic Segmentation of Conversational Speech"). Of
a place between the tokens a and b, behind z and before c, the odds of an end are

    P(end | z, a) / (1 - P(end | z, a))  x  P(b | start) / P(b | a)  x  P(c | start, b) / P(c | b)

and the lines have the lengths of those of the corpus. All of it is counted, so that it holds for any language
and script, in lower case, and without punctuation: a line counts as ending before its final marks too.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

import numpy as np

from mtkit.text.counted_lines import LineCounts
from mtkit.text.tokenizer import Tokenizer

# How many sightings an estimate from less context counts as.
TOKEN_PRIOR, PAIR_PRIOR, FOLLOW_PRIOR = 2, 5, 20
# Counts of lengths are spread over their neighbours in these shares.
SPREAD = np.array([1, 2, 3, 2, 1]) / 9
# The share of lengths that are taken to be anything.
ANY_LENGTH = 0.05
# So many sentences at least, of a text with marks, are taken to have none.
LEAST_UNMARKED = 0.01
# Of text where nothing ends.
LEAST_RATE = 1e-6
# No end is surer than this.
SUREST = 1 - 1e-6
_BYTE = re.compile("<0x([0-9A-F]{2})>")
# What a cut is worth more, in nats, where something tells that sentences were not found.
EAGERNESS = 3.0
# A place that is worse than this is not looked at, in nats.
HOPELESS = -20.0
# From a place no more places back are looked at, so that long texts take no longer than in proportion.
MOST_BACK = 256


class LineEnds:
    """Finds where sentences end, by what was counted in lines.

    Args:
        counts: of a corpus.
        tokenizer: that made its tokens.
    """

    def __init__(self, counts: LineCounts, tokenizer: Tokenizer):
        self._counts = counts
        self._size = tokenizer.size
        self._tokenizer = tokenizer
        uses, starts, ends = (array.astype(float) for array in (counts.uses, counts.starts, counts.ends))
        lines = max(1.0, starts.sum())
        self._end_rate = min(0.5, max(LEAST_RATE, ends.sum() / max(1.0, uses.sum())))
        following = np.maximum(uses - starts, 0) + 0.5
        self._following = following / following.sum()
        self._starting = (starts + self._following) / (lines + 1)
        unmarked = 1 - ends[counts.is_mark].sum() / lines
        self._without_mark = math.log(max(LEAST_UNMARKED, unmarked))
        # More ends than uses there are where a line ends before its marks and behind them.
        self._ending = np.minimum((ends + TOKEN_PRIOR * self._end_rate) / (uses + TOKEN_PRIOR), SUREST)
        self._continued = np.maximum(uses - ends, 0)
        self._lengths = LineLengths(counts.lengths)

    def with_boldness(self, boldness: float) -> "LineEnds":
        """The same, but a cut is worth so much beside its odds, in nats."""
        counts = replace(self._counts, boldness=np.array([boldness], np.float32))
        return LineEnds(counts, self._tokenizer)

    def cuts(self, texts: Sequence[str], *, eagerly: bool = False) -> list[list[int]]:
        """Where each text is best cut into sentences: places in it, ascending, behind the last character.

        Args:
            eagerly: also where it is less sure that a sentence ends.
        """
        boldness = float(self._counts.boldness[0]) + (EAGERNESS if eagerly else 0.0)
        are_small = [text == text.lower() for text in texts]
        places: list[list[int]] = [[] for _ in texts]
        ids = self._tokenizer.encode(texts)
        for number, token_cuts in self.token_cuts(ids, are_small, boldness).items():
            edges = self._edges_in_text(texts[number])
            places[number] = [edges[cut - 1] for cut in token_cuts] if edges else []
        return places

    def likeliest_end(self, text: str) -> int | None:
        """The place in a text where a sentence is likeliest to end; None where all of it is one word."""
        (ids,) = self._tokenizer.encode([text])
        edges = self._edges_in_text(text)
        if len(ids) < 2 or not edges:
            return None
        gains = self.gains(np.array(ids, np.int64), np.array([len(ids)]), np.array([text == text.lower()]))
        gains[np.array(edges) == 0] = -np.inf  # behind a space that is a token
        best = int(np.argmax(gains))
        return edges[best] if np.isfinite(gains[best]) else None

    def _edges_in_text(self, text: str) -> list[int]:
        """Where each token of a text ends in it; nothing for a text with characters that tokenizers hide."""
        edges = token_edges(self._tokenizer.surfaces(text))
        return edges if edges[-1:] == [len(text)] else []

    def token_cuts(
        self, texts: Sequence[Sequence[int]], are_small: Sequence[bool], boldness: float
    ) -> dict[int, list[int]]:
        """The best cuts of those texts that are better cut than not: before which tokens sentences begin.

        Args:
            texts: token ids.
            are_small: whether each text is without capital letters.
            boldness: what a cut is worth beside its odds, in nats.
        """
        longer = [number for number, ids in enumerate(texts) if len(ids) > 1]
        if not longer:
            return {}
        lengths = np.array([len(texts[number]) for number in longer])
        ids = np.fromiter(chain.from_iterable(texts[number] for number in longer), np.int64, lengths.sum())
        stops = np.cumsum(lengths)
        gains = self.gains(ids, stops, np.array(are_small)[longer]) + boldness
        # What the best cut is worth at most; of nearly every line too little.
        highest = np.maximum.reduceat(gains, stops - lengths) + self._lengths.best
        promising = highest > np.minimum(0.0, self._lengths.log_shares(lengths) - self._lengths.best)
        cuts = {}
        for place in np.flatnonzero(promising):
            start, stop = stops[place] - lengths[place], stops[place]
            best = best_cuts(gains[start : stop - 1], self._lengths)
            if best:
                cuts[longer[place]] = best
        return cuts

    def gains(self, ids: np.ndarray, stops: np.ndarray, are_small: np.ndarray) -> np.ndarray:
        """What a cut behind each token is worth, in nats; the lengths of the sentences come on top.

        Args:
            ids: the tokens of some texts, one behind the other, int64 [tokens].
            stops: where each text ends, int64 [texts]; each has a token at least.
            are_small: whether each text is without capital letters, bool [texts].

        Returns:
            float64 [tokens]; minus infinity inside words, and behind the last token of a text.
        """
        counts, size = self._counts, self._size
        is_last = np.zeros(len(ids), bool)
        is_last[stops - 1] = True
        is_first = np.roll(is_last, 1)
        ahead = np.roll(ids, -1)
        keys = ids * size + ahead
        earlier = np.roll(keys, 1)
        pairs = counts.pairs[keys]
        # P(end | z, a); the first token has none before it.
        seen = np.where(is_first, 0, np.roll(pairs, 1))
        ended = np.where(is_first, 0, counts.ending_pairs[earlier])
        ending = (ended + PAIR_PRIOR * self._ending[ids]) / (np.maximum(seen, ended) + PAIR_PRIOR)
        ending = np.clip(ending, 1 - SUREST, SUREST)
        # P(b | a)
        starting, following = self._starting[ahead], self._following[ahead]
        # In a text without capitals a small letter stands for a capital too.
        capitals = np.where(np.repeat(are_small, np.diff(stops, prepend=0)), counts.capitals[ahead], -1)
        twofold = np.flatnonzero(capitals >= 0)
        capitals = capitals[twofold]
        starting[twofold] += self._starting[capitals]
        following[twofold] += self._following[capitals]
        pairs[twofold] += counts.pairs[ids[twofold] * size + capitals]
        follows = (pairs + FOLLOW_PRIOR * following) / (self._continued[ids] + FOLLOW_PRIOR)
        # P(c | start, b) / P(c | b); the last token has none behind it.
        second = (counts.starting_pairs[keys] + FOLLOW_PRIOR * follows) / (counts.starts[ids] + FOLLOW_PRIOR)
        goes_on = np.where(is_last, 1.0, second / follows)
        odds = ending / (1 - ending) * starting / follows * np.roll(goes_on, -1)
        gains = np.log(odds) - self._usual
        # Where a text has a mark at its end, few of its sentences lack one.
        is_marked = np.repeat(counts.is_mark[ids[stops - 1]], np.diff(stops, prepend=0))
        gains[is_marked & ~counts.is_mark[ids]] += self._without_mark
        gains[is_last | ~self._ends_word(ids, ahead)] = -np.inf
        return gains

    @property
    def _usual(self) -> float:
        """The log odds of an end anywhere, which the lengths of lines speak of already."""
        return float(np.log(self._end_rate / (1 - self._end_rate)))

    def _ends_word(self, ids: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        """Whether a word ends between tokens and those ahead of them: bool [tokens]."""
        counts = self._counts
        return counts.begins_word[ahead] | counts.ends_unspaced[ids] | counts.begins_unspaced[ahead]


class LineLengths:
    """How likely lengths of lines are; `best` is the highest logarithm of a share."""

    def __init__(self, counts: np.ndarray):
        """Args: counts: lines of each length, int [longest + 1]."""
        total = max(1, counts.sum())
        self._mean = max(1.5, float(np.arange(len(counts)) @ counts) / total)
        spread = np.convolve(counts, SPREAD)[len(SPREAD) // 2 :]
        spread[0] = 0
        self._shares = spread / max(1, spread.sum())
        self.best = float(self.log_shares(np.arange(1, len(self._shares))).max())

    def log_shares(self, lengths: np.ndarray) -> np.ndarray:
        """The logarithms of the shares of lines with these lengths, which are 1 or more: float64 [n]."""
        known = np.where(
            lengths < len(self._shares), self._shares[np.minimum(lengths, len(self._shares) - 1)], 0
        )
        rate = np.log1p(-1 / self._mean)
        anything = np.log(ANY_LENGTH / self._mean) + rate * (lengths - 1)
        with np.errstate(divide="ignore"):
            return np.logaddexp(np.log((1 - ANY_LENGTH) * known), anything)


def token_edges(surfaces: Sequence[str]) -> list[int]:
    """Where each token ends in a text.

    Args:
        surfaces: of the tokens (see `Tokenizer.surfaces`): joined, they are a space and the text, but that
            characters which the vocabulary lacks are spelled in bytes.
    """
    edges, end, bytes_left = [], -1, 0
    for surface in surfaces:
        byte = _BYTE.fullmatch(surface)
        if byte:
            bytes_left = (bytes_left or utf8_length(int(byte[1], 16))) - 1
            end += bytes_left == 0
        else:
            end += len(surface)
        edges.append(end)
    return edges


def utf8_length(first_byte: int) -> int:
    """How many bytes a character has in UTF-8, by its first."""
    return 1 if first_byte < 0xC0 else 2 + (first_byte >= 0xE0) + (first_byte >= 0xF0)


def best_cuts(gains: np.ndarray, lengths: LineLengths) -> list[int]:
    """The best cuts of a text, by dynamic programming over the places that are not hopeless.

    No two cuts have more than `MOST_BACK` such places between them.

    Args:
        gains: what a cut behind each token but the last is worth, float64 [tokens - 1].
    """
    places = np.flatnonzero(gains + lengths.best > HOPELESS) + 1
    stops = np.append(places, len(gains) + 1)
    worth = np.append(gains[places - 1], 0.0)
    starts = np.append(0, places)
    best, previous = np.zeros(len(starts) + 1), np.zeros(len(starts) + 1, int)
    for number, stop in enumerate(stops, 1):
        first = max(0, number - MOST_BACK)
        scores = best[first:number] + lengths.log_shares(stop - starts[first:number])
        highest = int(np.argmax(scores))
        previous[number] = first + highest
        best[number] = scores[highest] + worth[number - 1]
    cuts = []
    number = previous[len(stops)]
    while number:
        cuts.append(int(starts[number]))
        number = previous[number]
    return cuts[::-1]
