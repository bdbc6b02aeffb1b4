"""Training with context: the sentences before each one are read too, some of them in each pass.

A source is then some sentences of its document, a mark, and the sentence that is translated; the target is
that of this sentence alone (Tiedemann and Scherrer 2017, arXiv:1708.05943, who call it 2+1 where one sentence
is read before). How many sentences are read is drawn anew in each pass, from none to as many as there are: so
the model learns to translate the first sentence of a document too, or one by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mtkit.data.store import TokenCorpus

# Tokens of a context: further sentences would make it longer, and are left out. Attention takes memory by the
# square of what is read.
MOST_CONTEXT_TOKENS = 128


@dataclass(frozen=True)
class Context:
    """What is read before a sentence.

    Attributes:
        most_sentences: so many at most.
        mark: the token between them and the sentence.
        drawn: whether fewer are read as it is drawn; else as many as there are.
    """

    most_sentences: int
    mark: int
    drawn: bool = True


@dataclass(frozen=True)
class ContextExamples:
    """A corpus whose pairs are read with sentences before them: what a pass reads (`passes.Examples`).

    Attributes:
        predecessors: see `TokenCorpus.predecessors`.
        counts: how many sentences before each are read, uint8 [pairs].
        mark: see `Context`.
    """

    corpus: TokenCorpus
    predecessors: np.ndarray
    counts: np.ndarray
    mark: int

    def __len__(self) -> int:
        return len(self.corpus)

    @property
    def lengths(self) -> dict[str, np.ndarray]:
        """In tokens, by side: int32 [examples]; of sources with context and mark."""
        lengths = self.corpus.lengths["source"]
        source = lengths + (self.counts > 0)
        earlier = np.arange(len(self))
        for number in range(int(self.counts.max(initial=0))):
            earlier = self.predecessors[earlier]
            source += np.where(self.counts > number, lengths[earlier], 0)
        return {**self.corpus.lengths, "source": source}

    def sentences(self, side: str, rows: np.ndarray) -> list[np.ndarray]:
        """The token ids of one side of several examples."""
        if side == "target":
            return self.corpus.sentences(side, rows)
        return [self._source(int(row)) for row in rows]

    def _source(self, pair: int) -> np.ndarray:
        """The source of a pair behind its context."""
        pairs = [pair]
        for _ in range(self.counts[pair]):
            pairs.append(int(self.predecessors[pairs[-1]]))
        *before, source = self.corpus.sentences("source", np.array(pairs[::-1]))
        if not before:
            return source
        return np.concatenate([*before, np.array([self.mark], source.dtype), source])


class ContextDrawing:
    """Draws how many sentences before each are read.

    Args:
        corpus: prepared with context.
    """

    def __init__(self, corpus: TokenCorpus, context: Context):
        self._corpus, self._context = corpus, context
        self._predecessors = corpus.predecessors()
        self._available = sentences_before(
            self._predecessors, corpus.lengths["source"], context.most_sentences
        )

    def fullest(self) -> ContextExamples:
        """Those where as much is read as there is."""
        return ContextExamples(self._corpus, self._predecessors, self._available, self._context.mark)

    def examples(self, random: np.random.Generator) -> ContextExamples:
        """Those of a pass."""
        examples = self.fullest()
        if not self._context.drawn:
            return examples
        counts = random.integers(0, self._available, dtype=np.uint8, endpoint=True)
        return replace(examples, counts=counts)


def sentences_before(predecessors: np.ndarray, lengths: np.ndarray, most: int) -> np.ndarray:
    """How many sentences can be read before each: uint8 [pairs].

    Args:
        predecessors: int32 [pairs], -1 where there is none.
        lengths: of the sentences, int32 [pairs].
        most: so many at most, and `MOST_CONTEXT_TOKENS` tokens together.
    """
    counts = np.zeros(len(predecessors), np.uint8)
    tokens = np.zeros(len(predecessors), np.int32)
    goes_on = np.ones(len(predecessors), bool)
    earlier = np.arange(len(predecessors))
    for _ in range(most):
        earlier = predecessors[earlier]
        goes_on &= earlier >= 0
        tokens += np.where(goes_on, lengths[earlier], 0)
        goes_on &= tokens <= MOST_CONTEXT_TOKENS
        counts += goes_on
    return counts


def behind_context(context: Sequence[Sequence[int]], source: list[int], mark: int) -> list[int]:
    """A sentence behind its context and the mark, or alone where nothing of the context can be read.

    Args:
        context: the tokens of the sentences before; those that are nearest are read, as in training.
    """
    before: list[int] = []
    for sentence in reversed(context):
        if len(before) + len(sentence) > MOST_CONTEXT_TOKENS:
            break
        before = [*sentence, *before]
    return [*before, mark, *source] if before else source
