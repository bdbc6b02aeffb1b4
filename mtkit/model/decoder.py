"""The decoder, which attends at every step; for the loop over a whole target see decoder_loop.py.

A decoder step (Luong et al. 2015, arXiv:1508.04025, section 3):

    h_t = cell(embedding_t, feed_t-1, h_t-1)
    a_t = attention(h_t, memory)                see attention.py
    f_t = tanh(h_t Wh + (a_t memory) Wc)        the readout, fed to step t + 1 where input feeding is on

Shape letters: B sentences, S source positions, T target positions, D decoder width, M memory width, R width
of the readout, G width of the gates.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from keras import ops

from mtkit.model.attention import Attention, SourceMemory
from mtkit.model.cells import Cell, CellStep, cell_step
from mtkit.model.product import product


@dataclass(frozen=True)
class DecoderKind:
    """What a decoder is made of.

    Attributes:
        cell: its recurrent cell.
        attention: its kind of attention; None without.
        scaled: whether scores are divided by the root of their width.
    """

    cell: Cell
    attention: type[Attention] | None
    scaled: bool = False


@dataclass(frozen=True)
class DecoderWeights:
    """The weights of a decoder step; an absent one is None.

    Attributes:
        recurrent: U, [D, G].
        feed: from the readout before to the gates, [R, G]; None without input feeding.
        readout_state: Wh, [D, R].
        readout_context: Wc, [M, R]; None without attention.
        gain: of layer normalisation, [G]; None without. What is normalised is h U, and with it the readout
            before, where the cell takes both as a sum.
        attention: those of `Attention.weights`.
    """

    recurrent: Any
    feed: Any
    readout_state: Any
    readout_context: Any
    gain: Any
    attention: dict[str, Any]

    def present(self) -> dict[str, Any]:
        """Those that are there, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def in_dtype(self, dtype: str) -> "DecoderWeights":
        """Matrices in the dtype of products; vectors stay float32."""
        return DecoderWeights(
            recurrent=_in_dtype(self.recurrent, dtype),
            feed=_in_dtype(self.feed, dtype),
            readout_state=_in_dtype(self.readout_state, dtype),
            readout_context=_in_dtype(self.readout_context, dtype),
            gain=self.gain,
            attention={name: _in_dtype(weight, dtype) for name, weight in self.attention.items()},
        )


def _in_dtype(weight, dtype: str):
    """A matrix in a dtype; a vector as it is, and None too."""
    return weight if weight is None or len(weight.shape) == 1 else ops.cast(weight, dtype)


class DecoderState(NamedTuple):
    """What a decoder step hands on to the next.

    Attributes:
        cell: the cell's arrays, each float32 [B, D]; the first is h.
        feed: float32 [B, R], the readout.
        coverage: float32 [B, S], how much of each position was attended to; a scalar 0 without coverage.
    """

    cell: tuple
    feed: Any
    coverage: Any


class DecoderStep(NamedTuple):
    """A step of the decoder; without attention the last three are empty.

    Attributes:
        state: the new one.
        cell: what the gradient of the cell needs.
        attention: float32 [B, S].
        context: float32 [B, M], the values in the shares of the attention.
        scored: what the gradient of the attention needs.
    """

    state: DecoderState
    cell: CellStep
    attention: Any = ()
    context: Any = ()
    scored: Any = ()


class Decoder:
    """A decoder for some sentences; training and search both use it.

    Args:
        weights: matrices in the dtype of products.
        memory: what is attended to.

    Attributes:
        gates: [R + D, G], for the readout before and h side by side; U alone without input feeding, or where
            the cell needs h @ U apart.
        feed: [R, G], where `gates` does not hold it.
        readout: [D + M, R], for h and the context side by side; [D, R] without attention.
    """

    def __init__(self, kind: DecoderKind, weights: DecoderWeights, memory: SourceMemory):
        self.cell, self.memory, self.gain = kind.cell, memory, weights.gain
        self.gates, self.feed, self.readout = weights.recurrent, weights.feed, weights.readout_state
        self.attention = None
        if kind.attention:
            self.attention = kind.attention(weights.attention, memory, kind.scaled)
            self.readout = ops.concatenate([self.readout, weights.readout_context])
        if self.feed is not None and self.cell.sums:
            self.gates, self.feed = ops.concatenate([self.feed, self.gates]), None

    @property
    def width(self) -> int:
        """D."""
        return self.gates.shape[1] // self.cell.gates

    @property
    def feeds(self) -> bool:
        """Whether the readout before reaches the gates."""
        return self.feed is not None or self.gates.shape[0] > self.width

    def step(self, inputs, before: DecoderState) -> DecoderStep:
        """One position on, without dropout.

        Args:
            inputs: float32 [B, G], the part of the gates from the target embedding, bias included.
            before: the state that the step before gave.
        """
        h = before.cell[0]
        if self.feed is not None:
            inputs = inputs + product(before.feed, self.feed)
        elif self.feeds:
            h = ops.concatenate([before.feed, h], axis=-1)  # [B, R + D]
        cell = cell_step(self.cell, inputs, before.cell, product(h, self.gates), self.gain)
        h = cell.state[0]
        if not self.attention:
            readout = ops.tanh(product(h, self.readout))
            return DecoderStep(DecoderState(cell.state, readout, before.coverage), cell)
        attention, scored = self.attention.attend(h, before.coverage)
        context = self.attention.context(attention)
        readout = ops.tanh(product(ops.concatenate([h, context], axis=-1), self.readout))
        coverage = before.coverage
        if self.memory.rate is not None:
            coverage = coverage + attention * self.memory.rate
        return DecoderStep(DecoderState(cell.state, readout, coverage), cell, attention, context, scored)
