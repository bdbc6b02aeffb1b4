"""Weight matrices as whole numbers of eight bits, such that every processor computes the same products.

A processor without VNNI instructions (many that are in use have no more than AVX2) multiplies two
neighbouring uint8 activations with two int8 weights and keeps the sum of both products in 16 bits. What
does not fit is cut off, in ONNX Runtime as in the oneDNN of CTranslate2. So the scale of a column is such
that no two neighbours of one sign add up to more than 128: 255 * 128 fits. It is some 1.3 times as coarse
as the largest weight would need.
"""

import numpy as np

LARGEST = 127
# A column of zeros has a scale too.
SMALLEST_SCALE = 1e-12 / LARGEST


def in_int8(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round a weight matrix.

    Args:
        weights: float32 [I, O].

    Returns:
        The whole numbers, int8 [I, O], and the scale of each column, float32 [O].
    """
    largest = np.maximum(np.abs(weights).max(axis=0), neighbour_sums(weights).max(axis=0))
    scales = np.maximum(largest / LARGEST, SMALLEST_SCALE)
    return np.round(weights / scales).astype(np.int8), scales.astype(np.float32)


def neighbour_sums(weights: np.ndarray) -> np.ndarray:
    """The absolute sums of the rows 0 and 1, 2 and 3, ... of float32 [I, O]: float32 [(I + 1) // 2, O]."""
    sums = weights[::2].copy()
    sums[: len(weights) // 2] += weights[1::2]
    return np.abs(sums)
