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
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import accumulate, chain

import numpy as np

from mtkit.text.patterns import UNSPACED
from mtkit.text.sentences import CLOSING, ENDS, WIDE_ENDS
from mtkit.text.tokenizer import SPACE_MARK, Tokenizer

# Pairs of tokens that are kept, the most frequent.
MOST_PAIRS = 300_000
# Lines up to this length are counted each by its own length.
LONGEST_COUNTED = 1000
# How many sightings an estimate from less context counts as.
TOKEN_PRIOR, PAIR_PRIOR, FOLLOW_PRIOR = 2, 5, 20
# Counts of lengths are spread over their neighbours in these shares.
SPREAD = np.array([1, 2, 3, 2, 1]) / 9
# The share of lengths that are taken to be anything.
ANY_LENGTH = 0.05
# So many sentences at least, of a text with marks, are taken to have none.
LEAST_UNMARKED = 0.01
# No end is surer than this.
SUREST = 1 - 1e-6
# What a cut is worth beside its odds, in nats: two sentences that stay together lose more than one that is
# cut. It is less for text in which too many lines would be cut.
BOLDNESS = 0.5
# So much more where something tells that sentences were not found.
EAGERNESS = 3.0
# A place that is worse than this is not looked at, in nats.
HOPELESS = -20.0
# From a place no more places back are looked at, so that long texts take no longer than in proportion.
MOST_BACK = 256
_UNSPACED = re.compile(f"[{UNSPACED}]")


@dataclass(frozen=True)
class PairCounts:
    """How often pairs of tokens were counted.

    Attributes:
        keys: first * vocabulary size + second, ascending, int64 [pairs].
        counts: int32 [pairs].
    """

    keys: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, keys: np.ndarray) -> "PairCounts":
        """Those of all keys, each as often as it stands there; the most frequent if they are very many."""
        distinct, counts = np.unique(keys, return_counts=True)
        if len(distinct) > MOST_PAIRS:
            kept = np.sort(np.argsort(-counts, kind="stable")[:MOST_PAIRS])
            distinct, counts = distinct[kept], counts[kept]
        return cls(distinct.astype(np.int64), counts.astype(np.int32))

    def __getitem__(self, keys: np.ndarray) -> np.ndarray:
        """How often each was counted: int32 [n]."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int32)
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, self.counts[places], 0)


@dataclass(frozen=True)
class LineCounts:
    """What was counted in the lines of a corpus; V is the size of the vocabulary.

    Attributes:
        uses: of each token, int32 [V].
        starts: lines that begin with it, int32 [V].
        ends: lines that end behind it, or behind it and marks that end sentences, int32 [V].
        pairs: tokens side by side.
        starting_pairs, ending_pairs: those at the start and, as for `ends`, at the end of lines.
        lengths: lines of each length in tokens, with and without their final marks, int32 [longest + 1].
        boldness: what a cut is worth beside its odds, in nats, float32 [1].
    """

    uses: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    pairs: PairCounts
    starting_pairs: PairCounts
    ending_pairs: PairCounts
    lengths: np.ndarray
    boldness: np.ndarray

    @classmethod
    def of(cls, ids: np.ndarray, offsets: np.ndarray, tokenizer: Tokenizer) -> "LineCounts":
        """Count lines.

        Args:
            ids: their tokens one after the other, int [tokens].
            offsets: where each line begins, and where the last ends, int64 [lines + 1]; no line is empty.
        """
        size = tokenizer.size
        first, last = offsets[:-1], offsets[1:] - 1
        bare = before_marks(ids, first, last, final_marks(tokenizer))
        last_of_all = np.concatenate([last, bare[bare < last]])
        first_of_all = np.concatenate([first, first[bare < last]])
        ids = ids.astype(np.int64)
        within = np.ones(len(ids), bool)
        within[last] = False
        inner = np.flatnonzero(within)
        longer = first < last
        lengths = np.minimum(last_of_all - first_of_all + 1, LONGEST_COUNTED)
        with_two = first_of_all < last_of_all
        return cls(
            uses=counted(ids, size),
            starts=counted(ids[first], size),
            ends=counted(ids[last_of_all], size),
            pairs=PairCounts.of(ids[inner] * size + ids[inner + 1]),
            starting_pairs=PairCounts.of(ids[first[longer]] * size + ids[first[longer] + 1]),
            ending_pairs=PairCounts.of(ids[last_of_all[with_two] - 1] * size + ids[last_of_all[with_two]]),
            lengths=counted(lengths, 1),
            boldness=np.array([BOLDNESS], np.float32),
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """All of it by name, as `from_arrays` takes it."""
        arrays: dict[str, np.ndarray] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, PairCounts):
                arrays |= {f"{field.name}.keys": value.keys, f"{field.name}.counts": value.counts}
            else:
                arrays[field.name] = value
        return arrays

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray]) -> "LineCounts":
        """From what `arrays` gave; KeyError where something is missing."""
        values = {}
        for field in fields(cls):
            if field.type is PairCounts:
                values[field.name] = PairCounts(arrays[f"{field.name}.keys"], arrays[f"{field.name}.counts"])
            else:
                values[field.name] = arrays[field.name]
        return cls(**values)


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
        self._end_rate = min(0.5, ends.sum() / max(1.0, uses.sum()))
        following = np.maximum(uses - starts, 0) + 0.5
        self._following = following / following.sum()
        self._starting = (starts + self._following) / (lines + 1)
        self._capitals = with_capital(tokenizer)
        self._is_mark = final_marks(tokenizer)
        unmarked = 1 - ends[self._is_mark].sum() / lines
        self._without_mark = math.log(max(LEAST_UNMARKED, unmarked))
        # More ends than uses there are where a line ends before its marks and behind them.
        self._ending = np.minimum((ends + TOKEN_PRIOR * self._end_rate) / (uses + TOKEN_PRIOR), SUREST)
        self._continued = np.maximum(uses - ends, 0)
        self._lengths = LineLengths(counts.lengths)

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
        if len(ids) < 2:
            return None
        are_small = np.array([text == text.lower()])
        gains = self.gains(np.array(ids, np.int64), np.array([len(ids)]), are_small)
        best = int(np.argmax(gains))
        edges = self._edges_in_text(text)
        return edges[best] if edges and np.isfinite(gains[best]) else None

    def _edges_in_text(self, text: str) -> list[int]:
        """Where each token of a text ends in it; nothing for a text with characters that tokenizers hide."""
        # Joined, the surfaces are a space and the text.
        edges = [end - 1 for end in accumulate(map(len, self._tokenizer.surfaces(text)))]
        return edges if edges[-1] == len(text) else []

    def token_cuts(
        self, texts: Sequence[Sequence[int]], are_small: Sequence[bool], boldness: float = BOLDNESS
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
        capitals = np.where(np.repeat(are_small, np.diff(stops, prepend=0)), self._capitals[ahead], -1)
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
        is_marked = np.repeat(self._is_mark[ids[stops - 1]], np.diff(stops, prepend=0))
        gains[is_marked & ~self._is_mark[ids]] += self._without_mark
        gains[is_last | ~self._ends_word(ids, ahead)] = -np.inf
        return gains

    @property
    def _usual(self) -> float:
        """The log odds of an end anywhere, which the lengths of lines speak of already."""
        return float(np.log(self._end_rate / (1 - self._end_rate)))

    def _ends_word(self, ids: np.ndarray, ahead: np.ndarray) -> np.ndarray:
        """Whether a word ends between tokens and those ahead of them: bool [tokens]."""
        begins_word, unspaced_first, unspaced_last = self._edges
        return begins_word[ahead] | unspaced_last[ids] | unspaced_first[ahead]

    @cached_property
    def _edges(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each token whether it begins with a space, and with and ends in an unspaced script, bool [V]."""
        pieces = self._tokenizer.pieces(range(self._size))
        begins = [piece.startswith(SPACE_MARK) for piece in pieces]
        first = [_UNSPACED.match(piece) is not None for piece in pieces]
        last = [_UNSPACED.match(piece[-1:]) is not None for piece in pieces]
        return np.array(begins), np.array(first), np.array(last)


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


def with_capital(tokenizer: Tokenizer) -> np.ndarray:
    """Of each token the one that differs by a capital at its begin, or -1 where there is none: int64 [V]."""
    pieces = tokenizer.pieces(range(tokenizer.size))
    tokens = {piece: token for token, piece in enumerate(pieces)}
    capitals = (SPACE_MARK + piece[1:].capitalize() for piece in pieces)
    return np.array(
        [
            tokens.get(capital, -1) if capital != piece and piece.startswith(SPACE_MARK) else -1
            for piece, capital in zip(pieces, capitals, strict=True)
        ]
    )


def final_marks(tokenizer: Tokenizer) -> np.ndarray:
    """Whether a token is made of marks that end or close a sentence: bool [V]."""
    marks = frozenset(ENDS + WIDE_ENDS + CLOSING)
    texts = (piece.strip(SPACE_MARK) for piece in tokenizer.pieces(range(tokenizer.size)))
    return np.array([bool(text) and marks.issuperset(text) for text in texts])


def before_marks(ids: np.ndarray, first: np.ndarray, last: np.ndarray, is_mark: np.ndarray) -> np.ndarray:
    """Of each line the place of its last token that is no final mark; of one of marks alone, its last.

    Args:
        ids: tokens, int [tokens].
        first, last: where each line begins, and its last token, int64 [lines].
        is_mark: bool [V].
    """
    bare = last.copy()
    moving = is_mark[ids[bare]]
    while moving.any():
        bare[moving] -= 1
        moving &= bare >= first
        moving[moving] = is_mark[ids[bare[moving]]]
    return np.where(bare < first, last, bare)


def counted(numbers: np.ndarray, least_size: int) -> np.ndarray:
    """How often each number stands there, int32 [at least this size]."""
    return np.bincount(numbers, minlength=least_size).astype(np.int32)
