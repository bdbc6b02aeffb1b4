"""Attention of a recurrent decoder to the source: what every kind shares.

A kind scores each source position by the decoder state; the softmax of the scores is the attention:

    a_t = softmax(score(h_t, memory))

Each kind is a subclass of `Attention` in a file of its own, named in settings.train.ATTENTIONS.

Shape letters: B sentences, S source positions, T target positions, D width of the decoder state, M width of
the memory, A width of queries and keys.
"""

import math
from abc import ABC, abstractmethod
from typing import Any, NamedTuple

from keras import ops

from mtkit.model.base import TranslationModel
from mtkit.model.product import product
from mtkit.settings.train import ModelSettings

# Added to the score of a padded position.
MASKED = -1e9


class SourceMemory(NamedTuple):
    """What the decoder attends to; nothing for attention none.

    Attributes:
        keys: [B, S, A], made once, since they depend on the source alone.
        values: [B, S, M].
        bias: [B, S], 0, or MASKED at padding.
        rate: [B, S], one over the fertility; None without coverage.
    """

    keys: Any = None
    values: Any = None
    bias: Any = None
    rate: Any = None


class ScoreGradient(NamedTuple):
    """The gradients of the scores of one step, and what those of the weights are made of afterwards.

    Attributes:
        state: of h, [B, D].
        coverage: [B, S]; 0 for a kind that does not look at it.
        sums: added up over the steps, in the structure of `Attention.no_sums`.
        produced: stacked over the steps, arrays by name.
    """

    state: Any
    coverage: Any
    sums: tuple
    produced: dict[str, Any]


class KeyGradient(NamedTuple):
    """What is left for after the backward steps.

    Attributes:
        keys: [B, S, A].
        weights: those of `Attention.weights`, by name, without "keys".
    """

    keys: Any
    weights: dict[str, Any]


class Attention(ABC):
    """A kind of attention, to the memory of some sentences.

    Args:
        weights: those that `new_weights` made, without "keys"; matrices in the dtype of products.
        memory: what is attended to.
        scaled: whether scores are divided by the root of A.

    Attributes:
        covers: whether scores of this kind look at the coverage.
    """

    covers = False

    def __init__(self, weights: dict[str, Any], memory: SourceMemory, scaled: bool):
        self.weights, self.memory, self.scaled = weights, memory, scaled

    # What a kind says of itself.

    @classmethod
    def check(cls, settings: ModelSettings) -> None:
        """Raise SettingsError where complete settings do not suit this kind."""
        return  # most kinds have nothing to refuse

    @classmethod
    @abstractmethod
    def new_weights(cls, model: TranslationModel) -> dict[str, Any]:
        """New weights by name, made by the model's `new_matrix` and `new_vector`; "keys" makes the keys."""

    @abstractmethod
    def scores(self, h, coverage) -> tuple[Any, dict[str, Any]]:
        """(scores [B, S], what `scores_backward` needs, arrays by name).

        Args:
            h: the decoder state, float32 [B, D].
            coverage: float32 [B, S], how much of each position was attended to so far; 0 without.
        """

    @abstractmethod
    def scores_backward(self, dscores, h, kept: dict[str, Any]) -> ScoreGradient:
        """Gradients of `scores`.

        Args:
            dscores: float32 [B, S].
            kept: what `scores` gave to keep.
        """

    def no_sums(self) -> tuple:
        """Zeros for `ScoreGradient.sums`."""
        return ()

    @abstractmethod
    def finish(self, states, kept, produced, sums: tuple, dtype: str) -> KeyGradient:
        """The gradients over all positions.

        Args:
            states: h at all positions, [T, B, D].
            kept, produced: arrays [T, ...] by name; produced with "scores", the gradient of the scores.
            dtype: of products.
        """

    # What all share.

    @staticmethod
    def keys_of(values, matrix):
        """Keys [B, S, A] of values [B, S, M].

        Args:
            matrix: [M, A], the weight "keys" in the dtype of products; None without, the keys are the values.
        """
        return values if matrix is None else product(values, matrix)

    @property
    def divisor(self) -> float:
        """What scores are divided by."""
        return math.sqrt(self.memory.keys.shape[-1]) if self.scaled else 1.0

    def attend(self, h, coverage) -> tuple[Any, dict[str, Any]]:
        """(attention, float32 [B, S]; what `attend_backward` needs); arguments as for `scores`."""
        scores, kept = self.scores(h, coverage)
        if self.scaled:
            scores = scores / self.divisor
        return ops.softmax(scores + self.memory.bias, axis=-1), kept

    def attend_backward(self, dattention, attention, h, kept: dict[str, Any]) -> ScoreGradient:
        """Gradients of `attend`; dattention and attention float32 [B, S]."""
        dscores = attention * (dattention - ops.sum(attention * dattention, axis=-1, keepdims=True))
        if self.scaled:
            dscores = dscores / self.divisor
        gradient = self.scores_backward(dscores, h, kept)
        return gradient._replace(produced={**gradient.produced, "scores": dscores})

    def context(self, attention):
        """The values in the shares of the attention: [B, S] -> [B, M]."""
        return ops.squeeze(ops.matmul(ops.expand_dims(attention, 1), self.memory.values), 1)

    def context_backward(self, dcontext):
        """The gradient of `context` by the attention: [B, M] -> [B, S]."""
        return ops.squeeze(ops.matmul(self.memory.values, ops.expand_dims(dcontext, -1)), -1)


def over_steps(left, right):
    """Sum over the steps of the outer products of [T, B, X] and [T, B, Y]: [B, X, Y]."""
    return ops.matmul(ops.transpose(left, (1, 2, 0)), ops.transpose(right, (1, 0, 2)))
