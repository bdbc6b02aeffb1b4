"""Passes over a corpus: which examples make which batch. An example is a row of a batch, here a pair.

Pairs are put into buckets by target length (long ones by the room they take). Each pass orders the pairs of a
bucket by source length with random noise, cuts them into batches of at most `batch_tokens` target tokens, and
shuffles the batches.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mtkit.data.context import Context, ContextDrawing
from mtkit.data.store import TokenCorpus

BUCKETS = 32
SOURCE_LENGTH_NOISE = 2.0
# Longer examples are long. Joined ones are not, nor lines that `mtkit prepare` keeps by itself (250 tokens):
# their batches are bounded by the target alone.
LONG_TOKENS = 256
# At this length the attention of a row takes about as much memory as all else of it that grows with the row,
# in a training of the tiny Transformer; in larger models later (benchmarks/long_lines_memory.py).
ATTENTION_TOKENS = 512


class Examples(Protocol):
    """What a pass reads, each once: a corpus whose pairs are examples, or were joined, or have context.

    Attributes:
        lengths: of the examples in tokens, by side: int32 [examples].
    """

    @property
    def lengths(self) -> dict[str, np.ndarray]: ...

    def __len__(self) -> int: ...

    def sentences(self, side: str, rows: np.ndarray) -> list[np.ndarray]:
        """The token ids of one side of several examples."""
        ...


@dataclass(frozen=True)
class PassPlan:
    """The batches of a pass.

    Attributes:
        examples: what is read.
        order: the numbers of the examples, int32 [examples], those of a batch side by side.
        edges: int [batches + 1]: batch b is order[edges[b]:edges[b + 1]].
        batches: the order in which they are read, int [batches].
    """

    examples: Examples
    order: np.ndarray
    edges: np.ndarray
    batches: np.ndarray

    def rows(self, place: int) -> np.ndarray:
        """The numbers of the examples in the batch that is read at this place of the pass, from 0."""
        batch = self.batches[place]
        return self.order[self.edges[batch] : self.edges[batch + 1]]


class PairPasses:
    """Passes in which each pair is an example.

    Holds 16 bytes a pair (two lengths, the bucket's pairs, their order), some 10 more with context, never
    text or tokens.

    Args:
        batch_tokens: most target tokens of a batch, padding included.
        context: what is read before the sentences, if anything is. The sources of a batch then have at most
            as many tokens as `batch_tokens` times the sentences that are read together, but for a few.

    Attributes:
        batches: how many each pass has.
    """

    def __init__(self, corpus: TokenCorpus, batch_tokens: int, seed: int, context: Context | None = None):
        self._corpus, self._seed = corpus, seed
        self._drawing = ContextDrawing(corpus, context) if context else None
        lengths = self._drawing.fullest().lengths if self._drawing else corpus.lengths
        tokens = room(lengths)
        boundaries = bucket_boundaries(tokens)
        self._buckets = in_buckets(tokens, boundaries)
        edges = [0]
        for pairs, boundary in zip(self._buckets, boundaries, strict=True):
            rows = max(1, batch_tokens // boundary)
            if context:
                most_tokens = batch_tokens * (1 + context.most_sentences)
                ends = ends_by_source(np.sort(lengths["source"][pairs]) + 1, rows, most_tokens)
            else:
                ends = even_ends(len(pairs), rows)
            edges.extend((edges[-1] + ends).tolist())
        self._edges = np.array(edges)
        self.batches = len(edges) - 1

    def plan(self, number: int) -> PassPlan:
        """The pass with this number, from 0."""
        random = np.random.default_rng([self._seed, number])
        batches = random.permutation(self.batches)
        examples = self._drawing.examples(random) if self._drawing else self._corpus
        order = ordered(self._buckets, examples.lengths["source"], random)
        return PassPlan(examples, order, self._edges, batches)


def even_ends(pairs: int, rows: int) -> np.ndarray:
    """Where batches of at most so many rows end, of nearly equal size: int [batches]."""
    batches = -(-pairs // rows)
    return np.linspace(0, pairs, batches + 1).round().astype(int)[1:]


def ends_by_source(lengths: np.ndarray, rows: int, most_tokens: int) -> np.ndarray:
    """Where batches end that have at most so many rows, and source tokens with padding: int [batches].

    Args:
        lengths: of the sources where all of their context is read, ascending, int [pairs]. Where less is
            read the shortest is no longer than the shortest of these, and so are all others in their order.
    """
    ends = [0]
    while ends[-1] < len(lengths):
        following = lengths[ends[-1] : ends[-1] + rows]
        tokens = following * np.arange(1, len(following) + 1)
        ends.append(ends[-1] + max(1, int(np.searchsorted(tokens, most_tokens, side="right"))))
    return np.array(ends[1:], int)


def room(lengths: Mapping[str, np.ndarray]) -> np.ndarray:
    """How many of the target tokens of a batch each example takes: int32 [examples].

    Those of its target, and the end. A long one takes those of its longer side, and more for attention,
    whose memory grows with the square of the length; so that batches of long lines need no more memory than
    those of short ones.

    Args:
        lengths: in tokens, by side: int32 [examples].
    """
    target = lengths["target"] + 1
    longer = np.maximum(lengths["source"], lengths["target"])
    is_long = longer > LONG_TOKENS
    if is_long.any():
        tokens = longer[is_long].astype(np.int64) + 1
        target[is_long] = tokens + tokens * tokens // ATTENTION_TOKENS
    return target


def bucket_boundaries(lengths: np.ndarray) -> list[int]:
    """Upper bounds (inclusive) of the buckets: quantiles, then steps of a quarter for the long tail.

    Args:
        lengths: int [examples], in tokens; or the room of each.
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


def in_buckets(lengths: np.ndarray, boundaries: Sequence[int]) -> list[np.ndarray]:
    """The numbers of the examples in each bucket, int32."""
    bucket = np.searchsorted(np.array(boundaries, np.int32), lengths).astype(np.uint8)
    return [np.flatnonzero(bucket == number).astype(np.int32) for number in range(len(boundaries))]


def ordered(
    buckets: Sequence[np.ndarray], source_lengths: np.ndarray, random: np.random.Generator
) -> np.ndarray:
    """The examples bucket by bucket, in each by source length with noise: int32 [examples]."""
    order = np.empty(len(source_lengths), np.int32)
    end = 0
    for examples in buckets:
        noise = random.random(len(examples), np.float32) * SOURCE_LENGTH_NOISE
        noisy = source_lengths[examples] + noise
        order[end : end + len(examples)] = examples[np.argsort(noisy, kind="stable")]
        end += len(examples)
    return order
