"""Parallel token ids on disk, memory-mapped: opening a corpus of any size costs nothing.

A side has two files: `source.ids` (all tokens, little-endian uint16 or uint32) and `source.offsets` (int64,
one more than there are sentences: sentence i is ids[offsets[i]:offsets[i + 1]]). No special tokens are
stored; batches add them. Of text that was prepared with context there is also `predecessors` (uint16): how
many pairs back the one before each pair in its document stands, 0 where there is none.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

SIDES = ("source", "target")
READ_PAIRS = 1 << 16
PREDECESSORS = "predecessors"


class CorpusWriter:
    """Appends encoded pairs to a folder; `close` makes it readable.

    Attributes:
        pairs: how many were appended.
        ends: tokens written so far, by side.

    Args:
        with_context: whether it is kept which pair stands before each.
    """

    def __init__(self, directory: Path, vocabulary_size: int, *, with_context: bool = False):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.dtype = np.dtype("<u2" if vocabulary_size <= 65_536 else "<u4")
        self.ids = {side: open(directory / f"{side}.ids", "wb") for side in SIDES}
        self.offsets = {side: open(directory / f"{side}.offsets", "wb") for side in SIDES}
        self.distances = open(directory / PREDECESSORS, "wb") if with_context else None
        self.ends = dict.fromkeys(SIDES, 0)
        self.pairs = 0
        for file in self.offsets.values():
            file.write(np.zeros(1, "<i8").tobytes())

    def append(self, source: list[list[int]], target: list[list[int]], distances: Sequence[int] = ()) -> None:
        """Add pairs: two lists of as many id lists.

        Args:
            distances: how many pairs back the one before each in its document stands, 0 where there is none;
                for a corpus with context.
        """
        if self.distances:
            self.distances.write(np.array(distances, "<u2").tobytes())
        for side, sentences in zip(SIDES, (source, target), strict=True):
            lengths = np.fromiter((len(sentence) for sentence in sentences), "<i8", len(sentences))
            flat = np.array(list(chain.from_iterable(sentences)), self.dtype)
            self.ids[side].write(flat.tobytes())
            self.offsets[side].write((self.ends[side] + np.cumsum(lengths)).astype("<i8").tobytes())
            self.ends[side] += int(lengths.sum())
        self.pairs += len(source)

    def close(self) -> None:
        """Write the facts that a reader needs."""
        for file in (*self.ids.values(), *self.offsets.values()):
            file.close()
        if self.distances:
            self.distances.close()
        facts = {"pairs": self.pairs, "dtype": self.dtype.str, "tokens": self.ends}
        (self.directory / "store.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class SentenceBlock:
    """Neighbouring sentences of one side.

    Attributes:
        ids: all tokens, uint16 or uint32.
        offsets: int64 [sentences + 1]: sentence i is ids[offsets[i]:offsets[i + 1]].
    """

    ids: np.ndarray
    offsets: np.ndarray


class TokenCorpus:
    """A stored parallel corpus.

    Attributes:
        pairs: how many there are.
        tokens: how many there are, by side.
        directory: where it lies.
        dtype: of its token ids.
        lengths: of the sentences in tokens, by side: int32 [pairs].
    """

    def __init__(self, directory: Path):
        facts = json.loads((directory / "store.json").read_text(encoding="utf-8"))
        self.directory = directory
        self.dtype = np.dtype(facts["dtype"])
        self.pairs: int = facts["pairs"]
        self.tokens: dict[str, int] = facts["tokens"]
        self._ids = {side: _map(directory / f"{side}.ids", self.dtype) for side in SIDES}
        self._offsets = {side: _map(directory / f"{side}.offsets", "<i8") for side in SIDES}
        self.lengths = {side: _lengths(directory / f"{side}.offsets", self.pairs) for side in SIDES}

    def __len__(self) -> int:
        return self.pairs

    def sentence(self, side: str, index: int) -> np.ndarray:
        """The token ids of one side of a pair: uint16 or uint32 [length]."""
        offsets = self._offsets[side]
        return self._ids[side][offsets[index] : offsets[index + 1]]

    def block(self, side: str, start: int, end: int) -> SentenceBlock:
        """The sentences from `start` to before `end`; read, so that no page mapped into memory stays."""
        offsets = np.fromfile(self.directory / f"{side}.offsets", "<i8", end - start + 1, offset=8 * start)
        first, last = int(offsets[0]), int(offsets[-1])
        ids = np.fromfile(
            self.directory / f"{side}.ids", self.dtype, last - first, offset=self.dtype.itemsize * first
        )
        return SentenceBlock(ids, offsets - first)

    def sentences(self, side: str, rows: np.ndarray) -> list[np.ndarray]:
        """The id arrays of several pairs."""
        return [self.sentence(side, int(row)) for row in rows]

    def predecessors(self) -> np.ndarray:
        """The pair before each in its document, or -1: int32 [pairs]. Only of a corpus with context."""
        distances = np.fromfile(self.directory / PREDECESSORS, "<u2")
        pairs = np.arange(self.pairs, dtype=np.int32)
        return np.where(distances > 0, pairs - distances, np.int32(-1))


def _lengths(path: Path, pairs: int) -> np.ndarray:
    """int32 [pairs]; read a part at a time, so that no page that is mapped into memory stays there."""
    lengths = np.empty(pairs, np.int32)
    for start in range(0, pairs, READ_PAIRS):
        count = min(READ_PAIRS, pairs - start)
        lengths[start : start + count] = np.diff(np.fromfile(path, "<i8", count + 1, offset=8 * start))
    return lengths


def _map(path: Path, dtype: np.dtype | str) -> np.ndarray:
    if path.stat().st_size == 0:
        return np.zeros(0, dtype)
    return np.memmap(path, dtype, mode="r")
