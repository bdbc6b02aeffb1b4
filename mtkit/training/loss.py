"""Cross-entropy with label smoothing (Szegedy et al. 2016, arXiv:1512.00567, section 7), with its gradient by
hand.

The output layer is most of the arithmetic of a small model, and its logits [N, V] are its largest array by
far. The training loss
therefore takes the readouts a few hundred rows at a time: logits, loss and gradients of such a part stay in
the processor's cache, and no array of N x V numbers is ever made.

Shape letters: N target positions (padding included), E width of the readout, V target vocabulary.
"""

from keras import ops

from mtkit.model.product import product, weight_gradient
from mtkit.model.scan import scan

CHUNK_ROWS = 512
# Below it a probability is no normal float32 number.
SMALLEST_PROBABILITY = 1e-37


def negative_log_likelihood(logits, targets, real):
    """-log p of the right tokens, summed in nats over real tokens: float32 [N, V], int32 [N], float32 [N] ->
    scalar.
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
    size, even = matrix.shape[0], smoothing / matrix.shape[0]

    @ops.custom_gradient
    def compute(readouts, matrix, bias):
        low = ops.cast(matrix, dtype)

        def part(sums, rows):
            negative, dmatrix, dbias = sums
            x, targets, real = rows
            probabilities = ops.softmax(product(x, ops.transpose(low)) + bias, axis=-1)
            positions = ops.arange(ops.shape(x)[0], dtype="int32") * size + targets
            right = ops.take(ops.reshape(probabilities, (-1,)), positions)
            surprise = -ops.log(ops.maximum(right, SMALLEST_PROBABILITY))
            weight = ops.expand_dims(real, -1)
            dmatrix += weight_gradient(probabilities, x * weight, dtype)
            dbias += ops.squeeze(ops.matmul(ops.transpose(weight), probabilities), 0)
            return (negative + ops.sum(surprise * real), dmatrix, dbias), product(probabilities, low) * weight

        zero = ops.zeros((), "float32")
        rows = ops.shape(readouts)[0]
        cut = cutter(rows)
        sums = (zero, ops.zeros_like(matrix), ops.zeros_like(bias))
        (negative, dmatrix, dbias), dreadouts = scan(part, sums, (cut(readouts), cut(targets), cut(real)))
        dreadouts = ops.reshape(dreadouts, (-1, readouts.shape[-1]))[:rows]

        # So far the gradient is that of log sum exp(z): the probabilities. The rest is the target
        # distribution, which is one and
        # the same number everywhere but at the right tokens: it takes no pass over N x V numbers.
        weight = ops.expand_dims(real, -1)
        weighted = readouts * weight
        right_rows = ops.take(matrix, targets, axis=0)
        total, tokens = ops.sum(weighted, axis=0), ops.sum(real)
        dreadouts -= weight * (even * ops.sum(matrix, axis=0) + (1.0 - smoothing) * right_rows)
        dmatrix -= even * total + (1.0 - smoothing) * ops.segment_sum(weighted, targets, size)
        dbias -= even * tokens + (1.0 - smoothing) * ops.segment_sum(real, targets, size)
        # loss = log sum exp(z) - (1 - smoothing) z_right - smoothing mean(z) = surprise + smoothing (z_right
        # - mean(z))
        right_scores = ops.sum(weighted * right_rows) + ops.sum(real * ops.take(bias, targets))
        mean_scores = (ops.sum(total * ops.sum(matrix, axis=0)) + tokens * ops.sum(bias)) / size
        loss = negative + smoothing * (right_scores - mean_scores)

        def gradient(*args, upstream=None):
            # One by one, or as one tuple: backends differ.
            dloss = args[0] if upstream is None else upstream
            dloss = dloss[0] if isinstance(dloss, (tuple, list)) else dloss
            return dreadouts * dloss, dmatrix * dloss, dbias * dloss

        return (loss, negative), gradient

    return compute(readouts, matrix, bias)


def cutter(rows):
    """A function that cuts [N, ...] into [parts, rows of a part, ...]); zeros fill the last part."""
    count = rows // CHUNK_ROWS + 1
    height = (rows + count - 1) // count

    def cut(x):
        filled = ops.pad(x, [(0, count * height - rows)] + [(0, 0)] * (len(x.shape) - 1))
        return ops.reshape(filled, (count, height, *x.shape[1:]))

    return cut
