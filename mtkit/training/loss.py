"""Cross-entropy with label smoothing (Szegedy et al. 2016, arXiv:1512.00567, section 7), gradient by hand.

The output layer is most of the arithmetic of a small model, and its logits [N, V] are its largest array by
far. The training loss therefore takes the readouts a few hundred rows at a time: logits, loss and gradients
of such a part stay in the processor's cache, and no array of N x V numbers is ever made.

Shape letters: N target positions (padding included), P rows of a part, E width of the readout, V vocabulary.
"""

from functools import partial
from typing import Any, NamedTuple

from keras import ops

from mtkit.model.gradient import with_gradient
from mtkit.model.product import product, weight_gradient
from mtkit.model.scan import scan

CHUNK_ROWS = 512
# Below it a probability is no normal float32 number.
SMALLEST_PROBABILITY = 1e-37


def negative_log_likelihood(logits, targets, real):
    """-log p of the right tokens, summed in nats over real tokens.

    Args:
        logits: float32 [N, V].
        targets: int32 [N].
        real: float32 [N], 1 for a token that counts, 0 for padding.
    """
    right = ops.squeeze(ops.take_along_axis(logits, ops.expand_dims(targets, -1), axis=-1), -1)
    return ops.sum((ops.logsumexp(logits, axis=-1) - right) * real)


def smoothed_cross_entropy(readouts, matrix, bias, targets, real, smoothing: float, dtype: str = "float32"):
    """Loss of the output layer, summed over real target tokens.

    The target distribution gives 1 - smoothing to the right token and spreads smoothing evenly over the
    vocabulary: loss = log sum exp(z) - (1 - smoothing) z_right - smoothing mean(z), with z = readout matrix^T
    + bias.

    Args:
        readouts: float32 [N, E].
        matrix: float32 [V, E].
        bias: float32 [V].
        targets: int32 [N], the right tokens.
        real: float32 [N], 1 for a token that counts, 0 for padding.
        smoothing: in [0, 1).
        dtype: of the matrix products.

    Returns:
        (loss to minimise, plain negative log-likelihood without smoothing), each a float32 scalar in nats.
    """
    arguments = OutputLayer(readouts, matrix, bias)
    return with_gradient(partial(_loss_and_gradient, targets, real, smoothing, dtype), arguments)


class OutputLayer(NamedTuple):
    """What the loss has a gradient by; or that gradient.

    Attributes:
        readouts: [N, E].
        matrix: [V, E].
        bias: [V].
    """

    readouts: Any
    matrix: Any
    bias: Any


class PartSums(NamedTuple):
    """What is summed over the parts: the negative log-likelihood, and its gradients by matrix and bias."""

    negative: Any
    matrix: Any
    bias: Any


def _loss_and_gradient(targets, real, smoothing: float, dtype: str, layer: OutputLayer):
    """See `smoothed_cross_entropy`. The gradient is made along with the loss: it needs no pass of its own."""
    readouts, matrix, bias = layer
    sums, dreadouts = _by_parts(layer, targets, real, dtype)
    # So far the gradient is that of log sum exp(z): the probabilities. What is left is the target
    # distribution, which is one and the same number everywhere but at the right tokens: it takes no pass over
    # N x V numbers.
    size, even, sharp = matrix.shape[0], smoothing / matrix.shape[0], 1.0 - smoothing
    weight = ops.expand_dims(real, -1)
    weighted = readouts * weight
    right_rows = ops.take(matrix, targets, axis=0)  # [N, E]
    total, tokens = ops.sum(weighted, axis=0), ops.sum(real)
    gradient = OutputLayer(
        dreadouts - weight * (even * ops.sum(matrix, axis=0) + sharp * right_rows),
        sums.matrix - (even * total + sharp * ops.segment_sum(weighted, targets, size)),
        sums.bias - (even * tokens + sharp * ops.segment_sum(real, targets, size)),
    )
    # loss = surprise + smoothing (z_right - mean(z))
    right_scores = ops.sum(weighted * right_rows) + ops.sum(real * ops.take(bias, targets))
    mean_scores = (ops.sum(total * ops.sum(matrix, axis=0)) + tokens * ops.sum(bias)) / size
    loss = sums.negative + smoothing * (right_scores - mean_scores)
    return (loss, sums.negative), partial(_scaled, gradient)


def _scaled(gradient: OutputLayer, dloss, _) -> OutputLayer:
    """The gradient for an upstream one; the plain log-likelihood, the second output, has none."""
    return OutputLayer(*(array * dloss for array in gradient))


def _by_parts(layer: OutputLayer, targets, real, dtype: str) -> tuple[PartSums, Any]:
    """Of the negative log-likelihood, part by part: (sums, the gradient by the readouts [N, E])."""
    readouts, matrix, bias = layer
    first = PartSums(ops.zeros((), "float32"), ops.zeros_like(matrix), ops.zeros_like(bias))
    count = ops.shape(readouts)[0]
    rows = tuple(cut(array, count) for array in (readouts, targets, real))
    sums, dreadouts = scan(partial(_part, ops.cast(matrix, dtype), bias), first, rows)
    return sums, ops.reshape(dreadouts, (-1, readouts.shape[-1]))[:count]


def _part(matrix, bias, sums: PartSums, rows):
    """The sums with a part of the rows, and the gradient by their readouts, [P, E].

    Args:
        matrix: in the dtype of products.
        rows: readouts [P, E], right tokens [P], 1 or 0 for real or padding [P].
    """
    readouts, targets, real = rows
    probabilities = ops.softmax(product(readouts, ops.transpose(matrix)) + bias, axis=-1)  # [P, V]
    positions = ops.arange(ops.shape(readouts)[0], dtype="int32") * matrix.shape[0] + targets
    right = ops.take(ops.reshape(probabilities, (-1,)), positions)
    surprise = -ops.log(ops.maximum(right, SMALLEST_PROBABILITY))
    weight = ops.expand_dims(real, -1)
    by_matrix = weight_gradient(probabilities, readouts * weight, matrix.dtype)
    by_bias = ops.squeeze(ops.matmul(ops.transpose(weight), probabilities), 0)
    sums = PartSums(sums.negative + ops.sum(surprise * real), sums.matrix + by_matrix, sums.bias + by_bias)
    return sums, product(probabilities, matrix) * weight


def cut(x, rows):
    """Rows [N, ...] in parts of equal height: [parts, P, ...]; zeros fill the last part."""
    count = rows // CHUNK_ROWS + 1
    height = (rows + count - 1) // count
    filled = ops.pad(x, [(0, count * height - rows)] + [(0, 0)] * (len(x.shape) - 1))
    return ops.reshape(filled, (count, height, *x.shape[1:]))
