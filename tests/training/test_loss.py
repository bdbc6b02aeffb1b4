"""The loss against figures by hand, and its gradient against automatic differentiation."""

import math

import numpy as np
import pytest
import tensorflow as tf

from mtkit.training.loss import negative_log_likelihood, smoothed_cross_entropy


def test_smoothed_loss_by_hand():
    """Two classes, logits 0 and ln 3: probabilities 1/4 and 3/4; padding counts nothing."""
    logits = tf.constant([[0.0, math.log(3.0)], [5.0, 5.0]])
    loss, negative = smoothed_cross_entropy(
        logits, tf.eye(2), tf.zeros(2), tf.constant([1, 0]), tf.constant([1.0, 0.0]), 0.2
    )
    assert float(negative) == pytest.approx(-math.log(0.75), abs=1e-6)
    assert float(loss) == pytest.approx(-0.9 * math.log(0.75) - 0.1 * math.log(0.25), abs=1e-6)


@pytest.mark.parametrize("rows", [1, 6, 256, 257, 600])
def test_loss_and_gradients_equal_automatic_differentiation(rows):
    """Whatever the number of rows: those of one part, exactly one part, and parts of unequal size."""
    random = np.random.default_rng(0)
    readouts, matrix, bias = (
        tf.constant(random.normal(size=shape), tf.float32) for shape in ((rows, 5), (9, 5), (9,))
    )
    targets, real = (
        tf.constant(random.integers(0, 9, rows), tf.int32),
        tf.constant(random.integers(0, 2, rows), tf.float32),
    )
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([readouts, matrix, bias])
        loss, negative = smoothed_cross_entropy(readouts, matrix, bias, targets, real, 0.1)
        ours = loss * 3.0
        logits = readouts @ tf.transpose(matrix) + bias
        wanted = tf.one_hot(targets, 9) * 0.9 + 0.1 / 9
        plain = 3.0 * tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(wanted, logits) * real)
    assert float(ours) == pytest.approx(float(plain), rel=1e-5)
    assert float(negative) == pytest.approx(float(negative_log_likelihood(logits, targets, real)), rel=1e-5)
    gradients = (tape.gradient(value, [readouts, matrix, bias]) for value in (ours, plain))
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5 * max(1, rows // 10))
