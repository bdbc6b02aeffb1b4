"""Products with weight matrices, and layer normalisation: what the layers of every model are made of.

Shape letters: I width of the input, O of the output.
"""

from typing import Any, NamedTuple

from keras import ops

# Keeps layer normalisation from dividing by zero.
SMALLEST_VARIANCE = 1e-5


class Affine(NamedTuple):
    """x @ matrix + bias: [I, O] and [O]."""

    matrix: Any
    bias: Any


def product(x, matrix):
    """x @ matrix, [..., I] x [I, O] -> float32 [..., O], in the dtype of the matrix."""
    return ops.cast(ops.matmul(ops.cast(x, matrix.dtype), matrix), "float32")


def weight_gradient(x, upstream, dtype):
    """Gradient of `product` by its matrix, over all positions: [..., I] and [..., O] -> float32 [I, O]."""
    x = ops.cast(ops.reshape(x, (-1, x.shape[-1])), dtype)
    upstream = ops.cast(ops.reshape(upstream, (-1, upstream.shape[-1])), dtype)
    return ops.cast(ops.matmul(ops.transpose(x), upstream), "float32")


def normalise(x):
    """Layer normalisation (Ba et al. 2016, arXiv:1607.06450, eq. 4) without gain and bias.

    Returns:
        (normal values [..., G], one over the standard deviation [..., 1]): all that the gradient needs.
    """
    centred = x - ops.mean(x, axis=-1, keepdims=True)
    inverse = ops.rsqrt(ops.mean(centred * centred, axis=-1, keepdims=True) + SMALLEST_VARIANCE)
    return centred * inverse, inverse


def layer_norm(x, gain, bias):
    """Layer normalisation over the last axis: [..., G], gain and bias [G]."""
    return normalise(x)[0] * gain + bias
