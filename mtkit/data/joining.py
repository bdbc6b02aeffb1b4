"""Training for length: neighbours of the corpus joined to longer examples, drawn anew in each pass.

A model that saw single sentences alone fails at longer ones, because of positions and lengths that it never
met. Sentences joined to longer ones mend that (Kondo et al. 2021, arXiv:2104.08478). It helps where they have
nothing to do with each other too (Nguyen et al. 2021, arXiv:2105.01691), so that any neighbours will do.

A pass reads the corpus from its beginning to its end, cut into groups of neighbours; each pair is in one of
them. Copies of a pair, which a corpus has by its weight, lie side by side in the store: to be neighbours of
others they are read in rounds, all first copies before all second ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtkit.data.passes import PassPlan, bucket_boundaries, in_buckets, ordered, room
from mtkit.data.store import READ_PAIRS, SIDES, SentenceBlock, TokenCorpus
from mtkit.text.seams import InnerTokens, joined_ids

# Pairs of a group: from 2, and so few that a group of usual lines (10 to 30 tokens) is below the tokens that
# follow. All numbers are drawn alike, so that there are examples of all lengths between.
MOST_PAIRS = 8
# Tokens of a group on the longer side: what a paragraph has. Attention takes memory by the square of it.
MOST_TOKENS = 256


@dataclass(frozen=True)
class Joining:
    """How much is joined, and how.

    Attributes:
        rate: share of the pairs that are read in joined examples, above 0 and up to 1.
        inner: of each side what the tokens become that begin a line within an example (`text.seams`).
        tags: tokens that stand before the sources of a corpus.
    """

    rate: float
    inner: Mapping[str, InnerTokens]
    tags: Sequence[int] = ()


@dataclass(frozen=True)
class JoinedExamples:
    """A corpus in groups of neighbours, each an example: what a pass reads (`passes.Examples`).

    Attributes:
        reading: the pairs in the order in which they are neighbours, int32 [pairs].
        starts: int32 [examples + 1]: example i is of the pairs reading[starts[i]:starts[i + 1]].
        inner: see `Joining`.
    """

    corpus: TokenCorpus
    reading: np.ndarray
    starts: np.ndarray
    inner: Mapping[str, InnerTokens]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> dict[str, np.ndarray]:
        """In tokens, by side: int32 [examples]. Those of the lines summed: seams change them a little."""
        return {
            side: np.add.reduceat(self.corpus.lengths[side][self.reading], self.starts[:-1]) for side in SIDES
        }

    def pairs(self, example: int) -> np.ndarray:
        """The pairs of an example, in their order."""
        return self.reading[self.starts[example] : self.starts[example + 1]]

    def sentences(self, side: str, rows: np.ndarray) -> list[np.ndarray]:
        """The token ids of one side of several examples."""
        return [joined_ids(self.corpus.sentences(side, self.pairs(row)), self.inner[side]) for row in rows]


class JoinedPasses:
    """Passes in which some examples are several pairs; see `passes.PairPasses`.

    How long the examples are differs from pass to pass, and how many batches there are does not: the target
    tokens of a batch are `batch_tokens` in the first pass, and in another what makes as many batches.

    Holds some 21 bytes a pair.

    Attributes:
        batches: how many each pass has.
    """

    def __init__(self, corpus: TokenCorpus, batch_tokens: int, seed: int, joining: Joining):
        self._corpus, self._seed, self._joining = corpus, seed, joining
        # An example that is longer than a batch would be one by itself.
        self._most_tokens = min(MOST_TOKENS, batch_tokens - 1)
        copies = copy_numbers(corpus)
        self._reading = np.argsort(copies, kind="stable").astype(np.int32)
        self._has_strange_neighbour = changes(first_tags(corpus, joining.tags)[self._reading])
        self._has_strange_neighbour |= changes(copies[self._reading])
        self.batches = 0
        if len(corpus):
            examples = self._draw(np.random.default_rng([seed, 0]), MOST_PAIRS)
            buckets = LengthBuckets(room(examples.lengths))
            self.batches = len(buckets.edges(batch_tokens)) - 1

    def plan(self, number: int) -> PassPlan:
        """The pass with this number, from 0."""
        random = np.random.default_rng([self._seed, number])
        examples = self._examples(random)
        lengths = examples.lengths
        buckets = LengthBuckets(room(lengths))
        return PassPlan(
            examples,
            order=ordered(buckets.examples, lengths["source"], random),
            edges=buckets.edges_of(self.batches),
            batches=random.permutation(self.batches),
        )

    def _examples(self, random: np.random.Generator) -> JoinedExamples:
        """The examples of a pass: at least one for each batch."""
        most_pairs = MOST_PAIRS
        examples = self._draw(random, most_pairs)
        while len(examples) < self.batches:
            # Where a batch is one long example, or two. With one pair in each there are enough.
            most_pairs //= 2
            examples = self._draw(random, most_pairs)
        return examples

    def _draw(self, random: np.random.Generator, most_pairs: int) -> JoinedExamples:
        """Examples of up to so many pairs."""
        begins = self._has_strange_neighbour.copy()
        begins[group_starts(random, len(begins), self._joining.rate, most_pairs)] = True
        longer = np.maximum(*(self._corpus.lengths[side] for side in SIDES))[self._reading]
        cut_long_groups(begins, longer, self._most_tokens)
        starts = np.append(np.flatnonzero(begins), len(begins)).astype(np.int32)
        return JoinedExamples(self._corpus, self._reading, starts, self._joining.inner)


class LengthBuckets:
    """Examples by length, from long to short, to be cut into batches.

    Args:
        lengths: the room of each, int [examples].

    Attributes:
        boundaries: the most of each bucket, or a little more.
        examples: of each bucket their numbers, int32.
    """

    def __init__(self, lengths: np.ndarray):
        boundaries = bucket_boundaries(lengths)
        self.examples = in_buckets(lengths, boundaries)[::-1]
        self.boundaries = boundaries[::-1]

    def edges(self, batch_tokens: int) -> np.ndarray:
        """Where batches begin, and the end, such that none has more tokens: int [batches + 1].

        Padding is counted. The last batch of a bucket is filled with examples of the next one. An example
        that is longer is a batch by itself.
        """
        edges = []
        begin = end = 0
        for examples, boundary in zip(self.examples, self.boundaries, strict=True):
            end += len(examples)
            rows = max(1, batch_tokens // boundary)
            begins = np.arange(begin, end, rows)
            edges.append(begins)
            begin += rows * len(begins)
        return np.concatenate([*edges, [end]])

    def edges_of(self, batches: int) -> np.ndarray:
        """As `edges`, with as few tokens as make not more than so many batches, and then just so many."""
        few, enough = 0, self.boundaries[0] * sum(map(len, self.examples))
        while enough - few > 1:
            middle = (few + enough) // 2
            if len(self.edges(middle)) - 1 > batches:
                few = middle
            else:
                enough = middle
        return halved(self.edges(enough), batches)


def halved(edges: np.ndarray, batches: int) -> np.ndarray:
    """Edges with the batches of the most rows cut in two, as often as it takes to have so many batches."""
    while missing := batches - (len(edges) - 1):
        rows = np.diff(edges)
        largest = np.argsort(-rows, kind="stable")[:missing]
        largest = largest[rows[largest] > 1]
        edges = np.sort(np.append(edges, edges[largest] + rows[largest] // 2))
    return edges


def group_starts(random: np.random.Generator, pairs: int, rate: float, most_pairs: int) -> np.ndarray:
    """Where groups and single pairs begin, of which so many pairs are made: int [groups].

    Args:
        rate: share of the pairs that are in groups; the numbers of pairs of groups are drawn evenly, from 2.
        most_pairs: of a group; with 1 there are single pairs alone.
    """
    in_groups = round(rate * pairs) if most_pairs > 1 else 0
    sizes = random.integers(2, max(2, most_pairs), in_groups // 2, np.int8, endpoint=True)
    sizes = sizes[np.cumsum(sizes, dtype=np.int32) <= in_groups]
    singles = np.ones(pairs - int(sizes.sum(dtype=np.int64)), np.int8)
    sizes = random.permutation(np.concatenate([sizes, singles]))
    return np.cumsum(sizes, dtype=np.int32) - sizes


def cut_long_groups(begins: np.ndarray, tokens: np.ndarray, most_tokens: int) -> None:
    """Cut groups so that none has too many tokens but a pair by itself.

    Args:
        begins: whether a pair begins a group: bool [pairs], is changed.
        tokens: of each pair, int [pairs].
    """
    starts = np.flatnonzero(begins)
    sizes = np.diff(starts, append=len(begins))
    # All groups at the same time, a pair of each after the other.
    totals = tokens[starts]
    for place in range(1, int(sizes.max(initial=0))):
        going_on = np.flatnonzero(sizes > place)
        pairs = starts[going_on] + place
        totals[going_on] += tokens[pairs]
        is_too_long = totals[going_on] > most_tokens
        cut, beginning = going_on[is_too_long], pairs[is_too_long]
        begins[beginning] = True
        totals[cut] = tokens[beginning]


def copy_numbers(corpus: TokenCorpus) -> np.ndarray:
    """Of each pair how many that are the same stand right before it: uint16 [pairs]."""
    is_copy = ~changes(corpus.lengths["source"]) & ~changes(corpus.lengths["target"])
    for start in range(1, len(corpus), READ_PAIRS):
        end = min(start + READ_PAIRS, len(corpus))
        for side in SIDES:
            block = corpus.block(side, start - 1, end)
            is_copy[start:end] = repeats(block, is_copy[start:end])
    places = np.arange(len(corpus), dtype=np.int32)
    last_new = np.maximum.accumulate(np.where(is_copy, 0, places))
    return np.minimum(places - last_new, np.iinfo(np.uint16).max).astype(np.uint16)


def repeats(block: SentenceBlock, may_be: np.ndarray) -> np.ndarray:
    """Which sentences but the first are the one before them: bool [sentences - 1].

    Args:
        may_be: those that are looked at; each has as many tokens as the one before it.
    """
    sentences = np.flatnonzero(may_be) + 1
    begins = block.offsets[sentences]
    lengths = block.offsets[sentences + 1] - begins
    # The tokens of all these sentences side by side: whose each is, and where it stands in the block.
    owners = np.repeat(np.arange(len(sentences)), lengths)
    places = np.arange(len(owners)) + (begins + lengths - np.cumsum(lengths))[owners]
    is_other = block.ids[places] != block.ids[places - lengths[owners]]
    is_repeat = may_be.copy()
    is_repeat[sentences[owners[is_other]] - 1] = False
    return is_repeat


def first_tags(corpus: TokenCorpus, tags: Sequence[int]) -> np.ndarray:
    """The tag that each source begins with, or 0: int32 [pairs]."""
    found_tags = np.zeros(len(corpus), np.int32)
    if not tags:
        return found_tags
    for start in range(0, len(corpus), READ_PAIRS):
        end = min(start + READ_PAIRS, len(corpus))
        block = corpus.block("source", start, end)
        with_tokens = np.flatnonzero(np.diff(block.offsets))
        first = block.ids[block.offsets[with_tokens]]
        found_tags[start + with_tokens] = np.where(np.isin(first, tags), first, 0)
    return found_tags


def changes(values: np.ndarray) -> np.ndarray:
    """Whether a value is another than the one before it; the first is: bool, as many."""
    is_other = np.ones(len(values), bool)
    is_other[1:] = values[1:] != values[:-1]
    return is_other
