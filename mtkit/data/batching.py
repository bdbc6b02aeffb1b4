"""Batches of similar length: batch(step) is a pure function of step, corpus, settings and seed.

Pairs are put into buckets by target length. Each epoch orders the pairs of a bucket by source length with
random noise, cuts them into batches of at most `batch_tokens` target tokens, and shuffles the batches. How
many batches an epoch has is the same in every epoch, so a step names an epoch and a batch without any state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtkit.data.store import SIDES, TokenCorpus
from mtkit.text.sampling import SubwordSampler
from mtkit.text.special import BEGIN_ID, END_ID, PAD_ID

BUCKETS = 32
# Tells the random numbers of subword sampling from those of the order of an epoch.
SUBWORDS = 1
SOURCE_LENGTH_NOISE = 2.0


@dataclass(frozen=True)
class Batch:
    """One step's input.

    Attributes:
        source: int32 [B, S], each row ends with END_ID, then PAD_ID.
        target_in: int32 [B, T], each row starts with BEGIN_ID.
        target_out: int32 [B, T], target_in moved one to the left, ending with END_ID.
    """

    source: np.ndarray
    target_in: np.ndarray
    target_out: np.ndarray


def bucket_boundaries(lengths: np.ndarray) -> list[int]:
    """Upper bounds (inclusive) of the buckets: quantiles, then steps of a quarter for the long tail.

    Args:
        lengths: int [pairs], in tokens.
    """
    if len(lengths) == 0:
        return [1]
    # Counted, not sorted: there are few lengths, and may be very many pairs.
    up_to = np.cumsum(np.bincount(lengths)) / len(lengths)
    quantiles = np.searchsorted(up_to, np.arange(1, BUCKETS) / BUCKETS)
    boundaries = sorted({max(1, int(length)) for length in quantiles})
    longest = max(1, int(lengths.max()))
    while boundaries[-1] < longest:
        boundaries.append(min(longest, max(boundaries[-1] + 1, boundaries[-1] * 5 // 4)))
    return boundaries


class Batches:
    """The batches of a corpus.

    Holds 16 bytes a pair (two lengths, the bucket's pairs, their order), never text or tokens.

    Args:
        batch_tokens: most target tokens of a batch, padding included, as the corpus is stored; subword
            sampling makes them more.
        samplers: for each side, what splits its words anew in every batch; None for pieces as they are
            stored.
    """

    def __init__(
        self,
        corpus: TokenCorpus,
        batch_tokens: int,
        seed: int,
        samplers: Mapping[str, SubwordSampler] | None = None,
    ):
        self.corpus = corpus
        self.seed = seed
        self.samplers = samplers
        target_lengths = corpus.lengths["target"] + 1
        self.boundaries = bucket_boundaries(target_lengths)
        bucket = np.searchsorted(np.array(self.boundaries, np.int32), target_lengths).astype(np.uint8)
        self._buckets = [
            np.flatnonzero(bucket == number).astype(np.int32) for number in range(len(self.boundaries))
        ]
        edges = [0]
        for pairs, boundary in zip(map(len, self._buckets), self.boundaries, strict=True):
            rows = max(1, batch_tokens // boundary)
            batches = -(-pairs // rows)
            if batches:
                edges.extend(
                    (edges[-1] + np.linspace(0, pairs, batches + 1).round().astype(int)[1:]).tolist()
                )
        self._edges = np.array(edges)
        self.per_epoch = len(edges) - 1
        self._planned: tuple[int, np.ndarray, np.ndarray] | None = None

    def rows(self, step: int) -> np.ndarray:
        """Indices of the pairs in the batch of a step (from 0)."""
        epoch, place = divmod(step, self.per_epoch)
        if self._planned is None or self._planned[0] != epoch:
            self._planned = (epoch, *self._plan(epoch))
        _, order, batches = self._planned
        batch = batches[place]
        return order[self._edges[batch] : self._edges[batch + 1]]

    def batch(self, step: int, worker: int = 0, workers: int = 1) -> Batch:
        """The batch of a step (from 0), or the share of a worker: every n-th pair, maybe none."""
        rows = self.rows(step)[worker::workers]
        sides = {side: self.corpus.sentences(side, rows) for side in SIDES}
        if self.samplers:
            random = np.random.default_rng([self.seed, step, SUBWORDS + worker])
            sides = {side: self.samplers[side].sample(sentences, random) for side, sentences in sides.items()}
        return make_batch(**sides)

    def padding_share(self) -> float:
        """Share of the cells of source and target arrays that hold padding, in the first epoch."""
        order, _ = self._plan(0)
        cells = tokens = 0
        for lengths in (self.corpus.lengths["source"] + 1, self.corpus.lengths["target"] + 1):
            longest = np.maximum.reduceat(lengths[order], self._edges[:-1]) if self.per_epoch else np.zeros(0)
            cells += int((longest * np.diff(self._edges)).sum())
            tokens += int(lengths.sum())
        return 1.0 - tokens / cells if cells else 0.0

    def _plan(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Order of the pairs, and order of the batches, in an epoch."""
        random = np.random.default_rng([self.seed, epoch])
        batches = random.permutation(self.per_epoch)
        order = np.empty(len(self.corpus), np.int32)
        end = 0
        for pairs in self._buckets:
            noisy = (
                self.corpus.lengths["source"][pairs]
                + random.random(len(pairs), np.float32) * SOURCE_LENGTH_NOISE
            )
            order[end : end + len(pairs)] = pairs[np.argsort(noisy, kind="stable")]
            end += len(pairs)
        return order, batches


def make_batch(source: Sequence[np.ndarray], target: Sequence[np.ndarray]) -> Batch:
    """Pairs of id arrays as one batch."""
    return Batch(
        source=padded(source, after=END_ID),
        target_in=padded(target, before=BEGIN_ID),
        target_out=padded(target, after=END_ID),
    )


def padded(
    sentences: Sequence[np.ndarray], before: int | None = None, after: int | None = None
) -> np.ndarray:
    """Sentences as one array, int32 [B, longest], with an id put before or after each, padded with PAD_ID."""
    start = int(before is not None)
    longest = max(map(len, sentences), default=0) + start + (after is not None)
    array = np.full((len(sentences), longest), PAD_ID, np.int32)
    for row, ids in enumerate(sentences):
        array[row, start : start + len(ids)] = ids
        if before is not None:
            array[row, 0] = before
        if after is not None:
            array[row, start + len(ids)] = after
    return array
