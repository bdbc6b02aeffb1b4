"""Shapes for a compiler that makes a program of its own for each: JAX's. Arrays are filled up, so that few shapes occur.

A program takes seconds to compile, and the lengths of sentences make hundreds of shapes.
"""

import numpy as np

# Sizes keep so many leading binary digits: rows grow by a quarter at most, positions by a half.
ROW_DIGITS, POSITION_DIGITS = 3, 2


def rounded(size: int, digits: int = ROW_DIGITS) -> int:
    """The next size that occurs: of rows 1 to 8, 10, 12, 14, 16, 20, 24 ..., of positions 1, 2, 3, 4, 6, 8, 12, 16, 24 ..."""
    step = 1 << max(0, (size - 1).bit_length() - digits)
    return -(-size // step) * step


def padded(array: np.ndarray) -> np.ndarray:
    """An array of ids [rows], or [rows, positions] with PAD_ID, that has a shape that occurs; zeros stand in what is added."""
    digits = ROW_DIGITS, POSITION_DIGITS
    return np.pad(array, [(0, rounded(size, kept) - size) for size, kept in zip(array.shape, digits, strict=False)])
