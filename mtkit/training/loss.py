"""Cross-entropy with label smoothing (Szegedy et al. 2016, arXiv:1512.00567, section 7), with its gradient by hand."""

from keras import ops


def smoothed_cross_entropy(logits, targets, real, smoothing: float):
    """Loss summed over real target tokens.

    The target distribution gives 1 - smoothing to the right token and spreads smoothing evenly over the vocabulary:
    loss = log sum exp(z) - (1 - smoothing) z_right - smoothing mean(z).

    Args:
        logits: float32 [N, V].
        targets: int32 [N], the right tokens.
        real: float32 [N], 1 for a token that counts, 0 for padding.
        smoothing: in [0, 1).

    Returns:
        (loss to minimise, plain negative log-likelihood without smoothing), each a float32 scalar in nats.
    """

    @ops.custom_gradient
    def compute(logits):
        size = logits.shape[-1]
        largest = ops.max(logits, axis=-1, keepdims=True)
        exponentials = ops.exp(logits - largest)
        total = ops.sum(exponentials, axis=-1, keepdims=True)
        log_total = ops.squeeze(ops.log(total) + largest, -1)
        positions = ops.arange(ops.shape(logits)[0], dtype="int32") * size + targets
        right = ops.take(ops.reshape(logits, (-1,)), positions)
        negative = ops.sum((log_total - right) * real)
        loss = ops.sum((log_total - (1.0 - smoothing) * right - smoothing * ops.mean(logits, axis=-1)) * real)

        def gradient(*args, upstream=None):
            dloss = args[0] if upstream is None else upstream[0]
            weight = ops.expand_dims(real, -1) * dloss
            smooth = exponentials * (weight / total) - (smoothing / size) * weight
            flat = ops.reshape(smooth, (-1,))
            change = ops.reshape(-(1.0 - smoothing) * weight, (-1,))
            flat = ops.scatter_update(flat, ops.expand_dims(positions, -1), ops.take(flat, positions) + change)
            return ops.reshape(flat, ops.shape(logits))

        return (loss, negative), gradient

    return compute(logits)
