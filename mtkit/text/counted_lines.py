"""What is counted in the lines of a corpus, to tell where the sentences of a text end (`line_ends.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from mtkit.text.patterns import is_unspaced
from mtkit.text.sentences import CLOSING, ENDS, WIDE_ENDS
from mtkit.text.tokenizer import SPACE_MARK, Tokenizer

# Pairs of tokens that are kept, the most frequent.
MOST_PAIRS = 300_000
# Lines up to this length are counted each by its own length.
LONGEST_COUNTED = 1000
# What a cut is worth beside its odds, in nats: two sentences that stay together lose more than one that is
# cut. It is less for text in which too many lines would be cut.
BOLDNESS = 0.5


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
        begins_word: whether a token begins with a space, bool [V].
        begins_unspaced, ends_unspaced: whether it begins, and ends, in a script without spaces, bool [V].
        is_mark: whether it is made of marks that end or close a sentence, bool [V].
        capitals: the token that differs by a capital at its begin, or -1 where there is none, int32 [V].
    """

    uses: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    pairs: PairCounts
    starting_pairs: PairCounts
    ending_pairs: PairCounts
    lengths: np.ndarray
    boldness: np.ndarray
    begins_word: np.ndarray
    begins_unspaced: np.ndarray
    ends_unspaced: np.ndarray
    is_mark: np.ndarray
    capitals: np.ndarray

    @classmethod
    def of(cls, ids: np.ndarray, offsets: np.ndarray, tokenizer: Tokenizer) -> "LineCounts":
        """Count lines.

        Args:
            ids: their tokens one after the other, int [tokens].
            offsets: where each line begins, and where the last ends, int64 [lines + 1]; no line is empty.
        """
        size = tokenizer.size
        pieces = tokenizer.pieces(range(size))
        is_mark = final_marks(pieces)
        first, last = offsets[:-1], offsets[1:] - 1
        bare = before_marks(ids, first, last, is_mark)
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
            begins_word=np.array([piece.startswith(SPACE_MARK) for piece in pieces]),
            begins_unspaced=np.array([is_unspaced(piece[:1]) for piece in pieces]),
            ends_unspaced=np.array([is_unspaced(piece[-1:]) for piece in pieces]),
            is_mark=is_mark,
            capitals=with_capital(pieces),
        )

    def is_of(self, size: int) -> bool:
        """Whether all of it is whole, and of a vocabulary of this size."""
        of_tokens = (
            self.uses,
            self.starts,
            self.ends,
            self.begins_word,
            self.begins_unspaced,
            self.ends_unspaced,
            self.is_mark,
            self.capitals,
        )
        pairs = (self.pairs, self.starting_pairs, self.ending_pairs)
        numbers = (*of_tokens, self.lengths, *(of_pairs.counts for of_pairs in pairs))
        return (
            all(array.shape == (size,) for array in of_tokens)
            and all(array.dtype.kind in "bi" for array in numbers)
            and all(of_pairs.keys.shape == of_pairs.counts.shape for of_pairs in pairs)
            and min(array.min(initial=0) for array in (self.uses, self.starts, self.ends, self.lengths)) >= 0
            and self.capitals.max(initial=-1) < size
            and self.lengths.ndim == 1
            and len(self.lengths) > 1
            and self.boldness.shape == (1,)
            and bool(np.isfinite(self.boldness).all())
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


def with_capital(pieces: Sequence[str]) -> np.ndarray:
    """Of each piece the one that differs by a capital at its begin, or -1 where there is none: int32 [V]."""
    tokens = {piece: token for token, piece in enumerate(pieces)}
    capitals = np.full(len(pieces), -1, np.int32)
    for token, piece in enumerate(pieces):
        capital = SPACE_MARK + piece[1:].capitalize()
        if piece.startswith(SPACE_MARK) and capital != piece:
            capitals[token] = tokens.get(capital, -1)
    return capitals


def final_marks(pieces: Sequence[str]) -> np.ndarray:
    """Whether a piece is made of marks that end or close a sentence: bool [V]."""
    marks = frozenset(ENDS + WIDE_ENDS + CLOSING)
    texts = (piece.strip(SPACE_MARK) for piece in pieces)
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
