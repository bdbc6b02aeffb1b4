"""The text that models are judged by: valid and test. It is never cleaned, and also kept as it is."""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from mtkit.data.spool import chunks
from mtkit.data.store import SIDES, CorpusWriter
from mtkit.errors import InputError
from mtkit.text import cleaning
from mtkit.text.corpus import SentencePair
from mtkit.text.tokenizer import Tokenizer

CHUNK_PAIRS = 10_000
EVALUATION_PARTS = ("valid", "test")


class RawText:
    """Writes source.txt and target.txt of an evaluation part, a sentence a line.

    Args:
        with_context: end each document with a blank line, where none is.
    """

    def __init__(self, folder: Path, *, with_context: bool = False):
        folder.mkdir()
        self._with_context = with_context
        self._last: SentencePair | None = None
        self._files = [open(folder / f"{side}.txt", "w", encoding="utf-8", newline="\n") for side in SIDES]

    def append(self, pairs: Iterable[SentencePair]) -> None:
        """Write a line of each side a pair."""
        for pair in pairs:
            if self._with_context and self._begins_document(pair):
                self._write("", "")
            self._write(pair.source, pair.target)
            self._last = pair

    def _begins_document(self, pair: SentencePair) -> bool:
        """Whether nothing tells so far that a pair does not belong to the one before it."""
        last = self._last
        return last is not None and not (last.is_blank or pair.is_blank or pair.follows(last))

    def _write(self, source: str, target: str) -> None:
        self._files[0].write(source + "\n")
        self._files[1].write(target + "\n")

    def copied(self, pairs: Iterable[SentencePair]) -> Iterator[SentencePair]:
        """Pairs, written as they pass."""
        for pair in pairs:
            self.append([pair])
            yield pair

    def __enter__(self) -> "RawText":
        return self

    def __exit__(self, *exception) -> None:
        for file in self._files:
            file.close()


def copy_text(
    corpora: list[Iterable[SentencePair]], folder: Path, *, with_context: bool = False
) -> np.ndarray:
    """Copy evaluation text to a folder; its `cleaning.evaluation_hashes`."""
    with RawText(folder, with_context=with_context) as raw:
        return hashes_of_text([raw.copied(corpus) for corpus in corpora])


def hashes_of_text(corpora: list[Iterable[SentencePair]]) -> np.ndarray:
    """The `cleaning.evaluation_hashes` of evaluation text."""
    hashes = [np.zeros(0, np.uint64)]
    for corpus in corpora:
        hashes.extend(cleaning.evaluation_hashes(pairs) for pairs in chunks(corpus, CHUNK_PAIRS))
    return np.unique(np.concatenate(hashes))


def choose_held_out(pairs: int, wanted: dict[str, int], seed: int) -> dict[int, str]:
    """Which pairs of the spool to split off, evenly spread: their indices, and the part that each is for.

    Raises:
        InputError: there are not so many.
    """
    count = sum(wanted.values())
    if 2 * count > pairs:
        raise InputError(
            f"cannot split off {count} pairs from a training text of {pairs} usable pairs; give at most half"
        )
    random = np.random.default_rng([seed, 1])
    edges = np.arange(count + 1) * pairs // max(1, count)
    indices = random.integers(edges[:-1], edges[1:]) if count else edges[:0]
    parts = random.permutation(list(Counter(wanted).elements()))
    return {int(index): str(part) for index, part in zip(indices, parts, strict=True)}


@dataclass(frozen=True)
class EncodedText:
    """What came of encoding evaluation text.

    Attributes:
        pairs: stored.
        fallback_share: share of the tokens that stand for text the vocabulary lacks, by side.
    """

    pairs: int
    fallback_share: dict[str, float]


def encode_text(folder: Path, tokenizers: dict[str, Tokenizer], *, with_context: bool = False) -> EncodedText:
    """Encode the raw text of a folder into a store there."""
    size = max(tokenizer.size for tokenizer in tokenizers.values())
    store = CorpusWriter(folder, size, with_context=with_context)
    is_fallback = {side: tokenizers[side].fallback_tokens() for side in SIDES}
    # Whether the line before has text.
    is_within = False
    fallbacks, tokens = dict.fromkeys(SIDES, 0), dict.fromkeys(SIDES, 0)
    with contextlib.ExitStack() as stack:
        stack.callback(store.close)
        files = [
            stack.enter_context(open(folder / f"{side}.txt", encoding="utf-8", newline="\n"))
            for side in SIDES
        ]
        for lines in chunks(zip(*files, strict=True), CHUNK_PAIRS):
            ids = {}
            for side, side_lines in zip(SIDES, zip(*lines, strict=True), strict=True):
                ids[side] = tokenizers[side].encode([line[:-1] for line in side_lines])
                flat = np.fromiter(chain.from_iterable(ids[side]), np.int64)
                fallbacks[side] += int(is_fallback[side][flat].sum())
                tokens[side] += len(flat)
            distances = []
            for source, _ in lines:
                has_text = bool(source.strip())
                distances.append(int(is_within and has_text))
                is_within = has_text
            store.append(ids["source"], ids["target"], distances)
    shares = {side: round(fallbacks[side] / max(1, tokens[side]), 6) for side in SIDES}
    return EncodedText(store.pairs, shares)
