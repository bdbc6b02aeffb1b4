"""Cross-entropy with label smoothing (Szegedy et al. 2016, arXiv:1512.00567, section 7), with its gradient by hand.

The output layer is most of the arithmetic of a small model, and its logits [N, V] are its largest array by far. The training loss
therefore takes the readouts a few hundred rows at a time: logits, loss and gradients of such a part stay in the processor's
cache, and no array of N x V numbers is ever made.

Shape letters: N target positions (padding included), E width of the readout, V target vocabulary.
"""

from keras import ops

from mtkit.model.recurrent import product, product_transposed, weight_gradient
from mtkit.model.scan import scan

CHUNK_ROWS = 256


def negative_log_likelihood(logits, targets, real):
    """-log p of the right tokens, summed in nats over real tokens: float32 [N, V], int32 [N], float32 [N] -> scalar."""
    right = ops.squeeze(ops.take_along_axis(logits, ops.expand_dims(targets, -1), axis=-1), -1)
    return ops.sum((ops.logsumexp(logits, axis=-1) - right) * real)


def smoothed_cross_entropy(readouts, matrix, bias, targets, real, smoothing: float, dtype: str = "float32"):
    """Loss of the output layer, summed over real target tokens.

    The target distribution gives 1 - smoothing to the right token and spreads smoothing evenly over the vocabulary:
    loss = log sum exp(z) - (1 - smoothing) z_right - smoothing mean(z), with z = readout matrix^T + bias.

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
    size = matrix.shape[0]

    @ops.custom_gradient
    def compute(readouts, matrix, bias):
        low = ops.cast(matrix, dtype)

        def part(sums, rows):
            loss, negative, dmatrix, dbias = sums
            x, targets, real = rows
            logits = product_transposed(x, low) + bias
            largest = ops.max(logits, axis=-1, keepdims=True)
            exponentials = ops.exp(logits - largest)
            total = ops.sum(exponentials, axis=-1, keepdims=True)
            log_total = ops.squeeze(ops.log(total) + largest, -1)
            positions = ops.arange(ops.shape(logits)[0], dtype="int32") * size + targets
            right = ops.take(ops.reshape(logits, (-1,)), positions)
            negative += ops.sum((log_total - right) * real)
            loss += ops.sum((log_total - (1.0 - smoothing) * right - smoothing * ops.mean(logits, axis=-1)) * real)
            weight = ops.expand_dims(real, -1)
            flat = ops.reshape(exponentials * (weight / total) - (smoothing / size) * weight, (-1,))
            right_gradient = ops.take(flat, positions) - (1.0 - smoothing) * real
            flat = ops.scatter_update(flat, ops.expand_dims(positions, -1), right_gradient)
            dlogits = ops.reshape(flat, ops.shape(logits))
            sums = (loss, negative, dmatrix + weight_gradient(dlogits, x, dtype), dbias + ops.sum(dlogits, axis=0))
            return sums, product(dlogits, low)

        zero = ops.zeros((), "float32")
        rows = ops.shape(readouts)[0]
        cut = cutter(rows)
        sums = (zero, zero, ops.zeros_like(matrix), ops.zeros_like(bias))
        (loss, negative, dmatrix, dbias), dreadouts = scan(part, sums, (cut(readouts), cut(targets), cut(real)))
        dreadouts = ops.reshape(dreadouts, (-1, readouts.shape[-1]))[:rows]

        def gradient(*args, upstream=None):
            dloss = args[0] if upstream is None else upstream[0]
            return dreadouts * dloss, dmatrix * dloss, dbias * dloss

        return (loss, negative), gradient

    return compute(readouts, matrix, bias)


def cutter(rows):
    """A function that cuts [N, ...] into [parts, rows of a part, ...]); zeros fill the last part."""
    count = (rows + CHUNK_ROWS - 1) // CHUNK_ROWS
    height = (rows + count - 1) // count

    def cut(x):
        filled = ops.pad(x, [(0, count * height - rows)] + [(0, 0)] * (len(x.shape) - 1))
        return ops.reshape(filled, (count, height, *x.shape[1:]))

    return cut
