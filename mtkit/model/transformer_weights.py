"""The weights of a Transformer's layers (Vaswani et al. 2017, arXiv:1706.03762).

Shape letters: E width of the model, F width of the feed-forward layer.
"""

from typing import Any, NamedTuple

from keras import ops

from mtkit.model.base import size
from mtkit.model.product import Affine


class Normal(NamedTuple):
    """Layer normalisation: gain and bias, [E]."""

    gain: Any
    bias: Any


class MultiHead(NamedTuple):
    """Multi-head attention (section 3.2.2), and the layer normalisation at it.

    Attributes:
        queries: [E, E].
        memory: keys and values side by side, [E, 2E].
        output: [E, E].
        positions: what `Positions.new_in_layer` made; None for attention to the source.
    """

    queries: Affine
    memory: Affine
    output: Affine
    normal: Normal
    positions: Any = None

    @property
    def together(self) -> Affine:
        """Queries, keys and values side by side, [E, 3E], for attention of a text to itself."""
        return Affine(
            ops.concatenate([self.queries.matrix, self.memory.matrix], axis=-1),
            ops.concatenate([self.queries.bias, self.memory.bias], axis=-1),
        )


class FeedForward(NamedTuple):
    """Position-wise feed-forward layer (section 3.3), and the layer normalisation at it.

    Attributes:
        inner: [E, F]; [E, 2F] for swiglu, the gate first (Shazeer 2020, arXiv:2002.05202).
        outer: [F, E].
    """

    inner: Affine
    outer: Affine
    normal: Normal


class Layer(NamedTuple):
    """A layer of the encoder, or with `cross`, attention to the source, of the decoder."""

    self_attention: MultiHead
    cross: MultiHead | None
    feed_forward: FeedForward


def own_size(layer: Layer) -> int:
    """Numbers in the matrices of a layer, attention to the source left out."""
    attention, network = layer.self_attention, layer.feed_forward
    affines = (attention.queries, attention.memory, attention.output, network.inner, network.outer)
    return size(*(affine.matrix for affine in affines))
