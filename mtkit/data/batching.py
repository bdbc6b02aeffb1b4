"""Batches of similar length: batch(step) is a pure function of step, corpus, settings and seed.

How many batches an epoch has is the same in every epoch, so a step names an epoch and a batch without any
state. Which rows a batch has is planned an epoch at a time (`passes.py`, `joining.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mtkit.data.context import Context
from mtkit.data.joining import JoinedPasses, Joining
from mtkit.data.passes import PairPasses, PassPlan
from mtkit.data.store import SIDES, TokenCorpus
from mtkit.text.sampling import SubwordSampler
from mtkit.text.special import BEGIN_ID, END_ID, PAD_ID

# Tells the random numbers of subword sampling from those of the order of an epoch.
SUBWORDS = 1


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


class Batches:
    """The batches of a corpus.

    Args:
        batch_tokens: most target tokens of a batch, padding included, as the corpus is stored; subword
            sampling makes them more.
        samplers: for each side, what splits its words anew in every batch; None for pieces as they are
            stored.
        joining: how neighbours are joined to longer examples; None for a pair in each row.
        context: what is read before the sources; not together with joining.

    Attributes:
        per_epoch: how many each epoch has.
    """

    def __init__(
        self,
        corpus: TokenCorpus,
        batch_tokens: int,
        seed: int,
        samplers: Mapping[str, SubwordSampler] | None = None,
        joining: Joining | None = None,
        context: Context | None = None,
    ):
        self.seed = seed
        self.samplers = samplers
        if joining:
            self._passes = JoinedPasses(corpus, batch_tokens, seed, joining)
        else:
            self._passes = PairPasses(corpus, batch_tokens, seed, context)
        self.per_epoch = self._passes.batches
        self._planned: tuple[int, PassPlan] | None = None

    def batch(self, step: int, worker: int = 0, workers: int = 1) -> Batch:
        """The batch of a step (from 0), or the share of a worker: every n-th row, maybe none."""
        epoch, place = divmod(step, self.per_epoch)
        plan = self._plan(epoch)
        rows = plan.rows(place)[worker::workers]
        sides = {side: plan.examples.sentences(side, rows) for side in SIDES}
        if self.samplers:
            random = np.random.default_rng([self.seed, step, SUBWORDS + worker])
            sides = {side: self.samplers[side].sample(sentences, random) for side, sentences in sides.items()}
        return make_batch(**sides)

    def padding_share(self) -> float:
        """Share of the cells of source and target arrays that hold padding, in the first epoch."""
        plan = self._plan(0)
        cells = tokens = 0
        for side in SIDES:
            lengths = plan.examples.lengths[side] + 1
            longest = (
                np.maximum.reduceat(lengths[plan.order], plan.edges[:-1]) if self.per_epoch else np.zeros(0)
            )
            cells += int((longest * np.diff(plan.edges)).sum())
            tokens += int(lengths.sum())
        return 1.0 - tokens / cells if cells else 0.0

    def _plan(self, epoch: int) -> PassPlan:
        """The plan of an epoch; the last one that was asked for is kept."""
        if self._planned is None or self._planned[0] != epoch:
            self._planned = (epoch, self._passes.plan(epoch))
        return self._planned[1]


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
